/**
 * Reach of every package of Debian bookworm 12.15 against figures that two other programs computed: a table of all 63,436 packages, digests of
 * names and edges, and figures of people, build environments and the recursive build graph. Another point release gives other numbers.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildExposure, coreExposure } from "../../src/graph/builds.ts";
import { cascade } from "../../src/graph/cascade.ts";
import { coverGreedily } from "../../src/graph/cover.ts";
import { type Graph, reversed } from "../../src/graph/csr.ts";
import { debianSuite } from "../../src/graph/debian.ts";
import { type ExposureGraph, exposureOfDebian, rowOf } from "../../src/graph/exposure-graph.ts";
import { exposureOf, measure } from "../../src/graph/measure.ts";
import { peopleExposure } from "../../src/graph/people.ts";
import { searching } from "../../src/graph/search.ts";
import { unpackIndex } from "../../src/sources/debian.ts";
import { compareVersions } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** Accounts that reach fewer packages were left out where the published greedy figures were computed. */
const GREEDY_FLOOR = 2000;

export const suite: Suite = { name: "debian-reach", archive: "", data: "debian", run };

function* run(folder: string): Generator<CaseResult> {
  const read = (file: string): Uint8Array => unpackIndex(readFileSync(join(folder, file)), file);
  const debian = debianSuite(read("bookworm-main-amd64-Packages.xz"), read("bookworm-main-Sources.xz"), {
    compareVersions: (a, b) => compareVersions("Debian", a, b),
  });
  const graph = exposureOfDebian(debian, { name: "bookworm", inputs: [], essential: false });
  const measures = measure(graph);
  const names = graph.names;

  // The table: every package, in every column.
  const table = new Map(
    Buffer.from(read("bookworm-reach.tsv.xz"))
      .toString("utf8")
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", ...figures] = line.split("\t");
        return [name, figures.map(Number)] as const;
      }),
  );
  yield same("the packages of the table", names.filter((name) => table.has(name)).length, table.size);
  for (const [column, values] of [measures.first, measures.all, measures.hard, measures.trusts].entries()) {
    const title = ["reach_first", "reach_all", "reach_hard", "trusts_first"][column] ?? "";
    const other = names.filter((name, node) => table.get(name)?.[column] !== values[node]);
    yield same(`${title}: packages with another figure`, other.length, 0, other.slice(0, 5).join(", "));
  }

  // Digests of the whole text forms.
  const digests: readonly (readonly [string, Iterable<string | number>, string])[] = [
    ["names", names, "de53f675053c16519b23574a0b9fbc8b489ad1e8e904d41e3b1888ca025ea2b6"],
    ["in-reach first", measures.first, "15cda15fd4d17663ab8704503a1b73620ce5bceeca5386160a670f15d801451b"],
    ["out-reach first", measures.trusts, "730d338771bb9e31f03279c37f4b10d283922327f83ab92c7d0ca32b3278c201"],
    ["in-reach all", measures.all, "ee56c69be10dbb6c52863954e9f9607f562a9e2a49399099703b6cfa79e71038"],
    ["in-reach hard", measures.hard, "38b912e99fd9eb0536cdcc158ac9699a3881428804145c72f13be804cc0ecd2a"],
    ["first edges", edges(graph.first), "8b81b540d227a88cdb24d48d573ad0078f377d2e23e431d30f82982de9f28dac"],
    ["all edges", edges(graph.all), "c00c078e09f534b26adf10f5c7be1d6de804f139dc040a0a11d1144f78be3040"],
  ];
  for (const [title, lines, expected] of digests) yield same(`digest of ${title}`, digest(lines), expected);

  const whole = exposureOf(graph, {}, measures);
  const { concentration: spread } = whole;
  yield same("sum of reach and of trust", [spread.first.sum, spread.trusts.sum], [3_964_880, 3_964_880]);
  yield same("sums, all and hard", [spread.all.sum, spread.hard.sum], [5_085_287, 3_471_210]);
  for (const [which, expected] of [
    ["first", [1, 78, 737, 49_422, 31_007]],
    ["all", [1, 113, 980, 49_499, 30_425]],
    ["hard", [1, 73, 640, 49_416, 31_373]],
    ["trusts", [29, 241, 398, 1385, 7588]],
  ] as const) {
    const { median, p95, p99, max, zeros } = spread[which];
    yield same(`median, p95, p99, max, zeros of ${which}`, [median, p95, p99, max, zeros], expected);
  }
  yield same(
    "Gini of first, all, hard, trusts",
    [spread.first, spread.all, spread.hard, spread.trusts].map(({ gini }) => gini.toFixed(6)),
    ["0.972626", "0.971725", "0.971246", "0.639454"],
  );
  yield same(
    "share of the largest hundredth",
    [spread.first, spread.all, spread.hard, spread.trusts].map(({ topPercentShare }) => topPercentShare.toFixed(4)),
    ["0.7882", "0.7593", "0.7787", "0.0818"],
  );
  yield same("components, non-trivial ones, the largest", Object.values(whole.components), [63_337, 60, 11]);
  yield same("isolated packages", whole.isolated, 4019);
  yield same("reusability, direct and transitive", [whole.reusability, whole.transitiveReusability], [156, 674]);
  yield same(
    "P-impact, first/hard",
    whole.pImpact.map(({ first, hard }) => `${first}/${hard}`),
    ["715/641", "288/241", "147/111", "61/38", "29/26", "9/4"],
  );

  const people = peopleExposure(graph);
  yield same("people in the index, and with a binary", [debian.sources?.people, people?.accounts], [3566, 3556]);
  yield same(
    "people's reach: mean, median, p95, max",
    [people?.reach.mean.toFixed(2), people?.reach.median, people?.reach.p95, people?.reach.max],
    ["934.69", 10, 4726, 50_793],
  );
  yield same(
    "accounts that reach 10,000, individuals among them, accounts that reach half",
    [people?.atLeast.at(-1)?.accounts, people?.atLeast.at(-1)?.individuals, people?.reachHalf],
    [102, 83, 20],
  );
  yield same(
    "accounts behind what is trusted: mean, median, max",
    [people?.trusted.mean.toFixed(2), people?.trusted.median, people?.trusted.max],
    ["51.55", 34, 599],
  );
  yield same("packages with one account", people?.single, 13_647);
  yield same("the greedy set of 1, 5, 20 accounts among those that reach 2,000", greedyAbove(graph), [50_793, 56_848, 59_058]);
  yield {
    name: "the greedy set among all accounts reaches at least as many",
    outcome: (people?.together[1]?.packages ?? 0) >= 56_848 && (people?.together[2]?.packages ?? 0) >= 59_058 ? "passed" : "failed",
    detail: people?.together.map(({ packages }) => packages).join(", ") ?? "",
  };

  const builds = buildExposure(graph);
  const environmentsOf = (name: string): number | undefined => builds?.most.find((one) => one.name === name)?.environments;
  yield same(
    "build environments: sources, mean, max, in every one",
    [builds?.sources, builds?.mean.toFixed(2), builds?.max, builds?.inEvery.length],
    [34_288, "216.75", 1152, 75],
  );
  yield same(
    "in every build",
    ["liblzma5", "xz-utils", "libssl3", "gcc-12", "binutils", "perl"].filter((name) => builds?.inEvery.includes(name) !== true),
    [],
  );
  yield same("environments with autoconf and debhelper", [environmentsOf("autoconf"), environmentsOf("debhelper")], [34_239, 34_234]);

  const core = coreExposure(graph);
  yield same(
    "the recursive build graph",
    [
      core?.nodes,
      core?.edges,
      core?.components,
      core?.nontrivialComponents,
      core?.core,
      core?.standOnCore,
      core?.reachSum,
      core?.sourceCore,
    ],
    [97_724, 631_958, 82_464, 121, 14_389, 97_724, 1_408_234_815, 4853],
  );

  const id = (name: string): number => names.indexOf(name);
  for (const name of ["libssl3", "liblog4j2-java", "perl-base"]) {
    const { hit } = cascade(graph.first, [id(name)], { transmission: 1, runs: 1 });
    yield same(`a cascade from ${name} with certainty is its reach`, hit.mean, measures.first[id(name)]);
    yield same(`a cascade from ${name} with no chance is none`, cascade(graph.first, [id(name)], { transmission: 0, runs: 1 }).hit.mean, 0);
  }
  for (const [name, transmission, mean, deviation] of [
    ["libssl3", 0.9, 24_425, 2866],
    ["libssl3", 0.5, 5950, 2399],
    ["liblog4j2-java", 0.9, 32.2, 2.5],
  ] as const) {
    const { hit } = cascade(graph.first, [id(name)], { transmission, runs: 1000 });
    // Two means of 1,000 runs each.
    const error = Math.sqrt(2) * (deviation / Math.sqrt(1000));
    yield {
      name: `the mean of 1,000 cascades from ${name} at ${transmission}`,
      outcome: Math.abs(hit.mean - mean) <= 4 * error ? "passed" : "failed",
      detail: `${hit.mean.toFixed(1)} +- ${hit.standardError.toFixed(1)}, theirs ${mean}`,
    };
  }
}

