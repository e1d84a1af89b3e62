/** Who gets what from where: every assignment of a variable, every call of a function of the file. */
import type { Meanings, Source } from "./meaning.ts";
import { word as words } from "./names.ts";
import { op } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";
import { MOST_MEANINGS } from "./values.ts";

const word = words;
const flag = flags;
const node = nodes;

const ASSIGN = op("=");

/** By kind: whether such a node gives anything to anybody. */
const giving: Uint8Array = new Uint8Array(64);
for (const kind of [node.declarator, node.assign, node.function, node.class, node.specifier, node.call, node.new]) giving[kind] = 1;

export function link(meanings: Meanings): void {
  const { tree } = meanings;
  const { kind: kinds } = tree;
  const calls: number[] = [];
  for (let n = 1; n < tree.count; n++) {
    if (giving[kinds[n]!] === 0) continue;
    switch (kinds[n]) {
      case node.declarator: {
        const target = tree.kid[n]!;
        const init = tree.next[target]!;
        if (init !== 0) bind(meanings, target, init, "", "value");
        else if (tree.kind[tree.up[tree.up[n]!]!] === node.forIn) bind(meanings, target, tree.next[tree.up[n]!]!, "", "element");
        break;
      }
      case node.assign: {
        const target = tree.kid[n]!;
        const value = tree.next[target]!;
        const kind = tree.kind[target]!;
        if (kind === node.member) bindMember(meanings, target, value);
        else if (kind === node.index) bindPlace(meanings, target, value);
        else bind(meanings, target, value, "", tree.aux[n] === ASSIGN ? "value" : "append");
        break;
      }
      case node.function:
      case node.class: {
        if ((tree.aux[n]! & flag.static) !== 0) bindName(meanings, n);
        if (tree.kind[n] !== node.function) break;
        let parameters = tree.kid[n]!;
        if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
        let i = 0;
        for (let kid = tree.kid[parameters]!; kid !== 0; kid = tree.next[kid]!, i++) bind(meanings, kid, n, String(i), "parameter");
        break;
      }
      case node.specifier: {
        if (tree.kind[tree.up[n]!] !== node.import) break;
        const name = tree.aux[n]!;
        bind(meanings, tree.kid[n]!, tree.kid[tree.up[n]!]!, name === 0 || name === word.default ? "" : tree.names.textOf(name), "import");
        break;
      }
      case node.call:
      case node.new:
        calls.push(n);
        break;
      default:
    }
  }
  for (const call of calls) {
    const callee = tree.kid[call]!;
    if (tree.kind[callee] === node.function) addCaller(meanings, callee, call);
    else if (tree.kind[callee] === node.identifier) {
      const binding = tree.bindingOf(callee);
      for (const source of meanings.sources[binding] ?? [])
        if (source.path === "" && tree.kind[source.node] === node.function && source.kind === "value")
          addCaller(meanings, source.node, call);
    }
  }
}

/** The name of a function or class. */
function bindName(meanings: Meanings, n: number): void {
  const { tree } = meanings;
  const name = tree.kid[n]!;
  bind(meanings, name, n, "", "value");
  if (tree.kind[n] !== node.function) return;
  // One in a block is that of the function around it as well.
  const outer = tree.bindings.find(tree.functionScope[tree.scope[name]!]!, tree.aux[name]!);
  if (outer !== 0 && outer !== tree.bindingOf(name)) addSource(meanings, outer, { node: n, path: "", kind: "value" });
}

function addSource(meanings: Meanings, binding: number, source: Source): void {
  const known = meanings.sources[binding];
  if (known === undefined) meanings.sources[binding] = [source];
  else known.push(source);
}

function addCaller(meanings: Meanings, callee: number, call: number): void {
  const known = meanings.callers.get(callee);
  if (known === undefined) meanings.callers.set(callee, [call]);
  else known.push(call);
}

function bindMember(meanings: Meanings, target: number, value: number): void {
  const { tree } = meanings;
  const object = tree.kid[target]!;
  if (tree.kind[object] !== node.identifier) return;
  const binding = tree.bindingOf(object);
  if (binding === 0) return;
  let members = meanings.members.get(binding);
  if (members === undefined) meanings.members.set(binding, (members = new Map()));
  const known = members.get(tree.aux[target]!);
  if (known === undefined) members.set(tree.aux[target]!, [value]);
  else if (known.length < MOST_MEANINGS) known.push(value);
}

function bindPlace(meanings: Meanings, target: number, value: number): void {
  const { tree } = meanings;
  const object = tree.kid[target]!;
  const binding = tree.kind[object] === node.identifier ? tree.bindingOf(object) : 0;
  if (binding === 0) return;
  const known = meanings.places.get(binding);
  if (known === undefined) meanings.places.set(binding, [value]);
  else if (known.length < MOST_MEANINGS) known.push(value);
}

function bind(meanings: Meanings, pattern: number, value: number, path: string, kind: Source["kind"]): void {
  const { tree } = meanings;
  const join = (name: string): string => (path === "" ? name : `${path}.${name}`);
  switch (tree.kind[pattern]) {
    case node.identifier: {
      const binding = tree.bindingOf(pattern);
      if (binding === 0) return;
      addSource(meanings, binding, { node: value, path, kind });
      return;
    }
    case node.assign:
      bind(meanings, tree.kid[pattern]!, value, path, kind);
      return;
    case node.spread:
      bind(meanings, tree.kid[pattern]!, value, path, kind);
      return;
    case node.array: {
      let i = 0;
      for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!, i++) bind(meanings, kid, value, join(String(i)), kind);
      return;
    }
    case node.object:
      for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!) {
        if (tree.kind[kid] === node.spread) bind(meanings, tree.kid[kid]!, value, path, kind);
        else bind(meanings, tree.kidAt(kid, 1), value, join(meanings.keyOf(kid)), kind);
      }
      return;
    default:
  }
}
