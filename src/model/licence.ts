/**
 * Licences as SPDX expressions (SPDX 3.0.1 annex B, SPDX 2.3 annex D). What a file says is read into a tree, deprecated ids are
 * mapped to what replaced them, and a name that the list does not have is kept as a `LicenseRef-` that is made from it and
 * reported: it is never dropped and never guessed to be something that it may not be.
 */
import { exceptionTable, licenceTable } from "./licence-list.ts";

export type LicenceNode =
  | { readonly kind: "licence"; readonly id: string; readonly orLater: boolean; readonly exception?: string }
  /** `LicenseRef-…`, with `DocumentRef-…:` before it where the text has one. */
  | { readonly kind: "ref"; readonly ref: string; readonly exception?: string }
  | { readonly kind: "and"; readonly parts: readonly LicenceNode[] }
  | { readonly kind: "or"; readonly parts: readonly LicenceNode[] };

export interface LicenceNote {
  readonly kind: "deprecated" | "unknown" | "interpreted";
  /** The words of the text that it is about. */
  readonly text: string;
  /** What they became. */
  readonly became: string;
}

export interface LicenceReading {
  /** As it was given. */
  readonly text: string;
  /** In normal form; `NONE` or `NOASSERTION` where the text says so; "" where the text is empty. */
  readonly expression: string;
  /** null for `NONE`, `NOASSERTION` and the empty text. */
  readonly node: LicenceNode | null;
  readonly notes: readonly LicenceNote[];
}

/** An expression longer than this is no expression; the longest in the wild (whole distributions) stay below. */
const MAX_LENGTH = 20_000;
/** Parentheses deeper than this are an attack on the parser's stack. */
const MAX_DEPTH = 200;

/** What the list says to use in place of its deprecated ids. Net-SNMP (a bundle of licences) and Nokia-Qt-exception-1.1 have no successor of equal meaning. */
const successors: Readonly<Record<string, string>> = {
  "AGPL-1.0": "AGPL-1.0-only",
  "AGPL-3.0": "AGPL-3.0-only",
  "BSD-2-Clause-FreeBSD": "BSD-2-Clause-Views",
  "BSD-2-Clause-NetBSD": "BSD-2-Clause",
  "bzip2-1.0.5": "bzip2-1.0.6",
  "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
  "GFDL-1.1": "GFDL-1.1-only",
  "GFDL-1.2": "GFDL-1.2-only",
  "GFDL-1.3": "GFDL-1.3-only",
  "GPL-1.0": "GPL-1.0-only",
  "GPL-1.0+": "GPL-1.0-or-later",
  "GPL-2.0": "GPL-2.0-only",
  "GPL-2.0+": "GPL-2.0-or-later",
  "GPL-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
  "GPL-2.0-with-bison-exception": "GPL-2.0-or-later WITH Bison-exception-2.2",
  "GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
  "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
  "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
  "GPL-3.0": "GPL-3.0-only",
  "GPL-3.0+": "GPL-3.0-or-later",
  "GPL-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
  "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
  "LGPL-2.0": "LGPL-2.0-only",
  "LGPL-2.0+": "LGPL-2.0-or-later",
  "LGPL-2.1": "LGPL-2.1-only",
  "LGPL-2.1+": "LGPL-2.1-or-later",
  "LGPL-3.0": "LGPL-3.0-only",
  "LGPL-3.0+": "LGPL-3.0-or-later",
  Nunit: "zlib-acknowledgement",
  "StandardML-NJ": "SMLNJ",
  wxWindows: "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
};

