/** What is told of a chain: capabilities, and what flows into them. */
import type { Capability } from "../../../model/index.ts";
import { gatherHosts } from "./files-gather.ts";
import { entryOf } from "./script-chains.ts";
import { ENCODED_FROM } from "./script-flow.ts";
import { argumentAt, commandText } from "./script-command.ts";
import { gatherEmbedded } from "./script-embedded.ts";
import { followFiles } from "./script-fetched.ts";
import { argumentEnd, fold, foldedArgument } from "./script-fold.ts";
import { commandCapability, variableCapability } from "./script-sensitive.ts";
import { type Chain, type FileWalk, type Source, type Sources, flowOf } from "./script-walk.ts";
import type { Entry } from "./script.ts";
import { gatherShell } from "./shell.ts";

/** What can be learnt about somebody, or come from somewhere. */
export const yielding: ReadonlySet<Capability> = new Set<Capability>([
  "credential-file",
  "credential-variable",
  "environment-whole",
  "environment",
  "network",
  "dns",
  "clipboard",
  "wallet",
  "browser-data",
  "system",
  "user-input",
]);
const told: ReadonlySet<Source> = new Set<Source>([
  "credential-file",
  "credential-variable",
  "environment-whole",
  "environment",
  "clipboard",
  "wallet",
  "browser-data",
  "system",
  "user-input",
]);
const brought: ReadonlySet<Source> = new Set<Source>(["network", "dns", "encoded-text"]);
const outwards: ReadonlySet<Capability> = new Set<Capability>(["network", "dns"]);
const running: ReadonlySet<Capability> = new Set<Capability>(["dynamic-code", "process", "native", "file-write"]);

/** Calls of one chain that are told apart. */
const MAX_CALLS = 32;

/** `index` is that of its first name, `given` what its brackets yield. */
export function tell(file: FileWalk, chain: Chain, index: number, given: Sources, yields: Set<Source>): void {
  const { environment, variables, decoders } = file.dialect;
  const at = file.tokens[index]?.at ?? 0;
  const { path } = chain;
  // Each call within a chain does what it does: `requests.get(u).json()`, `Command::new("sh").arg("-c").spawn()`.
  let calls = 0;
  for (let cut = path.indexOf("()"); cut !== -1 && calls < MAX_CALLS; cut = path.indexOf("()", cut + 2), calls++) {
    if (decoders.has(path.slice(0, cut))) yields.add("decoded");
    const entry = entryOf(file, path.slice(0, cut));
    if (entry !== undefined)
      tellUse(file, entry, path.slice(0, cut), { ...chain, args: firstArguments(file, index, chain) }, at, given, yields);
  }
  for (let dot = path.length; dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const root = path.slice(0, dot);
    if (!environment.has(root)) continue;
    tellEnvironment(file, path.slice(dot), chain, index, root, yields);
    return;
  }
  if (variables.has(path) && chain.args !== null) {
    tellVariable(file, foldedArgument(file, chain.args, 0)?.value ?? "", at, path, chain.concealed, yields);
    return;
  }
  if (chain.args !== null && (decoders.has(path) || file.suffixes.some((name) => path.endsWith(name)))) {
    yields.add("decoded");
    if (decodesMuch(file, chain.args, at)) yields.add("encoded-text");
  }
  followFiles(file, chain, at, firstArguments(file, index, chain), given);
  tellPassed(file, chain.end - 1 === file.close(index + 1) ? chain.head : path, chain, at, given);
  const entry = entryOf(file, path);
  const isCall = chain.args !== null || (file.dialect.bare === true && calledBare(file, path, chain.end));
  if (entry === undefined || (entry.called === true && !isCall)) return;
  // Who calls a hook replaces none.
  if (entry.capability === "global-hook" && entry.called !== true && isCall) return;
  tellUse(file, entry, path, chain, at, given, yields);
}

