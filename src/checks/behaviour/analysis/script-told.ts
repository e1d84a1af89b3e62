/** What is told of a chain: capabilities, and what flows into them. */
import type { Capability } from "../../../model/index.ts";
import { gatherHosts } from "./files-gather.ts";
import { entryOf } from "./script-chains.ts";
import { ENCODED_FROM } from "./script-flow.ts";
import { argumentEnd, fold, foldedArgument } from "./script-fold.ts";
import { commandCapability, variableCapability } from "./script-sensitive.ts";
import type { Chain, FileWalk, Source, Sources } from "./script-walk.ts";
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
/** `fetch` of whatever object, with an address. */
const fetching: Entry = { capability: "network", argument: 0, called: true };

/** `index` is that of its first name, `given` what its brackets yield. */
export function tell(file: FileWalk, chain: Chain, index: number, given: Sources, yields: Set<Source>): void {
  const { environment, variables, decoders } = file.dialect;
  const at = file.tokens[index]?.at ?? 0;
  const { path } = chain;
  // Each call within a chain does what it does: `requests.get(u).json()`, `Command::new("sh").arg("-c").spawn()`.
  let calls = 0;
  for (let cut = path.indexOf("()"); cut !== -1 && calls < MAX_CALLS; cut = path.indexOf("()", cut + 2), calls++) {
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
  if (chain.args !== null && (decoders.has(path) || file.suffixes.some((name) => path.endsWith(name))) && decodesMuch(file, chain.args, at))
    yields.add("encoded-text");
  const entry =
    entryOf(file, path) ??
    (path.endsWith(".fetch") && chain.args !== null && /^https?:/.test(foldedArgument(file, chain.args, 0)?.value ?? "")
      ? fetching
      : undefined);
  if (entry === undefined || (entry.called === true && chain.args === null)) return;
  tellUse(file, entry, path, chain, at, given, yields);
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
  } else if (rest === "" || (name !== undefined && /^(?:items|values|keys|copy|to_h|to_a|each|map|dump|entries)$/.test(name))) {
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

function tellUse(file: FileWalk, entry: Entry, path: string, chain: Chain, at: number, reaches: Sources, yields: Set<Source>): void {
  const { capability } = entry;
  const given = chain.args === null ? null : foldedArgument(file, chain.args, entry.argument ?? 0);
  const text = entry.argument === undefined ? "" : (given?.value ?? "");
  const concealed = chain.concealed;
  let subject = text;
  if (outwards.has(capability))
    subject =
      /^\w+:\/\/(?:[^@/]{0,100}@)?(\[[0-9a-f:.]+\]|[^\s:/?#"']+)/i.exec(text)?.[1]?.toLowerCase() ??
      (/^[\w.-]+\.[a-z]{2,}$/i.test(text) ? text.toLowerCase() : "");
  else if (capability === "process") subject = /^\s*(?:\S*\/)?([\w.+-]+)/.exec(text)?.[1] ?? "";
  else if (entry.argument === undefined) subject = path.slice(path.lastIndexOf(".") + 1);
  // What a name holds was told where it was made.
  if (!chain.path.startsWith(`${path}()`) || file.names.get(chain.head)?.path !== `${path}()`)
    file.see(capability, subject, at, path, concealed);
  if (given !== null && given.made && outwards.has(capability) && file.telling)
    gatherHosts(given.value, file.gatherer, () => file.spot(at), true);
  if (yielding.has(capability)) yields.add(capability);
  if (chain.args === null) return;
  if (capability === "process" && given !== null) {
    const whole = commandCapability(given.value);
    if (whole !== null) file.see(whole, given.value.slice(0, 60), at, path, given.made);
    if (file.telling) gatherShell(given.value, file.gatherer, () => file.spot(at));
  }
  const arriving = new Set(reaches);
  if (given !== null && given.made && (capability === "dynamic-code" || capability === "process")) arriving.add("encoded-text");
  for (const source of arriving) {
    if (!file.telling || !((told.has(source) && outwards.has(capability)) || (brought.has(source) && running.has(capability)))) continue;
    file.gatherer.flow({ from: source, to: capability, source: "", sink: subject, spot: file.spot(at) });
  }
}

/** Whether a decoder is given a text of its own, or what a name holds: not what is read from elsewhere. */
function decodesMuch(file: FileWalk, args: readonly [number, number], at: number): boolean {
  const text = fold(file, args[0], argumentEnd(file, args[0], args[1]), 0);
  if (text === null || text.value.length < 40) return false;
  if (file.telling && text.value.length >= ENCODED_FROM)
    file.gatherer.hide("encoded-text", `${text.value.length} characters are decoded`, file.spot(at));
  return true;
}
