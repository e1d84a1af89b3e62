/**
 * The analysis that scripting languages share. Names are followed to what they stand for (imports, aliases, `getattr`, members computed from
 * texts), texts that are put together or decoded are put together and decoded, and what one capability yields is followed through
 * variables, functions and callbacks of the file until it reaches another. A language is a syntax, a table of names, and a few habits.
 *
 *     text -> tokens -> statements -> chains (`os.environ["X"]`, `requests.get(u).text`) -> sightings and flows
 */
import type { Capability, Flow, ImportFact, Spot } from "../../../model/index.ts";
import { Gatherer, Lines, type Reading, gatherHosts } from "./files-gather.ts";
import { bitsOf } from "./hiding.ts";
import { commandCapability, pathCapability, variableCapability } from "./script-sensitive.ts";
import { gatherShell } from "./shell.ts";
import { type BlockSyntax, type Statement, statementsOf } from "./script-statements.ts";
import { MAX_TOKENS, type Syntax, type Token, tokensOf } from "./script-tokens.ts";

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
  readonly name: string;
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

type Source = Flow["from"];
type Sources = ReadonlySet<Source>;

/** What can be learnt about somebody, or come from somewhere. */
const yielding: ReadonlySet<Capability> = new Set<Capability>([
  "credential-file",
  "credential-variable",
  "environment-whole",
  "environment",
  "network",
  "dns",
  "clipboard",
  "wallet",
  "browser-data",
  "system",
  "user-input",
]);
const told: ReadonlySet<Source> = new Set<Source>([
  "credential-file",
  "credential-variable",
  "environment-whole",
  "environment",
  "clipboard",
  "wallet",
  "browser-data",
  "system",
  "user-input",
]);
const brought: ReadonlySet<Source> = new Set<Source>(["network", "dns", "encoded-text"]);
const outwards: ReadonlySet<Capability> = new Set<Capability>(["network", "dns"]);
const running: ReadonlySet<Capability> = new Set<Capability>(["dynamic-code", "process", "native", "file-write"]);

/** A text that long, that dense and without a gap is no sentence. Knowledge §3.1: 200 characters, 5.0 bits. */
const ENCODED_FROM = 200;
const ENCODED_BITS = 4.6;
const HEX_BITS = 3.3;
/** Decoding of decoding: honest code does it once. */
const MAX_FOLD = 24;
/** Characters of a text that is put together. */
const MAX_FOLDED = 200_000;
/** Brackets within brackets that are followed: people write ten, and the stack ends. */
const MAX_NESTED = 300;
/** Calls of one chain that are told apart. */
const MAX_CALLS = 32;
/** Characters of a dotted name. */
const MAX_PATH = 2_000;
/** Names whose canonical spelling is kept. */
const MAX_KEPT = 20_000;

interface Folded {
  readonly value: string;
  /** It was put together from pieces, or decoded. */
  readonly made: boolean;
}

/** What a name holds, as far as the file says it. */
interface Holding {
  path: string;
  text: Folded | null;
  sources: Set<Source>;
  concealed: boolean;
}

/** One name with what follows it, up to where it ends. */
interface Chain {
  path: string;
  /** Range of the last call's arguments, null where it is not called. */
  args: readonly [from: number, to: number] | null;
  concealed: boolean;
  /** Index behind it. */
  end: number;
  /** Tags of the names that it begins with. */
  head: string;
}

export function scriptReading(text: string, lines: Lines, dialect: Dialect): Reading {
  const gatherer = new Gatherer();
  const read = tokensOf(text, dialect.syntax);
  const tokens = dialect.commands === undefined ? read : bracketed(read, dialect.commands);
  if (tokens.length > MAX_TOKENS) return gatherer.reading("bytes", `it has more than ${MAX_TOKENS} words`);
  const columnOf = (at: number): number => at - (text.lastIndexOf("\n", at - 1) + 1);
  const statements = statementsOf(tokens, columnOf, dialect.blocks);
  const file = new FileWalk(dialect, lines, gatherer);
  // The first two passes learn what names hold, wherever they are set; the last one tells.
  for (let pass = 0; pass < 3; pass++) {
    file.telling = pass === 2;
    for (const statement of statements) file.statement(statement);
  }
  return gatherer.reading("tokens", file.tooDeep ? "it is nested deeper than it is followed" : "");
}

