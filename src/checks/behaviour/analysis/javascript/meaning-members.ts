/** Members of what is known: of modules and globals by their canonical path, of lists and objects of the source. */
import type { Meanings } from "./meaning.ts";
import { node as nodes } from "./tree.ts";
import { DESCRIBED, MOST_ITEMS, type Meaning, UNKNOWN, type Value, either, number, ref, text } from "./values.ts";
import { globalNames, moduleName } from "./vocabulary.ts";

const node = nodes;

export function memberAt(meanings: Meanings, value: Value, path: string): Value {
  if (path === "") return value;
  let at = value;
  for (const name of path.split(".")) at = memberOf(meanings, at, name, false);
  return at;
}

export function moduleValue(specifier: string, concealed: boolean): Value {
  return ref(moduleName(specifier), concealed);
}

/** The elements of an array, as far as it is written down. */
export function itemsOf(meanings: Meanings, value: Value): readonly Value[] {
  const { tree } = meanings;
  for (const meaning of value) {
    if (meaning.kind === "list") return meaning.items;
    if (meaning.kind !== "node" || tree.kind[meaning.node] !== node.array) continue;
    const known = meanings.tables.get(meaning.node);
    if (known !== undefined) return known;
    const items: Value[] = [];
    for (let kid = tree.kid[meaning.node]!; kid !== 0 && items.length < MOST_ITEMS; kid = tree.next[kid]!)
      items.push(tree.kind[kid] === node.spread ? UNKNOWN : meanings.of(kid));
    return items;
  }
  return [];
}

export function memberOf(meanings: Meanings, value: Value, name: string, built: boolean): Value {
  let result: Value = UNKNOWN;
  for (const meaning of value) result = either(result, memberOfMeaning(meanings, meaning, name, built));
  if (result.length === 0 && name === "constructor") return ref("?.constructor", built);
  return result;
}

function memberOfMeaning(meanings: Meanings, meaning: Meaning, name: string, built: boolean): Value {
  const { tree } = meanings;
  switch (meaning.kind) {
    case "ref":
      return memberOfRef(meaning.path, name, meaning.concealed || built);
    case "text":
      if (/^\d+$/.test(name)) return text(meaning.text[Number(name)] ?? "", true);
      return name === "length" ? number(meaning.text.length) : ref(`"".${name}`, built);
    case "number":
      return ref(`"".${name}`, built);
    case "list":
      return /^\d+$/.test(name) ? (meaning.items[Number(name)] ?? UNKNOWN) : ref(`[].${name}`, built);
    case "node": {
      const kind = tree.kind[meaning.node]!;
      if (kind === node.array) {
        const known = meanings.tables.get(meaning.node);
        if (known !== undefined && /^\d+$/.test(name)) return known[Number(name)] ?? UNKNOWN;
        if (/^\d+$/.test(name)) return meanings.of(tree.kidAt(meaning.node, Math.min(Number(name), MOST_ITEMS)));
        return ref(`[].${name}`, built);
      }
      if (kind === node.function)
        return name === "constructor"
          ? ref("Function", true)
          : name === "call" || name === "apply" || name === "bind"
            ? [meaning]
            : name === "__proto__"
              ? ref("Function.prototype", true)
              : UNKNOWN;
      for (let kid = tree.kid[meaning.node]!; kid !== 0; kid = tree.next[kid]!)
        if (tree.kind[kid] === node.property && tree.kid[kid] !== 0 && meanings.keyOf(kid) === name) return meanings.of(tree.kidAt(kid, 1));
      return UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

function memberOfRef(path: string, name: string, concealed: boolean): Value {
  if (path.startsWith(DESCRIBED)) return name === "value" ? ref(path.slice(DESCRIBED.length), concealed) : UNKNOWN;
  if (path === "globalThis") return globalNames.has(name) ? ref("globalThis", concealed) : ref(name, concealed);
  if (name === "default" && !path.endsWith("default")) return ref(path, concealed);
  if (path === "node:fs" && name === "promises") return ref(path, concealed);
  if (name === "constructor") {
    if (path === "Function.prototype") return ref("Function", concealed);
    if (path.endsWith(".constructor") || path.startsWith("[].") || path.startsWith('"".') || /^(?:eval|fetch|atob|require)$/.test(path))
      return ref("Function", true);
    if (path === "module") return ref("node:module", true);
    return ref(`${path}.constructor`, concealed);
  }
  if (path === "process.mainModule" && name === "require") return ref("require", true);
  if (path === "node:module" && (name === "_load" || name === "require")) return ref("require", true);
  if ((path === "module" || path === "module.parent" || path === "require.main") && name === "require") return ref("require", concealed);
  if ((name === "call" || name === "apply" || name === "bind") && path !== "Reflect") return ref(path, concealed);
  if (path === "node:module" && name === "createRequire") return ref("createRequire", concealed);
  if (path.length > 160) return UNKNOWN;
  return ref(`${path}.${name}`, concealed);
}
