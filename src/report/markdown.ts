/**
 * The report as a comment on a pull request: the verdict and the eight questions at a glance, the rest folded away. A hidden first line
 * lets the action find its own comment again. Everything that others wrote is escaped: no mention, link or markup comes from a package.
 */
import type { Answer, JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import {
  counted,
  count,
  type FindingGroup,
  groupFindings,
  nameOf,
  openQuestions,
  reasonOf,
  releaseOf,
  severityCounts,
  shortId,
} from "./groups.ts";
import { basisSentence } from "./terminal.ts";
import { clip, neutralise, neutraliseLines } from "./text.ts";

/** GitHub refuses comments above 65,536 characters; what stands after the last section needs a little. */
const MOST_CHARACTERS = 65_000;
/** A message is one sentence; a hostile one can be a megabyte. */
const LONGEST_TEXT = 600;
const SHOWN_CHANGES = 50;

const words: Readonly<Record<Answer["outcome"], string>> = {
  pass: "ok",
  review: "**review**",
  block: "**block**",
  unknown: "*not known*",
  "not-asked": "not asked yet",
};
const verdictWords = { pass: "Pass", review: "Review", block: "Block" } as const;

/** The first line of the comment for a category; the action looks for it. */
export function commentMarker(category: string): string {
  // Two hyphens would end the HTML comment that it stands in.
  return `<!-- tributary:check ${category.replaceAll(/[^A-Za-z0-9/_.@ -]/g, "_").replaceAll("--", "- -")} -->`.replaceAll("  ", " ");
}

export function formatMarkdown(report: Report, context: OutputContext): string {
  const groups = groupFindings(report);
  const { verdict } = report;
  const head = [
    commentMarker(context.category),
    `### ${verdictWords[verdict.verdict]}: ${text(verdict.because)}`,
    "",
    ...changes(report),
    "| | question | answer |",
    "| --- | --- | --- |",
    ...report.answers.map(
      ({ outcome, title, sentence }) => `| ${words[outcome]} | ${title} | ${outcome === "not-asked" ? "" : text(sentence)} |`,
    ),
    "",
  ];
  const sections: string[] = [...groups.map((group) => groupSection(group, group.effect === "block")), ...closing(report)];
  return fit(head.join("\n"), sections);
}

/** Takes whole sections, in their order, as long as they fit, and says how many did not. */
function fit(head: string, sections: readonly string[]): string {
  let result = `${head}\n`;
  let left = sections.length;
  for (const section of sections) {
    if (result.length + section.length > MOST_CHARACTERS) break;
    result += `${section}\n\n`;
    left -= 1;
  }
  if (left > 0)
    result += `\n${counted(left, "more section does", "more sections do")} not fit into a comment; they are in the full report.\n`;
  return result;
}

function changes(report: Report): string[] {
  const { since } = report;
  if (since === undefined) return [];
  const name = nameOf(report);
  const all = [
    ...since.added.map((purl) => `- added ${code(name(purl))}`),
    ...since.changed.map(({ from, to }) => `- ${code(releaseOf(from))} is now ${code(name(to))}`),
    ...since.removed.map((purl) => `- removed ${code(releaseOf(purl))}`),
  ];
  if (all.length === 0) return ["No open source comes in or goes out.", ""];
  const summary = `${count(since.added.length)} added, ${count(since.changed.length)} changed, ${count(since.removed.length)} removed since ${code(since.revision)}`;
  const more = all.length > SHOWN_CHANGES ? [`- and ${count(all.length - SHOWN_CHANGES)} more`] : [];
  return [details(summary, [...all.slice(0, SHOWN_CHANGES), ...more].join("\n"), false), ""];
}

const details = (summary: string, body: string, isOpen: boolean): string =>
  `<details${isOpen ? " open" : ""}><summary>${summary}</summary>\n\n${body}\n\n</details>`;

function groupSection(group: FindingGroup, isOpen: boolean): string {
  const summary = `${htmlCode(group.title)} ${group.effect}: ${severityCounts(group.findings)}`;
  const commands = group.cures.map(({ command }) => command);
  const body = [
    ...(group.through.length === 0
      ? []
      : [
          `Brought in by ${group.through.slice(0, 8).map(code).join(", ")}${group.through.length > 8 ? ` and ${count(group.through.length - 8)} more` : ""}.`,
          "",
        ]),
    ...(commands.length === 0 ? [] : [fence(commands.join("\n")), ""]),
    ...group.findings.map(findingItem),
  ];
  return details(summary, body.join("\n"), isOpen);
}

function findingItem(finding: JudgedFinding): string {
  const way = finding.paths[0];
  const place = finding.places[0];
  const lines = [`- **${finding.severity}** ${text(finding.message)} ${code(shortId(finding))}`];
  if (finding.remedy.command === undefined) lines.push(`  ${text(finding.remedy.text)}`);
  if (way !== undefined && way.length > 1)
    lines.push(`  ${way.map(code).join(" › ")}${finding.pathCount > 1 ? ` and ${counted(finding.pathCount - 1, "other way")}` : ""}`);
  if (place !== undefined) lines.push(`  ${code(`${place.file}${place.line === undefined ? "" : `:${place.line}`}`)}`);
  if (finding.ignore?.expired === true) lines.push(`  Was ignored until ${text(finding.ignore.expires)}: ${text(finding.ignore.reason)}`);
  return lines.join("<br>\n");
}

function closing(report: Report): string[] {
  const name = nameOf(report);
  const sections: string[] = [];
  const open = [
    ...openQuestions(report).map((gap) => {
      const { question, rule, subjects, cure } = gap;
      const of =
        subjects.length === 0
          ? ""
          : ` for ${subjects
              .slice(0, 5)
              .map((purl) => code(name(purl)))
              .join(", ")}${subjects.length > 5 ? ` and ${count(subjects.length - 5)} more` : ""}`;
      return `- ${code(rule === "" ? question : rule)}${of}: ${text(reasonOf(gap))}${cure === undefined ? "" : ` ${code(cure)}`}`;
    }),
    ...report.project.files.flatMap(({ problems }) =>
      problems.map(
        ({ place, message }) => `- ${code(`${place.file}${place.line === undefined ? "" : `:${place.line}`}`)}: ${text(message)}`,
      ),
    ),
  ];
  if (open.length > 0)
    sections.push(
      details(
        `What is not known: ${count(open.length)}`,
        open.slice(0, 100).join("\n") + (open.length > 100 ? `\n- and ${count(open.length - 100)} more` : ""),
        false,
      ),
    );
  const ignored = report.findings.filter(({ effect }) => effect === "ignored");
  if (ignored.length > 0) {
    const items = ignored.map(
      (finding) =>
        `- ${text(finding.message)} Ignored${finding.ignore === undefined ? "" : ` until ${text(finding.ignore.expires)}: ${text(finding.ignore.reason)}`}`,
    );
    sections.push(
      details(
        `Ignored by the policy: ${count(ignored.length)}`,
        items.slice(0, 100).join("\n") + (items.length > 100 ? `\n- and ${count(items.length - 100)} more` : ""),
        false,
      ),
    );
  }
  if (report.next.length > 0)
    sections.push(`**Next**\n\n${report.next.map(({ command, why }) => `- ${code(command)} ${text(why)}`).join("\n")}\n`);
  sections.push(`<sub>Rests on ${text(basisSentence(report))}. Tributary ${text(report.tool.version)}.</sub>`);
  return sections;
}

const cut = (value: string): string => clip(value, LONGEST_TEXT);

/**
 * Inline text: every character that Markdown or HTML give a meaning to is taken literally. Mentions, references and bare addresses are
 * recognised in what is rendered, so escaping does not help there: a zero-width space parts them.
 */
function text(value: string): string {
  return part(neutralise(cut(value)), (character) => ("&<>".includes(character) ? entity(character) : `\\${character}`))
    .replace(/^[-+#]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}

const special = /[@#](?=\w)|(?<=\b(?:https?|ftp)):(?=\/\/)|(?<=\bwww)\.|[&<>\\`*_{}[\]|~!]/gi;
const part = (value: string, escape: (character: string) => string): string =>
  value.replaceAll(special, (character) => (/[@#:.]/.test(character) ? `${character}&#8203;` : escape(character)));
const entity = (character: string): string => `&#${character.charCodeAt(0)};`;

/** Code inside an HTML element, where backticks are no marks: GitHub leaves what stands in `<code>` alone. */
const htmlCode = (value: string): string => `<code>${neutralise(cut(value)).replaceAll(/[&<>"'`*_|[\]\\]/g, entity)}</code>`;

/** A code span whose fence is longer than any run of backticks inside; in it nothing is markup or a mention. */
function code(value: string): string {
  const content = neutralise(cut(value));
  const longest = longestRun(content);
  const ticks = "`".repeat(longest + 1);
  const pad = content.startsWith("`") || content.endsWith("`") || content.trim() === "" ? " " : "";
  return `${ticks}${pad}${content}${pad}${ticks}`;
}

/** Of backticks. */
function longestRun(value: string): number {
  return (value.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

function fence(value: string): string {
  const content = neutraliseLines(value);
  const longest = Math.max(2, longestRun(content));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}sh\n${content}\n${ticks}`;
}
