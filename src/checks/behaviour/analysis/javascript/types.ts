/**
 * Reads past the types of TypeScript (and most of Flow): they are gone at run time, and all that matters is where they end.
 * Every step says whether it succeeded and leaves it to the parser to go back.
 */
import { word as words } from "./names.ts";
import { type Tokens, op, token as kinds } from "./tokens.ts";

const word = words;
const token = kinds;

/** Types within each other. */
const DEEPEST_TYPE = 200;

const O = {
  open: op("("),
  close: op(")"),
  openBracket: op("["),
  closeBracket: op("]"),
  openBrace: op("{"),
  closeBrace: op("}"),
  less: op("<"),
  greater: op(">"),
  shift: op(">>"),
  longShift: op(">>>"),
  greaterEquals: op(">="),
  shiftEquals: op(">>="),
  or: op("|"),
  and: op("&"),
  question: op("?"),
  colon: op(":"),
  dot: op("."),
  spread: op("..."),
  arrow: op("=>"),
  minus: op("-"),
  plus: op("+"),
  star: op("*"),
  assign: op("="),
  comma: op(","),
  semicolon: op(";"),
} as const;

export class TypeSkipper {
  readonly tokens: Tokens;
  #depth = 0;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  #is(punct: number): boolean {
    return this.tokens.type === token.punct && this.tokens.punct === punct;
  }

  #isWord(name: number): boolean {
    return this.tokens.type === token.name && this.tokens.name === name;
  }

  #eat(punct: number): boolean {
    if (!this.#is(punct)) return false;
    this.tokens.next();
    return true;
  }

  skipType(): boolean {
    if (this.#depth >= DEEPEST_TYPE) return false;
    this.#depth++;
    const ok = this.#union();
    this.#depth--;
    return ok;
  }

  #union(): boolean {
    const { tokens } = this;
    if (this.#is(O.or) || this.#is(O.and)) tokens.next();
    for (;;) {
      if (!this.#operand()) return false;
      if (this.#is(O.or) || this.#is(O.and)) {
        tokens.next();
        continue;
      }
      // a is b, asserts a is b
      if (this.#isWord(word.is) && !tokens.newline) {
        tokens.next();
        continue;
      }
      if (this.#isWord(word.extends) && !tokens.newline) {
        tokens.next();
        if (!this.#unionOnly()) return false;
        // A conditional type; within `infer U extends V` there is no question mark.
        if (this.#eat(O.question)) {
          if (!this.skipType() || !this.#eat(O.colon)) return false;
          return this.skipType();
        }
      }
      return true;
    }
  }

  /** What stands behind `extends`: no conditional type of its own. */
  #unionOnly(): boolean {
    const { tokens } = this;
    if (this.#is(O.or) || this.#is(O.and)) tokens.next();
    while (this.#operand()) {
      if (!this.#is(O.or) && !this.#is(O.and)) return true;
      tokens.next();
    }
    return false;
  }

  #operand(): boolean {
    const { tokens } = this;
    // keyof, typeof, readonly, unique, infer, asserts, new, abstract and Flow's ? and *
    for (;;) {
      if (this.#is(O.question)) tokens.next();
      else if (
        tokens.type === token.name &&
        (tokens.name === word.keyof ||
          tokens.name === word.typeof ||
          tokens.name === word.readonly ||
          tokens.name === word.unique ||
          tokens.name === word.infer ||
          tokens.name === word.asserts ||
          tokens.name === word.new ||
          tokens.name === word.abstract) &&
        this.#wordBeforeType()
      )
        tokens.next();
      else break;
    }
    switch (tokens.type) {
      case token.text:
      case token.number:
        tokens.next();
        break;
      case token.template:
        if (!this.#template()) return false;
        break;
      case token.name:
        tokens.next();
        while (this.#eat(O.dot)) {
          if (tokens.type !== token.name && tokens.type !== token.privateName) return false;
          tokens.next();
        }
        // import("a").b
        if (this.#is(O.open) && !tokens.newline && this.tokens.text.slice(Math.max(0, tokens.lastEnd - 6), tokens.lastEnd) === "import") {
          if (!this.#balanced()) return false;
          while (this.#eat(O.dot)) tokens.next();
        }
        if (this.#is(O.less) && !this.skipTypeArguments()) return false;
        break;
      case token.punct:
        if (this.#is(O.minus) || this.#is(O.star)) {
          tokens.next();
          if (tokens.type === token.number) tokens.next();
          break;
        }
        if (this.#is(O.less)) {
          if (!this.skipTypeParameters() || !this.#is(O.open)) return false;
        }
        if (this.#is(O.open)) {
          const parameters = this.#parametersAhead();
          if (!this.#balanced()) return false;
          // The arrow behind a type in parentheses is that of the function whose result it is.
          if (parameters && this.#eat(O.arrow)) return this.skipType();
          break;
        }
        if (this.#is(O.openBrace) || this.#is(O.openBracket)) {
          if (!this.#balanced()) return false;
          break;
        }
        return false;
      default:
        return false;
    }
    while (this.#is(O.openBracket) && !tokens.newline) if (!this.#balanced()) return false;
    return true;
  }

  /** Whether the current word is an operator: something that begins a type stands behind it. */
  #wordBeforeType(): boolean {
    const { tokens } = this;
    const state = tokens.save();
    const { name } = tokens;
    tokens.next();
    const begins =
      (tokens.type === token.name &&
        tokens.name !== word.is &&
        tokens.name !== word.extends &&
        !(tokens.newline && name !== word.typeof)) ||
      tokens.type === token.text ||
      this.#is(O.openBrace) ||
      ((name === word.keyof || name === word.new || name === word.readonly || name === word.unique) &&
        (this.#is(O.open) || this.#is(O.openBracket) || this.#is(O.less)));
    tokens.restore(state);
    return begins;
  }

  /** Whether the parenthesis opens parameters, and not a type: by what stands behind the first name or pattern, as in TypeScript's own parser. */
  #parametersAhead(): boolean {
    const { tokens } = this;
    const state = tokens.save();
    tokens.next();
    let ahead = this.#is(O.close) || this.#is(O.spread);
    if (!ahead) {
      if (tokens.type === token.name) {
        tokens.next();
        ahead = true;
      } else ahead = (this.#is(O.openBrace) || this.#is(O.openBracket)) && this.#balanced();
      ahead &&= [O.colon, O.comma, O.question, O.assign, O.close].some((punct) => this.#is(punct));
    }
    tokens.restore(state);
    return ahead;
  }

  #template(): boolean {
    const { tokens } = this;
    while (tokens.readQuasi()) {
      tokens.next();
      if (!this.skipType()) return false;
      if (!this.#is(O.closeBrace)) return false;
    }
    tokens.next();
    return true;
  }

  /** From an opening bracket past the closing one that belongs to it. */
  #balanced(): boolean {
    const { tokens } = this;
    let open = 0;
    for (;;) {
      if (tokens.type === token.end) return false;
      if (tokens.type === token.template) {
        if (!this.#template()) return false;
        continue;
      }
      if (tokens.type === token.punct) {
        const { punct } = tokens;
        if (punct === O.open || punct === O.openBracket || punct === O.openBrace) open++;
        else if (punct === O.close || punct === O.closeBracket || punct === O.closeBrace) open--;
      }
      tokens.next();
      if (open === 0) return true;
    }
  }

  #closeAngle(): boolean {
    const { tokens } = this;
    if (tokens.type !== token.punct) return false;
    const { punct } = tokens;
    if (punct === O.shift || punct === O.longShift || punct === O.greaterEquals || punct === O.shiftEquals) tokens.splitPunct();
    return this.#eat(O.greater);
  }

  /** From `<`. */
  skipTypeArguments(): boolean {
    const { tokens } = this;
    if (this.#is(op("<<"))) tokens.splitPunct();
    if (!this.#eat(O.less)) return false;
    for (;;) {
      if (!this.skipType()) return false;
      if (this.#eat(O.comma)) continue;
      return this.#closeAngle();
    }
  }

  /** From `<`: `const T extends U = V`, with `in` and `out`. */
  skipTypeParameters(): boolean {
    const { tokens } = this;
    if (!this.#eat(O.less)) return false;
    for (;;) {
      if (this.#is(O.greater)) {
        tokens.next();
        return true;
      }
      if (this.#is(O.plus) || this.#is(O.minus)) tokens.next();
      let words = 0;
      while (tokens.type === token.name && tokens.name !== word.extends) {
        tokens.next();
        words++;
      }
      if (words === 0) return false;
      if (this.#eat(O.colon) && !this.skipType()) return false;
      if (this.#isWord(word.extends)) {
        tokens.next();
        if (!this.skipType()) return false;
      }
      if (this.#eat(O.assign) && !this.skipType()) return false;
      if (this.#eat(O.comma)) continue;
      return this.#closeAngle();
    }
  }

  /** After the word `interface`. */
  skipInterface(): boolean {
    const { tokens } = this;
    tokens.next();
    if (this.#is(O.less) && !this.skipTypeParameters()) return false;
    if (this.#isWord(word.extends)) {
      do {
        tokens.next();
        if (!this.skipType()) return false;
      } while (this.#is(O.comma));
    }
    return this.#is(O.openBrace) && this.#balanced();
  }

  /** After the word `type`. */
  skipAlias(): boolean {
    const { tokens } = this;
    tokens.next();
    if (this.#is(O.less) && !this.skipTypeParameters()) return false;
    if (this.#eat(O.colon) && !this.skipType()) return false;
    return this.#eat(O.assign) && this.skipType();
  }

  /** `[key: string]: type` in a class; goes back where it is something else. */
  skipIndexSignature(): boolean {
    const { tokens } = this;
    const state = tokens.save();
    tokens.next();
    if (tokens.type === token.name) {
      tokens.next();
      if (this.#eat(O.colon) && this.skipType() && this.#eat(O.closeBracket)) {
        if (!this.#eat(O.colon)) return true;
        if (this.skipType()) return true;
      }
    }
    tokens.restore(state);
    return false;
  }
}
