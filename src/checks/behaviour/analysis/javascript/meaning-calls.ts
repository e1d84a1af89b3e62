/** What a call yields: of the functions of the file, and of the modules and globals that make names, texts and code. */
import { foundIn } from "./meaning-found.ts";
import { itemsOf, memberOf, moduleValue } from "./meaning-members.ts";
import { methodValue } from "./meaning-methods.ts";
import { type Arguments, DEEPEST_VALUE, type Meanings } from "./meaning.ts";
import { knownName } from "./names.ts";
import { percent } from "./texts.ts";
import { op } from "./tokens.ts";
import { node as nodes } from "./tree.ts";
import { DESCRIBED, MOST_ITEMS, MOST_MEANINGS, type Meaning, UNKNOWN, type Value, either, isBuilt, number, ref, text } from "./values.ts";
import { globalNames } from "./vocabulary.ts";

const node = nodes;

const DEEPEST_CALL = 4;
const TAKES = op("-=");
const CALL = knownName("call");
const APPLY = knownName("apply");
const BIND = knownName("bind");
const CONSTRUCT = knownName("construct");
const REFLECT = knownName("Reflect");

/**
 * The argument that the called function gets at this place: `f.call(x, a)`, `f.apply(x, [a])`, `Reflect.apply(f, x, [a])` and `Reflect.construct(f, [a])`
 * give it another. 0 where there is none.
 */
export function argumentOf(meanings: Meanings, call: number, at: number): number {
  const { tree } = meanings;
  if (tree.kind[call] === node.importCall) return tree.kidAt(call, at);
  const callee = tree.kid[call]!;
  if (tree.kind[callee] === node.member) {
    const method = tree.aux[callee];
    if (method === CALL) return tree.kidAt(call, at + 2);
    if (method === APPLY || method === CONSTRUCT) {
      const reflects = isReflect(meanings, tree.kid[callee]!);
      if (reflects || method === APPLY) {
        const list = tree.kidAt(call, reflects && method === APPLY ? 3 : 2);
        return tree.kind[list] === node.array ? tree.kidAt(list, at) : 0;
      }
    }
  }
  return tree.kidAt(call, at + 1);
}

const isReflect = ({ tree }: Meanings, n: number): boolean =>
  tree.kind[n] === node.identifier && tree.aux[n] === REFLECT && tree.bindingOf(n) === 0;

/** What is called: of `Reflect.apply(f, …)` and `Reflect.construct(f, …)` it is `f`. */
export function calledValue(meanings: Meanings, call: number, given?: Arguments, depth = 0): Value {
  const { tree } = meanings;
  const callee = tree.kid[call]!;
  const reflects =
    tree.kind[callee] === node.member &&
    (tree.aux[callee] === APPLY || tree.aux[callee] === CONSTRUCT) &&
    isReflect(meanings, tree.kid[callee]!);
  return meanings.of(reflects ? tree.kidAt(call, 1) : callee, given, depth);
}

export function callValue(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const { tree } = meanings;
  const callee = tree.kid[n]!;
  const kind = tree.kind[callee]!;
  let result: Value = UNKNOWN;
  if (kind === node.member || kind === node.index) {
    const object = meanings.of(tree.kid[callee]!, given, depth);
    if (object.length > 0) {
      const method = kind === node.member ? tree.nameOf(callee) : (meanings.textOf(meanings.of(tree.kidAt(callee, 1), given, depth)) ?? "");
      if (method !== "")
        for (const meaning of object) {
          const found = meaning.kind === "ref" ? foundIn(meanings, n, meaning.path, method, given, depth) : UNKNOWN;
          result = either(result, found.length > 0 ? found : methodValue(meanings, n, meaning, method, given, depth));
        }
      if (result.length > 0) return result;
      // f.call(x, a), f.apply(x, [a]), f.bind(x)
      if (method === "bind") return object;
    } else if (kind === node.member && tree.aux[callee] === BIND) return object;
  }
  for (const meaning of calledValue(meanings, n, given, depth)) {
    if (meaning.kind === "ref") result = either(result, callRef(meanings, n, meaning.path, meaning.concealed, given, depth));
    else if (meaning.kind === "node" && tree.kind[meaning.node] === node.function)
      result = either(result, callFunction(meanings, n, meaning.node, given, depth));
  }
  return result;
}

