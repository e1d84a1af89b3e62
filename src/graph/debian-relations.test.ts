import assert from "node:assert/strict";
import { test } from "node:test";
import { readStanzas } from "./debian-index.ts";
import { readRelation, relationsIn } from "./debian-relations.ts";
import { random } from "./testing.ts";

test("a clause that stands a second time is the same object, whatever is around it", () => {
  const text = "libc6 (>= 2.34), a | b,\tlibc6 (>= 2.34) , libc6 (>= 2.3)";
  const { clauses, bad } = relationsIn(Buffer.from(text))(0, text.length);
  assert.equal(bad, 0);
  assert.equal(clauses[0], clauses[2]);
  assert.notEqual(clauses[0], clauses[3]);
  assert.deepEqual(
    clauses.map(({ terms }) => terms.map(({ name, relation }) => `${name} ${relation}`.trim())),
    [["libc6 >= 2.34"], ["a", "b"], ["libc6 >= 2.34"], ["libc6 >= 2.3"]],
  );
});

test("clauses read where they lie are those read from text, also when there are more than the table first holds", () => {
  const next = random(81);
  const parts = Array.from({ length: 30_000 }, () => {
    const number = next(20_000);
    return ["", ` lib${number} (>= ${next(3)})`, `lib${number}:any | other${number} [amd64] <!nocheck>`, `(${number}`, ` lib${number} `][
      next(5)
    ]!;
  });
  const text = parts.join(",");
  const read = relationsIn(Buffer.from(text))(0, text.length);
  const other = readRelation(text);
  assert.equal(read.bad, other.bad);
  assert.ok(read.bad > 0);
  assert.deepEqual(
    read.clauses.map(({ terms }) => terms),
    other.clauses.map(({ terms }) => terms),
  );
});

test("a folded field, a comment and a field that is given twice read as before", () => {
  const index = "Package: a\nDepends: b,\n c |\n d\n# a comment\nDepends-Not: x\nVersion: 1\nVersion: 2\n\nPackage: e\n";
  const seen: unknown[] = [];
  readStanzas(Buffer.from(index), "Packages", ["Package", "Version", "Depends"], ({ text, relation, line }) =>
    seen.push([text(0), text(1), text(2), relation(2).clauses.map(({ terms }) => terms.map(({ name }) => name)), line()]),
  );
  assert.deepEqual(seen, [
    ["a", "2", "b, c | d", [["b"], ["c", "d"]], 1],
    ["e", "", "", [], 10],
  ]);
});
