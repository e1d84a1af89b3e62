/** Statements: what they assign, what they hand on, and what everything in them yields. */
import { gatherHosts } from "./files-gather.ts";
import { bitsOf } from "./hiding.ts";
import { chainAt, entryOf } from "./script-chains.ts";
import { decodedBy } from "./script-decode.ts";
import { noteHandle } from "./script-fetched.ts";
import { MAX_FOLDED, fold } from "./script-fold.ts";
import { isSentence, pathCapability } from "./script-sensitive.ts";
import type { Statement } from "./script-statements.ts";
import type { Token } from "./script-tokens.ts";
import { tell, yielding } from "./script-told.ts";
import { type Chain, type FileWalk, type Holding, MAX_STARS, type Source, type Sources } from "./script-walk.ts";

/** A text that long, that dense and without a gap is no sentence. Knowledge §3.1: 200 characters, 5.0 bits. */
export const ENCODED_FROM = 200;
const ENCODED_BITS = 4.6;
const HEX_BITS = 3.3;
/** Characters of a text in a codec that is not what the file is written in: below, it may be a mark in a protocol. */
const CODEC_FROM = 12;
/** Brackets within brackets that are followed: people write ten, and the stack ends. */
const MAX_NESTED = 300;

export function readStatement(file: FileWalk, statement: Statement): void {
  file.enter(statement);
  file.closes = closesOf(statement.tokens);
  const tokens = statement.tokens;
  if (
    file.dialect.imports(
      tokens,
      (name, path) => {
        if (name === "*") {
          if (file.stars.size < MAX_STARS) file.stars.add(path);
          return;
        }
        const bound = [file.holding(name)];
        // Within a function it is the function's own; elsewhere it means the same where nothing else is called so.
        const shared = file.shared(name);
        if (shared.path === "" && !shared.own) bound.push(shared);
        for (const holding of bound) {
          holding.path = path;
          holding.imported = true;
        }
      },
      (specifier, how, at) => {
        if (file.telling) file.gatherer.import({ specifier, how, typeOnly: false, spot: file.spot(at) });
        if (file.dialect.packers?.test(specifier) === true) hidePacked(file, specifier, at);
      },
    )
  )
    return;
  // What a declaration names is no call; what its arguments are by default is evaluated where it stands.
  const sources = rangeYields(file, declare(file, tokens), tokens.length);
  // A bound that is never reached (colors 1.4.44).
  if (
    tokens[0]?.text === "for" &&
    tokens.some(({ kind, text }, at) => kind === "name" && text === "Infinity" && /^(?:<|<=|!=)$/.test(tokens[at - 1]?.text ?? ""))
  )
    file.see("endless-loop", "Infinity", tokens[0].at, "for", false);
  for (const parameter of statement.parameters)
    for (const source of sources) if (source === "network" || source === "dns") file.holding(parameter).sources.add(source);
  assign(file, tokens, sources);
}

/**
 * `def name(a, b=1)`: what the function is given is known by it, and its names are its own. Returns where what the statement does begins.
 */
function declare(file: FileWalk, tokens: readonly Token[]): number {
  const { blocks } = file.dialect;
  let at = 0;
  while (blocks.modifiers.has(tokens[at]?.text ?? "")) at++;
  const word = tokens[at]?.kind === "name" ? (tokens[at]?.text ?? "") : "";
  if (word === "global" || word === "nonlocal")
    for (const { text } of tokens.slice(at + 1)) file.globals.add(`${file.statement.scope}\0${text}`);
  const name = tokens[at + 1];
  if (name?.kind !== "name" || blocks.blocks !== "indent") return 0;
  if (blocks.classes.has(word)) file.holding(name.text).own = true;
  if (word !== "def") return 0;
  // `def self.name`
  const method = name.text === "self" && tokens[at + 2]?.text === "." ? (tokens[at + 3] ?? name) : name;
  file.holding(method.text).own = true;
  const outer = file.statement.scope;
  const scope = outer === "" ? method.text : `${outer}.${method.text}`;
  const open = tokens.indexOf(method, at) + 1;
  const end = tokens[open]?.text === "(" ? file.close(open) : tokens.length;
  for (let index = open; index < end; index++) {
    const token = tokens[index];
    if (token?.kind === "punct" && "([{".includes(token.text) && index > open) index = file.close(index);
    const before = tokens[index - 1]?.text ?? "";
    if (token?.kind !== "name" || !(["(", ",", "*", "**", "&"].includes(before) || index === open)) continue;
    if (token.text === "self" || token.text === "cls") continue;
    const holding = file.local(scope, token.text);
    holding.own = true;
    holding.sources.add(`to ${method.text}`);
  }
  return open;
}