/** Without brackets: a method that is known by its whole name, or has something to be given behind it; a constant is none. */
function calledBare(file: FileWalk, path: string, end: number): boolean {
  if (!/\.[a-z_]\w*$/.test(path)) return false;
  const next = file.tokens[end];
  return (
    file.dialect.table.has(path) ||
    next?.kind === "string" ||
    (next?.kind === "name" && !/^(?:if|unless|and|or|do|then|rescue|while|until)$/.test(next.text))
  );
}

/** What is handed to a function of the file that hands it on. */
function tellPassed(file: FileWalk, path: string, chain: Chain, at: number, given: Sources): void {
  if (chain.args === null || !file.telling || given.size === 0) return;
  const name = path.replace(/^(?:self|cls)\./, "");
  for (const to of file.passes.get(name) ?? []) tellFlows(file, given, to, name, at);
}

function tellFlows(file: FileWalk, arriving: Sources, to: Capability, sink: string, at: number): void {
  if (!file.telling) return;
  for (const source of arriving) {
    const from = flowOf(source);
    if (from === null || !((told.has(source) && outwards.has(to)) || (brought.has(source) && running.has(to)))) continue;
    file.gatherer.flow({ from, to, source: "", sink, spot: file.spot(at) });
  }
}

/** Arguments of the first call of a chain. */
function firstArguments(file: FileWalk, from: number, chain: Chain): Chain["args"] {
  for (let index = from; index < chain.end; index++) {
    const text = file.tokens[index]?.kind === "punct" ? file.tokens[index]?.text : "";
    if (text === "(") return [index + 1, file.close(index)];
    if (text === "[") index = file.close(index);
  }
  return chain.args;
}

/** `.get("X")`, `.X`, `["X"]`, `.items()`, or all of it. */
function tellEnvironment(file: FileWalk, rest: string, chain: Chain, index: number, root: string, yields: Set<Source>): void {
  const at = file.tokens[index]?.at ?? 0;
  const name = /^\.([A-Za-z_]\w*)/.exec(rest)?.[1];
  if (name !== undefined && /^(?:get|fetch|pop|setdefault)$/.test(name)) {
    // Without its arguments it stands for what was read where it was called.
    if (chain.args === null) return;
    tellVariable(file, foldedArgument(file, chain.args, 0)?.value ?? "", at, root, chain.concealed, yields);
  } else if (
    rest === "" ||
    (name !== undefined &&
      /^(?:items|values|keys|copy|to_h|to_hash|to_a|each|each_pair|map|dump|entries|inspect|to_json|to_yaml|to_s|select|filter|reject)$/.test(
        name,
      ))
  ) {
    // An assignment to the environment, or a look at whether something is in it, is not the whole of it.
    const next = file.tokens[chain.end];
    if (rest === "" && (next?.text === "=" || file.tokens[index - 1]?.text === "in")) return;
    file.see("environment-whole", "", at, root, chain.concealed);
    yields.add("environment-whole");
  } else if (name !== undefined) tellVariable(file, name, at, root, chain.concealed, yields);
  else {
    file.see("environment", "", at, root, chain.concealed);
    yields.add("environment");
  }
}

function tellVariable(file: FileWalk, name: string, at: number, through: string, concealed: boolean, yields: Set<Source>): void {
  const capability = name === "" ? "environment" : variableCapability(name);
  file.see(capability, name, at, through, concealed);
  if (capability !== "ci") yields.add(capability === "credential-variable" ? capability : "environment");
}

