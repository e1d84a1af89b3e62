/**
 * A tokenizer for languages that nobody parses here. A text with expressions in it (`f"{x}"`, `` `${x}` ``, `"#{x}"`) becomes what it means:
 * its pieces, joined by `+`; a command in backticks becomes a call. Whatever the bytes, it ends, and in linear time.
 */

import { rubyTexts, standsApart } from "./script-tokens-ruby.ts";

export interface Token {
  readonly kind: "name" | "string" | "number" | "punct" | "newline";
  /** As written; for strings their value. */
  readonly text: string;
  readonly at: number;
  /** A text of characters that could be written, and each is an escape; or a name of characters that the language takes for others. */
  readonly disguised?: true;
}

export interface Syntax {
  readonly comments: readonly string[];
  /** As in C. */
  readonly blockComments: boolean;
  readonly quotes: string;
  /** `"""` and `'''`. */
  readonly tripleQuotes: boolean;
  /** How an expression within a text opens: `${` in backticks, `#{` in double quotes, `{` in texts that begin with f. */
  readonly expressions: "" | "template" | "hash" | "prefix";
  /** Backticks run a command. */
  readonly backticks: boolean;
  readonly regexes: boolean;
  /** `'a` is a lifetime, `'a'` a character. */
  readonly lifetimes: boolean;
  /** Names are taken in their compatible form (NFKC): a mathematical `𝚎` is an `e` (Python, PEP 3131). */
  readonly compatible?: boolean;
  /** `%w[…]`, `%x(…)`, `:symbol`, `<<~END`, `?c`, `=begin`, `__END__`: Ruby's own texts. */
  readonly ruby?: boolean;
}

/** Characters of a text, each an escape, from which on it is no single mark that somebody wrote so. */
const DISGUISED_FROM = 3;

/** Expressions within texts within expressions: people write two. */
const MAX_DEPTH = 6;

/** Tokens of a file: six megabytes of source, and some two hundred megabytes of memory. Above, it is read only as a row of bytes, and said to be. */
export const MAX_TOKENS: number = 1_500_000;

export function tokensOf(text: string, syntax: Syntax): readonly Token[] {
  const tokens: Token[] = [];
  scan(text, 0, text.length, syntax, tokens, 0);
  return tokens;
}

