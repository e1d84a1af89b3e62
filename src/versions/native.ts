/**
 * From an ecosystem's own range to VERS. It follows the VERS tests, which cut a range into constraints and sort them; they do not keep
 * all that the range meant to its own package manager (`>=2.2.x` ends below 2.3.0, `~0.8.0-pre` is cut at 0.8.1). For the question
 * "would the package manager take this version?" there is `satisfies`, which never goes through VERS.
 */
import { Fault } from "../model/index.ts";
import { type Comparator, type Constraint, type Vers, versFrom } from "./vers.ts";

/** Longest range that is read; real ones stay below 10 kB. */
const MAX_LENGTH = 65_536;

function invalid(scheme: string, range: string): Fault<"vers/invalid"> {
  const shown = range.length > 120 ? `${range.slice(0, 120)}…` : range;
  return new Fault("vers/invalid", `not a range of ${scheme}: ${JSON.stringify(shown)}`);
}

const constraint = (comparator: Comparator, version: string): Constraint => ({ comparator, version });

/** `>=`, `<`, `=` … and a version, with white space between them. */
const COMPARED = /(>=|<=|==|!=|=|<|>)?\s*([^\s,|<>=!~^]+)/y;

function compared(text: string, fill: (version: string) => string): readonly Constraint[] | null {
  const found: Constraint[] = [];
  const trimmed = text.trim();
  let at = 0;
  while (at < trimmed.length) {
    COMPARED.lastIndex = at;
    const match = COMPARED.exec(trimmed);
    if (match === null) return null;
    const sign = match[1] === undefined || match[1] === "==" ? "=" : (match[1] as Comparator);
    found.push(constraint(sign, fill(match[2] ?? "")));
    at = COMPARED.lastIndex;
    while (at < trimmed.length && /[\s,]/.test(trimmed[at] ?? "")) at += 1;
  }
  return found;
}

interface Numbers {
  readonly numbers: readonly number[];
  /** From the dash on, or "". */
  readonly rest: string;
}

const NUMBERS = /^[vV=]?(\d+(?:\.\d+)*)(.*)$/s;

function numbersOf(version: string): Numbers | null {
  const match = NUMBERS.exec(version.trim());
  return match === null ? null : { numbers: (match[1] ?? "").split(".").map(Number), rest: match[2] ?? "" };
}

/** The numbers up to `index`, that one raised, the others gone. */
const raised = (numbers: readonly number[], index: number): number[] => [...numbers.slice(0, index), (numbers[index] ?? 0) + 1];

const three = (numbers: readonly number[]): string => [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0].join(".");

/** The version as npm would complete it: `1.1` is `1.1.0`. */
function npmVersion(version: string): string {
  const parsed = numbersOf(version);
  return parsed === null || parsed.numbers.length >= 3 ? version.replace(/^v/, "") : three(parsed.numbers) + parsed.rest;
}

const WILD = /^(?:[<>]=?|=)?\s*v?((?:\d+\.)*)[xX*](?:\.[xX*])*$/;
const HYPHEN = /^(\S+)\s+-\s+(\S+)$/;

function npmBlock(block: string): readonly Constraint[] | null {
  const text = block.trim();
  if (text === "" || text === "*" || text === "x") return [constraint("*", "")];
  const hyphen = HYPHEN.exec(text);
  if (hyphen !== null) return [constraint(">=", npmVersion(hyphen[1] ?? "")), constraint("<=", npmVersion(hyphen[2] ?? ""))];
  const found: Constraint[] = [];
  for (const token of text.replaceAll(/(>=|<=|[<>=~^])\s+/g, "$1").split(/\s+/)) {
    const wild = WILD.exec(token);
    if (wild !== null) {
      const numbers = (wild[1] ?? "")
        .split(".")
        .filter((digits) => digits !== "")
        .map(Number);
      if (numbers.length === 0) return [constraint("*", "")];
      found.push(constraint(">=", three(numbers)), constraint("<", three(raised(numbers, numbers.length - 1))));
      continue;
    }
    const more = token.startsWith("^")
      ? caret(token.slice(1))
      : token.startsWith("~")
        ? tilde(token.replace(/^~>?/, ""))
        : compared(token, npmVersion);
    if (more === null) return null;
    found.push(...more);
  }
  return found;
}

