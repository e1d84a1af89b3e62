import { parse, TomlError } from "smol-toml";
import type { InputFile } from "../../model/project.ts";
import { Fault } from "../../model/fault.ts";
import { syntaxFault } from "./builder.ts";
import { linesOf } from "./positions.ts";
import { type Table, tableOf } from "./values.ts";

/** Parses TOML 1.0; a fault names line and column. */
export function readToml(file: InputFile): Table {
  try {
    return tableOf(parse(file.text));
  } catch (cause) {
    if (cause instanceof TomlError) {
      const [first = "not TOML"] = cause.message.split("\n");
      throw syntaxFault(file, first, { line: cause.line, column: cause.column }, cause);
    }
    if (cause instanceof RangeError)
      throw new Fault("inventory/depth", "the file nests deeper than can be read", { place: { file: file.path }, cause });
    throw cause;
  }
}

/** Where the tables of a TOML file stand: the parser does not say, so this reads headers and keys, mindful of strings over several lines. */
export interface TomlLines {
  /** Line of the key `key` in the `index`th `[[table]]` (or of the header where the key is not there). */
  readonly inArray: (table: string, index: number, key: string) => number | undefined;
  /** Line of the key in `[table]`, "" for the top. */
  readonly inTable: (table: string, key: string) => number | undefined;
}

/** `keys` bounds what is remembered; without it every key of every table is. */
export function tomlLines(text: string, keys?: ReadonlySet<string>): TomlLines {
  const arrays = new Map<string, Map<string, number>[]>();
  const tables = new Map<string, Map<string, number>>([["", new Map()]]);
  let current: Map<string, number> | undefined = tables.get("");
  let closing = "";
  let depth = 0;
  for (const [index, line] of linesOf(text).entries()) {
    let rest = line;
    if (closing !== "") {
      const end = rest.indexOf(closing);
      if (end < 0) continue;
      rest = rest.slice(end + 3);
      closing = "";
    } else if (depth === 0) {
      const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/.exec(rest);
      if (header?.[2] !== undefined) {
        const name = header[2].replaceAll(/\s*\.\s*/g, ".").replaceAll(/["']/g, "");
        current = new Map([["", index + 1]]);
        if (header[1] === "[[") {
          const list = arrays.get(name);
          if (list === undefined) arrays.set(name, [current]);
          else list.push(current);
        } else tables.set(name, current);
        continue;
      }
      const key = /^\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*[=.]/.exec(rest);
      const name = key?.[1] ?? key?.[2] ?? key?.[3];
      if (name !== undefined && current !== undefined && (keys === undefined || keys.has(name)) && !current.has(name))
        current.set(name, index + 1);
    }
    ({ closing, depth } = scan(rest, depth));
  }
  return {
    inArray: (table, index, key) => arrays.get(table)?.[index]?.get(key) ?? arrays.get(table)?.[index]?.get(""),
    inTable: (table, key) => tables.get(table)?.get(key),
  };
}

/** Follows strings and brackets to the line's end: is a string or an array left open? */
function scan(text: string, depth: number): { readonly closing: string; readonly depth: number } {
  let nesting = depth;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "#") break;
    if (char === "[" || char === "{") nesting += 1;
    else if (char === "]" || char === "}") nesting = Math.max(0, nesting - 1);
    else if (char === '"' || char === "'") {
      const triple = char.repeat(3);
      if (text.startsWith(triple, at)) {
        const end = text.indexOf(triple, at + 3);
        if (end < 0) return { closing: triple, depth: nesting };
        at = end + 2;
      } else {
        at += 1;
        while (at < text.length && text[at] !== char) at += char === '"' && text[at] === "\\" ? 2 : 1;
      }
    }
  }
  return { closing: "", depth: nesting };
}
