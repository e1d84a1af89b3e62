import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";

const FILES = 10_000;
const LOCKFILES = 60;
const ENTRIES = 300;
const RUNS = 5;
const GOAL_SECONDS = 2;

const repository = resolve(import.meta.dirname, "..");
const hex = (seed: number, length: number): string =>
  (seed * 2_654_435_761)
    .toString(16)
    .padStart(16, "0")
    .repeat(8)
    .slice(0, length)
    .replaceAll(/[^0-9a-f]/g, "0");

/** Twelve formats, five of each: what a large monorepo of many languages holds. Each lists ENTRIES packages. */
const lockfiles: readonly { readonly name: string; readonly text: () => string }[] = [
  {
    name: "package-lock.json",
    text: () =>
      JSON.stringify(
        {
          name: "x",
          version: "1.0.0",
          lockfileVersion: 3,
          packages: {
            "": { name: "x" },
            ...table((index) => [
              `node_modules/p${index}`,
              { version: `1.0.${index}`, integrity: `sha512-${Buffer.from(hex(index, 128), "hex").toString("base64")}` },
            ]),
          },
        },
        null,
        2,
      ),
  },
  {
    name: "Cargo.lock",
    text: () =>
      `version = 4\n${rows((index) => `\n[[package]]\nname = "c${index}"\nversion = "1.0.${index}"\nsource = "registry+https://registry.example/index"\nchecksum = "${hex(index, 64)}"\ndependencies = [\n "c${index + 1}",\n]\n`)}`,
  },
  {
    name: "poetry.lock",
    text: () =>
      rows(
        (index) =>
          `[[package]]\nname = "py${index}"\nversion = "1.0.${index}"\noptional = false\ngroups = ["main"]\nfiles = [\n    {file = "py${index}-1.0.tar.gz", hash = "sha256:${hex(index, 64)}"},\n]\n\n[package.dependencies]\npy${index + 1} = ">=1.0"\n\n`,
      ),
  },
  {
    name: "uv.lock",
    text: () =>
      `version = 1\n${rows((index) => `\n[[package]]\nname = "u${index}"\nversion = "1.0.${index}"\nsource = { registry = "https://registry.example/simple" }\nsdist = { url = "https://registry.example/u${index}.tar.gz", hash = "sha256:${hex(index, 64)}", size = 1 }\n`)}`,
  },
  { name: "requirements.txt", text: () => rows((index) => `r${index}==1.0.${index} \\\n    --hash=sha256:${hex(index, 64)}\n`) },
  {
    name: "Gemfile.lock",
    text: () =>
      `GEM\n  remote: https://registry.example/\n  specs:\n${rows((index) => `    g${index} (1.0.${index})\n      g${index + 1} (>= 1.0)\n`)}\nDEPENDENCIES\n  g0\n`,
  },
  {
    name: "composer.lock",
    text: () =>
      JSON.stringify(
        {
          packages: list((index) => ({ name: `v/c${index}`, version: `1.0.${index}`, require: { [`v/c${index + 1}`]: "^1.0" } })),
          "packages-dev": [],
        },
        null,
        4,
      ),
  },
  {
    name: "go.mod",
    text: () => `module example.com/m\n\ngo 1.24\n\nrequire (\n${rows((index) => `\texample.com/g${index} v1.0.${index}\n`)})\n`,
  },
  {
    name: "packages.lock.json",
    text: () =>
      JSON.stringify(
        {
          version: 1,
          dependencies: {
            "net8.0": table((index) => [
              `N.P${index}`,
              { type: "Transitive", resolved: `1.0.${index}`, contentHash: Buffer.from(hex(index, 128), "hex").toString("base64") },
            ]),
          },
        },
        null,
        2,
      ),
  },
  { name: "gradle.lockfile", text: () => rows((index) => `org.g:a${index}:1.0.${index}=compileClasspath,runtimeClasspath\n`) },
  {
    name: "pubspec.lock",
    text: () =>
      `packages:\n${rows((index) => `  d${index}:\n    dependency: transitive\n    description:\n      name: d${index}\n      sha256: "${hex(index, 64)}"\n    source: hosted\n    version: "1.0.${index}"\n`)}`,
  },
  {
    name: "mix.lock",
    text: () =>
      `%{\n${rows((index) => `  "h${index}": {:hex, :h${index}, "1.0.${index}", "${hex(index, 64)}", [:mix], [], "hexpm", "${hex(index + 1, 64)}"},\n`)}}\n`,
  },
];

const numbers: readonly number[] = Array.from({ length: ENTRIES }, (_, index) => index);
const rows = (row: (index: number) => string): string => numbers.map(row).join("");
const list = (item: (index: number) => unknown): readonly unknown[] => numbers.map(item);
const table = (item: (index: number) => readonly [string, unknown]): Record<string, unknown> => Object.fromEntries(numbers.map(item));

function plant(folder: string): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(".gitignore", "*.log\n/dist/\n**/generated/\n!keep.log\n");
  for (let index = 0; index < LOCKFILES; index += 1) {
    const lockfile = lockfiles[index % lockfiles.length];
    if (lockfile !== undefined) write(`area${index % 7}/project${index}/${lockfile.name}`, lockfile.text());
  }
  for (let index = 0; index < FILES - LOCKFILES; index += 1)
    write(`area${index % 7}/project${index % 90}/src/part${index % 13}/file${index}.ts`, "export {};\n");
}

export const bench: Bench = {
  name: "inventory-tree",
  title: "the inventory of a tree of many languages",
  run: async ({ scratch }: BenchContext): Promise<readonly BenchRow[]> => {
    const folder = join(scratch, "tree");
    plant(folder);
    const launcher = join(repository, "bin", "tributary.js");
    const seconds: number[] = [];
    let entries = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const begun = performance.now();
      const result = spawnSync(process.execPath, [launcher, "inventory", folder, "--format", "json"], {
        encoding: "utf8",
        maxBuffer: 1024 ** 3,
      });
      seconds.push((performance.now() - begun) / 1000);
      if (result.status !== 0) throw new Error(`tributary inventory ended with ${result.status}: ${result.stderr.slice(0, 400)}`);
      const { project } = JSON.parse(result.stdout) as { readonly project: { readonly files: readonly { readonly listed: number }[] } };
      entries = project.files.reduce((sum, file) => sum + file.listed, 0);
    }
    const median = seconds.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
    return [
      {
        work: `${FILES.toLocaleString("en-US")} files, ${LOCKFILES} lockfiles of ${lockfiles.length} formats, ${entries.toLocaleString("en-US")} entries, whole process`,
        who: "tributary",
        figures: { seconds: median },
        goal: `at most ${GOAL_SECONDS} s`,
        met: median <= GOAL_SECONDS,
      },
    ];
  },
};