/** Up to the next change of the first number that is not zero. */
function caret(version: string): readonly Constraint[] | null {
  const parsed = numbersOf(version);
  if (parsed === null) return null;
  const first = parsed.numbers.findIndex((number) => number !== 0);
  return [
    constraint(">=", npmVersion(version)),
    constraint("<", three(raised(parsed.numbers, first < 0 ? parsed.numbers.length - 1 : first))),
  ];
}

function tilde(version: string): readonly Constraint[] | null {
  const parsed = numbersOf(version);
  if (parsed === null) return null;
  const { numbers, rest } = parsed;
  const lower = npmVersion(version);
  // The VERS tests keep a prerelease and its release apart here (see above).
  if (rest.startsWith("-") && (numbers[2] ?? 0) === 0) {
    const release = three(numbers);
    return [
      constraint(">=", lower),
      constraint("<", release),
      constraint(">=", release),
      constraint("<", three(raised([numbers[0] ?? 0, numbers[1] ?? 0, 0], 2))),
    ];
  }
  return [constraint(">=", lower), constraint("<", three(raised(numbers, Math.min(1, numbers.length - 1))))];
}

function npm(range: string): readonly Constraint[] | null {
  const blocks = range.split("||").map(npmBlock);
  if (blocks.includes(null)) return null;
  const all = blocks.flatMap((block) => block ?? []);
  return all.some(({ comparator }) => comparator === "*") ? [constraint("*", "")] : all;
}

/** Conan: like npm, but versions stay as they were written, and upper ends exclude prereleases with a bare dash. */
function conan(range: string): readonly Constraint[] | null {
  const found: Constraint[] = [];
  const [ranges = ""] = range.split(/,\s*include_prerelease/);
  if (ranges.trim() === "") return [];
  for (const block of ranges.split("||")) {
    for (const token of block
      .trim()
      .replaceAll(/(>=|<=|[<>=~^])\s+/g, "$1")
      .split(/\s+/)) {
      if (token === "") continue;
      if (token === "*" || token === "*-") found.push(constraint(">=", "0.0.0"));
      else {
        const prefix = token[0] === "^" || token[0] === "~" ? token[0] : "";
        const more = prefix === "" ? compared(token, withoutBareDash) : conanUpTo(prefix, withoutBareDash(token.slice(1)));
        if (more === null) return null;
        found.push(...more);
      }
    }
  }
  return found;
}

/** `1-` asks for prereleases as well; VERS has no such switch. */
const withoutBareDash = (version: string): string => version.replace(/-$/, "");

function conanUpTo(prefix: string, version: string): readonly Constraint[] | null {
  const parsed = numbersOf(version);
  if (parsed === null) return null;
  const { numbers } = parsed;
  const first = numbers.findIndex((number) => number !== 0);
  const index = prefix === "^" ? (first < 0 ? numbers.length - 1 : first) : Math.min(1, numbers.length - 1);
  return [constraint(">=", version), constraint("<", `${raised(numbers, index).join(".")}-`)];
}

/** `~>2.0.8`: the last number may grow. */
function gem(range: string): readonly Constraint[] | null {
  const found: Constraint[] = [];
  for (const piece of range.split(",")) {
    const pessimistic = /^\s*~>\s*(\S+)\s*$/.exec(piece);
    if (pessimistic === null) {
      const more = compared(piece, (version) => version);
      if (more === null) return null;
      found.push(...more);
      continue;
    }
    const version = pessimistic[1] ?? "";
    const parsed = numbersOf(version);
    if (parsed === null) return null;
    found.push(constraint(">=", version), constraint("<", raised(parsed.numbers, Math.max(0, parsed.numbers.length - 2)).join(".")));
  }
  return found;
}

/** PEP 440 specifiers. */
function pypi(range: string): readonly Constraint[] | null {
  const found: Constraint[] = [];
  for (const piece of range.split(",")) {
    const text = piece.trim();
    const prefix = /^(==|!=)\s*(\d+(?:\.\d+)*)\.\*$/.exec(text);
    const compatible = /^~=\s*(\S+)$/.exec(text);
    if (prefix !== null) {
      const numbers = (prefix[2] ?? "").split(".").map(Number);
      const upper = raised(numbers, numbers.length - 1).join(".");
      const lower = prefix[2] ?? "";
      found.push(
        ...(prefix[1] === "==" ? [constraint(">=", lower), constraint("<", upper)] : [constraint("<", lower), constraint(">=", upper)]),
      );
    } else if (compatible !== null) {
      const parsed = numbersOf(compatible[1] ?? "");
      if (parsed === null || parsed.numbers.length < 2) return null;
      found.push(constraint(">=", compatible[1] ?? ""), constraint("<", raised(parsed.numbers, parsed.numbers.length - 2).join(".")));
    } else {
      const more = compared(text.replace(/^===/, "=="), (version) => version);
      if (more === null) return null;
      found.push(...more);
    }
  }
  return found;
}

