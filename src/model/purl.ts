/**
 * Package URLs after ECMA-427 (https://github.com/package-url/purl-spec):
 *
 *     pkg:type/namespace/name@version?qualifiers#subpath
 *
 * A purl is the name under which everything else here knows a component, so two spellings of one component have to give the same
 * bytes: `formatPurl` is canonical, and `parsePurl` gives components that are normalised already.
 */
import { byCodeUnit } from "./canonical.ts";
import { Fault } from "./fault.ts";
import { type PurlParts, purlTypes } from "./purl-types.ts";

export interface Purl {
  /** Lower case. */
  readonly type: string;
  /** Segments joined by "/"; "" for none. */
  readonly namespace: string;
  readonly name: string;
  /** "" for none. */
  readonly version: string;
  /** By key, sorted; never with an empty value. */
  readonly qualifiers: Readonly<Record<string, string>>;
  /** Without slashes at its ends; "" for none. */
  readonly subpath: string;
}

/** What `formatPurl` takes: only type and name are needed. */
export interface PurlInput {
  readonly type: string;
  readonly namespace?: string | null;
  readonly name: string;
  readonly version?: string | null;
  readonly qualifiers?: Readonly<Record<string, string>> | null;
  readonly subpath?: string | null;
}

/** Longest text that is read as a purl. Real ones stay below 1 kB; the limit keeps a hostile file from costing memory many times over. */
const MAX_LENGTH = 65_536;

const TYPE = /^[a-z][a-z0-9.-]*$/;
const QUALIFIER_KEY = /^[a-z][a-z0-9._-]*$/;
/** Qualifiers that every type shares. Their keys are read in any case (the specification's tests for Maven ask for it); a type's own are not (those for gem and rpm). */
const COMMON_QUALIFIERS: ReadonlySet<string> = new Set(["repository_url", "download_url", "vcs_url", "file_name", "checksum"]);
/** What is never percent-encoded: the unreserved characters and the colon. */
const PLAIN = /^[A-Za-z0-9.\-_~:]*$/;
const LOWER_PLAIN = /^[a-z0-9.\-_~:]*$/;
const NO_QUALIFIERS: Readonly<Record<string, string>> = Object.freeze({});

const shown = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

function invalid(subject: string, because: string, cause?: unknown): Fault<"purl/invalid"> {
  return new Fault("purl/invalid", `not a package URL: ${because}: ${shown(subject)}`, {
    hint: "A package URL looks like pkg:npm/%40scope/name@1.2.3",
    ...(cause === undefined ? {} : { cause }),
  });
}

const encodeSpecial = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes one component or segment; throws a URIError on a lone surrogate. */
function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  return encodeURIComponent(text)
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/g, encodeSpecial);
}

function decode(text: string, whole: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid(whole, "a percent sign that does not begin an encoded UTF-8 character", cause);
  }
}

/** Segments of a namespace: empty ones do not count. */
const namespaceSegments = (text: string): string[] => text.split("/").filter((segment) => segment !== "");

/** Segments of a subpath: empty ones and those that would climb (".", "..") do not count (ECMA-427, subpath). */
const subpathSegments = (text: string): string[] =>
  text.split("/").filter((segment) => segment !== "" && segment !== "." && segment !== "..");

/** Applies the rules of the type, in place; throws where they are broken. */
function applyType(parts: PurlParts, whole: string): void {
  if (parts.type === "") throw invalid(whole, "the type is missing");
  if (!TYPE.test(parts.type)) throw invalid(whole, "a type is letters, digits, dots and dashes, a letter first");
  if (parts.name === "") throw invalid(whole, "the name is missing");
  const rule = purlTypes.get(parts.type);
  if (rule === undefined) return;
  if (rule.lower !== undefined) for (const key of rule.lower) parts[key] = parts[key].toLowerCase();
  rule.normalise?.(parts);
  if (rule.namespace === "prohibited" && parts.namespace !== "") throw invalid(whole, `the type ${parts.type} has no namespace`);
  if (rule.namespace === "required" && parts.namespace === "") throw invalid(whole, `the type ${parts.type} needs a namespace`);
  if (rule.qualifier !== undefined && !Object.hasOwn(parts.qualifiers, rule.qualifier))
    throw invalid(whole, `the type ${parts.type} needs the qualifier ${rule.qualifier}`);
  const refusal = rule.refuse?.(parts) ?? "";
  if (refusal !== "") throw invalid(whole, refusal);
}

