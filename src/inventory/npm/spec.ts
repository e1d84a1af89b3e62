/** What the specifiers and addresses of the npm family mean: where a package comes from, and under which name it is asked for. */
import type { Origin } from "../../model/index.ts";

/** `npm:real@range` asks for another package under a name of one's own. */
export interface Alias {
  readonly name: string;
  readonly range: string;
}

/** Reads `npm:@scope/name@^1`; null for anything else, and for `npm:^1.0.0`, which only names the registry (Yarn writes it). */
export function aliasOf(specifier: string): Alias | null {
  if (!specifier.startsWith("npm:")) return null;
  const rest = specifier.slice(4);
  const at = rest.indexOf("@", 1);
  const name = at === -1 ? rest : rest.slice(0, at);
  // A range without a name: "npm:^1.0.0", "npm:1.2.3", "npm:*". A tag without a name ("npm:next") cannot be told from a name.
  if (at === -1 && /^[\^~<>=*\dvx]/.test(name)) return null;
  return { name, range: at === -1 ? "" : rest.slice(at + 1) };
}

const COMMIT = /^[0-9a-f]{7,64}$/i;
const HOSTED = /^(?:github|gitlab|bitbucket|gist):/;
/** `owner/repository`, which npm takes for GitHub. */
const SHORT_HOSTED = /^[^@\s:/.][^@\s:/]*\/[^@\s:/#]+(?:#.*)?$/;

/** True for a specifier or address that git is asked for. */
export function isGit(text: string): boolean {
  return (
    /^(?:git\+|git:|git@|ssh:)/.test(text) || HOSTED.test(text) || /^https?:\/\/[^#?]+\.git(?:#|$)/.test(text) || SHORT_HOSTED.test(text)
  );
}

/** Splits `git+ssh://host/path.git#commit` (Yarn also writes `#commit=…` and `#tag&commit=…`). */
export function gitOrigin(address: string): Origin {
  const hash = address.indexOf("#");
  const url = hash === -1 ? address : address.slice(0, hash);
  const fragment = hash === -1 ? "" : address.slice(hash + 1);
  return { kind: "git", url, commit: commitIn(fragment) };
}

function commitIn(fragment: string): string {
  for (const part of fragment.split("&")) {
    const match = /^(?:commit[=:])?(.+)$/.exec(part);
    const candidate = match?.[1] ?? "";
    if ((part.startsWith("commit") && part.length > 7) || COMMIT.test(candidate)) return candidate;
  }
  return "";
}

/** The commit in the address of an archive that a forge makes of a repository, "" where there is none. */
export function commitOfArchive(url: string): { readonly repository: string; readonly commit: string } | null {
  const codeload = /^https?:\/\/codeload\.github\.com\/([^/]+\/[^/]+)\/(?:tar\.gz|legacy\.tar\.gz|zip)\/([0-9a-f]{7,64})$/i.exec(url);
  if (codeload !== null) return { repository: `https://github.com/${codeload[1]}`, commit: codeload[2] ?? "" };
  const gitlab =
    /^https?:\/\/gitlab\.com\/(?:api\/v4\/projects\/)?([^?]+?)\/(?:-\/archive|repository\/archive\.tar\.gz\?(?:ref|sha)=)\/?([0-9a-f]{7,64})/i.exec(
      url,
    );
  if (gitlab !== null) return { repository: `https://gitlab.com/${decodeSafely(gitlab[1] ?? "")}`, commit: gitlab[2] ?? "" };
  const bitbucket = /^https?:\/\/bitbucket\.org\/([^/]+\/[^/]+)\/get\/([0-9a-f]{7,64})\.tar\.gz$/i.exec(url);
  if (bitbucket !== null) return { repository: `https://bitbucket.org/${bitbucket[1]}`, commit: bitbucket[2] ?? "" };
  return null;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where a package comes from, by the specifier that asks for it or the address that a lockfile gives.
 * null where it says only "the registry": a range, a tag, an alias, nothing.
 */
export function originOf(text: string): Origin | null {
  if (text === "" || /^[\d^~<>=*v]/.test(text)) return null;
  if (text.startsWith("file:")) return fileOrigin(text.slice(5));
  if (text.startsWith("link:") || text.startsWith("portal:")) return { kind: "directory", path: text.slice(text.indexOf(":") + 1) };
  if (isGit(text)) return gitOrigin(text);
  if (/^https?:\/\//.test(text)) {
    const archive = commitOfArchive(text);
    return archive === null ? { kind: "url", url: text } : { kind: "git", url: archive.repository, commit: archive.commit };
  }
  if (/^(?:\.{1,2}\/|\/|~\/)/.test(text)) return fileOrigin(text);
  return null;
}

/** `file:` names an archive or a folder: npm tells them apart by the name. */
export function fileOrigin(path: string): Origin {
  const clean = path.replace(/^\/\/(?=\/|\.)/, "");
  return /\.(?:tgz|tar|tar\.gz)$/i.test(clean) ? { kind: "file", path: clean } : { kind: "directory", path: clean };
}

/** Splits Subresource Integrity into its hashes: several may stand in one string, divided by spaces. https://www.w3.org/TR/SRI/ */
export function hashesOf(integrity: unknown): readonly string[] {
  if (typeof integrity !== "string" || integrity === "") return [];
  return integrity.includes(" ") ? integrity.split(/\s+/).filter((hash) => hash !== "") : [integrity];
}

/** A hexadecimal hash as Subresource Integrity; [] where the text is no such hash. */
export function hexHash(algorithm: "sha1" | "sha256" | "sha512", hex: string): readonly string[] {
  const length = algorithm === "sha1" ? 40 : algorithm === "sha256" ? 64 : 128;
  return hex.length === length && /^[0-9a-f]+$/i.test(hex) ? [`${algorithm}-${Buffer.from(hex, "hex").toString("base64")}`] : [];
}
