/**
 * The analysis that scripting languages share. Names are followed to what they stand for (imports, aliases, `getattr`, members computed from
 * texts), texts that are put together or decoded are put together and decoded, and what one capability yields is followed through
 * variables, functions and callbacks of the file until it reaches another. A language is a syntax, a table of names, and a few habits.
 *
 *     text -> tokens -> statements -> chains (`os.environ["X"]`, `requests.get(u).text`) -> sightings and flows
 */
import type { Capability, ImportFact, Language } from "../../../model/index.ts";
import { Gatherer, type Lines, type Reading } from "./files-gather.ts";
import { readStatement } from "./script-flow.ts";
import { type BlockSyntax, statementsOf } from "./script-statements.ts";
import { MAX_TOKENS, type Syntax, type Token, tokensOf } from "./script-tokens.ts";
import { FileWalk } from "./script-walk.ts";

/** One name of a language: what it does, and which argument says to what. */
export interface Entry {
  readonly capability: Capability;
  /** Number of the argument that names the subject; absent: the name itself is. */
  readonly argument?: number;
  /** Its text is a command line for the shell. */
  readonly shell?: boolean;
  /** Only where it is called. */
  readonly called?: boolean;
}

export interface Dialect {
  readonly language: Language;
  readonly syntax: Syntax;
  readonly blocks: BlockSyntax;
  /** By dotted name; `name.*` stands for everything below it. */
  readonly table: ReadonlyMap<string, Entry>;
  /** Dotted name of the environment: what follows it is a variable's name. */
  readonly environment: ReadonlySet<string>;
  /** Functions that give a variable by its name. */
  readonly variables: ReadonlySet<string>;
  /** Functions that return what their first argument names: `require`, `__import__`. */
  readonly modules: ReadonlySet<string>;
  /** Functions that return a member by its name: `getattr(object, "name")`. */
  readonly members: ReadonlySet<string>;
  /** Functions that decode text. */
  readonly decoders: ReadonlySet<string>;
  /** Methods whose first argument names another: one that is returned (`method`), or called with the other arguments (`send`). */
  readonly named?: ReadonlyMap<string, "member" | "call">;
  /** A module's name means the module only where it was imported, or where nothing in the file gives it a value. */
  readonly importing: boolean;
  /** The table has names that mean the same wherever they come from (`.urlopen`). */
  readonly anywhere: boolean;
  /** Methods need no brackets to be called. */
  readonly bare?: boolean;
  /** Names that what encrypts source leaves behind. */
  readonly packers?: RegExp;
  /** Functions that are called without brackets as well: `system "x"`. */
  readonly commands?: ReadonlySet<string>;
  /** Declarations that bring names in. */
  readonly imports: (
    tokens: readonly Token[],
    bind: (name: string, path: string) => void,
    asks: (specifier: string, how: ImportFact["how"], at: number) => void,
  ) => boolean;
  /** The canonical spelling of a dotted name: `node:fs` and `fs`, `global.fetch` and `fetch`. */
  readonly canonical: (path: string) => string;
}

/** `nesting`: how deep the text lies in texts that are run as code. */
export function scriptReading(text: string, lines: Lines, dialect: Dialect, nesting: number = 0): Reading {
  const gatherer = new Gatherer();
  const read = tokensOf(text, dialect.syntax);
  const tokens = dialect.commands === undefined ? read : bracketed(read, dialect.commands);
  if (tokens.length > MAX_TOKENS) return gatherer.reading("bytes", `it has more than ${MAX_TOKENS} words`);
  const statements = statementsOf(tokens, (at) => lines.column(at), dialect.blocks);
  const file = new FileWalk(dialect, lines, gatherer, nesting);
  file.documents = !text.includes("__doc__");
  // The first two passes learn what names hold, wherever they are set; the last one tells.
  for (let pass = 0; pass < 3; pass++) {
    file.telling = pass === 2;
    for (const statement of statements) readStatement(file, statement);
  }
  return gatherer.reading("tokens", file.tooDeep ? "it is nested deeper than it is followed" : "");
}

/** `system "x"` is `system("x")`. */
function bracketed(tokens: readonly Token[], commands: ReadonlySet<string>): readonly Token[] {
  const result: Token[] = [];
  let open = 0;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.kind === "newline" || (token.kind === "punct" && token.text === ";"))
      for (; open > 0; open--) result.push({ kind: "punct", text: ")", at: token.at });
    result.push(token);
    const calls =
      token.kind === "name" &&
      commands.has(token.text) &&
      tokens[index - 1]?.text !== "def" &&
      (next?.kind === "string" || next?.kind === "name" || next?.text === "[");
    if (!calls) return;
    result.push({ kind: "punct", text: "(", at: token.at });
    open++;
  });
  return result;
}
