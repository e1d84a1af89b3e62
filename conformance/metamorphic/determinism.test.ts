import assert from "node:assert/strict";
import { test } from "node:test";
import { incidents } from "../incidents/replay.ts";
import { unsteadyFormats } from "./determinism.ts";

test("a review of the same files gives the same bytes in every format, in whatever order the files come", async () => {
  for (const incident of incidents().slice(0, 6)) assert.deepEqual(await unsteadyFormats(incident, 3), [], incident.id);
});
