/** JSX (https://facebook.github.io/jsx/). */
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { unrestricted } from "./parse-expressions.ts";
import { textNode } from "./parse-modules.ts";
import { eatSpread } from "./parse-patterns.ts";
import { token as kinds } from "./tokens.ts";
import { node as nodes } from "./tree.ts";

const P = puncts;
const token = kinds;
const node = nodes;

/** Kids: the expressions within, of attributes and children alike, and the name where it is a variable. */
export function jsxElement(p: Parser): number {
  const { tree, tokens } = p;
  p.deeper();
  const n = p.begin(node.jsx);
  let last = 0;
  p.expect(P.less);
  const fragment = p.isPunct(P.greater);
  if (!fragment) {
    last = jsxName(p, n, last);
    if (p.options.typed && p.isPunct(P.less) && !p.types.skipTypeArguments()) throw misunderstood;
    while (!p.isPunct(P.greater) && !p.isPunct(P.slash)) {
      if (p.isPunct(P.openBrace)) {
        tokens.next();
        last = tree.link(n, last, eatSpread(p) ?? unrestricted(p));
        p.expect(P.closeBrace);
        continue;
      }
      jsxAttributeName(p);
      if (!p.isPunct(P.assign)) continue;
      // A text in an attribute has no escapes and may have several lines.
      jsxAttributeText(p);
      if (tokens.type === token.text) last = tree.link(n, last, textNode(p));
      else if (p.eat(P.openBrace)) {
        last = tree.link(n, last, unrestricted(p));
        p.expect(P.closeBrace);
      } else if (p.isPunct(P.less)) last = tree.link(n, last, jsxElement(p));
      else throw misunderstood;
    }
    if (p.eat(P.slash)) {
      if (!p.isPunct(P.greater)) throw misunderstood;
      tokens.next();
      p.depth--;
      return p.finish(n);
    }
  }
  // Behind `>`: text up to the next `<` or `{`.
  for (;;) {
    if (!p.isPunct(P.greater) && !p.isPunct(P.closeBrace)) throw misunderstood;
    let at = tokens.pos;
    const { text } = tree;
    while (at < text.length && text.charCodeAt(at) !== 60 && text.charCodeAt(at) !== 123) at++;
    if (at >= text.length) throw misunderstood;
    tokens.pos = at;
    tokens.next();
    if (p.isPunct(P.openBrace)) {
      tokens.next();
      if (!p.isPunct(P.closeBrace)) last = tree.link(n, last, eatSpread(p) ?? unrestricted(p));
      if (!p.isPunct(P.closeBrace)) throw misunderstood;
      continue;
    }
    if (p.peeks(() => p.isPunct(P.slash))) {
      tokens.next();
      tokens.next();
      while (!p.isPunct(P.greater)) {
        if (tokens.type === token.end || p.isPunct(P.less)) throw misunderstood;
        tokens.next();
      }
      tokens.next();
      p.depth--;
      return p.finish(n);
    }
    const child = jsxChild(p);
    last = tree.link(n, last, child);
  }
}

/** An element within another: behind it the text of the outer one goes on, so its last `>` stays the current token. */
function jsxChild(p: Parser): number {
  const { tokens } = p;
  const n = jsxElement(p);
  tokens.pos = tokens.lastEnd;
  tokens.start = tokens.lastEnd - 1;
  tokens.type = token.punct;
  tokens.punct = P.greater;
  return n;
}

function jsxName(p: Parser, n: number, first: number): number {
  const { tree, tokens } = p;
  if (tokens.type !== token.name) throw misunderstood;
  const begins = tree.text.charCodeAt(tokens.start);
  const isVariable = (begins >= 65 && begins <= 90) || begins === 36 || begins === 95;
  const id = p.begin(isVariable ? node.identifier : node.name);
  tree.aux[id] = tokens.name;
  tree.scope[id] = p.scope;
  tokens.next();
  p.finish(id);
  while (p.isPunct(P.dot) || p.isPunct(P.minus) || p.isPunct(P.colon)) {
    tokens.next();
    tokens.next();
  }
  return tree.link(n, first, id);
}

function jsxAttributeName(p: Parser): void {
  const { tokens } = p;
  if (tokens.type !== token.name) throw misunderstood;
  tokens.next();
  while (p.isPunct(P.minus) || p.isPunct(P.colon) || p.isPunct(P.decrement)) {
    tokens.next();
    if (tokens.type !== token.name && tokens.type !== token.number) throw misunderstood;
    tokens.next();
  }
}

function jsxAttributeText(p: Parser): void {
  const { tokens, tree } = p;
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
  tokens.punct = 0;
  tokens.escaped = false;
}
