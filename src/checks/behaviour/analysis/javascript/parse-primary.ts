/** What an expression begins with: names, literals, parentheses, `new`. */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, callArguments, subscripts, unary } from "./parse-expressions.ts";
import { arrow, classNode, functionNode } from "./parse-functions.ts";
import { jsxElement } from "./parse-jsx.ts";
import { arrayLiteral, objectLiteral, template } from "./parse-literals.ts";
import { textNode } from "./parse-modules.ts";
import { eatSpread, identifier } from "./parse-patterns.ts";
import { annotation, decorators } from "./parse-typed.ts";
import { token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

export function primary(p: Parser): number {
  const { tree, tokens } = p;
  switch (tokens.type) {
    case token.name:
      return primaryName(p);
    case token.text:
      return textNode(p);
    case token.number:
    case token.regex: {
      const n = p.begin(tokens.type === token.number ? node.number : node.regex);
      tokens.next();
      return p.finish(n);
    }
    case token.template:
      return template(p);
    case token.privateName: {
      // `#a in b`
      const n = p.begin(node.name);
      tree.aux[n] = tokens.name;
      tokens.next();
      return p.finish(n);
    }
    case token.punct:
      switch (tokens.punct) {
        case P.open:
          return parentheses(p, tokens.start, false);
        case P.openBracket:
          return arrayLiteral(p);
        case P.openBrace:
          return objectLiteral(p);
        case P.slash:
        case P.slashAssign: {
          tokens.readRegex();
          const n = p.begin(node.regex);
          tokens.next();
          return p.finish(n);
        }
        case P.less:
          if (p.options.jsx) return jsxElement(p);
          if (p.options.typed && p.types.skipTypeArguments()) return unary(p);
          throw misunderstood;
        case P.at:
          decorators(p);
          return primary(p);
        default:
          throw misunderstood;
      }
    default:
      throw misunderstood;
  }
}

function primaryName(p: Parser): number {
  const { tree, tokens } = p;
  if (tokens.name > word.opaque) return variable(p);
  switch (tokens.name) {
    case word.function:
      return functionNode(p, false, 0);
    case word.class:
      return classNode(p, false);
    case word.new:
      return newExpression(p);
    case word.this:
    case word.super: {
      const n = p.begin(tokens.name === word.this ? node.this : node.super);
      tree.scope[n] = p.scope;
      tokens.next();
      return p.finish(n);
    }
    case word.null:
    case word.true:
    case word.false: {
      const n = p.begin(node.literal);
      tree.aux[n] = tokens.name;
      tokens.next();
      return p.finish(n);
    }
    case word.import: {
      const { start } = tokens;
      tokens.next();
      if (p.eat(P.dot)) {
        const isMeta = p.isWord(word.meta);
        tokens.next();
        if (isMeta || !p.isPunct(P.open)) return p.finish(tree.add(node.metaProperty, start));
      }
      const n = tree.add(node.importCall, start);
      callArguments(p, n, 0);
      return p.finish(n);
    }
    case word.async: {
      const { start } = tokens;
      const state = tokens.save();
      tokens.next();
      if (!tokens.newline) {
        if (p.isWord(word.function)) {
          tokens.restore(state);
          return functionNode(p, false, 0);
        }
        if (tokens.type === token.name && tokens.name > word.with && p.peeks(() => p.isPunct(P.arrow))) {
          const parameters = p.begin(node.parameters);
          tree.link(parameters, 0, identifier(p));
          p.finish(parameters);
          tokens.next();
          return arrow(p, start, parameters, true);
        }
        if (p.isPunct(P.open) || (p.options.typed && p.isPunct(P.less))) {
          const { count } = tree;
          if (p.isPunct(P.open) || p.types.skipTypeParameters()) {
            if (p.isPunct(P.open)) {
              const n = parentheses(p, start, true);
              if (tree.kind[n] === node.function && (tree.aux[n]! & flag.arrow) !== 0 && tree.start[n] === start) return n;
            }
          }
          tree.rewind(count);
        }
      }
      tokens.restore(state);
      return identifier(p);
    }
    default: {
      if (tokens.name <= word.with) throw misunderstood;
      return variable(p);
    }
  }
}

/** A variable, or the one parameter of an arrow function. */
function variable(p: Parser): number {
  const { tree, tokens } = p;
  const n = identifier(p);
  if (!p.isPunct(P.arrow) || tokens.newline) return n;
  tokens.next();
  const parameters = tree.add(node.parameters, tree.start[n]!);
  tree.link(parameters, 0, n);
  tree.end[parameters] = tree.end[n]!;
  return arrow(p, tree.start[n]!, parameters, false);
}

/** `(…)`: an expression, or the parameters of an arrow function. */
function parentheses(p: Parser, start: number, async: boolean): number {
  const { tree, tokens } = p;
  const { noIn, inConditional } = p;
  p.noIn = false;
  p.inConditional = false;
  const list = tree.add(node.parameters, tokens.start);
  tokens.next();
  let last = 0;
  let count = 0;
  let patternOnly = false;
  while (!p.eat(P.close)) {
    if (p.isPunct(P.at)) decorators(p);
    const spread = eatSpread(p);
    let element = spread ?? assignment(p);
    if (spread !== undefined) patternOnly = true;
    if (p.options.typed && (p.isPunct(P.colon) || p.isPunct(P.question))) {
      patternOnly = true;
      annotation(p);
      if (p.eat(P.assign)) {
        const n = tree.add(node.assign, tree.start[element]!);
        tree.aux[n] = P.assign;
        const lastKid = tree.link(n, 0, element);
        tree.link(n, lastKid, assignment(p));
        element = p.finish(n);
      }
    }
    last = tree.link(list, last, element);
    count++;
    if (!p.eat(P.comma)) {
      if (!p.isPunct(P.close)) throw misunderstood;
    } else if (p.isPunct(P.close)) patternOnly = true;
  }
  p.finish(list);
  p.noIn = noIn;
  p.inConditional = inConditional;
  if (p.options.typed && p.isPunct(P.colon) && (!inConditional || patternOnly || count === 0)) {
    const state = tokens.save();
    tokens.next();
    if (!(p.types.skipType() && p.isPunct(P.arrow))) tokens.restore(state);
  }
  if (p.isPunct(P.arrow) && !tokens.newline) {
    tokens.next();
    return arrow(p, start, list, async);
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

function newExpression(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.new);
  tokens.next();
  if (p.eat(P.dot)) {
    tokens.next();
    tree.kind[n] = node.metaProperty;
    return p.finish(n);
  }
  p.deeper();
  const callee = p.isWord(word.new) ? newExpression(p) : subscripts(p, primary(p), true);
  p.depth--;
  const last = tree.link(n, 0, callee);
  if (p.options.typed && p.isPunct(P.less)) {
    const state = tokens.save();
    if (!p.types.skipTypeArguments()) tokens.restore(state);
  }
  if (p.isPunct(P.open)) callArguments(p, n, last);
  return p.finish(n);
}
