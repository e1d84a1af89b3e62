/** Chains of names: what `a.b(c).d` is called in full. */
import { argumentEnd, fold } from "./script-fold.ts";
import { type Chain, type FileWalk, type Holding, MAX_KEPT } from "./script-walk.ts";
import type { Token } from "./script-tokens.ts";
import type { Entry } from "./script.ts";

/** `getattr(getattr(…))`: objects within objects that are asked for by name. People write two. */
const MAX_CHAINED = 20;
/** Characters of a dotted name. */
const MAX_PATH = 2_000;

export function chainAt(file: FileWalk, from: number): Chain {
  const first = file.tokens[from];
  if (first?.kind !== "name" || file.chained >= MAX_CHAINED) return { path: "", args: null, concealed: false, end: from, head: "" };
  file.chained++;
  const chain = followed(file, from, first);
  file.chained--;
  return chain;
}

function followed(file: FileWalk, from: number, first: Token): Chain {
  const tokens = file.tokens;
  let at = from + 1;
  let known = file.look(first.text);
  if ((first.text === "self" || first.text === "cls") && tokens[at]?.text === ".") {
    // What an object holds is known by its name, whichever method put it there.
    const held = file.names.get(`self.${tokens[at + 1]?.text ?? ""}`);
    if (held !== undefined && held.path !== "") {
      known = held;
      at += 2;
    }
  }
  let path = known !== undefined && known.path !== "" ? known.path : nameOf(file, first.text, known);
  let concealed = known?.concealed === true || first.disguised === true;
  let args: Chain["args"] = null;
  for (;;) {
    const token = tokens[at];
    if (token?.kind !== "punct") break;
    if ((token.text === "." || token.text === "?." || token.text === "::" || token.text === "->") && tokens[at + 1]?.kind === "name") {
      // A chain that long names nothing that anybody wrote; its end alone is kept.
      if (path.length > MAX_PATH) path = "";
      path = `${args === null ? path : `${path}()`}.${tokens[at + 1]?.text ?? ""}`;
      args = null;
      at += 2;
    } else if (token.text === "[" && tokens[at - 1]?.kind !== "newline") {
      const close = file.close(at);
      const key = fold(file, at + 1, close, 0);
      if (key === null || key.value.length > 200) {
        path = `${args === null ? path : `${path}()`}[]`;
      } else {
        path = `${args === null ? path : `${path}()`}.${key.value}`;
        concealed ||= (key.made || detour.test(path.slice(0, path.length - key.value.length - 1))) && isWorthHiding(file, path);
        tellDisguised(file, at + 1, close);
      }
      args = null;
      at = close + 1;
    } else if (token.text === "(" || (token.text === "!" && tokens[at + 1]?.text === "(")) {
      const open = token.text === "(" ? at : at + 1;
      const close = file.close(open);
      if (args !== null) path = `${path}()`;
      args = [open + 1, close];
      at = close + 1;
      const written = path;
      path = file.canonical(path);
      const made = madeBy(file, path, args) ?? namedBy(file, written, args);
      if (made !== null) {
        path = made.path;
        concealed ||= made.concealed;
        args = made.args ?? null;
      }
    } else if (token.text === "?" && tokens[at + 1]?.text === ".") at++;
    else break;
  }
  return { path: file.canonical(path), args, concealed, end: at, head: first.text };
}

/** Tables of names: what is taken from them by name could have been written. */
const detour = /(?:^|\.)(?:__dict__|__builtins__|globals\(\)|locals\(\)|sys\.modules)$/;

/** What a name that nothing in the file gives a value stands for: itself, or what a module brought in with all of its names. */
function nameOf(file: FileWalk, name: string, known: Holding | undefined): string {
  // A variable that happens to be called like a module is none.
  if (file.dialect.importing && known?.own === true && !known.imported) return `(own).${name}`;
  for (const module of file.stars) if (file.dialect.table.has(`${module}.${name}`)) return `${module}.${name}`;
  return name;
}

/** A name that is written in escapes says only that nobody is to find it. */
function tellDisguised(file: FileWalk, from: number, to: number): void {
  const token = file.tokens[from];
  if (file.telling && token?.disguised === true && to === from + 1)
    file.gatherer.hide("concealed-name", `${token.text} is written in escapes`, file.spot(token.at));
}

/** Whether a name that was put together is one that anybody would want to hide. */
function isWorthHiding(file: FileWalk, path: string): boolean {
  const canonical = file.canonical(path);
  return (
    entryOf(file, canonical) !== undefined ||
    file.dialect.environment.has(canonical) ||
    file.dialect.modules.has(canonical) ||
    file.dialect.members.has(canonical)
  );
}

interface Made {
  readonly path: string;
  readonly concealed: boolean;
  /** Where it is called as well: with what. */
  readonly args?: readonly [number, number];
}

