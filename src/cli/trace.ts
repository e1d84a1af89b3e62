import { Fault } from "../model/fault.ts";
import { traceText } from "../report/trace.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { writeAtomically } from "./output.ts";
import { signingOptions, statementSigner } from "./signing.ts";

const formats = ["terminal", "json", "html"] as const;

export const trace: Command = {
  name: "trace",
  summary: "follow a release back to its source, file by file",
  positionals: "PACKAGE@VERSION|FILE",
  minPositionals: 1,
  maxPositionals: 1,
  options: {
    git: { type: "string", short: "g", value: "DIR|URL", summary: "a clone of the repository, or where to fetch one" },
    source: { type: "string", value: "FILE", summary: "a source archive (.tar.gz, .zip) in place of a repository, such as Debian's" },
    commit: { type: "string", value: "REV", summary: "compare with this commit, tag or branch" },
    directory: { type: "string", value: "DIR", summary: "the package's folder in the source (default: found by name)" },
    tarball: { type: "string", value: "FILE", summary: "look at these bytes, not at those that the registry hands out" },
    attestations: { type: "string", value: "FILE", summary: "take the attestations from a file: a registry's answer, bundles" },
    rebuild: { type: "boolean", summary: "build it again in a sandbox without a network, and compare" },
    build: { type: "string", value: "COMMAND", summary: "with --rebuild: what builds it, in place of its own script" },
    node: { type: "string", value: "VERSION", summary: "with --rebuild: build with this Node (default: the recorded one)" },
    npm: { type: "string", value: "VERSION", summary: "with --rebuild: pack with this npm (default: the recorded one)" },
    statement: { type: "string", value: "FILE", summary: "write an in-toto statement where our own build is equivalent" },
    ...signingOptions("that statement"),
    format: { type: "string", short: "f", value: "FMT", choices: formats, summary: "what standard output shows" },
    all: { type: "boolean", summary: "list every file" },
    strict: { type: "boolean", summary: "exit with 1 also where something is not known" },
    offline: { type: "boolean", summary: "use only what is kept or given" },
    fresh: { type: "boolean", summary: "ask the registry again, however young its kept answers are" },
  },
  description:
    "Draws the way back: the bytes, the registry's signature, its publish attestation, the build provenance, the workflow run, the commit, the version's tag, the branch that holds the commit. Then it says of every file of the package whether the source has it, whether a build of ours makes it again, or whether nothing explains it.\n\nA FILE is a release of any ecosystem: a project's tarball, a source distribution, a crate, a wheel, a gem. No registry is asked then.\n\nThe exit status is 0 where nothing contradicts, 1 where something does (with --strict also where something is not known), and 2 where it could not be looked at. --rebuild runs the package's own build, shut in without a network; without a sandbox it runs nothing.",
  examples: [
    { command: "tributary trace semver@7.7.2 --git https://github.com/npm/node-semver", what: "fetch the repository and compare" },
    {
      command: "tributary trace minimatch@9.0.3 --git ../minimatch --rebuild",
      what: "against a clone, and build what the repository has not",
    },
    {
      command: "tributary trace ini@3.0.1 --source node-ini_3.0.1.orig.tar.gz --format json",
      what: "against the source that Debian keeps",
    },
    { command: "tributary trace xz-5.6.0.tar.xz --git ../xz", what: "what is in a tarball that is not in the repository at its tag" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const { options, positionals, cwd, env, signal } = context;
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const given = (name: string, as: string = name): object => {
    const value = text(name);
    return value === undefined ? {} : { [as]: value };
  };
  const file = text("statement");
  const sign = await statementSigner(context);
  if (sign !== null && file === undefined) throw new Fault("cli/usage", "there is nothing to sign", { hint: "--statement FILE" });
  const useCase = await import("../app/trace/trace.ts");
  const {
    trace: way,
    statement,
    notes,
  } = await useCase.trace({
    wanted: positionals[0] ?? "",
    cwd,
    env,
    signal,
    offline: options["offline"] === true,
    fresh: options["fresh"] === true,
    ...given("git"),
    ...given("source", "archive"),
    ...given("commit"),
    ...given("directory"),
    ...given("tarball"),
    ...given("attestations"),
    ...(options["rebuild"] === true ? { rebuild: { ...given("build"), ...given("node"), ...given("npm") } } : {}),
    ...(context.errIsTerminal ? { onProgress: (what: string) => context.err(`${what}\n`) } : {}),
  });
  if (file !== undefined) {
    if (statement === null) context.err("note: no statement was written: there is no build of ours that is equivalent to the release\n");
    else await writeAtomically(file, `${JSON.stringify(sign === null ? statement : await sign(statement), null, 2)}\n`, cwd);
  }
  for (const note of notes) context.err(`note: ${note}\n`);
  if (options["format"] === "json") await context.out(`${JSON.stringify({ schemaVersion: "1.0", ...way }, null, 2)}\n`);
  else if (options["format"] === "html") await context.out((await import("../report/trace-html.ts")).traceHtml(way));
  else {
    const screen = screenOf(context.outIsTerminal, context.columns, env, process.platform);
    await context.out(traceText(way, screen, { all: options["all"] === true }));
  }
  if (way.verdict === "broken" || (options["strict"] === true && way.verdict !== "traced")) return exitStatus.policySaysNo;
  return exitStatus.pass;
}
