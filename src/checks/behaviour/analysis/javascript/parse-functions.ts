/** Functions, classes and their members. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, subscripts } from "./parse-expressions.ts";
import { textNode } from "./parse-modules.ts";
import { declarePattern, eatSpread, identifier, parameter } from "./parse-patterns.ts";
import { primary } from "./parse-primary.ts";
import { block } from "./parse-statements.ts";
import { decorators, expectType, modifiers } from "./parse-typed.ts";
import { token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

export function functionNode(p: Parser, isStatement: boolean, bits: number): number {
  const { tree, tokens } = p;
  const n = p.begin(node.function);
  let aux = bits;
  if (p.eatWord(word.async)) aux |= flag.async;
  tokens.next();
  if (p.eat(P.star)) aux |= flag.generator;
  const scope = tree.newScope(p.scope, n);
  let last = 0;
  if (tokens.type === token.name) {
    const name = identifier(p);
    declarePattern(p, name, isStatement ? p.scope : scope);
    // One in a block is seen from all of the function around it as well, but in strict code (ECMAScript 2026, B.3.2).
    if (isStatement) tree.bindings.declare(tree.functionScope[p.scope]!, tree.aux[name]!);
    last = tree.link(n, 0, name);
    aux |= flag.static;
  }
  tree.aux[n] = aux;
  return functionRest(p, n, last, scope);
}

/** From the parameters on. A function's kids: its name (where `aux` has `static`), the parameters, the body. */
function functionRest(p: Parser, n: number, first: number, scope: number): number {
  const { tree } = p;
  tree.scope[n] = scope;
  const outer = p.scope;
  const { inConditional } = p;
  p.inConditional = false;
  p.scope = scope;
  if (p.options.typed && p.isPunct(P.less) && !p.types.skipTypeParameters()) throw misunderstood;
  const parameters = p.begin(node.parameters);
  p.expect(P.open);
  let last = 0;
  while (!p.eat(P.close)) {
    if (p.isPunct(P.at)) decorators(p);
    if (p.options.typed) modifiers(p);
    const element = eatSpread(p) ?? parameter(p);
    last = tree.link(parameters, last, element);
    if (!p.eat(P.comma) && !p.isPunct(P.close)) throw misunderstood;
  }
  declarePattern(p, parameters, scope);
  let lastKid = tree.link(n, first, p.finish(parameters));
  if (p.options.typed && p.eat(P.colon)) expectType(p);
  if (p.isPunct(P.openBrace)) lastKid = tree.link(n, lastKid, functionBody(p));
  else if (p.options.typed) p.semicolon();
  else throw misunderstood;
  p.scope = outer;
  p.inConditional = inConditional;
  return p.finish(n);
}

function functionBody(p: Parser): number {
  const { noIn } = p;
  p.noIn = false;
  const body = block(p);
  p.noIn = noIn;
  return body;
}

/** After `=>` was eaten: `pattern` is a variable or a list of parameters. */
export function arrow(p: Parser, start: number, parameters: number, async: boolean): number {
  const { tree } = p;
  const n = tree.add(node.function, start);
  tree.aux[n] = flag.arrow | (async ? flag.async : 0);
  const scope = tree.newScope(p.scope, n);
  tree.scope[n] = scope;
  declarePattern(p, parameters, scope);
  const last = tree.link(n, 0, parameters);
  const outer = p.scope;
  const { inConditional } = p;
  p.scope = scope;
  if (p.isPunct(P.openBrace)) {
    p.inConditional = false;
    tree.link(n, last, functionBody(p));
  } else tree.link(n, last, assignment(p));
  p.inConditional = inConditional;
  p.scope = outer;
  return p.finish(n);
}

