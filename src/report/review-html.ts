/**
 * Reviews as one page that opens from disk: the verdict and its reasons, then every differing file side by side with the lines that carry
 * evidence marked. It fetches nothing, needs no script, and takes every text of others literally.
 */
import { createHash } from "node:crypto";
import type { FileDifference, Hunk, Review } from "../model/review.ts";
import { style as base } from "./html-style.ts";
import { attribute, escapeHtml as esc } from "./html-text.ts";
import {
  evidenceLines,
  familyTitle,
  filesToRead,
  newCapabilities,
  newSelfRuns,
  rateOf,
  releaseSentences,
  reviewWords,
  sizeSentence,
  sourceSentences,
} from "./review-parts.ts";
import type { WriteReview } from "./review-terminal.ts";

/** Lines that are laid out in all: a page with more opens slowly, and nobody reads it. Files with evidence come first. */
const MOST_LINES = 40_000;

const style = `${base}
main.wide { max-width: 110rem; }
.nothing { color: var(--pass); }
.diff { width: 100%; border-collapse: collapse; table-layout: fixed; font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .8rem; line-height: 1.45; }
.diff td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
.diff .n { width: 3.6rem; text-align: right; color: var(--quiet); user-select: none; padding: 0 .4rem; }
.diff .gone { background: color-mix(in srgb, var(--block) 12%, transparent); }
.diff .come { background: color-mix(in srgb, var(--pass) 12%, transparent); }
.diff .sign { outline: 2px solid var(--block); outline-offset: -2px; font-weight: 600; }
.diff .why td { color: var(--block); font-family: system-ui, sans-serif; padding: .15rem .5rem .3rem 4.2rem; }
.diff .gap td { color: var(--quiet); background: var(--mark); text-align: center; }
details.file { margin: .6rem 0; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
details.file > summary { padding: .5rem .9rem; cursor: pointer; overflow-wrap: anywhere; }
`;

export const formatReviewHtml: WriteReview = (reviews, { toolVersion }) => {
  const hash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;
  const title = reviews.length === 1 && reviews[0] !== undefined ? titleOf(reviews[0]) : `${reviews.length} reviews`;
  const budget = { lines: MOST_LINES };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hash}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${attribute(`tributary ${toolVersion}`)}">
