/** Statements. One that is not understood is counted and skipped (`guarded`). */
import { word as words } from "./names.ts";
import { P as puncts, type Parser, misunderstood } from "./parse-cursor.ts";
import { assignment, expression } from "./parse-expressions.ts";
import { classNode, functionNode } from "./parse-functions.ts";
import { exportStatement, importStatement } from "./parse-modules.ts";
import { bindingTarget, declarePattern } from "./parse-patterns.ts";
import { annotation, decorators, enumeration, typedStatement } from "./parse-typed.ts";
import { token as kinds } from "./tokens.ts";
import { flag as flags, node as nodes } from "./tree.ts";

const word = words;
const P = puncts;
const token = kinds;
const flag = flags;
const node = nodes;

const COLON = 58;

/** One statement; 0 where it was not understood and skipped. */
export function guarded(p: Parser): number {
  const { tokens, tree } = p;
  const from = tokens.start;
  const { depth, scope, noIn, inConditional } = p;
  try {
    return statement(p);
  } catch (error) {
    if (error !== misunderstood) throw error;
    tree.problems++;
    p.depth = depth;
    p.scope = scope;
    p.noIn = noIn;
    p.inConditional = inConditional;
    resume(p, from);
    return 0;
  }
}

/** Goes on after something that was not understood: behind the next `;`, at the next line outside brackets, or before a closing brace. */
function resume(p: Parser, from: number): void {
  const { tokens } = p;
  if (tokens.start === from && !p.isPunct(P.closeBrace)) tokens.next();
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

export function statement(p: Parser): number {
  p.deeper();
  const n = statementBody(p);
  p.depth--;
  return n;
}

function statementBody(p: Parser): number {
  const { tokens } = p;
  if (tokens.type === token.punct) {
    switch (tokens.punct) {
      case P.openBrace:
        return within(p, block);
      case P.semicolon: {
        const n = p.begin(node.empty);
        tokens.next();
        return p.finish(n);
      }
      case P.at:
        decorators(p);
        return statement(p);
      default:
        return expressionStatement(p);
    }
  }
  if (tokens.type !== token.name || tokens.name > word.opaque) return expressionStatement(p);
  switch (tokens.name) {
    case word.var:
    case word.const: {
      if (tokens.name === word.const && p.options.typed && p.peekWord(word.enum)) {
        tokens.next();
        return enumeration(p);
      }
      const n = declaration(p);
      p.semicolon();
      return p.finish(n);
    }
    case word.let:
      return p.peeks(() => tokens.type === token.name || p.isPunct(P.openBracket) || p.isPunct(P.openBrace))
        ? finishDeclaration(p)
        : expressionStatement(p);
    case word.using:
      return p.peeks(() => tokens.type === token.name && !tokens.newline && tokens.name !== word.in && tokens.name !== word.of)
        ? finishDeclaration(p)
        : expressionStatement(p);
    case word.function:
      return functionNode(p, true, 0);
    case word.class:
      return classNode(p, true);
    case word.if:
      return ifStatement(p);
    case word.for:
      return within(p, forStatement);
    case word.while: {
      const n = p.begin(node.while);
      tokens.next();
      const last = p.tree.link(n, 0, parenthesised(p));
      p.tree.link(n, last, statement(p));
      return p.finish(n);
    }
    case word.do: {
      const n = p.begin(node.doWhile);
      tokens.next();
      const last = p.tree.link(n, 0, statement(p));
      if (!p.eatWord(word.while)) throw misunderstood;
      p.tree.link(n, last, parenthesised(p));
      p.eat(P.semicolon);
      return p.finish(n);
    }
    case word.return:
    case word.throw: {
      const n = p.begin(tokens.name === word.return ? node.return : node.throw);
      tokens.next();
      if (!tokens.newline && !p.isPunct(P.semicolon) && !p.isPunct(P.closeBrace) && tokens.type !== token.end)
        p.tree.link(n, 0, expression(p));
      p.semicolon();
      return p.finish(n);
    }
    case word.break:
    case word.continue: {
      const n = p.begin(tokens.name === word.break ? node.break : node.continue);
      tokens.next();
      if (tokens.type === token.name && !tokens.newline) {
        p.tree.aux[n] = tokens.name;
        tokens.next();
      }
      p.semicolon();
      return p.finish(n);
    }
    case word.debugger: {
      const n = p.begin(node.debugger);
      tokens.next();
      p.semicolon();
      return p.finish(n);
    }
    case word.try:
      return tryStatement(p);
    case word.switch:
      return within(p, switchStatement);
    case word.with: {
      const n = p.begin(node.block);
      tokens.next();
      const last = p.tree.link(n, 0, parenthesised(p));
      p.tree.link(n, last, statement(p));
      return p.finish(n);
    }
    case word.import:
      return p.peeks(() => p.isPunct(P.open) || p.isPunct(P.dot)) ? expressionStatement(p) : importStatement(p);
    case word.export:
      return exportStatement(p);
    case word.async:
      return p.peeks(() => p.isWord(word.function) && !tokens.newline) ? functionNode(p, true, 0) : expressionStatement(p);
    case word.interface:
    case word.type:
    case word.opaque:
    case word.declare:
    case word.namespace:
    case word.module:
    case word.global:
    case word.abstract:
    case word.enum:
      return typedStatement(p);
    default:
      return expressionStatement(p);
  }
}

function finishDeclaration(p: Parser): number {
  const n = declaration(p);
  p.semicolon();
  return p.finish(n);
}

export function block(p: Parser): number {
  const n = p.begin(node.block);
  p.expect(P.openBrace);
  statements(p, n, 0);
  return p.finish(n);
}

/** What `let`, `const` and `class` declare in it is its own; a misunderstood statement leaves the scope to whoever skips it. */
function within(p: Parser, read: (p: Parser) => number): number {
  const outer = p.scope;
  p.scope = p.tree.newScope(outer, p.tree.scopeNode[outer]!);
  const n = read(p);
  p.scope = outer;
  return n;
}

/** Up to and with the closing brace. */
function statements(p: Parser, parent: number, first: number): void {
  const { tokens } = p;
  let last = first;
  while (!p.isPunct(P.closeBrace)) {
    if (tokens.type === token.end) throw misunderstood;
    const statement = guarded(p);
    if (statement !== 0) last = p.tree.link(parent, last, statement);
  }
  tokens.next();
}

export function expressionStatement(p: Parser): number {
  const { tokens, tree } = p;
  if (tokens.type === token.name && tokens.charAfter() === COLON) {
    const n = p.begin(node.label);
    tree.aux[n] = tokens.name;
    tokens.next();
    tokens.next();
    tree.link(n, 0, statement(p));
    return p.finish(n);
  }
  const n = p.begin(node.expression);
  tree.link(n, 0, expression(p));
  p.semicolon();
  return p.finish(n);
}

function parenthesised(p: Parser): number {
  p.expect(P.open);
  const n = expression(p);
  p.expect(P.close);
  return n;
}

function declaration(p: Parser): number {
  const { tokens, tree } = p;
  const n = p.begin(node.declaration);
  if (tokens.name === word.const) tree.aux[n] = flag.constant;
  const scope = tokens.name === word.var ? tree.functionScope[p.scope]! : p.scope;
  tokens.next();
  let last = 0;
  do {
    const d = p.begin(node.declarator);
    const target = bindingTarget(p);
    declarePattern(p, target, scope);
    let lastKid = tree.link(d, 0, target);
    annotation(p);
    if (p.eat(P.assign)) lastKid = tree.link(d, lastKid, assignment(p));
    last = tree.link(n, last, p.finish(d));
  } while (p.eat(P.comma));
  return n;
}

function ifStatement(p: Parser): number {
  const { tree, tokens } = p;
  const first = p.begin(node.if);
  let n = first;
  // A chain of `else if` is a loop: chains of thousands are generated.
  for (;;) {
    tokens.next();
    let last = tree.link(n, 0, parenthesised(p));
    last = tree.link(n, last, statement(p));
    if (!p.eatWord(word.else)) break;
    if (!p.isWord(word.if)) {
      tree.link(n, last, statement(p));
      break;
    }
    const other = p.begin(node.if);
    tree.link(n, last, other);
    n = other;
  }
  for (let at = n; ; at = tree.up[at]!) {
    p.finish(at);
    if (at === first) return first;
  }
}

function forStatement(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.for);
  tokens.next();
  p.eatWord(word.await);
  p.expect(P.open);
  let last = 0;
  const part = (): number => (last = tree.link(n, last, p.begin(node.empty)));
  const { noIn } = p;
  p.noIn = true;
  let head = 0;
  if (!p.isPunct(P.semicolon)) {
    const declares =
      p.isWord(word.var) ||
      p.isWord(word.const) ||
      ((p.isWord(word.let) || p.isWord(word.using)) &&
        p.peeks(
          () =>
            (tokens.type === token.name && tokens.name !== word.in && tokens.name !== word.of) ||
            p.isPunct(P.openBracket) ||
            p.isPunct(P.openBrace),
        ));
    if (p.isWord(word.await)) tokens.next();
    head = declares ? declaration(p) : expression(p);
  }
  p.noIn = noIn;
  if (head !== 0 && (p.isWord(word.of) || p.isWord(word.in))) {
    tree.kind[n] = node.forIn;
    tree.aux[n] = tokens.name;
    last = tree.link(n, last, head);
    tokens.next();
    last = tree.link(n, last, expression(p));
  } else {
    if (head === 0) part();
    else last = tree.link(n, last, head);
    p.expect(P.semicolon);
    if (p.isPunct(P.semicolon)) part();
    else last = tree.link(n, last, expression(p));
    p.expect(P.semicolon);
    if (p.isPunct(P.close)) part();
    else last = tree.link(n, last, expression(p));
  }
  p.expect(P.close);
  tree.link(n, last, statement(p));
  return p.finish(n);
}