/** Names in wide use (Maven poms, Python classifiers, old package.json files) that mean exactly one licence. Keys as `plainName` makes them. */
const customary: Readonly<Record<string, string>> = {
  apache2: "Apache-2.0",
  apache20: "Apache-2.0",
  apachelicense2: "Apache-2.0",
  apachelicense20: "Apache-2.0",
  apachesoftwarelicense20: "Apache-2.0",
  apachelicenseversion20: "Apache-2.0",
  apachesoftwarelicenseversion20: "Apache-2.0",
  mitlicense: "MIT",
  mitx11: "MIT",
  expat: "MIT",
  isclicense: "ISC",
  newbsdlicense: "BSD-3-Clause",
  newbsd: "BSD-3-Clause",
  modifiedbsdlicense: "BSD-3-Clause",
  bsd3clauselicense: "BSD-3-Clause",
  bsd3: "BSD-3-Clause",
  simplifiedbsdlicense: "BSD-2-Clause",
  bsd2clauselicense: "BSD-2-Clause",
  bsd2: "BSD-2-Clause",
  mpl2: "MPL-2.0",
  mozillapubliclicense20mpl20: "MPL-2.0",
  mozillapubliclicenseversion20: "MPL-2.0",
  eclipsepubliclicensev20: "EPL-2.0",
  eclipsepubliclicensev10: "EPL-1.0",
  gplv2: "GPL-2.0-only",
  gplv3: "GPL-3.0-only",
  lgplv3: "LGPL-3.0-only",
  gnugplv3: "GPL-3.0-only",
  cc0: "CC0-1.0",
  unlicense: "Unlicense",
};

interface Lists {
  readonly licences: ReadonlyMap<string, string>;
  readonly exceptions: ReadonlyMap<string, string>;
}

let made: Lists | undefined;

/** Ids by lower-case id; built at the first use, since most runs never ask. */
function lists(): Lists {
  if (made !== undefined) return made;
  const licences = new Map<string, string>();
  for (const line of licenceTable.trim().split("\n")) {
    const id = line.slice(0, line.indexOf("\t"));
    licences.set(id.toLowerCase(), id);
  }
  const exceptions = new Map<string, string>();
  for (const id of exceptionTable.trim().split("\n")) exceptions.set(id.toLowerCase(), id);
  made = { licences, exceptions };
  return made;
}

let madeNames: ReadonlyMap<string, string> | undefined;

/** Ids by plain name; only texts that are no expression need it. */
function idsByName(): ReadonlyMap<string, string> {
  if (madeNames !== undefined) return madeNames;
  const names = new Map<string, string>(Object.entries(customary));
  for (const line of licenceTable.trim().split("\n")) {
    const tab = line.indexOf("\t");
    const plain = plainName(line.slice(tab + 1));
    // Some names stand for an id and for its deprecated twin: the one in force wins.
    if (!names.has(plain) || successors[names.get(plain) ?? ""] !== undefined) names.set(plain, line.slice(0, tab));
  }
  madeNames = names;
  return madeNames;
}

/** Letters and digits only, without a leading "the": how two spellings of one name are compared. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^the\s+/u, "")
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

/** The id as the SPDX list writes it, or undefined where the list does not have it (case does not matter). */
export function licenceId(text: string): string | undefined {
  return lists().licences.get(text.toLowerCase());
}

/** True for an id that the list keeps only for old documents. */
export function isDeprecatedLicence(id: string): boolean {
  return id in successors || id === "Net-SNMP";
}

interface Failure {
  readonly failed: true;
  /** Index into the text. */
  readonly at: number;
  readonly message: string;
}

type Token = { readonly text: string; readonly at: number };

/**
 * Reads a text strictly by the grammar of SPDX expressions; ids may be in any case, operators in upper or lower case.
 * Returns the tree, or where and why it is none (an unknown id is such a reason, unless `unknownIds` takes it).
 */
