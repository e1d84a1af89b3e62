import assert from "node:assert/strict";
import { test } from "node:test";
import { type Commit, committerSignals } from "./committers.ts";

const YEAR = 365 * 24 * 3600;
const NOW = 60 * YEAR;
const by = (author: string, count: number, yearsAgo: number): Commit[] =>
  Array.from({ length: count }, (_, at) => [author, NOW - yearsAgo * YEAR - at]);
const ids = (before: readonly Commit[], range: readonly Commit[]): readonly string[] =>
  committerSignals([...range, ...before], range).map(({ id }) => id.slice("continuity/".length));

test("people who are there for less than a year and make most of a release are told, where the project itself is older", () => {
  assert.deepEqual(ids(by("anna", 10, 5), [...by("bert", 4, 0), ...by("anna", 3, 0)]), ["young-majority"]);
  assert.deepEqual(ids(by("anna", 10, 5), [...by("bert", 3, 0), ...by("anna", 4, 0)]), []);
  assert.deepEqual(ids([], by("bert", 9, 0)), [], "in a project of yesterday everybody is new");
});

test("who made nothing of the long past and makes most of it now is told, however long he has been there", () => {
  // Two and a half years after his first commit, as in xz: no newcomer any more.
  const past = [...by("anna", 40, 6), ...by("jay", 1, 2.5), ...by("jay", 30, 1)];
  assert.deepEqual(ids(past, [...by("jay", 9, 0), ...by("anna", 1, 0)]), ["share-rises"]);
  assert.deepEqual(ids(past, [...by("anna", 9, 0), ...by("jay", 1, 0)]), [], "who always made it");
  assert.deepEqual(ids(by("anna", 19, 6), [...by("anna", 2, 0), ...by("jay", 3, 0)]), ["young-majority"], "too little of a past");
});

test("a handful of commits says nothing", () => {
  assert.deepEqual(ids(by("anna", 40, 6), by("bert", 4, 0)), []);
});
