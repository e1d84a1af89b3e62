import type { Change } from "../model/exposure.ts";
import { Fault } from "../model/fault.ts";
import { formatWhatIfTerminal } from "../report/what-if-terminal.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { graphOptions, graphPositional, listOf, readGraphOptions } from "./exposure-options.ts";
import { exitStatus } from "./fault.ts";

export const exposureWhatIf: Command = {
  name: "exposure what-if",
  summary: "say what changes if a package goes, is replaced or pinned, or an account or a build platform is lost",
  positionals: "[GRAPH]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    remove: { type: "string", value: "PACKAGE", multiple: true, summary: "it is gone; several are gone together" },
    replace: { type: "string", value: "A=B", summary: "everyone who asks for A asks for B" },
    alternative: { type: "string", value: "A=B", summary: "everyone who asks for A is content with B as well" },
    pin: { type: "string", value: "A[=B,C]", summary: "all that ask for A, or only B and C, take no new release of it by themselves" },
    merge: { type: "string", value: "A,B,…", summary: "they become one" },
    "lose-account": { type: "string", value: "ACCOUNT", summary: "an account is taken over: a team, or an address that you know" },
    "lose-platform": {
      type: "string",
      value: "PLATFORM",
      summary: "a builder, or a package that builds use, is not to be trusted any more",
    },
    drill: { type: "string", value: "EVENT", summary: 'write a tabletop exercise instead: "liblzma5 compromised"' },
    ...graphOptions,
    format: {
      type: "string",
      short: "f",
      value: "FMT",
      choices: ["terminal", "json", "markdown"],
      summary: "what standard output shows (markdown: drills only)",
    },
  },
  description: `Asks one question of a graph and answers with who falls, who is exposed, how far it goes, what changes and by which ways. ${graphPositional}`,
  examples: [
    { command: "tributary exposure what-if --remove semver", what: "what of ours could not stand without it" },
    {
      command: "tributary exposure what-if debian --alternative libssl3=libgnutls30",
      what: "what a second TLS library would take off the first",
    },
    { command: "tributary exposure what-if debian --lose-platform gcc-12", what: "everything that is built with it" },
    { command: 'tributary exposure what-if debian --drill "liblzma5 compromised"', what: "an exercise for an afternoon" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const { options, positionals } = context;
  const drill = options["drill"];
  const change = typeof drill === "string" ? null : changeOf(context);
  const [{ openGraph }, { whatIf, namesOf }, { measuresOf }] = await Promise.all([
    import("../app/exposure/graph.ts"),
    import("../app/exposure/exposure.ts"),
    import("../app/reach-threads.ts"),
  ]);
  const graph = await openGraph(positionals[0], readGraphOptions(context));
  if (change === null) {
    const [{ drillOf, readDrill }, { formatDrillJson, formatDrillMarkdown }] = await Promise.all([
      import("../app/exposure/drill.ts"),
      import("../report/drill.ts"),
    ]);
    const request = readDrill(String(drill));
    const { buildExposure } = await import("../graph/builds.ts");
    const exercise = drillOf(
      graph,
      { ...request, packages: request.packages.flatMap((word) => namesOf(graph, word)) },
      { builds: buildExposure(graph) },
    );
    await context.out(options["format"] === "json" ? formatDrillJson(exercise) : formatDrillMarkdown(exercise));
    return exitStatus.pass;
  }
  if (options["format"] === "markdown")
    throw new Fault("cli/usage", "only a drill is written as markdown", { hint: '--drill "PACKAGE compromised"' });
  const answer = whatIf(graph, change, await measuresOf(graph));
  if (options["format"] === "json") await context.out(`${JSON.stringify(answer, null, 2)}\n`);
  else await context.out(formatWhatIfTerminal(answer, screenOf(context.outIsTerminal, context.columns, context.env, process.platform)));
  return exitStatus.pass;
}

/** Names in one option, by commas. */
const words = (value: string): readonly string[] =>
  value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** The one change that the options ask for. Throws `cli/usage` where there is none, or more than one. */
function changeOf(context: CommandContext): Change {
  const changes: Change[] = [];
  const text = (name: string): string | undefined => (typeof context.options[name] === "string" ? context.options[name] : undefined);
  const pair = (name: string): readonly [string, string] | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const at = value.indexOf("=");
    if (at < 1 || at === value.length - 1) throw new Fault("cli/usage", `--${name} takes two packages: --${name} A=B`);
    return [value.slice(0, at), value.slice(at + 1)];
  };
  const removed = listOf(context, "remove").flatMap(words);
  if (removed.length > 0) changes.push({ kind: "remove", packages: removed });
  const replace = pair("replace");
  if (replace !== undefined) changes.push({ kind: "replace", package: replace[0], by: replace[1] });
  const alternative = pair("alternative");
  if (alternative !== undefined) changes.push({ kind: "add-alternative", package: alternative[0], by: alternative[1] });
  const pin = text("pin");
  if (pin !== undefined) {
    const [name = "", by = ""] = pin.split("=", 2);
    changes.push({ kind: "pin", package: name, by: words(by) });
  }
  const merge = text("merge");
  if (merge !== undefined) changes.push({ kind: "merge", packages: words(merge) });
  const account = text("lose-account");
  if (account !== undefined) changes.push({ kind: "lose-account", account });
  const platform = text("lose-platform");
  if (platform !== undefined) changes.push({ kind: "lose-platform", platform });
  const [change] = changes;
  if (change === undefined || changes.length > 1) {
    throw new Fault("cli/usage", change === undefined ? "nothing is asked" : "two questions are asked at once", {
      hint: "tributary exposure what-if --remove PACKAGE; --help shows the others",
    });
  }
  return change;
}
