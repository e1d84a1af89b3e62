/**
 * Inventory, graph and CycloneDX of two lockfiles of npm, as whole processes: user CPU and peak memory as the operating system counts
 * them. The peers and the lockfiles are made in the scratch folder at run time; the lockfiles resolve the direct dependencies below as
 * the registry has them that day, so their number of entries moves a little and is part of the row.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";

const repository = resolve(import.meta.dirname, "..");

/** Direct dependencies that bring about 1,600 entries (the middle of what applications have). */
const A = {
  dependencies: { react: "18.3.1", "react-dom": "18.3.1", "react-scripts": "5.0.1", express: "4.21.2", "webpack-dev-server": "5.2.0" },
  devDependencies: { jest: "29.7.0", eslint: "8.57.1", typescript: "4.9.5", mocha: "10.8.2", ava: "6.2.0", nodemon: "3.1.9" },
};
/**
 * Direct dependencies that bring about 4,600 entries (a large one). Their peers contradict each other, as those of most large projects
 * do: npm installs them only with legacy-peer-deps, and `npm sbom` then gives no document.
 */
const B = {
  dependencies: {
    react: "18.3.1",
    "react-dom": "18.3.1",
    "react-scripts": "5.0.1",
    gatsby: "5.14.1",
    next: "14.2.20",
    express: "4.21.2",
    "firebase-admin": "12.7.0",
    "aws-sdk": "2.1692.0",
    "@nestjs/core": "10.4.15",
    "@nestjs/common": "10.4.15",
  },
  devDependencies: {
    "@angular/cli": "17.3.11",
    "@vue/cli-service": "5.0.8",
    expo: "51.0.39",
    "react-native": "0.74.5",
    lerna: "8.1.9",
    storybook: "8.4.7",
    mocha: "10.8.2",
    ava: "6.2.0",
    serverless: "3.40.0",
    "ember-cli": "5.12.0",
  },
};
const PEERS = { "@cyclonedx/cyclonedx-npm": "6.0.1", "@cyclonedx/cdxgen": "12.8.4" };
const OUR_RUNS = 5;
const PEER_RUNS = 3;
const MAX_MEBIBYTES = 120;
/** Our user CPU against that of the best peer. */
const SHARE = 0.1;

interface Measured {
  readonly userSeconds: number;
  readonly peakMebibytes: number;
  readonly ok: boolean;
}

export const bench: Bench = {
  name: "inventory",
  title: "inventory + graph + CycloneDX of a package-lock.json, whole processes, median",
  run: async (context) => {
    const time = "/usr/bin/time";
    if (!existsSync(time)) throw new Error("this benchmark needs GNU time as /usr/bin/time");
    execFileSync(process.execPath, [join(repository, "scripts", "build.ts")], { cwd: repository, stdio: ["ignore", "ignore", "inherit"] });
    const npm = npmScript();
    installPeers(context, npm);
    const rows: BenchRow[] = [];
    for (const [name, manifest] of [
      ["a", A],
      ["b", B],
    ] as const) {
      const folder = lockfile(context, npm, name, manifest);
      const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as { packages: object };
      rows.push(...compare(context, npm, folder, `${(Object.keys(lock.packages).length - 1).toLocaleString("en-US")} entries`));
    }
    return rows;
  },
};

/** npm's own script, so that it runs on the same Node as everything else here. */
function npmScript(): string {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, "npm");
    if (existsSync(file)) return realpathSync(file);
  }
  throw new Error("there is no npm in the PATH");
}

function installPeers(context: BenchContext, npm: string): void {
  const folder = join(context.scratch, "peers");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PEERS }));
  const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync(process.execPath, [npm, "install", ...options], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

function lockfile(context: BenchContext, npm: string, name: string, manifest: object): string {
  const folder = join(context.scratch, `lock-${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: `bench-${name}`, version: "1.0.0", private: true, ...manifest }));
  const kept = context.data === "" ? "" : join(context.data, "lockfiles", name, "package-lock.json");
  if (kept !== "" && existsSync(kept)) copyFileSync(kept, join(folder, "package-lock.json"));
  else {
    const options = ["--package-lock-only", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    if (name === "b") options.push("--legacy-peer-deps");
    execFileSync(process.execPath, [npm, "install", ...options], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  return folder;
}

function compare(context: BenchContext, npm: string, folder: string, work: string): readonly BenchRow[] {
  const out = join(context.scratch, "bom.json");
  const peer = (name: string, bin: string): string => join(context.scratch, "peers", "node_modules", name, bin);
  const npmVersion = (JSON.parse(readFileSync(join(dirname(npm), "..", "package.json"), "utf8")) as { version: string }).version;
  const contenders: readonly (readonly [who: string, args: readonly string[], runs: number])[] = [
    ["tributary", [join(repository, "bin", "tributary.js"), "sbom", "--format", "cyclonedx-json", "package-lock.json"], OUR_RUNS],
    [`npm ${npmVersion} sbom`, [npm, "sbom", "--package-lock-only", "--sbom-format=cyclonedx"], PEER_RUNS],
    [
      `@cyclonedx/cyclonedx-npm ${PEERS["@cyclonedx/cyclonedx-npm"]}`,
      [peer("@cyclonedx/cyclonedx-npm", "bin/cyclonedx-npm-cli.js"), "--package-lock-only", "--ignore-npm-errors", "--output-file", out],
      PEER_RUNS,
    ],
    [
      `@cyclonedx/cdxgen ${PEERS["@cyclonedx/cdxgen"]}`,
      [peer("@cyclonedx/cdxgen", "bin/cdxgen.js"), "-t", "js", "--no-install-deps", "--no-recurse", "-o", out],
      PEER_RUNS,
    ],
  ];
  const rows: BenchRow[] = [];
  for (const [who, args, runs] of contenders) {
    const measured = Array.from({ length: runs }, () => measure(folder, args));
    rmSync(out, { force: true });
    const failed = measured.some((one) => !one.ok);
    rows.push({
      work,
      who,
      figures: {
        userSeconds: median(measured.map((one) => one.userSeconds)),
        peakMebibytes: median(measured.map((one) => one.peakMebibytes)),
      },
      ...(failed ? { note: "fails: no document" } : {}),
    });
  }
  const [ours, ...peers] = rows;
  if (ours === undefined) return rows;
  const best = Math.min(...peers.filter((row) => row.note === undefined).map((row) => row.figures["userSeconds"] ?? Infinity));
  const met = (ours.figures["userSeconds"] ?? Infinity) <= best * SHARE && (ours.figures["peakMebibytes"] ?? Infinity) <= MAX_MEBIBYTES;
  return [{ ...ours, goal: `user CPU at most ${SHARE} of the best peer's, peak memory at most ${MAX_MEBIBYTES} MiB`, met }, ...peers];
}

/** One run under GNU time: user CPU with that of children, and the largest resident set of any one process. */
function measure(folder: string, args: readonly string[]): Measured {
  const run = spawnSync("/usr/bin/time", ["-f", "measured %U %M", process.execPath, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, TRIBUTARY_COMPILED: "1", FETCH_LICENSE: "false", NODE_OPTIONS: "" },
  });
  const [, user = "NaN", kibibytes = "NaN"] = /measured ([\d.]+) (\d+)\s*$/.exec(run.stderr ?? "") ?? [];
  return { userSeconds: Number(user), peakMebibytes: Number(kibibytes) / 1024, ok: run.status === 0 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
