/**
 * Cuts JavaScript and TypeScript into tokens, one at a time and on demand, since only the parser knows whether a slash divides or opens a
 * regular expression. It never fails: what is no token is skipped and counted, an unterminated text ends with its line.
 * ECMAScript 2026 section 12 (https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar).
 */
import type { NameTable } from "./names.ts";

/** Kinds of token. Plain numbers: the current one changes with every call, which narrowing to literals would not see. */
export const token: Readonly<Record<"end" | "name" | "privateName" | "number" | "text" | "template" | "regex" | "punct", number>> = {
  end: 0,
  name: 1,
  privateName: 2,
  number: 3,
  text: 4,
  template: 5,
  regex: 6,
  punct: 7,
};

/** Punctuators of several characters. */
const several: readonly string[] =
  "=> == != === !== <= >= << >> >>> && || ?? ++ -- += -= *= /= %= ** **= <<= >>= >>>= &= |= ^= &&= ||= ??= ?. ...".split(" ");

/** A punctuator as a number below 256: of one character that character, of several one from 128 on. */
export function op(text: string): number {
  if (text.length === 1) return text.charCodeAt(0);
  const at = several.indexOf(text);
  if (at === -1) throw new Error(`${text} is no punctuator`);
  return 128 + at;
}

/** By character: the punctuator that has it and something behind it. */
const after = (behind: (character: string) => string): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, c) => {
    const at = several.indexOf(behind(String.fromCharCode(c)));
    return at === -1 ? 0 : 128 + at;
  });
const withEquals = after((c) => `${c}=`);
const withTwoEquals = after((c) => `${c}==`);
const doubled = after((c) => `${c}${c}`);
const doubledWithEquals = after((c) => `${c}${c}=`);
const ARROW = op("=>");
const SPREAD = op("...");
const OPTIONAL_DOT = op("?.");
const SHIFT = op(">>>");
const SHIFT_EQUALS = op(">>>=");

/** What sums and joins. */
export const PLUS: number = op("+");

const IDENT_START = 1;
const IDENT_PART = 2;
const DIGIT = 4;
const SPACE = 8;
const LINE_END = 16;
/** Beyond ASCII, and neither blank nor the end of a line. */
const UNUSUAL = 32;
/** What a code unit may be; most punctuators are nothing of these. */
const KIND: Uint8Array = new Uint8Array(1 << 16).fill(UNUSUAL, 128);
for (let c = 0; c < 128; c++) {
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 36 || c === 95;
  const digit = c >= 48 && c <= 57;
  if (letter) KIND[c] = IDENT_START | IDENT_PART;
  if (digit) KIND[c] = IDENT_PART | DIGIT;
}
for (const c of [9, 11, 12, 32, 0xa0, 0xfeff, 0x1680, 0x202f, 0x205f, 0x3000]) KIND[c] = SPACE;
KIND.fill(SPACE, 0x2000, 0x200b);
for (const c of [10, 13, 0x2028, 0x2029]) KIND[c] = LINE_END;

const EQUALS = 61;
const SLASH = 47;
const STAR = 42;

/** A place that the tokenizer can go back to. */
export interface TokenState {
  readonly pos: number;
  readonly type: number;
  readonly start: number;
  readonly name: number;
  readonly punct: number;
  readonly newline: boolean;
  readonly escaped: boolean;
  readonly lastEnd: number;
}

export class Tokens {
  readonly text: string;
  readonly names: NameTable;
  /** Those of the text, and zeros behind it. */
  readonly codes: Uint16Array;
  readonly length: number;
  /** Where the next token is looked for: the end of the current one. */
  pos = 0;
  type = 0;
  start = 0;
  /** Id of a name or keyword in the table of names. */
  name = 0;
  /** 0 where the token is no punctuator. */
  punct = 0;
  /** A line ends between the last token and this one. */
  newline = false;
  /** The text or name holds an escape. */
  escaped = false;
  lastEnd = 0;
  /** Characters that begin no token. */
  strange = 0;
  /** What was met is no token, and the next one is still to be read. */
  private skipped = false;

  /** `codes` are those of the text. */
  constructor(text: string, names: NameTable, codes: Uint16Array) {
    this.text = text;
    this.names = names;
    this.codes = codes;
    this.length = text.length;
    if (text.startsWith("#!")) this.pos = this.lineEnd(2);
  }

  save(): TokenState {
    return {
      pos: this.pos,
      type: this.type,
      start: this.start,
      name: this.name,
      punct: this.punct,
      newline: this.newline,
      escaped: this.escaped,
      lastEnd: this.lastEnd,
    };
  }

  restore(state: TokenState): void {
    this.pos = state.pos;
    this.type = state.type;
    this.start = state.start;
    this.name = state.name;
    this.punct = state.punct;
    this.newline = state.newline;
    this.escaped = state.escaped;
    this.lastEnd = state.lastEnd;
  }

  next(): void {
    this.readNext();
    // A row of strange characters is gone over one by one here, not within each other: a file of backslashes would need a stack of its length.
    while (this.skipped) {
      this.skipped = false;
      this.readNext();
    }
  }

