/**
 * Dependency graphs: from raw indexes to graphs, exact reach of every package, hard reach, the recursive build graph, what-if, cascades; beside
 * igraph and networkx (apt's python3-igraph, python3-networkx) and graphology and ngraph.graph (from npm, into the scratch folder).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { debianSuite } from "../src/graph/debian.ts";
import { unpackIndex } from "../src/sources/debian.ts";
import { compareVersions } from "../src/versions/index.ts";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";
import { writeLarge, writeNpmLike } from "./graph/synthetic.ts";

/** A peer that has not finished after so many CPU seconds is stopped, and says how far it came. */
const PEER_SECONDS = 10;
const measurement = join(import.meta.dirname, "graph", "own.ts");

const WHAT_IFS: readonly (readonly [kind: string, title: string])[] = [
  ["remove", "removal"],
  ["alternative", "an alternative is added"],
  ["replace", "another takes its place"],
  ["merge", "two become one"],
  ["pin", "a pin"],
  ["loseAccount", "an account is lost (the largest team of compilers)"],
  ["losePlatform", "a build platform is lost"],
];

/** The system's own Python has what apt installed; another one earlier in the path has not. */
const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

type Figures = Readonly<Record<string, number>>;

const ours = (...args: readonly string[]): Figures =>
  JSON.parse(execFileSync(process.execPath, ["--max-old-space-size=4096", measurement, ...args], { encoding: "utf8" })) as Figures;

export const bench: Bench = { name: "graph", title: "What falls if it falls: reach in dependency graphs", run };

