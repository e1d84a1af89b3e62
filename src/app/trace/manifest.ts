/**
 * A package.json is the one file that packing itself may change: the version is filled in, `workspace:` ranges become versions, what only
 * developers need is taken out. Whatever decides what is installed or run must not change on the way.
 */

/** Filled in when packing, in the form that they then have; nothing acts on them but the version, which the bytes are held to elsewhere. */
const FILLED: Readonly<Record<string, RegExp>> = {
  version: /^\d{1,16}\.\d{1,16}\.\d{1,16}(?:[-+][\w.+-]{1,200})?$/,
  gitHead: /^[0-9a-f]{40,64}$/,
  readme: /^/,
  readmeFilename: /^/,
};
/** Whatever else a packer takes out may go, but these decide what is installed, loaded or run. */
const MUST_STAY: ReadonlySet<string> = new Set(
  [
    "name",
    "main",
    "module",
    "browser",
    "exports",
    "imports",
    "type",
    "types",
    "typings",
    "bin",
    "man",
    "directories",
    "engines",
    "os",
    "cpu",
    "libc",
  ]
    .concat([
      "dependencies",
      "optionalDependencies",
      "peerDependencies",
      "peerDependenciesMeta",
      "bundleDependencies",
      "bundledDependencies",
    ])
    .concat(["gypfile", "sideEffects"]),
);
const RANGES: ReadonlySet<string> = new Set(["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]);
/** Run by npm at install (https://docs.npmjs.com/cli/v11/using-npm/scripts#life-cycle-scripts): they may neither come nor go. */
const AT_INSTALL: ReadonlySet<string> = new Set(["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]);

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a packer changed, in words; or the members that no packer may change. */
export type ManifestChange =
  | { readonly kind: "packing"; readonly what: string }
  | { readonly kind: "other"; readonly members: readonly string[] };

/** Both are JSON texts. A text that is no JSON object is another manifest altogether. */
export function manifestChange(source: string, published: string): ManifestChange {
  const before = parse(source);
  const after = parse(published);
  if (before === null || after === null) return { kind: "other", members: ["the whole file"] };
  // A member that is there twice is one thing to one parser and another to the next; packers write none.
  if (isAmbiguous(published, after) && !isAmbiguous(source, before))
    return { kind: "other", members: ["how it is written: parsers may differ"] };
  const publishConfig = isObject(before["publishConfig"]) ? before["publishConfig"] : {};
  const changed: string[] = [];
  const refused: string[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = own(before, key);
    const is = own(after, key);
    if (same(was, is)) continue;
    const fine =
      (Object.hasOwn(FILLED, key) && typeof is === "string" && FILLED[key]?.test(is) === true) ||
      same(own(publishConfig, key), is) ||
      (is === undefined && !MUST_STAY.has(key) && (key !== "scripts" || scriptsFine(was, {}))) ||
      (key === "scripts" && scriptsFine(was, is)) ||
      (RANGES.has(key) && rangesFine(was, is));
    (fine ? changed : refused).push(key);
  }
  if (refused.length > 0) return { kind: "other", members: refused.toSorted() };
  return { kind: "packing", what: changed.length === 0 ? "white space and order" : changed.toSorted().join(", ") };
}

function parse(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The text says more, without its white space, than what was read of it: a member twice, or letters spelt as numbers. */
const isAmbiguous = (text: string, value: Fields): boolean =>
  text.replace(/^\ufeff/, "").replaceAll(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, "$1") !== JSON.stringify(value);

const own = (value: Fields, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

/** Scripts may go, none may come or change, and those that run at install stay as they are. */
function scriptsFine(was: unknown, is: unknown): boolean {
  const before = isObject(was) ? was : {};
  const after = isObject(is) ? is : {};
  if (Object.keys(after).some((name) => !same(own(before, name), after[name]))) return false;
  return Object.keys(before).every((name) => !AT_INSTALL.has(name) || Object.hasOwn(after, name) || name.endsWith("prepare"));
}

/** Only ranges of the workspace's own protocols are replaced, by ordinary ones; nothing comes and nothing goes. */
function rangesFine(was: unknown, is: unknown): boolean {
  if (!isObject(was) || !isObject(is)) return false;
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].every((name) => {
    const before = own(was, name);
    const after = own(is, name);
    if (same(before, after)) return true;
    return (
      typeof before === "string" && /^(?:workspace|catalog):/.test(before) && typeof after === "string" && /^[\^~]?\d[\w.+-]*$/.test(after)
    );
  });
}

/** Deep; the order of members counts, because it decides in `exports`. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
