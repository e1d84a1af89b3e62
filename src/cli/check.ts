import { appendFile, readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Check, CheckOptions } from "../app/check-options.ts";
import type { Json } from "../model/canonical.ts";
import { Fault } from "../model/fault.ts";
import type { Report, VerdictWord } from "../model/report.ts";
import type { OutputContext } from "../report/format.ts";
import { type ReportFormat, reportFormats } from "../report/formats.ts";
import { formatGithub } from "../report/github.ts";
import { neutralise, withoutWorkflowCommands } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { type OutputTarget, parseTargets, writeAtomically } from "./output.ts";
import { progressOn } from "./progress.ts";
import { signingOptions, type SignStatement, statementSigner } from "./signing.ts";
import { keepYoungSmall } from "./garbage.ts";

const failOn = ["block", "review", "never"] as const;
const comparisons = ["recent", "all", "none"] as const;

/** The command around a use case, which is loaded when the command runs. */
export function checkCommand(load: () => Promise<Check>): Command {
  return {
    name: "check",
    summary: "say what of a project's open source may come in, and what is not known",
    positionals: "[PATH]",
    minPositionals: 0,
    maxPositionals: 1,
    options: {
      format: {
        type: "string",
        short: "f",
        value: "FMT",
        choices: reportFormats.map(({ id }) => id),
        summary: "what standard output shows",
      },
      output: {
        type: "string",
        short: "o",
        value: "FMT=FILE",
        multiple: true,
        summary: "write a report to a file as well; - is standard output",
      },
      "fail-on": {
        type: "string",
        value: "VERDICT",
        choices: failOn,
        summary: "the verdict from which on the exit status is 1: block unless given",
      },
      since: { type: "string", value: "REV", summary: "speak only of what changed against a git revision" },
      behaviour: {
        type: "string",
        value: "WHICH",
        choices: comparisons,
        summary: "whose contents are compared with the release before: recent unless given, all, or none",
      },
      policy: { type: "string", value: "FILE", summary: "the policy, instead of the nearest tributary.json upwards" },
      ...signingOptions("a verification summary"),
      offline: { type: "boolean", summary: "use only what was fetched before" },
      fresh: { type: "boolean", summary: "ask the sources again, whatever is in the cache" },
      all: { type: "boolean", summary: "show every finding, not the worst of them" },
    },
    description:
      "Reads a project (a folder, a lockfile or an SBOM; this folder unless given), gathers evidence about every piece of open source in it, and gives a verdict by the policy: pass, review or block, with what could not be answered.\n\nThe exit status is 0 where the policy passes it, 1 where it says no, 2 where the check could not be done.",
    examples: [
      { command: "tributary check", what: "the project in this folder" },
      { command: "tributary check packages/web/package-lock.json --offline", what: "one lockfile, without the network" },
      { command: "tributary check --since origin/main --fail-on review", what: "what a pull request changes, strictly" },
      {
        command: "tributary check -o html=report.html -o sarif=report.sarif",
        what: "a page for people and a file for code scanning, in one run",
      },
      { command: "tributary check --format json | jq .verdict", what: "the verdict as data" },
      { command: "tributary check -o vsa=summary.json --sign sigstore", what: "the verdict for others, signed in a public log, for ever" },
    ],
    run: async (context) => await run(context, load),
  };
}

async function run(context: CommandContext, load: () => Promise<Check>): Promise<number> {
  const { options, positionals, cwd, env, signal } = context;
  const path = positionals[0] ?? ".";
  keepYoungSmall();
  // What cannot be written is said before the work, not after it.
  const targets = parseTargets(text(options["format"]), list(options["output"]));
  const since = text(options["since"]);
  const policyFile = text(options["policy"]);
  const behaviour = comparisons.find((one) => one === options["behaviour"]);
  const sign = await statementSigner(context);
  if (sign !== null && !targets.some(({ format }) => format.isStatement === true))
    throw new Fault("cli/usage", "there is nothing to sign", {
      hint: "--format vsa, or --output vsa=FILE: a verification summary is signed",
    });
  const progress = progressOn(context);
  let report: Report;
  try {
    const check = await load();
    const asked: CheckOptions = {
      path,
      cwd,
      env,
      signal,
      onProgress: progress.on,
      onNote: (note) => progress.say(withoutWorkflowCommands(`note: ${neutralise(note)}`)),
      ...(options["offline"] === true ? { offline: true } : {}),
      ...(options["fresh"] === true ? { fresh: true } : {}),
      ...(since === undefined ? {} : { since }),
      ...(policyFile === undefined ? {} : { policyFile }),
      ...(behaviour === undefined ? {} : { behaviour }),
    };
    report = await check(asked);
  } finally {
    progress.end();
  }
  await deliver(report, targets, context, path, sign);
  return statusOf(report.verdict.verdict, text(options["fail-on"]) ?? "block");
}

