/**
 * The lines that differ between two texts, as a reader compares them (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, after
 * the common beginning and end are taken off). What would cost too much is shown as replaced as a whole, which is always true.
 */
import type { Hunk } from "../../model/index.ts";

/** Steps of the search: beyond, the texts have little in common that a reader would want to see. */
const MOST_STEPS = 1_500;
/** Unchanged lines around a change. */
const CONTEXT = 3;

type Line = Hunk["lines"][number];

export function hunksOf(before: string, after: string): readonly Hunk[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return grouped([...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - tail).map(same)]);
}

const same = (text: string): Line => ({ kind: "same", text });

const linesOf = (text: string): readonly string[] => {
  if (text === "") return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

function edits(a: readonly string[], b: readonly string[]): readonly Line[] {
  const whole = (): Line[] => [...a.map((text): Line => ({ kind: "removed", text })), ...b.map((text): Line => ({ kind: "added", text }))];
  if (a.length === 0 || b.length === 0) return whole();
  const most = Math.min(a.length + b.length, MOST_STEPS);
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let depth = 0; depth <= most; depth++) {
    trace.push(reach.slice(offset - depth - 1, offset + depth + 2));
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (reach[offset + k - 1] ?? 0) < (reach[offset + k + 1] ?? 0));
      let x = down ? (reach[offset + k + 1] ?? 0) : (reach[offset + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backwards(a, b, trace, depth, k);
    }
  }
  return whole();
}

function backwards(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Int32Array[],
  steps: number,
  diagonal: number,
): readonly Line[] {
  const lines: Line[] = [];
  let [x, y, k] = [a.length, b.length, diagonal];
  for (let depth = steps; depth >= 0; depth--) {
    const before = trace[depth] ?? new Int32Array();
    const at = (of: number): number => before[of + depth + 1] ?? 0;
    const down = k === -depth || (k !== depth && at(k - 1) < at(k + 1));
    const [fromK, fromX] = down ? [k + 1, at(k + 1)] : [k - 1, at(k - 1)];
    const startX = depth === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > startX) {
      lines.push({ kind: "same", text: a[--x] ?? "" });
      y--;
    }
    if (depth === 0) break;
    if (down) lines.push({ kind: "added", text: b[--y] ?? "" });
    else lines.push({ kind: "removed", text: a[--x] ?? "" });
    k = fromK;
  }
  return lines.toReversed();
}

function grouped(lines: readonly Line[]): readonly Hunk[] {
  const changed = lines.flatMap(({ kind }, index) => (kind === "same" ? [] : [index]));
  const hunks: Hunk[] = [];
  let [at, beforeLine, afterLine] = [0, 1, 1];
  for (let from = 0; from < changed.length;) {
    let to = from;
    while (to + 1 < changed.length && (changed[to + 1] ?? 0) - (changed[to] ?? 0) <= 2 * CONTEXT) to++;
    const start = Math.max(at, (changed[from] ?? 0) - CONTEXT);
    const end = Math.min(lines.length, (changed[to] ?? 0) + CONTEXT + 1);
    for (; at < start; at++) {
      beforeLine++;
      afterLine++;
    }
    const shown = lines.slice(start, end);
    hunks.push({ beforeLine, afterLine, lines: shown });
    for (const { kind } of shown) {
      if (kind !== "added") beforeLine++;
      if (kind !== "removed") afterLine++;
    }
    at = end;
    from = to + 1;
  }
  return hunks;
}
