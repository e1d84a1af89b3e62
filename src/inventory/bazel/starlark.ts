/**
 * Reads what a Bazel file says plainly: assignments of strings and lists, their sums, and calls. Nothing is run; a value that only
 * running would give is `unknown`. (https://github.com/bazelbuild/starlark/blob/master/spec.md)
 */
import type { InputFile } from "../../model/index.ts";
import { syntaxFault } from "../reading/builder.ts";

export type Value =
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly line: number }
  | Call
  | { readonly kind: "unknown"; readonly line: number };

export interface Call {
  readonly kind: "call";
  /** `maven.install`. */
  readonly name: string;
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  readonly line: number;
}

interface Token {
  readonly kind: "name" | "text" | "mark" | "end";
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Expressions nest a few levels deep; reading is by recursion. */
const MAX_DEPTH = 100;

/** What the file's statements come to, in their order: calls, and the variables as they stand at the end. Throws `inventory/syntax`. */
export function readStarlark(file: InputFile): { readonly calls: readonly Call[]; readonly variables: ReadonlyMap<string, Value> } {
  const tokens = tokenize(file);
  const variables = new Map<string, Value>();
  const calls: Call[] = [];
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: "end", text: "", line: 0, column: 0 };
  const is = (text: string): boolean => peek().kind === "mark" && peek().text === text;

  const sum = (left: Value, right: Value): Value => {
    if (left.kind === "text" && right.kind === "text") return { ...left, text: left.text + right.text };
    if (left.kind === "list" && right.kind === "list") return { ...left, items: [...left.items, ...right.items] };
    return { kind: "unknown", line: left.line };
  };
  /** Skips to the end of the item: what stands there is beyond us. */
  const skipItem = (): void => {
    let depth = 0;
    for (; peek().kind !== "end"; at += 1) {
      if (is("(") || is("[") || is("{")) depth += 1;
      else if (is(")") || is("]") || is("}")) {
        if (depth === 0) return;
        depth -= 1;
      } else if (depth === 0 && is(",")) return;
    }
  };
  const items = (
    close: string,
    depth: number,
  ): { readonly values: Value[]; readonly named: Map<string, Value>; readonly plain: boolean } => {
    const values: Value[] = [];
    const named = new Map<string, Value>();
    let plain = true;
    while (!is(close) && peek().kind !== "end") {
      const key = peek();
      const next = tokens[at + 1];
      if (key.kind === "name" && next?.kind === "mark" && next.text === "=") {
        at += 2;
        named.set(key.text, expression(depth + 1));
      } else values.push(expression(depth + 1));
      if (!is(",") && !is(close)) {
        plain = false;
        skipItem();
      }
      if (is(",")) at += 1;
      else if (!is(close)) break;
    }
    if (is(close)) at += 1;
    return { values, named, plain };
  };
  const primary = (depth: number): Value => {
    const token = peek();
    const { line } = token;
    if (depth > MAX_DEPTH) {
      skipItem();
      return { kind: "unknown", line };
    }
    at += 1;
    if (token.kind === "text") {
      let { text } = token;
      // Literals side by side are one.
      for (; peek().kind === "text"; at += 1) text += peek().text;
      return { kind: "text", text, line };
    }
    if (token.kind === "mark" && (token.text === "[" || token.text === "(")) {
      const { values, plain } = items(token.text === "[" ? "]" : ")", depth);
      if (!plain) return { kind: "unknown", line };
      // Brackets around one value without a comma are only brackets.
      const [only] = values;
      return token.text === "(" && values.length === 1 && only !== undefined && tokens[at - 2]?.text !== ","
        ? only
        : { kind: "list", items: values, line };
    }
    if (token.kind === "mark" && token.text === "{") {
      let open = 1;
      for (; open > 0 && peek().kind !== "end"; at += 1) open += is("{") ? 1 : is("}") ? -1 : 0;
      return { kind: "unknown", line };
    }
    if (token.kind !== "name") {
      at -= 1;
      skipItem();
      return { kind: "unknown", line };
    }
    let name = token.text;
    for (;;) {
      if (is(".") && tokens[at + 1]?.kind === "name") {
        name += `.${tokens[at + 1]?.text ?? ""}`;
        at += 2;
      } else if (is("(")) {
        at += 1;
        const { values, named } = items(")", depth);
        const call: Call = { kind: "call", name, positional: values, named, line };
        calls.push(call);
        if (!is(".") && !is("(") && !is("[")) return call;
        name = "";
      } else break;
    }
    return variables.get(name) ?? { kind: "unknown", line };
  };
  const expression = (depth: number): Value => {
    let value = primary(depth);
    while (is("+")) {
      at += 1;
      value = sum(value, primary(depth));
    }
    return value;
  };

  while (peek().kind !== "end") {
    const start = at;
    const [first, second] = [peek(), tokens[at + 1]];
    if (first.kind === "name" && second?.kind === "mark" && (second.text === "=" || second.text === "+=")) {
      at += 2;
      const value = expression(0);
      const before = variables.get(first.text);
      variables.set(first.text, second.text === "=" || before === undefined ? value : sum(before, value));
    } else if (first.kind === "name" || first.kind === "text") expression(0);
    if (at === start) at += 1;
  }
  return { calls, variables };
}

function tokenize(file: InputFile): readonly Token[] {
  const { text } = file;
  const tokens: Token[] = [];
  const open: Token[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? "";
    const place = { line, column: at - lineStart + 1 };
    if (char === "\n") {
      line += 1;
      at += 1;
      lineStart = at;
      continue;
    }
    if (/\s/.test(char) || char === "\\") {
      at += 1;
      continue;
    }
    if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      continue;
    }
    const string = /r?("""|'''|"|')/y;
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
      if (!text.startsWith(quote, end)) throw syntaxFault(file, "a string is not closed", place);
      const content = text.slice(begin, end);
      tokens.push({ kind: "text", text: content.replaceAll(/\\(["'\\])/g, "$1"), ...place });
      for (let found = content.indexOf("\n"); found >= 0; found = content.indexOf("\n", found + 1)) {
        line += 1;
        lineStart = begin + found + 1;
      }
      at = end + quote.length;
      continue;
    }
    const word = /[A-Za-z_]\w*/y;
    word.lastIndex = at;
    const name = word.exec(text)?.[0];
    if (name !== undefined) {
      tokens.push({ kind: "name", text: name, ...place });
      at += name.length;
      continue;
    }
    const mark = ["+=", "==", "!=", "<=", ">="].find((one) => text.startsWith(one, at)) ?? char;
    const token: Token = { kind: "mark", text: mark, ...place };
    if (mark === "(" || mark === "[" || mark === "{") open.push(token);
    else if (mark === ")" || mark === "]" || mark === "}") {
      const partner = open.pop();
      const pairs: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
      if (partner === undefined || pairs[partner.text] !== mark) throw syntaxFault(file, `${mark} closes nothing`, place);
    }
    tokens.push(token);
    at += mark.length;
  }
  const last = open.at(-1);
  if (last !== undefined) throw syntaxFault(file, `${last.text} is not closed`, { line: last.line, column: last.column });
  return tokens;
}
