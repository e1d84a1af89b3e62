/**
 * Which files of the source a packer would take, after npm's rules (https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files,
 * npm-packlist): the manifest's `files`, else .npmignore, else .gitignore. A file that is taken and is not in the package was left out by
 * somebody. Where the rules cannot be known from the source alone, nothing is expected.
 */
import { type Ignore, parseIgnore } from "../../inventory/tree/ignore.ts";

/** Never packed, wherever they lie. */
const NEVER: Ignore = parseIgnore(
  [".git", ".svn", ".hg", "CVS", ".lock-wscript", ".wafpickle-*", ".*.swp", ".DS_Store", "._*", "npm-debug.log", ".npmrc", "node_modules"]
    .concat(["config.gypi", "*.orig", ".npmignore", ".gitignore", ".gitattributes", ".gitmodules"])
    .concat(["/package-lock.json", "/pnpm-lock.yaml", "/yarn.lock", "/archived-packages"])
    .join("\n"),
);
/** Always packed, whatever the rules say; only at the top. */
const ALWAYS = /^(?:package\.json|(?:readme|copying|licen[sc]e)(?:\.[^/]*)?)$/i;

/** A source's folder of one package: paths relative to it, and the text of the ignore files and of package.json by path. */
export interface PackedSource {
  readonly paths: readonly string[];
  readonly text: (path: string) => string | undefined;
}

/** The paths that a packer would take; null where the source does not let one know. */
export function expectedFiles({ paths, text }: PackedSource): readonly string[] | null {
  const manifest = manifestOf(text("package.json"));
  if (manifest === null) return null;
  // Tools that publish another folder decide for themselves what is in it.
  if (isObject(manifest["publishConfig"]) && manifest["publishConfig"]["directory"] !== undefined) return null;
  const listed = manifest["files"];
  // A negated entry means different things to different versions of npm.
  if (Array.isArray(listed) && listed.some((entry) => typeof entry !== "string" || entry.startsWith("!"))) return null;
  const chosen = Array.isArray(listed) ? chosenBy(listed as readonly string[]) : null;
  const rules = ignoreRules(paths, text, chosen !== null);
  return paths.filter((path) => {
    const parts = path.split("/");
    if (parts.length === 1 && ALWAYS.test(path)) return true;
    if (covers(NEVER, parts)) return false;
    if (chosen !== null && !covers(chosen, parts)) return false;
    return !rules.some(({ folder, ignore }) => path.startsWith(folder) && covers(ignore, path.slice(folder.length).split("/")));
  });
}

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function manifestOf(text: string | undefined): Fields | null {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `lib` stands for all below it, `/lib`, `./lib` and `lib/` for the same. */
function chosenBy(listed: readonly string[]): Ignore {
  const rules = listed
    .map((entry) => entry.replace(/^\.?\/+/, "").replace(/\/+$/, ""))
    .map((entry) => (entry === "" || entry === "." ? "/*" : `/${entry}`));
  return parseIgnore(rules.join("\n"));
}

/** The ignore file that counts in each folder: .npmignore hides a .gitignore beside it. With `files`, those at the top do not count. */
function ignoreRules(paths: readonly string[], text: PackedSource["text"], listed: boolean): { folder: string; ignore: Ignore }[] {
  const rules: { folder: string; ignore: Ignore }[] = [];
  const known = new Set(paths);
  for (const path of paths) {
    const [, folder = "", name = ""] = /^(.*\/)?(\.npmignore|\.gitignore)$/.exec(path) ?? [];
    if (name === "" || (name === ".gitignore" && known.has(`${folder}.npmignore`))) continue;
    if (folder === "" && listed) continue;
    rules.push({ folder, ignore: parseIgnore(text(path) ?? "") });
  }
  return rules;
}

/** Is the path, or a folder that it lies in, meant by the rules? */
export function covers(rules: Ignore, parts: readonly string[]): boolean {
  for (let length = 1; length <= parts.length; length++)
    if (rules.verdict(parts.slice(0, length), length < parts.length) === true) return true;
  return false;
}