function tryStatement(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.try);
  tokens.next();
  let last = tree.link(n, 0, within(p, block));
  if (p.isWord(word.catch)) {
    const c = p.begin(node.catch);
    tokens.next();
    let lastKid = 0;
    // Its variable is its own: minifiers give it the name of whatever is not used within.
    last = tree.link(
      n,
      last,
      within(p, () => {
        if (p.eat(P.open)) {
          const target = bindingTarget(p);
          declarePattern(p, target, p.scope);
          annotation(p);
          lastKid = tree.link(c, 0, target);
          p.expect(P.close);
        }
        tree.link(c, lastKid, block(p));
        return p.finish(c);
      }),
    );
  }
  if (p.eatWord(word.finally)) tree.link(n, last, within(p, block));
  return p.finish(n);
}

function switchStatement(p: Parser): number {
  const { tree, tokens } = p;
  const n = p.begin(node.switch);
  tokens.next();
  let last = tree.link(n, 0, parenthesised(p));
  p.expect(P.openBrace);
  while (!p.eat(P.closeBrace)) {
    const c = p.begin(node.case);
    let lastKid = 0;
    if (p.eatWord(word.case)) lastKid = tree.link(c, 0, expression(p));
    else if (!p.eatWord(word.default)) throw misunderstood;
    p.expect(P.colon);
    while (!p.isWord(word.case) && !p.isWord(word.default) && !p.isPunct(P.closeBrace)) {
      if (tokens.type === token.end) throw misunderstood;
      const statement = guarded(p);
      if (statement !== 0) lastKid = tree.link(c, lastKid, statement);
    }
    last = tree.link(n, last, p.finish(c));
  }
  return p.finish(n);
}
