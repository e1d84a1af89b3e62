import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, progressOn } from "./progress.ts";

function watch(over: { env?: Record<string, string>; errIsTerminal?: boolean; columns?: number } = {}): {
  readonly progress: ReturnType<typeof progressOn>;
  readonly written: string[];
  readonly at: (time: number) => void;
} {
  const written: string[] = [];
  let clock = 0;
  const host = { err: (text: string): void => void written.push(text), errIsTerminal: true, env: {}, columns: 80, ...over };
  return { progress: progressOn(host, () => clock), written, at: (time) => void (clock = time) };
}

test("it says what is done, how far, and how long it will take, and leaves nothing behind", () => {
  const { progress, written, at } = watch();
  progress.on({ work: "fetching package documents", done: 0, total: 1600 });
  at(4000);
  progress.on({ work: "fetching package documents", done: 400, total: 1600 });
  assert.equal(written.join(""), "fetching package documents 400/1,600, 12 s left");
  progress.end();
  at(9000);
  progress.on({ work: "fetching package documents", done: 1600, total: 1600 });
  assert.equal(written.at(-1), "\r\u001b[K");
});

test("it is silent in CI, without a terminal, and for work that is done at once", () => {
  for (const over of [{ env: { CI: "true" } }, { env: { TERM: "dumb" } }, { errIsTerminal: false }]) {
    const { progress, written, at } = watch(over);
    at(1000);
    progress.on({ work: "reading", done: 1 });
    progress.end();
    assert.deepEqual(written, []);
  }
  const { progress, written, at } = watch();
  at(100);
  progress.on({ work: "reading", done: 1 });
  progress.end();
  assert.deepEqual(written, []);
});

test("a thousand events in a second are drawn ten times, none wider than the window", () => {
  const { progress, written, at } = watch({ columns: 30 });
  for (let step = 0; step < 1000; step++) {
    at(1000 + step);
    progress.on({ work: "fetching tarballs from a far away place", done: step, total: 1000 });
  }
  const lines = written.filter((text) => !text.startsWith("\r"));
  assert.equal(lines.length, 10);
  assert.ok(lines.every((line) => line.length < 30));
});

test("durations are rounded up to what people say", () => {
  assert.deepEqual([1, 59_000, 61_000, 3_900_000].map(formatDuration), ["1 s", "59 s", "2 min", "1 h 5 min"]);
});

test("a note stands on a line of its own, whether progress is drawn or not", () => {
  const { progress, written, at } = watch();
  at(1000);
  progress.on({ work: "reading", done: 1 });
  progress.say("note: an ignore fits nothing");
  assert.equal(written.join(""), "reading 1\r\u001b[Knote: an ignore fits nothing\n");
  const quiet = watch({ errIsTerminal: false });
  quiet.progress.say("note");
  assert.deepEqual(quiet.written, ["note\n"]);
});
