/** Imports and exports. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, expression } from "./parse-expressions.ts";
import { objectLiteral } from "./parse-literals.ts";
import { declarePattern, identifier } from "./parse-patterns.ts";
import { statement } from "./parse-statements.ts";
import { token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

export function textNode(p: Parser): number {
  if (p.tokens.type !== token.text) throw misunderstood;
  const n = p.begin(node.text);
  if (p.tokens.escaped) p.tree.aux[n] = 1;
  p.tokens.next();
  return p.finish(n);
}

/** Kids: the specifier's text, then what is imported. */
export function importStatement(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.import);
  tokens.next();
  if (tokens.type === token.text) {
    tree.link(n, 0, textNode(p));
    attributes(p);
    p.semicolon();
    return p.finish(n);
  }
  if (p.isWord(word.type) || p.isWord(word.typeof)) {
    const typeOnly = p.peeks(
      () => (tokens.type === token.name && tokens.name !== word.from) || p.isPunct(P.openBrace) || p.isPunct(P.star),
    );
    if (typeOnly) {
      tree.aux[n]! |= flag.typeOnly;
      tokens.next();
    }
  } else if (p.isWord(word.defer) && p.peeks(() => p.isPunct(P.star))) tokens.next();
  const specifiers: number[] = [];
  const specifier = (start: number, name: number): void => {
    const s = tree.add(node.specifier, start);
    tree.aux[s] = name;
    const local = identifier(p);
    declarePattern(p, local, p.scope);
    tree.link(s, 0, local);
    specifiers.push(p.finish(s));
  };
  if (tokens.type === token.name && !p.isPunct(P.openBrace)) {
    specifier(tokens.start, word.default);
    if (p.eat(P.assign)) {
      // TypeScript: import a = require("b"), or import a = b.c.
      const d = tree.add(node.declarator, tree.start[n]!);
      const local = tree.kid[specifiers[0]!]!;
      const last = tree.link(d, 0, local);
      tree.link(d, last, assignment(p));
      tree.kind[n] = node.declaration;
      tree.aux[n] = 0;
      tree.link(n, 0, p.finish(d));
      p.semicolon();
      return p.finish(n);
    }
    p.eat(P.comma);
  }
  if (p.eat(P.star)) {
    if (!p.eatWord(word.as)) throw misunderstood;
    specifier(tokens.start, 0);
  } else if (p.eat(P.openBrace)) {
    while (!p.eat(P.closeBrace)) {
      const { start } = tokens;
      if (p.isWord(word.type) && p.peeks(() => (tokens.type === token.name && tokens.name !== word.as) || tokens.type === token.text))
        tokens.next();
      const name = exportName(p);
      if (p.eatWord(word.as)) specifier(start, name);
      else {
        const s = tree.add(node.specifier, start);
        tree.aux[s] = name;
        const local = tree.add(node.identifier, start);
        tree.aux[local] = name;
        declarePattern(p, local, p.scope);
        tree.end[local] = tokens.lastEnd;
        tree.link(s, 0, local);
        specifiers.push(p.finish(s));
      }
      if (!p.eat(P.comma) && !p.isPunct(P.closeBrace)) throw misunderstood;
    }
  }
  if (!p.eatWord(word.from)) throw misunderstood;
  let last = tree.link(n, 0, textNode(p));
  for (const s of specifiers) last = tree.link(n, last, s);
  attributes(p);
  p.semicolon();
  return p.finish(n);
}

/** `with { type: "json" }`, formerly `assert`. */
function attributes(p: Parser): void {
  const { tokens } = p;
  if (tokens.type === token.name && !tokens.newline && p.peeks(() => p.isPunct(P.openBrace))) {
    tokens.next();
    objectLiteral(p);
  }
}

/** A name, or a text that serves as one. */
function exportName(p: Parser): number {
  const { tokens, tree } = p;
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

export function exportStatement(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.export);
  tokens.next();
  if (p.options.typed && p.isPunct(P.assign)) {
    tokens.next();
    tree.link(n, 0, expression(p));
    p.semicolon();
    return p.finish(n);
  }
  if (p.eatWord(word.default)) {
    const declares =
      p.isWord(word.function) || p.isWord(word.class) || p.isPunct(P.at) || (p.isWord(word.async) && p.peekWord(word.function));
    if (declares) tree.link(n, 0, statement(p));
    else if (p.isWord(word.interface) || (p.isWord(word.abstract) && p.peekWord(word.class))) tree.link(n, 0, statement(p));
    else {
      tree.link(n, 0, assignment(p));
      p.semicolon();
    }
    return p.finish(n);
  }
  if (p.isWord(word.type) && p.peeks(() => p.isPunct(P.openBrace) || p.isPunct(P.star))) {
    tree.aux[n]! |= flag.typeOnly;
    tokens.next();
  }
  if (p.eat(P.star)) {
    if (p.eatWord(word.as)) exportName(p);
    if (!p.eatWord(word.from)) throw misunderstood;
    tree.link(n, 0, textNode(p));
    attributes(p);
    p.semicolon();
    return p.finish(n);
  }
  if (p.isPunct(P.openBrace)) {
    tokens.next();
    const specifiers: number[] = [];
    while (!p.eat(P.closeBrace)) {
      if (p.isWord(word.type) && p.peeks(() => tokens.type === token.name && tokens.name !== word.as)) tokens.next();
      const s = p.begin(node.specifier);
      const { start } = tokens;
      const name = exportName(p);
      const local = tree.add(node.identifier, start);
      tree.aux[local] = name;
      tree.scope[local] = p.scope;
      tree.end[local] = tokens.lastEnd;
      tree.link(s, 0, local);
      tree.aux[s] = p.eatWord(word.as) ? exportName(p) : name;
      specifiers.push(p.finish(s));
      if (!p.eat(P.comma) && !p.isPunct(P.closeBrace)) throw misunderstood;
    }
    let last = 0;
    if (p.eatWord(word.from)) {
      last = tree.link(n, 0, textNode(p));
      attributes(p);
    }
    for (const s of specifiers) last = tree.link(n, last, s);
    p.semicolon();
    return p.finish(n);
  }
  tree.link(n, 0, statement(p));
  return p.finish(n);
}
