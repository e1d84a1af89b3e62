/**
 * What a distribution's own metadata says of where its source is. An index serves it beside the file (PEP 658), so that the file itself need not be fetched.
 * https://packaging.python.org/en/latest/specifications/core-metadata/, …/well-known-project-urls/
 */
import type { PackageManifest } from "../model/index.ts";

/** Labels under which a project names its source, as the specification of well-known labels compares them. */
const SOURCE_LABELS: ReadonlySet<string> = new Set([
  "source",
  "repository",
  "sourcecode",
  "github",
  "gitlab",
  "code",
  "git",
  "sourcerepository",
]);
/** Where a home page is a repository, it is one of these hosts'. */
const FORGE = /^https?:\/\/(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)\/[^/\s]+\/[^/\s]+/i;
/** A project names some ten addresses. */
const MOST_URLS = 200;

/** The repository and home page that the metadata names; what it does not name is left out. Anybody can write anything there. */
export function readCoreMetadata(text: string): Pick<PackageManifest, "repository" | "homepage" | "description"> {
  const urls: { readonly label: string; readonly address: string }[] = [];
  let homepage = "";
  let description = "";
  for (const { name, value } of headers(text)) {
    if (name === "home-page") homepage = value;
    else if (name === "summary") description = value;
    else if (name === "project-url" && urls.length < MOST_URLS) {
      const comma = value.indexOf(",");
      if (comma > 0) urls.push({ label: plainLabel(value.slice(0, comma)), address: value.slice(comma + 1).trim() });
    }
  }
  if (homepage === "") homepage = urls.find(({ label }) => label === "homepage")?.address ?? "";
  const repository =
    urls.find(({ label, address }) => SOURCE_LABELS.has(label) && FORGE.test(address))?.address ??
    urls.find(({ label }) => SOURCE_LABELS.has(label))?.address ??
    (FORGE.test(homepage) ? homepage : "");
  return {
    ...(repository === "" ? {} : { repository }),
    ...(homepage === "" ? {} : { homepage }),
    ...(description === "" ? {} : { description }),
  };
}

/** Without punctuation and blanks, lower case. */
const plainLabel = (label: string): string => label.replaceAll(/[\s!-/:-@[-`{-~]/g, "").toLowerCase();

/** Header fields up to the first empty line; a value may go on in indented lines. */
function* headers(text: string): Generator<{ readonly name: string; readonly value: string }> {
  let name = "";
  let value = "";
  for (const line of text.split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && name !== "") {
      value += ` ${line.trim()}`;
      continue;
    }
    if (name !== "") yield { name, value };
    if (line === "") return;
    const colon = line.indexOf(":");
    name = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : "";
    value = line.slice(colon + 1).trim();
  }
  if (name !== "") yield { name, value };
}
