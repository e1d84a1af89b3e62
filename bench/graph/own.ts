/** One measurement of ours in a process of its own, so that its memory is its own: prints figures as JSON. Not a benchmark by itself. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { boundedReach } from "../../src/graph/bounded-reach.ts";
import { cascade } from "../../src/graph/cascade.ts";
import { debianSuite } from "../../src/graph/debian.ts";
import { edgeReader } from "../../src/graph/edge-list.ts";
import { exposureOfDebian, trustGraphOf } from "../../src/graph/exposure-graph.ts";
import { graphOf } from "../../src/graph/csr.ts";
import { hardReach } from "../../src/graph/hard.ts";
import { measure } from "../../src/graph/measure.ts";
import { reach } from "../../src/graph/reach.ts";
import { whatIfs } from "../../src/graph/what-if.ts";
import { threadedReach } from "../../src/app/reach-threads.ts";
import type { Change } from "../../src/model/exposure.ts";
import { compareVersions } from "../../src/versions/index.ts";

const figures: Record<string, number> = {};

/** CPU seconds of this process, user and system. */
function measured<T>(name: string, work: () => T): T {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  figures[name] = (user + system) / 1e6;
  return result;
}

/** CPU milliseconds, the median of five times: the collector of garbage picks its own moment. */
function milliseconds(work: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

const sum = (values: Int32Array): number => values.reduce((total, value) => total + value, 0);
const [work = "", ...files] = process.argv.slice(2);

if (work === "debian") {
  const [packages, sources] = files.map((file) => readFileSync(file));
  if (packages === undefined || sources === undefined) throw new RangeError("debian PACKAGES SOURCES");
  const suite = measured("loadSeconds", () =>
    debianSuite(packages, sources, { compareVersions: (a, b) => compareVersions("Debian", a, b) }),
  );
  const graph = exposureOfDebian(suite, { name: "bookworm", inputs: [], essential: false });
  figures["reachSum"] = sum(measured("reachSeconds", () => reach(graph.first)).dependents);
  figures["hardSum"] = sum(measured("hardSeconds", () => hardReach(graph.clauses)));
  const trust = trustGraphOf(graph);
  if (trust !== null) figures["trustSum"] = sum(measured("trustSeconds", () => reach(trust)).dependents);
  const ask = whatIfs(graph, measure(graph));
  const asked = ["libssl3", "liblzma5", "libc6", "perl-base", "libsystemd0"];
  const by = "libgnutls30";
  const team = graph.accounts?.teams.find((name) => name.includes("gcc")) ?? "";
  const questions: Readonly<Record<string, (name: string) => Change>> = {
    remove: (name) => ({ kind: "remove", packages: [name] }),
    alternative: (name) => ({ kind: "add-alternative", package: name, by }),
    replace: (name) => ({ kind: "replace", package: name, by }),
    merge: (name) => ({ kind: "merge", packages: [name, by] }),
    pin: (name) => ({ kind: "pin", package: name, by: [by] }),
    loseAccount: () => ({ kind: "lose-account", account: team }),
    losePlatform: (name) => ({ kind: "lose-platform", platform: name }),
  };
  for (const [kind, question] of Object.entries(questions)) {
    // Asked a few times before: a page that is open has been asked before as well.
    for (let time = 0; time < 3; time++) for (const name of asked) ask(question(name));
    figures[`${kind}Milliseconds`] = Math.max(...asked.map((name) => milliseconds(() => ask(question(name)))));
  }
  const start = graph.names.indexOf("libssl3");
  measured("cascades10000Half", () => cascade(graph.first, [start], { transmission: 0.5, runs: 10_000 }));
  measured("cascades10000NineTenths", () => cascade(graph.first, [start], { transmission: 0.9, runs: 10_000 }));
} else {
  const reader = edgeReader("edges");
  const [file = "", threads] = files;
  const graph = measured("loadSeconds", () => {
    const handle = openSync(file, "r");
    const piece = Buffer.alloc(4 * 1024 * 1024);
    for (let count = readSync(handle, piece); count > 0; count = readSync(handle, piece)) reader.push(piece.subarray(0, count));
    closeSync(handle);
    const raw = reader.end();
    return graphOf(raw.names.length, raw.from, raw.to);
  });
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const counted = threads === undefined ? boundedReach(graph) : await threadedReach(graph, Number(threads));
  const { user, system } = process.cpuUsage(cpu);
  figures["reachSeconds"] = (user + system) / 1e6;
  figures["reachWallSeconds"] = (performance.now() - begun) / 1000;
  figures["reachSum"] = counted.dependents.reduce((total, value) => total + value, 0);
  figures["relativeError"] = counted.relativeError;
}
figures["peakMebibytes"] = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify(figures));
