/** Where results go: standard output, and files that are either the old ones or the whole new ones. */
import { mkdir, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Fault } from "../model/fault.ts";
import { formatOfFile, reportFormats, type ReportFormat } from "../report/formats.ts";
import { didYouMean, listChoices } from "./parse.ts";

export interface OutputTarget {
  readonly format: ReportFormat;
  /** As the user gave it; `-` is standard output. */
  readonly file: string;
}

const ids = reportFormats.map(({ id }) => id);

/** Reads `FMT=FILE`, or a file whose ending says its format. Throws `cli/usage`. */
function parseTarget(text: string): OutputTarget {
  const at = text.indexOf("=");
  const named = at < 0 ? undefined : text.slice(0, at);
  const file = text.slice(at + 1);
  if (file === "")
    throw new Fault("cli/usage", `--output ${text} names no file`, { hint: "--output FMT=FILE, for example --output html=report.html" });
  const format = named === undefined ? formatOfFile(file) : reportFormats.find(({ id }) => id === named);
  if (format !== undefined) return { format, file };
  if (named === undefined) {
    throw new Fault("cli/usage", `the name ${file} does not say which format is wanted`, {
      hint: `--output FMT=${file}, where FMT is ${listChoices(ids)}`,
    });
  }
  throw new Fault("cli/usage", `there is no format "${named}"; there are ${listChoices(ids)}`, {
    hint: didYouMean(named, ids) ?? "tributary check --help",
  });
}

/** What goes where, by `--format` and `--output`; standard output once at most. The terminal's report goes there unless something else does. */
export function parseTargets(format: string | undefined, outputs: readonly string[]): readonly OutputTarget[] {
  const targets = outputs.map(parseTarget);
  const toStdout = targets.filter(({ file }) => file === "-");
  if (toStdout.length > 1 || (toStdout.length === 1 && format !== undefined)) {
    throw new Fault("cli/usage", "standard output is asked for twice", {
      hint: "give --format, or one --output FMT=-, and the others a file",
    });
  }
  const files = targets.filter(({ file }) => file !== "-").map(({ file }) => file);
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) throw new Fault("cli/usage", `two outputs go to ${twice}`);
  if (toStdout.length === 1) return targets;
  const shown = reportFormats.find(({ id }) => id === (format ?? "terminal"));
  return shown === undefined ? targets : [...targets, { format: shown, file: "-" }];
}

/**
 * Writes a file whole or not at all: beside its place first, then over it. Folders on the way are made. What is there already and is no
 * regular file (a pipe, `/dev/stderr`) is written into. Throws `cli/output`.
 */
export async function writeAtomically(file: string, content: string | Iterable<string>, cwd: string): Promise<void> {
  const asked = resolve(cwd, file);
  let unfinished: string | undefined;
  try {
    const there = await stat(asked).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (there !== undefined && !there.isFile()) {
      await writeFile(asked, content);
      return;
    }
    await mkdir(dirname(asked), { recursive: true });
    // A link stays a link: its target is replaced.
    const target = there === undefined ? asked : await realpath(asked);
    unfinished = join(dirname(target), `.${basename(target)}.${process.pid}.unfinished`);
    const handle = await open(unfinished, "w", there === undefined ? 0o666 : there.mode & 0o777);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    if (unfinished !== undefined) await rm(unfinished, { force: true }).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault("cli/output", `${file} could not be written: ${reason}`, {
      cause: error,
      hint: "the file that was there before is untouched",
    });
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