/** `os.__getattribute__("system")`, `vars(os).get("system")`, `Kernel.send(:system, "id")`: a member by its name. */
function namedBy(file: FileWalk, path: string, args: readonly [number, number]): Made | null {
  if (path === "vars" && file.dialect.importing) {
    const of = chainAt(file, args[0]);
    return of.path === "" ? null : { path: `${of.path}.__dict__`, concealed: of.concealed };
  }
  const dot = path.lastIndexOf(".");
  const method = path.slice(dot + 1);
  if (method !== "get" && file.dialect.named?.has(method) !== true) return null;
  const object = dot === -1 ? "" : path.slice(0, dot);
  const how = file.dialect.named?.get(method) ?? (method === "get" && detour.test(object) ? "member" : undefined);
  if (how === undefined) return null;
  const end = argumentEnd(file, args[0], args[1]);
  const name = fold(file, args[0], end, 0);
  if (name === null || name.value.length > 200) return null;
  tellDisguised(file, args[0], end);
  const whole = file.canonical(object === "" || object === "self" ? name.value : `${object}.${name.value}`);
  const worth = isWorthHiding(file, whole);
  if (!worth) return how === "member" ? { path: whole, concealed: false } : null;
  // Ruby's own way around `private` is `send`: only what runs commands or text is worth a detour that is written down.
  const capability = file.dialect.table.get(whole)?.capability;
  const concealed = name.made || !file.dialect.bare || capability === "process" || capability === "dynamic-code";
  return { path: whole, concealed, ...(how === "call" ? { args: [Math.min(end + 1, args[1]), args[1]] as const } : {}) };
}

/** What a call of `require`, `getattr` and their like stands for. */
function madeBy(file: FileWalk, path: string, args: readonly [number, number]): Made | null {
  const { modules, members } = file.dialect;
  const canonical = (name: string): string => file.canonical(name);
  if (modules.has(path)) {
    const name = fold(file, args[0], argumentEnd(file, args[0], args[1]), 0);
    if (file.telling) {
      const at = file.tokens[args[0]]?.at ?? 0;
      file.gatherer.import({
        specifier: name?.value ?? "",
        how: name === null ? "dynamic" : "require",
        typeOnly: false,
        spot: file.spot(at),
      });
      if (name === null) file.see("dynamic-import", "", at, path, false);
    }
    return name === null ? null : { path: canonical(name.value), concealed: name.made && isSensitiveModule(file, canonical(name.value)) };
  }
  if (members.has(path)) {
    const end = argumentEnd(file, args[0], args[1]);
    const object = chainAt(file, args[0]);
    const name = fold(file, end + 1, argumentEnd(file, end + 1, args[1]), 0);
    if (object.path === "" || name === null) return null;
    tellDisguised(file, end + 1, argumentEnd(file, end + 1, args[1]));
    const whole = canonical(`${object.path}.${name.value}`);
    // With a third argument it asks whether there is such a thing; what is called at once could have been written.
    const asks = argumentEnd(file, end + 1, args[1]) < args[1];
    const called = file.tokens[args[1] + 1]?.text === "(" || file.tokens[args[1] + 1]?.text === ".";
    return { path: whole, concealed: object.concealed || ((name.made || (called && !asks)) && isWorthHiding(file, whole)) };
  }
  return null;
}

function isSensitiveModule(file: FileWalk, path: string): boolean {
  for (const name of file.dialect.table.keys()) if (name === path || name.startsWith(`${path}.`)) return true;
  return false;
}

export function entryOf(file: FileWalk, path: string): Entry | undefined {
  const kept = file.entries.get(path);
  if (kept !== undefined || file.entries.has(path)) return kept;
  if (file.entries.size >= MAX_KEPT) file.entries.clear();
  const found = entryAt(file, path);
  file.entries.set(path, found);
  return found;
}

function entryAt(file: FileWalk, path: string): Entry | undefined {
  const { table } = file.dialect;
  const exact = table.get(path);
  if (exact !== undefined) return exact;
  // `open().read`: what the call did was told where it was made; what follows it does no more.
  if (path.includes("()")) return bySuffix(file, path);
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const below = table.get(`${path.slice(0, dot)}.*`);
    if (below !== undefined) return below;
  }
  return bySuffix(file, path);
}

/** `.urlopen`: names so much their own that they mean the same wherever they come from; not what the file itself calls so. */
function bySuffix(file: FileWalk, path: string): Entry | undefined {
  if (!file.dialect.anywhere) return undefined;
  const dot = path.lastIndexOf(".");
  return path.startsWith("(own).") && dot === "(own)".length ? undefined : file.dialect.table.get(`.${path.slice(dot + 1)}`);
}
