/**
 * Peak memory of `tributary review` of two packages of 60 MB, the whole process, compiled: many files, one huge source, huge JSON, a huge
 * minified bundle, a tree as deep as paths go, and many bundles. The two differ in a line of every file, so that all of it is read twice.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BenchContext, BenchRow } from "../bench.ts";
import { measured, repository } from "../check/command.ts";
import { header } from "./tar.ts";

const BYTES = 60_000_000;
const GOAL_MEBIBYTES = 256;

interface Shape {
  readonly name: string;
  readonly files: (release: number) => Iterable<{ readonly path: string; readonly text: string }>;
}

const source = (number: number, release: number): string =>
  `"use strict";
const fs = require("fs");
/** Part ${number} of release ${release}. */
function part${number}(options, callback) {
  const { name = "part-${number}", items = [] } = options || {};
  let total = 0;
  for (let i = 0; i < items.length; i++) {
    if (items[i] && typeof items[i].size === "number") total += items[i].size * ${number % 97};
  }
  return fs.readFile(name + ".json", "utf8", (error, text) => callback(error, { name, total, text }));
}
module.exports = { part${number}, version: "1.0.${release}" };
`;

const minified = (number: number, release: number): string =>
  `function a${number}(e,t){for(var n=0,r=[];n<e.length;n++)r.push(t(e[n],"k${release}"+n)||{i:n,v:e[n]*${number % 13}});return r.filter(function(e){return!!e}).map(function(e){return e.v?e.v+1:0})}`;

/** Texts one after the other until there are enough bytes. */
function* until(bytes: number, text: (number: number) => string): Generator<string> {
  for (let [number, written] = [0, 0]; written < bytes; number++) {
    const next = text(number);
    written += next.length;
    yield next;
  }
}

function* many(
  bytes: number,
  each: number,
  path: (number: number) => string,
  text: (number: number) => string,
): Generator<{ readonly path: string; readonly text: string }> {
  for (let number = 0; number * each < bytes; number++)
    yield { path: path(number), text: [...until(each, (part) => text(number * 1_000 + part))].join("") };
}

const manifest = (release: number): { readonly path: string; readonly text: string } => ({
  path: "package.json",
  text: JSON.stringify({ name: "large", version: `1.0.${release}`, main: "index.js" }),
});

export const shapes: readonly Shape[] = [
  {
    name: "30,000 small sources",
    files: (release) =>
      many(
        BYTES,
        2_000,
        (n) => `lib/${n % 100}/part-${n}.js`,
        (n) => source(n, release),
      ),
  },
  {
    name: "240 bundles of 250 kB",
    files: (release) =>
      many(
        BYTES,
        250_000,
        (n) => `dist/bundle-${n}.js`,
        (n) => source(n, release),
      ),
  },
  {
    name: "one source of 60 MB",
    files: (release) =>
      many(
        BYTES,
        BYTES,
        () => "index.js",
        (n) => source(n, release),
      ),
  },
  {
    name: "two sources of 30 MB",
    files: (release) =>
      many(
        BYTES,
        BYTES / 2,
        (n) => `lib/${n}.js`,
        (n) => source(n, release),
      ),
  },
  {
    name: "ten sources of 6 MB",
    files: (release) =>
      many(
        BYTES,
        BYTES / 10,
        (n) => `lib/${n}.js`,
        (n) => source(n, release),
      ),
  },
  {
    name: "a minified line of 6 MB, ten times",
    files: (release) =>
      many(
        BYTES,
        BYTES / 10,
        (n) => `dist/${n}.min.js`,
        (n) => minified(n, release),
      ),
  },
  {
    name: "one JSON of 60 MB",
    files: (release) =>
      many(
        BYTES,
        BYTES,
        () => "data.json",
        (n) => `{"id":${n},"release":${release},"values":[1,2,3,"text ${n}"]},\n`,
      ),
  },
  {
    name: "a tree 200 folders deep",
    files: (release) =>
      many(
        BYTES,
        20_000,
        (n) => `${"d/".repeat(n % 120)}part-${n}.js`,
        (n) => source(n, release),
      ),
  },
];

export function writeTarball(file: string, shape: Shape, release: number): void {
  const blocks: Uint8Array[] = [];
  for (const { path, text } of [manifest(release), ...shape.files(release)]) {
    const bytes = Buffer.from(text);
    blocks.push(header(`package/${path}`, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1_024)]), { level: 1 }));
}

export async function largePackages({ scratch }: BenchContext): Promise<readonly BenchRow[]> {
  if (!existsSync(join(repository, "dist", "main.js"))) throw new Error("dist/ is not there: npm run build");
  const home = join(scratch, "large");
  const rows: BenchRow[] = [];
  for (const shape of shapes) {
    mkdirSync(home, { recursive: true });
    for (const release of [1, 2]) writeTarball(join(home, `large-${release}.tgz`), shape, release);
    const used = await measured(["review", "large-1.tgz", "large-2.tgz", "--format", "json"], home, home, "http://127.0.0.1:9/");
    rows.push({
      work: `review of two packages of 60 MB, ${shape.name}`,
      who: "tributary",
      figures: { peakMebibytes: used.peakMebibytes, userSeconds: used.userSeconds },
      goal: `at most ${GOAL_MEBIBYTES} MiB`,
      met: used.peakMebibytes <= GOAL_MEBIBYTES,
    });
    rmSync(home, { recursive: true });
  }
  return rows;
}
