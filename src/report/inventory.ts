/** An inventory for people: a table of files by their ecosystem, then everything that was not read, or only in part. */
import { formatPlace } from "../model/fault.ts";
import type { Project } from "../model/project.ts";
import { count, counted } from "./groups.ts";
import { displayWidth, neutralise, padTo, wrap } from "./text.ts";
import type { Screen } from "./tones.ts";

/** What the table needs of the use case's result. */
export interface InventoryView {
  readonly project: Project;
  readonly unread: readonly { readonly path: string; readonly message: string }[];
  readonly covered: readonly { readonly path: string; readonly by: string }[];
  readonly empty: readonly string[];
  readonly boms: readonly string[];
  readonly passed: readonly string[];
  readonly scanned: number;
  readonly lost: number;
  readonly whole: boolean;
}

/** Problems of one file that are shown; the JSON form has them all. */
const PROBLEMS_SHOWN = 5;
/** Columns that a path takes at most: the end of it tells more than its beginning. */
const PATH_COLUMNS = 60;

export function inventoryText(view: InventoryView, screen: Screen, options: { readonly all?: boolean } = {}): string {
  const { project } = view;
  const { paint } = screen;
  const sign = (mark: string, plain: string): string => (screen.unicode ? mark : plain);
  const lines: string[] = [];
  const rows = project.files.map((file) => ({
    path: shorten(neutralise(file.path), Math.min(PATH_COLUMNS, Math.max(20, screen.columns - 40)), sign("…", "...")),
    format: file.format,
    entries: count(file.listed),
    graph: file.graph,
    problems: file.problems,
  }));
  const widths = {
    path: Math.max(4, ...rows.map((row) => displayWidth(row.path))),
    format: Math.max(6, ...rows.map((row) => row.format.length)),
    entries: Math.max(7, ...rows.map((row) => row.entries.length)),
  };
  lines.push(
    paint("quiet", `${padTo("file", widths.path)}  ${padTo("format", widths.format)}  ${"entries".padStart(widths.entries)}  graph`),
  );
  for (const row of rows) {
    const note = row.problems.length === 0 ? "" : `  ${paint("caution", counted(row.problems.length, "problem"))}`;
    lines.push(
      `${padTo(row.path, widths.path)}  ${padTo(row.format, widths.format)}  ${row.entries.padStart(widths.entries)}  ${padTo(row.graph, 7)}${note}`.trimEnd(),
    );
    const shown = options.all === true ? row.problems : row.problems.slice(0, PROBLEMS_SHOWN);
    for (const problem of shown) {
      const text = `${problem.place.line === undefined ? "" : `line ${problem.place.line}: `}${neutralise(problem.message)}${problem.count === undefined ? "" : ` (${count(problem.count)} times)`}`;
      lines.push(...indented(text, screen.columns).map((line) => paint("quiet", line)));
    }
    if (row.problems.length > shown.length)
      lines.push(paint("quiet", `    and ${count(row.problems.length - shown.length)} more: --all shows them`));
  }
  lines.push("", sentence(view, screen));
  if (view.unread.length > 0) {
    lines.push("", paint("bad", `${counted(view.unread.length, "file or folder was", "files or folders were")} not read:`));
    // Many messages name the file themselves.
    for (const one of view.unread)
      lines.push(...indented(neutralise(one.message.startsWith(one.path) ? one.message : `${one.path}: ${one.message}`), screen.columns));
  }
  for (const note of notesOf(view)) lines.push(...wrap(note, screen.columns).map((line) => paint("quiet", line)));
  return `${lines.join("\n")}\n`;
}

function sentence(view: InventoryView, screen: Screen): string {
  const { project } = view;
  const nodes = project.nodes.filter((node) => node.kind === "component").length;
  const what = `${counted(project.components.length, "component")} in ${counted(nodes, "entry", "entries")} of ${counted(project.files.length, "file")} (${counted(view.scanned, "file")} looked at)`;
  const parts: string[] = [];
  if (view.unread.length > 0) parts.push(`${count(view.unread.length)} not read`);
  if (view.lost > 0) parts.push(`${counted(view.lost, "entry", "entries")} not understood`);
  if (!view.whole && parts.length === 0) parts.push("the search was cut short");
  return `${screen.paint("strong", what)}${parts.length === 0 ? "" : screen.paint("unclear", `; ${parts.join(", ")}`)}`;
}

function notesOf(view: InventoryView): readonly string[] {
  return [
    ...(view.covered.length > 0
      ? [
          `${counted(view.covered.length, "manifest is", "manifests are")} left to the lockfile that answers for ${view.covered.length === 1 ? "it" : "them"}.`,
        ]
      : []),
    ...(view.empty.length > 0 ? [`${counted(view.empty.length, "file lists", "files list")} nothing.`] : []),
    ...(view.boms.length > 0
      ? [`${counted(view.boms.length, "SBOM")} passed by (${neutralise(view.boms[0] ?? "")}): name it to have it read.`]
      : []),
    ...(view.passed.length > 0
      ? [`${counted(view.passed.length, "folder")} of installed packages passed by: --installed looks into them.`]
      : []),
  ];
}

const indented = (text: string, columns: number): string[] => wrap(text, columns - 4).map((line) => `    ${line}`);

function shorten(path: string, columns: number, mark: string): string {
  return displayWidth(path) <= columns ? path : `${mark}${path.slice(-(columns - mark.length))}`;
}

/** Canonical purls, one a line, sorted and each once. */
export const purlList = (project: Project): string => project.components.map((component) => `${component.purl}\n`).join("");

/** The whole result as JSON: the project as the model has it, and what was not read. */
export function inventoryJson(view: InventoryView): string {
  const unread = view.unread.map((one) => ({
    ...one,
    ...("place" in one && one.place !== undefined ? { at: formatPlace(one.place as Parameters<typeof formatPlace>[0]) } : {}),
  }));
  const { project, covered, empty, boms, passed, scanned, lost, whole } = view;
  return `${JSON.stringify({ schemaVersion: 1, whole, scanned, lost, unread, covered, empty, boms, passed, project }, null, 2)}\n`;
}