function callFunction(meanings: Meanings, call: number, callee: number, given: Arguments | undefined, depth: number): Value {
  if (depth > DEEPEST_CALL * 12) return UNKNOWN;
  return called(meanings, callee, given?.values, (at) => meanings.of(argumentOf(meanings, call, at), given, depth), depth);
}

/** The results of a function of the file with these arguments; `around`: what variables outside it are worth. */
function called(
  meanings: Meanings,
  callee: number,
  around: ReadonlyMap<number, Value> | undefined,
  argument: (at: number) => Value,
  depth: number,
): Value {
  const { tree } = meanings;
  const own: Arguments = { callee, values: new Map(around) };
  let parameters = tree.kid[callee]!;
  if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
  let at = 0;
  for (let kid = tree.kid[parameters]!; kid !== 0; kid = tree.next[kid]!, at++)
    if (tree.kind[kid] === node.identifier) own.values.set(tree.bindingOf(kid), argument(at));
  for (const binding of own.values.keys()) renew(meanings, binding, own, depth);
  return results(meanings, callee, own, depth + 12);
}

/** `i = i - 0x1f4` at the beginning of a function: a parameter that is given another value once has that one. */
function renew(meanings: Meanings, binding: number, own: Arguments, depth: number): void {
  const { tree, sources } = meanings;
  const [first, second, ...more] = sources[binding] ?? [];
  if (first?.kind !== "parameter" || first.node !== own.callee || second === undefined || more.length > 0 || second.path !== "") return;
  if (!meanings.isWithin(second.node, own.callee)) return;
  const given = meanings.of(second.node, own, depth);
  const [before, by] = [own.values.get(binding)?.[0], given[0]];
  if (second.kind === "value" && given.length > 0) own.values.set(binding, given);
  else if (second.kind === "append" && tree.aux[tree.up[second.node]!] === TAKES && before?.kind === "number" && by?.kind === "number")
    own.values.set(binding, number(before.value - by.value));
}

function results(meanings: Meanings, callee: number, own: Arguments, depth: number): Value {
  const { tree } = meanings;
  const body = bodyOf(meanings, callee);
  if (tree.kind[body] !== node.block) return meanings.of(body, own, depth);
  let value: Value = UNKNOWN;
  let seen = 0;
  for (let kid = tree.kid[body]!; kid !== 0 && seen < MOST_MEANINGS; kid = tree.next[kid]!)
    if (tree.kind[kid] === node.return) {
      value = either(value, meanings.of(tree.kid[kid]!, own, depth));
      seen++;
    }
  return value;
}

export function bodyOf(meanings: Meanings, callee: number): number {
  const { tree } = meanings;
  let body = tree.kid[callee]!;
  while (tree.next[body] !== 0) body = tree.next[body]!;
  return body;
}

/** `Function("return this")` and its like: a function whose result is known. */
export function codeResult(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): Value {
  const code = meanings.textOf(meanings.of(argumentOf(meanings, n, 0), given, depth));
  const match = code === null ? null : /^\s*return\s+(this|globalThis|global|window|self|process|require)\s*;?\s*$/.exec(code);
  return match === null ? UNKNOWN : ref(`returns ${match[1] === "this" ? "globalThis" : match[1]!}`, true);
}

