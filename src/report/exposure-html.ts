/**
 * Exposure as one page that opens from disk: the sentence first, then who is leaned on, the giants that nobody sees, families with both
 * columns, what builds and accounts carry, and the graph itself, so that "what if" is answered in the page by the same engine. It fetches
 * nothing (its policy forbids it), is whole without scripts, and takes every name literally. It names no person.
 */
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { ExposureGraph } from "../graph/exposure-graph.ts";
import type { Measures } from "../graph/measure.ts";
import type { Concentration, Exposure, ExposureTrend, NodeExposure } from "../model/exposure.ts";
import { atLeast, fallsBy, percent, reachBar, scatter, scatterCells, trendLine, trendSeries } from "./exposure-charts.ts";
import { packGraph } from "./exposure-pack.ts";
import { exposureStyle } from "./exposure-style.ts";
import { count, counted } from "./groups.ts";
import { style } from "./html-style.ts";
import { attribute, escapeHtml as esc } from "./html-text.ts";

export interface ExposurePage {
  readonly exposure: Exposure;
  /** For the picture of reach against direct dependents; without it the picture shows the named packages only. */
  readonly measures?: Pick<Measures, "first" | "direct">;
  /** Goes into the page, for "what if"; left out where it is too large for one (the page then says how to ask). */
  readonly graph?: ExposureGraph;
  readonly trend?: ExposureTrend;
  readonly toolVersion: string;
  /** What answers in the page: `exposureScript()`. */
  readonly script: string;
}

/** Some four megabytes of page; beyond that browsers take seconds to open it. */
const MOST_EDGES = 3_000_000;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export function formatExposureHtml(page: ExposurePage): string {
  const { exposure, toolVersion, script } = page;
  const css = `${style}${exposureStyle}`;
  const graph = page.graph !== undefined && page.graph.all.targets.length <= MOST_EDGES ? page.graph : undefined;
  const policy = `default-src 'none'; style-src ${hashOf(css)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  const sections = [
    whatIf(exposure, graph),
    leanedOn(exposure),
    giants(page),
    families(exposure),
    alternatives(exposure),
    installability(exposure),
    singlePoints(exposure),
    builds(exposure),
    people(exposure),
    page.trend === undefined ? "" : trends(page.trend),
    spread(exposure),
    basis(exposure),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${attribute(`tributary ${toolVersion}`)}">
<title>${esc(`What falls if it falls: ${exposure.graph.name}`)}</title>
<style>${css}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
${header(exposure)}
<main id="main">
${sections.filter((part) => part !== "").join("\n")}
</main>
<footer><p>Made by Tributary ${esc(toolVersion)}. This page fetches nothing and sends nothing.</p></footer>
${graph === undefined ? "" : packed(graph)}
<script>${script}</script>
</body>
</html>
`;
}

