/** A repository's tags as releases: who tagged them, when, with which key. Nothing is verified here: it is compared with the tags before. */
import { createHash } from "node:crypto";
import type { ReleaseEvent } from "../model/index.ts";
import { type GitOptions, failed, git } from "./git-run.ts";

export interface TagEvent {
  readonly commit: string;
  readonly event: ReleaseEvent;
}

/** Kernel-sized repositories have some thousand. */
const MOST_TAGS = 20_000;

/** All tags that look like versions, in git's order. Throws `git/failed`. */
export async function tagEvents(folder: string, options: GitOptions = {}): Promise<readonly TagEvent[]> {
  const fields = [
    "refname:strip=2",
    "objecttype",
    "objectname",
    "*objectname",
    "taggername",
    "taggeremail",
    "creatordate:iso-strict",
    "contents:signature",
  ];
  const format = `${fields.map((field) => `%(${field})`).join("%00")}%00%00`;
  const result = await git(folder, ["for-each-ref", `--count=${MOST_TAGS}`, `--format=${format}`, "refs/tags"], options);
  if (result.status !== 0) throw failed("git could not list the tags", result.error);
  const events: TagEvent[] = [];
  for (const record of result.out.toString("utf8").split("\0\0\n")) {
    // The last field is the signature, which may be empty; then the record ends in one more zero.
    const [tag = "", type = "", object = "", peeled = "", name = "", email = "", at = "", signature = ""] = record.split("\0");
    const version = /(?:^|[^a-z\d])[vV]?(\d+(?:[._-]\d+)*(?:[.+-]?[\w.+-]*)?)$/i.exec(tag)?.[1]?.replaceAll("_", ".");
    if (version === undefined) continue;
    const annotated = type === "tag";
    const mail = email.replace(/^<|>$/g, "");
    events.push({
      commit: annotated ? peeled : object,
      event: {
        version,
        at,
        publisher: annotated && (name !== "" || mail !== "") ? { name, email: mail } : null,
        trusted: null,
        attested: null,
        key: annotated ? keyOf(signature) : "",
        commit: null,
        tagged: true,
        repository: null,
        installs: null,
      },
    });
  }
  return events;
}

/** Which key a signature names: OpenPGP's issuer (RFC 9580, 5.2.3.12 and 5.2.3.35) or the public key within an SSH signature; "" for none. */
export function keyOf(signature: string): string {
  const body = /-----BEGIN (PGP|SSH) SIGNATURE-----([\s\S]*?)-----END/.exec(signature);
  if (body === null) return signature.trim() === "" ? "" : "unknown";
  // Armour headers end with an empty line; the checksum line begins with "=".
  const text = (body[2] ?? "").replace(/^[\s\S]*?\n\r?\n(?=[A-Za-z\d+/])/, "").replace(/\n=[A-Za-z\d+/]{4}\s*$/, "");
  const bytes = Buffer.from(text, "base64");
  if (body[1] === "SSH") {
    const length = bytes.length >= 14 ? bytes.readUInt32BE(10) : 0;
    return `ssh:${createHash("sha256")
      .update(bytes.subarray(14, 14 + length))
      .digest("base64")
      .replace(/=+$/, "")}`;
  }
  // Subpacket 33 of a version 4 key: length 22, type, version, twenty bytes. Else subpacket 16: length 9, type, eight bytes.
  const fingerprint = bytes.indexOf(Buffer.from([22, 33, 4]));
  if (fingerprint >= 0) return `pgp:${bytes.toString("hex", fingerprint + 15, fingerprint + 23)}`;
  const issuer = bytes.indexOf(Buffer.from([9, 16]));
  return issuer >= 0 ? `pgp:${bytes.toString("hex", issuer + 2, issuer + 10)}` : "unknown";
}

/** By the mail address that it writes into its commits. */
export const isBot = (author: string): boolean => /\[bot\]|^(?:dependabot|renovate|github-actions)/i.test(author);

/** Who made the commits that lead to a revision, and those of a range that ends with it: author and seconds since 1970. */
export interface Commits {
  readonly all: readonly (readonly [author: string, at: number])[];
  readonly range: readonly (readonly [author: string, at: number])[];
}

/** Commits that are looked at: ten times what the busiest projects make between two releases, and all of nearly every history. */
const MOST_COMMITS = 200_000;

/** The commits of `before..after` and all that lead to `after` (both by full id), without merges and bots. Throws `git/failed`. */
export async function commitsBetween(folder: string, before: string, after: string, options: GitOptions = {}): Promise<Commits> {
  for (const id of [before, after]) if (!/^[0-9a-f]{40,64}$/.test(id)) throw failed("git could not read the commits", `${id} is no commit`);
  const log = async (range: readonly string[]): Promise<Commits["all"]> => {
    const result = await git(folder, ["log", "--no-merges", `--max-count=${MOST_COMMITS}`, "--format=%ae%x09%at", ...range, "--"], options);
    if (result.status !== 0) throw failed("git could not read the commits", result.error);
    return result.out
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "" && !isBot(line))
      .map((line) => [line.slice(0, line.lastIndexOf("\t")).toLowerCase(), Number(line.slice(line.lastIndexOf("\t") + 1))]);
  };
  return { all: await log([after]), range: await log([after, `^${before}`]) };
}
