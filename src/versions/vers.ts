/**
 * VERS, the version range specifier (https://github.com/package-url/vers-spec, clause 5):
 *
 *     vers:npm/>=1.0.0|<2.0.0|2.4.1
 *
 * Constraints are signposts along the line of versions, in the order of the scheme. The pipes mean neither "and" nor "or": what lies
 * between a ">" and the "<" after it is in the range.
 */
import { Fault } from "../model/index.ts";
import { orderOfScheme } from "./ecosystems.ts";
import type { Order } from "./order.ts";

export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "*";

export interface Constraint {
  readonly comparator: Comparator;
  /** Decoded; "" with "*". */
  readonly version: string;
}

export interface Vers {
  /** Versioning scheme: mostly a purl type, and `semver`, `openssl`, `datetime` … */
  readonly scheme: string;
  readonly constraints: readonly Constraint[];
}

/** Real ranges have below a hundred constraints, VulnerableCode's longest some thousands. */
const MAX_CONSTRAINTS = 20_000;
/** So that a hostile range is refused before it is cut up. */
const MAX_LENGTH = 1_048_576;

const SCHEME = /^[a-z][a-z0-9.-]*$/;
const TRIPLET = /%(?![0-9A-Fa-f]{2})/;
/** What an encoded version may not hold as it is: everything but printable ASCII without the comparators, the pipe and "%". */
const ENCODE = /[^\x21-\x7E]|[><=!*|%]/gu;

function invalid(text: string, because: string): Fault<"vers/invalid"> {
  const shown = text.length > 160 ? `${text.slice(0, 160)}…` : text;
  return new Fault("vers/invalid", `not a version range: ${because}: ${JSON.stringify(shown)}`, {
    hint: "A version range looks like vers:npm/>=1.0.0|<2.0.0",
  });
}

const encodeVersion = (version: string): string => version.replaceAll(ENCODE, (character) => encodeEach(character));

function encodeEach(character: string): string {
  // encodeURIComponent leaves "!" and "*" as they are.
  if (character === "!") return "%21";
  if (character === "*") return "%2A";
  return encodeURIComponent(character.toWellFormed());
}

function decodeVersion(version: string, text: string): string {
  if (!version.includes("%")) return version;
  if (TRIPLET.test(version)) throw invalid(text, "a percent sign that begins no encoded character");
  try {
    return decodeURIComponent(version);
  } catch {
    throw invalid(text, "percent-encoding that is not UTF-8");
  }
}

function orderFor(scheme: string, text: string): Order {
  const order = orderOfScheme(scheme);
  if (order === null)
    throw new Fault(
      "version/unknown-ecosystem",
      `no version order is known for the VERS scheme ${JSON.stringify(scheme)}: ${text.slice(0, 160)}`,
    );
  return order;
}

/** The parts of the text, not yet in order; checks what holds for canonical and other ranges alike. */
function split(text: string): Vers {
  if (text.length > MAX_LENGTH) throw invalid(text, `longer than ${MAX_LENGTH} characters`);
  const colon = text.indexOf(":");
  if (colon < 0 || text.slice(0, colon) !== "vers") throw invalid(text, "it does not begin with vers:");
  const slash = text.indexOf("/", colon);
  if (slash < 0) throw invalid(text, "the slash after the scheme is missing");
  const scheme = text.slice(colon + 1, slash);
  if (!SCHEME.test(scheme) || scheme === "invalid") throw invalid(text, "the scheme is no lower-case name");
  const pieces = text.slice(slash + 1).split("|");
  if (pieces.length > MAX_CONSTRAINTS) throw invalid(text, `more than ${MAX_CONSTRAINTS} constraints`);
  return { scheme, constraints: pieces.map((piece) => readConstraint(piece, text)) };
}

function readConstraint(piece: string, text: string): Constraint {
  if (piece === "") throw invalid(text, "an empty constraint");
  if (piece === "*") return { comparator: "*", version: "" };
  const [sign = ""] = /^(?:>=|<=|!=|<|>)?/.exec(piece) ?? [];
  const encoded = piece.slice(sign.length);
  if (encoded === "") throw invalid(text, `the version after ${sign} is missing`);
  if (/[><=!*\s]/.test(encoded)) throw invalid(text, "a comparator or white space inside a version");
  return { comparator: sign === "" ? "=" : (sign as Comparator), version: decodeVersion(encoded, text) };
}

/** Schemes whose versions VERS itself defines; an ecosystem's versions are its own affair until they are compared. */
const ownSyntax: ReadonlySet<string> = new Set(["datetime", "intdot"]);

const isAll = ({ constraints }: Vers): boolean => constraints.length === 1 && constraints[0]?.comparator === "*";

/** Where two constraints name one version, what ends there comes before what begins there. */
const TIES: Readonly<Record<Comparator, number>> = { "<": 0, "<=": 1, "=": 2, "!=": 2, ">=": 3, ">": 4, "*": 5 };

function sorted(constraints: readonly Constraint[], order: Order): readonly Constraint[] {
  return constraints.toSorted((a, b) => order.compare(a.version, b.version) || TIES[a.comparator] - TIES[b.comparator]);
}

