/** Exposure for people at a terminal: the sentence, the tables with small bars, and what would answer more. */
import type { Exposure, ExposureTrend, FamilyExposure, NodeExposure } from "../model/exposure.ts";
import { atLeast, fallsBy, percent, trendSeries } from "./exposure-charts.ts";
import { count, counted } from "./groups.ts";
import { block, displayWidth, padTo, sentence, toAscii } from "./text.ts";
import type { Screen } from "./tones.ts";

/** Rows that fit on a screen with the sentence above them; `all` shows the rest. */
const ROWS = 10;
const BAR = 20;
const NARROWEST_NAME = 12;
/** Narrower than this, bars take the room that names need. */
const COLUMNS_FOR_BARS = 84;

export function formatExposureTerminal(exposure: Exposure, screen: Screen, all = false, trend?: ExposureTrend): string {
  const most = (rows: readonly NodeExposure[]): readonly NodeExposure[] => (all ? rows : rows.slice(0, ROWS));
  const { graph, top, invisibleGiants, alternativesWork, families, singlePoints, builds, people } = exposure;
  const parts: (readonly string[])[] = [
    verdict(exposure, screen),
    table("Who is leaned on most", most(top), exposure, screen),
    table("The giants that nobody asks for", most(invisibleGiants), exposure, screen),
    table("Where alternatives carry weight", most(alternativesWork.filter((node) => node.all > node.hard)), exposure, screen),
    installabilityTable(exposure, screen),
    familyTable(all ? families : families.slice(0, ROWS), hasChoices(exposure.concentration), screen),
    singlePoints.length === 0
      ? []
      : [
          screen.paint("strong", "What comes in through one door"),
          ...columns(
            ["package", "only through it"],
            (all ? singlePoints : singlePoints.slice(0, ROWS)).map(({ name, dominates }) => [name, count(dominates)]),
            screen,
          ),
        ],
    builds === null
      ? []
      : block(
          `Builds: ${count(builds.inEvery.length)} packages stand in every one of ${count(builds.sources)} build environments, which hold ${builds.mean.toFixed(0)} on average and ${count(builds.max)} at most.${exposure.core === null ? "" : ` ${count(exposure.core.core)} packages and sources can only be built with one another.`}`,
          screen.columns,
          "",
        ),
    people === null
      ? []
      : block(
          `Accounts: ${count(people.accounts)} can change a package; ${people.atLeast.map(({ packages, accounts }) => `${count(accounts)} reach ${count(packages)} or more`).join(", ")}. ${count(people.single)} packages have one account alone. Counts only: nobody is named.`,
          screen.columns,
          "",
        ),
    ...(trend === undefined ? [] : trendTables(trend, all, screen)),
    block(
      `${exposure.exact ? "Every figure is exact." : `Reach is estimated, with a standard error of ${percent(exposure.relativeError)}.`} Not modelled: ${graph.notModelled.map(sentence).join("; ") || "nothing that we know of"}.`,
      screen.columns,
      "",
    ).map((line) => screen.paint("quiet", line)),
  ];
  const text = `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
  return screen.unicode ? text : toAscii(text);
}

/** Fewer packages have no hundredth. */
const HUNDRED = 100;

function verdict({ graph, top, concentration }: Exposure, screen: Screen): readonly string[] {
  const [first] = top;
  const said =
    first === undefined
      ? `${sentence(graph.name)}: nothing here leans on anything.`
      : `${sentence(graph.name)}: ${percent(first.share)} of ${counted(graph.nodes, "package")} carry ${sentence(first.name)}${hasChoices(concentration) ? `, ${percent(first.hard / graph.nodes)} cannot stand without it` : ""}. On average ${concentration.first.mean.toFixed(1)} stand on one${graph.nodes < HUNDRED ? "" : `; one in a hundred holds ${percent(concentration.first.topPercentShare)} of that`}.`;
  return block(said, screen.columns, "");
}

/** Where nothing names an alternative, who carries a package falls with it, and one figure says both. */
const hasChoices = ({ all, hard }: Exposure["concentration"]): boolean => all.sum > hard.sum;

/** A bar of characters: full for those who fall, light for those who only carry it. */
function bar(carry: number, fall: number, whole: number, { unicode, paint }: Screen): string {
  const cells = (value: number): number => (whole === 0 || value === 0 ? 0 : Math.max(1, Math.round((value / whole) * BAR)));
  const full = Math.min(cells(fall), cells(carry));
  const light = cells(carry) - full;
  return `${(unicode ? "█" : "#").repeat(full)}${paint("quiet", (unicode ? "░" : ".").repeat(light))}${" ".repeat(Math.max(0, BAR - full - light))}`;
}

const without = (value: number | null): string => (value === null ? "-" : percent(value));

/** `by`: those who carry it, or, where alternatives are the matter, those who could. */
function table(
  title: string,
  nodes: readonly NodeExposure[],
  { graph, concentration }: Exposure,
  screen: Screen,
  by: "first" | "all" = "first",
): readonly string[] {
  if (nodes.length === 0) return [];
  const bars = screen.columns >= COLUMNS_FOR_BARS;
  const choices = hasChoices(concentration);
  return [
    screen.paint("strong", title),
    ...columns(
      [
        "package",
        ...(bars ? [""] : []),
        by === "first" ? "carry it" : "could carry it",
        ...(choices ? ["fall with it"] : []),
        "ask for it",
        ...(choices ? ["could do without"] : []),
      ],
      nodes.map((node) => [
        node.name,
        ...(bars ? [bar(node[by], node.hard, graph.nodes, screen)] : []),
        count(node[by]),
        ...(choices ? [count(node.hard)] : []),
        count(node.direct),
        ...(choices ? [without(node.substitutability)] : []),
      ]),
      screen,
      bars ? 1 : -1,
    ),
  ];
}

function familyTable(families: readonly FamilyExposure[], choices: boolean, screen: Screen): readonly string[] {
  if (families.length === 0) return [];
  return [
    screen.paint("strong", "Where diversity is only apparent"),
    ...columns(
      ["family", "largest", "carry it", "several", "effective", ...(choices ? ["could do without"] : [])],
      families.map((family) => [
        family.title,
        family.members[0]?.name ?? "-",
        percent(family.largestShare),
        percent(family.union === 0 ? 0 : family.several / family.union),
        family.hill.q2.toFixed(2),
        ...(choices ? [without(family.substitutability)] : []),
      ]),
      screen,
      1,
    ),
  ];
}

/** How far hard reach is off, for those leaned on most and those that alternatives relieve most: it knows no conflicts and no essential packages. */
function installabilityTable({ graph, installability }: Exposure, screen: Screen): readonly string[] {
  if (installability === undefined) return [];
  const { broken, undecided, top } = installability;
  return [
    screen.paint("strong", "What could not be installed without them"),
    ...columns(
      ["package", "fall with it", "cannot be installed", ""],
      top.map(({ name, hard, gone }) => [name, count(hard), atLeast(gone), fallsBy(gone)]),
      screen,
      3,
    ),
    ...block(
      sentence(
        `Of ${counted(graph.nodes, "package")}, ${count(broken.length)} cannot be installed as it is${broken.length === 0 ? "" : `: ${broken.slice(0, ROWS).join(", ")}${broken.length > ROWS ? ` and ${count(broken.length - ROWS)} more` : ""}`}.${undecided === 0 ? "" : ` For ${count(undecided)} the search was given up.`}`,
      ),
      screen.columns,
      "  ",
    ),
  ];
}

/** The first graph, those between and the last, side by side; where the screen is too narrow, the last ones give way to the first. */
function trendTables(trend: ExposureTrend, all: boolean, screen: Screen): readonly (readonly string[])[] {
  const names = trend.points.map(({ graph }) => sentence(graph.name));
  const changes = all ? trend.changes : trend.changes.slice(0, ROWS);
  return [
    [
      screen.paint("strong", "How it changed"),
      ...columns(
        ["", ...names],
        trendSeries(trend).map(({ title, values, say }) => [title].concat(values.map(say))),
        screen,
      ),
    ],
    changes.length === 0
      ? []
      : [
          screen.paint("strong", "Packages that changed most: how many fall with them"),
          ...columns(
            ["package", "", ...names],
            changes.map(({ name, points, lostAlternative }) =>
              [name, lostAlternative ? "lost its alternative" : ""].concat(
                points.map((point) => (point === null ? "-" : count(point.hard))),
              ),
            ),
            screen,
            1,
          ),
        ],
  ];
}

/** Rows in columns as wide as they need, the first one cut where the screen is too narrow; numbers to the right, `text` to the left. */
function columns(head: readonly string[], rows: readonly (readonly string[])[], screen: Screen, text = -1): readonly string[] {
  const widths = head.map((title, at) => Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[at] ?? ""))));
  const room = (): number => screen.columns - 2 - widths.slice(1).reduce((sum, width) => sum + width + 2, 0);
  // On a narrow screen the last figures give way: a torn table cannot be read at all.
  while (widths.length > 2 && room() < NARROWEST_NAME) widths.pop();
  const name = Math.max(NARROWEST_NAME, Math.min(widths[0] ?? 0, room()));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .slice(0, widths.length)
      .map((cell, at) => {
        if (at === 0) return padTo(displayWidth(sentence(cell)) > name ? `${sentence(cell).slice(0, name - 1)}…` : sentence(cell), name);
        return at === text ? padTo(cell, widths[at] ?? 0) : " ".repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(cell))) + cell;
      })
      .join("  ")
      .trimEnd()}`;
  return [screen.paint("quiet", line(head)), ...rows.map(line)];
}
