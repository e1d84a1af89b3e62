/** Names, members and assignments: the environment, browser data, and what replaces that on which others rely. */
import { variableCapability } from "../script-sensitive.ts";
import { argumentOf } from "./meaning-calls.ts";
import { memberOf } from "./meaning-members.ts";
import { pathOf } from "./meaning-paths.ts";
import { knownName, knownNames, word as words } from "./names.ts";
import { node as nodes } from "./tree.ts";
import { UNKNOWN, type Value, isBuilt } from "./values.ts";
import { hookable, referenceMeaning, referenceNames } from "./vocabulary.ts";
import { isFixed, seeAside } from "./walk-aside.ts";
import { hostOf, seeFlows } from "./walk-calls.ts";
import { fillsIn, onlyFillsIn } from "./walk-fills.ts";
import type { Walk } from "./walk.ts";

const word = words;
const node = nodes;

/** By the number of a known name: whether merely naming it matters. */
const named: Uint8Array = Uint8Array.from(knownNames, (name) => (referenceNames.includes(name) ? 1 : 0));

/** Members of members: nothing that a canonical path names lies deeper. */
const LONGEST_CHAIN = 24;
/** Members of an element that hold an address which is fetched. */
const addresses: ReadonlySet<number> = new Set(["src", "href", "action"].map(knownName));

export function seeReference(walk: Walk, n: number): void {
  const { tree, meanings } = walk;
  const up = tree.up[n]!;
  if (up === 0) return;
  if (!isWorthFollowing(walk, n)) return;
  for (const meaning of meanings.of(n)) {
    if (meaning.kind !== "ref") continue;
    const { path, concealed } = meaning;
    if (path.startsWith("process.env.")) {
      const name = path.slice(12);
      if (name.includes(".") || name.endsWith(")")) continue;
      const capability = variableCapability(name);
      // Names of variables are put together everywhere (`npm_config_` and a name): that says something where the environment itself is disguised, or the variable is a secret.
      walk.see("environment", name, n, "process.env", concealed && (capability !== "environment" || isDisguised(walk, n)));
      if (capability !== "environment") walk.see(capability, name, n, "process.env", concealed);
      if (name === "HOME" || name === "USERPROFILE") walk.see("home", "~", n, "process.env");
      if (name === "LANG" || name === "LC_ALL" || name === "TZ") walk.see("locale", name, n, "process.env");
    } else if (path === "process.env") {
      const upKind = tree.kind[up]!;
      if (upKind === node.spread)
        walk.see("environment-whole", isEnvOption(walk, up) ? "env option" : "spread", n, "process.env", concealed);
      else if (upKind === node.index && tree.kid[up] === n && meanings.of(tree.kidAt(up, 1)).length === 0)
        walk.see("environment", "", up, "process.env", concealed);
      else if (upKind === node.forIn) walk.see("environment-whole", "loop", n, "process.env", concealed);
    } else if (tree.kind[up] !== node.call || tree.kid[up] !== n) {
      const capability = referenceMeaning(path);
      if (capability !== null) walk.see(capability, path, n, path, concealed);
    }
  }
}

/** Whether the object of a member is not written as what it is. */
const isDisguised = (walk: Walk, n: number): boolean =>
  walk.meanings.of(walk.tree.kid[n]!).some((meaning) => meaning.kind === "ref" && meaning.path === "process.env" && meaning.concealed);

function isEnvOption(walk: Walk, spread: number): boolean {
  const { tree } = walk;
  const property = tree.up[tree.up[spread]!]!;
  return tree.kind[property] === node.property && walk.meanings.keyOf(property) === "env";
}

