/** The way of a release back to its source as a page: one file, no scripts, drawn as a river from the bytes down to the files. */
import type { FileState, Trace, TraceStep, TracedFile } from "../model/index.ts";
import { counted } from "./groups.ts";
import { attribute, escapeHtml, link } from "./html-text.ts";
import { style } from "./html-style.ts";
import { fileStateWords, verdictSentence } from "./trace.ts";

interface Look {
  readonly css: string;
  /** Drawn in a box of 20 by 20: told apart by their form as well as by their colour. */
  readonly shape: string;
}

const looks: Readonly<Record<TraceStep["state"], Look>> = {
  verified: { css: "pass", shape: '<circle cx="10" cy="10" r="8" fill="currentColor"/>' },
  observed: {
    css: "pass",
    shape:
      '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="2"/><circle cx="10" cy="10" r="3.5" fill="currentColor"/>',
  },
  asserted: { css: "review", shape: '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="2"/>' },
  unknown: {
    css: "unknown",
    shape: '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3 3"/>',
  },
  broken: { css: "block", shape: '<path d="M4 4 16 16M16 4 4 16" fill="none" stroke="currentColor" stroke-width="3"/>' },
};

const stateCss: Readonly<Record<FileState, string>> = {
  "in-tree": "pass",
  copied: "pass",
  derived: "pass",
  reproduced: "pass",
  generated: "unknown",
  unexplained: "block",
  missing: "block",
};

const verdictCss: Readonly<Record<Trace["verdict"], string>> = { traced: "pass", open: "unknown", broken: "block" };

const ownStyle = `
.river { list-style: none; margin: 1rem 0 0; padding: 0; }
.river > li { position: relative; padding: 0 0 1.4rem 2.6rem; }
.river > li::before { content: ""; position: absolute; left: 9px; top: 20px; bottom: 0; border-left: 2px solid var(--line); }
.river > li.flows::before { border-left: 4px solid var(--water); left: 8px; }
.river > li:last-child::before { display: none; }
.river svg { position: absolute; left: 0; top: 2px; width: 20px; height: 20px; background: var(--ground); }
.river h3 .state { font-weight: 600; font-size: .85rem; margin-left: .5rem; }
.river dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; font-size: .85rem; margin: .4rem 0 0; }
.river dt { color: var(--quiet); } .river dd { margin: 0; overflow-wrap: anywhere; }
.bar { display: flex; height: 1.1rem; border-radius: 4px; overflow: hidden; margin: .8rem 0; gap: 2px; }
.bar span { background: currentColor; min-width: 3px; }
.bar .unknown { background: repeating-linear-gradient(45deg, currentColor 0 4px, transparent 4px 8px); }
.files { border-collapse: collapse; width: 100%; font-size: .85rem; }
.files td, .files th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
@media print { details > *:not(summary) { display: block; } }
`;