const isName = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 36 || code > 127;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function scan(text: string, from: number, end: number, syntax: Syntax, tokens: Token[], depth: number): void {
  let at = from;
  const push = (kind: Token["kind"], value: string, start: number): void => void tokens.push({ kind, text: value, at: start });
  const own =
    syntax.ruby === true ? rubyTexts(text, end, tokens, (start, stop) => scan(text, start, stop, syntax, tokens, depth + 1)) : null;
  while (at < end && tokens.length <= MAX_TOKENS) {
    const code = text.charCodeAt(at);
    const c = text[at] ?? "";
    if (own !== null) {
      const stop = own(at, depth < MAX_DEPTH);
      if (stop > at) {
        at = stop;
        continue;
      }
    }
    if (c === "\n") {
      // Of empty lines one is enough: who looks for what comes behind them need not go through them all.
      if (tokens.at(-1)?.kind !== "newline") push("newline", c, at);
      at++;
    } else if (c === " " || c === "\t" || c === "\r" || code === 0xfeff || code === 0xa0) at++;
    else if (c === "\\" && (text[at + 1] === "\n" || text[at + 1] === "\r")) at += text[at + 1] === "\r" ? 3 : 2;
    else if (syntax.comments.some((mark) => text.startsWith(mark, at))) {
      const stop = text.indexOf("\n", at);
      at = stop === -1 ? end : Math.min(stop, end);
    } else if (syntax.blockComments && c === "/" && text[at + 1] === "*") {
      const stop = text.indexOf("*/", at + 2);
      at = stop === -1 ? end : stop + 2;
    } else if (isDigit(code)) {
      const start = at;
      while (at < end && (isName(text.charCodeAt(at)) || (text[at] === "." && isDigit(text.charCodeAt(at + 1))))) at++;
      push("number", text.slice(start, at), start);
    } else if (isName(code)) {
      const start = at;
      while (at < end && isName(text.charCodeAt(at))) at++;
      const name = text.slice(start, at);
      const next = text[at] ?? "";
      // r"…", b"…", f"…" and their like in Python and Rust; r#"…"# in Rust.
      if (
        name.length <= 2 &&
        /^[rbfuRBFUc]+$/.test(name) &&
        (next === '"' || (next === "'" && !syntax.lifetimes && syntax.quotes.includes("'"))) &&
        syntax.expressions !== "template" &&
        syntax.expressions !== "hash"
      )
        at = readString(text, at, end, syntax, tokens, depth, { raw: /r/i.test(name), expressions: /f/i.test(name) });
      else if (syntax.lifetimes && (name === "r" || name === "br") && next === "#") {
        let hashes = 0;
        while (text[at + hashes] === "#") hashes++;
        const close = `"${"#".repeat(hashes)}`;
        const stop = text.indexOf(close, at + hashes + 1);
        const to = stop === -1 ? end : stop;
        push("string", text.slice(at + hashes + 1, to), start);
        at = Math.min(end, to + close.length);
      } else pushName(tokens, name, start, syntax);
    } else if (syntax.lifetimes && c === "'") {
      // A character, or a lifetime, which says nothing here.
      const character = /^'(?:\\.[^']{0,8}|[^'\\])'/u.exec(text.slice(at, at + 14));
      if (character === null) at++;
      else {
        push("string", unescaped(character[0].slice(1, -1)), at);
        at += character[0].length;
      }
    } else if (syntax.quotes.includes(c)) {
      at = readString(text, at, end, syntax, tokens, depth, {
        raw: false,
        expressions: syntax.expressions === "template" ? c === "`" : syntax.expressions === "hash" ? c === '"' : false,
      });
    } else if (c === "`" && syntax.backticks) {
      const start = at;
      push("name", "`", start);
      push("punct", "(", start);
      at = readString(text, at, end, syntax, tokens, depth, { raw: false, expressions: true });
      push("punct", ")", at);
    } else if (c === "/" && syntax.regexes && (regexMayStand(tokens) || (own !== null && standsApart(text, at, tokens)))) {
      const stop = regexEnd(text, at, end);
      if (stop === -1) {
        push("punct", c, at);
        at++;
      } else {
        push("number", "0", at);
        at = stop;
      }
    } else {
      // `...rest` is no member of what stands before it.
      if (text.startsWith("...", at)) {
        push("punct", "...", at);
        at += 3;
        continue;
      }
      const two = text.slice(at, at + 2);
      const long = ["=>", "==", "!=", "<=", ">=", "+=", "::", "->", "?.", "&&", "||", "??", "**", ":=", "<<", ">>"].includes(two);
      push("punct", long ? two : c, at);
      at += long ? 2 : 1;
    }
  }
}

function pushName(tokens: Token[], name: string, at: number, { compatible }: Syntax): void {
  const plain = compatible === true && /[^\0-\x7f]/.test(name) ? name.normalize("NFKC") : name;
  if (plain === name) tokens.push({ kind: "name", text: name, at });
  else if (/^\w+$/.test(plain)) tokens.push({ kind: "name", text: plain, at, disguised: true });
  else tokens.push({ kind: "name", text: plain, at });
}

