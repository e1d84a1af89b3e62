/**
 * Statements of a token stream, with the function around each. Where braces hold blocks, a block within an expression (a callback) is
 * taken out of it and stands as statements of its own, so that what is done in it is not taken for an argument.
 */
import type { Token } from "./script-tokens.ts";

export interface Statement {
  readonly tokens: readonly Token[];
  /** Named functions and classes around it, joined by dots. */
  readonly scope: string;
  /** Within a function, so not run when the file is loaded. */
  readonly inFunction: boolean;
  /** The function that it belongs to; "" outside of named ones. */
  readonly owner: string;
  /** Names that functions within this statement are given their arguments by. */
  readonly parameters: readonly string[];
}

export interface BlockSyntax {
  readonly blocks: "indent" | "braces";
  /** Words that open a function, and those that open a class or module. */
  readonly functions: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  /** Words that may stand before them. */
  readonly modifiers: ReadonlySet<string>;
}

/** Blocks within blocks: generated code has dozens, hostile code any number. */
const MAX_BLOCKS = 2_000;
/** Tokens before a block in which its name is looked for. */
const HEAD = 200;

export function statementsOf(tokens: readonly Token[], columnOf: (at: number) => number, syntax: BlockSyntax): readonly Statement[] {
  return syntax.blocks === "indent" ? byIndent(tokens, columnOf, syntax) : byBraces(tokens, syntax);
}

const opens = (token: Token | undefined): number =>
  token?.kind === "punct" ? ("([{".includes(token.text) ? 1 : ")]}".includes(token.text) ? -1 : 0) : 0;

function byIndent(tokens: readonly Token[], columnOf: (at: number) => number, syntax: BlockSyntax): readonly Statement[] {
  const all: Statement[] = [];
  const stack: { readonly indent: number; readonly scope: string; readonly inFunction: boolean; readonly owner: string }[] = [];
  let current: Token[] = [];
  let depth = 0;
  const finish = (): void => {
    const first = current[0];
    if (first === undefined) return;
    const indent = columnOf(first.at);
    while (stack.length > 0 && (stack.at(-1)?.indent ?? 0) >= indent) stack.pop();
    let head = 0;
    while (syntax.modifiers.has(current[head]?.text ?? "") && current[head]?.kind === "name") head++;
    const word = current[head]?.kind === "name" ? (current[head]?.text ?? "") : "";
    const isFunction = syntax.functions.has(word);
    const { scope, inFunction, owner } = stack.at(-1) ?? { scope: "", inFunction: false, owner: "" };
    all.push({ tokens: current, scope, inFunction, owner, parameters: [] });
    if (isFunction || syntax.classes.has(word)) {
      const own = current[head + 1]?.kind === "name" ? (current[head + 1]?.text ?? "") : "";
      const name = own === "self" ? (current[head + 3]?.text ?? own) : own;
      if (stack.length < MAX_BLOCKS)
        stack.push({
          indent,
          scope: stack.length === 0 ? name : `${scope}.${name}`,
          inFunction: inFunction || isFunction,
          owner: isFunction ? name : owner,
        });
    }
    current = [];
  };
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) continue;
    if (token.kind === "newline") {
      const before = current.at(-1);
      let ahead = index + 1;
      while (tokens[ahead]?.kind === "newline") ahead++;
      const next = tokens[ahead];
      const goesOn = next?.kind === "punct" && next.text === "." && current.length > 0;
      if (depth <= 0 && !(before?.kind === "punct" && [".", ",", "||", "&&", "+", "\\"].includes(before.text)) && !goesOn) {
        depth = 0;
        finish();
      }
      continue;
    }
    if (token.kind === "punct" && token.text === ";" && depth <= 0) {
      finish();
      continue;
    }
    depth += opens(token);
    current.push(token);
  }
  finish();
  return all;
}

interface Open {
  readonly outer: OpenStatement;
  readonly scope: string;
  readonly owner: string;
  readonly inFunction: boolean;
  readonly callback: boolean;
  readonly depth: number;
}

interface OpenStatement {
  tokens: Token[];
  parameters: string[];
}