function hidePacked(file: FileWalk, name: string, at: number): void {
  if (file.telling) file.gatherer.hide("packed-content", `${name} unpacks what is run`, file.spot(at));
}

/** `a = …`, `a, b = …`, `for a in …`, `with … as a`, `return …`, `a.append(…)`. */
function assign(file: FileWalk, tokens: readonly Token[], sources: Sources): void {
  const first = tokens[0];
  if (first === undefined) return;
  if (first.kind === "name" && first.text === "return") {
    // What an object says that it is made of is called when it is read back (Python, pickle, `__reduce__`).
    if (/^__reduce(?:_ex)?__$/.test(file.statement.owner)) {
      const made = chainAt(file, tokens[1]?.text === "(" ? 2 : 1);
      const entry = entryOf(file, made.path);
      if (entry?.called === true && made.args === null) file.see(entry.capability, made.path, first.at, made.path, true);
    }
    // Whoever calls it is given it: by its name, or as a method.
    const { owner } = file.statement;
    if (owner === "" || sources.size === 0) return;
    for (const name of [owner, `self.${owner}`])
      for (const source of sources) if (!source.startsWith("to ")) file.shared(name).sources.add(source);
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
  if (first.text === "with" || (first.text === "async" && tokens[1]?.text === "with")) {
    const as = tokens.findIndex(({ kind, text }) => kind === "name" && text === "as");
    const handle = tokens[as + 1];
    if (as !== -1 && handle?.kind === "name") noteHandle(file, handle.text, chainAt(file, first.text === "with" ? 1 : 2));
    if (as !== -1)
      for (const { kind, text } of tokens.slice(as + 1))
        if (kind === "name") {
          file.taint(text, sources);
          file.holding(text).own = true;
        }
  }
  if (equals === -1) {
    // A method that is given something may keep it.
    if (
      sources.size > 0 &&
      first.kind === "name" &&
      tokens.some(({ text }) =>
        /^(?:append|push|add|update|extend|write|set|concat|unshift|insert|push_str|on|once|then|addListener)$/.test(text),
      )
    ) {
      const { sources: held } = heldAt(file, 0);
      for (const source of sources) held.add(source);
    }
    return;
  }
  const targets = targetsOf(tokens, equals, file.closes);
  for (const { name } of targets) file.taint(name, sources);
  for (const { name, plain } of targets) if (plain) file.holding(name).own = true;
  const [only, ...more] = targets;
  if (only === undefined || more.length > 0 || !only.plain || tokens[equals]?.text !== "=") {
    destructure(file, tokens, equals);
    return;
  }
  const from = equals + 1;
  const folded = fold(file, from, tokens.length, 0);
  const holding = file.holding(only.name);
  if (folded !== null) holding.text = folded;
  const chain = chainAt(file, from + (tokens[from]?.text === "await" || tokens[from]?.text === "new" ? 1 : 0));
  if (chain.path !== "" && chain.end >= tokens.length) noteHandle(file, only.name, chain);
  if (chain.path !== "" && chain.end >= tokens.length && !isOwnName(chain.path, only.name) && !chain.path.startsWith("(own)")) {
    holding.path = chain.args === null ? chain.path : `${chain.path}()`;
    holding.concealed ||= chain.concealed;
  } else destructure(file, tokens, equals);
}

interface Target {
  readonly name: string;
  /** The name itself is given the value, not a member or an element of what it holds. */
  readonly plain: boolean;
}

const noTarget = /^(?:const|let|var|my|our|local|for|await|async|global|export|static|pub|mut|this|self|cls)$/;

/** What stands before `=`: `a`, `a, b`, `a: int`, `a.b`, `a[c]`, `self.a`. */
function targetsOf(tokens: readonly Token[], equals: number, closes: Int32Array): readonly Target[] {
  const targets: Target[] = [];
  for (let at = 0; at < equals; at++) {
    const token = tokens[at];
    const next = tokens[at + 1]?.text ?? "";
    if (token?.kind === "punct") {
      // A type's name is given nothing.
      if (token.text === ":") break;
      if (token.text === "[" && tokens[at - 1]?.kind === "name") at = closes[at] ?? at;
      continue;
    }
    if (token?.kind !== "name") continue;
    const member = tokens[at + 2];
    if ((token.text === "self" || token.text === "cls") && next === "." && member?.kind === "name") {
      targets.push({ name: `self.${member.text}`, plain: ![".", "["].includes(tokens[at + 3]?.text ?? "") });
      at += 2;
    } else if (!noTarget.test(token.text) && tokens[at - 1]?.text !== ".")
      targets.push({ name: token.text, plain: next !== "." && next !== "[" });
  }
  return targets;
}

/** What the chain that begins there is known by: a name, or what an object holds. */
function heldAt(file: FileWalk, at: number): Holding {
  const name = file.tokens[at]?.text ?? "";
  const member = file.tokens[at + 2];
  if ((name === "self" || name === "cls") && file.tokens[at + 1]?.text === "." && member?.kind === "name")
    return file.shared(`self.${member.text}`);
  return file.look(name) ?? file.holding(name);
}

/** `const { exec: run } = require("child_process")` */
function destructure(file: FileWalk, tokens: readonly Token[], equals: number): void {
  const open = tokens.findIndex(({ text }, at) => text === "{" && at < equals);
  if (open === -1) return;
  const chain = chainAt(file, equals + 1);
  if (chain.path === "" || chain.end < tokens.length) return;
  for (let at = open + 1; at < equals; at++) {
    const member = tokens[at];
    if (member?.kind !== "name" && member?.kind !== "string") continue;
    const renamed = tokens[at + 1]?.text === ":" ? tokens[at + 2] : undefined;
    const holding = file.holding(renamed?.text ?? member.text);
    holding.path = file.canonical(`${chain.path}.${member.text}`);
    holding.concealed ||= chain.concealed;
    if (renamed !== undefined) at += 2;
  }
}

/** Goes through a range of tokens, tells what is there, and returns what it yields. */
function rangeYields(file: FileWalk, from: number, to: number): Set<Source> {
  const yields = new Set<Source>();
  if (file.depth >= MAX_NESTED) {
    file.tooDeep = true;
    return yields;
  }
  file.depth++;
  for (let at = from; at < to;) {
    const token = file.tokens[at];
    if (token === undefined) break;
    if (token.kind === "string") {
      seeCodec(file, at, to);
      seeString(file, token, yields);
      at++;
    } else if (token.kind === "name" && file.tokens[at - 1]?.text !== ".") {
      const chain = chainAt(file, at);
      if (token.disguised === true && file.telling)
        file.gatherer.hide("look-alike-characters", `${token.text} written with characters of another kind`, file.spot(token.at));
      if (token.text.includes("armor") && file.dialect.packers?.test(token.text) === true) hidePacked(file, token.text, token.at);
      // What its brackets hold is gone through once, and is what it is given.
      const given = rangeYields(file, headEnd(file, chain, at + 1), Math.min(chain.end, to));
      const held = chain.head === "self" || chain.head === "cls" ? heldAt(file, at) : file.look(chain.head);
      if (held !== undefined) for (const source of held.sources) yields.add(source);
      for (const source of given) yields.add(source);
      tell(file, chain, at, given, yields);
      at = Math.max(at + 1, Math.min(chain.end, to));
    } else at++;
  }
  file.depth--;
  return yields;
}

/** Where the first bracket of a chain opens: names before it are the chain's own. */
function headEnd(file: FileWalk, chain: Chain, at: number): number {
  let index = at;
  while (index < chain.end && !(file.tokens[index]?.kind === "punct" && "([".includes(file.tokens[index]?.text ?? ""))) index++;
  return index;
}

/** A text that could be read becomes so only through a codec that nobody writes in. */
function seeCodec(file: FileWalk, at: number, to: number): void {
  const [text, dot, method, open, codec] = file.tokens.slice(at, Math.min(at + 5, to));
  if (!file.telling || text === undefined || text.text.length < CODEC_FROM) return;
  if (dot?.text !== "." || method?.text !== "decode" || open?.text !== "(" || codec?.kind !== "string") return;
  const decoded = decodedBy(text.text, codec.text);
  if (decoded !== null && /^[ -~\s]+$/.test(decoded) && !/^[ -~\s]+$/.test(text.text))
    file.gatherer.hide("escaped-text", `${text.text.length} characters written in ${codec.text}`, file.spot(text.at));
}

function seeString(file: FileWalk, { text, at }: Token, yields: Set<Source>): void {
  const capability = pathCapability(text);
  if (capability !== null && !isSentence(text)) {
    file.see(capability, text, at, "path", false);
    if (yielding.has(capability)) yields.add(capability);
  }
  if (text.length >= ENCODED_FROM && isEncoded(text)) {
    yields.add("encoded-text");
    if (file.telling)
      file.gatherer.hide("encoded-text", `${text.length} characters, ${bitsOf(text.slice(0, 2_000)).toFixed(1)} bits each`, file.spot(at));
  }
  // Addresses in what documents a function are for people.
  const documents = file.documents && file.tokens.length === 1;
  if (file.telling && text.length < MAX_FOLDED && !documents) gatherHosts(text, file.gatherer, () => file.spot(at));
}

const isOwnName = (path: string, name: string): boolean => path === name || path.startsWith(`${name}.`);

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
