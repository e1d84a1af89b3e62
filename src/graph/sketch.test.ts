import assert from "node:assert/strict";
import { test } from "node:test";
import { reach } from "./reach.ts";
import { sketchReach } from "./sketch.ts";
import { random, randomGraph } from "./testing.ts";

test("estimates lie within their error of exact reach, however the registers are cut into blocks", () => {
  const graph = randomGraph(random(61), 6000, 9000);
  const exact = reach(graph);
  const sketch = sketchReach(graph, { precision: 10 });
  for (const which of ["dependents", "dependencies"] as const) {
    let squares = 0;
    let count = 0;
    exact[which].forEach((value, node) => {
      if (value < 100) return;
      squares += (sketch[which][node]! / value - 1) ** 2;
      count++;
    });
    const error = Math.sqrt(squares / count);
    assert.ok(count > 100 && error < 2 * sketch.relativeError, `${which}: ${error} over ${count}`);
  }
  assert.deepEqual(sketchReach(graph, { precision: 10, memory: 200_000 }), sketch);
});
