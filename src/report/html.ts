/**
 * The report as one page that opens from disk: the verdict's sentence first, what to do, every finding down to its evidence, then
 * what it rests on. It fetches nothing (its policy forbids it), is whole without scripts, and takes every text of others literally.
 */
import { createHash } from "node:crypto";
import { severities } from "../model/finding.ts";
import type { Answer, JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext, RuleInfo } from "./format.ts";
import {
  byWeight,
  count,
  counted,
  effects,
  findingId,
  groupFindings,
  nameOf,
  openQuestions,
  releaseOf,
  severityCounts,
  shortId,
  type FindingGroup,
} from "./groups.ts";
import { evidenceSection } from "./html-evidence.ts";
import { script } from "./html-script.ts";
import { style } from "./html-style.ts";
import { attribute, escapeHtml as esc, link } from "./html-text.ts";
import { usage } from "./json.ts";
import { basisSentence } from "./terminal.ts";

const outcomeWords: Readonly<Record<Answer["outcome"], string>> = {
  pass: "ok",
  review: "review",
  block: "block",
  unknown: "not known",
  "not-asked": "not asked",
};
const verdictWords = { pass: "Pass", review: "Review", block: "Block" } as const;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export function formatHtml(report: Report, context: OutputContext): string {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  const { project, verdict } = report;
  const title = `${verdictWords[verdict.verdict]}: ${[project.name, project.version].filter((part) => part !== "").join(" ")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${attribute(`tributary ${report.tool.version}`)}">
<title>${esc(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
${header(report)}
<main id="main">
${[questionList(report), changes(report), doFirst(report), findingTable(report), notKnown(report), ruleList(report, context), componentTable(report), basis(report)].filter((part) => part !== "").join("\n")}
</main>
<footer><p>Made by Tributary ${esc(report.tool.version)}. This page fetches nothing and sends nothing.</p></footer>
<script>${script}</script>
</body>
</html>
`;
}

function header({ project, verdict, findings }: Report): string {
  const files = project.files.length > 3 ? counted(project.files.length, "file") : project.files.map(({ path }) => path).join(", ");
  const about = [
    [project.name, project.version].filter((part) => part !== "").join(" "),
    counted(project.components.length, "component"),
    files,
  ];
  const items = effects.map(
    (effect) =>
      `<li class="${effect}"><b>${count(findings.filter((finding) => finding.effect === effect).length)}</b> ${effectWords[effect]}</li>`,
  );
  const open = verdict.unanswered.length;
  return `<header>
<div class="verdict ${verdict.verdict}">
<p class="word">${verdictWords[verdict.verdict]}</p>
<h1>${esc(verdict.because)}</h1>
<p class="meta">${esc(about.filter((part) => part !== "").join(" · "))}</p>
</div>
<ul class="counts">${items.join("")}<li class="unknown"><b>${count(open)}</b> not answered</li></ul>
</header>`;
}

const effectWords = {
  block: "must not come in",
  review: "to be looked at",
  note: "to be known",
  ignored: "ignored by the policy",
} as const;

const badge = (kind: string, word: string): string => `<span class="badge ${kind}">${word}</span>`;

function questionList({ answers }: Report): string {
  const items = answers.map(({ question, title, outcome, sentence, answered, asked, findings }) => {
    const name = findings > 0 ? `<a href="#findings" data-question="${question}">${esc(title)}</a>` : esc(title);
    const judged = asked === 0 ? "" : `${count(answered)} of ${count(asked)} judged`;
    return `<li>${badge(outcome, outcomeWords[outcome])}<span class="title">${name}</span><span class="sentence${outcome === "not-asked" ? " quiet" : ""}">${esc(sentence)}</span><span class="judged">${judged}</span></li>`;
  });
  return `<section aria-labelledby="questions"><h2 id="questions">The eight questions</h2>
<ol class="questions">
${items.join("\n")}
</ol></section>`;
}