function byBraces(tokens: readonly Token[], syntax: BlockSyntax): readonly Statement[] {
  const all: Statement[] = [];
  const stack: Open[] = [];
  let current: OpenStatement = { tokens: [], parameters: [] };
  let scope = "";
  let owner = "";
  let inFunction = false;
  /** Brackets and literal braces that are open in this statement. */
  let depth = 0;
  const literals: number[] = [];
  const finish = (): void => {
    if (current.tokens.length > 0) all.push({ ...current, scope, inFunction, owner });
    current = { tokens: [], parameters: [] };
    depth = 0;
  };
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) continue;
    const last = current.tokens.at(-1);
    if (token.kind === "newline") {
      // A line that ends a statement without a semicolon: after a value, before a word.
      let ahead = index + 1;
      while (tokens[ahead]?.kind === "newline") ahead++;
      const next = tokens[ahead];
      const ends = last !== undefined && (last.kind !== "punct" || [")", "]", "}"].includes(last.text));
      if (depth === 0 && ends && next?.kind !== "punct") finish();
      else if (depth === 0 && ends && next?.kind === "punct" && next.text === "}") finish();
      continue;
    }
    if (token.kind !== "punct") {
      current.tokens.push(token);
      continue;
    }
    if (token.text === ";" && (depth === 0 || current.tokens[0]?.text !== "for")) {
      if (depth === 0) {
        finish();
        continue;
      }
    }
    if (token.text === "{") {
      const block =
        last === undefined || ["=>", ")", "->"].includes(last.text) || (last.kind === "name" && isBlockWord(current.tokens, syntax));
      if (!block || stack.length >= MAX_BLOCKS) {
        depth++;
        literals.push(stack.length);
        current.tokens.push(token);
        continue;
      }
      const { name, isFunction, parameters } = headOf(current.tokens, syntax);
      current.parameters.push(...parameters);
      stack.push({ outer: current, scope, owner, inFunction, callback: depth > 0 || last?.text === "=>", depth });
      if (name !== "") scope = scope === "" ? name : `${scope}.${name}`;
      if (isFunction) {
        inFunction = true;
        if (name !== "") owner = name;
      }
      current = { tokens: [], parameters: [] };
      depth = 0;
      continue;
    }
    if (token.text === "}") {
      if (literals.at(-1) === stack.length) {
        literals.pop();
        depth = Math.max(0, depth - 1);
        current.tokens.push(token);
        continue;
      }
      finish();
      const open = stack.pop();
      if (open === undefined) continue;
      ({ scope, owner, inFunction, depth } = open);
      current = open.outer;
      // What comes after a callback still belongs to the call; after any other block begins something new.
      if (!open.callback) finish();
      continue;
    }
    depth = Math.max(0, depth + opens(token));
    current.tokens.push(token);
    // `for (…) a = b`: what is repeated is a statement of its own.
    if (
      depth === 0 &&
      token.text === ")" &&
      ["for", "while", "if"].includes(current.tokens[0]?.text ?? "") &&
      current.tokens[0]?.kind === "name"
    ) {
      let ahead = index + 1;
      while (tokens[ahead]?.kind === "newline") ahead++;
      const next = tokens[ahead];
      if (next !== undefined && (next.kind !== "punct" || ["(", "[", "!"].includes(next.text))) finish();
    }
  }
  finish();
  while (stack.length > 0) {
    const open = stack.pop();
    if (open !== undefined && open.outer.tokens.length > 0)
      all.push({ ...open.outer, scope: open.scope, inFunction: open.inFunction, owner: open.owner });
  }
  return all;
}

/** `class A {`, `try {`, `else {`, `impl X {`: a word before a brace that opens a block and no literal. */
function isBlockWord(all: readonly Token[], syntax: BlockSyntax): boolean {
  if (all.length > HEAD) return false;
  const tokens = all;
  const last = tokens.at(-1)?.text ?? "";
  if (["else", "try", "finally", "do", "loop", "unsafe", "static", "async", "move"].includes(last)) return true;
  const first = tokens.find(({ text }) => !syntax.modifiers.has(text))?.text ?? "";
  return (
    syntax.classes.has(first) ||
    syntax.functions.has(first) ||
    ["if", "match", "while", "for", "impl", "mod", "enum", "struct", "trait", "interface", "namespace", "catch", "switch"].includes(first)
  );
}

/** The name of the function or class that a block belongs to, and what its arguments are called. */
function headOf(
  all: readonly Token[],
  syntax: BlockSyntax,
): { readonly name: string; readonly isFunction: boolean; readonly parameters: readonly string[] } {
  // Only as far back as people write: a statement of a thousand functions must not be gone through for each of them.
  const tokens = all.slice(-HEAD);
  const last = tokens.at(-1);
  const arrow = last?.text === "=>";
  let end = tokens.length - (arrow ? 2 : 1);
  const parameters: string[] = [];
  if (arrow && tokens[end]?.kind === "name") parameters.push(tokens[end]?.text ?? "");
  let open = -1;
  if (tokens[end]?.text === ")") {
    let depth = 0;
    for (let at = end; at >= 0; at--) {
      depth -= opens(tokens[at]);
      const token = tokens[at];
      if (token?.kind === "name") parameters.push(token.text);
      if (depth === 0) {
        open = at;
        break;
      }
    }
  }
  if (open !== -1) end = open - 1;
  const before = tokens[end];
  const word = tokens.findLast(
    (token, at) => at <= end && token.kind === "name" && (syntax.functions.has(token.text) || syntax.classes.has(token.text)),
  );
  if (arrow) return { name: assigned(tokens), isFunction: true, parameters };
  if (word !== undefined) {
    const at = tokens.indexOf(word);
    const next = tokens.slice(at + 1).find(({ kind, text }) => kind === "name" || text === "(");
    const name = next?.kind === "name" ? next.text : assigned(tokens.slice(0, at));
    return { name, isFunction: syntax.functions.has(word.text), parameters };
  }
  const control =
    ["if", "for", "while", "switch", "catch", "with", "match", "else", "try"].includes(before?.text ?? "") ||
    ["if", "for", "while", "match"].includes(tokens[0]?.text ?? "");
  // `name(…) {`: a method.
  if (!control && open !== -1 && before?.kind === "name") return { name: before.text, isFunction: true, parameters };
  return { name: "", isFunction: false, parameters: control ? [] : parameters };
}

/** `name = …` and `name: …`. */
function assigned(tokens: readonly Token[]): string {
  const at = tokens.findIndex(({ kind, text }) => kind === "punct" && (text === "=" || text === ":"));
  const name = tokens[at - 1];
  return at > 0 && name?.kind === "name" ? name.text : "";
}
