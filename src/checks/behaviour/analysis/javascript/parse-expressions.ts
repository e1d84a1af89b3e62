/** Expressions from the comma down to the call. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { template } from "./parse-literals.ts";
import { textNode } from "./parse-modules.ts";
import { eatSpread, identifier } from "./parse-patterns.ts";
import { primary } from "./parse-primary.ts";
import { expectType } from "./parse-typed.ts";
import { op, token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

const assignments: Uint8Array = new Uint8Array(256);
for (const text of "= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??=".split(" ")) assignments[op(text)] = 1;

/** By punctuator; 0 where it is no operator between two operands. */
const precedences: Uint8Array = new Uint8Array(256);
for (const [i, row] of ["??", "||", "&&", "|", "^", "&", "== != === !==", "< > <= >=", "<< >> >>>", "+ -", "* / %", "**"].entries())
  for (const text of row.split(" ")) precedences[op(text)] = i + 1;
const RELATIONAL = 8;
/** `??`, `||` and `&&`. */
const LAST_LOGICAL = 3;

/** Punctuators behind which an expression is over. */
const ending: Uint8Array = new Uint8Array(256);
for (const text of ", ) ; ] } :".split(" ")) ending[op(text)] = 1;

const COMMA = 44;
const CLOSE = 41;
const SEMICOLON = 59;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;

export function expression(p: Parser): number {
  const { tree } = p;
  const first = assignment(p);
  if (!p.isPunct(P.comma)) return first;
  const n = tree.add(node.sequence, tree.start[first]!);
  let last = tree.link(n, 0, first);
  while (p.eat(P.comma)) last = tree.link(n, last, assignment(p));
  return p.finish(n);
}

export function assignment(p: Parser): number {
  const alone = operandAlone(p);
  if (alone !== 0) return alone;
  p.deeper();
  const n = assignmentBody(p);
  p.depth--;
  return n;
}

/** A variable or text with nothing before or behind it, as most arguments and elements are: no need to go through every kind of operator. */
function operandAlone(p: Parser): number {
  const { tokens } = p;
  if (tokens.type === token.name ? tokens.name <= word.opaque : tokens.type !== token.text) return 0;
  const after = p.tree.text.charCodeAt(tokens.pos);
  if (after !== COMMA && after !== CLOSE && after !== SEMICOLON && after !== CLOSE_BRACKET && after !== CLOSE_BRACE) return 0;
  return tokens.type === token.name ? identifier(p) : textNode(p);
}

function assignmentBody(p: Parser): number {
  const { tree, tokens } = p;
  if (p.isWord(word.yield) && !p.peeks(() => p.isPunct(P.arrow) || p.isPunct(P.assign) || p.isPunct(P.dot))) {
    const n = p.begin(node.yield);
    tokens.next();
    const star = !tokens.newline && p.eat(P.star);
    if (star || (!tokens.newline && beginsExpression(p))) tree.link(n, 0, assignment(p));
    return p.finish(n);
  }
  if (p.options.typed && p.isPunct(P.less)) {
    const generic = genericArrow(p);
    if (generic !== 0) return generic;
  }
  const operand = unary(p);
  // Most have no operator behind them.
  if (ending[tokens.punct] === 1) return operand;
  const left = conditional(p, binary(p, operand, 0));
  if (assignments[tokens.punct] === 0) return left;
  const n = tree.add(node.assign, tree.start[left]!);
  tree.aux[n] = tokens.punct;
  tokens.next();
  const last = tree.link(n, 0, left);
  tree.link(n, last, assignment(p));
  return p.finish(n);
}

/** `<T>(a: T) => …`; 0 where it is something else. */
function genericArrow(p: Parser): number {
  const { tokens, tree } = p;
  const state = tokens.save();
  const { count } = tree;
  const { start } = tokens;
  try {
    if (p.types.skipTypeParameters() && p.isPunct(P.open)) {
      const n = primary(p);
      if (tree.kind[n] === node.function) {
        tree.start[n] = start;
        return n;
      }
    }
  } catch (error) {
    if (error !== misunderstood) throw error;
  }
  tree.rewind(count);
  tokens.restore(state);
  return 0;
}

function beginsExpression(p: Parser): boolean {
  const { tokens } = p;
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
      // `of` is a name like any other, and without types `as` is: minifiers call functions so.
      return tokens.name !== word.in && tokens.name !== word.instanceof && (tokens.name !== word.as || !p.options.typed);
    default:
      return true;
  }
}

function conditional(p: Parser, test: number): number {
  const { tree } = p;
  if (!p.isPunct(P.question)) return test;
  if (p.options.typed && p.peeks(() => p.isPunct(P.comma) || p.isPunct(P.close) || p.isPunct(P.colon) || p.isPunct(P.assign))) return test;
  const n = tree.add(node.conditional, tree.start[test]!);
  p.tokens.next();
  let last = tree.link(n, 0, test);
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = true;
  last = tree.link(n, last, assignment(p));
  p.noIn = noIn;
  p.inConditional = inConditional;
  p.expect(P.colon);
  tree.link(n, last, assignment(p));
  return p.finish(n);
}

/** The precedence of the current token as a binary operator, 0 where it is none. */
function precedenceHere(p: Parser): number {
  const { tokens } = p;
  if (tokens.type === token.punct) return precedences[tokens.punct]!;
  if (tokens.type === token.name) {
    if (tokens.name === word.instanceof) return RELATIONAL;
    if (tokens.name === word.in) return p.noIn ? 0 : RELATIONAL;
    if (p.options.typed && (tokens.name === word.as || tokens.name === word.satisfies) && !tokens.newline) return RELATIONAL;
  }
  return 0;
}