/** Whether the object at the root of a chain of members can mean anything; most cannot, and are left alone. */
function isWorthFollowing(walk: Walk, n: number): boolean {
  const { tree, meanings } = walk;
  let at = n;
  /** Of what is not known only the constructor is, and a member whose name is made at run time may be that. */
  let constructs = false;
  for (let links = 0; ; links++) {
    const kind = tree.kind[at];
    if (kind === node.member) constructs ||= tree.aux[at] === word.constructor;
    else if (kind === node.index) constructs = true;
    else break;
    // Each link of a chain asks: without an end to it, a chain of a million would take for ever.
    if (links > LONGEST_CHAIN + 1) return false;
    at = tree.kid[at]!;
  }
  const root = meanings.of(at);
  if (tree.kind[at] !== node.identifier) return constructs || root.length > 0;
  for (const meaning of root) if (meaning.kind === "ref") return true;
  return false;
}

export function seeIdentifier(walk: Walk, n: number): void {
  const { tree } = walk;
  const id = tree.aux[n]!;
  if (id >= named.length || named[id] === 0) return;
  if (tree.up[n] === 0 || tree.kind[tree.up[n]!] === node.specifier || tree.bindingOf(n) !== 0) return;
  const name = tree.nameOf(n);
  const capability = referenceMeaning(name);
  if (capability !== null) walk.see(capability, name, n, name);
}

/** `...env` and `for (const name in env)`, where `env` is another name of the whole environment. */
export function seeWhole(walk: Walk, n: number): void {
  const { tree } = walk;
  if (tree.kind[n] !== node.identifier) return;
  for (const meaning of walk.meanings.of(n))
    if (meaning.kind === "ref" && meaning.path === "process.env")
      walk.see("environment-whole", "spread", n, "process.env", meaning.concealed);
}

export function seeDeclarator(walk: Walk, n: number): void {
  const { tree, meanings } = walk;
  const target = tree.kid[n]!;
  if (tree.kind[target] !== node.object || tree.next[target] === 0) return;
  for (const meaning of meanings.of(tree.next[target]!)) {
    if (meaning.kind !== "ref" || meaning.path !== "process.env") continue;
    for (let kid = tree.kid[target]!; kid !== 0; kid = tree.next[kid]!) {
      if (tree.kind[kid] === node.spread) {
        walk.see("environment-whole", "rest", kid, "process.env");
        continue;
      }
      const name = meanings.keyOf(kid);
      const capability = variableCapability(name);
      walk.see("environment", name, kid, "process.env");
      if (capability !== "environment") walk.see(capability, name, kid, "process.env");
    }
  }
}

export function seeAssignment(walk: Walk, n: number): void {
  const { tree, meanings } = walk;
  const target = tree.kid[n]!;
  const kind = tree.kind[target]!;
  const isFilled = onlyFillsIn(walk, n, target);
  if (kind !== node.member && kind !== node.index) {
    // fetch = …, of a global that nobody declares. `require` is each module's own (https://nodejs.org/api/modules.html, the module wrapper).
    if (kind === node.identifier && tree.bindingOf(target) === 0 && tree.aux[target] !== word.require && !isFilled)
      seeHook(walk, meanings.of(target), n);
    return;
  }
  if (!isWorthFollowing(walk, target)) return;
  // A member of an object of one's own that holds such a function is no place on which others rely.
  if (!isFilled) {
    const replaced = replacedBy(walk, target);
    seeHook(walk, replaced, n, tree.next[target]!);
    seeWrapping(walk, replaced, n, tree.next[target]!);
  }
  if (kind === node.member && addresses.has(tree.aux[target]!)) {
    const object = meanings.of(tree.kid[target]!);
    if (object.some((meaning) => meaning.kind === "ref" && (meaning.path === "Image#" || meaning.path === "location"))) {
      const value = tree.next[target]!;
      const sink = hostOf(pathOf(meanings, value) ?? "");
      walk.see("network", sink, n, "Image");
      seeFlows(walk, walk.flows.into(value), "network", sink, n, false);
      if (isFixed(sink)) seeAside(walk, value, sink, n);
    }
  }
}