export function parseLicence(text: string, unknownIds?: (id: string) => LicenceNode): LicenceNode | Failure {
  if (text.length > MAX_LENGTH) return { failed: true, at: MAX_LENGTH, message: `longer than ${MAX_LENGTH} characters` };
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[()]|[^\s()]+/gu)) tokens.push({ text: match[0], at: match.index });
  let next = 0;
  const fail = (message: string): Failure => ({ failed: true, at: tokens[next]?.at ?? text.length, message });
  const isOperator = (token: Token | undefined, word: string): boolean =>
    token !== undefined && (token.text === word || token.text === word.toLowerCase());

  const chain = (word: "OR" | "AND", depth: number): LicenceNode | Failure => {
    const inner = (): LicenceNode | Failure => (word === "OR" ? chain("AND", depth) : simple(depth));
    const kind = word === "OR" ? "or" : "and";
    const parts: LicenceNode[] = [];
    for (;;) {
      const part = inner();
      if ("failed" in part) return part;
      if (part.kind === kind) parts.push(...part.parts);
      else parts.push(part);
      if (!isOperator(tokens[next], word)) break;
      next += 1;
    }
    return parts.length === 1 ? (parts[0] as LicenceNode) : { kind, parts };
  };

  const simple = (depth: number): LicenceNode | Failure => {
    const token = tokens[next];
    if (token === undefined) return fail("a licence is missing at the end");
    if (token.text === "(") {
      if (depth >= MAX_DEPTH) return fail(`nested deeper than ${MAX_DEPTH}`);
      next += 1;
      const inner = chain("OR", depth + 1);
      if ("failed" in inner) return inner;
      if (tokens[next]?.text !== ")") return fail("a closing parenthesis is missing");
      next += 1;
      return inner;
    }
    if (token.text === ")" || ["AND", "OR", "WITH"].some((word) => isOperator(token, word))) {
      return fail(`a licence is expected before “${token.text}”`);
    }
    const base = atom(token.text, unknownIds);
    if (base === undefined) return fail(`“${token.text}” is not on the SPDX licence list`);
    next += 1;
    if (!isOperator(tokens[next], "WITH")) return base;
    next += 1;
    const named = tokens[next]?.text ?? "";
    const exception = /^(?:DocumentRef-[\w.-]+:)?AdditionRef-[\w.-]+$/u.test(named) ? named : lists().exceptions.get(named.toLowerCase());
    if (exception === undefined) return fail(named === "" ? "an exception is missing at the end" : `“${named}” is not an SPDX exception`);
    if (base.kind === "and" || base.kind === "or" || base.exception !== undefined) return fail("only one licence can be WITH an exception");
    next += 1;
    return { ...base, exception };
  };

  if (tokens.length === 0) return fail("empty");
  const tree = chain("OR", 0);
  if ("failed" in tree) return tree;
  return next < tokens.length ? fail(`“${tokens[next]?.text}” is not expected here`) : tree;
}

