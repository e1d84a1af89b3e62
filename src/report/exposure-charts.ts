/**
 * The pictures of exposure, as SVG that carries its own words: bars of reach, reach against direct dependents, lines over several graphs.
 * No picture draws the graph itself: a hairball of sixty thousand packages explains nothing.
 */
import type { Exposure, ExposureTrend, NodeExposure } from "../model/exposure.ts";
import { count } from "./groups.ts";
import { escapeHtml as esc } from "./html-text.ts";

/** `12 %`, `3.4 %`; what is not all is never rounded to all, nor what is not nothing to nothing. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "under 0.1 %";
  if (share < 1 && share >= 0.995) return "over 99 %";
  return `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
}

type Gone = NonNullable<Exposure["installability"]>["top"][number]["gone"];

/** How many cannot be installed any more; where the search was given up for some, at least so many. */
export const atLeast = ({ count: hit, undecided }: Gone): string => `${undecided > 0 ? ">= " : ""}${count(hit)}`;

/** What beside requirements takes those that cannot be installed; "" where nothing does. */
export function fallsBy({ count: hit, byRequirements, essential }: Gone): string {
  if (essential !== null) return `${essential} is essential`;
  return hit === byRequirements ? "" : `${count(hit - byRequirements)} by conflicts`;
}

/** Coordinates to a tenth: what an eye can see, and the same bytes on every machine. */
const at = (value: number): string => String(Math.round(value * 10) / 10);

/** Two bars on one line: who carries it, and within that who cannot stand without it. Widths are shares of `whole`. */
export function reachBar(carry: number, fall: number, whole: number): string {
  const width = (value: number): string => at(whole === 0 ? 0 : (value / whole) * 100);
  return `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="8"/><rect class="carry" width="${width(carry)}" height="8"/><rect class="fall" width="${width(fall)}" y="2" height="4"/></svg>`;
}

/** One point of the picture of reach against direct dependents; `nodes` share it. */
export interface ScatterCell {
  readonly direct: number;
  readonly reach: number;
  readonly nodes: number;
}

/** Cells of a grid of a twelfth of a power of ten: a picture of a few hundred points says the same as one of sixty thousand. */
const CELLS_A_DECADE = 12;

const log = (value: number): number => Math.log10(value + 1);
const cell = (value: number): number => Math.round(log(value) * CELLS_A_DECADE);

export function scatterCells(direct: ArrayLike<number>, reach: ArrayLike<number>): readonly ScatterCell[] {
  const cells = new Map<number, { direct: number; reach: number; nodes: number }>();
  for (let node = 0; node < reach.length; node++) {
    if (reach[node] === 0) continue;
    const [x, y] = [cell(direct[node]!), cell(reach[node]!)];
    const key = x * 1000 + y;
    const known = cells.get(key);
    if (known === undefined) cells.set(key, { direct: x / CELLS_A_DECADE, reach: y / CELLS_A_DECADE, nodes: 1 });
    else known.nodes++;
  }
  return [...cells].toSorted(([a], [b]) => a - b).map(([, value]) => value);
}

const WIDE = 720;
const HIGH = 400;
const LEFT = 62;
const BOTTOM = 44;
const TOP = 14;
const RIGHT = 14;
/** Labels nearer to each other than this would lie on one another. */
const LABEL_GAP = 15;

/**
 * Reach (upwards) against direct dependents (to the right), both in powers of ten. What lies high up on the left is an invisible giant:
 * hardly anybody asks for it, and a large part of everything stands on it. `named` get a label and a mark of their own.
 */
