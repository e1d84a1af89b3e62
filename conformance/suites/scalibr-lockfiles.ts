/**
 * osv-scalibr's own extractor tests, held against our readers. A case passes where we list the same packages: name, version and purl
 * type always, and line, commit, groups and metadata where the upstream test states them.
 *
 * Where the two models differ, the difference is bridged here and nowhere else:
 * - Upstream lists a package once; we list it wherever it is installed. Ours are compared as a set of name, version and commit.
 * - Upstream extractors fail as a whole, or give what they could read and an error. We throw, or give what we could read and problems
 *   that stand for the entries that we could not. `error` demands one of the two.
 * - For a range, upstream states the lowest version that it admits; we state the range on the edge and no version (a manifest pins
 *   nothing), so for manifests the lowest version is computed here.
 * - Upstream calls a module of deno.land a package of npm of the same name. It is not; here it is one for the comparison.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import semver from "semver";
import { diskContext, formatById, readListing } from "../../src/inventory/index.ts";
import { readInputFile } from "../../src/inventory/input.ts";
import { Fault, type Listing, parsePurl } from "../../src/model/index.ts";
import type { CaseResult, Suite } from "../suite.ts";
import { bridge, otherFormatFor, otherMetadata, type OurPackage, statesCommit } from "./scalibr-bridges.ts";

interface ExpectedPackage {
  readonly name: string;
  readonly version: string;
  /** null where upstream found no purl in an SBOM. */
  readonly purlType: string | null;
  readonly line?: number;
  readonly commit?: string;
  readonly repo?: string;
  readonly depGroups?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface ExpectedCase {
  readonly suite: string;
  readonly test: string;
  readonly name: string;
  readonly file: string;
  readonly packages?: readonly ExpectedPackage[] | null;
  readonly error?: string;
}

/** Which of our formats reads the files of which upstream suite. */
const formatOfSuite: Readonly<Record<string, string>> = {
  "language/javascript/bunlock": "npm/bun-lock",
  "language/javascript/denojson": "npm/deno-json",
  "language/javascript/denotssource": "npm/deno-source",
  "language/javascript/packagejson": "npm/package-json",
  "language/javascript/packagelockjson": "npm/package-lock",
  "language/javascript/pnpmlock": "npm/pnpm-lock",
  "language/javascript/vsix": "npm/vsix",
  "language/javascript/yarnlock": "npm/yarn-lock",
  "sbom/cdx": "sbom/cyclonedx",
  "sbom/spdx": "sbom/spdx",
};

export const suite: Suite = {
  name: "scalibr-lockfiles",
  archive: "scalibr-lockfiles",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    const cases = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as readonly ExpectedCase[];
    const named = new Map<string, number>();
    for (const expected of cases) {
      const base = `${expected.suite}/${expected.test}/${expected.name}`;
      const times = (named.get(base) ?? 0) + 1;
      named.set(base, times);
      const name = times === 1 ? base : `${base} (${times})`;
      const file = join(folder, "fixtures", expected.file);
      if (existsSync(file)) yield { name, ...(await judge(expected, file)) };
      else yield { name, outcome: "skipped", detail: `${expected.file} is not in the archive` };
    }
  },
};

async function judge(expected: ExpectedCase, file: string): Promise<Omit<CaseResult, "name">> {
  const format = formatById(formatOfSuite[expected.suite] ?? otherFormatFor(expected.suite, expected.file) ?? "");
  if (format === undefined) return { outcome: "failed", detail: `no format reads the files of ${expected.suite}` };
  let listing: Listing;
  try {
    ({ listing } = await readListing(readInputFile(file, expected.file), diskContext(dirname(file), dirname(expected.file)), format));
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code === "internal/bug") return { outcome: "failed", detail: String(cause) };
    if (expected.error === undefined) return { outcome: "failed", detail: `${cause.code}: ${cause.message}` };
    if (cause.place === undefined) return { outcome: "failed", detail: `the error names no place: ${cause.message}` };
    return (expected.packages ?? []).length === 0
      ? { outcome: "passed" }
      : { outcome: "failed", detail: `threw where upstream also gives packages: ${cause.message}` };
  }
  const lost = listing.problems.filter((problem) => problem.entry);
  if (expected.error !== undefined && lost.length === 0)
    return { outcome: "failed", detail: `nothing failed; expected: ${expected.error}` };
  const counted =
    listing.nodes.filter((node) => node.kind !== "root").length + lost.reduce((sum, problem) => sum + (problem.count ?? 1), 0);
  if (counted !== listing.listed) return { outcome: "failed", detail: `lists ${listing.listed}, accounts for ${counted}` };
  const wanted = expected.packages ?? [];
  const ours = oursFor(expected, listing);
  const isBill = expected.suite.startsWith("sbom/");
  const detail = isBill
    ? difference(
        expected.suite,
        wanted.map(billWanted),
        ours.map(billOurs).filter((one) => isStatedUpstream(one, wanted)),
      )
    : difference(expected.suite, wanted, ours);
  return detail === null ? { outcome: "passed" } : { outcome: "failed", detail };
}

/**
 * SBOMs: upstream calls a package by the last part of its purl, or by its CPE where it has no purl; a package with neither is not listed.
 * We call it as the document does, and make a `pkg:generic` for it.
 */
function billWanted(wanted: ExpectedPackage): ExpectedPackage {
  const product = wanted.name.startsWith("cpe:2.3:") ? (wanted.name.split(":")[4] ?? "") : wanted.name;
  return { ...wanted, name: product.toLowerCase(), purlType: wanted.purlType ?? "generic" };
}

function billOurs(one: OurPackage): OurPackage {
  const name = one.component === undefined || one.purlType === "generic" ? one.name : parsePurl(one.component.purl).name;
  return { ...one, name: name.toLowerCase() };
}