/** From behind the first operand. */
function binary(p: Parser, operand: number, least: number): number {
  const { tree, tokens } = p;
  let left = operand;
  for (;;) {
    const precedence = precedenceHere(p);
    if (precedence === 0 || precedence <= least) return left;
    if (tokens.type === token.name && (tokens.name === word.as || tokens.name === word.satisfies)) {
      tokens.next();
      if (!p.eatWord(word.const)) expectType(p);
      continue;
    }
    const n = tree.add(precedence <= LAST_LOGICAL ? node.logical : node.binary, tree.start[left]!);
    tree.aux[n] = tokens.type === token.punct ? tokens.punct : -tokens.name;
    tokens.next();
    const last = tree.link(n, 0, left);
    // `**` binds to the right.
    p.deeper();
    tree.link(n, last, binary(p, unary(p), precedence === 12 ? 11 : precedence));
    p.depth--;
    left = p.finish(n);
  }
}

export function unary(p: Parser): number {
  const { tree, tokens } = p;
  // Every operator that is a word is a known one.
  if (tokens.type === token.name && tokens.name > word.opaque) return postfix(p);
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
      else if (name === word.await && p.peeks(() => beginsExpression(p) && !p.isPunct(P.plus) && !p.isPunct(P.minus))) kind = node.await;
      aux = -name;
    }
    if (kind === 0) break;
    const n = p.begin(kind);
    tree.aux[n] = aux;
    tokens.next();
    if (first === 0) first = n;
    else tree.link(inner, 0, n);
    inner = n;
  }
  const operand = postfix(p);
  if (first === 0) return operand;
  tree.link(inner, 0, operand);
  for (let at = inner; ; at = tree.up[at]!) {
    p.finish(at);
    if (at === first) return first;
  }
}

function postfix(p: Parser): number {
  const { tree, tokens } = p;
  const operand = subscripts(p, primary(p), false);
  if (tokens.type === token.punct && (tokens.punct === P.increment || tokens.punct === P.decrement) && !tokens.newline) {
    const n = tree.add(node.update, tree.start[operand]!);
    tokens.next();
    tree.link(n, 0, operand);
    return p.finish(n);
  }
  return operand;
}

/** Members, calls and templates after an operand. */
export function subscripts(p: Parser, base: number, noCalls: boolean): number {
  const { tree, tokens } = p;
  let left = base;
  // An arrow function takes no call without parentheses around it.
  if (
    tree.kind[left] === node.function &&
    (tree.aux[left]! & flag.arrow) !== 0 &&
    tree.end[left] === tokens.lastEnd &&
    p.tree.text.charCodeAt(tokens.lastEnd - 1) !== 41
  )
    return left;
  for (;;) {
    if (tokens.type === token.template) {
      const n = tree.add(node.taggedTemplate, tree.start[left]!);
      const last = tree.link(n, 0, left);
      tree.link(n, last, template(p));
      left = p.finish(n);
      continue;
    }
    if (tokens.type !== token.punct) return left;
    switch (tokens.punct) {
      case P.dot:
      case P.optionalDot: {
        const optional = tokens.punct === P.optionalDot;
        tokens.next();
        if (optional && (p.isPunct(P.open) || p.isPunct(P.openBracket))) continue;
        if (optional && tokens.type === token.template) continue;
        if (tokens.type !== token.name && tokens.type !== token.privateName) throw misunderstood;
        const n = tree.add(node.member, tree.start[left]!);
        tree.aux[n] = tokens.name;
        tokens.next();
        tree.link(n, 0, left);
        left = p.finish(n);
        continue;
      }
      case P.openBracket: {
        const n = tree.add(node.index, tree.start[left]!);
        tokens.next();
        const last = tree.link(n, 0, left);
        tree.link(n, last, unrestricted(p));
        p.expect(P.closeBracket);
        left = p.finish(n);
        continue;
      }
      case P.open: {
        if (noCalls) return left;
        const n = tree.add(node.call, tree.start[left]!);
        callArguments(p, n, tree.link(n, 0, left));
        left = p.finish(n);
        continue;
      }
      case P.not:
        // TypeScript's `a!.b`.
        if (p.options.typed && !tokens.newline) {
          tokens.next();
          continue;
        }
        return left;
      case P.less: {
        if (!p.options.typed) return left;
        const state = tokens.save();
        if (p.types.skipTypeArguments() && (p.isPunct(P.open) || tokens.type === token.template)) continue;
        tokens.restore(state);
        return left;
      }
      default:
        return left;
    }
  }
}

export function unrestricted(p: Parser): number {
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = false;
  const n = expression(p);
  p.noIn = noIn;
  p.inConditional = inConditional;
  return n;
}

/** The arguments become kids after `first`. */
export function callArguments(p: Parser, n: number, first: number): void {
  const { tree } = p;
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = false;
  p.expect(P.open);
  let last = first;
  while (!p.eat(P.close)) {
    last = tree.link(n, last, eatSpread(p) ?? assignment(p));
    if (!p.eat(P.comma) && !p.isPunct(P.close)) throw misunderstood;
  }
  p.noIn = noIn;
  p.inConditional = inConditional;
}