/** `open(path, "wb")`, `open("https://…")`, `open("| command")`: one name, and several things. */
function openedAs(file: FileWalk, entry: Entry, path: string, args: Chain["args"]): Entry {
  if (entry.capability !== "file-read" || args === null || !/(?:^|\.)open$/.test(path)) return entry;
  const what = foldedArgument(file, args, 0)?.value ?? "";
  if (file.dialect.bare === true && /^(?:https?|ftp):\/\//i.test(what)) return { ...entry, capability: "network" };
  if (file.dialect.bare === true && what.startsWith("|")) return { ...entry, capability: "process" };
  const mode = argumentAt(file, args, 1, "mode");
  const written = mode === null ? null : fold(file, mode[0], mode[1], 0);
  return written !== null && /^[rb]*[wax+]/.test(written.value) ? { ...entry, capability: "file-write" } : entry;
}

/** What is run as code, and not merely loaded: a program may load what it stored itself. */
const runsText = (path: string): boolean => !/\bloads?$/.test(path);

function tellUse(file: FileWalk, known: Entry, path: string, chain: Chain, at: number, reaches: Sources, yields: Set<Source>): void {
  const entry = openedAs(file, known, path, chain.args);
  const { capability } = entry;
  const given = chain.args === null ? null : foldedArgument(file, chain.args, entry.argument ?? 0);
  const range = capability !== "process" || chain.args === null ? null : argumentAt(file, chain.args, entry.argument ?? 0, "args");
  const list = range !== null && file.tokens[range[0]]?.text === "[";
  const command = range === null ? "" : ((list ? null : given?.value) ?? commandText(file, ...range)).replace(/^\|/, "");
  const text = entry.argument === undefined ? "" : (given?.value ?? "");
  const concealed = chain.concealed;
  let subject = text;
  if (outwards.has(capability))
    subject =
      /^\w+:\/\/(?:[^@/]{0,100}@)?(\[[0-9a-f:.]+\]|[^\s:/?#"']+)/i.exec(text)?.[1]?.toLowerCase() ??
      (/^[\w.-]+\.[a-z]{2,}$/i.test(text) ? text.toLowerCase() : "");
  else if (capability === "process") subject = /^\s*(?:[^\s$]*\/)?([\w.+-]+)/.exec(command)?.[1] ?? "";
  else if (entry.argument === undefined) subject = path.slice(path.lastIndexOf(".") + 1);
  // What a name holds was told where it was made.
  if (!chain.path.startsWith(`${path}()`) || file.look(chain.head)?.path !== `${path}()`)
    file.see(capability, subject, at, path, concealed);
  if (given !== null && given.made && outwards.has(capability) && file.telling)
    gatherHosts(given.value, file.gatherer, () => file.spot(at), true);
  if (yielding.has(capability)) yields.add(capability);
  if (chain.args === null) return;
  if (command !== "") {
    const whole = commandCapability(command);
    if (whole !== null) file.see(whole, command.slice(0, 60), at, path, given?.decoded === true);
    if (file.telling)
      gatherShell(command, file.gatherer, () => file.spot(at), {
        fetched: file.fetched,
        nesting: file.nesting,
        when: file.statement.inFunction ? "call" : "load",
      });
  }
  if (capability === "dynamic-code" && given !== null && file.telling && runsText(path))
    gatherEmbedded(file.dialect.language, given.value, file.gatherer, file.spot(at), {
      when: file.statement.inFunction ? "call" : "load",
      concealed: given.decoded,
      nesting: file.nesting + 1,
    });
  const arriving = new Set(reaches);
  if (given?.decoded === true && (capability === "dynamic-code" || capability === "process")) arriving.add("encoded-text");
  if (arriving.has("decoded") && capability === "dynamic-code" && runsText(path)) arriving.add("encoded-text");
  for (const source of arriving) {
    if (!source.startsWith("to ") || !(outwards.has(capability) || running.has(capability))) continue;
    // Names are told apart by the file only: what another function was given is not what this one hands on.
    const name = source.slice("to ".length);
    if (name !== file.statement.owner) continue;
    const those = file.passes.get(name) ?? new Set();
    file.passes.set(name, those.add(capability));
  }
  tellFlows(file, arriving, capability, subject, at);
}

/** Whether a decoder is given a text of its own, or what a name holds: not what is read from elsewhere. */
function decodesMuch(file: FileWalk, args: readonly [number, number], at: number): boolean {
  const text = fold(file, args[0], argumentEnd(file, args[0], args[1]), 0);
  if (text === null || text.value.length < 40) return false;
  if (file.telling && text.value.length >= ENCODED_FROM)
    file.gatherer.hide("encoded-text", `${text.value.length} characters are decoded`, file.spot(at));
  return true;
}