function changes(report: Report): string {
  const { since } = report;
  if (since === undefined) return "";
  const name = nameOf(report);
  const items = [
    ...since.added.map((purl) => `<li>added <code>${esc(name(purl))}</code></li>`),
    ...since.changed.map(({ from, to }) => `<li><code>${esc(releaseOf(from))}</code> is now <code>${esc(name(to))}</code></li>`),
    ...since.removed.map((purl) => `<li>removed <code>${esc(releaseOf(purl))}</code></li>`),
  ];
  return `<section aria-labelledby="changes"><h2 id="changes">What changed</h2>
<p>Since <code>${esc(since.revision)}</code>: ${count(since.added.length)} added, ${count(since.changed.length)} changed, ${count(since.removed.length)} removed. The findings speak only of these.</p>
<details${items.length <= 20 ? " open" : ""}><summary>All of them</summary><ul>${items.join("")}</ul></details></section>`;
}

const command = (text: string): string => `<div class="command"><pre><code>${esc(text)}</code></pre></div>`;

function doFirst(report: Report): string {
  const groups = groupFindings(report);
  if (groups.length === 0) return "";
  const total = groups.reduce((sum, { findings }) => sum + findings.length, 0);
  const steps = report.next.map(({ command: text, why }) => `<li>${esc(sentenceCase(why))}${command(text)}</li>`);
  return `<section aria-labelledby="first"><h2 id="first">What to do first</h2>
${steps.length === 0 ? "" : `<ol class="steps">${steps.join("")}</ol>`}
<p class="meta">${counted(total, "finding")}, by the direct dependency that can be changed, the worst first:</p>
<div class="cards">
${groups.map((group) => card(group, total)).join("\n")}
</div></section>`;
}

/** A card is a summary: the table below holds them all. */
const SHOWN_IN_A_CARD = 8;

function card(group: FindingGroup, total: number): string {
  const cures = group.cures.map(
    ({ command: text, cures }) =>
      `<div class="cure"><span class="meta">Cures ${count(cures)} of ${count(total)}</span>${command(text)}</div>`,
  );
  const through =
    group.through.length === 0
      ? ""
      : `<p class="meta">Brought in by ${esc(group.through.slice(0, 12).join(", "))}${group.through.length > 12 ? ` and ${count(group.through.length - 12)} more` : ""}</p>`;
  const items = group.findings
    .slice(0, SHOWN_IN_A_CARD)
    .map(
      (finding) =>
        `<li><a href="#f-${findingId(finding)}">${esc(shortId(finding))}</a> <b class="${finding.effect}">${finding.severity}</b> ${esc(finding.message)}</li>`,
    );
  const more = group.findings.length - items.length;
  if (more > 0) items.push(`<li class="quiet">and ${count(more)} more below</li>`);
  return `<article class="card"><div class="headline">${badge(group.effect, group.effect)}<h3>${esc(group.title)}</h3><span class="meta">${severityCounts(group.findings)}</span></div>${through}${cures.join("")}<ul>${items.join("")}</ul></article>`;
}

function findingTable(report: Report): string {
  const findings = report.findings.toSorted(byWeight);
  if (findings.length === 0) return `<section aria-labelledby="findings"><h2 id="findings">Findings</h2><p>There are none.</p></section>`;
  const name = nameOf(report);
  const titles = new Map(report.answers.map(({ question, title }) => [question, title]));
  const used = report.answers.filter(({ question }) => findings.some((finding) => finding.question === question));
  const rows = findings.map((finding) => findingRow(finding, name, titles.get(finding.question) ?? finding.question));
  return `<section aria-labelledby="findings"><h2 id="findings">Findings</h2>
<div class="tools" data-for="findings-table" hidden>
<label>Search<input type="search" autocomplete="off" placeholder="package, advisory, rule, file"></label>
<label>Effect<select name="effect"><option value="">any</option>${effects.map((effect) => `<option>${effect}</option>`).join("")}</select></label>
<label>Severity<select name="severity"><option value="">any</option>${severities.map((severity) => `<option>${severity}</option>`).join("")}</select></label>
<label>Question<select name="question"><option value="">any</option>${used.map(({ question, title }) => `<option value="${question}">${esc(title)}</option>`).join("")}</select></label>
<output aria-live="polite"></output>
</div>
<div class="scroll"><table class="findings" id="findings-table">
<caption>${counted(findings.length, "finding")}, the worst first. Each opens to its ways in, its remedy and its evidence.</caption>
<thead><tr><th scope="col">Effect</th><th scope="col">Severity</th><th scope="col">Component</th><th scope="col">Finding</th><th scope="col">Brought in by</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div></section>`;
}

