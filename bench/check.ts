/** The whole command, as built: `tributary check` of 1,600 components with 60,000 advisories synced, cold, warm and offline, beside `npm ci`. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";
import { type Entry, environment, firstLine, measured, repository, succeed, type Usage, writeProject } from "./check/command.ts";

const PACKAGES = 1600;
const RUNS = 5;

export const bench: Bench = {
  name: "check",
  title: `tributary check of ${PACKAGES} components, the whole process, compiled`,
  run: async ({ scratch, conformance }) => {
    if (!existsSync(join(repository, "dist", "main.js"))) throw new Error("dist/ is not there: npm run build");
    const home = join(scratch, "check");
    const project = join(home, "project");
    mkdirSync(project, { recursive: true });
    const registry = spawn(process.execPath, [join(import.meta.dirname, "cold-check", "registry.ts"), String(PACKAGES)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const { url, lock } = JSON.parse(await firstLine(registry.stdout)) as { url: string; lock: readonly Entry[] };
      writeProject(project, url, lock);
      const run = (args: readonly string[]): Promise<Usage> => measured(args, home, project, url);
      const rows: BenchRow[] = [];
      let advisories = 0;
      if (conformance !== "") {
        const archive = join(home, "osv");
        mkdirSync(archive);
        await succeed("tar", ["-xzf", join(conformance, "osv.tar.gz"), "-C", archive]);
        await run(["sync", "--from", archive]);
        advisories = await recordsIn(home, project, url);
      }
      const note = `${advisories.toLocaleString("en-US")} advisories in the base`;
      const empty = (): void => rmSync(join(home, "cache"), { recursive: true, force: true });
      empty();
      const alone = await run(["check", "--behaviour", "none"]);
      rows.push({
        work: `cold check of ${PACKAGES}, nothing compared`,
        who: "tributary",
        figures: figuresOf(alone),
        note: `${2 * PACKAGES} requests, ${Math.round((2 * PACKAGES) / alone.seconds)} a second; ${note}`,
      });
      empty();
      const all = await run(["check", "--behaviour", "all"]);
      rows.push({
        work: `cold check of ${PACKAGES}, all compared`,
        who: "tributary",
        figures: figuresOf(all),
        note: `${3 * PACKAGES} requests: every release is compared with the one before it`,
      });
      empty();
      const cold = await run(["check"]);
      const fetched = 2 * PACKAGES + PACKAGES / 10;
      rows.push({
        work: `cold check of ${PACKAGES}`,
        who: "tributary",
        figures: figuresOf(cold),
        note: `${fetched} requests, ${Math.round(fetched / cold.seconds)} a second; one release in ten is young, and compared with the one before it; ${note}`,
      });
      rows.push({ work: `cold check of ${PACKAGES}`, who: "npm ci --ignore-scripts", figures: { seconds: await npmCi(home, project) } });
      const warm = await median(() => run(["check"]));
      rows.push({ work: `warm check of ${PACKAGES}`, who: "tributary", figures: figuresOf(warm), note });
      const offline = await median(() => run(["check", "--offline"]));
      rows.push({
        work: `offline check of ${PACKAGES}`,
        who: "tributary",
        figures: figuresOf(offline),
        goal: "at most 0.5 s of user CPU and 150 MiB",
        met: offline.userSeconds <= 0.5 && offline.peakMebibytes <= 150,
        note,
      });
      return rows;
    } finally {
      registry.stdin.end();
      registry.kill();
    }
  },
};

const figuresOf = ({ seconds, userSeconds, peakMebibytes }: Usage): BenchRow["figures"] => ({ seconds, userSeconds, peakMebibytes });

async function recordsIn(home: string, cwd: string, url: string): Promise<number> {
  const report = join(home, "report.json");
  await succeed(process.execPath, [join(repository, "bin", "tributary.js"), "check", "--offline", "--output", `json=${report}`], {
    cwd,
    env: environment(home, url),
  });
  const { basis } = JSON.parse(readFileSync(report, "utf8")) as { basis: { advisories: { records: number } | null } };
  return basis.advisories?.records ?? 0;
}

async function npmCi(home: string, cwd: string): Promise<number> {
  const started = performance.now();
  const cache = join(home, "npm-cache");
  await succeed("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache", cache], {
    cwd,
    env: { ...process.env, HOME: home },
  });
  rmSync(join(cwd, "node_modules"), { recursive: true, force: true });
  return (performance.now() - started) / 1000;
}

async function median(run: () => Promise<Usage>): Promise<Usage> {
  const all: Usage[] = [];
  for (let at = 0; at < RUNS; at++) all.push(await run());
  const middle = all.toSorted((a, b) => a.userSeconds - b.userSeconds)[Math.floor(RUNS / 2)];
  if (middle === undefined) throw new Error("no run");
  return middle;
}
