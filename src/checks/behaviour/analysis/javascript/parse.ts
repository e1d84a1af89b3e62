/**
 * Parses JavaScript, JSX and TypeScript into a tree. It takes more than the grammar allows (a reader of hostile code gains nothing from
 * refusing it) and knows nothing of early errors; a statement that it cannot understand is counted and skipped, the rest stays readable.
 * Patterns are read as expressions, which cover them (https://tc39.es/ecma262/#sec-assignment-expressions, CoverParenthesizedExpression);
 * types are read past. No recursion goes deeper than `DEEPEST`.
 */
import { NameTable, word } from "./names.ts";
import { Tokens, op, token } from "./tokens.ts";
import { Tree, TreeLimit, flag, node } from "./tree.ts";
import { TypeSkipper } from "./types.ts";

/** Expressions and statements within each other; minified bundles reach about 200, the stack of a thread carries several times as many. */
const DEEPEST = 600;

const P = {
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
} as const;

const assignments: ReadonlySet<number> = new Set(
  ["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=", "??="].map(op),
);

const precedences: ReadonlyMap<number, number> = new Map(
  [
    ["??"],
    ["||"],
    ["&&"],
    ["|"],
    ["^"],
    ["&"],
    ["==", "!=", "===", "!=="],
    ["<", ">", "<=", ">="],
    ["<<", ">>", ">>>"],
    ["+", "-"],
    ["*", "/", "%"],
    ["**"],
  ].flatMap((row, i) => row.map((text): [number, number] => [op(text), i + 1])),
);
const RELATIONAL = 8;
const logicals: ReadonlySet<number> = new Set(["??", "||", "&&"].map(op));

/** Thrown within the parser only: this statement is not understood. */
class Misunderstood extends Error {}
const misunderstood = new Misunderstood("a statement that is not understood");

export interface ParseOptions {
  /** Types are allowed, and `<` begins a type where both could be. */
  readonly typed: boolean;
  /** `<a>` is an element. */
  readonly jsx: boolean;
}

/** The tree of a source. Throws `TreeLimit` where it would be too large or too deep. */
export function parse(text: string, options: ParseOptions): Tree {
  return new Parser(text, options).program();
}

