/** How a branch was kept, for a terminal: the level now, the stretches of one level, the gaps with their reasons, who vouches. */
import type { SourceReport } from "../model/index.ts";
import { counted } from "./groups.ts";
import { block, sentence, toAscii } from "./text.ts";
import type { Screen } from "./tones.ts";

/** Gaps that are listed unless all are asked for. */
const LISTED = 10;

const short = (commit: string): string => commit.slice(0, 12);

/** The report as text, with a line feed at its end. */
export function sourceText(report: SourceReport, screen: Screen, { all }: { readonly all: boolean }): string {
  const { level, unbroken, since, lowest, walked, gaps, refused, attesters, ranges } = report;
  const tone = level > 0 && gaps.length === 0 ? "good" : level > 0 ? "caution" : "unclear";
  const lines: string[] = [];
  const say = (text: string, indent = "", next = "  "): void => void lines.push(...block(sentence(text), screen.columns, indent, next));
  const list = <T>(title: string, items: readonly T[], write: (item: T) => string): void => {
    if (items.length === 0) return;
    lines.push("", screen.paint("strong", title));
    const shown = all ? items : items.slice(0, LISTED);
    for (const item of shown) say(write(item), "  ", "    ");
    if (shown.length < items.length) say(`and ${items.length - shown.length} more: --all`, "  ", "    ");
  };
  const where = `${report.repository} ${report.branch === "" ? short(report.tip) : report.branch.replace(/^refs\/heads\//, "")}`;
  const verdict = level === 0 ? "no source level is attested that holds" : `source level ${level}`;
  lines.push(...block(sentence(`${where}: ${verdict}`), screen.columns, "").map((line) => screen.paint(tone, line)));
  if (unbroken > 0)
    say(`attested without a gap over ${counted(unbroken, "commit")}, back to ${short(since)}; the lowest level among them is ${lowest}`);
  say(
    report.line === "git"
      ? `${counted(walked, "commit")} looked at, along the first parents of ${short(report.tip)}`
      : `${counted(walked, "commit")} looked at, along what the notes name: this repository does not have the commits themselves, so nothing says that git has the same line`,
  );
  list(
    "Levels, newest first",
    ranges,
    ({ level: here, newest, oldest, commits }) =>
      `${here === 0 ? "none" : `level ${here}`}  ${commits === 1 ? short(newest) : `${short(newest)} back to ${short(oldest)}`}, ${counted(commits, "commit")}`,
  );
  list("Gaps, newest first", gaps, ({ commit, kind, says }) => `${short(commit)}  ${kind}: ${says}`);
  list("Not believed", refused, ({ commit, line, code, message }) => `${short(commit)} line ${line}  ${code}: ${message}`);
  list("Who vouches", attesters, ({ verifier, signer, commits }) => `${verifier}, signed by ${signer}: ${counted(commits, "commit")}`);
  const text = `${lines.join("\n")}\n`;
  return screen.unicode ? text : toAscii(text);
}
