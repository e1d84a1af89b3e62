/**
 * Annotations of a GitHub workflow: lines that the runner reads from a step's output and shows beside the code.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
import type { JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { byWeight, count, counted, openQuestions, shortId } from "./groups.ts";
import { sentence } from "./text.ts";

/** GitHub shows ten of a kind a step and drops the others in silence. */
const MOST_ANNOTATIONS = 10;

const commands = { block: "error", review: "warning", note: "notice" } as const;

/** The worst ten findings that ask for something, one line each, and a last one that counts the others. */
export function formatGithub(report: Report, _context: OutputContext): string {
  const asking = report.findings.filter(({ effect }) => effect === "block" || effect === "review").toSorted(byWeight);
  const room = asking.length > MOST_ANNOTATIONS ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS;
  const lines = asking.slice(0, room).map((finding) => annotation(finding, report));
  const rest = asking.length - Math.min(room, asking.length);
  if (rest > 0) lines.push(`::notice title=Tributary::${data(`${counted(rest, "more finding")} in the step's summary`)}`);
  const open = openQuestions(report).length;
  if (open > 0)
    lines.push(
      `::notice title=Tributary::${data(`${count(open)} ${open === 1 ? "question is" : "questions are"} not answered: see the step's summary`)}`,
    );
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(finding: JudgedFinding, report: Report): string {
  const effect = finding.effect === "ignored" ? "note" : finding.effect;
  const place = finding.places[0];
  const properties = [
    ["file", place?.file ?? report.project.files[0]?.path ?? ""],
    ["line", String(place?.line ?? 1)],
    ...(place?.column === undefined ? [] : [["col", String(place.column)] as const]),
    ["title", `${finding.severity}: ${shortId(finding)}`],
  ] as const;
  const command = finding.remedy.command === undefined ? "" : ` Run: ${finding.remedy.command}`;
  const head = properties
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${property(value)}`)
    .join(",");
  return `::${commands[effect]} ${head}::${data(`${finding.message} ${finding.remedy.text}${command}`)}`;
}

/** A line feed would begin a command of its own; whoever names a package must not be able to give the runner commands. */
const data = (text: string): string => sentence(text).replaceAll("%", "%25");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
