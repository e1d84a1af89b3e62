import assert from "node:assert/strict";
import { test } from "node:test";
import { exposureOfClauses } from "../../graph/testing.ts";
import { Fault } from "../../model/fault.ts";
import { formatDrillJson, formatDrillMarkdown } from "../../report/drill.ts";
import { drillOf, readDrill } from "./drill.ts";

/** app -> a -> libssl3; b is content with libssl3 or libgnutls30. */
const base = exposureOfClauses(5, [
  [0, [1]],
  [1, [3]],
  [2, [3, 4]],
]);
const graph = { ...base, names: ["app", "a", "b", "libssl3", "libgnutls30"], roots: Int32Array.of(0) };

test("a sentence becomes an event, and one that is none says what would be", () => {
  assert.deepEqual(readDrill("liblzma5 compromised"), { packages: ["liblzma5"], event: "compromised" });
  assert.deepEqual(readDrill(" left-pad is gone "), { packages: ["left-pad"], event: "gone" });
  assert.deepEqual(readDrill("a, b and c are hijacked"), { packages: ["a", "b", "c"], event: "compromised" });
  for (const text of ["", "gone", "liblzma5", "liblzma5 exploded"])
    assert.throws(
      () => readDrill(text),
      (error) => error instanceof Fault && error.code === "cli/usage" && /compromised/.test(error.hint ?? ""),
    );
});

test("the exercise holds this graph's own figures: who carries it, who falls, what an alternative would change", () => {
  const drill = drillOf(graph, readDrill("libssl3 compromised"));
  const told = drill.steps.flatMap((step) => step.told).join("\n");
  assert.match(told, /3 packages \(60 %\) carry libssl3: 2 ask for it themselves, 1 have it without asking/);
  assert.match(told, /2 packages \(40 %\) cannot stand without libssl3/);
  assert.match(told, /worked with libgnutls30 as well, 0 packages would fall instead of 2/);
  assert.match(told, /Of your own: app\./);
  assert.deepEqual(drill.waves, [
    { steps: 1, packages: 2, soFar: 2 },
    { steps: 2, packages: 1, soFar: 3 },
  ]);
  for (const step of drill.steps) assert.ok(step.questions.length > 0, step.at);
});

test("what is gone has no days of updates, and its waves are those of the fall", () => {
  const drill = drillOf(graph, readDrill("libssl3 gone"));
  assert.ok(!drill.steps.some(({ at }) => at.startsWith("day")));
  assert.deepEqual(
    drill.waves.map(({ packages }) => packages),
    [1, 1],
  );
});

/** The number that each day is told. */
const numbers = (event: string): readonly number[] =>
  drillOf(graph, readDrill(`libssl3 ${event}`))
    .steps.filter(({ at }) => at.startsWith("day"))
    .map(({ told }) => Number(/(\d+) package/.exec(told[0] ?? "")?.[1]));

test("with each later day no fewer have taken a bad release in, and of a flaw no more are left", () => {
  const taken = numbers("compromised");
  const left = numbers("vulnerable");
  assert.equal(taken.length, 5);
  assert.deepEqual(
    taken,
    taken.toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    left,
    left.toSorted((a, b) => b - a),
  );
});

test("a name that is not in the graph is a fault, and a hostile one becomes no markup", () => {
  assert.throws(() => drillOf(graph, readDrill("nothing compromised")), Fault);
  const names = ["app", "a", "b", "[x](javascript:1)|#<b>", "libgnutls30"];
  const text = formatDrillMarkdown(drillOf({ ...graph, names }, { packages: [names[3]!], event: "compromised" }));
  assert.ok(!text.includes("[x](") && !text.includes("<b>"));
});

test("the same graph and event give the same exercise, and its data says which form it has", () => {
  const drill = drillOf(graph, readDrill("libssl3 compromised"));
  assert.equal(formatDrillMarkdown(drill), formatDrillMarkdown(drillOf(graph, readDrill("libssl3 compromised"))));
  assert.equal((JSON.parse(formatDrillJson(drill)) as { schemaVersion: string }).schemaVersion, "1.0");
});
