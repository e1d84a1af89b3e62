import assert from "node:assert/strict";
import { test } from "node:test";
import { type YamlValue, quickYaml } from "./quick-yaml.ts";
import { generalYaml } from "./yaml.ts";

const plain = (value: YamlValue): unknown =>
  value instanceof Map
    ? [...value].map(([key, entry]) => [key, entry.line, plain(entry.value as YamlValue)])
    : Array.isArray(value)
      ? value.map(plain)
      : value;

const outcome = (read: (text: string, file: string) => ReturnType<typeof quickYaml>, text: string): unknown => {
  try {
    const documents = read(text, "x.yaml");
    return documents === null ? "outside" : documents.map(plain);
  } catch {
    return "refused";
  }
};

const PIECES = [
  "a: 1\n",
  "b:\n",
  "  c: 'it''s'\n",
  '  d: "q\\"uote"\n',
  "    e: {f: g, 'h i': [j, k], l: {}}\n",
  "  - item\n",
  "- item\n",
  "  - 'quoted'\n",
  "/x/1.0.0(y@2): z\n",
  "k@https://h/p:\n",
  "  m: >=1 <2\n",
  "  n: |-\n    two\n    lines\n",
  "  o: |\n    one\n",
  "  p: >-\n    folded\n",
  "# comment\n",
  "\n",
  "---\n",
  "  q: -dash\n",
  "r: @at\n",
  "  s: x # y\n",
  "t: [a, b\n",
  "u: {a: b}}\n",
  "v: a: b\n",
  "  w:   spaced  \n",
  "? key\n",
  ": value\n",
  "\tx: tab\n",
  "y: *alias\n",
  "z: &anchor 1\n",
  "'aa': ''\n",
  "bb: {a: , b: c}\n",
  "cc: [ ]\n",
  "    dd: deep\n",
];

test("what the quick reader takes, the general library reads the same, lines and all; or both refuse it", () => {
  let seed = 11;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let taken = 0;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: 1 + random(7) }, () => PIECES[random(PIECES.length)]).join("");
    const quick = outcome(quickYaml, text);
    if (quick === "outside") continue;
    taken += 1;
    assert.deepEqual(quick, outcome(generalYaml, text), JSON.stringify(text));
  }
  assert.ok(taken > 300, `${taken} of 3000 were taken`);
});

test("scalars stay text, and keys may be called anything", () => {
  assert.deepEqual(outcome(quickYaml, "v: 1.10\n__proto__: null\nn: ~x\nyes: no\n"), [
    [
      ["v", 1, "1.10"],
      ["__proto__", 2, "null"],
      ["n", 3, "~x"],
      ["yes", 4, "no"],
    ],
  ]);
});

test("line ends of Windows change nothing", () => {
  const text = "a:\n  b: |-\n    one\n    two\n  c: {d: e}\nf:\n  - g\n";
  assert.deepEqual(outcome(quickYaml, text.replaceAll("\n", "\r\n")), outcome(quickYaml, text));
});
