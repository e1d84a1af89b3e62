/** Arrays, objects and templates. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, unrestricted } from "./parse-expressions.ts";
import { endsKey, method, propertyKey } from "./parse-functions.ts";
import { eatSpread } from "./parse-patterns.ts";
import { token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

export function arrayLiteral(p: Parser): number {
  const { tree } = p;
  const n = p.begin(node.array);
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = false;
  p.tokens.next();
  let last = 0;
  while (!p.eat(P.closeBracket)) {
    if (p.isPunct(P.comma)) {
      last = tree.link(n, last, p.begin(node.empty));
      p.tokens.next();
      continue;
    }
    last = tree.link(n, last, eatSpread(p) ?? assignment(p));
    if (!p.eat(P.comma) && !p.isPunct(P.closeBracket)) throw misunderstood;
  }
  p.noIn = noIn;
  p.inConditional = inConditional;
  return p.finish(n);
}

export function objectLiteral(p: Parser): number {
  const { tree } = p;
  const n = p.begin(node.object);
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = false;
  p.expect(P.openBrace);
  let last = 0;
  while (!p.eat(P.closeBrace)) {
    last = tree.link(n, last, eatSpread(p) ?? objectMember(p));
    if (!p.eat(P.comma) && !p.isPunct(P.closeBrace)) throw misunderstood;
  }
  p.noIn = noIn;
  p.inConditional = inConditional;
  return p.finish(n);
}

function objectMember(p: Parser): number {
  const { tree, tokens } = p;
  const property = p.begin(node.property);
  let async = false;
  for (;;) {
    if (tokens.type !== token.name || (tokens.name !== word.async && tokens.name !== word.get && tokens.name !== word.set)) break;
    const { name } = tokens;
    if (p.peeks(() => endsKey(p))) break;
    if (name === word.async) async = true;
    else tree.aux[property]! |= name === word.get ? flag.getter : flag.setter;
    tokens.next();
  }
  const generator = p.eat(P.star);
  const isName = tokens.type === token.name;
  const { start, name } = tokens;
  const last = tree.link(property, 0, propertyKey(p, property));
  if (p.isPunct(P.open) || (p.options.typed && p.isPunct(P.less))) {
    tree.aux[property]! |= flag.method;
    tree.link(property, last, method(p, async, generator));
    return p.finish(property);
  }
  if (p.eat(P.colon)) {
    tree.link(property, last, assignment(p));
    return p.finish(property);
  }
  if (!isName) throw misunderstood;
  tree.aux[property]! |= flag.shorthand;
  const value = tree.add(node.identifier, start);
  tree.aux[value] = name;
  tree.scope[value] = p.scope;
  tree.end[value] = tokens.lastEnd;
  if (p.isPunct(P.assign)) {
    const n = tree.add(node.assign, start);
    tree.aux[n] = P.assign;
    tokens.next();
    const lastKid = tree.link(n, 0, value);
    tree.link(n, lastKid, assignment(p));
    tree.link(property, last, p.finish(n));
  } else tree.link(property, last, value);
  return p.finish(property);
}

/** The current token is the opening backtick. Kids: quasis and expressions in turn, a quasi first and last. */
export function template(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.template);
  let last = 0;
  for (;;) {
    const q = tree.add(node.quasi, tokens.pos);
    const more = tokens.readQuasi();
    tree.end[q] = tokens.pos - (more ? 2 : 1);
    last = tree.link(n, last, q);
    if (!more) break;
    tokens.next();
    last = tree.link(n, last, unrestricted(p));
    // The closing brace must be the current token; the characters behind it belong to the template.
    if (!p.isPunct(P.closeBrace)) throw misunderstood;
  }
  tokens.next();
  return p.finish(n);
}
