/** Small projects and gathered evidence for the rules' tests: written as one would say them, in full where a rule looks. */
import { createHash } from "node:crypto";
import type {
  AdvisoryClaim,
  ArtifactClaim,
  Check,
  CheckInput,
  CheckResult,
  Component,
  Edge,
  Evidence,
  EvidenceSet,
  Finding,
  LockfileEntryClaim,
  Node,
  Origin,
  PackageDocument,
  PackageManifest,
  Project,
  RegistryReleaseClaim,
  RuleSettings,
  TagSeen,
  Unavailable,
} from "../model/index.ts";
import { byCodeUnit, formatPurl } from "../model/index.ts";

const REGISTRY = "https://registry.example/";

export interface PackageFixture {
  /** Where it differs from the last part of the path: an alias. */
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: readonly string[];
  readonly resolved?: string;
  readonly origin?: Origin;
  readonly bundled?: boolean;
  readonly scope?: Node["scope"];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface ProjectFixture {
  readonly file?: string;
  readonly format?: string;
  readonly formatVersion?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** By place: `node_modules/a/node_modules/b`; what each asks for is found as Node finds it. */
  readonly packages: Readonly<Record<string, PackageFixture>>;
}

/** SHA-512 of a text, as Subresource Integrity. */
export const sri = (text: string, algorithm: "sha512" | "sha1" | "sha256" = "sha512"): string =>
  `${algorithm}-${createHash(algorithm).update(text).digest("base64")}`;

export const npmPurl = (name: string, version: string): string => {
  const slash = name.indexOf("/");
  return formatPurl({ type: "npm", namespace: slash === -1 ? "" : name.slice(0, slash), name: name.slice(slash + 1), version });
};

export const tarballUrl = (name: string, version: string): string =>
  `${REGISTRY}${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;

function projectOf(fixture: ProjectFixture): Project {
  const file = fixture.file ?? "package-lock.json";
  const places = Object.keys(fixture.packages);
  const byPurl = new Map<string, Component>();
  for (const place of places) {
    const component = componentOf(place, fixture.packages[place] ?? {});
    byPurl.set(component.purl, component);
  }
  const components = [...byPurl.values()].toSorted((a, b) => byCodeUnit(a.purl, b.purl));
  const number = new Map(["", ...places].map((place, index) => [place, index]));
  const edgesOf = (place: string, wanted: Readonly<Record<string, string>>, kind: Edge["kind"]): Edge[] =>
    Object.entries(wanted).map(([name, range]) => ({ to: resolve(place, name, number), name, range, kind }));
  const root: Node = {
    kind: "root",
    component: -1,
    name: "project",
    version: "1.0.0",
    file: 0,
    place: { file, line: 1 },
    path: "",
    integrity: [],
    resolved: "",
    edges: [...edgesOf("", fixture.dependencies ?? {}, "prod"), ...edgesOf("", fixture.devDependencies ?? {}, "dev")],
    scope: "prod",
    direct: null,
  };
  const nodes = places.map((place, index): Node => {
    const given = fixture.packages[place] ?? {};
    const component = componentOf(place, given);
    const node: Node = {
      kind: "component",
      component: components.findIndex(({ purl }) => purl === component.purl),
      name: lastName(place),
      version: component.version,
      file: 0,
      place: { file, line: index + 2, key: place },
      path: place,
      integrity: given.integrity ?? [sri(`${component.name}@${component.version}`)],
      resolved: given.resolved ?? tarballUrl(component.name, component.version),
      edges: [...edgesOf(place, given.dependencies ?? {}, "prod"), ...edgesOf(place, given.devDependencies ?? {}, "dev")],
      scope: given.scope ?? "prod",
      direct: root.edges.some((edge) => edge.to === index + 1),
    };
    return given.bundled === undefined ? node : Object.assign(node, { bundled: given.bundled });
  });
  return {
    name: "project",
    version: "1.0.0",
    files: [
      {
        path: file,
        format: fixture.format ?? "npm/package-lock",
        formatVersion: fixture.formatVersion ?? "3",
        sha256: "",
        ecosystem: "npm",
        listed: nodes.length,
        graph: "full",
        problems: [],
      },
    ],
    components,
    nodes: [root, ...nodes],
    roots: [0],
  };
}

function componentOf(place: string, given: PackageFixture): Component {
  const name = given.name ?? lastName(place);
  const version = given.version ?? "1.0.0";
  return { purl: npmPurl(name, version), ecosystem: "npm", name, version, origin: given.origin ?? { kind: "registry" } };
}

const lastName = (place: string): string => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

function resolve(place: string, name: string, numbers: ReadonlyMap<string, number>): number {
  for (let from = place; ; from = from.includes("/node_modules/") ? from.slice(0, from.lastIndexOf("/node_modules/")) : "") {
    const found = numbers.get(from === "" ? `node_modules/${name}` : `${from}/node_modules/${name}`);
    if (found !== undefined) return found;
    if (from === "") return -1;
  }
}

const seen = { source: REGISTRY, observedAt: "2026-11-01T00:00:00Z" };

export function manifestOf(name: string, version: string, more: Partial<PackageManifest> = {}): PackageManifest {
  return {
    name,
    version,
    dependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    bundleDependencies: [],
    scripts: {},
    bin: {},
    ...more,
  };
}

export function releaseOf(manifest: PackageManifest, more: Partial<RegistryReleaseClaim> = {}): Evidence<RegistryReleaseClaim> {
  const claim: RegistryReleaseClaim = {
    kind: "registry-release",
    manifest,
    tarball: tarballUrl(manifest.name, manifest.version),
    integrity: sri(`${manifest.name}@${manifest.version}`),
    shasum: "",
    signatures: [],
    ...more,
  };
  return { subject: { purl: npmPurl(manifest.name, manifest.version) }, claim, ...seen, strength: "asserted" };
}

export function artifactOf(
  manifest: PackageManifest,
  more: Partial<ArtifactClaim> = {},
  bytes = `${manifest.name}@${manifest.version}`,
): Evidence<ArtifactClaim> {
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  const claim: ArtifactClaim = {
    kind: "artifact",
    url: tarballUrl(manifest.name, manifest.version),
    size: bytes.length,
    sha1: digest("sha1"),
    sha256: digest("sha256"),
    sha512: digest("sha512"),
    files: 1,
    unpackedSize: bytes.length,
    manifest,
    hazards: [],
    ...more,
  };
  return { subject: { purl: npmPurl(manifest.name, manifest.version) }, claim, ...seen, strength: "observed" };
}

export function advisoryOf(id: string, more: Partial<AdvisoryClaim> = {}): Evidence<AdvisoryClaim> {
  const claim: AdvisoryClaim = {
    kind: "advisory",
    id,
    ids: [id],
    type: "vulnerability",
    summary: "A flaw",
    details: "",
    severity: { level: "high", score: 7.5, from: "CVSS:3.1" },
    cwes: [],
    fixed: [],
    reasons: [],
    openEnded: false,
    published: "2026-01-01T00:00:00Z",
    modified: "2026-01-01T00:00:00Z",
    references: [],
    records: [],
    ...more,
  };
  return { subject: { purl: "" }, claim, ...seen, strength: "asserted" };
}

/** A registry's document, from what each release asks for. */
export function documentOf(
  name: string,
  versions: Readonly<Record<string, Readonly<Record<string, string>>>>,
  more: { readonly latest?: string; readonly time?: Readonly<Record<string, string>>; readonly deprecated?: readonly string[] } = {},
): PackageDocument {
  const all = Object.keys(versions);
  const releases = new Map(
    Object.entries(versions).map(([version, dependencies]) => {
      const deprecated = more.deprecated?.includes(version) === true ? { deprecated: "old" } : {};
      return [version, releaseOf(manifestOf(name, version, { dependencies }), deprecated).claim];
    }),
  );
  return {
    name,
    versions: all,
    distTags: { latest: more.latest ?? all.at(-1) ?? "" },
    time: more.time ?? {},
    release: (version) => releases.get(version),
  };
}

export const offline: Unavailable = {
  unavailable: true,
  code: "source/offline",
  because: "not in the cache, and this run is offline",
  cure: "tributary check",
};
export const gone: Unavailable = { unavailable: true, code: "source/not-found", because: "the registry does not have it" };

export interface EvidenceFixture {
  readonly releases?: readonly Evidence<RegistryReleaseClaim>[];
  readonly artifacts?: readonly Evidence<ArtifactClaim>[];
  /** By `name@version`. */
  readonly advisories?: Readonly<Record<string, readonly Evidence<AdvisoryClaim>[]>>;
  readonly documents?: readonly PackageDocument[];
  /** By `name@version`. */
  readonly earlier?: Readonly<Record<string, readonly Evidence<LockfileEntryClaim>[]>>;
  /** By `name@version`: what names stood for when they were last seen. */
  readonly tagsSeen?: Readonly<Record<string, Readonly<Record<string, TagSeen>>>>;
  readonly registry?: string;
  readonly replacedHosts?: readonly string[];
  /** What is answered for everything that is not given. */
  readonly otherwise?: Unavailable;
}

const named = <T>(record: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> =>
  new Map(
    Object.entries(record ?? {}).map(([title, value]) => {
      const at = title.lastIndexOf("@");
      return [npmPurl(title.slice(0, at), title.slice(at + 1)), value];
    }),
  );

export function evidenceOf(fixture: EvidenceFixture): EvidenceSet {
  const otherwise = fixture.otherwise ?? offline;
  const releases = new Map(fixture.releases?.map((release) => [release.subject.purl, release]));
  const artifacts = new Map(fixture.artifacts?.map((artifact) => [artifact.subject.purl, artifact]));
  const documents = new Map(fixture.documents?.map((document) => [npmPurl(document.name, "0").replace(/@0$/, ""), document]));
  const advisories = named(fixture.advisories);
  const earlier = named(fixture.earlier);
  const tags = named(fixture.tagsSeen);
  return {
    release: (purl) => releases.get(purl) ?? otherwise,
    artifact: (purl) => artifacts.get(purl) ?? otherwise,
    advisories: (purl) => advisories.get(purl) ?? (fixture.advisories === undefined ? otherwise : []),
    document: (purl) => documents.get(purl.slice(0, purl.lastIndexOf("@"))) ?? otherwise,
    earlier: (purl) => earlier.get(purl) ?? [],
    tagsSeen: (purl) => (tags.has(purl) ? new Map(Object.entries(tags.get(purl) ?? {})) : null),
    registryOf: () => fixture.registry ?? REGISTRY,
    ...(fixture.replacedHosts === undefined ? {} : { replacedHosts: fixture.replacedHosts }),
  };
}

export function inputOf(
  project: ProjectFixture,
  evidence: EvidenceFixture = {},
  settings: Readonly<Record<string, RuleSettings>> = {},
): CheckInput {
  return {
    project: projectOf(project),
    evidence: evidenceOf(evidence),
    settings: (rule) => settings[rule] ?? { options: {} },
    now: "2026-11-23T00:00:00Z",
  };
}

/** Runs one rule. */
export function ask(
  check: Check,
  project: ProjectFixture,
  evidence: EvidenceFixture = {},
  options: RuleSettings["options"] = {},
): CheckResult {
  return check.run(inputOf(project, evidence, { [check.id]: { options } }));
}

/** The one finding that there must be. */
export function onlyFinding(result: CheckResult): Finding {
  const [finding, ...more] = result.findings;
  if (finding === undefined || more.length > 0)
    throw new Error(
      `one finding is expected, not ${result.findings.length}: ${JSON.stringify(result.findings.map(({ message }) => message))}`,
    );
  return finding;
}
