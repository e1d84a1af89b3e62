/** What is known of a file while it is gone through: what its names hold, where brackets close, where one is. */
import type { Capability, Flow, Spot } from "../../../model/index.ts";
import type { Gatherer, Lines } from "./files-gather.ts";
import type { Statement } from "./script-statements.ts";
import type { Token } from "./script-tokens.ts";
import type { Dialect } from "./script.ts";

/**
 * What flows: what a capability yields; `decoded`, what came out of a decoder, whatever went in, which matters only where it is run as code;
 * and `to name`, what the function of that name was given by its caller.
 */
export type Source = Flow["from"] | "decoded" | `to ${string}`;
export type Sources = ReadonlySet<Source>;

/** What flows to `to` where something of `source` is handed to it; null where nobody needs to know. */
export const flowOf = (source: Source): Flow["from"] | null =>
  source === "decoded" || source.startsWith("to ") ? null : (source as Flow["from"]);

/** Names whose canonical spelling is kept. */
const MAX_KEPT = 20_000;

export interface Folded {
  readonly value: string;
  /** It was put together from pieces, or decoded. */
  readonly made: boolean;
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
  readonly names: Map<string, Holding> = new Map();
  statement: Statement = { tokens: [], scope: "", inFunction: false, owner: "", parameters: [] };
  tokens: readonly Token[] = [];
  /** For each bracket that opens, where it closes. */
  closes: Int32Array = new Int32Array(0);
  depth = 0;
  /** Something was nested deeper than it is followed. */
  tooDeep = false;
  readonly canonicals: Map<string, string> = new Map();
  readonly suffixes: readonly string[];
  /** Modules all of whose names were brought in. */
  readonly stars: Set<string> = new Set();
  /** What functions of the file do with what they are given. */
  readonly passes: Map<string, Set<Capability>> = new Map();
  /** Files that hold what was fetched, by what their paths are known by. */
  readonly fetched: Set<string> = new Set();
  /** How deep this text lies in texts that are run as code. */
  readonly nesting: number;

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

  holding(name: string): Holding {
    let known = this.names.get(name);
    if (known === undefined)
      this.names.set(
        name,
        (known = { path: "", text: null, sources: new Set(), concealed: false, imported: false, own: false, files: [] }),
      );
    return known;
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