const isStatedUpstream = (one: OurPackage, wanted: readonly ExpectedPackage[]): boolean =>
  one.purlType !== "generic" || wanted.some((other) => billWanted(other).name === one.name);

function oursFor(expected: ExpectedCase, listing: Listing): readonly OurPackage[] {
  if (expected.suite !== "language/javascript/packagejson") return bridge(expected.suite, listing, packagesOf(listing));
  // Upstream reads a package.json as a package that is installed there; its dependencies are listed only under an option that, of
  // these tests, the one on duplicate keys sets. An extension of an editor or an engine is no package of npm.
  const own =
    listing.ecosystem === "npm" && listing.name !== "" && listing.version !== ""
      ? listing.roots.map((root) => ownPackage(listing, root))
      : [];
  return expected.name === "duplicate_keys_in_dev_deps" ? [...own, ...packagesOf(listing)] : own;
}

function ownPackage(listing: Listing, root: number): OurPackage {
  const node = listing.nodes[root];
  if (node === undefined) throw new Error("a root that is not there");
  const common = { purlType: "npm", commit: "", repo: "", groups: [], resolved: "", component: undefined };
  return { ...common, name: listing.name, version: listing.version, line: node.place.line, node };
}

function packagesOf(listing: Listing): readonly OurPackage[] {
  const ranges = new Map<number, string>();
  if (["npm/package-json", "npm/deno-json", "npm/deno-source"].includes(listing.format)) {
    for (const node of listing.nodes) for (const edge of node.edges) if (edge.to >= 0) ranges.set(edge.to, edge.range);
  }
  return listing.nodes.flatMap((node, index) => {
    if (node.kind === "root") return [];
    const component = listing.components[node.component];
    if (component === undefined) return [];
    const purl = parsePurl(component.purl);
    const range = ranges.get(index);
    const version = component.version === "" && range !== undefined ? lowest(purl.type, range) : component.version;
    // A manifest's dependency without any version is not stated upstream.
    if (range !== undefined && version === "") return [];
    const git = component.origin.kind === "git" ? component.origin : undefined;
    return [
      {
        name: component.name,
        version,
        purlType: host({ resolved: node.resolved }) === "deno.land" ? "npm" : purl.type,
        line: node.place.line,
        commit: git?.commit ?? "",
        repo: git?.url ?? "",
        groups: node.groups ?? [],
        resolved: node.resolved,
        node,
        component,
      },
    ];
  });
}

const lowest = (type: string, range: string): string =>
  type === "npm" && range !== "" ? (semver.minVersion(range)?.version ?? range) : range;

const label = (one: { readonly name: string; readonly version: string }): string => `${one.name}@${one.version}`;

function difference(suite: string, expected: readonly ExpectedPackage[], ours: readonly OurPackage[]): string | null {
  const unclaimed = new Set(ours);
  for (const wanted of expected) {
    const candidates = ours.filter((one) => one.name === wanted.name && one.version === wanted.version);
    if (candidates.length === 0) return `${label(wanted)} is missing; there are ${ours.map(label).slice(0, 8).join(", ")}`;
    const reasons = candidates.map((one) => disagreement(suite, wanted, one));
    const fits = candidates.filter((_, index) => reasons[index] === null);
    if (fits.length === 0) return `${label(wanted)}: ${reasons[0]}`;
    for (const one of fits) unclaimed.delete(one);
    // The same package at further places; which of them upstream speaks of is told by what it asserts.
    if (expected.filter((other) => label(other) === label(wanted)).length === 1) for (const one of candidates) unclaimed.delete(one);
  }
  const [extra] = unclaimed;
  return extra === undefined ? null : `${label(extra)} is listed by us alone (${unclaimed.size} in all)`;
}

function disagreement(suite: string, wanted: ExpectedPackage, one: OurPackage): string | null {
  if (one.purlType !== wanted.purlType) return `type ${one.purlType}, expected ${wanted.purlType}`;
  if (wanted.line !== undefined && one.line !== wanted.line) return `line ${one.line}, expected ${wanted.line}`;
  if (wanted.commit !== undefined && statesCommit(suite, one) && one.commit !== wanted.commit)
    return `commit ${one.commit}, expected ${wanted.commit}`;
  if (wanted.repo !== undefined && one.repo !== wanted.repo) return `repository ${one.repo}, expected ${wanted.repo}`;
  if (wanted.depGroups !== undefined && one.groups.toSorted().join() !== wanted.depGroups.toSorted().join()) {
    return `groups ${one.groups.join()}, expected ${wanted.depGroups.join()}`;
  }
  for (const [key, value] of Object.entries(wanted.metadata ?? {})) {
    const bridge = metadata[key];
    if (bridge !== undefined && bridge(one) !== value) return `${key} ${String(bridge(one))}, expected ${String(value)}`;
  }
  return null;
}

const host = (one: { readonly resolved: string }): string => (URL.canParse(one.resolved) ? new URL(one.resolved).host : "");

/** Upstream's metadata that our model holds in another form. What it does not hold (maintainers, descriptions) is not compared. */
const metadata: Readonly<Record<string, (one: OurPackage) => unknown>> = {
  URL: (one) => one.resolved,
  FromUnpkgCDN: (one) => host(one) === "unpkg.com",
  FromESMCDN: (one) => host(one) === "esm.sh",
  FromDenolandCDN: (one) => host(one) === "deno.land",
  GroupID: (one) => one.name.split(":")[0],
  ArtifactID: (one) => one.name.split(":")[1],
  PackageName: (one) => one.name,
  PackageVersion: (one) => one.version,
  IsTransitive: (one) => one.node.direct === false,
  ...otherMetadata,
};