function readString(
  text: string,
  from: number,
  end: number,
  syntax: Syntax,
  tokens: Token[],
  depth: number,
  { raw, expressions }: { readonly raw: boolean; readonly expressions: boolean },
): number {
  const quote = text[from] ?? "";
  const triple = syntax.tripleQuotes && text.startsWith(quote.repeat(3), from);
  const close = triple ? quote.repeat(3) : quote;
  const opener = syntax.expressions === "template" ? "${" : syntax.expressions === "hash" ? "#{" : "{";
  const manyLines = triple || quote === "`" || syntax.lifetimes || syntax.expressions === "hash";
  let at = from + close.length;
  let piece = "";
  let plain = at;
  let start = from;
  let pieces = 0;
  /** Escapes of characters that could be written. */
  let needless = 0;
  const endPiece = (): void => {
    if (pieces > 0) tokens.push({ kind: "punct", text: "+", at: start });
    const disguised = needless >= DISGUISED_FROM && needless === piece.length;
    tokens.push(disguised ? { kind: "string", text: piece, at: start, disguised } : { kind: "string", text: piece, at: start });
    pieces++;
    piece = "";
    needless = 0;
  };
  for (;;) {
    if (at >= end) {
      piece += text.slice(plain, end);
      endPiece();
      return end;
    }
    const c = text[at] ?? "";
    if (c === "\\") {
      if (raw) {
        at += 2;
        continue;
      }
      piece += text.slice(plain, at);
      const [value, length] = escape(text, at);
      if (length > 3 && value >= " " && value <= "~") needless++;
      piece += value;
      at += length;
      plain = at;
    } else if (c === close[0] && text.startsWith(close, at)) {
      piece += text.slice(plain, at);
      endPiece();
      return at + close.length;
    } else if (c === "\n" && !manyLines) {
      // A text that was never closed: it ends with its line, as every compiler would say.
      piece += text.slice(plain, at);
      endPiece();
      return at;
    } else if (expressions && depth < MAX_DEPTH && text.startsWith(opener, at) && !(opener === "{" && text[at + 1] === "{")) {
      const stop = expressionEnd(text, at + opener.length, end);
      piece += text.slice(plain, at);
      endPiece();
      tokens.push({ kind: "punct", text: "+", at }, { kind: "punct", text: "(", at });
      scan(text, at + opener.length, stop, syntax, tokens, depth + 1);
      tokens.push({ kind: "punct", text: ")", at: stop });
      at = stop + 1;
      plain = at;
      start = at;
    } else at += opener === "{" && (c === "{" || c === "}") ? (text[at + 1] === c ? 2 : 1) : 1;
  }
}

/** Characters that an expression within a text may have: more is a program, and looking further for its end would be quadratic. */
const MAX_EXPRESSION = 20_000;

function expressionEnd(text: string, from: number, end: number): number {
  let depth = 1;
  const last = Math.min(end, from + MAX_EXPRESSION);
  for (let at = from; at < last; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return last;
}

const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0", e: "\u001b" };

/** What an escape stands for, and how long it is. */
function escape(text: string, at: number): readonly [string, number] {
  const rest = text.slice(at + 1, at + 12);
  const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(rest);
  if (code !== null) {
    const value =
      code[5] === undefined ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? code[4] ?? "0", 16) : Number.parseInt(code[5], 8);
    return [value <= 0x10ffff ? String.fromCodePoint(value) : "", code[0].length + 1];
  }
  const c = rest[0] ?? "";
  if (c === "\n") return ["", 2];
  return [Object.hasOwn(simple, c) ? (simple[c] ?? c) : c, 2];
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|.)/gs, (match) => escape(match, 0)[0]);

/** After a value a slash divides; elsewhere it opens a regular expression. */
export function regexMayStand(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined || last.kind === "newline") return true;
  if (last.kind === "name")
    return /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|and|or|not|if|unless|when|while|until)$/.test(last.text);
  return last.kind === "punct" && ![")", "]", "}"].includes(last.text);
}

/** Longest regular expression that is looked for: beyond, the slash divides. */
const MAX_REGEX = 4_000;

function regexEnd(text: string, from: number, end: number): number {
  let set = false;
  for (let at = from + 1; at < Math.min(end, from + MAX_REGEX); at++) {
    const c = text[at];
    if (c === "\n") return -1;
    if (c === "\\") at++;
    else if (c === "[") set = true;
    else if (c === "]") set = false;
    else if (c === "/" && !set) {
      let stop = at + 1;
      while (stop < end && /[a-z]/.test(text[stop] ?? "")) stop++;
      return stop;
    }
  }
  return -1;
}
