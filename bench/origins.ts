/**
 * The whole command, as built, on a lockfile whose every release has a registry signature, a publish attestation and a build provenance: once with
 * the attestations in the cache and nothing verified yet, and once more with the verdicts kept.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";
import { type Entry, environment, firstLine, measured, repository, succeed, type Usage, writeProject } from "./check/command.ts";

const PACKAGES = 1000;
const RUNS = 5;
/** What issue 4 asks for, of a lockfile of this size whose attestations are in the cache. */
const GOAL_SECONDS = 3;

export const bench: Bench = {
  name: "origins",
  title: `tributary check of ${PACKAGES} components, each with registry signature, publish attestation and provenance; the whole process, compiled`,
  run: async ({ scratch }) => {
    if (!existsSync(join(repository, "dist", "main.js"))) throw new Error("dist/ is not there: npm run build");
    const home = join(scratch, "origins");
    const project = join(home, "project");
    mkdirSync(project, { recursive: true });
    const registry = spawn(process.execPath, [join(import.meta.dirname, "cold-check", "registry.ts"), String(PACKAGES), "signed"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const { url, lock, root } = JSON.parse(await firstLine(registry.stdout)) as { url: string; lock: readonly Entry[]; root: unknown };
      writeProject(project, url, lock);
      mkdirSync(join(home, "data", "trust", "own"), { recursive: true });
      writeFileSync(join(home, "data", "trust", "own", "bench.json"), JSON.stringify(root));
      await measured(["check"], home, project, url);
      await everyLevel(home, project, url);
      const unverified = (): void => {
        for (const end of ["", "-wal", "-shm"]) rmSync(join(home, "cache", `verdicts.db${end}`), { force: true });
      };
      const first = await median(() => (unverified(), measured(["check", "--offline"], home, project, url)));
      const second = await median(() => measured(["check", "--offline"], home, project, url));
      const note = `${cpus().length} cores; ${2 * PACKAGES} bundles and ${PACKAGES} registry signatures; median of ${RUNS}`;
      const rows: BenchRow[] = [
        {
          work: `check of ${PACKAGES}, attestations in the cache, none verified before`,
          who: "tributary",
          figures: { ...first },
          goal: `under ${GOAL_SECONDS} s`,
          met: first.seconds < GOAL_SECONDS,
          note,
        },
        { work: `check of ${PACKAGES}, verdicts kept`, who: "tributary", figures: { ...second }, note },
      ];
      return rows;
    } finally {
      registry.stdin.end();
      registry.kill();
    }
  },
};

/** Before anything is timed: every component must have been found at level 2, by evidence that holds. */
async function everyLevel(home: string, cwd: string, url: string): Promise<void> {
  const summary = join(home, "summary.json");
  await succeed(process.execPath, [join(repository, "bin", "tributary.js"), "check", "--offline", "--output", `vsa=${summary}`], {
    cwd,
    env: environment(home, url),
  });
  const { predicate } = JSON.parse(readFileSync(summary, "utf8")) as { predicate: { dependencyLevels: Readonly<Record<string, number>> } };
  const proved = predicate.dependencyLevels["SLSA_BUILD_LEVEL_2"] ?? 0;
  if (proved !== PACKAGES) throw new Error(`${proved} of ${PACKAGES} components are at level 2`);
}

async function median(run: () => Promise<Usage>): Promise<Usage> {
  const all: Usage[] = [];
  for (let at = 0; at < RUNS; at++) all.push(await run());
  const middle = all.toSorted((a, b) => a.seconds - b.seconds)[RUNS >> 1];
  if (middle === undefined) throw new Error("no run");
  return middle;
}