function closesOf(tokens: readonly Token[]): Int32Array {
  const closes = new Int32Array(tokens.length).fill(tokens.length);
  const open: number[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== "punct") return;
    if ("([{".includes(token.text)) open.push(at);
    else if (")]}".includes(token.text)) {
      const start = open.pop();
      if (start !== undefined) closes[start] = at;
    }
  });
  return closes;
}

/** `fetch` of whatever object, with an address. */
const fetching: Entry = { capability: "network", argument: 0, called: true };

class FileWalk {
  telling = false;
  readonly #dialect: Dialect;
  readonly #lines: Lines;
  readonly #gatherer: Gatherer;
  readonly #names = new Map<string, Holding>();
  #statement: Statement = { tokens: [], scope: "", inFunction: false, owner: "", parameters: [] };
  #tokens: readonly Token[] = [];
  /** For each bracket that opens, where it closes. */
  #closes: Int32Array = new Int32Array(0);
  #depth = 0;
  /** Something was nested deeper than it is followed. */
  tooDeep = false;
  readonly #canonicals = new Map<string, string>();
  readonly #suffixes: readonly string[];

  constructor(dialect: Dialect, lines: Lines, gatherer: Gatherer) {
    this.#dialect = dialect;
    this.#suffixes = [...dialect.decoders].filter((name) => name.startsWith("."));
    this.#lines = lines;
    this.#gatherer = gatherer;
  }

