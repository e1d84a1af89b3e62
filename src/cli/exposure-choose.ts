import { formatSelectionTerminal } from "../report/what-if-terminal.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { graphOptions, graphPositional, readGraphOptions, wholeNumber } from "./exposure-options.ts";
import { exitStatus } from "./fault.ts";

const DEFAULT_COUNT = 10;
const MOST_COUNT = 1000;

export const exposureChoose: Command = {
  name: "exposure choose",
  summary: "choose the packages to protect, or to give an alternative, first; with a bound on how good the choice is",
  positionals: "[GRAPH]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    goal: {
      type: "string",
      value: "GOAL",
      choices: ["protect", "duplicate"],
      summary:
        "protect: those on which most stand together (unless given); duplicate: those for which an alternative takes most damage away",
    },
    count: { type: "string", short: "k", value: "K", summary: `how many (${DEFAULT_COUNT} unless given)` },
    ...graphOptions,
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
  },
  description: `The best choice is NP-hard to find; this one is greedy, and prints how far from the best it can be at most. ${graphPositional}`,
  examples: [
    { command: "tributary exposure choose", what: "what of this project to look after first" },
    { command: "tributary exposure choose debian --goal duplicate -k 20", what: "where a second implementation would help most" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const count = wholeNumber(context, "count", 1, MOST_COUNT, DEFAULT_COUNT);
  const [{ openGraph }, { choose }, { measuresOf }] = await Promise.all([
    import("../app/exposure/graph.ts"),
    import("../app/exposure/exposure.ts"),
    import("../app/reach-threads.ts"),
  ]);
  const graph = await openGraph(context.positionals[0], readGraphOptions(context));
  const selection = choose(graph, context.options["goal"] === "duplicate" ? "duplicate" : "protect", count, await measuresOf(graph));
  if (context.options["format"] === "json") await context.out(`${JSON.stringify(selection, null, 2)}\n`);
  else
    await context.out(formatSelectionTerminal(selection, screenOf(context.outIsTerminal, context.columns, context.env, process.platform)));
  return exitStatus.pass;
}