function sortedQualifiers(entries: readonly (readonly [string, string])[], whole: string): Readonly<Record<string, string>> {
  const kept = entries.filter(([, value]) => value !== "");
  if (kept.length === 0) return NO_QUALIFIERS;
  const sorted = kept.toSorted(([a], [b]) => byCodeUnit(a, b));
  for (const [index, [key]] of sorted.entries()) {
    if (!QUALIFIER_KEY.test(key)) throw invalid(whole, "a qualifier's key is lower-case letters, digits, dots, dashes and underscores");
    if (index > 0 && sorted[index - 1]?.[0] === key) throw invalid(whole, `the qualifier ${key} stands there twice`);
  }
  // fromEntries defines properties and never assigns, so that a key `__proto__` stays a plain key.
  return Object.fromEntries(sorted);
}

function parse(text: string, lenient: boolean): Purl {
  if (text.length > MAX_LENGTH) throw invalid(text, `longer than ${MAX_LENGTH} characters`);
  let rest = text;
  let subpath = "";
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    // A decoded segment may hold a slash or be ".." in disguise, so the segments are looked at again after decoding.
    subpath = subpathSegments(
      subpathSegments(rest.slice(hash + 1))
        .map((segment) => decode(segment, text))
        .join("/"),
    ).join("/");
    rest = rest.slice(0, hash);
  }
  let qualifiers = NO_QUALIFIERS;
  const question = rest.indexOf("?");
  if (question >= 0) {
    const entries: [string, string][] = [];
    for (const pair of rest.slice(question + 1).split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const key = equals < 0 ? pair : pair.slice(0, equals);
      const lower = key.toLowerCase();
      entries.push([lenient || COMMON_QUALIFIERS.has(lower) ? lower : key, equals < 0 ? "" : decode(pair.slice(equals + 1), text)]);
    }
    qualifiers = sortedQualifiers(entries, text);
    rest = rest.slice(0, question);
  }
  if (rest.slice(0, 4).toLowerCase() !== "pkg:") throw invalid(text, "it does not begin with pkg:");
  rest = rest.slice(4).replace(/^\/+/, "");
  const slash = rest.indexOf("/");
  if (slash < 0) throw invalid(text, rest === "" ? "the type is missing" : "type or name is missing");
  const type = rest.slice(0, slash).toLowerCase();
  rest = rest.slice(slash + 1);
  let version = "";
  // The last "@" begins the version, unless it begins a segment that is not the last one: that is an npm scope which somebody
  // forgot to encode (pkg:npm/@babel/core).
  const at = rest.lastIndexOf("@");
  if (at >= 0 && !((at === 0 || rest[at - 1] === "/") && rest.includes("/", at))) {
    version = decode(rest.slice(at + 1), text);
    rest = rest.slice(0, at);
    if (rest === "" || rest.endsWith("/")) throw invalid(text, "the name is missing");
  }
  const segments = namespaceSegments(rest).map((segment) => decode(segment, text));
  const nameFrom = purlTypes.get(type)?.nameHoldsSlashes === true ? Math.min(1, segments.length - 1) : segments.length - 1;
  const name = segments.slice(nameFrom).join("/");
  const namespace = segments.slice(0, nameFrom).join("/");
  const parts: PurlParts = { type, namespace, name, version, qualifiers, subpath };
  applyType(parts, text);
  return parts;
}

/**
 * Reads a package URL into its normalised components (ECMA-427, "parse"). Components that are not there are "".
 * Throws `purl/invalid` where the text is none, or breaks a rule of its type.
 */
export function parsePurl(text: string): Purl {
  return parse(text, false);
}

/**
 * The canonical spelling of a package URL that somebody else wrote. It forgives what `parsePurl` does not: upper-case qualifier
 * keys (ECMA-427, "validate"). Throws `purl/invalid`.
 */
