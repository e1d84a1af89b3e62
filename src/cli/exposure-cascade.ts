import { Fault } from "../model/fault.ts";
import { formatCascadeTerminal } from "../report/what-if-terminal.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { graphOptions, graphPositional, listOf, probability, readGraphOptions, wholeNumber } from "./exposure-options.ts";
import { exitStatus } from "./fault.ts";

const DEFAULT_RUNS = 1000;
/** A million runs over a distribution take ten minutes; the standard error falls with the root of their number only. */
const MOST_RUNS = 1_000_000;

export const exposureCascade: Command = {
  name: "exposure cascade",
  summary: "let a failure spread by chance, and say how far it goes and how long it stays",
  positionals: "[GRAPH]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    from: { type: "string", value: "PACKAGE", multiple: true, summary: "where it begins" },
    transmission: {
      type: "string",
      short: "q",
      value: "Q",
      summary: "chance that one dependency passes it on (0.5 unless given; 1 is exact reach)",
    },
    correlation: { type: "string", value: "C", summary: "how much of that chance is common to all (0 unless given)" },
    runs: { type: "string", value: "N", summary: `runs (${DEFAULT_RUNS} unless given)` },
    seed: { type: "string", value: "N", summary: "another seed gives other runs (1 unless given)" },
    ...graphOptions,
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
  },
  description: `Runs a failure through a graph many times: each dependency passes it on with a probability, one try each. Prints the mean with its standard error, and who is still exposed days after a fix. ${graphPositional}`,
  examples: [{ command: "tributary exposure cascade debian --from libssl3 -q 0.9", what: "one library of a distribution" }],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const packages = listOf(context, "from").flatMap((text) => text.split(",").filter((word) => word !== ""));
  if (packages.length === 0) throw new Fault("cli/usage", "a cascade begins somewhere: --from PACKAGE");
  const request = {
    packages,
    transmission: probability(context, "transmission", 0.5),
    correlation: probability(context, "correlation", 0),
    runs: wholeNumber(context, "runs", 1, MOST_RUNS, DEFAULT_RUNS),
    seed: wholeNumber(context, "seed", 0, 2 ** 31 - 1, 1),
  };
  const [{ openGraph }, { runCascade }] = await Promise.all([import("../app/exposure/graph.ts"), import("../app/exposure/exposure.ts")]);
  const cascade = runCascade(await openGraph(context.positionals[0], readGraphOptions(context)), request);
  if (context.options["format"] === "json") await context.out(`${JSON.stringify(cascade, null, 2)}\n`);
  else await context.out(formatCascadeTerminal(cascade, screenOf(context.outIsTerminal, context.columns, context.env, process.platform)));
  return exitStatus.pass;
}