export function scatter(cells: readonly ScatterCell[], named: readonly NodeExposure[], giants: ReadonlySet<string>, id: string): string {
  const right = Math.max(1, ...cells.map(({ direct }) => direct), ...named.map(({ direct }) => log(direct)));
  const up = Math.max(1, ...cells.map(({ reach }) => reach), ...named.map(({ first }) => log(first)));
  const x = (value: number): number => LEFT + (value / right) * (WIDE - LEFT - RIGHT);
  const y = (value: number): number => HIGH - BOTTOM - (value / up) * (HIGH - BOTTOM - TOP);
  const parts: string[] = [];
  for (let power = 0; 10 ** power - 1 <= 10 ** up; power++) {
    if (Math.log10(10 ** power + 1) > up) break;
    const line = y(log(10 ** power));
    parts.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDE - RIGHT}" y1="${at(line)}" y2="${at(line)}"/><text x="${LEFT - 6}" y="${at(line + 4)}" text-anchor="end">${count(10 ** power)}</text>`,
    );
  }
  for (let power = 0; Math.log10(10 ** power + 1) <= right; power++) {
    const line = x(log(10 ** power));
    parts.push(
      `<line class="grid" x1="${at(line)}" x2="${at(line)}" y1="${TOP}" y2="${HIGH - BOTTOM}"/><text x="${at(line)}" y="${HIGH - BOTTOM + 16}" text-anchor="middle">${count(10 ** power)}</text>`,
    );
  }
  for (const cell of cells)
    parts.push(
      `<circle class="dot" cx="${at(x(cell.direct))}" cy="${at(y(cell.reach))}" r="${at(1.4 + Math.sqrt(Math.log2(cell.nodes + 1)))}"/>`,
    );
  const taken: { readonly x: number; readonly y: number }[] = [];
  for (const node of named) {
    const [cx, cy] = [x(log(node.direct)), y(log(node.first))];
    const kind = giants.has(node.name) ? "giant" : "top";
    parts.push(
      `<circle class="${kind}" cx="${at(cx)}" cy="${at(cy)}" r="4"><title>${esc(node.name)}: ${count(node.first)} stand on it, ${count(node.direct)} ask for it</title></circle>`,
    );
    const width = node.name.length * 6.6;
    const free = [0, LABEL_GAP, -LABEL_GAP, 2 * LABEL_GAP]
      .map((shift) => cy + 4 + shift)
      .find(
        (line) =>
          line > TOP &&
          line < HIGH - BOTTOM &&
          !taken.some((other) => Math.abs(other.y - line) < LABEL_GAP - 2 && Math.abs(other.x - cx) < width + 60),
      );
    if (free === undefined) continue;
    taken.push({ x: cx, y: free });
    const before = cx + width + 12 > WIDE - RIGHT;
    parts.push(
      `<text class="label ${kind}" x="${at(before ? cx - 8 : cx + 8)}" y="${at(free)}"${before ? ' text-anchor="end"' : ""}>${esc(node.name)}</text>`,
    );
  }
  parts.push(
    `<text class="axis" x="${(LEFT + WIDE - RIGHT) / 2}" y="${HIGH - 8}" text-anchor="middle">packages that ask for it themselves</text>`,
    `<text class="axis" transform="translate(14 ${(TOP + HIGH - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">packages that stand on it</text>`,
  );
  return `<svg class="chart" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-labelledby="${id}">${parts.join("")}</svg>`;
}

const LINE_WIDE = 220;
const LINE_HIGH = 70;

/** A line over the graphs, with its first and last value in words; a gap where a package is missing. */
export function trendLine(values: readonly (number | null)[], most: number): string {
  const x = (index: number): number => 6 + (values.length < 2 ? 0 : (index / (values.length - 1)) * (LINE_WIDE - 12));
  const y = (value: number): number => LINE_HIGH - 6 - (most === 0 ? 0 : (value / most) * (LINE_HIGH - 12));
  let path = "";
  let pen = false;
  const dots: string[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    path += `${pen ? "L" : "M"}${at(x(index))} ${at(y(value))}`;
    pen = true;
    dots.push(`<circle cx="${at(x(index))}" cy="${at(y(value))}" r="2.5"/>`);
  });
  return `<svg class="trend" viewBox="0 0 ${LINE_WIDE} ${LINE_HIGH}" aria-hidden="true"><line class="grid" x1="0" x2="${LINE_WIDE}" y1="${LINE_HIGH - 6}" y2="${LINE_HIGH - 6}"/><path d="${path}"/>${dots.join("")}</svg>`;
}

const round = (value: number): string => count(Math.round(value));

/** What a trend follows besides single packages. */
export function trendSeries(
  trend: ExposureTrend,
): readonly { readonly title: string; readonly values: readonly number[]; readonly say: (value: number) => string }[] {
  const of = (value: (point: ExposureTrend["points"][number]) => number): readonly number[] => trend.points.map(value);
  return [
    { title: "packages", values: of(({ graph }) => graph.nodes), say: round },
    { title: "mean reach", values: of(({ concentration }) => concentration.first.mean), say: (value) => value.toFixed(1) },
    { title: "mean hard reach", values: of(({ concentration }) => concentration.hard.mean), say: (value) => value.toFixed(1) },
    { title: "Gini of reach", values: of(({ concentration }) => concentration.first.gini), say: (value) => value.toFixed(3) },
    {
      title: "packages under a fifth of all (hard)",
      values: of(({ pImpact }) => pImpact.find(({ percent: at }) => at === 20)?.hard ?? 0),
      say: round,
    },
  ];
}
