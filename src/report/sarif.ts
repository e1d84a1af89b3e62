/**
 * SARIF 2.1.0 (OASIS), one run, made for GitHub's code scanning and for any other reader.
 *
 * A finding that rests on an advisory gets a rule of its own under its rule's name (`advisories/known-vulnerability/GHSA-…`, a
 * hierarchical id after section 3.5.4): GitHub reads title and severity from rules only, and one severity for all flaws would be wrong
 * for nearly all of them. What could not be answered becomes a notification of the run, so that a reader of the file sees it too.
 */
import { byCodeUnit } from "../model/canonical.ts";
import type { AdvisoryClaim } from "../model/evidence.ts";
import type { Place } from "../model/fault.ts";
import { severities, type Severity } from "../model/finding.ts";
import type { JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext, RuleInfo } from "./format.ts";
import { byWeight, count, fingerprint, nameOf, openQuestions, reasonOf } from "./groups.ts";
import { lineHashes } from "./line-hash.ts";
import { clip, neutraliseLines } from "./text.ts";

/** GitHub keeps 5,000 results of a run; the worst are written. */
export const MOST_RESULTS = 5_000;
/** GitHub takes 20 tags of a rule, and 1,000 locations of a result. */
const MOST_TAGS = 20;
const MOST_PLACES = 100;
/** GitHub cuts titles; a first sentence that is longer is no title. */
const LONGEST_TITLE = 255;
/** A message is a few sentences; what is longer would cost a place among the ten megabytes that GitHub takes. */
const LONGEST_MESSAGE = 8_000;

type Level = "error" | "warning" | "note";
type Data = Readonly<Record<string, unknown>>;

const levels: Readonly<Record<Severity, Level>> = { critical: "error", high: "error", moderate: "warning", low: "note", info: "note" };

/** GitHub's bands: critical from 9.0, high from 7.0, medium from 4.0, low above 0. What has no score gets the middle of its band. */
const bands: Readonly<Record<Severity, readonly [from: number, below: number, middle: number]>> = {
  critical: [9, 10.1, 9.5],
  high: [7, 9, 8],
  moderate: [4, 7, 5.5],
  low: [0.1, 4, 2],
  info: [0, 0.1, 0],
};

export function formatSarif(report: Report, context: OutputContext): string {
  return `${JSON.stringify(sarifLog(report, context), null, 2)}\n`;
}

/** The log as plain data. */
function sarifLog(report: Report, context: OutputContext): Data {
  const all = report.findings.toSorted(byWeight);
  // Ignored ones come last in weight, so they are the first to be left out.
  const findings = all.slice(0, MOST_RESULTS);
  const rules = rulesOf(findings, context);
  const name = nameOf(report);
  const ruleIndex = new Map(rules.map((rule, index) => [rule.id, index]));
  const hashes = hashPlaces(findings, report, context);
  const cwes = [...new Set(rules.flatMap((rule) => rule.cwes))].toSorted((a, b) => cweNumber(a) - cweNumber(b));
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Tributary",
            semanticVersion: report.tool.version,
            rules: rules.map(({ descriptor }) => descriptor),
            ...taxonomyReference(cwes),
          },
        },
        automationDetails: {
          id: automationId(context.category),
          description: { text: "Open source that the project stands on: tributary check" },
        },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(report, all.length - findings.length) }],
        originalUriBaseIds: { SRCROOT: { description: { text: "The folder in which the check was started" } } },
        artifacts: report.project.files.map(({ path, sha256 }) => ({
          location: location(path),
          roles: ["analysisTarget"],
          hashes: { "sha-256": sha256 },
        })),
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, { report, ruleIndex, name, hash: hashes(finding) })),
        ...(cwes.length === 0 ? {} : { taxonomies: [taxonomy(cwes)] }),
        properties: { verdict: report.verdict.verdict, because: neutraliseLines(report.verdict.because) },
      },
    ],
  };
}

/** What stands before the last slash is GitHub's category: reports on different folders of one repository do not close each other's alerts. */
const automationId = (category: string): string => (category === "" ? "tributary/" : `tributary/${category.replaceAll(/^\/+|\/+$/g, "")}/`);

interface Rule {
  readonly id: string;
  readonly cwes: readonly string[];
  readonly descriptor: Data;
}

const advisoryOf = (finding: JudgedFinding): AdvisoryClaim | undefined => {
  const claim = finding.evidence.find((evidence) => evidence.claim.kind === "advisory")?.claim;
  return claim?.kind === "advisory" ? claim : undefined;
};

const ruleIdOf = (finding: JudgedFinding): string => {
  const advisory = advisoryOf(finding);
  return advisory === undefined ? finding.rule : `${finding.rule}/${advisory.id}`;
};

