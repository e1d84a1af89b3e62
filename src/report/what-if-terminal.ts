/** Answers to "what if", cascades and selections for people at a terminal: the sentence first, then who, how far, why, and what was assumed. */
import type { Cascade, Impact, Selection, Uninstallable, WhatIf } from "../model/exposure.ts";
import { count, counted } from "./groups.ts";
import { block, displayWidth, padTo, sentence, toAscii } from "./text.ts";
import type { Screen } from "./tones.ts";

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 2 : 1)} %`;

export function formatWhatIfTerminal(answer: WhatIf, screen: Screen): string {
  const { paint, columns } = screen;
  const lines = [...block(sentence(answer.answer), columns, "").map((line) => paint("strong", line)), ""];
  if (answer.built !== null) lines.push(...impact("built there", answer.built, screen));
  if (answer.uninstallable !== undefined) lines.push(...uninstallable(answer.uninstallable, screen));
  lines.push(...impact("cannot stand", answer.breaks, screen), ...impact("exposed", answer.exposed, screen));
  if (answer.expectedDamage !== null) {
    const { before, after } = answer.expectedDamage;
    const n = Math.max(1, answer.graph.nodes);
    lines.push(
      ...block(
        `Expected damage of one random loss: ${(before / n).toFixed(3)} packages before, ${(after / n).toFixed(3)} after.`,
        columns,
        "",
      ),
      "",
    );
  }
  const changed = answer.changes.filter(({ after }) => after !== null);
  if (changed.length > 0) {
    lines.push(paint("strong", "What changes"));
    const rows = changed.map(({ name, before, after }) => [
      sentence(name),
      `first ${count(before.first)} -> ${count(after?.first ?? 0)}`,
      `hard ${count(before.hard)} -> ${count(after?.hard ?? 0)}`,
    ]);
    lines.push(...table(rows, columns), "");
  }
  if (answer.paths.length > 0) {
    lines.push(paint("strong", "Why"));
    for (const path of answer.paths) lines.push(...block(sentence(path.join(" > ")), columns, "  "));
    lines.push("");
  }
  lines.push(paint("strong", "Assumed"));
  for (const one of [...answer.assumptions, ...answer.graph.notModelled.map((what) => `Not modelled: ${what}.`)]) {
    lines.push(...block(sentence(one), columns, "  ").map((line) => paint("quiet", line)));
  }
  return ended(lines, screen);
}

function impact(what: string, { count: hit, share, names, waves, roots }: Impact, screen: Screen): string[] {
  if (hit === 0) return [];
  const { paint, columns } = screen;
  const lines = [`${paint("strong", `${count(hit)} ${what}`)} (${percent(share)})`];
  if (roots.length > 0) lines.push(...block(sentence(`Of your own: ${roots.join(", ")}`), columns, "  "));
  const more = hit - names.length;
  lines.push(...block(sentence(`${names.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`), columns, "  "));
  if (waves.length > 1)
    lines.push(...block(`By distance: ${waves.map(count).join(", ")}`, columns, "  ").map((line) => paint("quiet", line)));
  return [...lines, ""];
}

function uninstallable(gone: Uninstallable, { paint, columns }: Screen): string[] {
  const more = gone.count - gone.names.length;
  const because =
    gone.essential === null
      ? `${count(gone.byRequirements)} by what they ask for, ${count(gone.count - gone.byRequirements)} by what excludes what.`
      : `${gone.essential} is essential and falls, and everything with it.`;
  return [
    `${paint("strong", `${count(gone.count)} cannot be installed any more`)} (${percent(gone.share)})`,
    ...(gone.count === 0 ? [] : block(sentence(`${gone.names.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`), columns, "  ")),
    ...block(
      sentence(
        `${gone.count === 0 ? "" : `${because} `}Versions, conflicts and essential packages are looked at; ${count(gone.before)} could not be installed before either.${gone.undecided === 0 ? "" : ` For ${count(gone.undecided)} the search was given up: they are not counted, and may fall too.`}`,
      ),
      columns,
      "  ",
    ).map((line) => paint("quiet", line)),
    "",
  ];
}

/** Columns as wide as their widest cell; where the window is too narrow, one below the other. */
function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ""))));
  if (widths.reduce((sum, width) => sum + width + 2, 0) > columns)
    return rows.flatMap((row) => row.flatMap((cell, at) => block(cell, columns, at === 0 ? "  " : "    ")));
  return rows.map((row) => `  ${row.map((cell, at) => (at === row.length - 1 ? cell : padTo(cell, widths[at] ?? 0))).join("  ")}`);
}

const number = (value: number): string => (value >= 100 ? count(Math.round(value)) : value.toFixed(2));

export function formatCascadeTerminal(cascade: Cascade, screen: Screen): string {
  const { hit } = cascade;
  const { paint, columns } = screen;
  const lines = [
    ...block(
      sentence(
        `From ${cascade.starts.join(", ")}, with ${cascade.transmission} as the chance that a dependency passes it on, ${number(hit.mean)} of ${count(cascade.graph.nodes)} packages are hit on average (± ${number(hit.standardError)}); at most ${count(cascade.reach)} could be.`,
      ),
      columns,
      "",
    ).map((line) => paint("strong", line)),
    "",
    ...table(
      [
        ["runs", count(cascade.runs), `seed ${cascade.seed}, correlation ${cascade.correlation}`],
        ["mean", number(hit.mean), `standard error ${number(hit.standardError)}, deviation of single runs ${number(hit.deviation)}`],
        ["median", count(hit.median), ""],
        ["95 of 100 runs", count(hit.p95), "or fewer"],
        ["worst run", count(hit.max), ""],
      ],
      columns,
    ),
    "",
    paint("strong", "Still exposed after a fix"),
    ...block(
      "With the lag that was measured for the dependents of log4j-core (72.7 % within 90 days, 95.1 % within a year; arXiv 2504.09834), one update after the other along the way:",
      columns,
      "  ",
    ),
    ...table(
      cascade.stillExposed.map(({ days, share, packages }) => [`${days} days`, percent(share), counted(packages, "package")]),
      columns,
    ),
  ];
  return ended(lines, screen);
}

export function formatSelectionTerminal(selection: Selection, screen: Screen): string {
  const { goal, steps, whole, atLeastOfBest, guarantee } = selection;
  const { paint, columns } = screen;
  const total = steps.at(-1)?.total ?? 0;
  const said =
    goal === "protect"
      ? `${count(total)} of the ${count(whole)} packages that depend on anything stand on these ${steps.length}.`
      : `An independent alternative to each of these ${steps.length} takes ${percent(whole === 0 ? 0 : total / whole)} of the expected damage away.`;
  const bound = `No other choice of as many does better than ${atLeastOfBest === 0 ? "all of it" : `1/${atLeastOfBest.toFixed(3)} of this`}: it is at least ${percent(atLeastOfBest)} of the best (computed on this graph${guarantee > 0 ? `; proven for every graph: ${percent(guarantee)}` : "; no general proof exists"}).`;
  const lines = [
    ...block(said, columns, "").map((line) => paint("strong", line)),
    "",
    ...table(
      steps.map(({ name, gain, total: sum }, at) => [`${at + 1}`, sentence(name), `+${count(gain)}`, count(sum)]),
      columns,
    ),
    "",
    ...block(bound, columns, "").map((line) => paint("quiet", line)),
  ];
  return ended(lines, screen);
}

const ended = (lines: readonly string[], screen: Screen): string => {
  const text = `${lines.join("\n").trimEnd()}\n`;
  return screen.unicode ? text : toAscii(text);
};
