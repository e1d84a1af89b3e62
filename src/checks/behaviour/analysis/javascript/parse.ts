/**
 * Parses JavaScript, JSX and TypeScript into a tree. It takes more than the grammar allows (a reader of hostile code gains nothing from
 * refusing it) and knows nothing of early errors; a statement that it cannot understand is counted and skipped, the rest stays readable.
 * Patterns are read as expressions, which cover them (https://tc39.es/ecma262/#sec-assignment-expressions, CoverParenthesizedExpression);
 * types are read past. No recursion goes deeper than `DEEPEST`.
 */
import { P as puncts, type ParseOptions, Parser } from "./parse-cursor.ts";
import { guarded } from "./parse-statements.ts";
import { token as kinds } from "./tokens.ts";
import { type Tree, node as nodes } from "./tree.ts";

const P = puncts;
const token = kinds;
const node = nodes;

/** The tree of a source, which has to be released before the next one is made. Throws `TreeLimit` where it would be too large or too deep. */
export function parse(text: string, options: ParseOptions): Tree {
  const parser = new Parser(text, options);
  try {
    return program(parser);
  } catch (error) {
    parser.tree.release();
    throw error;
  }
}

function program(p: Parser): Tree {
  const { tree, tokens } = p;
  const root = tree.add(node.program, 0);
  tree.scope[root] = 1;
  tree.scopeNode[1] = root;
  tokens.next();
  let last = 0;
  while (tokens.type !== token.end) {
    if (p.isPunct(P.closeBrace)) {
      tree.problems++;
      tokens.next();
      continue;
    }
    const statement = guarded(p);
    if (statement !== 0) last = tree.link(root, last, statement);
  }
  tree.end[root] = tree.text.length;
  tree.problems += tokens.strange;
  return tree;
}
