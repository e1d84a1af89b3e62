/** What declares variables: names, patterns, parameters. */
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment } from "./parse-expressions.ts";
import { arrayLiteral, objectLiteral } from "./parse-literals.ts";
import { annotation } from "./parse-typed.ts";
import { token as kinds } from "./tokens.ts";
import { node as nodes } from "./tree.ts";

const P = puncts;
const token = kinds;
const node = nodes;

/** A variable, or an array or object pattern. */
export function bindingTarget(p: Parser): number {
  if (p.isPunct(P.openBracket)) return arrayLiteral(p);
  if (p.isPunct(P.openBrace)) return objectLiteral(p);
  return identifier(p);
}

export function identifier(p: Parser): number {
  const { tokens, tree } = p;
  if (tokens.type !== token.name) throw misunderstood;
  const n = p.begin(node.identifier);
  tree.aux[n] = tokens.name;
  tree.scope[n] = p.scope;
  tokens.next();
  return p.finish(n);
}

/** Declares every variable of a pattern and moves it into the scope. */
export function declarePattern(p: Parser, pattern: number, scope: number): void {
  const { tree } = p;
  switch (tree.kind[pattern]) {
    case node.identifier:
      tree.scope[pattern] = scope;
      tree.declare(pattern);
      return;
    case node.assign:
    case node.spread:
      declarePattern(p, tree.kid[pattern]!, scope);
      return;
    case node.array:
    case node.object:
    case node.parameters:
      for (let kid = tree.kid[pattern]!; kid !== 0; kid = tree.next[kid]!) declarePattern(p, kid, scope);
      return;
    case node.property:
      declarePattern(p, tree.kidAt(pattern, 1), scope);
      return;
    default:
  }
}

export function parameter(p: Parser): number {
  const { tree } = p;
  const target = bindingTarget(p);
  annotation(p);
  if (!p.isPunct(P.assign)) return target;
  const n = tree.add(node.assign, tree.start[target]!);
  tree.aux[n] = P.assign;
  p.tokens.next();
  const last = tree.link(n, 0, target);
  tree.link(n, last, assignment(p));
  return p.finish(n);
}

export function eatSpread(p: Parser): number | undefined {
  if (!p.isPunct(P.spread)) return undefined;
  const n = p.begin(node.spread);
  p.tokens.next();
  p.tree.link(n, 0, assignment(p));
  annotation(p);
  return p.finish(n);
}
