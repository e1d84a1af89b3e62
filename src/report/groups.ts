/**
 * Findings are told by what can be changed: the direct dependency that brings them in, since that is the line in the user's own
 * file. What several direct dependencies bring in at once stands under its own name; what concerns no component stands under the project.
 */
import { byCodeUnit, sha256 } from "../model/canonical.ts";
import { grouped } from "../model/count.ts";
import { findingKey, severities, type Severity, type Unanswered } from "../model/finding.ts";
import type { Effect, JudgedFinding, Report } from "../model/report.ts";

/** A command, and how many of the report's findings it cures. */
interface Cure {
  readonly command: string;
  readonly cures: number;
}

export interface FindingGroup {
  /** `direct`: one direct dependency brings all of it in. `shared`: several do. `project`: no component is concerned. */
  readonly kind: "direct" | "shared" | "project";
  /** `express@4.17.1`; the project's name for `project`. */
  readonly title: string;
  /** Direct dependencies that bring a shared one in. */
  readonly through: readonly string[];
  readonly effect: Effect;
  readonly severity: Severity;
  /** Worst first. */
  readonly findings: readonly JudgedFinding[];
  readonly cures: readonly Cure[];
}

export const effects: readonly Effect[] = ["block", "review", "note", "ignored"];

const effectRank = (effect: Effect): number => effects.indexOf(effect);
const severityRank = (severity: Severity): number => severities.indexOf(severity);

/** Worst first, then by subject, rule and key. */
export function byWeight(a: JudgedFinding, b: JudgedFinding): number {
  return (
    effectRank(a.effect) - effectRank(b.effect) ||
    severityRank(a.severity) - severityRank(b.severity) ||
    byCodeUnit(a.subject, b.subject) ||
    byCodeUnit(a.rule, b.rule) ||
    byCodeUnit(a.key, b.key)
  );
}

/** The findings that ask for something (ignored ones left out), by what can be changed; the group with the worst finding first. */
export function groupFindings(report: Report): FindingGroup[] {
  const names = new Map(report.project.components.map((component) => [component.purl, `${component.name}@${component.version}`]));
  const groups = new Map<string, { kind: FindingGroup["kind"]; title: string; through: readonly string[]; findings: JudgedFinding[] }>();
  for (const finding of report.findings.filter(({ effect }) => effect !== "ignored").toSorted(byWeight)) {
    const place = placeOf(finding, names.get(finding.subject), report.project.name);
    const key = `${place.kind} ${place.title}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...place, findings: [finding] });
    else group.findings.push(finding);
  }
  const result = [...groups.values()].flatMap((group): FindingGroup[] => {
    const [worst] = group.findings;
    return worst === undefined ? [] : [{ ...group, effect: worst.effect, severity: worst.severity, cures: curesOf(group.findings) }];
  });
  return result.toSorted(
    (a, b) =>
      effectRank(a.effect) - effectRank(b.effect) ||
      severityRank(a.severity) - severityRank(b.severity) ||
      b.findings.length - a.findings.length ||
      byCodeUnit(a.title, b.title),
  );
}

function placeOf(finding: JudgedFinding, subject: string | undefined, project: string): Pick<FindingGroup, "kind" | "title" | "through"> {
  const change = finding.remedy.change;
  if (change?.kind === "upgrade-direct") return { kind: "direct", title: `${change.name}@${change.from}`, through: [] };
  const [only] = finding.through;
  if (only !== undefined && finding.through.length === 1) return { kind: "direct", title: only, through: [] };
  if (finding.through.length > 1) return { kind: "shared", title: subject ?? finding.subject, through: finding.through };
  // A component that no root leads to (a flat file) stands under its own name.
  return subject === undefined ? { kind: "project", title: project, through: [] } : { kind: "shared", title: subject, through: [] };
}

function curesOf(findings: readonly JudgedFinding[]): Cure[] {
  const counts = new Map<string, number>();
  for (const { remedy } of findings) {
    if (remedy.command !== undefined) counts.set(remedy.command, (counts.get(remedy.command) ?? 0) + 1);
  }
  // A stable sort: of two that cure as many, the one for the worse finding stays first.
  return [...counts].map(([command, cures]) => ({ command, cures })).toSorted((a, b) => b.cures - a.cures);
}

/** How a finding is called where room is short: the advisory's id, or the rule. */
export function shortId(finding: JudgedFinding): string {
  const claim = finding.evidence.find((evidence) => evidence.claim.kind === "advisory")?.claim;
  return claim?.kind === "advisory" ? claim.id : finding.rule;
}

/** Twelve hexadecimal digits that name a finding across runs, machines and line numbers (of the SHA-256 of rule, subject and key). */
export function findingId(finding: JudgedFinding): string {
  return fingerprint(finding).slice(0, 12);
}

/** All 64 of them. */
export function fingerprint(finding: JudgedFinding): string {
  return sha256(findingKey(finding));
}

export { grouped as count } from "../model/count.ts";

/** `1 finding`, `1,204 findings`. */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

/** `1 critical, 2 high`. */
export function severityCounts(findings: readonly JudgedFinding[]): string {
  return severities
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => `${grouped(number)} ${severity}`)
    .join(", ");
}

/** The name and version under which people know a purl's component; the purl itself where the project does not hold it. */
export function nameOf(report: Report): (purl: string) => string {
  const names = new Map(report.project.components.map(({ purl, name, version }) => [purl, version === "" ? name : `${name}@${version}`]));
  return (purl) => names.get(purl) ?? purl;
}

/** The name and version in a purl, for a component that the project no longer holds. */
export function releaseOf(purl: string): string {
  return purl.replace(/^pkg:[^/]+\//, "").replaceAll("%40", "@");
}

/** Things that could not be answered for the same rule and are cured in the same way, told as one. */
export interface OpenQuestion extends Unanswered {
  /** All the reasons, without repetition; `because` is the first. */
  readonly reasons: readonly string[];
}

/** What is open, in the order in which it first came; what concerns all stands apart from what concerns some. */
export function openQuestions(report: Report): OpenQuestion[] {
  const groups = new Map<string, { readonly first: Unanswered; readonly subjects: Set<string>; readonly reasons: Set<string> }>();
  for (const one of report.verdict.unanswered) {
    const key = [one.question, one.rule, one.cure ?? "", one.subjects.length === 0 ? one.because : ""].join("\n");
    const group = groups.get(key) ?? { first: one, subjects: new Set<string>(), reasons: new Set<string>() };
    groups.set(key, group);
    for (const subject of one.subjects) group.subjects.add(subject);
    group.reasons.add(one.because);
  }
  return [...groups.values()].map(({ first, subjects, reasons }) =>
    Object.assign({}, first, { subjects: [...subjects], reasons: [...reasons] }),
  );
}

/** `the network was not asked (and 2 other reasons)`. */
export function reasonOf({ because, reasons }: OpenQuestion): string {
  const others = reasons.length - 1;
  return others === 0 ? because : `${because.replace(/\.$/, "")} (and ${counted(others, "other reason")})`;
}
