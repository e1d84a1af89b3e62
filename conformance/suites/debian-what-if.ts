/**
 * What-if on Debian bookworm 12.15 against the slow way: every package of the suite fails once in the changed world, one after the other. The
 * sum over all of them, and the figures of whatever changed, must be those that the answer gives; so must be that nothing else changed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reversed } from "../../src/graph/csr.ts";
import { debianSuite } from "../../src/graph/debian.ts";
import { exposureOfDebian } from "../../src/graph/exposure-graph.ts";
import { failing } from "../../src/graph/hard.ts";
import { measure } from "../../src/graph/measure.ts";
import { searching } from "../../src/graph/search.ts";
import { whatIfs } from "../../src/graph/what-if.ts";
import { type World, merged, replaced, withAlternative } from "../../src/graph/world.ts";
import type { Change } from "../../src/model/exposure.ts";
import { unpackIndex } from "../../src/sources/debian.ts";
import { compareVersions } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = { name: "debian-what-if", archive: "", data: "debian", run };

/** The one that is changed, and the other: libraries below nearly everything, leaves, members of cycles, and each other's dependencies. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["libssl3", "libgnutls30"],
  ["libgnutls30", "libssl3"],
  ["liblzma5", "libzstd1"],
  ["zlib1g", "libzstd1"],
  ["libc6", "libgnutls30"],
  ["libgcc-s1", "libc6"],
  ["gcc-12-base", "libc6"],
  ["perl-base", "python3-minimal"],
  ["perl", "perl-base"],
  ["python3", "perl"],
  ["libsystemd0", "libelogind0"],
  ["systemd", "sysvinit-core"],
  ["dpkg", "tar"],
  ["tar", "dpkg"],
  ["debconf", "cdebconf"],
  ["libexpat1", "libxml2"],
  ["libxml2", "libexpat1"],
  ["liblog4j2-java", "liblogback-java"],
  ["libslf4j-java", "libcommons-logging-java"],
  ["libreadline8", "libedit2"],
  ["openssl", "gnutls-bin"],
  ["nodejs", "python3"],
  ["libtirpc-common", "libc6"],
  ["gnome", "libssl3"],
];

/** Exposure is searched for anew, from every package, for this many pairs only: it takes most of the time, and has no clauses to err in. */
const SEARCHED = 6;

function* run(folder: string): Generator<CaseResult> {
  const file = "bookworm-main-amd64-Packages.xz";
  const debian = debianSuite(unpackIndex(readFileSync(join(folder, file)), file), null, {
    compareVersions: (a, b) => compareVersions("Debian", a, b),
  });
  const graph = exposureOfDebian(debian, { name: "bookworm", inputs: [], essential: false });
  const measures = measure(graph);
  const ask = whatIfs(graph, measures);
  const falling = failing(graph.clauses);
  const up = searching(reversed(graph.first));
  const n = graph.names.length;

  const check = (title: string, change: Change, world: World, exposure: boolean): CaseResult => {
    const answer = ask(change, { changes: n });
    const after = new Map(answer.changes.map(({ name, after: figures }) => [name, figures]));
    const wrong: string[] = [];
    let sum = 0;
    for (let node = 0; node < n; node++) {
      const starts = [node, ...(world.together.get(node) ?? [])];
      const name = graph.names[node] ?? "";
      const hard = falling.fail(starts, world);
      sum += hard;
      if (hard !== (after.get(name)?.hard ?? measures.hard[node])) wrong.push(`${name}: ${hard} fall with it`);
      if (!exposure) continue;
      const first = up.from(starts, world).length - starts.length;
      if (first !== (after.get(name)?.first ?? measures.first[node])) wrong.push(`${name}: ${first} carry it`);
    }
    const detail = `${answer.changes.length} packages change, the sum from ${answer.expectedDamage?.before} to ${answer.expectedDamage?.after}`;
    return wrong.length === 0 && sum === answer.expectedDamage?.after
      ? { name: title, outcome: "passed", detail }
      : { name: title, outcome: "failed", detail: `${detail}; one by one the sum is ${sum}; ${wrong.slice(0, 5).join("; ")}` };
  };

  for (const [index, [name, by]] of PAIRS.entries()) {
    const [of, other] = [graph.names.indexOf(name), graph.names.indexOf(by)];
    const searched = index < SEARCHED;
    yield check(`${by} as an alternative to ${name}`, { kind: "add-alternative", package: name, by }, withAlternative(of, other), false);
    yield check(`${by} in the place of ${name}`, { kind: "replace", package: name, by }, replaced(of, other), searched);
    yield check(`${name} and ${by} as one`, { kind: "merge", packages: [name, by] }, merged([of, other]), searched);
  }
}
