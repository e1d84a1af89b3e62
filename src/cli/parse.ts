/**
 * From arguments to a command and its options, after the command's own declaration. `node:util` splits; what is known, what is
 * missing and what was probably meant is decided here, so that every command answers a slip in the same words.
 */
import { parseArgs } from "node:util";
import { Fault } from "../model/fault.ts";
import type { Command, CommandContext, OptionSpec } from "./command.ts";

/** Taken by every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  help: { type: "boolean", short: "h", summary: "show what the command does, with examples" },
};

export interface CommandLine {
  readonly positionals: readonly string[];
  readonly options: CommandContext["options"];
}

/**
 * The longest command name (one or two words) at the beginning of the arguments, and what follows it.
 * Options before the name are not looked through: the name comes first.
 */
export function splitCommand<T extends { readonly name: string }>(
  args: readonly string[],
  table: readonly T[],
): { readonly entry: T; readonly rest: readonly string[] } | null {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(" ");
    const entry = args.length >= words ? table.find((candidate) => candidate.name === name) : undefined;
    if (entry !== undefined) return { entry, rest: args.slice(words) };
  }
  return null;
}

/** Reads what stands behind the command's name. Throws `cli/usage` for what the command does not take, with what was probably meant. */
export function parseCommandLine(command: Command, args: readonly string[]): CommandLine {
  const specs: Readonly<Record<string, OptionSpec>> = { ...commonOptions, ...command.options };
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [name, { type: spec.type, ...(spec.short === undefined ? {} : { short: spec.short }) }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const options: Record<string, string | boolean | string[]> = Object.create(null);
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(command, specs, token.rawName, token.name);
    if (spec.type === "boolean") {
      if (token.value !== undefined) throw usage(command, `${token.rawName} takes no value`);
      options[token.name] = true;
      continue;
    }
    // A value that looks like an option is nearly always a forgotten value; `--name=-value` says that it is meant.
    const forgotten = token.value === undefined || (!token.inlineValue && token.value.length > 1 && token.value.startsWith("-"));
    if (forgotten) throw usage(command, `${token.rawName} needs a value: ${token.rawName} ${spec.value ?? "VALUE"}`);
    const value = token.value ?? "";
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      throw usage(command, `${token.rawName} takes ${listChoices(spec.choices)}, not "${value}"`, didYouMean(value, spec.choices));
    }
    const before = options[token.name];
    if (spec.multiple === true) options[token.name] = [...(Array.isArray(before) ? before : []), value];
    else if (before === undefined) options[token.name] = value;
    else throw usage(command, `${token.rawName} is given twice`);
  }
  if (options["help"] !== true) checkCount(command, positionals);
  return { positionals, options };
}

function checkCount(command: Command, positionals: readonly string[]): void {
  if (positionals.length < command.minPositionals) throw usage(command, `${command.name} needs ${command.positionals}`);
  const first = positionals[command.maxPositionals];
  if (first === undefined) return;
  const taken = command.maxPositionals === 0 ? "no further words" : `no more than ${command.positionals}`;
  throw usage(command, `${command.name} takes ${taken}; "${first}" is too many`);
}

function unknownOption(command: Command, specs: Readonly<Record<string, OptionSpec>>, raw: string, name: string): Fault {
  const near = closest(name, Object.keys(specs));
  return usage(command, `${command.name} has no option ${raw}`, near === undefined ? undefined : `did you mean --${near}?`);
}

const usage = (command: Command, message: string, hint?: string): Fault =>
  new Fault("cli/usage", message, { hint: hint ?? `tributary ${command.name} --help shows what it takes` });

/** `a, b or c`. */
export function listChoices(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

/** `did you mean …?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = closest(word, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** Words longer than this are no slip of the keyboard, and the comparison is quadratic. */
const LONGEST_WORD = 40;

/** The known word that differs least: at most a third of its letters (by insertion, deletion, change or a swap of neighbours). */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = candidate.startsWith(word) && word.length >= 3 ? 0.5 : editDistance(word.toLowerCase(), candidate);
    if (distance < least && distance <= Math.max(1, candidate.length / 3)) [best, least] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [before, above] = [above, current];
  }
  return above[b.length] ?? 0;
}
