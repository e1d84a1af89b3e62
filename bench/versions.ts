import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { requireOrder } from "../src/versions/index.ts";
import { ecosystemOf, purlOf } from "../src/model/index.ts";
import type { Bench, BenchRow } from "./bench.ts";

/** The libraries that we did not choose; installed into the scratch folder, so that they are not in our own tree. */
const PEERS = ["compare-versions", "semver-compare", "semver", "@renovatebot/pep440", "@renovatebot/ruby-semver"];
/** About what one ecosystem's advisories and a large project bring together. */
const VERSIONS = 5000;
const COMPARISONS = 500_000;
const ROUNDS = 5;

type Compare = (a: string, b: string) => number;

interface Contest {
  readonly ecosystem: string;
  readonly versions: readonly string[];
  readonly peers: readonly { readonly who: string; readonly compare: Compare }[];
}

/** The same numbers on every machine (a linear congruential generator). */
function generator(): (bound: number) => number {
  let state = 42;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

function versionsFor(suffixes: readonly string[], parts: number): readonly string[] {
  const next = generator();
  return Array.from({ length: VERSIONS }, () => {
    const numbers = Array.from({ length: parts }, () => next(30)).join(".");
    return next(4) === 0 ? `${numbers}${suffixes[next(suffixes.length)] ?? ""}${next(10)}` : numbers;
  });
}

/** Comparisons a second, the median of some rounds. The sum keeps the work from being optimised away. */
function perSecond(compare: Compare, versions: readonly string[]): number {
  const rates: number[] = [];
  let sum = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = generator();
    const started = performance.now();
    for (let done = 0; done < COMPARISONS; done += 1) sum += compare(versions[next(VERSIONS)] ?? "", versions[next(VERSIONS)] ?? "");
    rates.push((COMPARISONS * 1000) / (performance.now() - started));
  }
  if (Number.isNaN(sum)) throw new Error("a comparison gave no number");
  return rates.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

function firstTime(compare: Compare, versions: readonly string[]): number {
  const started = performance.now();
  for (let index = 1; index < versions.length; index += 1) compare(versions[index - 1] ?? "", versions[index] ?? "");
  return ((versions.length - 1) * 1000) / (performance.now() - started);
}

interface Libraries {
  readonly load: (name: string) => unknown;
  readonly version: (name: string) => string;
}

function install(scratch: string): Libraries {
  execFileSync("npm", ["install", "--prefix", scratch, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...PEERS], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const require = createRequire(join(scratch, "package.json"));
  const version = (name: string): string => {
    const { version: found } = require(join(scratch, "node_modules", name, "package.json")) as { readonly version: string };
    return `${name} ${found}`;
  };
  return { load: (name) => require(name) as unknown, version };
}

function contests(libraries: Libraries): readonly Contest[] {
  const semver = libraries.load("semver") as { readonly compare: Compare };
  const versions = libraries.load("compare-versions") as { readonly compareVersions: Compare };
  const simple = libraries.load("semver-compare") as Compare;
  const pep440 = libraries.load("@renovatebot/pep440") as { readonly compare: Compare };
  const ruby = libraries.load("@renovatebot/ruby-semver") as { readonly compare?: Compare; readonly gt: (a: string, b: string) => boolean };
  // It exports comparisons as yes or no only; two of them make one of ours.
  const rubyCompare: Compare = (a, b) => ruby.compare?.(a, b) ?? (ruby.gt(a, b) ? 1 : ruby.gt(b, a) ? -1 : 0);
  return [
    {
      ecosystem: "npm",
      versions: versionsFor(["-alpha.", "-beta.", "-rc."], 3),
      peers: [
        { who: libraries.version("semver"), compare: semver.compare },
        { who: libraries.version("compare-versions"), compare: versions.compareVersions },
        { who: libraries.version("semver-compare"), compare: simple },
      ],
    },
    {
      ecosystem: "PyPI",
      versions: versionsFor(["a", "b", "rc", ".post", ".dev"], 3),
      peers: [{ who: libraries.version("@renovatebot/pep440"), compare: pep440.compare }],
    },
    {
      ecosystem: "RubyGems",
      versions: versionsFor([".beta", ".rc", ".pre"], 3),
      peers: [{ who: libraries.version("@renovatebot/ruby-semver"), compare: rubyCompare }],
    },
    { ecosystem: "Maven", versions: versionsFor(["-rc", "-SNAPSHOT", ".Final", "-beta-"], 3), peers: [] },
    { ecosystem: "Packagist", versions: versionsFor(["-beta", "-RC", "-dev"], 3), peers: [] },
    { ecosystem: "Debian:12", versions: versionsFor(["-1+deb12u", "~rc", "-0ubuntu"], 3), peers: [] },
    { ecosystem: "Red Hat", versions: versionsFor(["-1.el", "~rc", "-3.fc"], 3), peers: [] },
    { ecosystem: "Alpine:v3.20", versions: versionsFor(["-r", "_rc", "_p"], 3), peers: [] },
  ];
}

function rate(work: (index: number) => unknown): number {
  const started = performance.now();
  for (let index = 0; index < COMPARISONS; index += 1) work(index % VERSIONS);
  return (COMPARISONS * 1000) / (performance.now() - started);
}

function purls(): readonly BenchRow[] {
  const versions = versionsFor(["-rc."], 3);
  return [
    {
      work: "purl of an npm package",
      who: "tributary",
      figures: { perSecond: rate((index) => purlOf("npm", "left-pad", versions[index] ?? "")) },
    },
    {
      work: "purl of a scoped npm package",
      who: "tributary",
      figures: { perSecond: rate((index) => purlOf("npm", "@scope/name", versions[index] ?? "")) },
    },
    {
      work: "purl read back",
      who: "tributary",
      figures: { perSecond: rate((index) => ecosystemOf(`pkg:npm/%40scope/name@${versions[index] ?? ""}`)) },
    },
  ];
}

export const bench: Bench = {
  name: "versions",
  title: `${COMPARISONS.toLocaleString("en-US")} comparisons among ${VERSIONS.toLocaleString("en-US")} versions of an ecosystem, and each version met for the first time`,
  run: async ({ scratch }) => {
    const rows: BenchRow[] = [];
    for (const { ecosystem, versions, peers } of contests(install(scratch))) {
      const entrants = [{ who: "tributary", compare: requireOrder(ecosystem).compare }, ...peers];
      for (const { who, compare } of entrants) {
        const figures = { firstPerSecond: firstTime(compare, versions), perSecond: perSecond(compare, versions) };
        rows.push({ work: `compare ${ecosystem}`, who, figures });
      }
    }
    return [...rows, ...purls()];
  },
};
