/** What only typed source has: annotations, interfaces, enums, namespaces, decorators. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, subscripts } from "./parse-expressions.ts";
import { classNode, propertyKey } from "./parse-functions.ts";
import { declarePattern, identifier } from "./parse-patterns.ts";
import { primary } from "./parse-primary.ts";
import { block, expressionStatement, statement } from "./parse-statements.ts";
import { token as kinds } from "./tokens.ts";
import { node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const node = nodes;

/** `!: type`, `?: type`, `: type` after a variable, a parameter or a member, in typed source. */
export function annotation(p: Parser): void {
  if (!p.options.typed) return;
  const { tokens } = p;
  if (p.isPunct(P.not) && p.peeks(() => p.isPunct(P.colon))) tokens.next();
  if (
    p.isPunct(P.question) &&
    p.peeks(
      () =>
        p.isPunct(P.colon) ||
        p.isPunct(P.comma) ||
        p.isPunct(P.close) ||
        p.isPunct(P.assign) ||
        p.isPunct(P.semicolon) ||
        p.isPunct(P.open),
    )
  )
    tokens.next();
  if (p.eat(P.colon)) expectType(p);
}

export function expectType(p: Parser): void {
  if (!p.types.skipType()) throw misunderstood;
}

export function typedStatement(p: Parser): number {
  const { tokens, tree } = p;
  const { name } = tokens;
  const declares = p.peeks(
    () =>
      !tokens.newline &&
      (tokens.type === token.name || tokens.type === token.text || (name === word.global && p.isPunct(P.openBrace))) &&
      tokens.name !== word.in &&
      tokens.name !== word.instanceof,
  );
  if (!declares) return expressionStatement(p);
  const n = p.begin(node.empty);
  switch (name) {
    case word.enum:
      return enumeration(p);
    case word.interface:
      tokens.next();
      if (!p.types.skipInterface()) throw misunderstood;
      return p.finish(n);
    case word.type:
    case word.opaque:
      tokens.next();
      if (!p.types.skipAlias()) throw misunderstood;
      p.semicolon();
      return p.finish(n);
    case word.abstract:
      tokens.next();
      return classNode(p, true);
    case word.declare:
      tokens.next();
      return statement(p);
    default: {
      // namespace a.b {}, module "a" {}, global {}
      tokens.next();
      if (tokens.type === token.text) tokens.next();
      else if (tokens.type === token.name) {
        tree.bindings.declare(p.scope, tokens.name);
        tokens.next();
        while (p.eat(P.dot)) tokens.next();
      }
      if (!p.isPunct(P.openBrace)) {
        p.semicolon();
        return p.finish(n);
      }
      return block(p);
    }
  }
}

export function enumeration(p: Parser): number {
  const { tokens, tree } = p;
  const n = p.begin(node.declaration);
  tokens.next();
  const d = p.begin(node.declarator);
  const target = identifier(p);
  declarePattern(p, target, p.scope);
  const last = tree.link(d, 0, target);
  const o = p.begin(node.object);
  p.expect(P.openBrace);
  let lastKid = 0;
  while (!p.eat(P.closeBrace)) {
    const property = p.begin(node.property);
    const key = propertyKey(p, property);
    const afterKey = tree.link(property, 0, key);
    if (p.eat(P.assign)) tree.link(property, afterKey, assignment(p));
    lastKid = tree.link(o, lastKid, p.finish(property));
    if (!p.eat(P.comma) && !p.isPunct(P.closeBrace)) throw misunderstood;
  }
  tree.link(d, last, p.finish(o));
  tree.link(n, 0, p.finish(d));
  return p.finish(n);
}

export function decorators(p: Parser): void {
  while (p.eat(P.at)) subscripts(p, primary(p), true);
}

export function modifiers(p: Parser): void {
  const { tokens } = p;
  while (
    tokens.type === token.name &&
    (tokens.name === word.public ||
      tokens.name === word.private ||
      tokens.name === word.protected ||
      tokens.name === word.readonly ||
      tokens.name === word.override) &&
    p.peeks(() => tokens.type === token.name || p.isPunct(P.openBrace) || p.isPunct(P.openBracket))
  )
    tokens.next();
}
