/**
 * The report for people at a terminal. Read from the top it answers: may it come in? what of the eight questions? what do I do
 * first? what is not known? Read from the bottom, where the cursor stands, it begins with the commands to copy.
 */
import type { Answer, JudgedFinding, Report, VerdictWord } from "../model/report.ts";
import {
  count,
  counted,
  type FindingGroup,
  groupFindings,
  nameOf,
  openQuestions,
  reasonOf,
  releaseOf,
  severityCounts,
  shortId,
} from "./groups.ts";
import type { OutputContext } from "./format.ts";
import { block, clip, displayWidth, neutralise, padTo, sentence, toAscii } from "./text.ts";
import type { Screen, Tone } from "./tones.ts";

/** So many groups, and findings in each, are shown unless all are asked for: about two screens. */
const SHOWN_GROUPS = 6;
const SHOWN_FINDINGS = 5;
const SHOWN_UNANSWERED = 6;
/** A command that updates a thousand packages is long and still to be copied whole. */
const LONGEST_COMMAND = 100_000;
/** Below this the sentence of a question stands under its title. */
const COLUMNS_FOR_A_TABLE = 76;

const toneOf: Readonly<Record<Answer["outcome"], Tone>> = {
  pass: "good",
  review: "caution",
  block: "bad",
  unknown: "unclear",
  "not-asked": "quiet",
};
const marks: Readonly<Record<Answer["outcome"], readonly [unicode: string, ascii: string]>> = {
  pass: ["✓", "+"],
  review: ["!", "!"],
  block: ["✗", "x"],
  unknown: ["?", "?"],
  "not-asked": ["·", "-"],
};
const verdictWords: Readonly<Record<VerdictWord, string>> = { pass: "Pass", review: "Review", block: "Block" };