<title>${esc(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">To the review</a>
<main id="main" class="wide">
${reviews.map((review) => one(review, budget)).join("\n")}
</main>
<footer><p>Made by Tributary ${esc(toolVersion)}. This page fetches nothing and sends nothing.</p></footer>
</body>
</html>
`;
};

const titleOf = ({ before, after, verdict }: Review): string => `${reviewWords[verdict.verdict]}: ${before.title} → ${after.title}`;

function one(review: Review, budget: { lines: number }): string {
  const { verdict } = review;
  const lists: readonly (readonly [string, readonly string[], string])[] = [
    [
      "What it can newly do",
      newCapabilities(review).map(({ what, where }) => `${what} (${where.join(", ")})`),
      "Nothing that the release before could not.",
    ],
    ["What newly runs by itself", newSelfRuns(review), "Nothing."],
    ["How it was released", releaseSentences(review), "Not known."],
    ["What in it is not in its source", sourceSentences(review), "Nothing."],
    ["Smaller signs", verdict.context.slice(0, 200).map(({ message, file }) => (file === "" ? message : `${file}: ${message}`)), "None."],
    [
      "What could not be read",
      review.change.unread.map(({ path, because }) => (path === "" ? because : `${path}: ${because}`)),
      "Everything was read.",
    ],
  ];
  return `<article>
<div class="verdict ${verdict.verdict}">
<p class="word">${reviewWords[verdict.verdict]}</p>
<h1>${esc(verdict.because)}</h1>
<p class="meta">${esc(`${review.before.title} → ${review.after.title}`)}</p>
</div>
${statements(review)}<div class="cards">
${verdict.reasons
  .map(
    (reason) =>
      `<section class="card"><p class="headline"><strong>${esc(familyTitle(reason))}</strong> <span class="quiet">${esc(rateOf(reason))}</span></p><p>${esc(reason.message)}</p>${reason.spots
        .slice(0, 5)
        .map(({ line, text }) => `<pre><code>${esc(`${reason.file === "" ? "" : `${reason.file}:${line}  `}${text}`)}</code></pre>`)
        .join("")}</section>`,
  )
  .join("\n")}
</div>
${lists.map(([title, texts, none]) => `<h2>${title}</h2>\n${texts.length === 0 ? `<p class="quiet">${none}</p>` : `<ul>${texts.map((text) => `<li>${esc(text)}</li>`).join("")}</ul>`}`).join("\n")}
<h2>The difference</h2>
<p>${esc(sizeSentence(review))}</p>
<p class="meta">sha256 of the difference: <code>${esc(review.difference)}</code></p>
${files(review, budget)}
</article>`;
}

function statements({ statements: all }: Review): string {
  return all
    .map(
      ({ reviewer, result, at, criteria, note }) =>
        `<p>${esc(`${reviewer} ${result} exactly this difference on ${at.slice(0, 10)} (${criteria.join(", ")}). ${note}`)}</p>\n`,
    )
    .join("");
}

function files(review: Review, budget: { lines: number }): string {
  const marks = evidenceLines(review);
  return filesToRead(review)
    .map((file) => {
      const marked = marks.get(file.path) ?? new Map<number, string>();
      const { change } = file;
      const moved = change.movedFrom === "" ? "" : ` (was ${change.movedFrom})`;
      const size = `${change.kind}, ${change.bytesBefore} → ${change.bytesAfter} bytes`;
      const count = file.hunks.reduce((sum, { lines }) => sum + lines.length, 0);
      const fits = count <= budget.lines;
      if (fits) budget.lines -= count;
      const body =
        file.because !== ""
          ? `<p class="quiet">${esc(file.because)}</p>`
          : fits
            ? table(file, marked)
            : `<p class="quiet">${count} lines, left out: the page would be too large.</p>`;
      return `<details class="file"${marked.size > 0 ? " open" : ""}><summary><code>${esc(file.path + moved)}</code> <span class="quiet">${esc(size)}${marked.size > 0 ? `, ${marked.size} marked` : ""}</span></summary>${body}</details>`;
    })
    .join("\n");
}

function table(file: FileDifference, marked: ReadonlyMap<number, string>): string {
  const rows = file.hunks.flatMap((hunk, index) => [
    ...(index === 0 && hunk.afterLine <= 1 ? [] : [`<tr class="gap"><td colspan="4">⋯</td></tr>`]),
    ...hunkRows(hunk, marked),
  ]);
  return `<table class="diff"><caption class="skip">${esc(file.path)}</caption><tbody>${rows.join("")}</tbody></table>`;
}

/** Removed lines on the left, added ones on the right, beside each other where they follow each other. */
function hunkRows({ beforeLine, afterLine, lines }: Hunk, marked: ReadonlyMap<number, string>): string[] {
  const rows: string[] = [];
  let [left, right] = [beforeLine, afterLine];
  for (let at = 0; at < lines.length;) {
    if (lines[at]?.kind === "same") {
      rows.push(row([left++, lines[at]?.text ?? "", ""], [right, lines[at]?.text ?? "", ""], marked.get(right)));
      right++;
      at++;
      continue;
    }
    const removed: string[] = [];
    const added: string[] = [];
    for (; at < lines.length && lines[at]?.kind !== "same"; at++)
      (lines[at]?.kind === "removed" ? removed : added).push(lines[at]?.text ?? "");
    for (let pair = 0; pair < Math.max(removed.length, added.length); pair++) {
      const [old, now] = [removed[pair], added[pair]];
      const why = now === undefined ? undefined : marked.get(right);
      rows.push(row(old === undefined ? null : [left++, old, "gone"], now === undefined ? null : [right++, now, "come"], why));
    }
  }
  return rows;
}

type Cell = readonly [line: number, text: string, kind: string] | null;

function row(left: Cell, right: Cell, why: string | undefined): string {
  const cell = (side: Cell, sign: string): string =>
    side === null
      ? `<td class="n"></td><td></td>`
      : `<td class="n">${side[0]}</td><td class="${[side[2], sign].filter((name) => name !== "").join(" ")}">${esc(side[1])}</td>`;
  const reason = why === undefined ? "" : `<tr class="why"><td colspan="4">${esc(why)}</td></tr>`;
  return `<tr>${cell(left, "")}${cell(right, why === undefined ? "" : "sign")}</tr>${reason}`;
}
