import type { InventoryResult } from "../app/inventory.ts";
import { counted } from "../report/groups.ts";
import { neutralise } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { progressOn } from "./progress.ts";

const formats = ["table", "json", "purl", "cyclonedx", "spdx"] as const;

export const inventory: Command = {
  name: "inventory",
  summary: "list every piece of open source that a tree of files names, in any ecosystem",
  positionals: "[PATH...]",
  minPositionals: 0,
  maxPositionals: 1000,
  options: {
    exclude: { type: "string", short: "x", value: "GLOB", multiple: true, summary: "leave out what matches, written as in .gitignore" },
    installed: { type: "boolean", summary: "look also into node_modules, vendor and their like, and into what .gitignore leaves out" },
    root: { type: "string", value: "DIR", summary: "the root of an installed system: its package databases and what lies on its disk" },
    format: { type: "string", short: "f", value: "FMT", choices: formats, summary: "what standard output shows" },
    strict: { type: "boolean", summary: "exit with 1 where anything was not read, or only in part" },
    all: { type: "boolean", summary: "show every problem, not the first of each file" },
  },
  description:
    "Finds lockfiles of every ecosystem, manifests that no lockfile answers for, and packed artifacts (wheels, jars with the jars in them, gems, crates) in folders and files (this folder unless given), and shows them as one project. It passes by what .gitignore leaves out and what package managers installed.\n\nA file that cannot be read does not stop it: that is said on standard error and in the result. The exit status is 0, with --strict 1 where something was not read, and 2 where nothing could be read at all.",
  examples: [
    { command: "tributary inventory", what: "everything in this tree" },
    { command: "tributary inventory --format cyclonedx > bom.json", what: "the same as an SBOM" },
    { command: "tributary inventory --root /mnt/image --format purl", what: "what an image holds, a package URL a line" },
    { command: "tributary inventory services/ -x 'testdata/' --strict", what: "a part of it, and no gap is taken for fine" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const { options, positionals, cwd, signal } = context;
  const { takeInventory } = await import("../app/inventory.ts");
  const progress = progressOn(context);
  const exclude = options["exclude"];
  let result: InventoryResult;
  try {
    result = await takeInventory({
      paths: positionals,
      cwd,
      signal,
      onProgress: progress.on,
      ...(Array.isArray(exclude) ? { exclude } : {}),
      ...(options["installed"] === true ? { installed: true } : {}),
      ...(typeof options["root"] === "string" ? { root: options["root"] } : {}),
    });
  } finally {
    progress.end();
  }
  await show(result, context);
  return options["strict"] === true && !result.whole ? exitStatus.policySaysNo : exitStatus.pass;
}

async function show(result: InventoryResult, context: CommandContext): Promise<void> {
  const { inventoryJson, inventoryText, purlList } = await import("../report/inventory.ts");
  const format = context.options["format"] ?? "table";
  if (format !== "table") sayGaps(result, context);
  switch (format) {
    case "json":
      await context.out(inventoryJson(result));
      return;
    case "purl":
      await context.out(purlList(result.project));
      return;
    case "cyclonedx":
    case "spdx": {
      const [{ inventorySbom }, { reproducibleTimestamp }] = await Promise.all([
        import("../app/inventory-sbom.ts"),
        import("../report/cyclonedx.ts"),
      ]);
      const sbom = await inventorySbom(result.project, format, reproducibleTimestamp(context.env));
      await context.out(sbom.text);
      if (sbom.losses.length > 0)
        context.err(
          `note: SPDX has no place for ${counted(sbom.losses.length, "fact")} of this inventory; --format cyclonedx holds them\n`,
        );
      return;
    }
    default: {
      const screen = screenOf(context.outIsTerminal, context.columns, context.env, process.platform);
      await context.out(inventoryText(result, screen, { all: context.options["all"] === true }));
      if (!result.whole) context.err("note: this inventory is not whole: see above\n");
    }
  }
}

/** Formats for machines have no room for what was not read; it is said beside them. */
function sayGaps(result: InventoryResult, context: CommandContext): void {
  for (const one of result.unread) context.err(`note: ${neutralise(one.path)} was not read: ${neutralise(one.message)}\n`);
  if (result.lost > 0)
    context.err(`note: ${counted(result.lost, "entry was", "entries were")} not understood: tributary inventory --all shows them\n`);
}