  private readNext(): void {
    const { codes } = this;
    this.lastEnd = this.pos;
    this.newline = false;
    this.punct = 0;
    let at = this.pos;
    for (;;) {
      let c = codes[at]!;
      while (KIND[c] === SPACE) c = codes[++at]!;
      const kind = KIND[c]!;
      if (kind === LINE_END) {
        this.newline = true;
        at++;
        continue;
      }
      if (c === SLASH) {
        const after = codes[at + 1];
        if (after === SLASH || after === STAR) {
          at = after === SLASH ? this.lineEnd(at + 2) : this.blockEnd(at + 2);
          continue;
        }
      }
      this.start = at;
      this.pos = at;
      if ((kind & IDENT_START) !== 0) return this.readName();
      if ((kind & DIGIT) !== 0) return this.readNumber();
      if (c === 34 || c === 39) return this.readText(c);
      if (kind === UNUSUAL) return this.readUnusualName();
      if (c === 0 && at >= this.length) {
        this.type = token.end;
        return undefined;
      }
      return this.readPunct(c);
    }
  }

  /** The first character of the token after the current one; 0 where there is none. */
  charAfter(): number {
    const { codes, newline } = this;
    let at = this.pos;
    for (;;) {
      const c = codes[at]!;
      const kind = KIND[c]!;
      if (kind === SPACE || kind === LINE_END) at++;
      else if (c === SLASH) {
        const after = codes[at + 1];
        if (after !== SLASH && after !== STAR) return c;
        at = after === SLASH ? this.lineEnd(at + 2) : this.blockEnd(at + 2);
        this.newline = newline;
      } else return c;
    }
  }

  /** The current token is `/` or `/=` where an expression begins: reads it as a regular expression. */
  readRegex(): void {
    const { codes, length } = this;
    let at = this.start + 1;
    let inClass = false;
    for (; at < length; at++) {
      const c = codes[at]!;
      if (KIND[c] === LINE_END) break;
      if (c === 92) at++;
      else if (c === 91) inClass = true;
      else if (c === 93) inClass = false;
      else if (c === 47 && !inClass) {
        at++;
        break;
      }
    }
    while ((KIND[codes[at]!]! & IDENT_PART) !== 0) at++;
    this.pos = Math.min(at, length);
    this.type = token.regex;
    this.punct = 0;
  }

  /** From `pos`, within a template: goes past the characters up to `${` or the closing backtick. True where `${` was met. */
  readQuasi(): boolean {
    const { codes, length } = this;
    for (let at = this.pos; at < length; at++) {
      const c = codes[at]!;
      if (c === 92) at++;
      else if (c === 96) {
        this.pos = at + 1;
        return false;
      } else if (c === 36 && codes[at + 1] === 123) {
        this.pos = at + 2;
        return true;
      }
    }
    this.pos = length;
    return false;
  }

  /** Cuts the current punctuator after its first character: `>>` closes two lists of type arguments. */
  splitPunct(): void {
    this.pos = this.start + 1;
    this.punct = this.codes[this.start]!;
  }

  /** A comment ends at every line terminator, not only at `\n`: code after a lone `\r` runs. */
  private lineEnd(from: number): number {
    const { codes, length } = this;
    for (let at = from; at < length; at++) {
      if (KIND[codes[at]!] === LINE_END) return at;
    }
    return Math.max(from, length);
  }

  /** Behind a comment that begins before `from`. A line end within it is one between its neighbours. */
  private blockEnd(from: number): number {
    const { codes, length, text } = this;
    const end = text.indexOf("*/", from);
    const to = end < 0 ? length : end + 2;
    for (let at = from; at < to; at++) {
      if (KIND[codes[at]!] === LINE_END) {
        this.newline = true;
        break;
      }
    }
    return to;
  }

  private readName(): void {
    const { codes } = this;
    const { start } = this;
    let at = start;
    let hash = 0;
    let c = codes[at]!;
    for (; (KIND[c]! & IDENT_PART) !== 0; c = codes[++at]!) hash = (Math.imul(hash, 31) + c) | 0;
    if (c >= 128 || c === 92) return this.readUnusualName();
    this.type = token.name;
    this.escaped = false;
    this.name = this.names.intern(codes, start, at, hash);
    this.pos = at;
  }

