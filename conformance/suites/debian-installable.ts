/**
 * What of Debian bookworm 12.15 cannot be installed, as it is and without one package, against what `dose-distcheck` 7.0.0 said: a SAT solver
 * that others wrote and that knows versions, Conflicts and Essential. Another point release gives other numbers. `scripts/compare-dose.ts`
 * asks dose itself, about any packages.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { debianSuite } from "../../src/graph/debian.ts";
import { installing } from "../../src/graph/installing.ts";
import { unpackIndex } from "../../src/sources/debian.ts";
import { compareVersions } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

const INDEX = "bookworm-main-amd64-Packages.xz";

/** By package: how many cannot be installed without it, the 16 included that cannot be anyway. Where an essential one falls, all others. */
const WITHOUT: readonly (readonly [removed: string, broken: number | "all"])[] = [
  ["libssl3", 28_720],
  ["liblog4j2-java", 52],
  ["perl-base", 9802],
  ["systemd", 150],
  ["libsystemd0", 211],
  ["liblzma5", "all"],
  ["libreadline8", 12_515],
  ["liblogback-java", 51],
  ["python3-requests", 1169],
  ["debconf", "all"],
];
const ANYWAY: readonly string[] = [
  "console-setup-freebsd",
  "design-desktop",
  "design-desktop-animation",
  "design-desktop-graphics",
  "design-desktop-strict",
  "design-desktop-web",
  "parl-desktop",
  "parl-desktop-eu",
  "parl-desktop-strict",
  "parl-desktop-world",
  "webext-dav4tbsync",
  "webext-eas4tbsync",
  "webext-mailmindr",
  "webext-quicktext",
  "webext-tbsync",
  "webext-xnotepp",
];

export const suite: Suite = { name: "debian-installable", archive: "", data: "debian", run };

function* run(folder: string): Generator<CaseResult> {
  const debian = debianSuite(unpackIndex(readFileSync(join(folder, INDEX)), INDEX), null, {
    compareVersions: (a, b) => compareVersions("Debian", a, b),
    versions: true,
  });
  if (debian.constraints === null) throw new Error("an index that was read with versions has constraints");
  const { names, ids } = debian;
  const { without } = installing(debian, debian.constraints);
  const asIs = without([]);
  yield same("what cannot be installed as it is", [Array.from(asIs.broken, (node) => names[node]), asIs.undecided.length], [ANYWAY, 0]);
  for (const [removed, expected] of WITHOUT) {
    const { broken, undecided } = without([ids.get(removed) ?? -1]);
    // dose counts stanzas, of which some are older versions; packages are counted here.
    yield same(`without ${removed}`, [broken.length, undecided.length], [expected === "all" ? names.length - 1 : expected, 0]);
  }
}

function same(name: string, actual: unknown, expected: unknown): CaseResult {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  return is === should ? { name, outcome: "passed" } : { name, outcome: "failed", detail: `expected ${should}, came ${is}` };
}