function callRef(meanings: Meanings, n: number, path: string, concealed: boolean, given: Arguments | undefined, depth: number): Value {
  const argument = (at: number): Value => meanings.of(argumentOf(meanings, n, at), given, depth);
  if (path.startsWith("returns ")) return ref(globalNames.has(path.slice(8)) ? "globalThis" : path.slice(8), concealed);
  switch (path) {
    case "require":
    case "process.getBuiltinModule": {
      const value = argument(0);
      const specifier = meanings.textOf(value);
      return specifier === null ? UNKNOWN : moduleValue(specifier, concealed || isBuilt(value));
    }
    case "createRequire":
      return ref("require", concealed);
    case "process.binding":
    case "process._linkedBinding":
      return ref(`node:${meanings.textOf(argument(0)) ?? "binding"}`, true);
    case "Function":
      return codeResult(meanings, n, given, depth);
    case "eval": {
      const code = meanings.textOf(argument(0));
      return code !== null && /^\s*(?:this|globalThis|global|window|process|require)\s*;?\s*$/.test(code)
        ? namedValue(code.replace(";", "").trim())
        : UNKNOWN;
    }
    case "Object.getPrototypeOf":
    case "Reflect.getPrototypeOf":
      // Of a function of any kind: its constructor makes functions out of texts.
      return argument(0).some((meaning) => meaning.kind === "node" && meanings.tree.kind[meaning.node] === node.function)
        ? ref("Function.prototype", concealed)
        : ref(`${path}()`, concealed);
    case "Reflect.get":
      return memberOf(meanings, argument(0), meanings.textOf(argument(1)) ?? "?", isBuilt(argument(1)));
    case "Object.getOwnPropertyDescriptor":
    case "Reflect.getOwnPropertyDescriptor":
      return memberOf(meanings, argument(0), meanings.textOf(argument(1)) ?? "?", true).flatMap((meaning) =>
        meaning.kind === "ref" ? ref(`${DESCRIBED}${meaning.path}`, true) : [],
      );
    case "Object.assign":
    case "Object.freeze":
    case "Promise.resolve":
    case "Object":
      return argument(0);
    case "String":
    case "decodeURIComponent":
    case "decodeURI":
    case "unescape":
    case "encodeURIComponent": {
      const value = meanings.textOf(argument(0));
      return value === null ? UNKNOWN : text(path === "String" || path === "encodeURIComponent" ? value : percent(value), true);
    }
    case "atob": {
      const value = meanings.textOf(argument(0));
      return value === null ? UNKNOWN : text(Buffer.from(value, "base64").toString("latin1"), true);
    }
    case "btoa": {
      const value = meanings.textOf(argument(0));
      return value === null ? UNKNOWN : text(Buffer.from(value, "latin1").toString("base64"), true);
    }
    case "Buffer.from": {
      const value = meanings.textOf(argument(0));
      if (value !== null) {
        const encoding = meanings.textOf(argument(1)) ?? "utf8";
        return text(Buffer.isEncoding(encoding) ? Buffer.from(value, encoding).toString("utf8") : value, true);
      }
      return characters(itemsOf(meanings, argument(0)));
    }
    case "String.fromCharCode":
    case "String.fromCodePoint":
      return characters(argumentsOf(meanings, n, given, depth));
    case "parseInt":
    case "Number": {
      const value = meanings.textOf(argument(0));
      if (value === null) return UNKNOWN;
      return number(path === "Number" ? Number(value) : Number.parseInt(value, Number(meanings.textOf(argument(1)) ?? "10") || 10));
    }
    case "Array.from":
      return argument(0);
    default:
      return path.endsWith(")") && path.length > 80 ? UNKNOWN : ref(`${path}()`, concealed);
  }
}

function namedValue(name: string): Value {
  return ref(name === "this" || globalNames.has(name) ? "globalThis" : name, true);
}

/** The arguments of a call, those of a spread or of `apply` as well. */
function argumentsOf(meanings: Meanings, n: number, given: Arguments | undefined, depth: number): readonly Value[] {
  const { tree } = meanings;
  const values: Value[] = [];
  const callee = tree.kid[n]!;
  const method = tree.kind[callee] === node.member ? tree.aux[callee] : 0;
  if (method === APPLY) return itemsOf(meanings, meanings.of(tree.kidAt(n, 2), given, depth));
  for (let kid = tree.next[callee]!; kid !== 0 && values.length < MOST_ITEMS; kid = tree.next[kid]!) {
    if (tree.kind[kid] === node.spread) values.push(...itemsOf(meanings, meanings.of(tree.kid[kid]!, given, depth)));
    else values.push(meanings.of(kid, given, depth));
  }
  return method === CALL ? values.slice(1) : values;
}

function characters(values: readonly Value[]): Value {
  let built = "";
  for (const value of values) {
    const [first] = value;
    if (first?.kind !== "number") return UNKNOWN;
    built += String.fromCharCode(first.value);
  }
  return built === "" ? UNKNOWN : text(built, true);
}

export function applied(meanings: Meanings, callee: Meaning, values: readonly Value[], depth: number): Value {
  const { tree } = meanings;
  if (callee.kind === "ref")
    return callee.path === "String.fromCharCode" || callee.path === "String.fromCodePoint" ? characters(values.slice(0, 1)) : UNKNOWN;
  if (callee.kind !== "node" || tree.kind[callee.node] !== node.function || depth > DEEPEST_VALUE - 12) return UNKNOWN;
  return called(meanings, callee.node, undefined, (at) => values[at] ?? UNKNOWN, depth);
}