function atom(word: string, unknownIds: ((id: string) => LicenceNode) | undefined): LicenceNode | undefined {
  if (/^(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+$/u.test(word)) return { kind: "ref", ref: word };
  const whole = licenceId(word);
  if (whole !== undefined) return { kind: "licence", id: whole, orLater: false };
  if (word.endsWith("+")) {
    const id = licenceId(word.slice(0, -1));
    if (id !== undefined) return { kind: "licence", id, orLater: true };
  }
  return unknownIds?.(word);
}

/** Writes the tree in normal form: operators in upper case, parentheses only where `OR` stands inside `AND`. */
export function formatLicence(node: LicenceNode): string {
  if (node.kind === "and" || node.kind === "or") {
    return node.parts
      .map((part) => (part.kind === "or" && node.kind === "and" ? `(${formatLicence(part)})` : formatLicence(part)))
      .join(node.kind === "and" ? " AND " : " OR ");
  }
  const base = node.kind === "ref" ? node.ref : `${node.id}${node.orLater ? "+" : ""}`;
  return node.exception === undefined ? base : `${base} WITH ${node.exception}`;
}

/** Maps deprecated ids in a tree to their successors and reports each. */
function modernise(node: LicenceNode, notes: LicenceNote[]): LicenceNode {
  if (node.kind === "and" || node.kind === "or") return { kind: node.kind, parts: node.parts.map((part) => modernise(part, notes)) };
  if (node.kind === "ref") return node;
  const successor = successors[node.id];
  const later = /^(.*)-(?:only|or-later)$/u.exec(successor ?? node.id)?.[1];
  let next: LicenceNode = node;
  if (node.orLater && later !== undefined && licenceId(`${later}-or-later`) !== undefined) {
    next = { kind: "licence", id: `${later}-or-later`, orLater: false, ...(node.exception !== undefined && { exception: node.exception }) };
  } else if (successor !== undefined) {
    const tree = parseLicence(successor);
    // `GPL-2.0-with-… WITH …` would hold two exceptions: left as it stands.
    if ("failed" in tree || tree.kind !== "licence" || (tree.exception !== undefined && node.exception !== undefined)) return node;
    next = {
      kind: "licence",
      id: tree.id,
      orLater: node.orLater,
      ...(tree.exception !== undefined && { exception: tree.exception }),
      ...(node.exception !== undefined && { exception: node.exception }),
    };
  }
  if (next !== node && node.id !== next.id) notes.push({ kind: "deprecated", text: formatLicence(node), became: formatLicence(next) });
  return next;
}

/** A `LicenseRef-` made from a name: only letters, digits, dots and hyphens may stand in it. */
export function licenceRef(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9.]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 100);
  return `LicenseRef-${slug === "" ? "unnamed" : slug}`;
}

/**
 * Reads what a package or document says about its licence, in whatever words, into a normal SPDX expression.
 * Full names of the list and customary names become ids; `A/B` (Cargo's old form) becomes `A OR B`; ids that nobody knows become
 * `LicenseRef-…`. Each such step is in `notes`.
 */
export function readLicence(given: string): LicenceReading {
  const text = given.trim();
  if (text === "" || text === "NONE" || text === "NOASSERTION") return { text: given, expression: text, node: null, notes: [] };
  const done = (node: LicenceNode, notes: LicenceNote[]): LicenceReading => {
    const modern = modernise(node, notes);
    return { text: given, expression: formatLicence(modern), node: modern, notes };
  };
  const strict = parseLicence(text);
  if (!("failed" in strict)) return done(strict, []);

  const named = idsByName().get(plainName(text));
  if (named !== undefined) {
    const node = parseLicence(named);
    if (!("failed" in node)) return done(node, [{ kind: "interpreted", text, became: named }]);
  }
  if (/^[^/\s]+(?:\s*\/\s*[^/\s]+)+$/u.test(text)) {
    const slashed = parseLicence(text.split("/").join(" OR "));
    if (!("failed" in slashed)) return done(slashed, [{ kind: "interpreted", text, became: formatLicence(slashed) }]);
  }
  // An expression by its form, with ids that are on no list: each of them is kept under its own name.
  if (/\b(?:AND|OR|WITH)\b|^\(/u.test(text)) {
    const notes: LicenceNote[] = [];
    const lenient = parseLicence(text, (id) => {
      const ref = licenceRef(id);
      notes.push({ kind: "unknown", text: id, became: ref });
      return { kind: "ref", ref };
    });
    if (!("failed" in lenient)) return done(lenient, notes);
  }
  const ref = licenceRef(text);
  return done({ kind: "ref", ref }, [{ kind: "unknown", text, became: ref }]);
}

/** All ids and refs that a tree names, each once, in order of appearance. */
export function licenceAtoms(node: LicenceNode): readonly string[] {
  if (node.kind === "and" || node.kind === "or") return [...new Set(node.parts.flatMap(licenceAtoms))];
  return [node.kind === "ref" ? node.ref : node.id];
}

let allIds: ReadonlySet<string> | undefined;

/** Every id of the list, licences and exceptions: what schemas call an SPDX id. */
export function licenceIds(): ReadonlySet<string> {
  allIds ??= new Set([...lists().licences.values(), ...lists().exceptions.values()]);
  return allIds;
}