/** Mathematical intervals of NuGet and Maven: `[1.0,2.0)`, `(,1.0]`, `[1.0]`; a bare version is NuGet's minimum. */
function intervals(range: string, bare: Comparator): readonly Constraint[] | null {
  const text = range.trim();
  if (/^[^[\](),\s]+$/.test(text)) return [constraint(bare, text)];
  const found: Constraint[] = [];
  let at = 0;
  const interval = /\s*(?:,\s*)?([[(])([^[\](),]*)(?:,([^[\](),]*))?([\])])\s*/y;
  while (at < text.length) {
    interval.lastIndex = at;
    const match = interval.exec(text);
    if (match === null) return null;
    at = interval.lastIndex;
    const lower = (match[2] ?? "").trim();
    const upper = match[3]?.trim();
    if (upper === undefined) {
      if (lower === "" || match[1] !== "[" || match[4] !== "]") return null;
      found.push(constraint("=", lower));
      continue;
    }
    if (lower === "" && upper === "") return [constraint("*", "")];
    if (lower !== "") found.push(constraint(match[1] === "[" ? ">=" : ">", lower));
    if (upper !== "") found.push(constraint(match[4] === "]" ? "<=" : "<", upper));
  }
  return found;
}

/** OpenSSL's advisories list versions. */
const listed = (range: string): readonly Constraint[] => {
  const versions = range.split(",").map((version) => version.trim());
  return [...new Set(versions)].filter((version) => version !== "").map((version) => constraint("=", version));
};

/** nginx's advisories: `1.5.0+`, `0.7.52-0.8.39`. An even second number is a stable branch, which ends with it. */
function nginx(range: string): readonly Constraint[] | null {
  const found: Constraint[] = [];
  for (const piece of range.split(",")) {
    const text = piece.trim();
    if (text === "all") return [constraint("*", "")];
    if (text === "none") return [];
    const span = /^(\d[\d.]*)-(\d[\d.]*)$/.exec(text);
    if (span !== null) found.push(constraint(">=", span[1] ?? ""), constraint("<=", span[2] ?? ""));
    else if (text.endsWith("+")) {
      const parsed = numbersOf(text.slice(0, -1));
      if (parsed === null) return null;
      found.push(constraint(">=", text.slice(0, -1)));
      if ((parsed.numbers[1] ?? 0) % 2 === 0) found.push(constraint("<", three(raised(parsed.numbers, 1))));
    } else if (/^\d[\w.-]*$/.test(text)) found.push(constraint("=", text));
    else return null;
  }
  return found;
}

/** `>= 1.0, << 2.0`: comparators as Debian, RPM, Alpine and Arch write them. */
const packaged = (range: string): readonly Constraint[] | null =>
  compared(range.replaceAll("<<", "<").replaceAll(">>", ">"), (version) => version);

const readers: ReadonlyMap<string, (range: string) => readonly Constraint[] | null> = new Map([
  ["npm", npm],
  ["conan", conan],
  ["gem", gem],
  ["pypi", pypi],
  ["nuget", (range) => intervals(range, ">=")],
  ["maven", (range) => intervals(range, "=")],
  ["openssl", listed],
  ["nginx", nginx],
  ["deb", packaged],
  ["rpm", packaged],
  ["apk", packaged],
  ["alpm", packaged],
]);

/**
 * The VERS range for an ecosystem's own notation, constraints ascending; an empty range gives no constraints.
 * Throws `vers/invalid` where the range is not in that notation, or where we have no reader for the scheme.
 */
export function versOf(scheme: string, nativeRange: string): Vers {
  const read = readers.get(scheme);
  if (read === undefined)
    throw new Fault("vers/invalid", `no reader for native ranges of ${JSON.stringify(scheme)}`, {
      hint: `There are: ${[...readers.keys()].join(", ")}`,
    });
  const constraints = nativeRange.length > MAX_LENGTH ? null : read(nativeRange);
  if (constraints === null) throw invalid(scheme, nativeRange);
  return versFrom(scheme, constraints);
}
