/**
 * The keys under which pnpm keeps packages, which changed with nearly every format:
 *
 *     5   /foo/1.0.0   /@s/foo/1.0.0_react@18.2.0   registry.example/foo/1.0.0   github.com/owner/repo/<commit>   file:../foo
 *     6   /foo@1.0.0   /@s/foo@1.0.0(react@18.2.0)  registry.example/foo@1.0.0   github.com/owner/repo/<commit>   file:../foo
 *     9   foo@1.0.0    @s/foo@1.0.0(react@18.2.0)   foo@https://…                foo@file:../foo                  node@runtime:24.0.0
 */
export interface DependencyPath {
  readonly name: string;
  /** "" where the file gives none. */
  readonly version: string;
  /** The address in the key, "" for what comes from a registry. */
  readonly from: string;
  /** A runtime (Node itself, Deno, Bun) rather than a package of npm. */
  readonly runtime: boolean;
}

const VERSION = /^\d+\.\d+\.\d+(?:[-+].*)?$/;

/**
 * Reads a key of `packages` or `snapshots`.
 * @param name and `version`: what the entry itself states; they stand above what the key says, as pnpm has it
 * @returns null where neither the key nor the entry gives a name
 */
export function readDependencyPath(major: number, key: string, name: string, version: string): DependencyPath | null {
  const bare = major >= 6 ? withoutBrackets(key) : key;
  const parsed = major >= 9 ? parseNine(bare) : bare.startsWith("file:") ? { name: "", version: "", from: bare } : parseOlder(major, bare);
  const finalName = name === "" ? (parsed?.name ?? "") : name;
  if (finalName === "") return null;
  const from = parsed === null ? addressOf(bare) : parsed.from;
  const runtime = from.startsWith("runtime:");
  return { name: finalName, version: version || (parsed?.version ?? "") || (runtime ? from.slice(8) : ""), from, runtime };
}

const withoutBrackets = (key: string): string => {
  const open = key.indexOf("(");
  return open === -1 ? key : key.slice(0, open);
};

/** What a key that is no path of a registry stands for: an address without its scheme. */
const addressOf = (key: string): string => (/^[a-z+]+:/.test(key) ? key : `https://${key.replace(/^@/, "")}`);

interface Parsed {
  readonly name: string;
  readonly version: string;
  readonly from: string;
}

function parseNine(key: string): Parsed | null {
  const at = key.indexOf("@", 1);
  if (at === -1) return null;
  const name = key.slice(0, at);
  const rest = key.slice(at + 1);
  if (name === "" || rest === "") return null;
  return VERSION.test(rest) ? { name, version: rest, from: "" } : { name, version: "", from: rest };
}

function parseOlder(major: number, key: string): Parsed | null {
  // After the registry, which the default one leaves out: `/foo/1.0.0` is `<default>/foo/1.0.0`.
  const slash = key.indexOf("/");
  if (slash === -1) return null;
  const path = key.slice(slash + 1);
  const divider = major >= 6 ? path.indexOf("@", 1) : path.indexOf("/", path.startsWith("@") ? path.indexOf("/") + 1 : 0);
  if (divider <= 0) return null;
  const name = path.slice(0, divider);
  const rest = path.slice(divider + 1);
  // Format 5 puts peers behind "_", which no version can contain.
  const underscore = major >= 6 ? -1 : rest.indexOf("_");
  const version = underscore === -1 ? rest : rest.slice(0, underscore);
  return VERSION.test(version) ? { name, version, from: "" } : null;
}

/**
 * The key that a reference means: `1.0.0` under the asker's own name, or a whole key for an alias or an address.
 * @param has whether there is such a key
 */
export function targetOf(major: number, name: string, reference: string, has: (key: string) => boolean): string | null {
  if (reference === "" || reference.startsWith("link:")) return null;
  const own = major >= 9 ? `${name}@${reference}` : major >= 6 ? `/${name}@${reference}` : `/${name}/${reference}`;
  if (has(own)) return own;
  if (has(reference)) return reference;
  // Between 5 and 6 there were files that mixed the two forms; 6 drops the slash where 9 does.
  for (const other of [`/${name}/${reference}`, `/${name}@${reference}`, `${name}@${reference}`, `/${reference}`])
    if (has(other)) return other;
  return null;
}
