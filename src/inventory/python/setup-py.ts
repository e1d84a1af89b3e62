/**
 * `setup.py` is a program; it is read, never run. What stands as string literals in `install_requires=[…]` and its siblings is found by
 * a scan over tokens; what is computed is said to be unread.
 */
import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { parseRequirement } from "./requirement.ts";

const keywords: ReadonlyMap<string, "prod" | "dev" | "optional"> = new Map([
  ["install_requires", "prod"],
  ["setup_requires", "dev"],
  ["tests_require", "dev"],
  ["extras_require", "optional"],
]);

interface Token {
  readonly kind: "name" | "string" | "other";
  readonly text: string;
  readonly line: number;
  /** For strings: has an `f` before it, so that it is computed. */
  readonly computed: boolean;
}

export const setupPy: Format = {
  id: "python/setup",
  title: "setup.py",
  role: "manifest",
  matches: (path) => baseName(path) === "setup.py",
  read: (file) => {
    const builder = entryBuilder(file, "python/setup", "PyPI");
    const root = builder.root({ name: "" });
    const tokens = tokenize(file.text);
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      const kind = token?.kind === "name" ? keywords.get(token.text) : undefined;
      if (token === undefined || kind === undefined || tokens[at + 1]?.text !== "=") continue;
      const open = tokens[at + 2];
      if (open === undefined || !["[", "(", "{"].includes(open.text)) {
        builder.problem(`${token.text} is computed: what it asks for is not known without running the program`, { line: token.line });
        continue;
      }
      let depth = 0;
      for (at += 2; at < tokens.length; at += 1) {
        const item = tokens[at];
        if (item === undefined) break;
        if (["[", "(", "{"].includes(item.text) && item.kind === "other") depth += 1;
        else if (["]", ")", "}"].includes(item.text) && item.kind === "other") {
          depth -= 1;
          if (depth === 0) break;
        } else if (item.kind === "string" && tokens[at + 1]?.text !== ":") {
          const requirement = item.computed ? null : parseRequirement(item.text);
          if (requirement === null)
            builder.problem(`${JSON.stringify(item.text)} is no requirement that can be read`, { line: item.line, entry: true });
          else {
            const node = builder.add({ name: requirement.name, version: requirement.version, line: item.line, direct: true });
            builder.edge(root, node, requirement.name, requirement.specifier, kind);
          }
        }
      }
    }
    return builder.finish({ graph: "flat", knowsDirect: true });
  },
};

/** Python's tokens as far as they matter here: names, strings (prefixes and triple quotes), single characters; comments are left out. */
function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? "";
    if (char === "\n") {
      line += 1;
      at += 1;
    } else if (/\s/.test(char)) at += 1;
    else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else {
      const string = /(?:[A-Za-z]{0,2})("""|'''|"|')/y;
      string.lastIndex = at;
      const opened = string.exec(text);
      const quote = opened?.[1];
      if (opened !== null && quote !== undefined) {
        const begin = at + opened[0].length;
        let end = begin;
        while (end < text.length && !text.startsWith(quote, end)) {
          if (quote.length === 1 && text[end] === "\n") break;
          end += text[end] === "\\" ? 2 : 1;
        }
        const content = text.slice(begin, end);
        tokens.push({ kind: "string", text: content, line, computed: /^[^"']*f/i.test(opened[0]) });
        line += content.split("\n").length - 1;
        at = Math.min(text.length, end + (text.startsWith(quote, end) ? quote.length : 0));
      } else {
        const word = /[A-Za-z_][A-Za-z0-9_]*/y;
        word.lastIndex = at;
        const name = word.exec(text)?.[0];
        tokens.push({ kind: name === undefined ? "other" : "name", text: name ?? char, line, computed: false });
        at += name?.length ?? 1;
      }
    }
  }
  return tokens;
}
