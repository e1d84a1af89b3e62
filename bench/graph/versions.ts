/** As own.ts: raw indexes with versions and conflicts to a graph, and what exactly cannot be installed. A process of its own. Not a benchmark by itself. */
import { readFileSync } from "node:fs";
import { debianSuite } from "../../src/graph/debian.ts";
import { installing } from "../../src/graph/installing.ts";
import { compareVersions } from "../../src/versions/index.ts";

const [packages, sources] = process.argv.slice(2).map((file) => readFileSync(file));
if (packages === undefined || sources === undefined) throw new RangeError("versions PACKAGES SOURCES");

function cpuSeconds<T>(work: () => T): readonly [result: T, seconds: number] {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}

const compare = (a: string, b: string): number => compareVersions("Debian", a, b);
const [suite, loadSeconds] = cpuSeconds(() => debianSuite(packages, sources, { compareVersions: compare, versions: true }));
const { constraints } = suite;
if (constraints === null) throw new Error("an index that was read with versions has constraints");
const [{ without }, asIsSeconds] = cpuSeconds(() => installing(suite, constraints));
const asked = ["libssl3", "liblzma5", "libc6", "perl-base", "libsystemd0"];
// The median of five, and of the packages the slowest.
const removals = asked.map((name) => {
  const node = suite.ids.get(name) ?? 0;
  const times = Array.from({ length: 5 }, () => cpuSeconds(() => without([node]))[1]);
  return times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
});
process.stdout.write(
  JSON.stringify({
    loadSeconds,
    asIsSeconds,
    broken: without([]).broken.length,
    removalMilliseconds: Math.max(...removals) * 1000,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  }),
);