export function formatTerminal(report: Report, context: OutputContext): string {
  const { screen } = context;
  const sections = [
    verdict(report, screen),
    answers(report, screen),
    changes(report, screen),
    doFirst(report, context),
    unanswered(report, context),
    rest(report, screen),
    next(report, screen),
  ];
  const text = `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
  return screen.unicode ? text : toAscii(text);
}

const mark = (outcome: Answer["outcome"], { paint, unicode }: Screen): string => paint(toneOf[outcome], marks[outcome][unicode ? 0 : 1]);

function verdict(report: Report, screen: Screen): string[] {
  const { project } = report;
  const word = `${verdictWords[report.verdict.verdict]}:`;
  const lines = block(`${word} ${sentence(report.verdict.because)}`, screen.columns, "");
  lines[0] = (lines[0] ?? "").replace(word, screen.paint(toneOf[report.verdict.verdict], word));
  const name = sentence([project.name, project.version].filter((part) => part !== "").join(" ")) || "This project";
  const files = project.files.map((file) => sentence(file.path));
  const where = files.length > 3 ? counted(files.length, "file") : files.join(", ");
  lines.push(...quiet(`${name}: ${counted(project.components.length, "component")}${where === "" ? "" : ` in ${where}`}`, screen));
  return lines;
}

/** Wrapped first, painted after: a line break inside a style would colour the next line's indent. */
const quiet = (text: string, screen: Screen, first = ""): string[] =>
  block(text, screen.columns, first).map((line) => screen.paint("quiet", line));

function answers(report: Report, screen: Screen): string[] {
  const titleWidth = Math.max(...report.answers.map(({ title }) => displayWidth(title)));
  const inTable = screen.columns >= COLUMNS_FOR_A_TABLE;
  return report.answers.flatMap((answer) => {
    const head = `  ${mark(answer.outcome, screen)} `;
    const answered = sentence(answer.sentence);
    const tone = answer.outcome === "not-asked" ? "quiet" : undefined;
    const painted = (lines: readonly string[]): string[] =>
      tone === undefined ? [...lines] : lines.map((line) => screen.paint(tone, line));
    if (!inTable) return [...block(answer.title, screen.columns, head), ...painted(block(answered, screen.columns, "      "))];
    const indent = " ".repeat(titleWidth + 6);
    const [first = "", ...more] = block(answered, screen.columns, indent);
    return [`${head}${padTo(answer.title, titleWidth)}  ${painted([first.slice(indent.length)])[0]}`, ...painted(more)];
  });
}

function changes(report: Report, screen: Screen): string[] {
  const { since } = report;
  if (since === undefined) return [];
  const name = nameOf(report);
  const said = [`${count(since.added.length)} added`, `${count(since.changed.length)} changed`, `${count(since.removed.length)} removed`];
  const lines = block(`Since ${sentence(since.revision)}: ${said.join(", ")}. Only what changed is spoken of here.`, screen.columns, "");
  const listed = [
    ...since.added.map((purl) => `+ ${name(purl)}`),
    ...since.changed.map(({ from, to }) => `~ ${releaseOf(from)} -> ${name(to)}`),
    ...since.removed.map((purl) => `- ${releaseOf(purl)}`),
  ];
  const shown = listed.slice(0, 12);
  lines.push(...shown.flatMap((line) => block(sentence(line), screen.columns, "  ")));
  if (listed.length > shown.length) lines.push(...quiet(`  and ${count(listed.length - shown.length)} more`, screen));
  return lines;
}

function doFirst(report: Report, { screen, all }: OutputContext): string[] {
  const groups = groupFindings(report);
  if (groups.length === 0) return [];
  const shown = all ? groups : groups.slice(0, SHOWN_GROUPS);
  const total = groups.reduce((sum, group) => sum + group.findings.length, 0);
  const lines = [screen.paint("strong", "What to do first")];
  for (const group of shown) lines.push("", ...groupLines(group, total, screen, all));
  const hidden = groups.slice(shown.length).reduce((sum, group) => sum + group.findings.length, 0);
  if (hidden > 0) {
    lines.push(
      "",
      ...quiet(
        `and ${counted(hidden, "more finding")} in ${counted(groups.length - shown.length, "group")}: tributary check --all`,
        screen,
        "  ",
      ),
    );
  }
  return lines;
}

function groupLines(group: FindingGroup, total: number, screen: Screen, all: boolean): string[] {
  const effect = group.effect === "ignored" ? "note" : group.effect;
  const tone: Tone = effect === "block" ? "bad" : effect === "review" ? "caution" : "quiet";
  const title = sentence(group.title);
  const about = `${title}  ${effect}: ${severityCounts(group.findings)}`;
  const head = block(about, screen.columns, "  ");
  head[0] = (head[0] ?? "").replace(title, () => screen.paint("strong", title)).replace(`  ${effect}:`, `  ${screen.paint(tone, effect)}:`);
  const lines = head;
  if (group.through.length > 0) lines.push(...quiet(`brought in by ${listed(group.through.map(sentence))}`, screen, "    "));
  for (const cure of group.cures) lines.push(...command(cure.command, `cures ${count(cure.cures)} of ${count(total)}`, screen, "    "));
  const shown = all ? group.findings : group.findings.slice(0, SHOWN_FINDINGS);
  for (const finding of shown) lines.push(...findingLines(finding, screen, all));
  if (group.findings.length > shown.length) {
    lines.push(...quiet(`and ${count(group.findings.length - shown.length)} more here: tributary check --all`, screen, "    "));
  }
  return lines;
}

const listed = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${count(names.length - 3)} more` : names.join(", ");

function findingLines(finding: JudgedFinding, screen: Screen, all: boolean): string[] {
  const outcome = finding.effect === "block" || finding.effect === "review" ? finding.effect : "not-asked";
  const id = sentence(shortId(finding));
  const lines = block(`${finding.severity} ${sentence(finding.message)}`, screen.columns, "      ");
  lines[0] = (lines[0] ?? "")
    .replace("      ", `    ${mark(outcome, screen)} `)
    .replace(finding.severity, screen.paint(toneOf[outcome], finding.severity));
  const arrow = screen.unicode ? " › " : " > ";
  const ways = all ? finding.paths : finding.paths.slice(0, 1);
  const more = finding.pathCount - ways.length;
  const place = finding.places[0];
  const at = place === undefined ? "" : `${sentence(place.file)}${place.line === undefined ? "" : `:${place.line}`}`;
  lines.push(...quiet([id, at].filter((part) => part !== "").join("  "), screen, "      "));
  for (const [index, way] of ways.entries()) {
    // A way of one step is the component itself, which the message names.
    if (way.length < 2 && more <= 0) continue;
    const also = index === ways.length - 1 && more > 0 ? `  (and ${counted(more, "other way")})` : "";
    lines.push(...quiet(`${way.map(sentence).join(arrow)}${also}`, screen, "      "));
  }
  if (finding.remedy.command === undefined) lines.push(...block(sentence(finding.remedy.text), screen.columns, "      "));
  if (finding.ignore?.expired === true) {
    lines.push(
      ...block(`was ignored until ${sentence(finding.ignore.expires)} (${sentence(finding.ignore.reason)})`, screen.columns, "      "),
    );
  }
  return lines;
}

/** A command stands unbroken on its own line, whatever the window: it is there to be copied. */
function command(text: string, note: string, screen: Screen, indent: string): string[] {
  const shown = neutralise(clip(text, LONGEST_COMMAND));
  const line = `${indent}$ ${shown}`;
  const painted = `${indent}${screen.paint("quiet", "$")} ${screen.paint("strong", shown)}`;
  if (note === "") return [painted];
  const besides = `   # ${sentence(note)}`;
  if (displayWidth(line) + displayWidth(besides) <= screen.columns) return [painted + screen.paint("quiet", besides)];
  return [...quiet(`# ${sentence(note)}`, screen, indent), painted];
}

function unanswered(report: Report, { screen, all }: OutputContext): string[] {
  const problems = report.project.files.flatMap((file) => file.problems);
  const open = openQuestions(report);
  if (open.length === 0 && problems.length === 0) return [];
  const lines = [screen.paint("strong", "What is not known")];
  const name = nameOf(report);
  const shown = all ? open : open.slice(0, SHOWN_UNANSWERED);
  for (const gap of shown) {
    const { question, rule, subjects, cure } = gap;
    const title = report.answers.find((answer) => answer.question === question)?.title ?? question;
    const first = subjects[0];
    const of = first === undefined ? "" : subjects.length === 1 ? ` for ${name(first)}` : ` for ${counted(subjects.length, "component")}`;
    const reason = all ? gap.reasons.map(sentence).join(" ") : sentence(reasonOf(gap));
    const asked = sentence(`${title}${rule === "" ? "" : ` (${rule})`} Not answered${of}`);
    const wrapped = block(`${asked}: ${reason}`, screen.columns, "    ");
    wrapped[0] = (wrapped[0] ?? "").replace("    ", `  ${mark("unknown", screen)} `);
    // One by one: with --all there can be more lines than a call takes arguments.
    for (const line of wrapped) lines.push(line);
    if (cure !== undefined) lines.push(...command(cure, "", screen, "    "));
  }
  if (open.length > shown.length)
    lines.push(...quiet(`and ${count(open.length - shown.length)} more: tributary check --all`, screen, "    "));
  const shownProblems = all ? problems : problems.slice(0, SHOWN_UNANSWERED);
  for (const { place, message, count: times } of shownProblems) {
    const at = `${place.file}${place.line === undefined ? "" : `:${place.line}`}`;
    const wrapped = block(
      sentence(`${at}: ${message}${times === undefined || times < 2 ? "" : ` (${count(times)} times)`}`),
      screen.columns,
      "    ",
    );
    wrapped[0] = (wrapped[0] ?? "").replace("    ", `  ${mark("unknown", screen)} `);
    lines.push(...wrapped);
  }
  if (problems.length > shownProblems.length) {
    lines.push(
      ...quiet(
        `and ${counted(problems.length - shownProblems.length, "more entry", "more entries")} not understood: tributary check --all`,
        screen,
        "    ",
      ),
    );
  }
  return lines;
}

function rest(report: Report, screen: Screen): string[] {
  const lines: string[] = [];
  const ignored = report.findings.filter(({ effect }) => effect === "ignored");
  if (ignored.length > 0) {
    const ends = ignored.flatMap(({ ignore }) => (ignore === undefined ? [] : [ignore.expires])).toSorted()[0];
    lines.push(
      ...quiet(
        `${counted(ignored.length, "finding is", "findings are")} ignored by the policy${ends === undefined ? "" : `; the first ignore ends on ${sentence(ends)}`}.`,
        screen,
      ),
    );
  }
  lines.push(...quiet(`Rests on ${sentence(basisSentence(report))}.`, screen));
  return lines;
}

/** What the report rests on and how old that is, in one sentence without a full stop. */
export function basisSentence({ basis }: Report): string {
  const { advisories } = basis;
  const parts = [
    advisories === null
      ? "no advisory base"
      : `${count(advisories.records)} advisories of ${advisories.source} as of ${day(advisories.asOf)}`,
    basis.newest === ""
      ? "no fetched evidence"
      : `evidence seen ${day(basis.oldest) === day(basis.newest) ? `on ${day(basis.newest)}` : `from ${day(basis.oldest)} to ${day(basis.newest)}`}`,
    basis.policy === "" ? "the standard policy" : basis.policy,
  ];
  return `${parts.join(", ")}${basis.offline ? "; offline" : ""}${trustWords(basis)}`;
}

/** A root that has run out is not wrong, but does not know what was withdrawn since: held against the evidence, for a report has no clock. */
function trustWords({ trust = [], newest }: Report["basis"]): string {
  if (trust.length === 0) return "";
  const roots = trust.map(({ source, date, expires }) => {
    const ran = expires !== "" && newest !== "" && expires < newest;
    const until =
      expires === "" ? "" : ran ? `, vouched for only until ${day(expires)}: tributary trust update` : `, good until ${day(expires)}`;
    return `${source}${date === "" ? "" : ` of ${day(date)}`}${until}`;
  });
  return `; for signatures on ${roots.join("; ")}`;
}

/** `2026-11-20` of an ISO 8601 time. */
const day = (time: string): string => time.slice(0, 10);

function next(report: Report, screen: Screen): string[] {
  const steps = report.next.slice(0, 3).flatMap((step) => command(step.command, step.why, screen, "  "));
  return steps.length === 0 ? [] : [screen.paint("strong", "Next"), ...steps];
}
