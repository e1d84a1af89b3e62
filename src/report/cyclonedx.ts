/**
 * A project as a CycloneDX BOM (https://cyclonedx.org/docs/1.7/json/), and a report as the same BOM with what is known against it.
 *
 *     roots ──> metadata.component      component ──> components[]      edges ──> dependencies[]
 *     findings of advisories ──> vulnerabilities[] with VEX analysis    what we do not know ──> compositions[]
 *
 * The same project gives the same bytes: the serial number is made from the content, and there is a timestamp only where the
 * caller has one (the age of the evidence, SOURCE_DATE_EPOCH).
 */
import {
  type AdvisoryClaim,
  type Component,
  type Json,
  type JudgedFinding,
  type Node,
  type Project,
  type Report,
  type SeverityLevel,
  byCodeUnit,
  canonicalJson,
  sha256,
} from "../model/index.ts";
import { isDeprecatedLicence, readLicence } from "../model/licence.ts";

export type CycloneDxVersion = "1.6" | "1.7";

export interface CycloneDxOptions {
  /** Default: 1.6, which most readers of today take. */
  readonly version?: CycloneDxVersion;
  /** Tributary's own version, for `metadata.tools`; left out where it is not given. */
  readonly toolVersion?: string;
  /** ISO 8601; absent: the BOM carries no clock. */
  readonly timestamp?: string;
}

export type JsonObject = Readonly<Record<string, Json | undefined>>;

/** A CycloneDX document as JSON data: every member is ours, in the order of the specification. */
export type CycloneDxBom = JsonObject & { readonly bomFormat: "CycloneDX"; readonly specVersion: CycloneDxVersion };

