import type { InputFile } from "../../model/project.ts";
import { formatFault, syntaxFault } from "./builder.ts";
import { positionsOf } from "./positions.ts";
import { isTable, type Table } from "./values.ts";

/** Parses JSON whose top must be an object; a fault names line and column. */
export function readJson(file: InputFile): Table {
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? (/end of JSON/i.test(message) ? file.text.length : 0));
    throw syntaxFault(
      file,
      `not JSON: ${message.replace(/ in JSON at position.*$/s, "").slice(0, 160)}`,
      positionsOf(file.text).at(offset),
      cause,
    );
  }
  if (!isTable(value))
    throw formatFault(
      file,
      `expected a JSON object, found ${value === null ? "null" : Array.isArray(value) ? "an array" : typeof value}`,
      1,
    );
  return value;
}

export interface JsonPlace {
  /** The keys (and array indices) that lead there. */
  readonly path: readonly string[];
  readonly line: number;
}

/**
 * Where the members stand whose path fits one of the patterns (`*` stands for any one key or index): `["packages", "*", "name"]`.
 * In document order, so that a key that comes twice comes twice here. The text must be valid JSON. One pass, no recursion.
 */
export function jsonPlaces(text: string, patterns: readonly (readonly string[])[]): readonly JsonPlace[] {
  const places: JsonPlace[] = [];
  const deepest = Math.max(...patterns.map((pattern) => pattern.length));
  const path: string[] = [];
  const isArray: boolean[] = [];
  let depth = 0;
  let line = 1;
  let expectKey = false;
  const note = (): void => {
    if (depth > deepest) return;
    for (const pattern of patterns) {
      if (pattern.length === depth && pattern.every((part, index) => part === "*" || part === path[index])) {
        places.push({ path: path.slice(0, depth), line });
        return;
      }
    }
  };
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 10:
        line += 1;
        break;
      case 123:
      case 91: {
        const array = text[at] === "[";
        depth += 1;
        isArray[depth] = array;
        path.length = depth - 1;
        path.push(array ? "0" : "");
        expectKey = !array;
        // An array's first element begins where the next token is, which may be a line further down.
        if (array && depth <= deepest) {
          let next = at + 1;
          for (; next < text.length && text.charCodeAt(next) <= 32; next += 1) if (text[next] === "\n") line += 1;
          at = next - 1;
          if (text[next] !== "]") note();
        }
        break;
      }
      case 125:
      case 93:
        depth -= 1;
        path.length = Math.max(0, depth);
        expectKey = false;
        break;
      case 44:
        if (isArray[depth] === true) {
          if (depth <= deepest) {
            path[depth - 1] = String(Number(path[depth - 1]) + 1);
            let next = at + 1;
            for (; next < text.length && text.charCodeAt(next) <= 32; next += 1) if (text[next] === "\n") line += 1;
            at = next - 1;
            note();
          }
        } else expectKey = true;
        break;
      case 34: {
        const start = at;
        at += 1;
        while (at < text.length && text.charCodeAt(at) !== 34) at += text.charCodeAt(at) === 92 ? 2 : 1;
        if (expectKey) {
          expectKey = false;
          if (depth <= deepest) {
            path[depth - 1] = unquote(text.slice(start, at + 1));
            note();
          }
        }
        break;
      }
      default:
    }
  }
  return places;
}

function unquote(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

/** The lines of the places, by their path joined with NUL, first come first kept. */
export function jsonLineIndex(places: readonly JsonPlace[]): (path: readonly string[]) => number | undefined {
  const lines = new Map<string, number>();
  for (const place of places) {
    const key = place.path.join("\0");
    if (!lines.has(key)) lines.set(key, place.line);
  }
  return (path) => lines.get(path.join("\0"));
}

/** Keys that an object holds twice: JSON.parse keeps the last and says nothing. */
export function repeatedKeys(places: readonly JsonPlace[]): readonly JsonPlace[] {
  const seen = new Set<string>();
  return places.filter((place) => {
    const key = place.path.join("\0");
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