  #spot(at: number): Spot {
    return this.#lines.spot(at, this.#statement.scope);
  }

  #see(capability: Capability, subject: string, at: number, through: string, concealed: boolean): void {
    if (!this.telling) return;
    this.#gatherer.see(capability, subject, this.#spot(at), { through, when: this.#statement.inFunction ? "call" : "load", concealed });
    if (concealed) this.#gatherer.hide("concealed-name", `${through} is not written down`, this.#spot(at));
  }

  #holding(name: string): Holding {
    let known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, (known = { path: "", text: null, sources: new Set(), concealed: false }));
    return known;
  }

  statement(statement: Statement): void {
    this.#statement = statement;
    this.#tokens = statement.tokens;
    this.#closes = closesOf(statement.tokens);
    const tokens = statement.tokens;
    if (
      this.#dialect.imports(
        tokens,
        (name, path) => {
          const holding = this.#holding(name);
          holding.path = path;
        },
        (specifier, how, at) => {
          if (this.telling) this.#gatherer.import({ specifier, how, typeOnly: false, spot: this.#spot(at) });
        },
      )
    )
      return;
    const sources = this.#range(0, tokens.length);
    // A bound that is never reached (colors 1.4.44).
    if (
      tokens[0]?.text === "for" &&
      tokens.some(({ kind, text }, at) => kind === "name" && text === "Infinity" && /^(?:<|<=|!=)$/.test(tokens[at - 1]?.text ?? ""))
    )
      this.#see("endless-loop", "Infinity", tokens[0].at, "for", false);
    for (const parameter of statement.parameters)
      for (const source of sources) if (source === "network" || source === "dns") this.#holding(parameter).sources.add(source);
    this.#assign(tokens, sources);
  }

  /** `a = …`, `a, b = …`, `for a in …`, `with … as a`, `return …`, `a.append(…)`. */
  #assign(tokens: readonly Token[], sources: Sources): void {
    const first = tokens[0];
    if (first === undefined) return;
    if (first.kind === "name" && first.text === "return") {
      for (const source of sources) if (this.#statement.owner !== "") this.#holding(this.#statement.owner).sources.add(source);
      return;
    }
    let depth = 0;
    let equals = -1;
    for (let at = 0; at < tokens.length && equals === -1; at++) {
      const token = tokens[at];
      if (token?.kind !== "punct") {
        if (token?.kind === "name" && (token.text === "in" || token.text === "of") && tokens.slice(0, 3).some(({ text }) => text === "for"))
          equals = at;
        continue;
      }
      if ("([".includes(token.text)) depth++;
      else if (")]".includes(token.text)) depth--;
      else if (
        depth <= 0 &&
        (token.text === "=" || token.text === "+=" || token.text === ":=" || (token.text === "||" && tokens[at + 1]?.text === "="))
      )
        equals = at;
    }
    const as = tokens.findIndex(({ kind, text }) => kind === "name" && text === "as");
    if (first.text === "with" && as !== -1)
      for (const { kind, text } of tokens.slice(as + 1)) if (kind === "name") this.#taint(text, sources);
    if (equals === -1) {
      // A method that is given something may keep it.
      if (
        sources.size > 0 &&
        first.kind === "name" &&
        tokens.some(({ text }) =>
          /^(?:append|push|add|update|extend|write|set|concat|unshift|insert|push_str|on|once|then|addListener)$/.test(text),
        )
      ) {
        const { head } = this.#chain(0);
        if (head !== "") this.#taint(head, sources);
      }
      return;
    }
    const targets = tokens
      .slice(0, equals)
      .filter(
        ({ kind, text }) =>
          kind === "name" && !/^(?:const|let|var|my|our|local|for|await|async|global|export|static|pub|mut|this|self)$/.test(text),
      );
    for (const { text } of targets) this.#taint(text, sources);
    const only = targets.length === 1 || (targets.length === 2 && tokens[equals - 2]?.text === ":") ? targets[0] : undefined;
    if (only === undefined || tokens[equals]?.text !== "=") {
      this.#destructure(tokens, equals);
      return;
    }
    const from = equals + 1;
    const folded = this.#fold(from, tokens.length, 0);
    const holding = this.#holding(only.text);
    if (folded !== null) holding.text = folded;
    const chain = this.#chain(from + (tokens[from]?.text === "await" || tokens[from]?.text === "new" ? 1 : 0));
    if (chain.path !== "" && chain.end >= tokens.length && !this.#isOwnName(chain.path, only.text)) {
      holding.path = chain.args === null || this.#returnsModule(chain) ? chain.path : `${chain.path}()`;
      holding.concealed ||= chain.concealed;
    } else this.#destructure(tokens, equals);
  }

  readonly #isOwnName = (path: string, name: string): boolean => path === name || path.startsWith(`${name}.`);

  readonly #returnsModule = (chain: Chain): boolean => chain.args === null;

  /** `const { exec: run } = require("child_process")` */
  #destructure(tokens: readonly Token[], equals: number): void {
    const open = tokens.findIndex(({ text }, at) => text === "{" && at < equals);
    if (open === -1) return;
    const chain = this.#chain(equals + 1);
    if (chain.path === "" || chain.end < tokens.length) return;
    for (let at = open + 1; at < equals; at++) {
      const member = tokens[at];
      if (member?.kind !== "name" && member?.kind !== "string") continue;
      const renamed = tokens[at + 1]?.text === ":" ? tokens[at + 2] : undefined;
      const holding = this.#holding(renamed?.text ?? member.text);
      holding.path = this.#canonical(`${chain.path}.${member.text}`);
      holding.concealed ||= chain.concealed;
      if (renamed !== undefined) at += 2;
    }
  }

  #taint(name: string, sources: Sources): void {
    if (sources.size === 0) return;
    const holding = this.#holding(name);
    for (const source of sources) holding.sources.add(source);
  }

  /** Goes through a range of tokens, tells what is there, and returns what it yields. */
  #range(from: number, to: number): Set<Source> {
    const yields = new Set<Source>();
    if (this.#depth >= MAX_NESTED) {
      this.tooDeep = true;
      return yields;
    }
    this.#depth++;
    for (let at = from; at < to;) {
      const token = this.#tokens[at];
      if (token === undefined) break;
      if (token.kind === "string") {
        this.#string(token, yields);
        at++;
      } else if (token.kind === "name" && this.#tokens[at - 1]?.text !== ".") {
        const chain = this.#chain(at);
        // What its brackets hold is gone through once, and is what it is given.
        const given = this.#range(this.#headEnd(chain, at + 1), Math.min(chain.end, to));
        for (const source of this.#names.get(chain.head)?.sources ?? []) yields.add(source);
        for (const source of given) yields.add(source);
        this.#told(chain, at, given, yields);
        at = Math.max(at + 1, Math.min(chain.end, to));
      } else at++;
    }
    this.#depth--;
    return yields;
  }

  /** Where the first bracket of a chain opens: names before it are the chain's own. */
  #headEnd(chain: Chain, at: number): number {
    let index = at;
    while (index < chain.end && !(this.#tokens[index]?.kind === "punct" && "([".includes(this.#tokens[index]?.text ?? ""))) index++;
    return index;
  }

  #string({ text, at }: Token, yields: Set<Source>): void {
    const capability = pathCapability(text);
    if (capability !== null) {
      this.#see(capability, text, at, "path", false);
      if (yielding.has(capability)) yields.add(capability);
    }
    if (text.length >= ENCODED_FROM && isEncoded(text)) {
      yields.add("encoded-text");
      if (this.telling)
        this.#gatherer.hide(
          "encoded-text",
          `${text.length} characters, ${bitsOf(text.slice(0, 2_000)).toFixed(1)} bits each`,
          this.#spot(at),
        );
    }
    if (this.telling && text.length < MAX_FOLDED) gatherHosts(text, this.#gatherer, () => this.#spot(at));
  }

  #chain(from: number): Chain {
    const tokens = this.#tokens;
    const first = tokens[from];
    if (first?.kind !== "name") return { path: "", args: null, concealed: false, end: from, head: "" };
    const known = this.#names.get(first.text);
    let path = known !== undefined && known.path !== "" ? known.path : first.text;
    let concealed = known?.concealed ?? false;
    let args: Chain["args"] = null;
    let at = from + 1;
    for (;;) {
      const token = tokens[at];
      if (token?.kind !== "punct") break;
      if ((token.text === "." || token.text === "?." || token.text === "::" || token.text === "->") && tokens[at + 1]?.kind === "name") {
        // A chain that long names nothing that anybody wrote; its end alone is kept.
        if (path.length > MAX_PATH) path = "";
        path = `${args === null ? path : `${path}()`}.${tokens[at + 1]?.text ?? ""}`;
        args = null;
        at += 2;
      } else if (token.text === "[" && tokens[at - 1]?.kind !== "newline") {
        const close = this.#close(at);
        const key = this.#fold(at + 1, close, 0);
        if (key === null || key.value.length > 200) {
          path = `${args === null ? path : `${path}()`}[]`;
        } else {
          path = `${args === null ? path : `${path}()`}.${key.value}`;
          concealed ||= key.made && this.#names_(path);
        }
        args = null;
        at = close + 1;
      } else if (token.text === "(" || (token.text === "!" && tokens[at + 1]?.text === "(")) {
        const open = token.text === "(" ? at : at + 1;
        const close = this.#close(open);
        if (args !== null) path = `${path}()`;
        args = [open + 1, close];
        at = close + 1;
        path = this.#canonical(path);
        const made = this.#made(path, args);
        if (made !== null) {
          path = made.path;
          concealed ||= made.concealed;
          args = null;
        }
      } else if (token.text === "?" && tokens[at + 1]?.text === ".") at++;
      else break;
    }
    return { path: this.#canonical(path), args, concealed, end: at, head: first.text };
  }

  /** Whether a name that was put together is one that anybody would want to hide. */
  #names_(path: string): boolean {
    const canonical = this.#canonical(path);
    return (
      this.#entry(canonical) !== undefined ||
      this.#dialect.environment.has(canonical) ||
      this.#dialect.modules.has(canonical) ||
      this.#dialect.members.has(canonical)
    );
  }

  /** What a call of `require`, `getattr` and their like stands for. */
  #made(path: string, args: readonly [number, number]): { readonly path: string; readonly concealed: boolean } | null {
    const { modules, members } = this.#dialect;
    const canonical = (name: string): string => this.#canonical(name);
    if (modules.has(path)) {
      const name = this.#fold(args[0], this.#argumentEnd(args[0], args[1]), 0);
      if (this.telling) {
        const at = this.#tokens[args[0]]?.at ?? 0;
        this.#gatherer.import({
          specifier: name?.value ?? "",
          how: name === null ? "dynamic" : "require",
          typeOnly: false,
          spot: this.#spot(at),
        });
        if (name === null) this.#see("dynamic-import", "", at, path, false);
      }
      return name === null ? null : { path: canonical(name.value), concealed: name.made && this.#sensitiveModule(canonical(name.value)) };
    }
    if (members.has(path)) {
      const end = this.#argumentEnd(args[0], args[1]);
      const object = this.#chain(args[0]);
      const name = this.#fold(end + 1, this.#argumentEnd(end + 1, args[1]), 0);
      if (object.path === "" || name === null) return null;
      const whole = canonical(`${object.path}.${name.value}`);
      return { path: whole, concealed: object.concealed || this.#names_(whole) };
    }
    return null;
  }

  #sensitiveModule(path: string): boolean {
    for (const name of this.#dialect.table.keys()) if (name === path || name.startsWith(`${path}.`)) return true;
    return false;
  }

  #close(open: number): number {
    return this.#closes[open] ?? this.#tokens.length;
  }

  #canonical(path: string): string {
    let known = this.#canonicals.get(path);
    if (known === undefined) {
      if (this.#canonicals.size >= MAX_KEPT) this.#canonicals.clear();
      this.#canonicals.set(path, (known = this.#dialect.canonical(path)));
    }
    return known;
  }

  /** Index of the comma or end behind the argument that begins at `from`. */
  #argumentEnd(from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const token = this.#tokens[at];
      if (token?.kind !== "punct") continue;
      if ("([{".includes(token.text)) at = this.#close(at);
      else if (token.text === ",") return Math.min(at, to);
    }
    return to;
  }

  #argument(args: readonly [number, number], number: number): Folded | null {
    let from = args[0];
    for (let skipped = 0; skipped < number && from < args[1]; skipped++) from = this.#argumentEnd(from, args[1]) + 1;
    const end = this.#argumentEnd(from, args[1]);
    if (from >= end) return null;
    // A list of words is a command line as well.
    if (this.#tokens[from]?.text === "[") {
      const words: string[] = [];
      let made = false;
      for (let at = from + 1; at < end - 1;) {
        const stop = this.#argumentEnd(at, end - 1);
        const word = this.#fold(at, stop, 0);
        words.push(word?.value ?? "$");
        made ||= word?.made ?? false;
        at = stop + 1;
      }
      return words.length === 0 ? null : { value: words.join(" "), made };
    }
    return this.#fold(from, end, 0);
  }

  #entry(path: string): Entry | undefined {
    const { table } = this.#dialect;
    const exact = table.get(path);
    if (exact !== undefined) return exact;
    // `open().read`: what the call did was told where it was made; what follows it does no more.
    if (path.includes("()")) return undefined;
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const below = table.get(`${path.slice(0, dot)}.*`);
      if (below !== undefined) return below;
    }
    return undefined;
  }

  /** `index` is that of its first name, `given` what its brackets yield. */
  #told(chain: Chain, index: number, given: Sources, yields: Set<Source>): void {
    const { environment, variables, decoders } = this.#dialect;
    const at = this.#tokens[index]?.at ?? 0;
    const { path } = chain;
    // Each call within a chain does what it does: `requests.get(u).json()`, `Command::new("sh").arg("-c").spawn()`.
    let calls = 0;
    for (let cut = path.indexOf("()"); cut !== -1 && calls < MAX_CALLS; cut = path.indexOf("()", cut + 2), calls++) {
      const entry = this.#entry(path.slice(0, cut));
      if (entry !== undefined)
        this.#use(entry, path.slice(0, cut), { ...chain, args: this.#firstArguments(index, chain) }, at, given, yields);
    }
    for (let dot = path.length; dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const root = path.slice(0, dot);
      if (!environment.has(root)) continue;
      this.#environment(path.slice(dot), chain, index, root, yields);
      return;
    }
    if (variables.has(path) && chain.args !== null) {
      this.#variable(this.#argument(chain.args, 0)?.value ?? "", at, path, chain.concealed, yields);
      return;
    }
    if (
      chain.args !== null &&
      (decoders.has(path) || this.#suffixes.some((name) => path.endsWith(name))) &&
      this.#decodesMuch(chain.args, at)
    )
      yields.add("encoded-text");
    const entry =
      this.#entry(path) ??
      (path.endsWith(".fetch") && chain.args !== null && /^https?:/.test(this.#argument(chain.args, 0)?.value ?? "")
        ? fetching
        : undefined);
    if (entry === undefined || (entry.called === true && chain.args === null)) return;
    this.#use(entry, path, chain, at, given, yields);
  }

  /** Arguments of the first call of a chain. */
  #firstArguments(from: number, chain: Chain): Chain["args"] {
    for (let index = from; index < chain.end; index++) {
      const text = this.#tokens[index]?.kind === "punct" ? this.#tokens[index]?.text : "";
      if (text === "(") return [index + 1, this.#close(index)];
      if (text === "[") index = this.#close(index);
    }
    return chain.args;
  }

  /** `.get("X")`, `.X`, `["X"]`, `.items()`, or all of it. */
  #environment(rest: string, chain: Chain, index: number, root: string, yields: Set<Source>): void {
    const at = this.#tokens[index]?.at ?? 0;
    const name = /^\.([A-Za-z_]\w*)/.exec(rest)?.[1];
    if (name !== undefined && /^(?:get|fetch|pop|setdefault)$/.test(name)) {
      // Without its arguments it stands for what was read where it was called.
      if (chain.args === null) return;
      this.#variable(this.#argument(chain.args, 0)?.value ?? "", at, root, chain.concealed, yields);
    } else if (rest === "" || (name !== undefined && /^(?:items|values|keys|copy|to_h|to_a|each|map|dump|entries)$/.test(name))) {
      // An assignment to the environment, or a look at whether something is in it, is not the whole of it.
      const next = this.#tokens[chain.end];
      if (rest === "" && (next?.text === "=" || this.#tokens[index - 1]?.text === "in")) return;
      this.#see("environment-whole", "", at, root, chain.concealed);
      yields.add("environment-whole");
    } else if (name !== undefined) this.#variable(name, at, root, chain.concealed, yields);
    else {
      this.#see("environment", "", at, root, chain.concealed);
      yields.add("environment");
    }
  }

  #variable(name: string, at: number, through: string, concealed: boolean, yields: Set<Source>): void {
    const capability = name === "" ? "environment" : variableCapability(name);
    this.#see(capability, name, at, through, concealed);
    if (capability !== "ci") yields.add(capability === "credential-variable" ? capability : "environment");
  }

  #use(entry: Entry, path: string, chain: Chain, at: number, reaches: Sources, yields: Set<Source>): void {
    const { capability } = entry;
    const given = chain.args === null ? null : this.#argument(chain.args, entry.argument ?? 0);
    const text = entry.argument === undefined ? "" : (given?.value ?? "");
    const concealed = chain.concealed;
    let subject = text;
    if (outwards.has(capability))
      subject =
        /^\w+:\/\/(?:[^@/]{0,100}@)?(\[[0-9a-f:.]+\]|[^\s:/?#"']+)/i.exec(text)?.[1]?.toLowerCase() ??
        (/^[\w.-]+\.[a-z]{2,}$/i.test(text) ? text.toLowerCase() : "");
    else if (capability === "process") subject = /^\s*(?:\S*\/)?([\w.+-]+)/.exec(text)?.[1] ?? "";
    else if (entry.argument === undefined) subject = path.slice(path.lastIndexOf(".") + 1);
    // What a name holds was told where it was made.
    if (!chain.path.startsWith(`${path}()`) || this.#names.get(chain.head)?.path !== `${path}()`)
      this.#see(capability, subject, at, path, concealed);
    if (given !== null && given.made && outwards.has(capability) && this.telling)
      gatherHosts(given.value, this.#gatherer, () => this.#spot(at), true);
    if (yielding.has(capability)) yields.add(capability);
    if (chain.args === null) return;
    if (capability === "process" && given !== null) {
      const whole = commandCapability(given.value);
      if (whole !== null) this.#see(whole, given.value.slice(0, 60), at, path, given.made);
      if (this.telling) gatherShell(given.value, this.#gatherer, () => this.#spot(at));
    }
    const arriving = new Set(reaches);
    if (given !== null && given.made && (capability === "dynamic-code" || capability === "process")) arriving.add("encoded-text");
    for (const source of arriving) {
      if (!this.telling || !((told.has(source) && outwards.has(capability)) || (brought.has(source) && running.has(capability)))) continue;
      this.#gatherer.flow({ from: source, to: capability, source: "", sink: subject, spot: this.#spot(at) });
    }
  }

  /** Whether a decoder is given a text of its own, or what a name holds: not what is read from elsewhere. */
  #decodesMuch(args: readonly [number, number], at: number): boolean {
    const text = this.#fold(args[0], this.#argumentEnd(args[0], args[1]), 0);
    if (text === null || text.value.length < 40) return false;
    if (this.telling && text.value.length >= ENCODED_FROM)
      this.#gatherer.hide("encoded-text", `${text.value.length} characters are decoded`, this.#spot(at));
    return true;
  }

  /** The text that a range comes to, null where that is not known from the file. */
  #fold(from: number, to: number, depth: number): Folded | null {
    if (depth > MAX_FOLD || from >= to) return null;
    const tokens = this.#tokens;
    let value = "";
    let made = false;
    let parts = 0;
    for (let at = from; at < to;) {
      const token = tokens[at];
      if (token === undefined) return null;
      if (parts > 0) {
        if (token.kind === "punct" && (token.text === "+" || token.text === ".")) at++;
        else if (token.kind !== "string") return null;
      }
      const part = this.#foldPart(at, to, depth);
      if (part === null) return null;
      value += part.value;
      if (value.length > MAX_FOLDED) return null;
      made ||= part.made || parts > 0;
      parts++;
      at = part.end;
    }
    return parts === 0 ? null : { value, made };
  }

  #foldPart(from: number, to: number, depth: number): (Folded & { readonly end: number }) | null {
    const tokens = this.#tokens;
    const token = tokens[from];
    if (token === undefined) return null;
    let part: (Folded & { readonly end: number }) | null = null;
    if (token.kind === "string") part = { value: token.text, made: false, end: from + 1 };
    else if (token.kind === "punct" && token.text === "(") {
      const close = this.#close(from);
      const inner = this.#fold(from + 1, close, depth + 1);
      if (inner !== null) part = { ...inner, end: close + 1 };
    } else if (token.kind === "punct" && token.text === "[") {
      // ["a", "b"].join("") and [104, 105].pack("c*")
      const close = this.#close(from);
      const pieces: string[] = [];
      for (let at = from + 1; at < close;) {
        const stop = this.#argumentEnd(at, close);
        const piece =
          tokens[at]?.kind === "number" && stop === at + 1 ? { value: codeOf(tokens[at]?.text ?? "") } : this.#fold(at, stop, depth + 1);
        if (piece === null) return null;
        pieces.push(piece.value);
        at = stop + 1;
      }
      if (tokens[close + 1]?.text !== "." || !["join", "pack", "reverse"].includes(tokens[close + 2]?.text ?? "")) return null;
      part = { value: pieces.join(""), made: true, end: close + 1 };
    } else if (token.kind === "name") {
      const next = tokens[from + 1];
      const known = this.#names.get(token.text);
      if (known?.text != null && next?.text !== "(" && known.sources.size <= 1) part = { ...known.text, end: from + 1 };
      else part = this.#foldCall(from, depth);
    }
    if (part === null) return null;
    // .decode(), .toString(), [::-1], .split("").reverse().join("")
    let { value, made, end } = part;
    for (;;) {
      const dot = tokens[end];
      if (dot?.text === "[" && tokens[end + 1]?.text === "::" && tokens[end + 2]?.text === "-") {
        value = [...value].toReversed().join("");
        made = true;
        end = this.#close(end) + 1;
        continue;
      }
      const method = tokens[end + 1];
      if (dot?.text !== "." || method?.kind !== "name") break;
      const open = tokens[end + 2]?.text === "(" ? end + 2 : -1;
      const close = open === -1 ? end + 1 : this.#close(open);
      if (method.text === "reverse" || method.text === "reversed") value = [...value].toReversed().join("");
      else if (method.text === "replace" || method.text === "gsub" || method.text === "replaceAll") {
        const what = open === -1 ? null : this.#argument([open + 1, close], 0);
        const by = open === -1 ? null : this.#argument([open + 1, close], 1);
        if (what === null || by === null || what.value === "") return null;
        value = value.replaceAll(what.value, by.value);
      } else if (method.text === "join") {
        const list = open === -1 ? null : this.#joined(open + 1, close, depth);
        if (list !== null) value = list.join(value);
      } else if (method.text === "unpack1" || method.text === "unpack") value = decode64(value);
      else if (
        !/^(?:decode|encode|toString|to_s|strip|trim|split|lower|join|pack|freeze|to_owned|to_string|into|as_str|unpack|first|to_sym)$/.test(
          method.text,
        )
      )
        break;
      if (method.text !== "toString" && method.text !== "decode" && method.text !== "to_string" && method.text !== "freeze") made = true;
      end = close + 1;
    }
    return end > to ? null : { value, made, end };
  }

  /** `"".join(["a", "b"])`: the pieces. */
  #joined(from: number, to: number, depth: number): readonly string[] | null {
    if (!["[", "("].includes(this.#tokens[from]?.text ?? "")) return null;
    const close = this.#close(from);
    const pieces: string[] = [];
    for (let at = from + 1; at < Math.min(close, to);) {
      const stop = this.#argumentEnd(at, close);
      const piece = this.#fold(at, stop, depth + 1);
      if (piece === null) return null;
      pieces.push(piece.value);
      at = stop + 1;
    }
    return pieces;
  }

  /** Calls that make a text: decoders, `chr`, `String.fromCharCode`. */
  #foldCall(from: number, depth: number): (Folded & { readonly end: number }) | null {
    if (depth > MAX_FOLD) return null;
    const tokens = this.#tokens;
    const start = tokens[from]?.text === "new" ? from + 1 : from;
    let at = start + 1;
    let path = this.#names.get(tokens[start]?.text ?? "")?.path ?? "";
    if (path === "") path = tokens[start]?.text ?? "";
    while ((tokens[at]?.text === "." || tokens[at]?.text === "::") && tokens[at + 1]?.kind === "name") {
      path += `.${tokens[at + 1]?.text ?? ""}`;
      at += 2;
    }
    if (tokens[at]?.text !== "(") return null;
    path = this.#canonical(path);
    const close = this.#close(at);
    const first = (): Folded | null => this.#fold(at + 1, this.#argumentEnd(at + 1, close), depth + 1);
    const end = close + 1;
    if (/(?:^|\.)(?:chr|fromCharCode|fromCodePoint)$/.test(path)) {
      let value = "";
      for (let index = at + 1; index < close; index = this.#argumentEnd(index, close) + 1) {
        if (tokens[index]?.kind !== "number") return null;
        value += codeOf(tokens[index]?.text ?? "");
      }
      return { value, made: true, end };
    }
    const text = first();
    if (text === null) return null;
    if (/(?:b64decode|decode64|decodebytes|atob|urlsafe_b64decode|strict_decode64)$/.test(path))
      return { value: decode64(text.value), made: true, end };
    if (/(?:fromhex|unhexlify)$/.test(path))
      return { value: Buffer.from(text.value.replaceAll(/\s/g, ""), "hex").toString("utf8"), made: true, end };
    if (path === "Buffer.from") {
      const encoding = this.#fold(this.#argumentEnd(at + 1, close) + 1, close, depth + 1)?.value ?? "utf8";
      const value =
        encoding === "base64" || encoding === "base64url"
          ? decode64(text.value)
          : encoding === "hex"
            ? Buffer.from(text.value, "hex").toString("utf8")
            : text.value;
      return { value, made: encoding !== "utf8" && encoding !== "utf-8", end };
    }
    if (/(?:unescape|decodeURIComponent|unquote)$/.test(path)) return { value: percent(text.value), made: true, end };
    if (path === "codecs.decode") return { value: rot13(text.value), made: true, end };
    if (/^(?:str|bytes|String|bytearray)$/.test(path) || path === "String.from") return { ...text, end };
    return null;
  }
}

const codeOf = (number: string): string => {
  const value = Number(number.replaceAll("_", ""));
  return Number.isInteger(value) && value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : "";
};

const decode64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

const percent = (text: string): string =>
  text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const rot13 = (text: string): string =>
  text.replaceAll(/[a-zA-Z]/g, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });

/** One alphabet without gaps, and dense: what no sentence, path or list is. */
function isEncoded(text: string): boolean {
  const head = text.slice(0, 4_000);
  if (/^(?:data:|https?:)/.test(head)) return false;
  if (/^[0-9a-fA-F\s]+$/.test(head)) return bitsOf(head) > HEX_BITS;
  return (
    /^[A-Za-z0-9+/_=-]+\s*$/.test(head.replaceAll(/\s/g, "")) &&
    (head.match(/\s/g)?.length ?? 0) * 20 < head.length &&
    bitsOf(head) > ENCODED_BITS
  );
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