/** The member that is assigned to, by the object's name: what it holds is no matter. */
function replacedBy({ tree, meanings }: Walk, target: number): Value {
  const key = tree.kind[target] === node.member ? null : meanings.of(tree.kidAt(target, 1));
  const name = key === null ? tree.nameOf(target) : meanings.textOf(key);
  const known = meanings.of(tree.kid[target]!).filter((meaning) => meaning.kind === "ref");
  return name === null ? UNKNOWN : memberOf(meanings, known, name, key !== null && isBuilt(key));
}

/** `Object.defineProperty(a, "b", …)`, `Reflect.set(a, "b", …)`. `.bind(Object)` names no member: nothing is replaced where the function is only taken. */
export function seeDefinition(walk: Walk, n: number): void {
  const { meanings } = walk;
  if (argumentOf(meanings, n, 1) === 0) return;
  const name = meanings.textOf(meanings.of(argumentOf(meanings, n, 1))) ?? "?";
  const replaced = memberOf(meanings, meanings.of(argumentOf(meanings, n, 0)), name, false);
  if (!fillsIn(walk, n, replaced)) seeHook(walk, replaced, n);
}

/** Parts of a function that are looked at for what it wraps. */
const MOST_PARTS = 1_000;

/**
 * A function of somebody else's object that is replaced by one that calls it: `const send = mailer.send; mailer.send = (mail) => send(changed(mail))`. What is
 * only added to such an object (a plugin) calls nothing that was there before.
 */
function seeWrapping(walk: Walk, replaced: Value, n: number, value: number): void {
  const { tree, meanings } = walk;
  const path = replaced.find((meaning) => meaning.kind === "ref" && /^(?!node:|process\.)[\w@/-]+\.[\w.$-]+$/.test(meaning.path));
  if (path?.kind !== "ref" || hookable.has(/^[^.]+/.exec(path.path)?.[0] ?? "") || /^(?:module|exports|require)\b/.test(path.path)) return;
  const made = tree.kind[value] === node.new || tree.kind[value] === node.call ? tree.kidAt(value, 1) : value;
  if (tree.kind[value] !== node.function && made === value) return;
  const open = [value];
  for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
    const at = open.pop()!;
    if (
      (tree.kind[at] === node.identifier || tree.kind[at] === node.member) &&
      meanings.of(at).some((meaning) => meaning.kind === "ref" && meaning.path === path.path)
    ) {
      walk.see("global-hook", path.path, n, /^[^.]+/.exec(path.path)?.[0] ?? "");
      return;
    }
    for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
  }
}

function seeHook(walk: Walk, value: Value, n: number, given = 0): void {
  const isFunction = walk.tree.kind[given] === node.function;
  for (const meaning of value) {
    if (meaning.kind !== "ref") continue;
    const { path } = meaning;
    const root = /^[^.#(]+/.exec(path)?.[0] ?? "";
    const isModuleMember = path.startsWith("node:") && /^node:\w+\.\w+/.test(path) && !path.includes("(") && !path.includes("#");
    const isGlobal = hookable.has(root) && !path.includes("(") && !path.includes("#");
    const isStream =
      path === "process.stdout.write" || path === "process.stderr.write" || path === "process.emit" || path === "process.exit";
    // What a function is put into is no data, unless it is there to be called back.
    const isData =
      !(isFunction && path.startsWith("navigator.") && !/\.on[a-z]+$/.test(path)) &&
      /^(?:document|navigator|Error)\.(?!cookie$)/.test(path) &&
      !path.includes("prototype") &&
      !path.startsWith("Error.prepareStackTrace");
    // What lies at a number in a list is no function on which anybody relies.
    if (((isGlobal && !isData) || isModuleMember || isStream) && !/\.\d/.test(path)) {
      if (path === "document.cookie") continue;
      // What they would themselves shadow, a polyfill or a variable of the name, reads the same: rules weigh the subject.
      walk.see("global-hook", path, n, root, meaning.concealed);
    }
  }
}
