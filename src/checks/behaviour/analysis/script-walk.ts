/** What is known of a file while it is gone through: what its names hold, where brackets close, where one is. */
import type { Capability, Flow, Spot } from "../../../model/index.ts";
import type { Gatherer, Lines } from "./files-gather.ts";
import type { Statement } from "./script-statements.ts";
import type { Token } from "./script-tokens.ts";
import type { Dialect, Entry } from "./script.ts";

/**
 * What flows: what a capability yields; `decoded`, what came out of a decoder, whatever went in, which matters only where it is run as code;
 * and `to name`, what the function of that name was given by its caller.
 */
export type Source = Flow["from"] | "decoded" | `to ${string}`;
export type Sources = ReadonlySet<Source>;

/** What flows to `to` where something of `source` is handed to it; null where nobody needs to know. */
export const flowOf = (source: Source): Flow["from"] | null =>
  source === "decoded" || source.startsWith("to ") ? null : (source as Flow["from"]);

/** Functions within functions whose names are looked through: people write three. */
const MAX_SCOPES = 8;
/** Modules all of whose names are brought in: each name that nothing else explains is looked for in all of them. */
export const MAX_STARS = 50;
/** Names whose canonical spelling is kept. */
export const MAX_KEPT = 20_000;

export interface Folded {
  readonly value: string;
  /** It was put together from pieces, or decoded. */
  readonly made: boolean;
  /** Not one of its pieces could be read as it stands: decoded, numbers of characters, escapes, turned round. */
  readonly decoded: boolean;
}

/** What a name holds, as far as the file says it. */
export interface Holding {
  path: string;
  text: Folded | null;
  sources: Set<Source>;
  concealed: boolean;
  /** A declaration brought it in. */
  imported: boolean;
  /** The file gives it a value of its own. */
  own: boolean;
  /** As an open file: what its path is known by. */
  files: readonly string[];
}

/** One name with what follows it, up to where it ends. */
export interface Chain {
  path: string;
  /** Range of the last call's arguments, null where it is not called. */
  args: readonly [from: number, to: number] | null;
  concealed: boolean;
  /** Index behind it. */
  end: number;
  /** Tags of the names that it begins with. */
  head: string;
}

export class FileWalk {
  telling = false;
  readonly dialect: Dialect;
  readonly lines: Lines;
  readonly gatherer: Gatherer;
  /** Names of the file as a whole; `self.name` for what its objects hold. */
  readonly names: Map<string, Holding> = new Map();
  /** Names of one function or class each, by its scope. */
  readonly locals: Map<string, Map<string, Holding>> = new Map();
  /** Those that a statement sees, the innermost first. */
  visible: readonly Map<string, Holding>[] = [];
  /** Names that a function says are the file's (`global`), by scope and name. */
  readonly globals: Set<string> = new Set();
  statement: Statement = { tokens: [], scope: "", inFunction: false, owner: "", parameters: [] };
  tokens: readonly Token[] = [];
  /** For each bracket that opens, where it closes. */
  closes: Int32Array = new Int32Array(0);
  depth = 0;
  /** Chains of names within which one is being followed. */
  chained = 0;
  /** Something was nested deeper than it is followed. */
  tooDeep = false;
  readonly canonicals: Map<string, string> = new Map();
  readonly entries: Map<string, Entry | undefined> = new Map();
  readonly suffixes: readonly string[];
  /** Modules all of whose names were brought in. */
  readonly stars: Set<string> = new Set();
  /** What functions of the file do with what they are given. */
  readonly passes: Map<string, Set<Capability>> = new Map();
  /** Files that hold what was fetched, by what their paths are known by. */
  readonly fetched: Set<string> = new Set();
  /** How deep this text lies in texts that are run as code. */
  readonly nesting: number;
  /** A text that is a statement by itself does nothing; where something asks for what documents it (Python's `__doc__`), it may. */
  documents = false;

  constructor(dialect: Dialect, lines: Lines, gatherer: Gatherer, nesting: number) {
    this.dialect = dialect;
    this.nesting = nesting;
    this.suffixes = [...dialect.decoders].filter((name) => name.startsWith("."));
    this.lines = lines;
    this.gatherer = gatherer;
  }

  spot(at: number): Spot {
    return this.lines.spot(at, this.statement.scope);
  }

  see(capability: Capability, subject: string, at: number, through: string, concealed: boolean): void {
    if (!this.telling) return;
    this.gatherer.see(capability, subject, this.spot(at), { through, when: this.statement.inFunction ? "call" : "load", concealed });
    if (concealed) this.gatherer.hide("concealed-name", `${through} is not written down`, this.spot(at));
  }

  enter(statement: Statement): void {
    if (statement.scope !== this.statement.scope) {
      const visible: Map<string, Holding>[] = [];
      for (let end = statement.scope.length; end > 0 && visible.length < MAX_SCOPES; end = statement.scope.lastIndexOf(".", end - 1)) {
        const names = this.locals.get(statement.scope.slice(0, end));
        if (names !== undefined) visible.push(names);
      }
      this.visible = visible;
    }
    this.statement = statement;
    this.tokens = statement.tokens;
  }

  /** What a name holds where the statement stands. */
  look(name: string): Holding | undefined {
    for (const names of this.visible) {
      const known = names.get(name);
      if (known !== undefined) return known;
    }
    return this.names.get(name);
  }

  /** What is known of a name that the statement gives a value: within a function it is the function's own. */
  holding(name: string): Holding {
    const { scope } = this.statement;
    return scope === "" || /^(?:self\.|@|\$)/.test(name) || this.globals.has(`${scope}\0${name}`)
      ? this.shared(name)
      : this.local(scope, name);
  }

  shared(name: string): Holding {
    return holdingIn(this.names, name);
  }

  local(scope: string, name: string): Holding {
    let names = this.locals.get(scope);
    if (names === undefined) {
      this.locals.set(scope, (names = new Map()));
      if (scope === this.statement.scope) this.visible = [names, ...this.visible];
    }
    return holdingIn(names, name);
  }

  taint(name: string, sources: Sources): void {
    if (sources.size === 0) return;
    const holding = this.holding(name);
    for (const source of sources) holding.sources.add(source);
  }

  close(open: number): number {
    return this.closes[open] ?? this.tokens.length;
  }

  canonical(path: string): string {
    let known = this.canonicals.get(path);
    if (known === undefined) {
      if (this.canonicals.size >= MAX_KEPT) this.canonicals.clear();
      this.canonicals.set(path, (known = this.dialect.canonical(path)));
    }
    return known;
  }
}

function holdingIn(names: Map<string, Holding>, name: string): Holding {
  let known = names.get(name);
  if (known === undefined)
    names.set(name, (known = { path: "", text: null, sources: new Set(), concealed: false, imported: false, own: false, files: [] }));
  return known;
}