/** Reads a range in any order of its constraints, and puts them in order. */
function readAny(text: string): Vers {
  const vers = split(text);
  if (isAll(vers)) return vers;
  if (vers.constraints.some(({ comparator }) => comparator === "*")) throw invalid(text, "the asterisk stands alone");
  return { scheme: vers.scheme, constraints: sorted(vers.constraints, orderFor(vers.scheme, text)) };
}

/**
 * Reads a canonical range: constraints ascending, each version once, encoded as VERS wants it.
 * Throws `vers/invalid` for anything else, `version/invalid` for what is no version of the scheme and `version/unknown-ecosystem`
 * where we know no order for it.
 */
export function parseVers(text: string): Vers {
  const vers = split(text);
  if (formatVers(vers) !== text) throw invalid(text, "versions are not encoded in the canonical way");
  if (isAll(vers)) return vers;
  if (vers.constraints.some(({ comparator }) => comparator === "*")) throw invalid(text, "the asterisk stands alone");
  // A single version needs no order, so that a scheme which we do not know can be read at least.
  if (vers.constraints.length === 1 && !ownSyntax.has(vers.scheme)) return vers;
  const order = orderFor(vers.scheme, text);
  for (const [index, { version }] of vers.constraints.entries()) {
    const before = vers.constraints[index - 1];
    if (before === undefined) {
      if (ownSyntax.has(vers.scheme) && !order.valid(version)) throw invalid(text, `${version} is no version of ${vers.scheme}`);
      continue;
    }
    const step = order.compare(before.version, version);
    if (step > 0) throw invalid(text, "constraints are not in ascending order");
    if (step === 0) throw invalid(text, `the version ${version} stands there twice`);
  }
  return vers;
}

/** Writes a range as it is; `parseVers` reads it back where it is canonical. */
export function formatVers({ scheme, constraints }: Vers): string {
  const pieces = constraints.map(({ comparator, version }) =>
    comparator === "*" ? "*" : `${comparator === "=" ? "" : comparator}${encodeVersion(version)}`,
  );
  return `vers:${scheme}/${pieces.join("|")}`;
}

/**
 * The range in canonical spelling: constraints ascending, versions encoded and normalised. Constraints that say the same twice stay;
 * what a range means is not changed here. Throws as `parseVers` does, except for order and encoding.
 */
export function canonicalVers(text: string): string {
  const { scheme, constraints } = readAny(text);
  const normalised = constraints.map(({ comparator, version }) => ({ comparator, version: canonicalVersion(scheme, version) }));
  return formatVers({ scheme, constraints: normalised });
}

/** A range from constraints in any order. */
export function versFrom(scheme: string, constraints: readonly Constraint[]): Vers {
  if (constraints.length <= 1) return { scheme, constraints };
  return { scheme, constraints: sorted(constraints, orderFor(scheme, scheme)) };
}

/** A version as its scheme writes it; only NuGet's differs from what was given: its prerelease in lower case. */
export function canonicalVersion(scheme: string, version: string): string {
  if (scheme !== "nuget") return version;
  const plus = version.indexOf("+");
  return plus < 0 ? version.toLowerCase() : version.slice(0, plus).toLowerCase() + version.slice(plus);
}

/**
 * Whether the version is in the range (VERS, "Checking if a version is contained within a range"). Constraints may stand in any order
 * and may say things twice: of several ">" in a row the first counts, of several "<" the last. Throws as `canonicalVers` does.
 */
export function versContains(range: string | Vers, version: string): boolean {
  const vers = typeof range === "string" ? readAny(range) : range;
  if (isAll(vers)) return vers.scheme !== "none";
  const order = orderFor(vers.scheme, formatVersHead(vers));
  const signposts: Constraint[] = [];
  for (const constraint of typeof range === "string" ? vers.constraints : sorted(vers.constraints, order)) {
    const { comparator } = constraint;
    if (comparator === "=" || comparator === "!=" || comparator === "<=" || comparator === ">=") {
      if (order.compare(constraint.version, version) === 0) return comparator !== "!=";
    }
    if (comparator !== "=" && comparator !== "!=") signposts.push(constraint);
  }
  // Only exclusions: everything else is in.
  if (signposts.length === 0)
    return (
      vers.constraints.some(({ comparator }) => comparator === "!=") && vers.constraints.every(({ comparator }) => comparator === "!=")
    );
  return isBetween(signposts, version, order);
}

const formatVersHead = ({ scheme }: Vers): string => `vers:${scheme}`;
const opens = (constraint: Constraint | undefined): boolean => constraint?.comparator.startsWith(">") ?? false;
const closes = (constraint: Constraint | undefined): boolean => constraint?.comparator.startsWith("<") ?? false;

function isBetween(signposts: readonly Constraint[], version: string, order: Order): boolean {
  let before: Constraint | undefined;
  let at: Constraint | undefined;
  let after: Constraint | undefined;
  for (const signpost of signposts) {
    const step = order.compare(signpost.version, version);
    if (step < 0) before = signpost;
    else if (step === 0) at = signpost;
    else {
      after = signpost;
      break;
    }
  }
  if (at !== undefined) return opens(at) ? opens(before) : closes(after);
  return opens(before) || closes(after);
}