  /** With characters beyond ASCII or with escapes (`\u0072equire`), which mean the same as the plain name. */
  private readUnusualName(): void {
    const { codes, length, text } = this;
    let name = "";
    let at = this.start;
    this.escaped = false;
    for (; at < length; at++) {
      const c = codes[at]!;
      if ((KIND[c]! & IDENT_PART) !== 0) name += text[at]!;
      else if (c === 92) {
        const match = /^\\u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))/.exec(text.slice(at, at + 10));
        if (match === null) break;
        const code = Number.parseInt(match[1] ?? match[2]!, 16);
        if (code > 0x10ffff) break;
        name += String.fromCodePoint(code);
        at += match[0].length - 1;
        this.escaped = true;
      } else if (KIND[c] === UNUSUAL) name += text[at]!;
      else break;
    }
    if (at === this.start) {
      this.strange++;
      this.pos = at + 1;
      this.skipped = true;
      return;
    }
    this.type = token.name;
    this.name = this.names.internText(name);
    // An escaped keyword is no keyword, but whoever writes one wants it to look like something else: the name counts, not the spelling.
    this.pos = at;
  }

  private readNumber(): void {
    const { codes } = this;
    let at = this.pos;
    const second = codes[at + 1]! | 32;
    const radix = codes[at] === 48 && (second === 120 || second === 111 || second === 98);
    if (radix) at += 2;
    let dot = radix;
    for (;;) {
      const c = codes[at]!;
      if (c === 46 && !dot) {
        dot = true;
        at++;
      } else if ((KIND[c]! & IDENT_PART) !== 0) {
        at++;
        if (!radix && (c | 32) === 101) {
          const sign = codes[at]!;
          if (sign === 43 || sign === 45) at++;
          dot = true;
        }
      } else break;
    }
    this.type = token.number;
    this.pos = at;
  }

  private readText(quote: number): void {
    const { codes, length } = this;
    let at = this.pos + 1;
    this.escaped = false;
    this.type = token.text;
    for (; at < length; at++) {
      const c = codes[at]!;
      if (c === quote) {
        this.pos = at + 1;
        return;
      }
      if (c === 92) {
        this.escaped = true;
        if (codes[at + 1] === 13 && codes[at + 2] === 10) at++;
        at++;
      } else if (c === 10 || c === 13) break;
    }
    this.strange++;
    this.pos = Math.min(at, length);
  }

  private readPunct(c: number): void {
    const { codes } = this;
    const at = this.pos;
    this.type = token.punct;
    switch (c) {
      case 40: // ( ) , ; : [ ] { } ~ @
      case 41:
      case 44:
      case 59:
      case 58:
      case 91:
      case 93:
      case 123:
      case 125:
      case 126:
      case 64:
        return this.take(c, 1);
      case 96: // `
        this.type = token.template;
        this.pos = at + 1;
        return undefined;
      case 46: {
        // .
        const after = codes[at + 1]!;
        if (after >= 48 && after <= 57) return this.readNumber();
        if (after === 46 && codes[at + 2] === 46) return this.take(SPREAD, 3);
        return this.take(46, 1);
      }
      case 63: {
        // ? ?. ?? ??=
        const after = codes[at + 1]!;
        if (after === 46 && !(codes[at + 2]! >= 48 && codes[at + 2]! <= 57)) return this.take(OPTIONAL_DOT, 2);
        if (after !== 63) return this.take(63, 1);
        return codes[at + 2] === EQUALS ? this.take(doubledWithEquals[c]!, 3) : this.take(doubled[c]!, 2);
      }
      case 35: {
        // #name
        this.pos = at + 1;
        const after = codes[at + 1]!;
        if (after === 92 || after >= 128 || (KIND[after]! & IDENT_START) !== 0) {
          this.start = at + 1;
          this.readName();
          this.start = at;
          if (this.type === token.name) this.type = token.privateName;
          return undefined;
        }
        this.strange++;
        this.skipped = true;
        return undefined;
      }
      case 92:
        return this.readUnusualName();
      case 61: // = == === =>
        if (codes[at + 1] === 62) return this.take(ARROW, 2);
        return this.takeEquals(c, 2);
      case 33: // ! != !==
        return this.takeEquals(c, 2);
      case 37: // % ^ / with =
      case 94:
      case 47:
        return this.takeEquals(c, 1);
      case 43: // + - ++ -- += -=
      case 45:
        return codes[at + 1] === c ? this.take(doubled[c]!, 2) : this.takeEquals(c, 1);
      case 38: // & && &&= &= and the same for |, *
      case 124:
      case 42:
        if (codes[at + 1] !== c) return this.takeEquals(c, 1);
        return codes[at + 2] === EQUALS ? this.take(doubledWithEquals[c]!, 3) : this.take(doubled[c]!, 2);
      case 60: // < <= << <<=
      case 62: {
        // > >= >> >>= >>> >>>=
        if (codes[at + 1] !== c) return this.takeEquals(c, 1);
        if (c === 62 && codes[at + 2] === c) return codes[at + 3] === EQUALS ? this.take(SHIFT_EQUALS, 4) : this.take(SHIFT, 3);
        return codes[at + 2] === EQUALS ? this.take(doubledWithEquals[c]!, 3) : this.take(doubled[c]!, 2);
      }
      default:
        this.strange++;
        this.pos = at + 1;
        this.skipped = true;
        return undefined;
    }
  }

  private take(punct: number, length: number): void {
    this.punct = punct;
    this.pos += length;
  }

  /** The character alone or with up to `most` equals signs after it. */
  private takeEquals(c: number, most: number): void {
    const { codes, pos } = this;
    if (codes[pos + 1] !== EQUALS) this.take(c, 1);
    else if (most === 2 && codes[pos + 2] === EQUALS) this.take(withTwoEquals[c]!, 3);
    else this.take(withEquals[c]!, 2);
  }
}