const text = (value: CommandContext["options"][string]): string | undefined => (typeof value === "string" ? value : undefined);
const list = (value: CommandContext["options"][string]): readonly string[] => (typeof value === "object" ? value : []);

function statusOf(verdict: VerdictWord, threshold: string): number {
  if (threshold === "never" || verdict === "pass") return exitStatus.pass;
  return verdict === "block" || threshold === "review" ? exitStatus.policySaysNo : exitStatus.pass;
}

/** Writes every output; one that fails does not keep the others from being written. Standard output comes last, where the eye is. */
async function deliver(
  report: Report,
  targets: readonly OutputTarget[],
  context: CommandContext,
  path: string,
  sign: SignStatement | null,
): Promise<void> {
  const { ruleBook } = await import("../report/rules.ts");
  const texts = await readProjectFiles(report, targets, context.cwd);
  const forScreen: OutputContext = {
    screen: screenOf(context.outIsTerminal, context.columns, context.env, process.platform),
    textOf: (file) => texts.get(file) ?? null,
    ruleOf: ruleBook(),
    all: context.options["all"] === true,
    category: categoryOf(path, context.cwd),
    ...timestampOf(context.env["SOURCE_DATE_EPOCH"]),
  };
  const forFile: OutputContext = { ...forScreen, screen: screenOf(false, context.columns, {}, process.platform) };

  const signed = async ({ isStatement }: ReportFormat, content: string): Promise<string> =>
    sign === null || isStatement !== true ? content : `${JSON.stringify(await sign(JSON.parse(content) as Json), null, 2)}\n`;

  const faults: unknown[] = [];
  for (const { format, file } of targets.filter((target) => target.file !== "-")) {
    const write = await format.load();
    await signed(format, write(report, forFile))
      .then((content) => writeAtomically(file, content, context.cwd))
      .catch((error: unknown) => void faults.push(error));
  }
  await tellGithub(report, targets, context, forFile).catch((error: unknown) => void faults.push(error));
  for (const { format } of targets.filter((target) => target.file === "-")) {
    const write = await format.load();
    const shown = await signed(format, write(report, forScreen));
    await context.out(format.id === "terminal" && inWorkflow(context) ? withoutWorkflowCommands(shown) : shown);
  }
  if (faults.length > 0) throw faults[0];
}

/** Lockfiles are read again for GitHub's hashes of their lines; above this they go without. */
const LARGEST_HASHED_BYTES = 64 * 1024 * 1024;

async function readProjectFiles(report: Report, targets: readonly OutputTarget[], cwd: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (!targets.some(({ format }) => format.id === "sarif")) return texts;
  for (const { path } of report.project.files) {
    // A file that is gone by now, or came from elsewhere, costs its hashes and nothing more.
    const bytes = await readFile(resolve(cwd, path)).catch(() => null);
    if (bytes !== null && bytes.length <= LARGEST_HASHED_BYTES) texts.set(path, bytes.toString("utf8"));
  }
  return texts;
}

function categoryOf(path: string, cwd: string): string {
  const inside = relative(cwd, resolve(cwd, path)).replaceAll("\\", "/");
  return inside.startsWith("..") ? "" : inside;
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function timestampOf(epoch: string | undefined): { readonly timestamp?: string } {
  if (epoch === undefined || epoch === "") return {};
  const date = new Date(Number(epoch) * 1000);
  if (!/^\d+$/.test(epoch) || Number.isNaN(date.getTime())) {
    throw new Fault("cli/usage", `SOURCE_DATE_EPOCH is no number of seconds: ${epoch}`);
  }
  return { timestamp: date.toISOString() };
}

const inWorkflow = ({ env }: CommandContext): boolean => env["GITHUB_ACTIONS"] === "true";

/** In a GitHub workflow: the worst findings as annotations (on standard error, which the runner reads as well), all in the step's summary. */
async function tellGithub(report: Report, targets: readonly OutputTarget[], context: CommandContext, output: OutputContext): Promise<void> {
  if (!inWorkflow(context)) return;
  if (!targets.some(({ format }) => format.id === "github")) {
    context.err(formatGithub(report, output));
  }
  const summary = context.env["GITHUB_STEP_SUMMARY"];
  if (summary === undefined || summary === "") return;
  const { formatMarkdown } = await import("../report/markdown.ts");
  await appendFile(summary, formatMarkdown(report, output));
}