/** What begins a tag, and what cannot be seen or turns the reading direction: JSON can say all of it in letters. */
const NOT_IN_A_PAGE = /[<\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The description as JSON in which no tag can begin, and the graph as text; neither is a script to a browser. */
function packed(graph: ExposureGraph): string {
  const about = JSON.stringify(graph.about).replaceAll(NOT_IN_A_PAGE, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const bytes = deflateRawSync(packGraph(graph), { level: 9 }).toString("base64");
  return `<script type="application/json" id="graph-about">${about}</script>
<script type="text/plain" id="graph-packed">${bytes}</script>`;
}

/** Whether anything in the graph names an alternative; where nothing does, who carries a package falls with it, and one figure says both. */
const hasChoices = ({ all, hard }: Exposure["concentration"]): boolean => all.sum > hard.sum;

function header({ graph, top, concentration, families, builds }: Exposure): string {
  const [first] = top;
  const sentence =
    first === undefined
      ? "Nothing here leans on anything."
      : `${percent(first.share)} of all packages carry ${first.name}${hasChoices(concentration) ? `; ${percent(first.hard / graph.nodes)} cannot stand without it` : ""}.`;
  const shown: (readonly [string, string])[] = [
    [count(graph.nodes), "packages"],
    [count(graph.edges.first), "dependencies of a fresh installation"],
    [concentration.first.mean.toFixed(1), "packages stand on one, on average"],
    [percent(concentration.first.topPercentShare), "of all reach belongs to one package in a hundred"],
    ...(builds === null ? [] : [[count(builds.inEvery.length), "packages in every build environment"] as const]),
    ...(families.length === 0 || !hasChoices(concentration)
      ? []
      : [
          [
            `${families.filter(({ substitutability }) => substitutability !== null && substitutability < 0.1).length} of ${families.length}`,
            "families whose largest member hardly anybody could do without",
          ] as const,
        ]),
  ];
  return `<header>
<div class="verdict unknown">
<p class="word">What falls if it falls</p>
<h1>${esc(sentence)}</h1>
<p class="meta">${esc(graph.name)}</p>
</div>
<ul class="facts">${shown.map(([value, what]) => `<li><b>${value}</b><span>${what}</span></li>`).join("")}</ul>
</header>`;
}

const KEY = `<p class="key"><span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="carry" width="10" height="10"/></svg>carry it: exposed if it is malicious</span><span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="fall" width="10" height="10"/></svg>cannot stand without it: fall if it is gone</span></p>`;

const packageName = (name: string): string => `<code data-package="${esc(name)}">${esc(name)}</code>`;

const substitutability = (value: number | null): string => (value === null ? "–" : percent(value));

const cell = (name: string, value: string): string => `<td class="number" data-name="${name}">${value}</td>`;

/** `by`: those who carry it, or, where alternatives are the matter, those who could. */
function ranked(
  nodes: readonly NodeExposure[],
  { graph, concentration }: Exposure,
  caption: string,
  by: "first" | "all" = "first",
): string {
  const choices = hasChoices(concentration);
  const carry = by === "first" ? "carry it" : "could carry it";
  const rows = nodes.map(
    (node) =>
      `<tr><td class="name">${packageName(node.name)}</td><td class="wide">${reachBar(node[by], node.hard, graph.nodes)}</td>${cell(carry, count(node[by]))}${choices ? cell("fall", count(node.hard)) : ""}${cell("ask for it", count(node.direct))}${choices ? cell("could do without", substitutability(node.substitutability)) : ""}</tr>`,
  );
  const heads = [carry, ...(choices ? ["fall with it"] : []), "ask for it", ...(choices ? ["could do without"] : [])];
  return `${choices ? KEY : ""}<div class="scroll"><table class="ranked">
<caption>${caption}</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Of all packages</th>${heads.map((title) => `<th scope="col" class="number">${title}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

function leanedOn(exposure: Exposure): string {
  const { top } = exposure;
  if (top.length === 0) return "";
  return `<section aria-labelledby="leaned"><h2 id="leaned">Who is leaned on most</h2>
<p>${hasChoices(exposure.concentration) ? "Two questions with two answers: whoever carries a package is exposed when it is compromised; whoever has no alternative falls when it is gone." : "Whoever carries a package is exposed when it is compromised. Nothing in this graph names an alternative, so they also fall when it is gone."}</p>
${ranked(top, exposure, `The ${counted(top.length, "package")} under most others. Nobody counts as standing on itself.`)}</section>`;
}

const NAMED_IN_PICTURE = 8;

function giants({ exposure, measures }: ExposurePage): string {
  const { top, invisibleGiants } = exposure;
  if (top.length === 0) return "";
  const named = [
    ...new Map(
      [...invisibleGiants.slice(0, NAMED_IN_PICTURE), ...top.slice(0, NAMED_IN_PICTURE)].map((node) => [node.name, node]),
    ).values(),
  ];
  const cells = measures === undefined ? [] : scatterCells(measures.direct, measures.first);
  const picture = scatter(cells, named, new Set(invisibleGiants.map(({ name }) => name)), "giants-picture");
  const list =
    invisibleGiants.length === 0
      ? ""
      : ranked(
          invisibleGiants,
          exposure,
          "Large reach, at most five packages that ask for it themselves: a list of popular packages does not show them.",
        );
  return `<section aria-labelledby="giants"><h2 id="giants">The giants that nobody asks for</h2>
<p id="giants-picture">Each point is packages that so many others ask for (to the right) and stand on (upwards), in powers of ten. What lies high up on the left is hardly ever asked for by name, and yet much stands on it.</p>
${picture}
${list}</section>`;
}

function families({ families: all, concentration }: Exposure): string {
  const choices = hasChoices(concentration);
  if (all.length === 0) return "";
  const rows = all.map((family) => {
    const members = family.members
      .slice(0, 6)
      .map(({ name, packages, users }) => `<span title="${esc(packages.join(", "))}">${esc(name)} ${count(users)}</span>`)
      .join(", ");
    const more = family.members.length > 6 ? ` and ${family.members.length - 6} more` : "";
    return `<tr><td class="name"><b>${esc(family.title)}</b><br><span class="quiet">${members}${more}</span></td><td class="wide">${reachBar(family.union, family.exclusive, family.union)}</td><td class="number" data-name="use any">${count(family.union)}</td><td class="number" data-name="carry the largest">${percent(family.largestShare)}</td><td class="number" data-name="carry several">${percent(family.union === 0 ? 0 : family.several / family.union)}</td><td class="number" data-name="effective number">${family.hill.q2.toFixed(2)}</td>${choices ? `<td class="number" data-name="could do without the largest">${substitutability(family.substitutability)}</td>` : ""}</tr>`;
  });
  return `<section aria-labelledby="families"><h2 id="families">Where diversity is only apparent</h2>
<p>Packages with the same job. The effective number (Hill, q = 2) may look diverse while nearly everybody carries the largest: when users carry several at once, more of them add attack surface and take no single point away. Only an alternative does${choices ? "; the last column says who has one" : ""}.</p>
<p class="key"><span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="carry" width="10" height="10"/></svg>users of any member</span><span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="fall" width="10" height="10"/></svg>users of the largest and no other</span></p>
<div class="scroll"><table class="ranked family">
<caption>${counted(all.length, "family", "families")} with a member in this graph.</caption>
<thead><tr><th scope="col">Family, members and their users</th><th scope="col">Users</th><th scope="col" class="number">use any</th><th scope="col" class="number">carry the largest</th><th scope="col" class="number">carry several</th><th scope="col" class="number">effective number</th>${choices ? '<th scope="col" class="number">could do without it</th>' : ""}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div></section>`;
}

function alternatives(exposure: Exposure): string {
  const working = exposure.alternativesWork.filter(({ all, hard }) => all > hard);
  if (working.length === 0) return "";
  return `<section aria-labelledby="alternatives"><h2 id="alternatives">Where alternatives carry weight</h2>
<p>Those of whom most could do without: the relation names another that does the job as well. When such an alternative is lost, the package becomes a single point without anybody changing a line.</p>
${ranked(working, exposure, "By how many could do without.", "all")}</section>`;
}

/** Packages that cannot be installed anyway: as many are named. */
const NAMED_ANYWAY = 20;

function installability({ installability: known, graph }: Exposure): string {
  if (known === undefined) return "";
  const { broken, undecided, top } = known;
  const rows = top.map(
    ({ name, hard, gone }) =>
      `<tr><td class="name">${packageName(name)}</td><td class="wide">${reachBar(0, gone.count, graph.nodes)}</td>${cell("fall", count(hard))}${cell("cannot be installed", esc(atLeast(gone)))}<td>${esc(fallsBy(gone))}</td></tr>`,
  );
  const anyway =
    broken.length === 0
      ? "Everything can be installed as it is."
      : `${counted(broken.length, "package")} cannot be installed as it is: ${broken.slice(0, NAMED_ANYWAY).map(packageName).join(", ")}${broken.length > NAMED_ANYWAY ? ` and ${count(broken.length - NAMED_ANYWAY)} more` : ""}.`;
  return `<section aria-labelledby="installable"><h2 id="installable">What could not be installed without them</h2>
<p>Exactly, with versions, with what excludes what, and with essential packages, which stand in every installation: where one of those falls, everything does. ${anyway}${undecided === 0 ? "" : ` For ${count(undecided)} the search was given up.`}</p>
<div class="scroll"><table class="ranked">
<caption>Those leaned on most, and those that alternatives relieve most; what cannot be installed anyway is not counted.</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Of all packages</th><th scope="col" class="number">fall with it</th><th scope="col" class="number">cannot be installed</th><th scope="col">Because</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div></section>`;
}

function singlePoints({ singlePoints: points }: Exposure): string {
  if (points.length === 0) return "";
  const most = Math.max(...points.map(({ dominates }) => dominates));
  const rows = points.map(
    ({ name, dominates }) =>
      `<tr><td class="name">${packageName(name)}</td><td class="wide">${reachBar(0, dominates, most)}</td><td class="number" data-name="only through it">${count(dominates)}</td></tr>`,
  );
  return `<section aria-labelledby="points"><h2 id="points">What comes in through one door</h2>
<p>Packages through which every way to others leads: without it, those others would not be here at all.</p>
<div class="scroll"><table class="ranked"><caption>By how many come in only through it.</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Compared with the largest</th><th scope="col" class="number">only through it</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

const fact = (value: string, what: string): string => `<li><b>${value}</b><span>${what}</span></li>`;

function builds({ builds: built, core }: Exposure): string {
  if (built === null) return "";
  const list = built.inEvery.map((name) => packageName(name)).join(", ");
  const rest =
    core === null
      ? ""
      : fact(count(core.core), "packages and sources that can only be built with one another") +
        fact(percent(core.nodes === 0 ? 0 : core.standOnCore / core.nodes), "of everything stands on that core");
  return `<section aria-labelledby="builds"><h2 id="builds">What stands in every build</h2>
<p>Who is in a build can change what comes out of it, whether or not anybody runs it afterwards. This is the picture that the attack on xz used, and a list of run-time dependencies does not show it.</p>
<ul class="facts">${fact(count(built.inEvery.length), `packages in every one of ${count(built.sources)} build environments`)}${fact(built.mean.toFixed(0), "packages in a build environment, on average")}${fact(count(built.max), "in the largest")}${rest}</ul>
<details><summary>The ${count(built.inEvery.length)} that are in every build</summary><p>${list}</p></details></section>`;
}

function people({ people: who }: Exposure): string {
  if (who === null) return "";
  const many = who.atLeast
    .map(({ packages, accounts }) => fact(count(accounts), `accounts reach ${count(packages)} packages or more`))
    .join("");
  const together = who.together
    .map(({ accounts, packages }) => `<tr><td class="number">${count(accounts)}</td><td class="number">${count(packages)}</td></tr>`)
    .join("");
  const teams = who.teamsByReach.map(
    ({ team, packages, reach }) =>
      `<tr><td class="name">${esc(team)}</td><td class="number">${count(packages)}</td><td class="number">${count(reach)}</td></tr>`,
  );
  return `<section aria-labelledby="people"><h2 id="people">How much how few accounts carry</h2>
<p>Counts only. Nothing here names a person, orders persons, or can be turned back into one; lists and teams are roles and may be named. An account is not a person: one may have several, and a list stands for many.</p>
<ul class="facts">${fact(count(who.accounts), `accounts with a package, ${count(who.teams)} of them lists or teams`)}${fact(count(who.single), "packages with one account alone")}${fact(count(who.trusted.median), "accounts stand behind what a package needs (median)")}${many}</ul>
<div class="scroll"><table class="small"><caption>What so many accounts reach together, chosen one after the other for the most.</caption><thead><tr><th scope="col" class="number">accounts</th><th scope="col" class="number">packages</th></tr></thead><tbody>${together}</tbody></table></div>
${teams.length === 0 ? "" : `<details><summary>Teams and lists by reach</summary><div class="scroll"><table><thead><tr><th scope="col">team</th><th scope="col" class="number">packages</th><th scope="col" class="number">reach</th></tr></thead><tbody>${teams.join("")}</tbody></table></div></details>`}</section>`;
}

const fallen = (value: number | null | undefined): string => (value === null || value === undefined ? "not there" : count(value));

function trends(trend: ExposureTrend): string {
  const names = trend.points.map(({ graph }) => graph.name);
  const between = `${names[0] ?? ""} to ${names.at(-1) ?? ""}`;
  const series = trendSeries(trend).map(
    ({ title, values, say }) =>
      `<li><b>${esc(title)}</b>${trendLine(values, Math.max(...values))}<span class="meta">${say(values[0] ?? 0)} → ${say(values.at(-1) ?? 0)}</span></li>`,
  );
  const changes = trend.changes.map(({ name, points, lostAlternative }) => {
    const hard = points.map((point) => (point === null ? null : point.hard));
    return `<li>${packageName(name)}${lostAlternative ? ' <span class="badge block">lost its alternative</span>' : ""}${trendLine(hard, Math.max(1, ...hard.map((value) => value ?? 0)))}<span class="meta">${fallen(hard[0])} → ${fallen(hard.at(-1))} fall with it</span></li>`;
  });
  return `<section aria-labelledby="trends"><h2 id="trends">How it changed</h2>
<p>From ${esc(between)}; each line begins at zero.</p>
<ul class="trends">${series.join("")}</ul>
${changes.length === 0 ? "" : `<h3>Packages that changed most</h3><ul class="trends">${changes.join("")}</ul>`}</section>`;
}

const spreadRow = (title: string, { mean, median, p95, p99, max, gini, topPercentShare, hill }: Concentration): string =>
  `<tr><th scope="row">${title}</th><td class="number">${mean.toFixed(2)}</td><td class="number">${count(median)}</td><td class="number">${count(p95)}</td><td class="number">${count(p99)}</td><td class="number">${count(max)}</td><td class="number">${gini.toFixed(3)}</td><td class="number">${percent(topPercentShare)}</td><td class="number">${hill.q2.toFixed(0)}</td></tr>`;

function spread({
  concentration,
  pImpact,
  reusability,
  transitiveReusability,
  components,
  isolated,
  exact,
  relativeError,
}: Exposure): string {
  const impact = pImpact.map(
    ({ percent: share, first, hard }) =>
      `<tr><td class="number">${share} %</td><td class="number">${count(first)}</td><td class="number">${count(hard)}</td></tr>`,
  );
  return `<section aria-labelledby="spread"><h2 id="spread">How unequally it is spread</h2>
<p>${exact ? "Every figure is exact." : `Reach is estimated, with a standard error of ${percent(relativeError)}.`} ${count(components.nontrivial)} circles of packages that need each other, the largest of ${count(components.largest)}; ${counted(isolated, "package")} ${isolated === 1 ? "stands" : "stand"} alone. ${count(reusability)} packages are asked for by at least ${count(reusability)} others; ${count(transitiveReusability)} are stood on by at least as many.</p>
<div class="scroll"><table><caption>Packages that stand on one, and that one stands on.</caption>
<thead><tr><th scope="col"></th><th scope="col" class="number">mean</th><th scope="col" class="number">median</th><th scope="col" class="number">95 %</th><th scope="col" class="number">99 %</th><th scope="col" class="number">most</th><th scope="col" class="number">Gini</th><th scope="col" class="number">the largest 1 % hold</th><th scope="col" class="number">effective number</th></tr></thead>
<tbody>${spreadRow("carry it (first)", concentration.first)}${spreadRow("could carry it (all)", concentration.all)}${spreadRow("fall with it (hard)", concentration.hard)}${spreadRow("it needs (first)", concentration.trusts)}</tbody></table></div>
<div class="scroll"><table class="small"><caption>How many packages are under at least this share of all others.</caption><thead><tr><th scope="col" class="number">share</th><th scope="col" class="number">carry it</th><th scope="col" class="number">fall with it</th></tr></thead><tbody>${impact.join("")}</tbody></table></div></section>`;
}

function basis({ graph }: Exposure): string {
  const inputs = graph.inputs.map(
    ({ file, sha256, bytes }) => `<li><code>${esc(file)}</code> ${count(bytes)} bytes, SHA-256 <code>${esc(sha256)}</code></li>`,
  );
  const { dropped } = graph;
  const left = dropped.selfLoops + dropped.duplicates + dropped.dangling;
  return `<section aria-labelledby="basis"><h2 id="basis">What this rests on</h2>
${inputs.length === 0 ? "" : `<ul>${inputs.join("")}</ul>`}
<p>${count(graph.edges.first)} dependencies (first), ${count(graph.edges.all)} with every alternative, ${count(graph.clauses)} clauses, ${count(graph.unsatisfiable)} of which nothing here satisfies.${left === 0 ? "" : ` Left out: ${count(dropped.selfLoops)} of a package on itself, ${count(dropped.duplicates)} named twice, ${count(dropped.dangling)} that lead to nothing.`}</p>
<p>Not modelled:</p>
<ul>${graph.notModelled.map((what) => `<li>${esc(what)}</li>`).join("")}</ul></section>`;
}

function whatIf({ graph: about }: Exposure, graph: ExposureGraph | undefined): string {
  if (graph === undefined)
    return `<section aria-labelledby="what-if" class="what-if"><h2 id="what-if">What if</h2><p>The graph is not in this page. Ask on the command line:</p><div class="command"><pre><code>tributary exposure what-if ${esc(about.name)} --remove PACKAGE</code></pre></div></section>`;
  return `<section aria-labelledby="what-if" class="what-if"><h2 id="what-if">What if</h2>
<noscript><p>The answers are computed in this page, which needs scripts. On the command line: <code>tributary exposure what-if --remove PACKAGE</code>.</p></noscript>
<form class="ask" id="ask" hidden>
<label>Package<input name="package" list="package-names" autocomplete="off" spellcheck="false" required></label>
<label>What happens<select name="kind"><option value="remove">is gone or malicious</option><option value="add-alternative">gets an alternative</option><option value="replace">is replaced</option><option value="pin">is pinned by everyone</option></select></label>
<label hidden>by<input name="by" list="package-names" autocomplete="off" spellcheck="false"></label>
<button type="submit">Answer</button>
<datalist id="package-names"></datalist>
</form>
<div class="answer" id="answer" aria-live="polite" hidden><p class="quiet">Name a package, or choose one below.</p></div></section>`;
}