export function canonicalPurl(text: string): string {
  return formatPurl(parse(text, true));
}

const PLAIN_PATH = /^[A-Za-z0-9.\-_~:]+(?:\/[A-Za-z0-9.\-_~:]+)*$/;
const LOWER_PATH = /^[a-z0-9.\-_~:]+(?:\/[a-z0-9.\-_~:]+)*$/;
const NO_PATH = /^$/;

/** For types without rules of their own beyond case: namespaces and names that are canonical as they stand. */
const plainTypes: ReadonlyMap<string, { readonly name: RegExp; readonly namespace: RegExp }> = new Map([
  ["npm", { name: PLAIN, namespace: PLAIN_PATH }],
  ["maven", { name: PLAIN, namespace: PLAIN_PATH }],
  ["golang", { name: PLAIN, namespace: PLAIN_PATH }],
  ["cargo", { name: PLAIN, namespace: NO_PATH }],
  ["gem", { name: PLAIN, namespace: NO_PATH }],
  ["nuget", { name: PLAIN, namespace: NO_PATH }],
  ["cran", { name: PLAIN, namespace: NO_PATH }],
  ["composer", { name: LOWER_PLAIN, namespace: LOWER_PATH }],
  ["hex", { name: LOWER_PLAIN, namespace: LOWER_PATH }],
]);

/**
 * Writes the canonical package URL (ECMA-427, "build"): normalised by the rules of its type, qualifiers sorted, percent-encoded.
 * Throws `purl/invalid` where the components make none.
 */
export function formatPurl(input: PurlInput): string {
  const namespace = input.namespace ?? "";
  const version = input.version ?? "";
  const plain = plainTypes.get(input.type);
  // Nearly all components of nearly all lockfiles take this way out.
  if (plain !== undefined && input.name && !input.qualifiers && !input.subpath && plain.name.test(input.name) && PLAIN.test(version)) {
    const tail = version === "" ? input.name : `${input.name}@${version}`;
    if (namespace === "") return `pkg:${input.type}/${tail}`;
    if (input.type === "npm" && namespace[0] === "@" && PLAIN_PATH.test(namespace.slice(1)))
      return `pkg:npm/%40${namespace.slice(1)}/${tail}`;
    if (plain.namespace.test(namespace)) return `pkg:${input.type}/${namespace}/${tail}`;
  }
  return formatAny(input, namespace, version);
}

function formatAny(input: PurlInput, namespace: string, version: string): string {
  const description = `${input.type}/${namespace}/${input.name}@${version}`;
  const parts: PurlParts = {
    type: (input.type ?? "").toLowerCase(),
    namespace: namespaceSegments(namespace).join("/"),
    name: (input.name ?? "").replaceAll(/^\/+|\/+$/g, ""),
    version,
    qualifiers: input.qualifiers ? sortedQualifiers(Object.entries(input.qualifiers), description) : NO_QUALIFIERS,
    subpath: subpathSegments(input.subpath ?? "").join("/"),
  };
  if (
    description.length + parts.subpath.length > MAX_LENGTH ||
    Object.values(parts.qualifiers).reduce((sum, value) => sum + value.length, 0) > MAX_LENGTH
  )
    throw invalid(description, `longer than ${MAX_LENGTH} characters`);
  applyType(parts, description);
  try {
    let text = `pkg:${parts.type}/`;
    if (parts.namespace !== "") text += `${parts.namespace.split("/").map(encode).join("/")}/`;
    text += purlTypes.get(parts.type)?.nameHoldsSlashes === true ? parts.name.split("/").map(encode).join("/") : encode(parts.name);
    if (parts.version !== "") text += `@${encode(parts.version)}`;
    const pairs = Object.entries(parts.qualifiers).map(([key, value]) => `${key}=${encode(value)}`);
    if (pairs.length > 0) text += `?${pairs.join("&")}`;
    if (parts.subpath !== "") text += `#${parts.subpath.split("/").map(encode).join("/")}`;
    return text;
  } catch (cause) {
    if (cause instanceof URIError) throw invalid(description, "half of a surrogate pair", cause);
    throw cause;
  }
}