const HASH_NAMES: Readonly<Record<string, string>> = {
  md5: "MD5",
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

const SCOPES = { prod: "required", optional: "optional", dev: "excluded" } as const;

/** `urn:uuid:` with a version 8 UUID (RFC 9562 section 5.8) made from a text: the same content has the same name. */
export function contentUrn(text: string): string {
  const hex = sha256(text);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The time that a document may carry: `SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/), else none. */
export function reproducibleTimestamp(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const seconds = env["SOURCE_DATE_EPOCH"];
  if (seconds === undefined || !/^\d{1,11}$/u.test(seconds)) return undefined;
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

/**
 * The project as a CycloneDX BOM.
 *
 * Each component is listed once, under its purl, with every place that holds it as an occurrence; a component whose
 * dependencies the files do not tell has no entry in `dependencies` (an empty one would say that it needs nothing), and
 * `compositions` says so.
 */
export function projectToCycloneDx(project: Project, options: CycloneDxOptions = {}): CycloneDxBom {
  return bom(project, options, {});
}

/** The report as a CycloneDX BOM with `vulnerabilities`; the timestamp is that of the newest evidence unless `options` has one. */
export function reportToCycloneDx(report: Report, options: CycloneDxOptions = {}): CycloneDxBom {
  const timestamp = options.timestamp ?? (report.basis.newest === "" ? undefined : report.basis.newest);
  const known = new Set(report.project.components.map((component) => component.purl));
  const vulnerabilities = report.findings.flatMap((finding) => vulnerabilitiesOf(finding, known));
  const properties: Json[] = [
    { name: "tributary:verdict", value: report.verdict.verdict },
    { name: "tributary:verdict:because", value: report.verdict.because },
    ...report.verdict.unanswered.map((gap) => ({
      name: `tributary:unanswered:${gap.rule === "" ? gap.question : gap.rule}`,
      value: gap.subjects.length === 0 ? gap.because : `${gap.because} (${gap.subjects.length} components)`,
    })),
  ];
  return bom(
    report.project,
    { toolVersion: report.tool.version, ...options, ...(timestamp !== undefined && { timestamp }) },
    { properties, vulnerabilities: mergeById(vulnerabilities) },
  );
}

interface Extras {
  readonly properties?: readonly Json[];
  readonly vulnerabilities?: readonly Vulnerability[];
}

function bom(project: Project, options: CycloneDxOptions, extras: Extras): CycloneDxBom {
  const specVersion = options.version ?? "1.6";
  const nodesOf = nodesByComponent(project);
  const rootRef = rootReference(project);
  const components = project.components.map((component, index) => componentJson(project, component, nodesOf[index] ?? []));
  const tool: JsonObject = {
    type: "application",
    name: "tributary",
    version: options.toolVersion,
  };
  const body: JsonObject = {
    version: 1,
    metadata: {
      timestamp: options.timestamp,
      tools: { components: [tool] },
      component: rootJson(project, rootRef),
      properties: extras.properties !== undefined && extras.properties.length > 0 ? extras.properties : undefined,
    },
    components,
    dependencies: dependenciesJson(project, rootRef, nodesOf),
    compositions: compositionsJson(project, rootRef),
    vulnerabilities: extras.vulnerabilities as unknown as Json | undefined,
  };
  const schema = `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`;
  return {
    $schema: schema,
    bomFormat: "CycloneDX",
    specVersion,
    // Made here in one fixed order, so the plain text is as good a name for the content as the canonical one, at a third of the cost.
    serialNumber: contentUrn(JSON.stringify(body)),
    ...body,
  };
}

function nodesByComponent(project: Project): readonly (readonly Node[])[] {
  const result: Node[][] = project.components.map(() => []);
  for (const node of project.nodes) if (node.component >= 0) result[node.component]?.push(node);
  return result;
}

/** The root's reference never collides with a purl: those begin with `pkg:`. */
function rootReference(project: Project): string {
  return `root:${project.name}${project.version === "" ? "" : `@${project.version}`}`;
}

const memberReference = (rootRef: string, node: Node): string => (node.path === "" ? rootRef : `${rootRef}#${node.path}`);

function rootJson(project: Project, rootRef: string): JsonObject {
  const members = new Map<string, JsonObject>();
  for (const index of project.roots) {
    const node = project.nodes[index];
    if (node === undefined || node.path === "") continue;
    const ref = memberReference(rootRef, node);
    if (members.has(ref)) continue;
    members.set(ref, {
      type: "application",
      "bom-ref": ref,
      ...splitName(node.name === "" ? node.path : node.name),
      version: node.version === "" ? undefined : node.version,
    });
  }
  const sorted = [...members.keys()].toSorted(byCodeUnit).map((ref) => members.get(ref) as Json);
  return {
    type: "application",
    "bom-ref": rootRef,
    ...splitName(project.name === "" ? "unnamed" : project.name),
    version: project.version === "" ? undefined : project.version,
    components: sorted.length === 0 ? undefined : sorted,
  };
}

/** `@scope/name` and `group:artifact` hold a group; every other name stands whole. */
function splitName(name: string): { readonly group?: string; readonly name: string } {
  const at = name.startsWith("@") ? name.indexOf("/") : name.indexOf(":");
  return at <= 0 || at === name.length - 1 ? { name } : { group: name.slice(0, at), name: name.slice(at + 1) };
}

function componentJson(project: Project, component: Component, nodes: readonly Node[]): JsonObject {
  const scope = nodes.some((node) => node.scope === "prod")
    ? SCOPES.prod
    : nodes.some((node) => node.scope === "optional")
      ? SCOPES.optional
      : nodes.length > 0
        ? SCOPES.dev
        : undefined;
  return {
    type: "library",
    "bom-ref": component.purl,
    ...(component.ecosystem === "npm" || component.ecosystem === "Maven" ? splitName(component.name) : { name: component.name }),
    version: component.version === "" ? undefined : component.version,
    scope,
    hashes: hashesJson(nodes),
    licenses: licencesJson(component.licence),
    purl: component.purl,
    externalReferences: referencesJson(component, nodes),
    properties: propertiesJson(component, nodes),
    evidence: evidenceJson(project, nodes),
  };
}

/** Subresource Integrity (base64) as CycloneDX has it (hexadecimal); an algorithm that CycloneDX has no name for is left to `properties`. */
function hashesJson(nodes: readonly Node[]): readonly Json[] | undefined {
  const seen = new Map<string, Json>();
  for (const node of nodes) {
    for (const sri of node.integrity) {
      const dash = sri.indexOf("-");
      const alg = HASH_NAMES[sri.slice(0, dash)];
      if (alg === undefined) continue;
      const content = Buffer.from(sri.slice(dash + 1).split("?")[0] ?? "", "base64").toString("hex");
      if (!HASH_LENGTHS.has(content.length)) continue;
      seen.set(`${alg} ${content}`, { alg, content });
    }
  }
  return seen.size === 0 ? undefined : [...seen.keys()].toSorted(byCodeUnit).map((key) => seen.get(key) as Json);
}

/** Hexadecimal digits of MD5, SHA-1, SHA-256, SHA-384 and SHA-512: what the schema takes as a hash. */
const HASH_LENGTHS: ReadonlySet<number> = new Set([32, 40, 64, 96, 128]);

const licenceCache = new Map<string, readonly Json[]>();
/** Licences repeat; a tree that names more different ones than this starts over. */
const LICENCE_CACHE_ENTRIES = 2000;

function licencesJson(text: string | undefined): readonly Json[] | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const cached = licenceCache.get(text);
  if (cached !== undefined) return cached;
  const reading = readLicence(text);
  const node = reading.node;
  let json: readonly Json[];
  if (node === null) json = [{ license: { name: text } }];
  else if (node.kind === "licence" && !node.orLater && node.exception === undefined && !isDeprecatedLicence(node.id)) {
    json = [{ license: { id: node.id } }];
  } else if (node.kind === "ref" && reading.notes.some((note) => note.kind === "unknown")) json = [{ license: { name: text } }];
  else json = [{ expression: reading.expression }];
  if (licenceCache.size >= LICENCE_CACHE_ENTRIES) licenceCache.clear();
  licenceCache.set(text, json);
  return json;
}

function referencesJson(component: Component, nodes: readonly Node[]): readonly Json[] | undefined {
  const urls = new Set<string>();
  for (const node of nodes) if (/^https?:\/\/[^\s<>"{}|\\^`]+$/u.test(node.resolved)) urls.add(withoutCredentials(node.resolved));
  const references: Json[] = [...urls].toSorted(byCodeUnit).map((url) => ({ url, type: "distribution" }));
  if (component.origin.kind === "git") {
    references.push({ url: withoutCredentials(component.origin.url), type: "vcs", comment: `commit ${component.origin.commit}` });
  }
  return references.length === 0 ? undefined : references;
}

/** Addresses in lockfiles sometimes carry a password; a BOM is given to others. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/iu, "$1");
}

function propertiesJson(component: Component, nodes: readonly Node[]): readonly Json[] | undefined {
  const properties: Json[] = [];
  // Taxonomy: https://github.com/CycloneDX/cyclonedx-property-taxonomy/blob/main/cdx/npm.md
  if (component.ecosystem === "npm") {
    if (nodes.length > 0 && nodes.every((node) => node.scope === "dev")) {
      properties.push({ name: "cdx:npm:package:development", value: "true" });
    }
    if (nodes.some((node) => node.bundled === true)) properties.push({ name: "cdx:npm:package:bundled", value: "true" });
  }
  if (nodes.some((node) => node.installScript === true)) properties.push({ name: "tributary:installScript", value: "true" });
  if (nodes.some((node) => node.direct === true)) properties.push({ name: "tributary:direct", value: "true" });
  const aliases = new Set(nodes.filter((node) => node.name !== component.name && node.name !== "").map((node) => node.name));
  for (const alias of [...aliases].toSorted(byCodeUnit)) properties.push({ name: "tributary:alias", value: alias });
  return properties.length === 0 ? undefined : properties;
}

/** `evidence.occurrences`: which line of which of the user's files holds the component. */
function evidenceJson(project: Project, nodes: readonly Node[]): JsonObject | undefined {
  const occurrences = nodes
    .map((node) => ({ file: project.files[node.file]?.path ?? node.place.file, node }))
    .toSorted(
      (a, b) => byCodeUnit(a.file, b.file) || (a.node.place.line ?? 0) - (b.node.place.line ?? 0) || byCodeUnit(a.node.path, b.node.path),
    )
    .map(({ file, node }) => ({
      location: file,
      line: node.place.line,
      additionalContext: node.path === "" ? undefined : node.path,
    }));
  if (occurrences.length === 0) return undefined;
  const unique = new Map(
    occurrences.map((occurrence) => [`${occurrence.location}\0${occurrence.line}\0${occurrence.additionalContext}`, occurrence]),
  );
  return { occurrences: [...unique.values()] };
}

function dependenciesJson(project: Project, rootRef: string, nodesOf: readonly (readonly Node[])[]): readonly Json[] {
  const told = (node: Node): boolean => project.files[node.file]?.graph !== "flat" || node.edges.length > 0;
  const targets = (nodes: readonly Node[]): readonly string[] => {
    const refs = new Set<string>();
    for (const node of nodes) {
      for (const edge of node.edges) {
        const target = edge.to < 0 ? undefined : project.nodes[edge.to];
        if (target === undefined) continue;
        const component = target.component < 0 ? undefined : project.components[target.component];
        refs.add(component === undefined ? memberReference(rootRef, target) : component.purl);
      }
    }
    return [...refs].toSorted(byCodeUnit);
  };
  const entry = (ref: string, nodes: readonly Node[]): Json => {
    const dependsOn = targets(nodes);
    return dependsOn.length === 0 ? { ref } : { ref, dependsOn };
  };

  const roots = new Map<string, Node[]>([[rootRef, []]]);
  for (const index of project.roots) {
    const node = project.nodes[index];
    if (node === undefined) continue;
    const ref = memberReference(rootRef, node);
    const list = roots.get(ref);
    if (list === undefined) roots.set(ref, [node]);
    else list.push(node);
  }
  const result: Json[] = [];
  for (const ref of [...roots.keys()].toSorted(byCodeUnit)) {
    const nodes = roots.get(ref) ?? [];
    if (nodes.some(told)) result.push(entry(ref, nodes));
  }
  for (const [index, component] of project.components.entries()) {
    const nodes = nodesOf[index] ?? [];
    if (nodes.some(told)) result.push(entry(component.purl, nodes));
  }
  return result;
}

/** Says how complete the lists are: known unknowns are part of a BOM (https://cyclonedx.org/guides/, NTIA minimum elements). */
function compositionsJson(project: Project, rootRef: string): readonly Json[] {
  const missing = project.files.some((file) => file.problems.some((problem) => problem.entry));
  const partial = project.files.some((file) => file.graph === "partial");
  const flat = project.files.length === 0 || project.files.some((file) => file.graph === "flat");
  const aggregate = missing || partial ? "incomplete" : flat ? "unknown" : "complete";
  return [{ aggregate, assemblies: [rootRef], dependencies: [rootRef] }];
}

// ---- what is known against it ----

interface Vulnerability {
  readonly "bom-ref": string;
  readonly id: string;
  readonly source?: Json;
  readonly references?: readonly Json[];
  readonly ratings?: readonly Json[];
  readonly cwes?: readonly number[];
  readonly description?: string;
  readonly detail?: string;
  readonly recommendation?: string;
  readonly advisories?: readonly Json[];
  readonly published?: string;
  readonly updated?: string;
  readonly analysis: Json;
  readonly affects: readonly { readonly ref: string; readonly versions?: readonly Json[] }[];
  readonly properties?: readonly Json[];
}

const LEVELS: Readonly<Record<SeverityLevel, string>> = {
  critical: "critical",
  high: "high",
  moderate: "medium",
  low: "low",
  none: "none",
  unknown: "unknown",
};

const METHODS: Readonly<Record<string, string>> = {
  "CVSS:2.0": "CVSSv2",
  "CVSS:3.0": "CVSSv3",
  "CVSS:3.1": "CVSSv31",
  "CVSS:4.0": "CVSSv4",
};

function vulnerabilitiesOf(finding: JudgedFinding, known: ReadonlySet<string>): readonly Vulnerability[] {
  if (!known.has(finding.subject)) return [];
  const result: Vulnerability[] = [];
  for (const evidence of finding.evidence) {
    if (evidence.claim.kind === "advisory") result.push(vulnerability(finding, evidence.claim));
  }
  return result;
}

function vulnerability(finding: JudgedFinding, claim: AdvisoryClaim): Vulnerability {
  const { level, score, vector, from } = claim.severity;
  const cwes = claim.cwes.map((cwe) => Number(/^CWE-(\d+)$/iu.exec(cwe)?.[1])).filter((number) => number > 0);
  const aliases = claim.ids.filter((id) => id !== claim.id);
  const advisories = claim.references.filter((url) => /^https?:\/\/[^\s<>"{}|\\^`]+$/u.test(url)).map((url) => ({ url }));
  const command = finding.remedy.command === undefined ? "" : `\n\n    ${finding.remedy.command}`;
  return {
    "bom-ref": `${claim.id}/${finding.subject}`,
    id: claim.id,
    source: sourceOf(claim.id),
    ...(aliases.length > 0 && { references: aliases.map((id) => ({ id, source: sourceOf(id) })) }),
    ratings: [
      {
        score,
        severity: LEVELS[level],
        method: from === undefined ? undefined : (METHODS[from] ?? "other"),
        vector,
      },
    ],
    ...(cwes.length > 0 && { cwes }),
    ...(claim.summary !== "" && { description: claim.summary }),
    ...(claim.details !== "" && { detail: claim.details }),
    recommendation: `${finding.remedy.text}${command}`,
    ...(advisories.length > 0 && { advisories }),
    ...(claim.published !== "" && { published: claim.published }),
    ...(claim.modified !== "" && { updated: claim.modified }),
    analysis: analysisOf(finding, claim),
    affects: [{ ref: finding.subject }],
    ...(claim.type !== "vulnerability" && { properties: [{ name: "tributary:advisory:type", value: claim.type }] }),
  };
}

/**
 * VEX (https://cyclonedx.org/capabilities/vex/): whether the flaw can be exploited is for a person to say, so what nobody has
 * looked at is `in_triage`. An ignore says that somebody looked: its reason is told, but it is no claim of `not_affected`.
 */
function analysisOf(finding: JudgedFinding, claim: AdvisoryClaim): Json {
  const response = claim.fixed.length > 0 ? ["update"] : undefined;
  if (finding.ignore === undefined) return { state: "in_triage", response };
  const until = `${finding.ignore.expired ? "was ignored" : "ignored"} until ${finding.ignore.expires}: ${finding.ignore.reason}`;
  return { state: "in_triage", response, detail: until };
}

function sourceOf(id: string): Json {
  if (id.startsWith("CVE-")) return { name: "NVD", url: `https://nvd.nist.gov/vuln/detail/${id}` };
  if (id.startsWith("GHSA-")) return { name: "GitHub", url: `https://github.com/advisories/${id}` };
  return { name: "OSV", url: `https://osv.dev/vulnerability/${encodeURIComponent(id)}` };
}

/** One entry for an advisory with all that it affects, where everything else in it is equal; sorted by id. */
function mergeById(list: readonly Vulnerability[]): readonly Vulnerability[] {
  const groups = new Map<string, Vulnerability>();
  for (const item of list) {
    const { affects, "bom-ref": _, ...rest } = item;
    const key = canonicalJson(rest as unknown as Json);
    const before = groups.get(key);
    groups.set(key, before === undefined ? item : { ...before, affects: [...before.affects, ...affects] });
  }
  const sorted: Vulnerability[] = [];
  for (const item of groups.values()) {
    const affects = [...new Map(item.affects.map((affected) => [affected.ref, affected])).values()];
    sorted.push({ ...item, affects: affects.toSorted((a, b) => byCodeUnit(a.ref, b.ref)) });
  }
  return sorted.toSorted((a, b) => byCodeUnit(a["bom-ref"], b["bom-ref"]));
}

/** The BOM as text: two spaces, a newline at the end. */
export function cycloneDxText(document: CycloneDxBom): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
