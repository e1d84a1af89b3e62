import assert from "node:assert/strict";
import { test } from "node:test";
import { knownName, knownNames, nameTable, releaseNames } from "./names.ts";

/** Names of which all have one hash: "Aa" and "BB" do. */
const alike = (pairs: number): readonly string[] =>
  Array.from({ length: 2 ** pairs }, (_, n) => Array.from({ length: pairs }, (_part, bit) => ((n >> bit) & 1 ? "Aa" : "BB")).join(""));

test("names with one hash are told apart, and each is found again", () => {
  const table = nameTable();
  const names = alike(9);
  const numbers = names.map((name) => table.internText(name));
  assert.equal(new Set(numbers).size, names.length);
  assert.deepEqual(
    names.map((name) => table.internText(name)),
    numbers,
  );
  assert.deepEqual(
    numbers.map((number) => table.textOf(number)),
    names,
  );
});

test("a table that grew holds what it held, and one that is given back knows only what every table knows", () => {
  const table = nameTable();
  const names = Array.from({ length: 20_000 }, (_, n) => `name${n}`);
  const numbers = names.map((name) => table.internText(name));
  assert.deepEqual(
    names.map((name) => table.internText(name)),
    numbers,
  );
  releaseNames(table);
  assert.equal(table.internText("require"), knownName("require"));
  assert.equal(table.internText("name7"), knownNames.length);
  assert.equal(table.textOf(knownNames.length), "name7");
});
