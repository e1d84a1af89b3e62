/**
 * The report as data. The form is `schema/report.schema.json`; `schemaVersion` counts up its second part when something is added
 * and its first when something that was there changes. Findings cite evidence by its id (the SHA-256 of its canonical form), so what
 * ten findings rest on is written once.
 */
import { byCodeUnit } from "../model/canonical.ts";
import { type Evidence, evidenceId, toStatement } from "../model/evidence.ts";
import type { Project } from "../model/project.ts";
import type { JudgedFinding, Report } from "../model/report.ts";
import { byWeight, findingId, fingerprint } from "./groups.ts";

const REPORT_SCHEMA_VERSION = "1.0";
const REPORT_SCHEMA_ID = "https://tributary.example/schema/report.schema.json";

/** The document as text, indented, with a line feed at the end. The same report gives the same bytes. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(reportDocument(report), null, 2)}\n`;
}

/** The document as plain data, in the order in which it is written. */
function reportDocument(report: Report): Readonly<Record<string, unknown>> {
  const { verdict } = report;
  const ids = evidenceIds();
  const findings = report.findings.toSorted(byWeight).map((finding) => findingDocument(finding, ids.of));
  return {
    $schema: REPORT_SCHEMA_ID,
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: report.tool,
    verdict: { verdict: verdict.verdict, because: verdict.because, counts: verdict.counts },
    answers: report.answers,
    findings,
    unanswered: verdict.unanswered,
    next: report.next,
    basis: report.basis,
    since: report.since,
    project: projectDocument(report.project),
    evidence: Object.fromEntries(ids.all().map(([id, evidence]) => [id, toStatement(evidence)])),
  };
}

/** Hashing is what a large report costs, and findings share evidence: each object is hashed once. */
function evidenceIds(): { readonly of: (evidence: Evidence) => string; readonly all: () => (readonly [string, Evidence])[] } {
  const seen = new Map<Evidence, string>();
  return {
    of: (evidence) => {
      const id = seen.get(evidence) ?? evidenceId(evidence);
      seen.set(evidence, id);
      return id;
    },
    all: () => [...new Map([...seen].map(([evidence, id]) => [id, evidence]))].toSorted(([a], [b]) => byCodeUnit(a, b)),
  };
}

function findingDocument(finding: JudgedFinding, idOf: (evidence: Evidence) => string): Readonly<Record<string, unknown>> {
  return {
    id: findingId(finding),
    fingerprint: fingerprint(finding),
    rule: finding.rule,
    question: finding.question,
    subject: finding.subject,
    severity: finding.severity,
    effect: finding.effect,
    message: finding.message,
    key: finding.key,
    places: finding.places,
    remedy: finding.remedy,
    references: finding.references,
    through: finding.through,
    paths: finding.paths,
    pathCount: finding.pathCount,
    ignore: finding.ignore,
    evidence: finding.evidence.map(idOf),
  };
}

function projectDocument(project: Project): Readonly<Record<string, unknown>> {
  const used = usage(project);
  return {
    name: project.name,
    version: project.version,
    files: project.files,
    components: project.components.map(({ purl, ecosystem, name, version, origin, licence }, index) => ({
      purl,
      ecosystem,
      name,
      version,
      origin,
      licence,
      ...used[index],
    })),
  };
}

export interface Usage {
  /** What a production install would bring, over all the places where it is installed. */
  readonly scope: "prod" | "optional" | "dev";
  /** Asked for by a root itself; null where no file says. */
  readonly direct: boolean | null;
  /** How many places it is installed in. */
  readonly nodes: number;
}

const scopes = ["prod", "optional", "dev"] as const;

/** How each component (by index) is used. */
export function usage(project: Project): readonly Usage[] {
  const result: { scope: Usage["scope"]; direct: boolean | null; nodes: number }[] = project.components.map(() => ({
    scope: "dev",
    direct: null,
    nodes: 0,
  }));
  for (const node of project.nodes) {
    const entry = result[node.component];
    if (entry === undefined) continue;
    entry.nodes += 1;
    if (scopes.indexOf(node.scope) < scopes.indexOf(entry.scope)) entry.scope = node.scope;
    if (node.direct !== null) entry.direct = entry.direct === true || node.direct;
  }
  return result;
}
