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

/** A punctuator as a number: its characters, eight bits each, the first one lowest. */
export const op = (text: string): number => [...text].reduce((code, c, i) => code | (c.charCodeAt(0) << (8 * i)), 0);

/** What sums and joins. */
export const PLUS: number = op("+");

const IDENT_START = 1;
const IDENT_PART = 2;
const DIGIT = 4;
const SPACE = 8;
/** What a character below 128 may be. */
const KIND: Uint8Array = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 36 || c === 95;
  const digit = c >= 48 && c <= 57;
  if (letter) KIND[c] = IDENT_START | IDENT_PART;
  if (digit) KIND[c] = IDENT_PART | DIGIT;
  if (c === 32 || c === 9 || c === 11 || c === 12) KIND[c] = SPACE;
}

const isUnicodeSpace = (c: number): boolean =>
  c === 0xa0 || c === 0xfeff || c === 0x1680 || (c >= 0x2000 && c <= 0x200a) || c === 0x202f || c === 0x205f || c === 0x3000;

const EQUALS = 61;

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

  constructor(text: string, names: NameTable) {
    this.text = text;
    this.names = names;
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
    const { text } = this;
    this.lastEnd = this.pos;
    this.newline = false;
    this.punct = 0;
    let at = this.pos;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c < 128) {
        const kind = KIND[c]!;
        if (kind === SPACE) {
          at++;
          continue;
        }
        if (c === 10 || c === 13) {
          this.newline = true;
          at++;
          continue;
        }
        if (c === 47) {
          const after = text.charCodeAt(at + 1);
          if (after === 47 || after === 42) {
            at = after === 47 ? this.lineEnd(at + 2) : this.blockEnd(at + 2);
            continue;
          }
        }
        this.start = at;
        this.pos = at;
        if ((kind & IDENT_START) !== 0) return this.readName();
        if ((kind & DIGIT) !== 0) return this.readNumber();
        if (c === 34 || c === 39) return this.readText(c);
        return this.readPunct(c);
      }
      if (!(c >= 128)) {
        this.type = token.end;
        this.start = text.length;
        this.pos = at;
        return undefined;
      }
      if (c === 0x2028 || c === 0x2029) {
        this.newline = true;
        at++;
        continue;
      }
      if (isUnicodeSpace(c)) {
        at++;
        continue;
      }
      this.start = at;
      this.pos = at;
      return this.readName();
    }
  }

  /** The first character of the token after the current one; NaN where there is none. */
  charAfter(): number {
    const { text, newline } = this;
    let at = this.pos;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c === 47) {
        const after = text.charCodeAt(at + 1);
        if (after !== 47 && after !== 42) return c;
        at = after === 47 ? this.lineEnd(at + 2) : this.blockEnd(at + 2);
        this.newline = newline;
      } else if (c === 10 || c === 13 || (c < 128 ? KIND[c] === SPACE : c === 0x2028 || c === 0x2029 || isUnicodeSpace(c))) at++;
      else return c;
    }
  }

  /** The current token is `/` or `/=` where an expression begins: reads it as a regular expression. */
  readRegex(): void {
    const { text } = this;
    let at = this.start + 1;
    let inClass = false;
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 10 || c === 13 || c === 0x2028 || c === 0x2029) break;
      if (c === 92) at++;
      else if (c === 91) inClass = true;
      else if (c === 93) inClass = false;
      else if (c === 47 && !inClass) {
        at++;
        break;
      }
    }
    while (at < text.length && (KIND[text.charCodeAt(at)] ?? 0) & IDENT_PART) at++;
    this.pos = Math.min(at, text.length);
    this.type = token.regex;
    this.punct = 0;
  }

  /** From `pos`, within a template: goes past the characters up to `${` or the closing backtick. True where `${` was met. */
  readQuasi(): boolean {
    const { text } = this;
    for (let at = this.pos; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 92) at++;
      else if (c === 96) {
        this.pos = at + 1;
        return false;
      } else if (c === 36 && text.charCodeAt(at + 1) === 123) {
        this.pos = at + 2;
        return true;
      }
    }
    this.pos = text.length;
    return false;
  }

  /** Cuts the current punctuator after its first character: `>>` closes two lists of type arguments. */
  splitPunct(): void {
    this.pos = this.start + 1;
    this.punct &= 255;
  }

  /** A comment ends at every line terminator, not only at `\n`: code after a lone `\r` runs. */
  private lineEnd(from: number): number {
    const { text } = this;
    for (let at = from; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 10 || c === 13 || c === 0x2028 || c === 0x2029) return at;
    }
    return Math.max(from, text.length);
  }

  /** Behind a comment that begins before `from`. A line end within it is one between its neighbours. */
  private blockEnd(from: number): number {
    const { text } = this;
    const end = text.indexOf("*/", from);
    const to = end < 0 ? text.length : end + 2;
    for (let at = from; at < to; at++) {
      const c = text.charCodeAt(at);
      if (c === 10 || c === 13 || c === 0x2028 || c === 0x2029) {
        this.newline = true;
        break;
      }
    }
    return to;
  }

  private readName(): void {
    const { text } = this;
    let at = this.pos;
    let hash = 0;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c < 128 && (KIND[c]! & IDENT_PART) !== 0) {
        hash = (Math.imul(hash, 31) + c) | 0;
        at++;
      } else break;
    }
    const c = text.charCodeAt(at);
    if (c >= 128 || c === 92) return this.readUnusualName();
    this.type = token.name;
    this.escaped = false;
    this.name = this.names.intern(text, this.pos, at, hash);
    this.pos = at;
  }

  /** With characters beyond ASCII or with escapes (`\u0072equire`), which mean the same as the plain name. */
  private readUnusualName(): void {
    const { text } = this;
    let name = "";
    let at = this.start;
    this.escaped = false;
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c < 128 && (KIND[c]! & IDENT_PART) !== 0) name += text[at]!;
      else if (c === 92) {
        const match = /^\\u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))/.exec(text.slice(at, at + 10));
        if (match === null) break;
        const code = Number.parseInt(match[1] ?? match[2]!, 16);
        if (code > 0x10ffff) break;
        name += String.fromCodePoint(code);
        at += match[0].length - 1;
        this.escaped = true;
      } else if (c >= 128 && !isUnicodeSpace(c) && c !== 0x2028 && c !== 0x2029) name += text[at]!;
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
    const { text } = this;
    let at = this.pos;
    const second = text.charCodeAt(at + 1) | 32;
    const radix = text.charCodeAt(at) === 48 && (second === 120 || second === 111 || second === 98);
    if (radix) at += 2;
    let dot = radix;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c === 46 && !dot) {
        dot = true;
        at++;
      } else if (c < 128 && (KIND[c]! & IDENT_PART) !== 0) {
        at++;
        if (!radix && (c | 32) === 101) {
          const sign = text.charCodeAt(at);
          if (sign === 43 || sign === 45) at++;
          dot = true;
        }
      } else break;
    }
    this.type = token.number;
    this.pos = at;
  }

  private readText(quote: number): void {
    const { text } = this;
    let at = this.pos + 1;
    this.escaped = false;
    this.type = token.text;
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === quote) {
        this.pos = at + 1;
        return;
      }
      if (c === 92) {
        this.escaped = true;
        if (text.charCodeAt(at + 1) === 13 && text.charCodeAt(at + 2) === 10) at++;
        at++;
      } else if (c === 10 || c === 13) break;
    }
    this.strange++;
    this.pos = Math.min(at, text.length);
  }

  private readPunct(c: number): void {
    const { text } = this;
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
        const after = text.charCodeAt(at + 1);
        if (after >= 48 && after <= 57) return this.readNumber();
        if (after === 46 && text.charCodeAt(at + 2) === 46) return this.take(op3(46, 46, 46), 3);
        return this.take(46, 1);
      }
      case 63: {
        // ? ?. ?? ??=
        const after = text.charCodeAt(at + 1);
        if (after === 46 && !(text.charCodeAt(at + 2) >= 48 && text.charCodeAt(at + 2) <= 57)) return this.take(op2(63, 46), 2);
        if (after !== 63) return this.take(63, 1);
        return text.charCodeAt(at + 2) === EQUALS ? this.take(op3(63, 63, EQUALS), 3) : this.take(op2(63, 63), 2);
      }
      case 35: {
        // #name
        this.pos = at + 1;
        const after = text.charCodeAt(at + 1);
        if (after === 92 || after >= 128 || ((KIND[after] ?? 0) & IDENT_START) !== 0) {
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
        if (text.charCodeAt(at + 1) === 62) return this.take(op2(61, 62), 2);
        return this.takeEquals(c, 2);
      case 33: // ! != !==
        return this.takeEquals(c, 2);
      case 37: // % ^ / with =
      case 94:
      case 47:
        return this.takeEquals(c, 1);
      case 43: // + - ++ -- += -=
      case 45:
        return text.charCodeAt(at + 1) === c ? this.take(op2(c, c), 2) : this.takeEquals(c, 1);
      case 38: // & && &&= &= and the same for |, *
      case 124:
      case 42:
        if (text.charCodeAt(at + 1) !== c) return this.takeEquals(c, 1);
        return text.charCodeAt(at + 2) === EQUALS ? this.take(op3(c, c, EQUALS), 3) : this.take(op2(c, c), 2);
      case 60: // < <= << <<=
      case 62: {
        // > >= >> >>= >>> >>>=
        if (text.charCodeAt(at + 1) !== c) return this.takeEquals(c, 1);
        if (c === 62 && text.charCodeAt(at + 2) === c)
          return text.charCodeAt(at + 3) === EQUALS ? this.take(c | (c << 8) | (c << 16) | (EQUALS << 24), 4) : this.take(op3(c, c, c), 3);
        return text.charCodeAt(at + 2) === EQUALS ? this.take(op3(c, c, EQUALS), 3) : this.take(op2(c, c), 2);
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
    let code = c;
    let length = 1;
    while (length <= most && this.text.charCodeAt(this.pos + length) === EQUALS) {
      code |= EQUALS << (8 * length);
      length++;
    }
    this.take(code, length);
  }
}

const op2 = (a: number, b: number): number => a | (b << 8);
const op3 = (a: number, b: number, c: number): number => a | (b << 8) | (c << 16);
