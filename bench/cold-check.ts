/** A check whose cache is empty: fetching documents and tarballs of 1,600 packages, beside `npm ci --ignore-scripts` on the same registry. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";

const PACKAGES = 1600;
const RUNS = 3;

interface Entry {
  readonly name: string;
  readonly version: string;
  readonly resolved: string;
  readonly integrity: string;
}

interface Cost {
  readonly seconds: number;
  readonly user: number;
  readonly system: number;
  readonly mebibytes: number;
  readonly missing: number;
  readonly requests: number;
}

export const bench: Bench = {
  name: "cold-check",
  title: `evidence for ${PACKAGES} packages from a local registry`,
  run: async ({ scratch }) => {
    const folder = join(scratch, "project");
    const server = spawn(process.execPath, [join(import.meta.dirname, "cold-check", "registry.ts"), String(PACKAGES)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const { url, lock } = JSON.parse(await firstLine(server)) as { url: string; lock: readonly Entry[] };
      writeProject(folder, url, lock);
      const cold = await median(() => gather(folder, "cold"));
      const warm = await median(() => gather(folder, "warm"));
      const offline = await median(() => gather(folder, "offline"));
      const npm = await median(() => npmCi(folder));
      const work = `${PACKAGES} packages, empty cache`;
      return [
        row(
          work,
          "tributary",
          cold,
          `${cold.requests} requests: documents, which npm ci does not need, and tarballs, each unpacked, hashed and kept`,
        ),
        {
          work,
          who: "npm ci --ignore-scripts",
          figures: { seconds: npm.seconds, userSeconds: npm.user },
          note: "tarballs only; writes node_modules",
        },
        row(`${PACKAGES} packages, all in the cache`, "tributary", warm, `${warm.requests} requests`),
        row(`${PACKAGES} packages, offline`, "tributary", offline, `${offline.requests} requests`),
      ];
    } finally {
      server.stdin.end();
      server.kill();
    }
  },
};

function row(work: string, who: string, cost: Cost, note: string): BenchRow {
  if (cost.missing > 0) throw new Error(`${cost.missing} of ${PACKAGES} packages have no evidence`);
  const { seconds, user, mebibytes, requests } = cost;
  return {
    work,
    who,
    figures: { seconds, userSeconds: user, peakMebibytes: mebibytes, ...(requests === 0 ? {} : { requestsPerSecond: requests / seconds }) },
    note,
  };
}

function writeProject(folder: string, url: string, lock: readonly Entry[]): void {
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(lock.map(({ name, version }) => [name, version]));
  const packages = {
    "": { name: "project", version: "1.0.0", dependencies },
    ...Object.fromEntries(lock.map(({ name, ...entry }) => [`node_modules/${name}`, entry])),
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", dependencies }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ name: "project", version: "1.0.0", lockfileVersion: 3, packages }));
  writeFileSync(join(folder, ".npmrc"), `registry=${url}\n`);
  writeFileSync(join(folder, "lock.json"), JSON.stringify(lock));
}

async function gather(folder: string, mode: "cold" | "warm" | "offline"): Promise<Cost> {
  const cache = join(folder, "..", "cache");
  if (mode === "cold") rmSync(cache, { recursive: true, force: true });
  const child = spawn(process.execPath, [join(import.meta.dirname, "cold-check", "gather.ts"), folder, mode], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TRIBUTARY_CACHE: cache },
  });
  return JSON.parse(await firstLine(child)) as Cost;
}

/** The shell tells what its children used. */
async function npmCi(folder: string): Promise<Cost> {
  const cache = join(folder, "..", "npm-cache");
  rmSync(cache, { recursive: true, force: true });
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  const started = performance.now();
  const child = spawn(
    "sh",
    ["-c", 'npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --cache "$1" >&2 && times', "sh", cache],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = (await allText(child)).trim().split("\n");
  const seconds = (performance.now() - started) / 1000;
  // The second line is the children's: "0m3.210s 0m1.500s", user and system.
  const [user = Number.NaN, system = Number.NaN] = (lines[1] ?? "").split(" ").map((time) => {
    const [, minutes = "NaN", rest = "NaN"] = /^(\d+)m([\d.]+)s$/.exec(time) ?? [];
    return Number(minutes) * 60 + Number(rest);
  });
  return { seconds, user, system, mebibytes: Number.NaN, missing: 0, requests: PACKAGES };
}

async function median(run: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let at = 0; at < RUNS; at++) costs.push(await run());
  const middle = costs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)];
  if (middle === undefined) throw new Error("no run");
  return middle;
}

async function allText(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(`a child of the benchmark ended with status ${status}`);
  return text;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error("a child of the benchmark said nothing");
}
