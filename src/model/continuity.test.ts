import assert from "node:assert/strict";
import { test } from "node:test";
import { type ReleaseEvent, historyOf } from "./continuity.ts";

const event = (version: string, at: string): ReleaseEvent => ({
  version,
  at,
  publisher: null,
  trusted: null,
  attested: null,
  key: null,
  commit: null,
  tagged: null,
  repository: null,
  installs: null,
});

test("times of a mirror that contradict the order of versions say nothing of rhythm, nor of what came before", () => {
  const fetched = [
    event("1.0.0", "2024-12-13T00:00:00Z"),
    event("1.0.1", "2025-10-03T00:00:00Z"),
    event("1.0.2", "2024-12-07T00:00:00Z"),
    event("1.0.4", "2026-03-29T00:00:00Z"),
    event("2.0.0", "2024-04-23T00:00:00Z"),
    event("3.0.0", "2024-12-05T00:00:00Z"),
    event("3.0.1", "2024-11-22T00:00:00Z"),
    event("6.0.0", "2025-10-22T00:00:00Z"),
    event("7.0.0", "2026-05-08T00:00:00Z"),
  ];
  const history = historyOf(fetched, "7.0.0");
  assert.equal(history?.before?.version, "6.0.0");
  assert.equal(history.sameLine, false);
  assert.deepEqual([history.gap, history.medianGap, history.together], [-1, -1, []]);
});

test("a line's first release is held to the highest before it, not to a backport that came later", () => {
  const history = historyOf(
    [
      event("3.0.0", "2024-01-01T00:00:00Z"),
      event("4.0.0", "2024-02-01T00:00:00Z"),
      event("4.5.0", "2024-03-01T00:00:00Z"),
      event("3.0.1", "2024-04-01T00:00:00Z"),
      event("5.0.0", "2024-05-01T00:00:00Z"),
    ],
    "5.0.0",
  );
  assert.equal(history?.before?.version, "4.5.0");
  assert.ok(history.gap > 0, "honest times are used");
});

test("a backport is compared on its own line", () => {
  const history = historyOf(
    [event("1.0.0", "2024-01-01T00:00:00Z"), event("2.0.0", "2024-02-01T00:00:00Z"), event("1.0.1", "2024-03-01T00:00:00Z")],
    "1.0.1",
  );
  assert.deepEqual([history?.before?.version, history?.sameLine], ["1.0.0", true]);
});
