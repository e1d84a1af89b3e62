import { Fault } from "../model/fault.ts";
import { exposureFormats } from "../report/exposure-formats.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { graphOptions, graphPositional, listOf, readGraphOptions, wholeNumber } from "./exposure-options.ts";
import { exitStatus } from "./fault.ts";
import { writeAtomically } from "./output.ts";

const ids = exposureFormats.map(({ id }) => id);
const MOST_ROWS = 10_000;
const DEFAULT_ROWS = 20;

export const exposure: Command = {
  name: "exposure",
  summary: "say what falls if it falls: who is leaned on, where diversity is only apparent",
  positionals: "[GRAPH...]",
  minPositionals: 0,
  maxPositionals: 100,
  options: {
    ...graphOptions,
    top: { type: "string", value: "N", summary: `rows of each table (${DEFAULT_ROWS} unless given)` },
    all: { type: "boolean", summary: "show every row that was computed" },
    families: { type: "string", value: "FILE", summary: "families of packages with one job, beside or in place of the standard ones" },
    format: { type: "string", short: "f", value: "FMT", choices: ids, summary: "what standard output shows" },
    output: { type: "string", short: "o", value: "FMT=FILE", multiple: true, summary: "write one more, by format or by the file's ending" },
  },
  description: `Counts, for every package of a graph, who would be exposed (first), who could be (all) and who could not stand without it (hard), and how much an alternative helps: substitutability, 1 - hard/all. ${graphPositional}\n\nSeveral graphs (releases of a distribution, months of a portfolio) are shown as the last of them and a trend over all. People are counted by role and team; nothing orders persons.`,
  examples: [
    { command: "tributary exposure", what: "what this project leans on" },
    {
      command: "tributary exposure services/ --kind portfolio --output html=exposure.html",
      what: "all projects below a folder, as a page",
    },
    { command: "tributary graph load apt --as debian && tributary exposure debian", what: "the distribution that this machine runs" },
    { command: "tributary exposure bookworm trixie", what: "what changed between two graphs that are kept" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const { options, positionals, cwd } = context;
  const targets = targetsOf(context);
  const [{ openGraph }, { expose, familiesFrom }, { measuresOf }, { ownVersion }] = await Promise.all([
    import("../app/exposure/graph.ts"),
    import("../app/exposure/exposure.ts"),
    import("../app/reach-threads.ts"),
    import("../app/version.ts"),
  ]);
  const top = wholeNumber(context, "top", 1, MOST_ROWS, DEFAULT_ROWS);
  const families = familiesFrom(typeof options["families"] === "string" ? options["families"] : undefined, cwd);
  const asked = positionals.length === 0 ? [undefined] : positionals;
  const graphs = [];
  // One after the other: two graphs of millions at once would double what a run needs at its peak.
  // oxlint-disable-next-line no-await-in-loop
  for (const one of asked) graphs.push(await openGraph(one, readGraphOptions(context)));
  const measures = [];
  // oxlint-disable-next-line no-await-in-loop
  for (const graph of graphs) measures.push(await measuresOf(graph));
  const exposed = expose(graphs, { top, measures, ...(families === undefined ? {} : { families }) });
  for (const { format, file } of targets) {
    const screen = screenOf(file === "-" && context.outIsTerminal, context.columns, context.env, process.platform);
    // oxlint-disable-next-line no-await-in-loop
    const write = await format.load();
    const text = write({
      ...exposed,
      screen,
      toolVersion: ownVersion(),
      ...(options["all"] === true || options["top"] !== undefined ? { all: true } : {}),
    });
    // oxlint-disable-next-line no-await-in-loop
    await (file === "-" ? context.out(text) : writeAtomically(file, text, cwd));
  }
  return exitStatus.pass;
}

const formatOf = (id: string): (typeof exposureFormats)[number] | undefined => exposureFormats.find((one) => one.id === id);

function targetsOf(context: CommandContext): readonly { readonly format: (typeof exposureFormats)[number]; readonly file: string }[] {
  const files = listOf(context, "output").map((text) => {
    const at = text.indexOf("=");
    const file = text.slice(at + 1);
    const format =
      at === -1 ? exposureFormats.find(({ endings }) => endings.some((ending) => file.endsWith(ending))) : formatOf(text.slice(0, at));
    if (file === "" || format === undefined)
      throw new Fault("cli/usage", `--output ${text} names no format and file`, {
        hint: `--output FMT=FILE, where FMT is one of ${ids.join(", ")}`,
      });
    return { format, file };
  });
  const shown = typeof context.options["format"] === "string" ? formatOf(context.options["format"]) : formatOf("terminal");
  // Where only files are wanted by name, the terminal still says the sentence.
  return shown === undefined || files.some(({ file }) => file === "-") ? files : [...files, { format: shown, file: "-" }];
}