/** One self-contained page. */
export function traceHtml(trace: Trace): string {
  const { name, version, verdict, steps, because } = trace;
  const title = escapeHtml(`${name}@${version}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: the way back to its source</title>
<style>${style}${ownStyle}</style>
</head>
<body>
<header>
<div class="verdict ${verdictCss[verdict]}"><p class="word">${verdict}</p>
<h1>${title}: ${escapeHtml(verdictSentence(verdict))}</h1>
${because.map((one) => `<p>${escapeHtml(one)}</p>`).join("\n")}</div>
</header>
<main>
<h2 id="way">The way back</h2>
<ol class="river">
${steps.map((step, index) => stepItem(step, steps[index + 1])).join("\n")}
</ol>
${filesPart(trace)}${rebuildPart(trace)}</main>
</body>
</html>
`;
}

function stepItem({ id, title, state, says, facts }: TraceStep, next: TraceStep | undefined): string {
  const { css, shape } = looks[state];
  // The water flows where both ends hold.
  const flows = [state, next?.state].every((one) => one === "verified" || one === "observed") ? ' class="flows"' : "";
  const known = Object.entries(facts).filter(([, value]) => value !== "");
  const list = known.map(([key, value]) => `<dt>${escapeHtml(key)}</dt><dd class="mono">${link(value)}</dd>`).join("");
  return `<li id="${attribute(id)}"${flows}><svg class="${css}" viewBox="0 0 20 20" aria-hidden="true">${shape}</svg><h3>${escapeHtml(title)}<span class="state ${css}">${state}</span></h3><p>${escapeHtml(says)}</p>${list === "" ? "" : `<details><summary class="quiet">facts</summary><dl>${list}</dl></details>`}</li>`;
}

function filesPart({ files, counts, source }: Trace): string {
  if (files.length === 0 || source === null) return "";
  const where = source.kind === "git" ? `${source.name} at ${source.commit}` : source.name;
  const present = (Object.keys(fileStateWords) as FileState[]).filter((state) => counts[state] > 0);
  const bar = present.map(
    (state) =>
      `<span class="${stateCss[state]}" style="flex-grow:${counts[state]}" title="${counts[state]} ${escapeHtml(fileStateWords[state])}"></span>`,
  );
  const worstFirst = present.toReversed();
  const lists = worstFirst.map((state) => {
    const those = files.filter((file) => file.state === state);
    const open = stateCss[state] === "pass" ? "" : " open";
    return `<details id="${state}"${open}><summary><span class="badge ${stateCss[state]}">${those.length}</span> ${escapeHtml(fileStateWords[state])}</summary><table class="files"><thead><tr><th>file</th><th>how</th><th>id</th></tr></thead><tbody>${those.map(row).join("")}</tbody></table></details>`;
  });
  return `<h2 id="files-list">${counted(files.length - counts.missing, "file")} against ${escapeHtml(where)}</h2>
<div class="bar" role="img" aria-label="${escapeHtml(present.map((state) => `${counts[state]} ${fileStateWords[state]}`).join(", "))}">${bar.join("")}</div>
${lists.join("\n")}
`;
}

const row = ({ path, how, blob }: TracedFile): string =>
  `<tr><td class="mono">${escapeHtml(path)}</td><td>${escapeHtml(how)}</td><td class="mono quiet">${blob.slice(0, 12)}</td></tr>`;

function rebuildPart({ rebuild }: Trace): string {
  if (rebuild === null) return "";
  const tools = rebuild.tools
    .map(({ name, version, from }) => `<li>${escapeHtml(`${name} ${version}`)} <span class="quiet">(${escapeHtml(from)})</span></li>`)
    .join("");
  const commands = rebuild.commands.map((command) => `<pre><code>${escapeHtml(command)}</code></pre>`).join("");
  const comparison = rebuild.comparison;
  const differing =
    comparison === null
      ? []
      : [
          ...comparison.different.map((path) => `${path}: other bytes`),
          ...comparison.onlyPublished.map((path) => `${path}: only published`),
          ...comparison.onlyRebuilt.map((path) => `${path}: only in our build`),
          ...comparison.notes,
        ];
  const list = differing.length === 0 ? "" : `<ul>${differing.map((one) => `<li class="mono">${escapeHtml(one)}</li>`).join("")}</ul>`;
  const log =
    rebuild.log === ""
      ? ""
      : `<details><summary>the end of what it printed</summary><pre><code>${escapeHtml(rebuild.log)}</code></pre></details>`;
  const box = rebuild.sandbox === "" ? "" : `<p class="quiet">Shut in by ${escapeHtml(rebuild.sandbox)}, without a network.</p>`;
  return `<h2 id="our-build">Our own build</h2><p>${escapeHtml(`${rebuild.because.charAt(0).toUpperCase()}${rebuild.because.slice(1)}.`)}</p>${box}<ul>${tools}</ul>${commands}${list}${log}
`;
}