function run(context: BenchContext): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const debian = join(context.data, "debian");
  if (existsSync(debian)) rows.push(...bookworm(context, debian));
  const npm = join(context.scratch, "npm.edges");
  const edges = writeNpmLike(npm);
  const figures = ours("edges", npm);
  rows.push({
    work: `synthetic, 676,539 nodes, ${edges} edges`,
    who: "tributary",
    figures: {
      loadSeconds: at(figures, "loadSeconds"),
      reachSeconds: at(figures, "reachSeconds"),
      peakMebibytes: at(figures, "peakMebibytes"),
    },
    goal: "reach at most 2.5 s and 300 MB",
    met: at(figures, "reachSeconds") <= 2.5 && at(figures, "peakMebibytes") <= 300,
    note: `sum of reach ${at(figures, "reachSum")}`,
  });
  for (const threads of [1, 2]) {
    const shared = ours("edges", npm, `${threads - 1}`);
    rows.push({
      work: "the same, searched by several threads",
      who: `tributary, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      figures: {
        reachWallSeconds: at(shared, "reachWallSeconds"),
        reachSeconds: at(shared, "reachSeconds"),
        peakMebibytes: at(shared, "peakMebibytes"),
      },
      note: `wall clock, then CPU of all threads; ${at(shared, "reachSum") === at(figures, "reachSum") ? "the same sum" : "ANOTHER SUM"}`,
    });
  }
  const large = join(context.scratch, "large.edges");
  const lines = writeLarge(large);
  const sketched = ours("edges", large);
  rm(large);
  rows.push({
    work: `synthetic, 5,000,000 nodes, ${lines} lines of edges`,
    who: "tributary",
    figures: {
      loadSeconds: at(sketched, "loadSeconds"),
      reachSeconds: at(sketched, "reachSeconds"),
      peakMebibytes: at(sketched, "peakMebibytes"),
    },
    goal: "within 4 GB",
    met: at(sketched, "peakMebibytes") <= 4096,
    note: `relative standard error ${(at(sketched, "relativeError") * 100).toFixed(1)} %`,
  });
  return Promise.resolve(rows);
}

const at = (figures: Figures, name: string): number => figures[name] ?? Number.NaN;
const rm = (file: string): void => rmSync(file, { force: true });

function bookworm(context: BenchContext, folder: string): readonly BenchRow[] {
  const raw = ["bookworm-main-amd64-Packages.xz", "bookworm-main-Sources.xz"].map((name) => {
    const file = join(context.scratch, name.replace(/\.xz$/, ""));
    writeFileSync(file, unpackIndex(readFileSync(join(folder, name)), name));
    return file;
  });
  const figures = ours("debian", ...raw);
  const exact = JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, "graph", "versions.ts"), ...raw], { encoding: "utf8" }),
  ) as Figures;
  const row = (work: string, names: readonly string[], goal: string, met: boolean, note?: string): BenchRow => ({
    work,
    who: "tributary",
    figures: Object.fromEntries(names.map((name) => [name, at(figures, name)])),
    goal,
    met,
    ...(note === undefined ? {} : { note }),
  });
  const reachWork = "exact reach of 63,436 packages";
  const rows: BenchRow[] = [
    row("100 MB of raw indexes to graphs", ["loadSeconds"], "at most 2 s", at(figures, "loadSeconds") <= 2),
    {
      work: "the same with versions and conflicts",
      who: "tributary",
      figures: { loadSeconds: at(exact, "loadSeconds"), peakMebibytes: at(exact, "peakMebibytes") },
      goal: "at most half as much again as by name",
      met: at(exact, "loadSeconds") <= 1.5 * at(figures, "loadSeconds"),
    },
    {
      work: "what of 63,436 packages cannot be installed, and again without one of them",
      who: "tributary",
      figures: { asIsSeconds: at(exact, "asIsSeconds"), removalMilliseconds: at(exact, "removalMilliseconds") },
      note: `${at(exact, "broken")} as it is; CPU; removals: the slowest of five packages, median of five askings`,
    },
    row(
      reachWork,
      ["reachSeconds"],
      "at most 0.1 s",
      at(figures, "reachSeconds") <= 0.1,
      `sum ${at(figures, "reachSum")}; CPU, plain Node, first call`,
    ),
    row(
      "hard reach of 63,436 packages",
      ["hardSeconds"],
      "at most 0.3 s",
      at(figures, "hardSeconds") <= 0.3,
      `sum ${at(figures, "hardSum")}`,
    ),
    row(
      "reach in the recursive build graph, 97,724 nodes",
      ["trustSeconds"],
      "at most 1 s",
      at(figures, "trustSeconds") <= 1,
      `sum ${at(figures, "trustSum")}`,
    ),
    ...WHAT_IFS.map(([kind, title]) =>
      row(
        `one what-if on 63,436 packages: ${title}`,
        [`${kind}Milliseconds`],
        "at most 16 ms",
        at(figures, `${kind}Milliseconds`) <= 16,
        "CPU, the slowest of five packages, median of five askings",
      ),
    ),
    row(
      "10,000 cascades from libssl3",
      ["cascades10000Half", "cascades10000NineTenths"],
      "at most 6 s",
      at(figures, "cascades10000NineTenths") <= 6,
      "CPU seconds of one thread, q = 0.5 and q = 0.9",
    ),
  ];
  rows.push(inBrowser(context, raw[0] ?? "", raw[1] ?? ""));
  const own = at(figures, "reachSeconds");
  const edges = join(context.scratch, "bookworm.edges");
  const suite = debianSuite(readFileSync(raw[0] ?? ""), null, { compareVersions: (a, b) => compareVersions("Debian", a, b) });
  const lines: string[] = [];
  const { n, offsets, targets } = suite.first;
  for (let u = 0; u < n; u++) for (const v of targets.subarray(offsets[u], offsets[u + 1])) lines.push(`${u} ${v}`);
  writeFileSync(edges, `${lines.join("\n")}\n`);
  for (const tool of ["igraph", "networkx"]) {
    rows.push(
      peer(
        reachWork,
        `python3-${tool}`,
        spawnSync(python, [join(import.meta.dirname, "graph", "peers.py"), tool, edges, `${PEER_SECONDS}`], { encoding: "utf8" }).stdout,
        own,
      ),
    );
  }
  const packages = join(context.scratch, "peers");
  mkdirSync(packages, { recursive: true });
  writeFileSync(join(packages, "package.json"), "{}");
  spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "graphology", "graphology-traversal", "ngraph.graph"], {
    cwd: packages,
  });
  for (const tool of ["graphology", "ngraph.graph"]) {
    rows.push(
      peer(
        reachWork,
        tool,
        spawnSync(process.execPath, [join(import.meta.dirname, "graph", "peers.js"), tool, packages, edges, `${PEER_SECONDS}`], {
          encoding: "utf8",
        }).stdout,
        own,
      ),
    );
  }
  return rows;
}

/** A peer that is not installed gives a row that says so, and no figures. `own` is what we took for the same, in seconds. */
function peer(work: string, who: string, output: string | null, own: number): BenchRow {
  let figures: Figures;
  try {
    figures = JSON.parse(output ?? "") as Figures;
  } catch {
    return { work, who, figures: {}, note: "not run: it is not installed here" };
  }
  const { nodes = 0, nodesDone = 0, reachSum = 0, reachSeconds = 0, loadSeconds = 0, peakMebibytes = 0 } = figures;
  const whole = nodesDone >= nodes;
  return {
    work,
    who,
    figures: { reachSeconds, loadSeconds, peakMebibytes, timesTributary: reachSeconds / own },
    note: whole ? `sum ${reachSum}` : `stopped after ${nodesDone} of ${nodes} nodes: all of them take longer`,
  };
}

/** The page that `exposure` writes, asked in a browser: what a reader waits for. */
function inBrowser(context: BenchContext, packages: string, sources: string): BenchRow {
  const work = "one what-if on 63,436 packages in the page";
  const page = join(context.scratch, "bookworm.html");
  const program = join(import.meta.dirname, "..", "bin", "tributary.js");
  execFileSync(process.execPath, [program, "exposure", packages, "--sources", sources, "--output", `html=${page}`], { stdio: "ignore" });
  const { stdout } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "graph", "browser.ts"), pathToFileURL(page).href, join(context.scratch, "chromium")],
    { encoding: "utf8" },
  );
  let figures: Figures;
  try {
    figures = JSON.parse(stdout) as Figures;
  } catch {
    return { work, who: "tributary in Chromium", figures: {}, note: "not run: there is no Chromium here" };
  }
  const named = Object.fromEntries(
    Object.entries(figures).map(([kind, value]) => [
      `${kind.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Milliseconds`,
      value,
    ]),
  );
  return {
    work,
    who: "tributary in Chromium",
    figures: named,
    goal: "at most 16 ms",
    met: Object.values(figures).every((value) => value <= 16),
    note: "as the page says, wall clock, the slowest of five packages, median of seven askings",
  };
}