function rulesOf(findings: readonly JudgedFinding[], context: OutputContext): Rule[] {
  // The findings come worst first, so the first of a rule says how bad the rule can be.
  const first = new Map<string, JudgedFinding>();
  const worst = new Map<string, Severity>();
  for (const finding of findings) {
    const id = ruleIdOf(finding);
    if (!first.has(id)) first.set(id, finding);
    const before = worst.get(id);
    if (before === undefined || severities.indexOf(finding.severity) < severities.indexOf(before)) worst.set(id, finding.severity);
  }
  return [...first]
    .map(([id, finding]) => ruleOf(id, finding, worst.get(id) ?? finding.severity, context.ruleOf(finding.rule)))
    .toSorted((a, b) => byCodeUnit(a.id, b.id));
}

function ruleOf(id: string, finding: JudgedFinding, severity: Severity, info: RuleInfo | undefined): Rule {
  const advisory = advisoryOf(finding);
  const cwes = [...new Set([...(advisory?.cwes ?? []), ...(info?.tags ?? [])])].filter((tag) => cwe.test(tag)).slice(0, MOST_TAGS - 4);
  const tags = ["security", finding.question, ...cwes.map((name) => `external/cwe/${name.toLowerCase()}`)].slice(0, MOST_TAGS);
  const title = advisory?.summary || info?.title || finding.rule;
  const help = [advisory === undefined ? "" : `${advisory.ids.join(", ")}\n\n${advisory.summary}`, info?.page ?? finding.remedy.text]
    .filter((part) => part !== "")
    .join("\n\n");
  return {
    id,
    cwes,
    descriptor: {
      id,
      name: pascalCase(finding.rule),
      shortDescription: { text: shorten(neutraliseLines(title)) },
      fullDescription: { text: neutraliseLines(advisory?.details || info?.motivation || title).slice(0, 1_000) },
      help: { text: neutraliseLines(help), markdown: neutraliseLines(help) },
      ...(advisory?.references[0] !== undefined && /^https:\/\/[^\s"<>]+$/.test(advisory.references[0])
        ? { helpUri: encodeURI(decodeSafely(advisory.references[0])) }
        : {}),
      defaultConfiguration: { level: levels[severity] },
      ...(cwes.length === 0
        ? {}
        : { relationships: cwes.map((name) => ({ target: { id: name, toolComponent: { name: "CWE" } }, kinds: ["relevant"] })) }),
      properties: { tags, precision: "high", ...securitySeverity(severity, advisory?.severity.score) },
    },
  };
}

/** An address that is encoded in part must not be encoded twice. */
function decodeSafely(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** The advisory's own score where it says the same as our severity (a policy may have changed that), else the middle of the band. */
function securitySeverity(severity: Severity, score: number | undefined): Data {
  const [from, below, middle] = bands[severity];
  const value = score !== undefined && score >= from && score < below ? score : middle;
  return value === 0 ? {} : { "security-severity": value.toFixed(1) };
}

const shorten = (text: string): string => (text.length <= LONGEST_TITLE ? text : `${text.slice(0, LONGEST_TITLE - 1)}…`);
const pascalCase = (rule: string): string => rule.replaceAll(/(?:^|[/-])([a-z])/g, (_, letter: string) => letter.toUpperCase());

interface ResultContext {
  readonly report: Report;
  readonly ruleIndex: ReadonlyMap<string, number>;
  readonly name: (purl: string) => string;
  readonly hash: string | undefined;
}

function resultOf(finding: JudgedFinding, { report, ruleIndex, name, hash }: ResultContext): Data {
  const ruleId = ruleIdOf(finding);
  const places = finding.places.length > 0 ? finding.places.slice(0, MOST_PLACES) : defaultPlaces(report);
  return {
    ruleId,
    ruleIndex: ruleIndex.get(ruleId),
    level: levels[finding.severity],
    message: { text: messageOf(finding) },
    locations: places.slice(0, 1).map((place) => physical(place, finding, name(finding.subject))),
    ...(places.length < 2
      ? {}
      : {
          relatedLocations: places
            .slice(1)
            .map((place, index) => Object.assign(physical(place), { id: index + 1, message: { text: "also here" } })),
        }),
    partialFingerprints: { "tributaryFinding/v1": fingerprint(finding), ...(hash === undefined ? {} : { primaryLocationLineHash: hash }) },
    ...(finding.effect !== "ignored"
      ? {}
      : { suppressions: [{ kind: "external", status: "accepted", justification: ignoreReason(finding) }] }),
    properties: {
      subject: finding.subject,
      severity: finding.severity,
      effect: finding.effect,
      references: finding.references,
      through: finding.through,
      paths: finding.paths,
      pathCount: finding.pathCount,
      ...(finding.remedy.command === undefined ? {} : { command: finding.remedy.command }),
    },
  };
}

const ignoreReason = ({ ignore }: JudgedFinding): string =>
  ignore === undefined ? "ignored by the policy" : neutraliseLines(`${ignore.reason} (until ${ignore.expires})`);

/** SARIF reads `[…](…)`, backslashes and braces in messages (section 3.11); a hostile name must not become a link. */
const escapeMessage = (text: string): string =>
  neutraliseLines(clip(text, LONGEST_MESSAGE))
    .replaceAll(/[[\]\\]/g, "\\$&")
    .replaceAll("{", "{{")
    .replaceAll("}", "}}");

function messageOf(finding: JudgedFinding): string {
  const { remedy, paths } = finding;
  const way = paths[0];
  const parts = [
    finding.message,
    remedy.text,
    remedy.command === undefined ? "" : `Run: ${remedy.command}`,
    way === undefined || way.length < 2
      ? ""
      : `It comes in by ${way.join(" > ")}${finding.pathCount > 1 ? ` and ${count(finding.pathCount - 1)} more` : ""}.`,
  ];
  return escapeMessage(parts.filter((part) => part !== "").join("\n"));
}

/** A finding about the project itself stands at the top of its first file: GitHub shows no result without a place. */
const defaultPlaces = (report: Report): Place[] => [{ file: report.project.files[0]?.path ?? "package.json", line: 1 }];

function physical(place: Place, finding?: JudgedFinding, name?: string): Data {
  const line = place.line ?? 1;
  return {
    physicalLocation: {
      artifactLocation: location(place.file),
      region: { startLine: line, ...(place.line === undefined || place.column === undefined ? {} : { startColumn: place.column }) },
    },
    ...(finding === undefined
      ? {}
      : { logicalLocations: [{ name: neutraliseLines(name ?? finding.subject), fullyQualifiedName: finding.subject, kind: "module" }] }),
  };
}

/** A path as a URI reference relative to the root of the source; an absolute path, or one that leads out of it, as it is. */
function location(path: string): Data {
  const encoded = path
    .replaceAll("\\", "/")
    .split("/")
    .map((part) => encodeURIComponent(part))
    .join("/");
  if (encoded.startsWith("/")) return { uri: `file://${encoded}` };
  if (/^[A-Za-z]%3A\//.test(encoded)) return { uri: `file:///${encoded.replace("%3A", ":")}` };
  return { uri: encoded.replace(/^(?:\.\/)+/, ""), uriBaseId: "SRCROOT" };
}

/** GitHub's hash of the line of each finding's first place, where the file's text is to be had. */
function hashPlaces(
  findings: readonly JudgedFinding[],
  report: Report,
  context: OutputContext,
): (finding: JudgedFinding) => string | undefined {
  const lines = new Map<string, Set<number>>();
  const first = (finding: JudgedFinding): Place | undefined => finding.places[0] ?? defaultPlaces(report)[0];
  for (const finding of findings) {
    const place = first(finding);
    if (place === undefined) continue;
    const known = lines.get(place.file) ?? new Set<number>();
    known.add(place.line ?? 1);
    lines.set(place.file, known);
  }
  const hashes = new Map<string, ReadonlyMap<number, string>>();
  for (const [file, wanted] of lines) {
    const text = context.textOf(file);
    if (text !== null) hashes.set(file, lineHashes(text, wanted));
  }
  return (finding) => {
    const place = first(finding);
    return place === undefined ? undefined : hashes.get(place.file)?.get(place.line ?? 1);
  };
}

function notifications(report: Report, leftOut: number): Data[] {
  const name = nameOf(report);
  const open = openQuestions(report).map((gap) => {
    const { question, rule, subjects, cure } = gap;
    const of =
      subjects.length === 0
        ? ""
        : ` for ${subjects.slice(0, 5).map(name).join(", ")}${subjects.length > 5 ? ` and ${count(subjects.length - 5)} more` : ""}`;
    const text = `Not answered${of}: ${reasonOf(gap)}${cure === undefined ? "" : ` Run: ${cure}`}`;
    return {
      level: "warning",
      message: { text: escapeMessage(text) },
      associatedRule: { id: rule === "" ? question : rule },
      properties: { question, subjects },
    };
  });
  const problems = report.project.files.flatMap((file) =>
    file.problems.map(({ place, message, count: times }) => ({
      level: "warning",
      message: { text: escapeMessage(`${message}${times === undefined || times < 2 ? "" : ` (${count(times)} times)`}`) },
      locations: [physical(place)],
    })),
  );
  const cut =
    leftOut === 0
      ? []
      : [
          {
            level: "warning",
            message: { text: `The worst ${count(MOST_RESULTS)} findings are written; ${count(leftOut)} more are in the other reports.` },
          },
        ];
  return [...cut, ...open, ...problems];
}

const cwe = /^CWE-\d+$/;
const cweNumber = (name: string): number => Number(name.slice(4));

const taxonomyReference = (cwes: readonly string[]): Data => (cwes.length === 0 ? {} : { supportedTaxonomies: [{ name: "CWE" }] });

const taxonomy = (cwes: readonly string[]): Data => ({
  name: "CWE",
  organization: "MITRE",
  shortDescription: { text: "Common Weakness Enumeration" },
  taxa: cwes.map((id) => ({ id })),
});
