import type { FaultyRecord, SyncResult } from "../app/sync/sync.ts";
import { count, counted } from "../report/groups.ts";
import { neutralise } from "../report/text.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { progressOn } from "./progress.ts";

/** More lines than this are not read; the JSON form has them all. */
const FAULTY_SHOWN = 20;

export const sync: Command = {
  name: "sync",
  summary: "bring the advisory base up to date, so that checks need no network",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  options: {
    from: { type: "string", value: "PATH|URL", summary: "a mirror of OSV's export, or a folder or file of advisories" },
    ecosystem: {
      type: "string",
      short: "e",
      value: "NAME",
      multiple: true,
      summary: "npm, PyPI, crates.io, …, or all; default: this project's, else npm",
    },
    whole: { type: "boolean", summary: "read everything anew, not only what changed" },
    offline: { type: "boolean", summary: "never use the network: only --from a folder or file can work then" },
    format: { type: "string", short: "f", value: "FMT", choices: ["text", "json"], summary: "what standard output shows" },
  },
  description:
    "Fetches advisories of the project's ecosystems from OSV's public export and keeps them on this machine. The first time it takes the whole archive of an ecosystem, later only what changed. A sync that is interrupted leaves the base as it was.\n\nWith --from it reads a mirror, or files: OSV records as JSON, JSON lines or YAML, plain or compressed, zip archives as OSV publishes them and osv-scanner keeps them, and the native forms of rubysec, FriendsOfPHP and the Node.js security working group. Each place that was synced stays its own source; of two records with one id the newer counts.",
  examples: [
    { command: "tributary sync", what: "the advisories for this project" },
    { command: "tributary sync --ecosystem npm --ecosystem PyPI", what: "these two ecosystems" },
    { command: "tributary sync --from /mnt/mirror/osv --ecosystem all", what: "everything that a copy on disk holds" },
    { command: "tributary sync --from advisories.ndjson.zst", what: "your own records, beside the others" },
  ],
  run,
};

async function run(context: CommandContext): Promise<number> {
  const { options, cwd, env, signal } = context;
  const { runSync } = await import("../app/sync/run.ts");
  const progress = progressOn(context);
  const ecosystems = options["ecosystem"];
  let result: SyncResult;
  try {
    result = await runSync({
      ecosystems: Array.isArray(ecosystems) ? ecosystems : [],
      cwd,
      env,
      signal,
      onProgress: progress.on,
      ...(typeof options["from"] === "string" ? { from: options["from"] } : {}),
      ...(options["whole"] === true ? { whole: true } : {}),
      ...(options["offline"] === true ? { offline: true } : {}),
    });
  } finally {
    progress.end();
  }
  for (const note of result.notes) context.err(`note: ${neutralise(note)}\n`);
  if (options["format"] === "json") {
    await context.out(`${JSON.stringify({ schemaVersion: 1, ...result }, null, 2)}\n`);
    return exitStatus.pass;
  }
  for (const line of faultyLines(result)) context.err(`${line}\n`);
  await context.out(`${textOf(result)}\n`);
  return exitStatus.pass;
}

function faultyLines({ faulty, faultyCount }: SyncResult): readonly string[] {
  if (faultyCount === 0) return [];
  const shown = faulty.slice(0, FAULTY_SHOWN).map((record: FaultyRecord) => {
    const state = record.taken ? "what is right in it is taken in" : "left out";
    return `  ${neutralise(record.place)}${record.id === "" ? "" : ` (${neutralise(record.id)})`}: ${neutralise(record.problems.join("; "))}: ${state}`;
  });
  const more = faultyCount - shown.length;
  return [
    `note: ${counted(faultyCount, "record has", "records have")} something wrong:`,
    ...shown,
    ...(more > 0 ? [`  and ${count(more)} more: see --format json`] : []),
  ];
}

function textOf({ source, ecosystems, info }: SyncResult): string {
  const lines = ecosystems.map(({ ecosystem, how, records, taken, removed }) => {
    const name = ecosystem === "" ? "(no package named)" : neutralise(ecosystem);
    const change =
      how === "unchanged"
        ? "nothing has changed"
        : `${how === "whole" ? "read anew" : `${count(taken)} new or changed`}${removed > 0 ? `, ${count(removed)} gone` : ""}`;
    return `  ${name}: ${counted(records, "record")}, ${change}`;
  });
  const whole =
    info === null ? [] : [`The base now holds ${counted(info.records, "record")} for ${counted(info.ecosystems.length, "ecosystem")}.`];
  return [`Advisories from ${neutralise(source)}:`, ...lines, ...whole].join("\n");
}
