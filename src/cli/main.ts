/**
 * The frame of the command line: finds the command, reads its options, gives it its streams, and turns what it throws into
 * `error[code]: message` with exit status 2. The commands themselves are loaded only when they are asked for.
 *
 *     arguments -> splitCommand -> load -> parseCommandLine -> run -> exit status
 */
import { Fault } from "../model/fault.ts";
import { withoutWorkflowCommands } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { commands } from "./commands.ts";
import { exitStatus, formatFault, formatFaultJson, toFault } from "./fault.ts";
import { didYouMean, listChoices, parseCommandLine, splitCommand } from "./parse.ts";

type CommandTable = readonly { readonly name: string; readonly load: () => Promise<Command> }[];

/** What the world gives a run; a command gets it as it is, with its own arguments added. */
export interface Host extends Omit<CommandContext, "positionals" | "options"> {
  readonly platform: string;
}

/** The reader of standard output went away (`| head`). Not an error of ours: the run ends without a word. */
export class PipeClosed extends Error {}

/** Runs one command line and returns the exit status; never throws. */
export async function runCommandLine(args: readonly string[], host: Host, table: CommandTable = commands): Promise<number> {
  try {
    return await dispatch(args, host, table);
  } catch (thrown) {
    if (thrown instanceof PipeClosed) return exitStatus.pipeClosed;
    if (host.signal.aborted) {
      host.err("stopped; what was fetched is kept\n");
      return exitStatus.stopped;
    }
    const fault = toFault(thrown);
    const screen = screenOf(host.errIsTerminal, host.columns, host.env, host.platform);
    const text = formatFault(fault, screen, host.env["TRIBUTARY_DEBUG"] === "1" ? thrown : undefined);
    host.err(host.env["GITHUB_ACTIONS"] === "true" ? withoutWorkflowCommands(text) : text);
    if (asksForJson(args)) await host.out(formatFaultJson(fault)).catch(() => undefined);
    return exitStatus.fault;
  }
}

async function dispatch(args: readonly string[], host: Host, table: CommandTable): Promise<number> {
  const [first] = args;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") return await help(args.slice(1), first, host, table);
  if (first === "--version" || first === "-V") {
    await host.out(await formatVersion(args.includes("--json")));
    return exitStatus.pass;
  }
  const found = splitCommand(args, table);
  if (found === null) throw unknownCommand(args, table);
  const command = await found.entry.load();
  const { positionals, options } = parseCommandLine(command, found.rest);
  if (options["help"] === true) return await showHelp(command, host);
  const status = await command.run({ ...host, positionals, options });
  // A command that ends early of itself when it is stopped has not finished its work: that must not look like a pass.
  if (host.signal.aborted) throw host.signal.reason;
  return status;
}

async function help(words: readonly string[], first: string | undefined, host: Host, table: CommandTable): Promise<number> {
  const named = words.filter((word) => !word.startsWith("-"));
  if (first === "help" && named.length > 0) {
    const found = splitCommand(named, table);
    if (found === null) throw unknownCommand(named, table);
    return await showHelp(await found.entry.load(), host);
  }
  const { formatOverview } = await import("./help.ts");
  const loaded = await Promise.all(table.map((entry) => entry.load()));
  const text = formatOverview(loaded, screenOf(first !== undefined && host.outIsTerminal, host.columns, host.env, host.platform));
  if (first !== undefined) {
    await host.out(text);
    return exitStatus.pass;
  }
  // Nothing was asked for, so nothing was answered: a script whose variable came out empty must not see a pass.
  host.err(text);
  return exitStatus.fault;
}

async function showHelp(command: Command, host: Host): Promise<number> {
  const { formatHelp } = await import("./help.ts");
  await host.out(formatHelp(command, screenOf(host.outIsTerminal, host.columns, host.env, host.platform)));
  return exitStatus.pass;
}

async function formatVersion(json: boolean): Promise<string> {
  const { ownVersion } = await import("../app/version.ts");
  const version = ownVersion();
  if (!json) return `tributary ${version}\n`;
  return `${JSON.stringify({ name: "tributary", version, node: process.versions.node, platform: process.platform, arch: process.arch })}\n`;
}

function unknownCommand(args: readonly string[], table: CommandTable): Fault {
  const [first = "", second = ""] = args;
  const names = table.map((entry) => entry.name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) {
    const near = didYouMean(`${first} ${second}`, group);
    return new Fault("cli/usage", `${first} is followed by ${listChoices(group.map((name) => name.slice(first.length + 1)))}`, {
      hint: near ?? `tributary ${group[0]} --help`,
    });
  }
  const what = first.startsWith("-") ? `there is no option ${first} before a command` : `there is no command "${first}"`;
  return new Fault("cli/usage", what, { hint: didYouMean(first, names) ?? "tributary --help lists the commands" });
}

const asksForJson = (args: readonly string[]): boolean =>
  args.some((arg, index) => arg === "--format=json" || (arg === "--format" && args[index + 1] === "json"));

/** What standard input may hold at most: the largest file that the inventory takes is below it. */
const MOST_STDIN_BYTES = 512 * 1024 * 1024;

/** Runs the process: streams, signals, exit. Called by the launcher. */
export async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  let stops = 0;
  const onStop = (signal: NodeJS.Signals): void => {
    stops += 1;
    // The first asks for a clean end, the second does not ask.
    if (stops > 1) process.exit(signal === "SIGTERM" ? 143 : exitStatus.stopped);
    stop.abort(new Error(`stopped by ${signal}`));
  };
  process.on("SIGINT", onStop).on("SIGTERM", onStop);
  // Without listeners a closed pipe would be an uncaught exception; `out` sees it through its own callback.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);

  const status = await runCommandLine(args, {
    cwd: process.cwd(),
    env: process.env,
    out: writeOut,
    err: (text) => void process.stderr.write(text),
    stdin: readStdin,
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: columnsOf(process.stdout.columns ?? process.stderr.columns, process.env["COLUMNS"]),
    signal: stop.signal,
    platform: process.platform,
  });
  // Sockets that are kept alive would hold the process for seconds; all that was written has been taken by now.
  process.exit(status);
}

function writeOut(text: string): Promise<void> {
  return new Promise((taken, refused) => {
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null) taken();
      else if ("code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED")) refused(new PipeClosed());
      else refused(new Fault("cli/output", `standard output took no more: ${error.message}`, { cause: error }));
    });
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_STDIN_BYTES) throw new Fault("input/too-large", `standard input holds more than ${MOST_STDIN_BYTES / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Where neither the terminal nor the environment says. */
const USUAL_COLUMNS = 80;

function columnsOf(terminal: number | undefined, fromEnvironment: string | undefined): number {
  const stated = Number(fromEnvironment);
  if (terminal !== undefined && terminal > 0) return terminal;
  return Number.isInteger(stated) && stated > 0 ? stated : USUAL_COLUMNS;
}
