/**
 * Shell: what commands are, and what flows through pipes, substitutions and variables. Quotes, substitutions, here-documents and
 * redirections are read as POSIX XCU §2 has them, as far as that decides which words make up a command.
 */
import type { Capability, Flow, Spot } from "../../../model/index.ts";
import { Gatherer, Lines, type Reading, gatherHosts } from "./files-gather.ts";
import { gatherPowershell } from "./powershell.ts";
import { MAX_NESTING, gatherEmbedded } from "./script-embedded.ts";
import {
  clipboard,
  decoders,
  identity,
  inlineLanguages,
  interpreters,
  names,
  network,
  powershells,
  printers,
  readers,
  wrappers,
  writers,
} from "./shell-names.ts";
import { type Command, type ShellWord, commandsOf } from "./shell-words.ts";
import { commandCapability, isSentence, pathCapability, variableCapability } from "./script-sensitive.ts";

type Source = Flow["from"];

/** Facts of a shell script, or of one command line. */
export function shellReading(text: string, lines: Lines, nesting: number = 0): Reading {
  const gatherer = new Gatherer();
  gatherShell(text, gatherer, (offset, scope) => lines.spot(offset, scope), { nesting });
  return gatherer.reading("tokens");
}

export interface ShellOptions {
  /** Files that hold what was fetched, by path, name or `$variable`. */
  readonly fetched?: ReadonlySet<string>;
  /** How deep the text lies in texts that are run as code. */
  readonly nesting?: number;
  /** `call`: it runs only where somebody calls the function around it. */
  readonly when?: "load" | "call";
}

/** Reads `text` as shell into `gatherer`; offsets are those of `text`. */
export function gatherShell(
  text: string,
  gatherer: Gatherer,
  spotOf: (offset: number, scope: string) => Spot,
  options: ShellOptions = {},
): void {
  const { fetched = new Set<string>(), nesting = 0, when } = options;
  const pipelines = commandsOf(text);
  const taints = new Map<string, Set<Source>>();
  const values = new Map<string, string>();
  const handed = { to: 0 };
  const isFetched = (value: string): boolean => namesFetched(value, taints, fetched);
  // Twice, so that what a function or loop further down sets is known further up.
  for (let pass = 0; pass < 2; pass++) {
    for (const pipeline of pipelines) {
      const flowing = new Set<Source>();
      let encoded = false;
      for (const command of pipeline) {
        const did = oneCommand(command, {
          text,
          gatherer: pass === 0 ? null : gatherer,
          spotOf,
          taints,
          values,
          isFetched,
          handed,
          flowing,
          encoded,
          nesting,
          when,
        });
        for (const source of did.yields) flowing.add(source);
        encoded ||= did.decodes;
      }
    }
  }
  if (text.length > 0) gatherHosts(text, gatherer, (index) => spotOf(index, ""));
}

interface Surroundings {
  readonly text: string;
  /** null in the pass that only learns what variables hold. */
  readonly gatherer: Gatherer | null;
  readonly spotOf: (offset: number, scope: string) => Spot;
  readonly taints: Map<string, Set<Source>>;
  /** Texts that variables hold. */
  readonly values: Map<string, string>;
  /** Whether a word names a file that holds what was fetched. */
  readonly isFetched: (value: string) => boolean;
  /** Up to where a line was handed to PowerShell. */
  readonly handed: { to: number };
  /** What comes in through the pipe. */
  readonly flowing: ReadonlySet<Source>;
  readonly encoded: boolean;
  readonly nesting: number;
  readonly when: "load" | "call" | undefined;
}