/** Kids: the name (where `aux` has `static`), what it extends (where `aux` has `computed`), the members. */
export function classNode(p: Parser, isStatement: boolean): number {
  const { tree, tokens } = p;
  const n = p.begin(node.class);
  tokens.next();
  let last = 0;
  if (tokens.type === token.name && tokens.name !== word.extends && tokens.name !== word.implements) {
    const name = identifier(p);
    if (isStatement) declarePattern(p, name, p.scope);
    last = tree.link(n, 0, name);
    tree.aux[n]! |= flag.static;
  }
  if (p.options.typed && p.isPunct(P.less) && !p.types.skipTypeParameters()) throw misunderstood;
  if (p.eatWord(word.extends)) {
    last = tree.link(n, last, subscripts(p, primary(p), false));
    tree.aux[n]! |= flag.computed;
    if (p.options.typed && p.isPunct(P.less) && !p.types.skipTypeArguments()) throw misunderstood;
  }
  if (p.options.typed && p.eatWord(word.implements)) {
    do expectType(p);
    while (p.eat(P.comma));
  }
  p.expect(P.openBrace);
  while (!p.eat(P.closeBrace)) {
    if (tokens.type === token.end) throw misunderstood;
    if (p.eat(P.semicolon)) continue;
    const member = classMember(p);
    if (member !== 0) last = tree.link(n, last, member);
  }
  return p.finish(n);
}

function classMember(p: Parser): number {
  const { tree, tokens } = p;
  if (p.isPunct(P.at)) decorators(p);
  const property = p.begin(node.property);
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
      (p.options.typed &&
        (name === word.public ||
          name === word.private ||
          name === word.protected ||
          name === word.readonly ||
          name === word.override ||
          name === word.abstract ||
          name === word.declare));
    if (!isModifier) break;
    const isName = p.peeks(
      () => endsKey(p) || ((name === word.async || name === word.accessor) && tokens.newline) || tokens.type === token.end,
    );
    if (isName) break;
    if (name === word.static) {
      if (p.peeks(() => p.isPunct(P.openBrace))) {
        tokens.next();
        tree.aux[property]! |= flag.static;
        tree.link(property, 0, functionBody(p));
        return p.finish(property);
      }
      tree.aux[property]! |= flag.static;
    }
    if (name === word.async) async = true;
    if (name === word.get) tree.aux[property]! |= flag.getter;
    if (name === word.set) tree.aux[property]! |= flag.setter;
    tokens.next();
  }
  const generator = p.eat(P.star);
  if (p.options.typed && p.isPunct(P.openBracket) && p.types.skipIndexSignature()) {
    p.eat(P.semicolon);
    return 0;
  }
  const last = tree.link(property, 0, propertyKey(p, property));
  if (p.options.typed) {
    if (p.isPunct(P.question) || p.isPunct(P.not)) tokens.next();
  }
  if (p.isPunct(P.open) || (p.options.typed && p.isPunct(P.less))) {
    tree.aux[property]! |= flag.method;
    tree.link(property, last, method(p, async, generator));
    return p.finish(property);
  }
  if (p.options.typed && p.eat(P.colon)) expectType(p);
  if (p.eat(P.assign)) {
    const { noIn } = p;
    p.noIn = false;
    tree.link(property, last, assignment(p));
    p.noIn = noIn;
  }
  p.semicolon();
  return p.finish(property);
}

export function endsKey(p: Parser): boolean {
  const { tokens } = p;
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
    (punct === P.not && p.options.typed) ||
    punct === P.less
  );
}

export function method(p: Parser, async: boolean, generator: boolean): number {
  const { tree } = p;
  const n = p.begin(node.function);
  tree.aux[n] = flag.method | (async ? flag.async : 0) | (generator ? flag.generator : 0);
  return functionRest(p, n, 0, tree.newScope(p.scope, n));
}

/** Sets `computed` on the property where the key is an expression. */
export function propertyKey(p: Parser, property: number): number {
  const { tree, tokens } = p;
  switch (tokens.type) {
    case token.name:
    case token.privateName: {
      const n = p.begin(node.name);
      tree.aux[n] = tokens.name;
      tokens.next();
      return p.finish(n);
    }
    case token.text:
      return textNode(p);
    case token.number: {
      const n = p.begin(node.number);
      tokens.next();
      return p.finish(n);
    }
    default: {
      p.expect(P.openBracket);
      tree.aux[property]! |= flag.computed;
      const { noIn } = p;
      p.noIn = false;
      const n = assignment(p);
      p.noIn = noIn;
      p.expect(P.closeBracket);
      return n;
    }
  }
}
