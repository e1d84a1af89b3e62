/** Methods of texts and lists that pieces are put together with. */
import { applied, argumentOf } from "./meaning-calls.ts";
import { itemsOf } from "./meaning-members.ts";
import type { Arguments, Meanings } from "./meaning.ts";
import { node as nodes } from "./tree.ts";
import { LONGEST_TEXT, MOST_ITEMS, type Meaning, UNKNOWN, type Value, number, text } from "./values.ts";

const node = nodes;

export function methodValue(
  meanings: Meanings,
  n: number,
  object: Meaning,
  method: string,
  given: Arguments | undefined,
  depth: number,
): Value {
  const argument = (at: number): Value => meanings.of(argumentOf(meanings, n, at), given, depth);
  if (object.kind === "text") {
    const a = meanings.textOf(argument(0));
    const b = meanings.textOf(argument(1));
    const own = object.text;
    switch (method) {
      case "toString":
      case "valueOf":
      case "normalize":
        return text(own, true);
      case "concat":
        return a === null ? UNKNOWN : text(own + a + (b ?? ""), true);
      case "slice":
      case "substring":
        return a === null
          ? UNKNOWN
          : text(
              method === "slice"
                ? own.slice(Number(a), b === null ? undefined : Number(b))
                : own.substring(Number(a), b === null ? undefined : Number(b)),
              true,
            );
      case "substr":
        // oxlint-disable-next-line no-deprecated -- what the code under review calls
        return a === null ? UNKNOWN : text(own.substr(Number(a), b === null ? undefined : Number(b)), true);
      case "charAt":
      case "at":
        return a === null ? UNKNOWN : text(own.at(Number(a)) ?? "", true);
      case "charCodeAt":
      case "codePointAt":
        return number(own.charCodeAt(Number(a ?? 0)));
      case "toLowerCase":
        return text(own.toLowerCase(), true);
      case "toUpperCase":
        return text(own.toUpperCase(), true);
      case "trim":
        return text(own.trim(), true);
      case "split":
        return a === null
          ? UNKNOWN
          : [
              {
                kind: "list",
                items: own
                  .split(a)
                  .slice(0, MOST_ITEMS)
                  .map((part) => text(part, true)),
              },
            ];
      case "replace":
      case "replaceAll":
        return b === null
          ? piecewise(meanings, own, argumentOf(meanings, n, 0), argument(1), depth)
          : replaced(meanings, own, method, argumentOf(meanings, n, 0), a, b);
      default:
        return UNKNOWN;
    }
  }
  if (object.kind !== "list" && !(object.kind === "node" && meanings.tree.kind[object.node] === node.array)) return UNKNOWN;
  const items = itemsOf(meanings, [object]);
  switch (method) {
    case "join": {
      const separator = meanings.textOf(argument(0)) ?? ",";
      let built = "";
      for (const [i, item] of items.entries()) {
        const part = meanings.textOf(item);
        if (part === null || built.length > LONGEST_TEXT) return UNKNOWN;
        built += (i === 0 ? "" : separator) + part;
      }
      return text(built, true);
    }
    case "reverse":
      return [{ kind: "list", items: items.toReversed() }];
    case "concat":
      return [{ kind: "list", items: [...items, ...itemsOf(meanings, argument(0))] }];
    case "slice":
      return [
        {
          kind: "list",
          items: items.slice(Number(meanings.textOf(argument(0)) ?? 0), Number(meanings.textOf(argument(1)) ?? items.length)),
        },
      ];
    case "map": {
      const [mapper] = argument(0);
      if (mapper === undefined) return UNKNOWN;
      return [{ kind: "list", items: items.map((item, i) => applied(meanings, mapper, [item, number(i)], depth)) }];
    }
    case "pop":
      return items.at(-1) ?? UNKNOWN;
    case "shift":
      return items[0] ?? UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** Pieces of a text that a function makes anew. */
const MOST_PIECES = 1_024;

/** `text.replace(/../g, (piece) => …)`: pieces of one length, each by the function. */
function piecewise(meanings: Meanings, own: string, pattern: number, by: Value, depth: number): Value {
  const { tree } = meanings;
  const [mapper] = by;
  if (mapper === undefined || tree.kind[pattern] !== node.regex) return UNKNOWN;
  const width = widthOf(tree.text.slice(tree.start[pattern]!, tree.end[pattern]!));
  if (width === 0 || own.length > width * MOST_PIECES) return UNKNOWN;
  let built = "";
  for (let at = 0; at < own.length; at += width) {
    const piece = own.slice(at, at + width);
    const made = piece.length < width ? piece : meanings.textOf(applied(meanings, mapper, [text(piece, true)], depth));
    if (made === null) return UNKNOWN;
    built += made;
  }
  return text(built, true);
}

/** Characters that every match of a pattern has that is a row of single characters: `/../g`, `/[0-9a-f]{2}/gi`; 0 where it is another. */
function widthOf(pattern: string): number {
  const row = /^\/((?:(?:\.|\\[wdWDsS]|\[[^\]\\]{1,40}\])(?:\{\d\})?){1,8})\/g[is]*$/.exec(pattern)?.[1];
  if (row === undefined) return 0;
  const atoms = row.matchAll(/(?:\.|\\[wdWDsS]|\[[^\]\\]{1,40}\])(?:\{(\d)\})?/g);
  return [...atoms].reduce((sum, [, times]) => sum + Number(times ?? 1), 0);
}

/** Only patterns without any operator: no regular expression of the code under review is ever run. */
function replaced(meanings: Meanings, own: string, method: string, pattern: number, a: string | null, b: string | null): Value {
  const { tree } = meanings;
  if (b === null) return UNKNOWN;
  if (tree.kind[pattern] === node.regex) {
    const match = /^\/((?:[\w -]|\\[.$-])+)\/(g?)i?$/.exec(tree.text.slice(tree.start[pattern]!, tree.end[pattern]!));
    if (match === null) return UNKNOWN;
    const plain = match[1]!.replaceAll("\\", "");
    if (/\\[a-z]/.test(match[1]!)) return UNKNOWN;
    return text(match[2] === "g" ? own.replaceAll(plain, () => b) : own.replace(plain, () => b), true);
  }
  if (a === null || a === "") return UNKNOWN;
  return text(method === "replaceAll" ? own.replaceAll(a, () => b) : own.replace(a, () => b), true);
}
