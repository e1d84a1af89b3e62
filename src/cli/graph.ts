import { Fault } from "../model/fault.ts";
import { count } from "../report/groups.ts";
import { neutralise } from "../report/text.ts";
import type { Command } from "./command.ts";
import { graphOptions, readGraphOptions } from "./exposure-options.ts";
import { exitStatus } from "./fault.ts";

export const graphLoad: Command = {
  name: "graph load",
  summary: "read a dependency graph of any kind and keep it under a name",
  positionals: "SOURCE...",
  minPositionals: 1,
  maxPositionals: 1000,
  options: {
    as: { type: "string", value: "NAME", summary: "the name under which it is kept" },
    ...graphOptions,
  },
  description:
    "SOURCE is a folder, a lockfile or an SBOM; with --kind portfolio folders full of them; a Debian index (Packages, packed as it lies in the archive or in apt's lists, or plain) with --sources for its index of sources, or the word apt for apt's own lists; with --kind packages a folder of registry documents; or an edge list: CSV (FROM,TO a line, a third column names alternatives), JSON or GraphML.\n\nNo addresses of people are kept: accounts become digests, and only lists that say so keep their team's name.",
  examples: [
    {
      command: "tributary graph load apt --suite bookworm --as bookworm",
      what: "what apt-get update fetched, with builds and people where deb-src is on",
    },
    { command: "tributary graph load Packages.xz --sources Sources.xz --as bookworm", what: "the same from files" },
    { command: "tributary graph load repositories/ --kind portfolio --as ours", what: "all projects of an organisation" },
    { command: "tributary graph load edges.csv --as anything", what: "FROM,TO a line" },
  ],
  run: async (context) => {
    const name = context.options["as"];
    if (typeof name !== "string") throw new Fault("cli/usage", "the graph needs a name: --as NAME");
    const { keep, readGraph } = await import("../app/exposure/graph.ts");
    const graph = await readGraph(context.positionals, readGraphOptions(context));
    keep(graph, name, context.env);
    const { about } = graph;
    await context.out(
      `${name}: ${count(about.nodes)} packages, ${count(about.edges.first)} dependencies (${count(about.edges.all)} with alternatives)\n`,
    );
    const { selfLoops, duplicates, dangling } = about.dropped;
    if (selfLoops + duplicates + dangling > 0)
      context.err(
        `note: left out: ${count(selfLoops)} self-loops, ${count(duplicates)} repetitions, ${count(dangling)} that lead nowhere or could not be read\n`,
      );
    if (about.unsatisfiable > 0) context.err(`note: ${count(about.unsatisfiable)} requirements that nothing in the graph satisfies\n`);
    for (const what of about.notModelled) context.err(`note: not modelled: ${neutralise(what)}\n`);
    return exitStatus.pass;
  },
};

export const graphList: Command = {
  name: "graph list",
  summary: "list the graphs that are kept",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  options: { format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" } },
  description: "Shows name, kind, size, and from which inputs each graph was made (with --format json, their SHA-256).",
  examples: [{ command: "tributary graph list", what: "all of them" }],
  run: async (context) => {
    const { listKept } = await import("../app/exposure/graph.ts");
    const kept = listKept(context.env);
    if (context.options["format"] === "json") {
      await context.out(`${JSON.stringify({ schemaVersion: "1.0", graphs: kept }, null, 2)}\n`);
      return exitStatus.pass;
    }
    if (kept.length === 0) context.err("note: no graph is kept; tributary graph load SOURCE --as NAME keeps one\n");
    for (const { name, bytes, about } of kept) {
      const what =
        about === null
          ? "damaged: load it again"
          : `${about.kind}, ${count(about.nodes)} packages, ${count(about.edges.first)} dependencies`;
      await context.out(`${name}: ${what}, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
    }
    return exitStatus.pass;
  },
};

export const graphForget: Command = {
  name: "graph forget",
  summary: "forget a graph that is kept",
  positionals: "NAME",
  minPositionals: 1,
  maxPositionals: 1,
  options: {},
  description: "Removes the file. What it was made from is not touched.",
  examples: [{ command: "tributary graph forget bookworm", what: "one of them" }],
  run: async (context) => {
    const { forget } = await import("../app/exposure/graph.ts");
    const [name = ""] = context.positionals;
    if (!forget(name, context.env))
      throw new Fault("input/not-found", `no graph is kept under the name ${name}`, { hint: "tributary graph list" });
    await context.out(`${name} is forgotten\n`);
    return exitStatus.pass;
  },
};
