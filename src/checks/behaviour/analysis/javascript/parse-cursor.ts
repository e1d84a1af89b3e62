/** Where the parser stands, and the small steps that all of the grammar is made of. */
import { Tokens, op, token as kinds } from "./tokens.ts";
import { Tree, TreeLimit } from "./tree.ts";
import { TypeSkipper } from "./types.ts";

const token = kinds;

/** Expressions and statements within each other; minified bundles reach about 200, the stack of a thread carries several times as many. */
const DEEPEST = 600;

type Punct =
  | "open"
  | "close"
  | "openBracket"
  | "closeBracket"
  | "openBrace"
  | "closeBrace"
  | "comma"
  | "semicolon"
  | "colon"
  | "question"
  | "dot"
  | "optionalDot"
  | "spread"
  | "arrow"
  | "assign"
  | "star"
  | "slash"
  | "slashAssign"
  | "less"
  | "greater"
  | "not"
  | "tilde"
  | "plus"
  | "minus"
  | "increment"
  | "decrement"
  | "at";

/** Punctuators by what they are called here. */
export const P: Readonly<Record<Punct, number>> = {
  open: op("("),
  close: op(")"),
  openBracket: op("["),
  closeBracket: op("]"),
  openBrace: op("{"),
  closeBrace: op("}"),
  comma: op(","),
  semicolon: op(";"),
  colon: op(":"),
  question: op("?"),
  dot: op("."),
  optionalDot: op("?."),
  spread: op("..."),
  arrow: op("=>"),
  assign: op("="),
  star: op("*"),
  slash: op("/"),
  slashAssign: op("/="),
  less: op("<"),
  greater: op(">"),
  not: op("!"),
  tilde: op("~"),
  plus: op("+"),
  minus: op("-"),
  increment: op("++"),
  decrement: op("--"),
  at: op("@"),
};

/** Thrown within the parser only: this statement is not understood. */
class Misunderstood extends Error {}
export const misunderstood: Error = new Misunderstood("a statement that is not understood");

export interface ParseOptions {
  /** Types are allowed, and `<` begins a type where both could be. */
  readonly typed: boolean;
  /** `<a>` is an element. */
  readonly jsx: boolean;
}

export class Parser {
  readonly tokens: Tokens;
  readonly tree: Tree;
  readonly types: TypeSkipper;
  readonly options: ParseOptions;
  scope = 1;
  depth = 0;
  noIn = false;
  /** Within the middle of `a ? … : c`, where `(b): c => d` is no function with a return type. */
  inConditional = false;

  constructor(text: string, options: ParseOptions) {
    this.tree = new Tree(text);
    this.tokens = new Tokens(text, this.tree.names, this.tree.codes);
    this.types = new TypeSkipper(this.tokens);
    this.options = options;
  }

  isPunct(punct: number): boolean {
    return this.tokens.punct === punct;
  }

  isWord(name: number): boolean {
    return this.tokens.type === token.name && this.tokens.name === name;
  }

  eat(punct: number): boolean {
    if (!this.isPunct(punct)) return false;
    this.tokens.next();
    return true;
  }

  eatWord(name: number): boolean {
    if (!this.isWord(name)) return false;
    this.tokens.next();
    return true;
  }

  expect(punct: number): void {
    if (!this.eat(punct)) throw misunderstood;
  }

  semicolon(): void {
    const { tokens } = this;
    if (this.eat(P.semicolon) || this.isPunct(P.closeBrace) || tokens.type === token.end || tokens.newline) return;
    throw misunderstood;
  }

  finish(n: number): number {
    this.tree.end[n] = this.tokens.lastEnd;
    return n;
  }

  begin(kind: number): number {
    return this.tree.add(kind, this.tokens.start);
  }

  deeper(): void {
    if (++this.depth > DEEPEST) throw new TreeLimit(`it is nested more than ${DEEPEST} deep`);
  }

  peeks(test: () => boolean): boolean {
    const state = this.tokens.save();
    this.tokens.next();
    const result = test();
    this.tokens.restore(state);
    return result;
  }

  peekWord(name: number): boolean {
    return this.peeks(() => this.isWord(name));
  }
}