function oneCommand(
  command: Command,
  { text, gatherer, spotOf, taints, values, isFetched, handed, flowing, nesting, when: whenAll }: Surroundings,
): { yields: ReadonlySet<Source>; decodes: boolean } {
  const { scope } = command;
  const when = whenAll ?? (scope === "" ? "load" : "call");
  const yields = new Set<Source>(flowing);
  let disguised: ShellWord | null = null;
  const see = (capability: Capability, subject: string, word: ShellWord, through: string, concealed = false): void => {
    gatherer?.see(capability, subject, spotOf(word.at, scope), { through, when, concealed: concealed || word === disguised });
  };
  const inWords = (words: readonly ShellWord[]): Set<Source> => {
    const sources = new Set<Source>();
    for (const word of words) {
      for (const variable of word.variables) {
        for (const source of taints.get(variable) ?? []) sources.add(source);
        const capability = variableCapability(variable);
        if (capability === "credential-variable") {
          sources.add(capability);
          see(capability, variable, word, "$");
        } else if (capability === "ci") see(capability, variable, word, "$");
      }
      for (const inner of word.substitutions) {
        let carried: ReadonlySet<Source> = new Set();
        for (const part of inner) {
          const did = oneCommand(part, {
            text,
            gatherer,
            spotOf,
            taints,
            values,
            isFetched,
            handed,
            flowing: carried,
            encoded: false,
            nesting,
            when: whenAll,
          });
          carried = did.yields;
        }
        for (const source of carried) sources.add(source);
      }
      // What a substitution names is told of its own words; what starts programs again does so only where it is written.
      const path = word.substitutions.length > 0 || isSentence(word.value) ? null : pathCapability(word.value);
      if (path !== null && path !== "persistence") {
        see(path, word.value, word, "path");
        if (path === "credential-file" || path === "wallet" || path === "browser-data") sources.add(path);
      }
      const device = /^\/dev\/(?:tcp|udp)\/([^/]+)\//.exec(word.value);
      if (device !== null) see("network", device[1] ?? "", word, "/dev/tcp");
    }
    return sources;
  };
  // NAME=value before a command, or alone.
  let first = 0;
  while (first < command.words.length) {
    const assignment = /^([A-Za-z_]\w*)\+?=/.exec(command.words[first]?.raw ?? "");
    const word = command.words[first];
    if (assignment === null || word === undefined) break;
    const sources = inWords([word]);
    const known = taints.get(assignment[1] ?? "") ?? new Set<Source>();
    for (const source of sources) known.add(source);
    if (isEncoded(word.value)) known.add("encoded-text");
    taints.set(assignment[1] ?? "", known);
    const value = word.value.slice(word.value.indexOf("=") + 1);
    if (word.variables.length + word.substitutions.length === 0 && value.length <= 200) values.set(assignment[1] ?? "", value);
    if (pathCapability(word.value) === "persistence") taints.set(`starting ${assignment[1] ?? ""}`, new Set());
    first++;
  }
  let words = command.words.slice(first);
  while (words.length > 1 && wrappers.has(nameOf(words[0]?.value ?? ""))) {
    words = words.slice(1);
    while (words.length > 1 && /^[-+]|^\w+=|^\/\w$/.test(words[0]?.value ?? "")) words = words.slice(1);
  }
  const head = words[0] === undefined ? undefined : expanded(words[0], values);
  if (head === undefined) return { yields, decodes: false };
  const name = nameOf(head.value);
  if (isDisguised(head) && (network.has(name) || interpreters.has(name) || name === "eval")) disguised = head;
  const rest = words.slice(1);
  const line = words.map(({ value }) => value).join(" ");
  const from = inWords(rest);
  for (const source of inWords(command.inputs)) from.add(source);
  for (const word of [...(readers.has(name) ? rest : []), ...command.inputs]) if (isFetched(word.value)) from.add("network");
  for (const redirect of command.redirects) {
    const sources = inWords([redirect]);
    // A shell whose input or output is a connection does what comes over it.
    if (/^\/dev\/(?:tcp|udp)\//.test(redirect.value) && name.endsWith("sh")) flow("network", "process", name);
    if (/^\/dev\/(?:tcp|udp)\//.test(redirect.value)) for (const source of [...flowing, ...from]) flow(source, "network", redirect.value);
    if (startsAgain(redirect, taints)) see("persistence", redirect.value, redirect, ">");
    void sources;
  }
  function flow(source: Source, to: Capability, sink: string): void {
    gatherer?.flow({ from: source, to, source: "", sink, spot: spotOf(head?.at ?? 0, scope) });
  }
  const hosts = line.match(/\b(?:https?|ftp):\/\/([^\s/"':]+)/);
  const runs =
    interpreters.has(name) || name === "source" || name === "." || (name === "chmod" && rest.some(({ value }) => letsRun(value)));
  for (const word of words) if ((word === head || runs) && isFetched(word.value)) flow("network", "process", name);
  if (writers.has(name) || (name === "sed" && rest.some(({ value }) => /^-\w*i/.test(value))))
    for (const word of name === "tee" ? rest : rest.slice(-1)) if (startsAgain(word, taints)) see("persistence", word.value, word, name);
  // What is printed is no command, and what stands in a variable may be printing.
  const whole = printers.has(name) || head.value.startsWith("$") ? null : commandCapability(line);
  if (whole !== null) see(whole, line.slice(0, 60), head, "shell");

  if (network.has(name) && !(name === "host" && rest.length === 0)) {
    const host =
      hosts?.[1] ?? rest.map(({ value }) => value).find((value) => /^[\w.-]+\.[a-z]{2,}(?:\/|$)|^\d+\.\d+\.\d+\.\d+/i.test(value)) ?? "";
    see("network", host, head, name);
    for (const source of [...from, ...flowing]) if (source !== "network") flow(source, "network", host);
    yields.add("network");
    // What it is written to is what was fetched.
    rest.forEach(({ value }, at) => {
      if (/^-\w*[oO]$/.test(value) && rest[at + 1] !== undefined) taints.set(`file ${rest[at + 1]?.value ?? ""}`, new Set(["network"]));
    });
    for (const { value } of command.redirects) taints.set(`file ${value}`, new Set(["network"]));
    const named = rest.some(({ value }) => /^-\w*[oO]/.test(value) || value.startsWith("--output"));
    const kept = name === "wget" ? !named : name === "curl" && rest.some(({ value }) => /^-\w*O|^--remote-name/.test(value));
    for (const { value } of kept ? rest : []) {
      const file = /^\w+:\/\/[^?#]*\/([^/?#]+)/.exec(value)?.[1];
      if (file !== undefined) taints.set(`file ${file}`, new Set(["network"]));
    }
    // `nc -e /bin/sh`, `socat exec:sh`: what it starts is spoken to over the network.
    const starts = /^(?:nc|ncat|netcat)$/.test(name) ? /^-\w*[ec]$/ : name === "socat" ? /\b(?:exec|system):/i : null;
    if (starts !== null && rest.some(({ value }) => starts.test(value))) flow("network", "process", name);
  } else if (names.has(name)) {
    see("dns", "", head, name);
    for (const source of [...from, ...flowing]) flow(source, "dns", name);
  } else if (name === "eval" || name === "source" || name === "." || name === "iex" || name === "invoke-expression") {
    const dynamic = rest.some(({ variables, substitutions }) => variables.length + substitutions.length > 0);
    if (name !== "source" && name !== "." ? dynamic || flowing.size > 0 : [...from].length > 0) see("dynamic-code", "", head, name);
    for (const source of [...from, ...flowing]) if (source === "network" || source === "encoded-text") flow(source, "dynamic-code", name);
  } else if (interpreters.has(name)) {
    const inline = rest.findIndex(
      ({ value }) => /^-{1,2}(?:[ceEr]|eval|command|e?nc\w*|encodedcommand|\/c)$/i.test(value) || value.toLowerCase() === "/c",
    );
    see("process", name, head, "shell");
    if (inline !== -1 || (powershells.has(name) && rest.length > 0)) {
      see("dynamic-code", "", head, `${name} ${rest[inline]?.value ?? ""}`.trim());
      // What follows on the line was handed to the first of them.
      const again = powershells.has(name) && head.at < handed.to;
      if (powershells.has(name) && gatherer !== null) handed.to = Math.max(handed.to, lineEnd(text, head.at));
      if (gatherer !== null && !again)
        readInline(name, rest, inline, { line: lineAt(text, head), gatherer, spot: spotOf(head.at, scope), nesting, when });
    }
    for (const source of [...from, ...flowing]) if (source === "network" || source === "encoded-text") flow(source, "process", name);
  } else if (name === "env" || name === "printenv" || name === "set" || (name === "export" && rest.some(({ value }) => value === "-p"))) {
    if (rest.length === 0 && (name !== "set" || command.piped)) {
      see("environment-whole", "", head, name);
      yields.add("environment-whole");
    }
  } else if (identity.has(name)) {
    see("system", name, head, "shell");
    yields.add("system");
  } else if (clipboard.has(name)) {
    see("clipboard", "", head, name);
    yields.add("clipboard");
  } else if (name === "rm" && rest.some(({ value }) => /^-\w*[rR]/.test(value))) {
    see("file-delete", rest.find(({ value }) => !value.startsWith("-"))?.value ?? "", head, "rm -r");
  } else if (name === "chmod" && rest.some(({ value }) => letsRun(value))) {
    see("process", "", head, "chmod +x");
  } else if (name === "insmod" || name === "dlopen") see("native", "", head, name);
  const decodes = decoders.has(name);
  if (
    name === "base64" ||
    name === "base32" ||
    name === "xxd" ||
    name === "uudecode" ||
    (name === "openssl" && rest.some(({ value }) => value === "-d" || value === "-base64"))
  ) {
    if (rest.some(({ value }) => /^-{1,2}(?:d|D|decode|r|rp|-decode)$|^-r/.test(value))) yields.add("encoded-text");
  }
  if (name === "echo" || name === "printf" || name === "cat") {
    if (rest.some(({ value }) => isEncoded(value))) yields.add("encoded-text");
  }
  for (const source of from) yields.add(source);
  return { yields, decodes };
}

/** A command whose name variables hold is the one that they hold. */
function expanded(word: ShellWord, values: ReadonlyMap<string, string>): ShellWord {
  if (word.variables.length === 0 || !word.variables.every((name) => values.has(name))) return word;
  const value = word.value.replaceAll(/\$\{?([A-Za-z_]\w*)\}?/g, (whole, name: string) => values.get(name) ?? whole);
  return { ...word, value };
}

/** The name of a command put together from variables, or with quotes within it: `$a$b`, `c''url`. */
const isDisguised = ({ raw, variables }: ShellWord): boolean => variables.length > 1 || /\w(?:''|""|\\)\w/.test(raw);

/** A place that starts programs again, named or held by a variable. */
const startsAgain = (word: ShellWord, taints: ReadonlyMap<string, unknown>): boolean =>
  pathCapability(word.value) === "persistence" || word.variables.some((name) => taints.has(`starting ${name}`));

const letsRun = (mode: string): boolean => /\+x|^[0-7]*7[0-7]*$/.test(mode);

/** `./name`, `/tmp/name` and `name` are one file to whoever fetched it as one of them. */
function namesFetched(value: string, taints: ReadonlyMap<string, unknown>, fetched: ReadonlySet<string>): boolean {
  const plain = value.replace(/^(?:\.\/)+/, "");
  if (plain === "") return false;
  const name = plain.slice(Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\")) + 1);
  return taints.has(`file ${plain}`) || taints.has(`file ${name}`) || fetched.has(plain) || fetched.has(name);
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
};

/** PowerShell is handed the rest of the line by whoever is no shell: brackets and semicolons are its own. Quotes around all of it are not. */
const lineAt = (text: string, { at, raw }: ShellWord): string => {
  const end = text.indexOf("\n", at);
  return text.slice(at + raw.length, end === -1 ? text.length : end).replace(/(-c(?:ommand)?\s+)(["'])(.*)\2\s*$/i, "$1$3");
};

/** A program on the command line is read in its own language. */
function readInline(
  name: string,
  rest: readonly ShellWord[],
  inline: number,
  {
    gatherer,
    spot,
    nesting,
    when,
    line,
  }: {
    readonly gatherer: Gatherer;
    readonly spot: Spot;
    readonly nesting: number;
    readonly when: "load" | "call";
    /** What follows it on its line, as written. */
    readonly line: string;
  },
): void {
  if (nesting >= MAX_NESTING) return;
  const language = Object.hasOwn(inlineLanguages, name) ? inlineLanguages[name] : undefined;
  if (powershells.has(name)) gatherPowershell(line, gatherer, () => spot, nesting + 1);
  else if (language !== undefined) gatherEmbedded(language, rest[inline + 1]?.value ?? "", gatherer, spot, { when, nesting: nesting + 1 });
  else if (name === "cmd" || name.endsWith("sh")) {
    // `sh -c` takes one word, `cmd /c` all that are left.
    const program =
      name === "cmd"
        ? rest
            .slice(inline + 1)
            .map(({ value }) => value)
            .join(" ")
        : (rest[inline + 1]?.value ?? "");
    gatherShell(program, gatherer, () => spot, { nesting: nesting + 1, when });
  }
}

const nameOf = (value: string): string =>
  value
    .slice(Math.max(value.lastIndexOf("/"), value.lastIndexOf("\\")) + 1)
    .replace(/\.(?:exe|cmd)$/i, "")
    .toLowerCase();

/** Long enough to be a program, in an alphabet of encodings, and no path. */
const isEncoded = (value: string): boolean =>
  /^(?:\w+=)?(?:[A-Za-z0-9+/]{60,}={0,2}|(?:\\x[0-9a-f]{2}){12,}|(?:[0-9a-f]{2}){40,})$/i.test(value.trim());
