/** What the commands around `exposure` share: how a graph is named, and numbers. */
import type { GraphOptions } from "../app/exposure/graph.ts";
import { Fault } from "../model/fault.ts";
import type { CommandContext, OptionSpec } from "./command.ts";

const kinds = ["project", "portfolio", "debian", "packages", "edges"] as const;

export const graphOptions: Readonly<Record<string, OptionSpec>> = {
  kind: { type: "string", value: "KIND", choices: kinds, summary: "what the input is, where looking at it does not tell" },
  sources: { type: "string", value: "FILE", summary: "Debian's index of sources, beside its index of packages: brings builds and people" },
  essential: { type: "boolean", summary: "let everything depend on Debian's essential packages" },
  versions: {
    type: "boolean",
    summary: "of Debian, read versions in relations, versioned Provides, Conflicts and Breaks: brings what exactly cannot be installed",
  },
  suite: { type: "string", value: "SUITE", summary: "of apt's lists, only this suite and its updates" },
  architecture: { type: "string", value: "ARCH", summary: "of apt's lists, this architecture (amd64 unless given)" },
};

export const graphPositional =
  "GRAPH is a name under which a graph was kept (tributary graph load), a folder, a lockfile, an SBOM, a Debian index, an edge list (CSV, JSON, GraphML), or the word apt for apt's own lists; this folder unless given.";

export function readGraphOptions(context: CommandContext): GraphOptions {
  const { options, cwd, env } = context;
  const text = (name: string): string | undefined => (typeof options[name] === "string" ? options[name] : undefined);
  const kind = kinds.find((one) => one === options["kind"]);
  const [sources, suite, architecture] = [text("sources"), text("suite"), text("architecture")];
  return {
    cwd,
    env,
    ...(kind === undefined ? {} : { kind }),
    ...(sources === undefined ? {} : { sources }),
    ...(suite === undefined ? {} : { suite }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(options["versions"] === true ? { versions: true } : {}),
    ...(options["essential"] === true ? { essential: true } : {}),
  };
}

/** A whole number from an option; `fallback` where it was not given. Throws `cli/usage`. */
export function wholeNumber(context: CommandContext, name: string, least: number, most: number, fallback: number): number {
  const text = context.options[name];
  if (typeof text !== "string") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Fault("cli/usage", `--${name} takes a whole number from ${least} to ${most}, not ${text}`);
  return value;
}

/** A probability from an option. Throws `cli/usage`. */
export function probability(context: CommandContext, name: string, fallback: number): number {
  const text = context.options[name];
  if (typeof text !== "string") return fallback;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1))
    throw new Fault("cli/usage", `--${name} takes a probability from 0 to 1, not ${text}`);
  return value;
}

/** All values of an option that may be repeated. */
export function listOf(context: CommandContext, name: string): readonly string[] {
  const value = context.options[name];
  return Array.isArray(value) ? value : [];
}
