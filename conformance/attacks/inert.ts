/**
 * What makes a variant inert: it carries the canary, and no address that it adds can be anything but this machine or a name that is nobody's
 * (RFC 2606 §2: `.invalid`, `.example`). Encoded texts are checked before they are encoded, by `sealed`.
 */
import { CANARY, type Host, textOf } from "./host.ts";
import { kindOf, programOf } from "./second-writer-place.ts";

/** What the check reads of a line: a minified host's line is cut at its ends, an address is shorter. */
const ADDRESS =
  /(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^\s/"'`@<>\\]*@)?([a-z0-9.-]+)|\b((?:\d{1,3}\.){3}\d{1,3})\b|\b((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|ru|cn|xyz|gg|site))\b/gi;

const harmless = (name: string): boolean => name === "127.0.0.1" || name === "localhost" || /(?:^|\.)(?:invalid|example)$/.test(name);

/** Names and numbers of machines in a text. */
export function addressesOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, afterSlashes, number, name] of text.matchAll(ADDRESS)) {
    const address = (afterSlashes ?? number ?? name ?? "").toLowerCase().replace(/\.$/, "");
    if (address.includes(".") && !/^\.|\.\.|\.[cm]?jsx?$|\.json$|\.css$|\.html$|\.map$/.test(address)) found.add(address);
  }
  return found;
}

/** A text that is going to be encoded: throws where it could do anything, or could not be told apart. */
export function sealed(text: string): string {
  const bad = [...addressesOf(text)].filter((address) => !harmless(address));
  if (bad.length > 0) throw new Error(`an encoded text names ${bad.join(", ")}`);
  if (!text.includes(CANARY)) throw new Error("an encoded text has no canary");
  return text;
}

/** What of a host is not inert against what it was before: addresses that were not there, and a canary that is missing. */
export function faultsOf(before: ReadonlyMap<string, string | Uint8Array>, host: Host, needsCanary: boolean): readonly string[] {
  const faults: string[] = [];
  const known = new Set<string>();
  for (const content of before.values()) for (const address of addressesOf(Buffer.from(content).toString("utf8"))) known.add(address);
  const canary = new RegExp(CANARY, "i");
  let canaries = 0;
  for (const [path, content] of host.files) {
    if (before.get(path) === content) continue;
    const text = textOf(host, path);
    if (canary.test(text) || canary.test(path)) canaries += 1;
    for (const address of addressesOf(text)) if (!known.has(address) && !harmless(address)) faults.push(`${path}: names ${address}`);
  }
  if (needsCanary && canaries === 0) faults.push("no canary");
  return faults;
}

/** What of a host is no longer well-formed: JSON, and JavaScript where it was JavaScript before. */
export function malformedOf(before: ReadonlyMap<string, string | Uint8Array>, host: Host): readonly string[] {
  const faults: string[] = [];
  for (const [path, content] of host.files) {
    if (before.get(path) === content) continue;
    if (path.endsWith(".json")) {
      try {
        JSON.parse(textOf(host, path));
      } catch (error) {
        faults.push(`${path}: ${String(error)}`);
      }
    } else if (/\.[cm]?js$/.test(path)) {
      const old = before.get(path);
      const kind = kindOf(host, path);
      if (
        programOf(textOf(host, path), kind) === null &&
        (old === undefined || programOf(Buffer.from(old).toString("utf8"), kind) !== null)
      )
        faults.push(`${path}: does not parse`);
    }
  }
  return faults;
}

const bytesOf = ({ files }: Pick<Host, "files">): string =>
  JSON.stringify([...files].map(([path, content]) => [path, Buffer.from(content).toString("latin1")]));

/** All that is wrong with a change of a host: not inert, not well-formed, nothing changed, or another result with the same seed. */
export function checkChange(make: () => Host, change: (host: Host) => void, needsCanary: boolean): readonly string[] {
  const before = make().files;
  const [one, other] = [make(), make()];
  change(one);
  change(other);
  const faults = [...faultsOf(before, one, needsCanary), ...malformedOf(before, one)];
  if (bytesOf(one) !== bytesOf(other)) faults.push("two changes with the same seed differ");
  if (bytesOf(one) === bytesOf({ files: new Map(before) })) faults.push("nothing changed");
  return faults;
}
