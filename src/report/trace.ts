/** Draws the way of a release back to its source, for a terminal: a line down the page, a mark a step, the files at its end. */
import type { FileState, Trace, TraceStep, TracedFile } from "../model/index.ts";
import { counted } from "./groups.ts";
import { block, displayWidth, padTo, sentence, toAscii } from "./text.ts";
import type { Screen, Tone } from "./tones.ts";

interface Mark {
  readonly sign: string;
  readonly ascii: string;
  readonly tone: Tone;
  readonly word: string;
}

const marks: Readonly<Record<TraceStep["state"], Mark>> = {
  verified: { sign: "●", ascii: "*", tone: "good", word: "verified" },
  observed: { sign: "◉", ascii: "o", tone: "good", word: "observed" },
  asserted: { sign: "○", ascii: ".", tone: "caution", word: "asserted" },
  unknown: { sign: "?", ascii: "?", tone: "unclear", word: "unknown" },
  broken: { sign: "×", ascii: "x", tone: "bad", word: "broken" },
};

const verdicts: Readonly<Record<Trace["verdict"], { readonly tone: Tone; readonly says: string }>> = {
  traced: { tone: "good", says: "traced to its source, every file of it" },
  open: { tone: "unclear", says: "not traced to its end: nothing contradicts, but something is not known" },
  broken: { tone: "bad", says: "the way is broken: something contradicts" },
};

/** By state, the best first. */
export const fileStateWords: Readonly<Record<FileState, string>> = {
  "in-tree": "as in the source",
  copied: "copied within it",
  derived: "changed by packing",
  reproduced: "built again, the same",
  generated: "generated, not built again",
  unexplained: "unexplained",
  missing: "missing",
};

export const verdictSentence = (verdict: Trace["verdict"]): string => verdicts[verdict].says;

const tones: Readonly<Record<FileState, Tone>> = {
  "in-tree": "good",
  copied: "good",
  derived: "good",
  reproduced: "good",
  generated: "unclear",
  unexplained: "bad",
  missing: "bad",
};
const states = (Object.keys(fileStateWords) as FileState[]).map((state) => ({ state, tone: tones[state], says: fileStateWords[state] }));

/** Files that are listed of one state unless all are asked for. */
const LISTED = 10;
/** The widest bar of files. */
const BAR_COLUMNS = 40;

/** The whole picture as text, with a line feed at its end. */
export function traceText(trace: Trace, screen: Screen, options: { readonly all: boolean }): string {
  const verdict = verdicts[trace.verdict];
  const title = sentence(`${trace.name}@${trace.version}`);
  const lines = [
    ...block(`${title}: ${verdict.says}`, screen.columns, "").map((line) => screen.paint(verdict.tone, line)),
    "",
    ...way(trace, screen),
    ...fileLines(trace, screen, options.all),
    ...cures(trace, screen),
  ];
  const text = `${lines.join("\n")}\n`;
  return screen.unicode ? text : toAscii(text);
}

function way({ steps }: Trace, screen: Screen): string[] {
  const titleColumns = Math.max(...steps.map(({ title }) => displayWidth(title)));
  const line = screen.unicode ? "│" : "|";
  return steps.flatMap(({ title, state, says }, index) => {
    const { sign, ascii, tone, word } = marks[state];
    const mark = screen.unicode ? sign : ascii;
    const head = `  ${screen.paint(tone, mark)} ${screen.paint("strong", padTo(title, titleColumns))}  ${screen.paint(tone, word)}`;
    const last = index === steps.length - 1;
    const indent = `  ${last ? " " : line}   `;
    const text = block(sentence(says), screen.columns, indent, indent);
    return [
      head,
      ...text.map((row) => screen.paint("quiet", row.slice(0, indent.length)) + row.slice(indent.length)),
      ...(last ? [] : [screen.paint("quiet", `  ${line}`)]),
    ];
  });
}

function fileLines({ files, counts, source }: Trace, screen: Screen, all: boolean): string[] {
  if (files.length === 0 || source === null) return [];
  const where = source.kind === "git" ? `${source.name} at ${source.commit.slice(0, 12)}` : source.name;
  const folder = source.directory === "" ? "" : `, in ${source.directory}`;
  const lines = ["", ...block(`${counted(files.length - counts.missing, "file")} against ${sentence(where + folder)}`, screen.columns, "")];
  const most = Math.max(...Object.values(counts));
  for (const { state, tone, says } of states) {
    const count = counts[state];
    if (count === 0) continue;
    const width = Math.max(1, Math.round((count / most) * Math.min(BAR_COLUMNS, Math.max(4, screen.columns - 44))));
    const bar = (screen.unicode ? "█" : "#").repeat(width);
    lines.push(`  ${padTo(says, 28)}${String(count).padStart(6)}  ${screen.paint(tone, bar)}`);
  }
  for (const { state, tone } of states) {
    if (!all && tone === "good") continue;
    const those = files.filter((file) => file.state === state);
    if (those.length === 0) continue;
    lines.push("", ...those.slice(0, all ? those.length : LISTED).flatMap((file) => fileLine(file, tone, screen)));
    if (!all && those.length > LISTED) lines.push(screen.paint("quiet", `  and ${those.length - LISTED} more: --all`));
  }
  return lines;
}

function fileLine({ path, how }: TracedFile, tone: Tone, screen: Screen): string[] {
  const [first = "", ...rest] = block(`${sentence(path)}: ${sentence(how)}`, screen.columns, "  ", "    ");
  return [screen.paint(tone, first), ...rest];
}

function cures({ steps, verdict }: Trace, screen: Screen): string[] {
  if (verdict === "traced") return [];
  const wanted = [...new Set(steps.filter(({ state }) => state === "unknown").flatMap(({ cure }) => cure ?? []))];
  return wanted.length === 0 ? [] : ["", `To go further: ${wanted.map((cure) => screen.paint("strong", cure)).join("; ")}`];
}
