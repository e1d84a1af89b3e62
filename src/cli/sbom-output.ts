/** What the commands around bills of materials share: their formats, where the result goes, and how losses are told. */
import type { FormLoss, Loss, WrittenSbom } from "../app/sbom.ts";
import { Fault } from "../model/index.ts";
import type { CommandContext, OptionSpec } from "./command.ts";
import { writeAtomically } from "./output.ts";

export const formatNames = ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag", "spdx-yaml", "spdx-xml", "spdx3-json"] as const;
export type FormatName = (typeof formatNames)[number];

/** The options that say what is written, and where to. */
export const writeOptions: Readonly<Record<"spec-version" | "output", OptionSpec>> = {
  "spec-version": { type: "string", value: "VERSION", choices: ["1.6", "1.7"], summary: "the version of CycloneDX (default: 1.6)" },
  output: { type: "string", short: "o", value: "FILE", summary: "write to a file instead of standard output" },
};

export interface WriteChoice {
  readonly format: FormatName;
  readonly specVersion?: "1.6" | "1.7";
  readonly timestamp?: string;
}

/** What was chosen, with the time that SOURCE_DATE_EPOCH gives (https://reproducible-builds.org/specs/source-date-epoch/). */
export function writeChoice(context: CommandContext, option: string, fallback: FormatName): WriteChoice {
  const format = context.options[option];
  const version = context.options["spec-version"];
  const epoch = context.env["SOURCE_DATE_EPOCH"];
  if (epoch !== undefined && epoch !== "" && !/^\d{1,11}$/u.test(epoch))
    throw new Fault("cli/usage", `SOURCE_DATE_EPOCH is no number of seconds: ${epoch}`);
  return {
    format: typeof format === "string" ? (format as FormatName) : fallback,
    ...((version === "1.6" || version === "1.7") && { specVersion: version }),
    ...(epoch !== undefined && epoch !== "" && { timestamp: new Date(Number(epoch) * 1000).toISOString().replace(".000Z", "Z") }),
  };
}

/** Writes the document to where it was asked for. */
export async function deliver(context: CommandContext, text: string): Promise<void> {
  const output = context.options["output"];
  if (typeof output === "string" && output !== "-") await writeAtomically(output, text, context.cwd);
  else await context.out(text);
}

/** More kinds of loss than this are counted rather than named; `--losses FILE` has every one. */
const MAX_KINDS = 25;

/** Tells on standard error what the target could not hold: kinds with their counts, the most frequent first. */
export function tellLosses(context: CommandContext, written: Pick<WrittenSbom, "losses" | "formLosses">): void {
  const { losses, formLosses } = written;
  if (losses.length === 0 && formLosses.length === 0) return context.err("nothing was lost\n");
  const lines: string[] = [];
  const total = losses.length + formLosses.length;
  lines.push(`${total} ${total === 1 ? "value" : "values"} could not be held:`);
  const kinds = new Map<string, number>();
  for (const loss of losses) count(kinds, loss.pointer.replace(/\/\d+(?=\/|$)/gu, "/*"));
  for (const loss of formLosses) count(kinds, `${loss.at.replace(/\/\d+(?=\/|$)/gu, "/*")} (${loss.what})`);
  const sorted = [...kinds].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [kind, times] of sorted.slice(0, MAX_KINDS)) lines.push(`  ${String(times).padStart(6)}  ${visible(kind)}`);
  if (sorted.length > MAX_KINDS) lines.push(`  and ${sorted.length - MAX_KINDS} more kinds: --losses FILE writes all of them`);
  context.err(`${lines.join("\n")}\n`);
}

function count(kinds: Map<string, number>, kind: string): void {
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
}

/** The whole list as JSON. */
export function lossesJson(losses: readonly Loss[], formLosses: readonly FormLoss[]): string {
  return `${JSON.stringify({ schemaVersion: "1.0", losses, formLosses }, null, 2)}\n`;
}

/** Text from a document may hold escape sequences; a terminal gets none of them. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