function greedyAbove(graph: ExposureGraph): readonly (number | undefined)[] {
  const { accounts } = graph;
  if (accounts === null) return [];
  const up = searching(reversed(graph.first));
  const reached = Array.from({ length: accounts.count }, (_, account) => up.from(rowOf(accounts.owns, account)).length);
  const candidates = reached.flatMap((count, account) => (count >= GREEDY_FLOOR ? [account] : []));
  const { steps } = coverGreedily(
    candidates.length,
    (index) => up.from(rowOf(accounts.owns, candidates[index] ?? 0)),
    graph.first.n,
    20,
    candidates.map((account) => reached[account] ?? 0),
  );
  return [0, 4, 19].map((step) => steps[step]?.total);
}

function* edges({ n, offsets, targets }: Graph): Generator<string> {
  for (let u = 0; u < n; u++) for (const v of targets.subarray(offsets[u], offsets[u + 1])) yield `${u} ${v}`;
}

function digest(lines: Iterable<string | number>): string {
  const hash = createHash("sha256");
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length > 1_000_000) {
      hash.update(text);
      text = "";
    }
  }
  return hash.update(text).digest("hex");
}

function same(name: string, actual: unknown, expected: unknown, more = ""): CaseResult {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  return is === should
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", detail: `expected ${should}, came ${is}${more === "" ? "" : ` (${more})`}` };
}