function findingRow(finding: JudgedFinding, name: (purl: string) => string, question: string): string {
  const { effect, severity, through } = finding;
  const shown = through.slice(0, 4).map((dependency) => `<code>${esc(dependency)}</code>`);
  const more = through.length > shown.length ? ` and ${count(through.length - shown.length)} more` : "";
  return `<tr id="f-${findingId(finding)}" data-effect="${effect}" data-severity="${severity}" data-question="${finding.question}"><td data-sort="${effects.indexOf(effect)}">${badge(effect, effect)}</td><td data-sort="${severities.indexOf(severity)}">${severity}</td><td class="name"><code>${esc(name(finding.subject))}</code></td><td class="wide"><details><summary>${esc(finding.message)}</summary>${insideFinding(finding, question)}</details></td><td class="name">${shown.join(", ")}${more}</td></tr>`;
}

function insideFinding(finding: JudgedFinding, question: string): string {
  const { remedy, paths, pathCount, places, references, ignore } = finding;
  const ways = paths.map((way) => `<li class="way">${way.map((step) => `<code>${esc(step)}</code>`).join(" › ")}</li>`);
  const hidden = pathCount - paths.length;
  if (hidden > 0) ways.push(`<li class="quiet">and ${counted(hidden, "other way")}</li>`);
  const entries: (readonly [string, string])[] = [
    ["What to do", `${esc(remedy.text)}${remedy.command === undefined ? "" : command(remedy.command)}`],
    ...(ignore === undefined
      ? []
      : [[ignore.expired ? "Was ignored" : "Ignored", `${esc(ignore.reason)} (until ${esc(ignore.expires)})`] as const]),
    ["How it comes in", ways.length === 0 ? "" : `<ul class="ways">${ways.join("")}</ul>`],
    [
      "Where",
      places
        .map(
          ({ file, line, key }) =>
            `<code>${esc(file)}${line === undefined ? "" : `:${line}`}</code>${key === undefined ? "" : ` <span class="quiet">${esc(key)}</span>`}`,
        )
        .join("<br>"),
    ],
    ["Asked by", `${esc(question)} <a href="#rule-${attribute(finding.rule)}"><code>${esc(finding.rule)}</code></a>`],
    [
      "Known as",
      references.map((reference) => (reference.startsWith("https://") ? link(reference) : `<code>${esc(reference)}</code>`)).join(", "),
    ],
    ["Evidence", evidenceSection(finding)],
  ];
  const list = entries.filter(([, value]) => value !== "").map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`);
  return `<dl class="inside">${list.join("")}</dl>`;
}

function notKnown(report: Report): string {
  const name = nameOf(report);
  const items = openQuestions(report).map(({ question, rule, subjects, because, cure, reasons }) => {
    const title = report.answers.find((answer) => answer.question === question)?.title ?? question;
    const why =
      reasons.length === 1
        ? esc(because)
        : `<details><summary>${esc(because)} <span class="quiet">(and ${counted(reasons.length - 1, "other reason")})</span></summary><ul>${reasons.map((reason) => `<li>${esc(reason)}</li>`).join("")}</ul></details>`;
    const list = subjects.map((purl) => `<code>${esc(name(purl))}</code>`);
    const of =
      list.length === 0
        ? ""
        : list.length <= 5
          ? ` for ${list.join(", ")}`
          : ` for <details><summary>${counted(list.length, "component")}</summary>${list.join(", ")}</details>`;
    return `<li>${badge("unknown", "not known")} <b>${esc(title)}</b>${rule === "" ? "" : ` <code>${esc(rule)}</code>`}${of}<br>${why}${cure === undefined ? "" : command(cure)}</li>`;
  });
  const problems = report.project.files.flatMap((file) =>
    file.problems.map(
      ({ place, message, count: times }) =>
        `<li>${badge("unknown", "not read")} <code>${esc(place.file)}${place.line === undefined ? "" : `:${place.line}`}</code> ${esc(message)}${times === undefined || times < 2 ? "" : ` (${count(times)} times)`}</li>`,
    ),
  );
  const all = [...items, ...problems];
  if (all.length === 0) return "";
  return `<section aria-labelledby="unknown"><h2 id="unknown">What is not known</h2>
<p>What could not be answered is part of the verdict; it is never shown as fine.</p>
<ul class="open">${all.join("\n")}</ul></section>`;
}

function ruleList(report: Report, context: OutputContext): string {
  const rules = [...new Set(report.findings.map(({ rule }) => rule))]
    .toSorted()
    .map((rule): readonly [string, RuleInfo | undefined] => [rule, context.ruleOf(rule)]);
  if (rules.length === 0) return "";
  const items = rules.map(
    ([rule, info]) =>
      `<details id="rule-${attribute(rule)}"><summary><code>${esc(rule)}</code> ${esc(info?.title ?? "")}</summary><div class="inside prose">${esc(info?.page ?? "This rule has no page.")}</div></details>`,
  );
  return `<section aria-labelledby="rules"><h2 id="rules">The rules that speak here</h2>
<p>Why each matters, how it is established, when it is wrong and what to do.</p>
${items.join("\n")}</section>`;
}

function componentTable(report: Report): string {
  const { components } = report.project;
  if (components.length === 0) return "";
  const used = usage(report.project);
  const findings = new Map<string, number>();
  for (const { subject, effect } of report.findings) if (effect !== "ignored") findings.set(subject, (findings.get(subject) ?? 0) + 1);
  const rows = components.map((component, index) => {
    const { scope, direct, nodes } = used[index] ?? { scope: "prod", direct: null, nodes: 0 };
    const way = direct === null ? "not said" : direct ? "direct" : "by others";
    const number = findings.get(component.purl) ?? 0;
    return `<tr data-scope="${scope}"><td class="wide"><code>${esc(component.name)}</code></td><td><code>${esc(component.version)}</code></td><td>${esc(component.ecosystem)}</td><td>${esc(component.licence ?? "not said")}</td><td>${scope}</td><td>${way}</td><td class="number">${count(nodes)}</td><td class="number">${count(number)}</td></tr>`;
  });
  return `<section aria-labelledby="components" class="list-of-components"><h2 id="components">Components</h2>
<details><summary>${counted(components.length, "component")}</summary>
<div class="tools" data-for="components-table" hidden>
<label>Search<input type="search" autocomplete="off" placeholder="name, version, licence"></label>
<label>Scope<select name="scope"><option value="">any</option><option>prod</option><option>optional</option><option>dev</option></select></label>
<output aria-live="polite"></output>
</div>
<div class="scroll"><table id="components-table">
<thead><tr><th scope="col">Name</th><th scope="col">Version</th><th scope="col">Ecosystem</th><th scope="col">Licence</th><th scope="col">Scope</th><th scope="col">Asked for</th><th scope="col">Places</th><th scope="col">Findings</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div></details></section>`;
}

function basis(report: Report): string {
  const files = report.project.files.map(
    ({ path, format, formatVersion, listed, graph, sha256 }) =>
      `<tr><td><code>${esc(path)}</code></td><td>${esc(format)} ${esc(formatVersion)}</td><td class="number">${count(listed)}</td><td>${graph}</td><td class="wide"><code>${esc(sha256)}</code></td></tr>`,
  );
  const table =
    files.length === 0
      ? ""
      : `<div class="scroll"><table><thead><tr><th scope="col">File</th><th scope="col">Format</th><th scope="col">Entries</th><th scope="col">Graph</th><th scope="col">SHA-256</th></tr></thead><tbody>${files.join("")}</tbody></table></div>`;
  return `<section aria-labelledby="basis"><h2 id="basis">What this rests on</h2>
<p>${esc(sentenceCase(basisSentence(report)))}.</p>
${table}
<p class="meta">Evidence is <b>verified</b> where a signature or a hash proves it, <b>observed</b> where Tributary read the bytes itself, <b>asserted</b> where somebody said so. <b>Block</b>, <b>review</b> and <b>note</b> are what the policy makes of a finding; its severity is how bad it is if the finding is right.</p></section>`;
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