class Parser {
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
    const names = new NameTable();
    this.tokens = new Tokens(text, names);
    this.tree = new Tree(text, names);
    this.types = new TypeSkipper(this.tokens);
    this.options = options;
  }

  program(): Tree {
    const { tree, tokens } = this;
    const root = tree.add(node.program, 0);
    tree.scope[root] = 1;
    tree.scopeNode[1] = root;
    tokens.next();
    let last = 0;
    while (tokens.type !== token.end) {
      if (this.isPunct(P.closeBrace)) {
        tree.problems++;
        tokens.next();
        continue;
      }
      const statement = this.guarded();
      if (statement !== 0) last = tree.link(root, last, statement);
    }
    tree.end[root] = tree.text.length;
    tree.problems += tokens.strange;
    return tree;
  }

  // ---- small steps

  isPunct(punct: number): boolean {
    return this.tokens.type === token.punct && this.tokens.punct === punct;
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

  // ---- statements

  /** One statement; 0 where it was not understood and skipped. */
  guarded(): number {
    const { tokens, tree } = this;
    const from = tokens.start;
    const { depth, scope, noIn, inConditional } = this;
    try {
      return this.statement();
    } catch (error) {
      if (error !== misunderstood) throw error;
      tree.problems++;
      this.depth = depth;
      this.scope = scope;
      this.noIn = noIn;
      this.inConditional = inConditional;
      this.resume(from);
      return 0;
    }
  }

  /** Goes on after something that was not understood: behind the next `;`, at the next line outside brackets, or before a closing brace. */
  resume(from: number): void {
    const { tokens } = this;
    if (tokens.start === from && !this.isPunct(P.closeBrace)) tokens.next();
    let open = 0;
    while (tokens.type !== token.end) {
      if (tokens.type === token.template) {
        tokens.readQuasi();
        tokens.next();
      } else {
        if (tokens.type === token.punct) {
          const { punct } = tokens;
          if (punct === P.open || punct === P.openBracket || punct === P.openBrace) open++;
          else if (punct === P.close || punct === P.closeBracket || punct === P.closeBrace) {
            if (open === 0 && punct === P.closeBrace) return;
            open = Math.max(0, open - 1);
          } else if (punct === P.semicolon && open === 0) {
            tokens.next();
            return;
          }
        }
        tokens.next();
      }
      if (open === 0 && tokens.newline && tokens.type === token.name) return;
    }
  }

  statement(): number {
    this.deeper();
    const n = this.statementBody();
    this.depth--;
    return n;
  }

  statementBody(): number {
    const { tokens } = this;
    if (tokens.type === token.punct) {
      switch (tokens.punct) {
        case P.openBrace:
          return this.block();
        case P.semicolon: {
          const n = this.begin(node.empty);
          tokens.next();
          return this.finish(n);
        }
        case P.at:
          this.decorators();
          return this.statement();
        default:
          return this.expressionStatement();
      }
    }
    if (tokens.type !== token.name) return this.expressionStatement();
    switch (tokens.name) {
      case word.var:
      case word.const: {
        if (tokens.name === word.const && this.options.typed && this.peekWord(word.enum)) {
          tokens.next();
          return this.enumeration();
        }
        const n = this.declaration();
        this.semicolon();
        return this.finish(n);
      }
      case word.let:
        return this.peeks(() => tokens.type === token.name || this.isPunct(P.openBracket) || this.isPunct(P.openBrace))
          ? this.finishDeclaration()
          : this.expressionStatement();
      case word.using:
        return this.peeks(() => tokens.type === token.name && !tokens.newline && tokens.name !== word.in && tokens.name !== word.of)
          ? this.finishDeclaration()
          : this.expressionStatement();
      case word.function:
        return this.functionNode(true, 0);
      case word.class:
        return this.classNode(true);
      case word.if:
        return this.ifStatement();
      case word.for:
        return this.forStatement();
      case word.while: {
        const n = this.begin(node.while);
        tokens.next();
        const last = this.tree.link(n, 0, this.parenthesised());
        this.tree.link(n, last, this.statement());
        return this.finish(n);
      }
      case word.do: {
        const n = this.begin(node.doWhile);
        tokens.next();
        const last = this.tree.link(n, 0, this.statement());
        if (!this.eatWord(word.while)) throw misunderstood;
        this.tree.link(n, last, this.parenthesised());
        this.eat(P.semicolon);
        return this.finish(n);
      }
      case word.return:
      case word.throw: {
        const n = this.begin(tokens.name === word.return ? node.return : node.throw);
        tokens.next();
        if (!tokens.newline && !this.isPunct(P.semicolon) && !this.isPunct(P.closeBrace) && tokens.type !== token.end)
          this.tree.link(n, 0, this.expression());
        this.semicolon();
        return this.finish(n);
      }
      case word.break:
      case word.continue: {
        const n = this.begin(tokens.name === word.break ? node.break : node.continue);
        tokens.next();
        if (tokens.type === token.name && !tokens.newline) {
          this.tree.aux[n] = tokens.name;
          tokens.next();
        }
        this.semicolon();
        return this.finish(n);
      }
      case word.debugger: {
        const n = this.begin(node.debugger);
        tokens.next();
        this.semicolon();
        return this.finish(n);
      }
      case word.try:
        return this.tryStatement();
      case word.switch:
        return this.switchStatement();
      case word.with: {
        const n = this.begin(node.block);
        tokens.next();
        const last = this.tree.link(n, 0, this.parenthesised());
        this.tree.link(n, last, this.statement());
        return this.finish(n);
      }
      case word.import:
        return this.peeks(() => this.isPunct(P.open) || this.isPunct(P.dot)) ? this.expressionStatement() : this.importStatement();
      case word.export:
        return this.exportStatement();
      case word.async:
        return this.peeks(() => this.isWord(word.function) && !tokens.newline) ? this.functionNode(true, 0) : this.expressionStatement();
      case word.interface:
      case word.type:
      case word.opaque:
      case word.declare:
      case word.namespace:
      case word.module:
      case word.global:
      case word.abstract:
      case word.enum:
        return this.typedStatement();
      default:
        return this.expressionStatement();
    }
  }

  finishDeclaration(): number {
    const n = this.declaration();
    this.semicolon();
    return this.finish(n);
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

  block(): number {
    const n = this.begin(node.block);
    this.expect(P.openBrace);
    this.statements(n, 0);
    return this.finish(n);
  }

  /** Up to and with the closing brace. */
  statements(parent: number, first: number): void {
    const { tokens } = this;
    let last = first;
    while (!this.isPunct(P.closeBrace)) {
      if (tokens.type === token.end) throw misunderstood;
      const statement = this.guarded();
      if (statement !== 0) last = this.tree.link(parent, last, statement);
    }
    tokens.next();
  }

  expressionStatement(): number {
    const { tokens, tree } = this;
    if (tokens.type === token.name) {
      const state = tokens.save();
      const { name, start } = tokens;
      tokens.next();
      if (this.isPunct(P.colon)) {
        const n = tree.add(node.label, start);
        tree.aux[n] = name;
        tokens.next();
        tree.link(n, 0, this.statement());
        return this.finish(n);
      }
      tokens.restore(state);
    }
    const n = this.begin(node.expression);
    tree.link(n, 0, this.expression());
    this.semicolon();
    return this.finish(n);
  }

  parenthesised(): number {
    this.expect(P.open);
    const n = this.expression();
    this.expect(P.close);
    return n;
  }

  declaration(): number {
    const { tokens, tree } = this;
    const n = this.begin(node.declaration);
    if (tokens.name === word.const) tree.aux[n] = flag.constant;
    tokens.next();
    let last = 0;
    do {
      const d = this.begin(node.declarator);
      const target = this.bindingTarget();
      this.declarePattern(target, this.scope);
      let lastKid = tree.link(d, 0, target);
      this.annotation();
      if (this.eat(P.assign)) lastKid = tree.link(d, lastKid, this.assignment());
      last = tree.link(n, last, this.finish(d));
    } while (this.eat(P.comma));
    return n;
  }

  /** A variable, or an array or object pattern. */
  bindingTarget(): number {
    if (this.isPunct(P.openBracket)) return this.arrayLiteral();
    if (this.isPunct(P.openBrace)) return this.objectLiteral();
    return this.identifier();
  }

  identifier(): number {
    const { tokens, tree } = this;
    if (tokens.type !== token.name) throw misunderstood;
    const n = this.begin(node.identifier);
    tree.aux[n] = tokens.name;
    tree.scope[n] = this.scope;
    tokens.next();
    return this.finish(n);
  }

  /** `!: type`, `?: type`, `: type` after a variable, a parameter or a member, in typed source. */
  annotation(): void {
    if (!this.options.typed) return;
    const { tokens } = this;
    if (this.isPunct(P.not) && this.peeks(() => this.isPunct(P.colon))) tokens.next();
    if (
      this.isPunct(P.question) &&
      this.peeks(
        () =>
          this.isPunct(P.colon) ||
          this.isPunct(P.comma) ||
          this.isPunct(P.close) ||
          this.isPunct(P.assign) ||
          this.isPunct(P.semicolon) ||
          this.isPunct(P.open),
      )
    )
      tokens.next();
    if (this.eat(P.colon)) this.type();
  }

  type(): void {
    if (!this.types.skipType()) throw misunderstood;
  }

  /** Declares every variable of a pattern and moves it into the scope. */
  declarePattern(pattern: number, scope: number): void {
    const { tree } = this;
    switch (tree.kind[pattern]) {
      case node.identifier:
        tree.scope[pattern] = scope;
        tree.bindings.declare(scope, tree.aux[pattern]!);
        return;
      case node.assign:
      case node.spread:
        this.declarePattern(tree.kid[pattern]!, scope);
        return;
      case node.array:
      case node.object:
      case node.parameters:
        for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!) this.declarePattern(kid, scope);
        return;
      case node.property:
        this.declarePattern(tree.kidAt(pattern, 1), scope);
        return;
      default:
    }
  }

  ifStatement(): number {
    const { tree, tokens } = this;
    const first = this.begin(node.if);
    let n = first;
    // A chain of `else if` is a loop: chains of thousands are generated.
    for (;;) {
      tokens.next();
      let last = tree.link(n, 0, this.parenthesised());
      last = tree.link(n, last, this.statement());
      if (!this.eatWord(word.else)) break;
      if (!this.isWord(word.if)) {
        tree.link(n, last, this.statement());
        break;
      }
      const other = this.begin(node.if);
      tree.link(n, last, other);
      n = other;
    }
    for (let at = n; ; at = tree.up[at]!) {
      this.finish(at);
      if (at === first) return first;
    }
  }

  forStatement(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.for);
    tokens.next();
    this.eatWord(word.await);
    this.expect(P.open);
    let last = 0;
    const part = (): number => (last = tree.link(n, last, this.begin(node.empty)));
    const { noIn } = this;
    this.noIn = true;
    let head = 0;
    if (!this.isPunct(P.semicolon)) {
      const declares =
        this.isWord(word.var) ||
        this.isWord(word.const) ||
        ((this.isWord(word.let) || this.isWord(word.using)) &&
          this.peeks(
            () =>
              (tokens.type === token.name && tokens.name !== word.in && tokens.name !== word.of) ||
              this.isPunct(P.openBracket) ||
              this.isPunct(P.openBrace),
          ));
      if (this.isWord(word.await)) tokens.next();
      head = declares ? this.declaration() : this.expression();
    }
    this.noIn = noIn;
    if (head !== 0 && (this.isWord(word.of) || this.isWord(word.in))) {
      tree.kind[n] = node.forIn;
      tree.aux[n] = tokens.name;
      last = tree.link(n, last, head);
      tokens.next();
      last = tree.link(n, last, this.expression());
    } else {
      if (head === 0) part();
      else last = tree.link(n, last, head);
      this.expect(P.semicolon);
      if (this.isPunct(P.semicolon)) part();
      else last = tree.link(n, last, this.expression());
      this.expect(P.semicolon);
      if (this.isPunct(P.close)) part();
      else last = tree.link(n, last, this.expression());
    }
    this.expect(P.close);
    tree.link(n, last, this.statement());
    return this.finish(n);
  }

  tryStatement(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.try);
    tokens.next();
    let last = tree.link(n, 0, this.block());
    if (this.isWord(word.catch)) {
      const c = this.begin(node.catch);
      tokens.next();
      let lastKid = 0;
      if (this.eat(P.open)) {
        const target = this.bindingTarget();
        this.declarePattern(target, this.scope);
        this.annotation();
        lastKid = tree.link(c, 0, target);
        this.expect(P.close);
      }
      tree.link(c, lastKid, this.block());
      last = tree.link(n, last, this.finish(c));
    }
    if (this.eatWord(word.finally)) tree.link(n, last, this.block());
    return this.finish(n);
  }

  switchStatement(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.switch);
    tokens.next();
    let last = tree.link(n, 0, this.parenthesised());
    this.expect(P.openBrace);
    while (!this.eat(P.closeBrace)) {
      const c = this.begin(node.case);
      let lastKid = 0;
      if (this.eatWord(word.case)) lastKid = tree.link(c, 0, this.expression());
      else if (!this.eatWord(word.default)) throw misunderstood;
      this.expect(P.colon);
      while (!this.isWord(word.case) && !this.isWord(word.default) && !this.isPunct(P.closeBrace)) {
        if (tokens.type === token.end) throw misunderstood;
        const statement = this.guarded();
        if (statement !== 0) lastKid = tree.link(c, lastKid, statement);
      }
      last = tree.link(n, last, this.finish(c));
    }
    return this.finish(n);
  }

  // ---- modules

  textNode(): number {
    if (this.tokens.type !== token.text) throw misunderstood;
    const n = this.begin(node.text);
    this.tokens.next();
    return this.finish(n);
  }

  /** Kids: the specifier's text, then what is imported. */
  importStatement(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.import);
    tokens.next();
    if (tokens.type === token.text) {
      tree.link(n, 0, this.textNode());
      this.attributes();
      this.semicolon();
      return this.finish(n);
    }
    if (this.isWord(word.type) || this.isWord(word.typeof)) {
      const typeOnly = this.peeks(
        () => (tokens.type === token.name && tokens.name !== word.from) || this.isPunct(P.openBrace) || this.isPunct(P.star),
      );
      if (typeOnly) {
        tree.aux[n]! |= flag.typeOnly;
        tokens.next();
      }
    } else if (this.isWord(word.defer) && this.peeks(() => this.isPunct(P.star))) tokens.next();
    const specifiers: number[] = [];
    const specifier = (start: number, name: number): void => {
      const s = tree.add(node.specifier, start);
      tree.aux[s] = name;
      const local = this.identifier();
      this.declarePattern(local, this.scope);
      tree.link(s, 0, local);
      specifiers.push(this.finish(s));
    };
    if (tokens.type === token.name && !this.isPunct(P.openBrace)) {
      specifier(tokens.start, word.default);
      if (this.eat(P.assign)) {
        // TypeScript: import a = require("b"), or import a = b.c.
        const d = tree.add(node.declarator, tree.start[n]!);
        const local = tree.kid[specifiers[0]!]!;
        const last = tree.link(d, 0, local);
        tree.link(d, last, this.assignment());
        tree.kind[n] = node.declaration;
        tree.aux[n] = 0;
        tree.link(n, 0, this.finish(d));
        this.semicolon();
        return this.finish(n);
      }
      this.eat(P.comma);
    }
    if (this.eat(P.star)) {
      if (!this.eatWord(word.as)) throw misunderstood;
      specifier(tokens.start, 0);
    } else if (this.eat(P.openBrace)) {
      while (!this.eat(P.closeBrace)) {
        const { start } = tokens;
        if (
          this.isWord(word.type) &&
          this.peeks(() => (tokens.type === token.name && tokens.name !== word.as) || tokens.type === token.text)
        )
          tokens.next();
        const name = this.exportName();
        if (this.eatWord(word.as)) specifier(start, name);
        else {
          const s = tree.add(node.specifier, start);
          tree.aux[s] = name;
          const local = tree.add(node.identifier, start);
          tree.aux[local] = name;
          this.declarePattern(local, this.scope);
          tree.end[local] = tokens.lastEnd;
          tree.link(s, 0, local);
          specifiers.push(this.finish(s));
        }
        if (!this.eat(P.comma) && !this.isPunct(P.closeBrace)) throw misunderstood;
      }
    }
    if (!this.eatWord(word.from)) throw misunderstood;
    let last = tree.link(n, 0, this.textNode());
    for (const s of specifiers) last = tree.link(n, last, s);
    this.attributes();
    this.semicolon();
    return this.finish(n);
  }

  /** `with { type: "json" }`, formerly `assert`. */
  attributes(): void {
    const { tokens } = this;
    if (tokens.type === token.name && !tokens.newline && this.peeks(() => this.isPunct(P.openBrace))) {
      tokens.next();
      this.objectLiteral();
    }
  }

  /** A name, or a text that serves as one. */
  exportName(): number {
    const { tokens, tree } = this;
    if (tokens.type === token.text) {
      const id = tree.names.internText(tree.text.slice(tokens.start + 1, tokens.pos - 1));
      tokens.next();
      return id;
    }
    if (tokens.type !== token.name) throw misunderstood;
    const { name } = tokens;
    tokens.next();
    return name;
  }

  exportStatement(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.export);
    tokens.next();
    if (this.options.typed && this.isPunct(P.assign)) {
      tokens.next();
      tree.link(n, 0, this.expression());
      this.semicolon();
      return this.finish(n);
    }
    if (this.eatWord(word.default)) {
      const declares =
        this.isWord(word.function) ||
        this.isWord(word.class) ||
        this.isPunct(P.at) ||
        (this.isWord(word.async) && this.peekWord(word.function));
      if (declares) tree.link(n, 0, this.statement());
      else if (this.isWord(word.interface) || (this.isWord(word.abstract) && this.peekWord(word.class))) tree.link(n, 0, this.statement());
      else {
        tree.link(n, 0, this.assignment());
        this.semicolon();
      }
      return this.finish(n);
    }
    if (this.isWord(word.type) && this.peeks(() => this.isPunct(P.openBrace) || this.isPunct(P.star))) {
      tree.aux[n]! |= flag.typeOnly;
      tokens.next();
    }
    if (this.eat(P.star)) {
      if (this.eatWord(word.as)) this.exportName();
      if (!this.eatWord(word.from)) throw misunderstood;
      tree.link(n, 0, this.textNode());
      this.attributes();
      this.semicolon();
      return this.finish(n);
    }
    if (this.isPunct(P.openBrace)) {
      tokens.next();
      const specifiers: number[] = [];
      while (!this.eat(P.closeBrace)) {
        if (this.isWord(word.type) && this.peeks(() => tokens.type === token.name && tokens.name !== word.as)) tokens.next();
        const s = this.begin(node.specifier);
        const { start } = tokens;
        const name = this.exportName();
        const local = tree.add(node.identifier, start);
        tree.aux[local] = name;
        tree.scope[local] = this.scope;
        tree.end[local] = tokens.lastEnd;
        tree.link(s, 0, local);
        tree.aux[s] = this.eatWord(word.as) ? this.exportName() : name;
        specifiers.push(this.finish(s));
        if (!this.eat(P.comma) && !this.isPunct(P.closeBrace)) throw misunderstood;
      }
      let last = 0;
      if (this.eatWord(word.from)) {
        last = tree.link(n, 0, this.textNode());
        this.attributes();
      }
      for (const s of specifiers) last = tree.link(n, last, s);
      this.semicolon();
      return this.finish(n);
    }
    tree.link(n, 0, this.statement());
    return this.finish(n);
  }

  // ---- typed source

  typedStatement(): number {
    const { tokens, tree } = this;
    const { name } = tokens;
    const declares = this.peeks(
      () =>
        !tokens.newline &&
        (tokens.type === token.name || tokens.type === token.text || (name === word.global && this.isPunct(P.openBrace))) &&
        tokens.name !== word.in &&
        tokens.name !== word.instanceof,
    );
    if (!declares) return this.expressionStatement();
    const n = this.begin(node.empty);
    switch (name) {
      case word.enum:
        return this.enumeration();
      case word.interface:
        tokens.next();
        if (!this.types.skipInterface()) throw misunderstood;
        return this.finish(n);
      case word.type:
      case word.opaque:
        tokens.next();
        if (!this.types.skipAlias()) throw misunderstood;
        this.semicolon();
        return this.finish(n);
      case word.abstract:
        tokens.next();
        return this.classNode(true);
      case word.declare:
        tokens.next();
        return this.statement();
      default: {
        // namespace a.b {}, module "a" {}, global {}
        tokens.next();
        if (tokens.type === token.text) tokens.next();
        else if (tokens.type === token.name) {
          tree.bindings.declare(this.scope, tokens.name);
          tokens.next();
          while (this.eat(P.dot)) tokens.next();
        }
        if (!this.isPunct(P.openBrace)) {
          this.semicolon();
          return this.finish(n);
        }
        return this.block();
      }
    }
  }

  enumeration(): number {
    const { tokens, tree } = this;
    const n = this.begin(node.declaration);
    tokens.next();
    const d = this.begin(node.declarator);
    const target = this.identifier();
    this.declarePattern(target, this.scope);
    const last = tree.link(d, 0, target);
    const o = this.begin(node.object);
    this.expect(P.openBrace);
    let lastKid = 0;
    while (!this.eat(P.closeBrace)) {
      const p = this.begin(node.property);
      const key = this.propertyKey(p);
      const afterKey = tree.link(p, 0, key);
      if (this.eat(P.assign)) tree.link(p, afterKey, this.assignment());
      lastKid = tree.link(o, lastKid, this.finish(p));
      if (!this.eat(P.comma) && !this.isPunct(P.closeBrace)) throw misunderstood;
    }
    tree.link(d, last, this.finish(o));
    tree.link(n, 0, this.finish(d));
    return this.finish(n);
  }

  decorators(): void {
    while (this.eat(P.at)) this.subscripts(this.primary(), true);
  }

  // ---- functions and classes

  functionNode(isStatement: boolean, bits: number): number {
    const { tree, tokens } = this;
    const n = this.begin(node.function);
    let aux = bits;
    if (this.eatWord(word.async)) aux |= flag.async;
    tokens.next();
    if (this.eat(P.star)) aux |= flag.generator;
    const scope = tree.newScope(this.scope, n);
    let last = 0;
    if (tokens.type === token.name) {
      const name = this.identifier();
      this.declarePattern(name, isStatement ? this.scope : scope);
      last = tree.link(n, 0, name);
      aux |= flag.static;
    }
    tree.aux[n] = aux;
    return this.functionRest(n, last, scope);
  }

  /** From the parameters on. A function's kids: its name (where `aux` has `static`), the parameters, the body. */
  functionRest(n: number, first: number, scope: number): number {
    const { tree } = this;
    tree.scope[n] = scope;
    const outer = this.scope;
    const { inConditional } = this;
    this.inConditional = false;
    this.scope = scope;
    if (this.options.typed && this.isPunct(P.less) && !this.types.skipTypeParameters()) throw misunderstood;
    const parameters = this.begin(node.parameters);
    this.expect(P.open);
    let last = 0;
    while (!this.eat(P.close)) {
      if (this.isPunct(P.at)) this.decorators();
      if (this.options.typed) this.modifiers();
      const element = this.eatSpread() ?? this.parameter();
      last = tree.link(parameters, last, element);
      if (!this.eat(P.comma) && !this.isPunct(P.close)) throw misunderstood;
    }
    this.declarePattern(parameters, scope);
    let lastKid = tree.link(n, first, this.finish(parameters));
    if (this.options.typed && this.eat(P.colon)) this.type();
    if (this.isPunct(P.openBrace)) lastKid = tree.link(n, lastKid, this.functionBody());
    else if (this.options.typed) this.semicolon();
    else throw misunderstood;
    this.scope = outer;
    this.inConditional = inConditional;
    return this.finish(n);
  }

  functionBody(): number {
    const { noIn } = this;
    this.noIn = false;
    const body = this.block();
    this.noIn = noIn;
    return body;
  }

  modifiers(): void {
    const { tokens } = this;
    while (
      tokens.type === token.name &&
      (tokens.name === word.public ||
        tokens.name === word.private ||
        tokens.name === word.protected ||
        tokens.name === word.readonly ||
        tokens.name === word.override) &&
      this.peeks(() => tokens.type === token.name || this.isPunct(P.openBrace) || this.isPunct(P.openBracket))
    )
      tokens.next();
  }

  parameter(): number {
    const { tree } = this;
    const target = this.bindingTarget();
    this.annotation();
    if (!this.isPunct(P.assign)) return target;
    const n = tree.add(node.assign, tree.start[target]!);
    tree.aux[n] = P.assign;
    this.tokens.next();
    const last = tree.link(n, 0, target);
    tree.link(n, last, this.assignment());
    return this.finish(n);
  }

  eatSpread(): number | undefined {
    if (!this.isPunct(P.spread)) return undefined;
    const n = this.begin(node.spread);
    this.tokens.next();
    this.tree.link(n, 0, this.assignment());
    this.annotation();
    return this.finish(n);
  }

  /** After `=>` was eaten: `pattern` is a variable or a list of parameters. */
  arrow(start: number, parameters: number, async: boolean): number {
    const { tree } = this;
    const n = tree.add(node.function, start);
    tree.aux[n] = flag.arrow | (async ? flag.async : 0);
    const scope = tree.newScope(this.scope, n);
    tree.scope[n] = scope;
    this.declarePattern(parameters, scope);
    const last = tree.link(n, 0, parameters);
    const outer = this.scope;
    const { inConditional } = this;
    this.scope = scope;
    if (this.isPunct(P.openBrace)) {
      this.inConditional = false;
      tree.link(n, last, this.functionBody());
    } else tree.link(n, last, this.assignment());
    this.inConditional = inConditional;
    this.scope = outer;
    return this.finish(n);
  }

  /** Kids: the name (where `aux` has `static`), what it extends (where `aux` has `computed`), the members. */
  classNode(isStatement: boolean): number {
    const { tree, tokens } = this;
    const n = this.begin(node.class);
    tokens.next();
    let last = 0;
    if (tokens.type === token.name && tokens.name !== word.extends && tokens.name !== word.implements) {
      const name = this.identifier();
      if (isStatement) this.declarePattern(name, this.scope);
      last = tree.link(n, 0, name);
      tree.aux[n]! |= flag.static;
    }
    if (this.options.typed && this.isPunct(P.less) && !this.types.skipTypeParameters()) throw misunderstood;
    if (this.eatWord(word.extends)) {
      last = tree.link(n, last, this.subscripts(this.primary(), false));
      tree.aux[n]! |= flag.computed;
      if (this.options.typed && this.isPunct(P.less) && !this.types.skipTypeArguments()) throw misunderstood;
    }
    if (this.options.typed && this.eatWord(word.implements)) {
      do this.type();
      while (this.eat(P.comma));
    }
    this.expect(P.openBrace);
    while (!this.eat(P.closeBrace)) {
      if (tokens.type === token.end) throw misunderstood;
      if (this.eat(P.semicolon)) continue;
      const member = this.classMember();
      if (member !== 0) last = tree.link(n, last, member);
    }
    return this.finish(n);
  }

  classMember(): number {
    const { tree, tokens } = this;
    if (this.isPunct(P.at)) this.decorators();
    const p = this.begin(node.property);
    let async = false;
    // Words before a name; one that is followed by what ends a name is the name itself.
    for (;;) {
      if (tokens.type !== token.name) break;
      const { name } = tokens;
      const isModifier =
        name === word.static ||
        name === word.async ||
        name === word.get ||
        name === word.set ||
        name === word.accessor ||
        (this.options.typed &&
          (name === word.public ||
            name === word.private ||
            name === word.protected ||
            name === word.readonly ||
            name === word.override ||
            name === word.abstract ||
            name === word.declare));
      if (!isModifier) break;
      const isName = this.peeks(
        () => this.endsKey() || ((name === word.async || name === word.accessor) && tokens.newline) || tokens.type === token.end,
      );
      if (isName) break;
      if (name === word.static) {
        if (this.peeks(() => this.isPunct(P.openBrace))) {
          tokens.next();
          tree.aux[p]! |= flag.static;
          tree.link(p, 0, this.functionBody());
          return this.finish(p);
        }
        tree.aux[p]! |= flag.static;
      }
      if (name === word.async) async = true;
      if (name === word.get) tree.aux[p]! |= flag.getter;
      if (name === word.set) tree.aux[p]! |= flag.setter;
      tokens.next();
    }
    const generator = this.eat(P.star);
    if (this.options.typed && this.isPunct(P.openBracket) && this.types.skipIndexSignature()) {
      this.eat(P.semicolon);
      return 0;
    }
    const last = tree.link(p, 0, this.propertyKey(p));
    if (this.options.typed) {
      if (this.isPunct(P.question) || this.isPunct(P.not)) tokens.next();
    }
    if (this.isPunct(P.open) || (this.options.typed && this.isPunct(P.less))) {
      tree.aux[p]! |= flag.method;
      tree.link(p, last, this.method(async, generator));
      return this.finish(p);
    }
    if (this.options.typed && this.eat(P.colon)) this.type();
    if (this.eat(P.assign)) {
      const { noIn } = this;
      this.noIn = false;
      tree.link(p, last, this.assignment());
      this.noIn = noIn;
    }
    this.semicolon();
    return this.finish(p);
  }

  endsKey(): boolean {
    const { tokens } = this;
    if (tokens.type !== token.punct) return false;
    const { punct } = tokens;
    return (
      punct === P.open ||
      punct === P.assign ||
      punct === P.semicolon ||
      punct === P.closeBrace ||
      punct === P.comma ||
      punct === P.colon ||
      punct === P.question ||
      (punct === P.not && this.options.typed) ||
      punct === P.less
    );
  }

  method(async: boolean, generator: boolean): number {
    const { tree } = this;
    const n = this.begin(node.function);
    tree.aux[n] = flag.method | (async ? flag.async : 0) | (generator ? flag.generator : 0);
    return this.functionRest(n, 0, tree.newScope(this.scope, n));
  }

  /** Sets `computed` on the property where the key is an expression. */
  propertyKey(property: number): number {
    const { tree, tokens } = this;
    switch (tokens.type) {
      case token.name:
      case token.privateName: {
        const n = this.begin(node.name);
        tree.aux[n] = tokens.name;
        tokens.next();
        return this.finish(n);
      }
      case token.text:
        return this.textNode();
      case token.number: {
        const n = this.begin(node.number);
        tokens.next();
        return this.finish(n);
      }
      default: {
        this.expect(P.openBracket);
        tree.aux[property]! |= flag.computed;
        const { noIn } = this;
        this.noIn = false;
        const n = this.assignment();
        this.noIn = noIn;
        this.expect(P.closeBracket);
        return n;
      }
    }
  }

  // ---- expressions

  expression(): number {
    const { tree } = this;
    const first = this.assignment();
    if (!this.isPunct(P.comma)) return first;
    const n = tree.add(node.sequence, tree.start[first]!);
    let last = tree.link(n, 0, first);
    while (this.eat(P.comma)) last = tree.link(n, last, this.assignment());
    return this.finish(n);
  }

  assignment(): number {
    this.deeper();
    const n = this.assignmentBody();
    this.depth--;
    return n;
  }

  assignmentBody(): number {
    const { tree, tokens } = this;
    if (this.isWord(word.yield) && !this.peeks(() => this.isPunct(P.arrow) || this.isPunct(P.assign) || this.isPunct(P.dot))) {
      const n = this.begin(node.yield);
      tokens.next();
      const star = !tokens.newline && this.eat(P.star);
      if (star || (!tokens.newline && this.beginsExpression())) tree.link(n, 0, this.assignment());
      return this.finish(n);
    }
    if (this.options.typed && this.isPunct(P.less)) {
      const generic = this.genericArrow();
      if (generic !== 0) return generic;
    }
    const left = this.conditional();
    if (tokens.type !== token.punct || !assignments.has(tokens.punct)) return left;
    const n = tree.add(node.assign, tree.start[left]!);
    tree.aux[n] = tokens.punct;
    tokens.next();
    const last = tree.link(n, 0, left);
    tree.link(n, last, this.assignment());
    return this.finish(n);
  }

  /** `<T>(a: T) => …`; 0 where it is something else. */
  genericArrow(): number {
    const { tokens, tree } = this;
    const state = tokens.save();
    const { count } = tree;
    const { start } = tokens;
    try {
      if (this.types.skipTypeParameters() && this.isPunct(P.open)) {
        const n = this.primary();
        if (tree.kind[n] === node.function) {
          tree.start[n] = start;
          return n;
        }
      }
    } catch (error) {
      if (error !== misunderstood) throw error;
    }
    tree.count = count;
    tokens.restore(state);
    return 0;
  }

  beginsExpression(): boolean {
    const { tokens } = this;
    switch (tokens.type) {
      case token.end:
        return false;
      case token.punct: {
        const { punct } = tokens;
        return (
          punct === P.open ||
          punct === P.openBracket ||
          punct === P.openBrace ||
          punct === P.not ||
          punct === P.tilde ||
          punct === P.plus ||
          punct === P.minus ||
          punct === P.increment ||
          punct === P.decrement ||
          punct === P.slash ||
          punct === P.slashAssign ||
          punct === P.less ||
          punct === P.at
        );
      }
      case token.name:
        return tokens.name !== word.in && tokens.name !== word.of && tokens.name !== word.instanceof && tokens.name !== word.as;
      default:
        return true;
    }
  }

  conditional(): number {
    const { tree } = this;
    const test = this.binary(0);
    if (!this.isPunct(P.question)) return test;
    if (
      this.options.typed &&
      this.peeks(() => this.isPunct(P.comma) || this.isPunct(P.close) || this.isPunct(P.colon) || this.isPunct(P.assign))
    )
      return test;
    const n = tree.add(node.conditional, tree.start[test]!);
    this.tokens.next();
    let last = tree.link(n, 0, test);
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = true;
    last = tree.link(n, last, this.assignment());
    this.noIn = noIn;
    this.inConditional = inConditional;
    this.expect(P.colon);
    tree.link(n, last, this.assignment());
    return this.finish(n);
  }

  /** The precedence of the current token as a binary operator, 0 where it is none. */
  precedence(): number {
    const { tokens } = this;
    if (tokens.type === token.punct) return precedences.get(tokens.punct) ?? 0;
    if (tokens.type === token.name) {
      if (tokens.name === word.instanceof) return RELATIONAL;
      if (tokens.name === word.in) return this.noIn ? 0 : RELATIONAL;
      if (this.options.typed && (tokens.name === word.as || tokens.name === word.satisfies) && !tokens.newline) return RELATIONAL;
    }
    return 0;
  }

  binary(least: number): number {
    const { tree, tokens } = this;
    let left = this.unary();
    for (;;) {
      const precedence = this.precedence();
      if (precedence === 0 || precedence <= least) return left;
      if (tokens.type === token.name && (tokens.name === word.as || tokens.name === word.satisfies)) {
        tokens.next();
        if (!this.eatWord(word.const)) this.type();
        continue;
      }
      const operator = tokens.type === token.punct ? tokens.punct : -tokens.name;
      const n = tree.add(logicals.has(operator) ? node.logical : node.binary, tree.start[left]!);
      tree.aux[n] = operator;
      tokens.next();
      const last = tree.link(n, 0, left);
      // `**` binds to the right.
      this.deeper();
      tree.link(n, last, this.binary(precedence === 12 ? 11 : precedence));
      this.depth--;
      left = this.finish(n);
    }
  }

  unary(): number {
    const { tree, tokens } = this;
    let first = 0;
    let inner = 0;
    // Prefixes are a loop: `!!!!…` may be as long as it likes.
    for (;;) {
      let kind = 0;
      let aux = 0;
      if (tokens.type === token.punct) {
        const { punct } = tokens;
        if (punct === P.not || punct === P.tilde || punct === P.plus || punct === P.minus) kind = node.unary;
        else if (punct === P.increment || punct === P.decrement) kind = node.update;
        aux = punct;
      } else if (tokens.type === token.name) {
        const { name } = tokens;
        if (name === word.typeof || name === word.void || name === word.delete) kind = node.unary;
        else if (name === word.await && this.peeks(() => this.beginsExpression() && !this.isPunct(P.plus) && !this.isPunct(P.minus)))
          kind = node.await;
        aux = -name;
      }
      if (kind === 0) break;
      const n = this.begin(kind);
      tree.aux[n] = aux;
      tokens.next();
      if (first === 0) first = n;
      else tree.link(inner, 0, n);
      inner = n;
    }
    const operand = this.postfix();
    if (first === 0) return operand;
    tree.link(inner, 0, operand);
    for (let at = inner; ; at = tree.up[at]!) {
      this.finish(at);
      if (at === first) return first;
    }
  }

  postfix(): number {
    const { tree, tokens } = this;
    const operand = this.subscripts(this.primary(), false);
    if (tokens.type === token.punct && (tokens.punct === P.increment || tokens.punct === P.decrement) && !tokens.newline) {
      const n = tree.add(node.update, tree.start[operand]!);
      tokens.next();
      tree.link(n, 0, operand);
      return this.finish(n);
    }
    return operand;
  }

  /** Members, calls and templates after an operand. */
  subscripts(base: number, noCalls: boolean): number {
    const { tree, tokens } = this;
    let left = base;
    // An arrow function takes no call without parentheses around it.
    if (
      tree.kind[left] === node.function &&
      (tree.aux[left]! & flag.arrow) !== 0 &&
      tree.end[left] === tokens.lastEnd &&
      this.tree.text.charCodeAt(tokens.lastEnd - 1) !== 41
    )
      return left;
    for (;;) {
      if (tokens.type === token.template) {
        const n = tree.add(node.taggedTemplate, tree.start[left]!);
        const last = tree.link(n, 0, left);
        tree.link(n, last, this.template());
        left = this.finish(n);
        continue;
      }
      if (tokens.type !== token.punct) return left;
      switch (tokens.punct) {
        case P.dot:
        case P.optionalDot: {
          const optional = tokens.punct === P.optionalDot;
          tokens.next();
          if (optional && (this.isPunct(P.open) || this.isPunct(P.openBracket))) continue;
          if (optional && tokens.type === token.template) continue;
          if (tokens.type !== token.name && tokens.type !== token.privateName) throw misunderstood;
          const n = tree.add(node.member, tree.start[left]!);
          tree.aux[n] = tokens.name;
          tokens.next();
          tree.link(n, 0, left);
          left = this.finish(n);
          continue;
        }
        case P.openBracket: {
          const n = tree.add(node.index, tree.start[left]!);
          tokens.next();
          const last = tree.link(n, 0, left);
          tree.link(n, last, this.unrestricted());
          this.expect(P.closeBracket);
          left = this.finish(n);
          continue;
        }
        case P.open: {
          if (noCalls) return left;
          const n = tree.add(node.call, tree.start[left]!);
          this.callArguments(n, tree.link(n, 0, left));
          left = this.finish(n);
          continue;
        }
        case P.not:
          // TypeScript's `a!.b`.
          if (this.options.typed && !tokens.newline) {
            tokens.next();
            continue;
          }
          return left;
        case P.less: {
          if (!this.options.typed) return left;
          const state = tokens.save();
          if (this.types.skipTypeArguments() && (this.isPunct(P.open) || tokens.type === token.template)) continue;
          tokens.restore(state);
          return left;
        }
        default:
          return left;
      }
    }
  }

  unrestricted(): number {
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = false;
    const n = this.expression();
    this.noIn = noIn;
    this.inConditional = inConditional;
    return n;
  }

  /** The arguments become kids after `first`. */
  callArguments(n: number, first: number): void {
    const { tree } = this;
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = false;
    this.expect(P.open);
    let last = first;
    while (!this.eat(P.close)) {
      last = tree.link(n, last, this.eatSpread() ?? this.assignment());
      if (!this.eat(P.comma) && !this.isPunct(P.close)) throw misunderstood;
    }
    this.noIn = noIn;
    this.inConditional = inConditional;
  }

  primary(): number {
    const { tree, tokens } = this;
    switch (tokens.type) {
      case token.name:
        return this.primaryName();
      case token.text:
        return this.textNode();
      case token.number:
      case token.regex: {
        const n = this.begin(tokens.type === token.number ? node.number : node.regex);
        tokens.next();
        return this.finish(n);
      }
      case token.template:
        return this.template();
      case token.privateName: {
        // `#a in b`
        const n = this.begin(node.name);
        tree.aux[n] = tokens.name;
        tokens.next();
        return this.finish(n);
      }
      case token.punct:
        switch (tokens.punct) {
          case P.open:
            return this.parentheses(tokens.start, false);
          case P.openBracket:
            return this.arrayLiteral();
          case P.openBrace:
            return this.objectLiteral();
          case P.slash:
          case P.slashAssign: {
            tokens.readRegex();
            const n = this.begin(node.regex);
            tokens.next();
            return this.finish(n);
          }
          case P.less:
            if (this.options.jsx) return this.jsxElement();
            if (this.options.typed && this.types.skipTypeArguments()) return this.unary();
            throw misunderstood;
          case P.at:
            this.decorators();
            return this.primary();
          default:
            throw misunderstood;
        }
      default:
        throw misunderstood;
    }
  }

  primaryName(): number {
    const { tree, tokens } = this;
    switch (tokens.name) {
      case word.function:
        return this.functionNode(false, 0);
      case word.class:
        return this.classNode(false);
      case word.new:
        return this.newExpression();
      case word.this:
      case word.super: {
        const n = this.begin(tokens.name === word.this ? node.this : node.super);
        tree.scope[n] = this.scope;
        tokens.next();
        return this.finish(n);
      }
      case word.null:
      case word.true:
      case word.false: {
        const n = this.begin(node.literal);
        tree.aux[n] = tokens.name;
        tokens.next();
        return this.finish(n);
      }
      case word.import: {
        const { start } = tokens;
        tokens.next();
        if (this.eat(P.dot)) {
          const isMeta = this.isWord(word.meta);
          tokens.next();
          if (isMeta || !this.isPunct(P.open)) return this.finish(tree.add(node.metaProperty, start));
        }
        const n = tree.add(node.importCall, start);
        this.callArguments(n, 0);
        return this.finish(n);
      }
      case word.async: {
        const { start } = tokens;
        const state = tokens.save();
        tokens.next();
        if (!tokens.newline) {
          if (this.isWord(word.function)) {
            tokens.restore(state);
            return this.functionNode(false, 0);
          }
          if (tokens.type === token.name && tokens.name > word.with && this.peeks(() => this.isPunct(P.arrow))) {
            const parameters = this.begin(node.parameters);
            tree.link(parameters, 0, this.identifier());
            this.finish(parameters);
            tokens.next();
            return this.arrow(start, parameters, true);
          }
          if (this.isPunct(P.open) || (this.options.typed && this.isPunct(P.less))) {
            const { count } = tree;
            if (this.isPunct(P.open) || this.types.skipTypeParameters()) {
              if (this.isPunct(P.open)) {
                const n = this.parentheses(start, true);
                if (tree.kind[n] === node.function && (tree.aux[n]! & flag.arrow) !== 0 && tree.start[n] === start) return n;
              }
            }
            tree.count = count;
          }
        }
        tokens.restore(state);
        return this.identifier();
      }
      default: {
        if (tokens.name <= word.with) throw misunderstood;
        const n = this.identifier();
        if (this.isPunct(P.arrow) && !tokens.newline) {
          tokens.next();
          const parameters = tree.add(node.parameters, tree.start[n]!);
          tree.link(parameters, 0, n);
          tree.end[parameters] = tree.end[n]!;
          return this.arrow(tree.start[n]!, parameters, false);
        }
        return n;
      }
    }
  }

  /** `(…)`: an expression, or the parameters of an arrow function. */
  parentheses(start: number, async: boolean): number {
    const { tree, tokens } = this;
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = false;
    const list = tree.add(node.parameters, tokens.start);
    tokens.next();
    let last = 0;
    let count = 0;
    let patternOnly = false;
    while (!this.eat(P.close)) {
      if (this.isPunct(P.at)) this.decorators();
      const spread = this.eatSpread();
      let element = spread ?? this.assignment();
      if (spread !== undefined) patternOnly = true;
      if (this.options.typed && (this.isPunct(P.colon) || this.isPunct(P.question))) {
        patternOnly = true;
        this.annotation();
        if (this.eat(P.assign)) {
          const n = tree.add(node.assign, tree.start[element]!);
          tree.aux[n] = P.assign;
          const lastKid = tree.link(n, 0, element);
          tree.link(n, lastKid, this.assignment());
          element = this.finish(n);
        }
      }
      last = tree.link(list, last, element);
      count++;
      if (!this.eat(P.comma)) {
        if (!this.isPunct(P.close)) throw misunderstood;
      } else if (this.isPunct(P.close)) patternOnly = true;
    }
    this.finish(list);
    this.noIn = noIn;
    this.inConditional = inConditional;
    if (this.options.typed && this.isPunct(P.colon) && (!inConditional || patternOnly || count === 0)) {
      const state = tokens.save();
      tokens.next();
      if (!(this.types.skipType() && this.isPunct(P.arrow))) tokens.restore(state);
    }
    if (this.isPunct(P.arrow) && !tokens.newline) {
      tokens.next();
      return this.arrow(start, list, async);
    }
    if (count === 0 || (patternOnly && !async)) throw misunderstood;
    if (count === 1) {
      const only = tree.kid[list]!;
      tree.next[only] = 0;
      return only;
    }
    tree.kind[list] = node.sequence;
    return list;
  }

  newExpression(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.new);
    tokens.next();
    if (this.eat(P.dot)) {
      tokens.next();
      tree.kind[n] = node.metaProperty;
      return this.finish(n);
    }
    this.deeper();
    const callee = this.isWord(word.new) ? this.newExpression() : this.subscripts(this.primary(), true);
    this.depth--;
    const last = tree.link(n, 0, callee);
    if (this.options.typed && this.isPunct(P.less)) {
      const state = tokens.save();
      if (!this.types.skipTypeArguments()) tokens.restore(state);
    }
    if (this.isPunct(P.open)) this.callArguments(n, last);
    return this.finish(n);
  }

  arrayLiteral(): number {
    const { tree } = this;
    const n = this.begin(node.array);
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = false;
    this.tokens.next();
    let last = 0;
    while (!this.eat(P.closeBracket)) {
      if (this.isPunct(P.comma)) {
        last = tree.link(n, last, this.begin(node.empty));
        this.tokens.next();
        continue;
      }
      last = tree.link(n, last, this.eatSpread() ?? this.assignment());
      if (!this.eat(P.comma) && !this.isPunct(P.closeBracket)) throw misunderstood;
    }
    this.noIn = noIn;
    this.inConditional = inConditional;
    return this.finish(n);
  }

  objectLiteral(): number {
    const { tree } = this;
    const n = this.begin(node.object);
    const { noIn, inConditional } = this;
    this.noIn = false;
    this.inConditional = false;
    this.expect(P.openBrace);
    let last = 0;
    while (!this.eat(P.closeBrace)) {
      last = tree.link(n, last, this.eatSpread() ?? this.objectMember());
      if (!this.eat(P.comma) && !this.isPunct(P.closeBrace)) throw misunderstood;
    }
    this.noIn = noIn;
    this.inConditional = inConditional;
    return this.finish(n);
  }

  objectMember(): number {
    const { tree, tokens } = this;
    const p = this.begin(node.property);
    let async = false;
    for (;;) {
      if (tokens.type !== token.name || (tokens.name !== word.async && tokens.name !== word.get && tokens.name !== word.set)) break;
      const { name } = tokens;
      if (this.peeks(() => this.endsKey())) break;
      if (name === word.async) async = true;
      else tree.aux[p]! |= name === word.get ? flag.getter : flag.setter;
      tokens.next();
    }
    const generator = this.eat(P.star);
    const isName = tokens.type === token.name;
    const { start, name } = tokens;
    const last = tree.link(p, 0, this.propertyKey(p));
    if (this.isPunct(P.open) || (this.options.typed && this.isPunct(P.less))) {
      tree.aux[p]! |= flag.method;
      tree.link(p, last, this.method(async, generator));
      return this.finish(p);
    }
    if (this.eat(P.colon)) {
      tree.link(p, last, this.assignment());
      return this.finish(p);
    }
    if (!isName) throw misunderstood;
    tree.aux[p]! |= flag.shorthand;
    const value = tree.add(node.identifier, start);
    tree.aux[value] = name;
    tree.scope[value] = this.scope;
    tree.end[value] = tokens.lastEnd;
    if (this.isPunct(P.assign)) {
      const n = tree.add(node.assign, start);
      tree.aux[n] = P.assign;
      tokens.next();
      const lastKid = tree.link(n, 0, value);
      tree.link(n, lastKid, this.assignment());
      tree.link(p, last, this.finish(n));
    } else tree.link(p, last, value);
    return this.finish(p);
  }

  /** The current token is the opening backtick. Kids: quasis and expressions in turn, a quasi first and last. */
  template(): number {
    const { tree, tokens } = this;
    const n = this.begin(node.template);
    let last = 0;
    for (;;) {
      const q = tree.add(node.quasi, tokens.pos);
      const more = tokens.readQuasi();
      tree.end[q] = tokens.pos - (more ? 2 : 1);
      last = tree.link(n, last, q);
      if (!more) break;
      tokens.next();
      last = tree.link(n, last, this.unrestricted());
      // The closing brace must be the current token; the characters behind it belong to the template.
      if (!this.isPunct(P.closeBrace)) throw misunderstood;
    }
    tokens.next();
    return this.finish(n);
  }

  // ---- JSX (https://facebook.github.io/jsx/)

  /** Kids: the expressions within, of attributes and children alike, and the name where it is a variable. */
  jsxElement(): number {
    const { tree, tokens } = this;
    this.deeper();
    const n = this.begin(node.jsx);
    let last = 0;
    this.expect(P.less);
    const fragment = this.isPunct(P.greater);
    if (!fragment) {
      last = this.jsxName(n, last);
      if (this.options.typed && this.isPunct(P.less) && !this.types.skipTypeArguments()) throw misunderstood;
      while (!this.isPunct(P.greater) && !this.isPunct(P.slash)) {
        if (this.isPunct(P.openBrace)) {
          tokens.next();
          last = tree.link(n, last, this.eatSpread() ?? this.unrestricted());
          this.expect(P.closeBrace);
          continue;
        }
        this.jsxAttributeName();
        if (!this.isPunct(P.assign)) continue;
        // A text in an attribute has no escapes and may have several lines.
        this.jsxAttributeText();
        if (tokens.type === token.text) last = tree.link(n, last, this.textNode());
        else if (this.eat(P.openBrace)) {
          last = tree.link(n, last, this.unrestricted());
          this.expect(P.closeBrace);
        } else if (this.isPunct(P.less)) last = tree.link(n, last, this.jsxElement());
        else throw misunderstood;
      }
      if (this.eat(P.slash)) {
        if (!this.isPunct(P.greater)) throw misunderstood;
        tokens.next();
        this.depth--;
        return this.finish(n);
      }
    }
    // Behind `>`: text up to the next `<` or `{`.
    for (;;) {
      if (!this.isPunct(P.greater) && !this.isPunct(P.closeBrace)) throw misunderstood;
      let at = tokens.pos;
      const { text } = tree;
      while (at < text.length && text.charCodeAt(at) !== 60 && text.charCodeAt(at) !== 123) at++;
      if (at >= text.length) throw misunderstood;
      tokens.pos = at;
      tokens.next();
      if (this.isPunct(P.openBrace)) {
        tokens.next();
        if (!this.isPunct(P.closeBrace)) last = tree.link(n, last, this.eatSpread() ?? this.unrestricted());
        if (!this.isPunct(P.closeBrace)) throw misunderstood;
        continue;
      }
      if (this.peeks(() => this.isPunct(P.slash))) {
        tokens.next();
        tokens.next();
        while (!this.isPunct(P.greater)) {
          if (tokens.type === token.end || this.isPunct(P.less)) throw misunderstood;
          tokens.next();
        }
        tokens.next();
        this.depth--;
        return this.finish(n);
      }
      const child = this.jsxChild();
      last = tree.link(n, last, child);
    }
  }

  /** An element within another: behind it the text of the outer one goes on, so its last `>` stays the current token. */
  jsxChild(): number {
    const { tokens } = this;
    const n = this.jsxElement();
    tokens.pos = tokens.lastEnd;
    tokens.start = tokens.lastEnd - 1;
    tokens.type = token.punct;
    tokens.punct = P.greater;
    return n;
  }

  jsxName(n: number, first: number): number {
    const { tree, tokens } = this;
    if (tokens.type !== token.name) throw misunderstood;
    const begins = tree.text.charCodeAt(tokens.start);
    const isVariable = (begins >= 65 && begins <= 90) || begins === 36 || begins === 95;
    const id = this.begin(isVariable ? node.identifier : node.name);
    tree.aux[id] = tokens.name;
    tree.scope[id] = this.scope;
    tokens.next();
    this.finish(id);
    while (this.isPunct(P.dot) || this.isPunct(P.minus) || this.isPunct(P.colon)) {
      tokens.next();
      tokens.next();
    }
    return tree.link(n, first, id);
  }

  jsxAttributeName(): void {
    const { tokens } = this;
    if (tokens.type !== token.name) throw misunderstood;
    tokens.next();
    while (this.isPunct(P.minus) || this.isPunct(P.colon) || this.isPunct(P.decrement)) {
      tokens.next();
      if (tokens.type !== token.name && tokens.type !== token.number) throw misunderstood;
      tokens.next();
    }
  }

  jsxAttributeText(): void {
    const { tokens, tree } = this;
    let at = tokens.pos;
    const { text } = tree;
    while (
      at < text.length &&
      (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 10 || text.charCodeAt(at) === 13 || text.charCodeAt(at) === 9)
    )
      at++;
    const quote = text.charCodeAt(at);
    if (quote !== 34 && quote !== 39) {
      tokens.next();
      return;
    }
    const end = text.indexOf(quote === 34 ? '"' : "'", at + 1);
    if (end < 0) throw misunderstood;
    tokens.lastEnd = tokens.pos;
    tokens.start = at;
    tokens.pos = end + 1;
    tokens.type = token.text;
    tokens.escaped = false;
  }
}
