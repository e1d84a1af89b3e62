/**
 * Deno: what a deno.json imports by name, and what a source file imports by address. Both only ask; neither pins but by an exact version.
 * https://docs.deno.com/runtime/fundamentals/modules/
 */
import { Fault, type Format, type InputFile, type Listing, type Origin, formatPurl } from "../../model/index.ts";
import { keyLines, parseJson, relaxJson } from "../lines.ts";
import { type NewComponent, listingBuilder } from "../listing.ts";
import { isObject, member, textEntries, textMember } from "./manifest.ts";
import { importsOf } from "./imports.ts";

export const denoJson: Format = {
  id: "npm/deno-json",
  title: "deno.json",
  role: "manifest",
  matches: (path) => /(?:^|\/)deno\.jsonc?$/.test(path),
  read: readConfiguration,
};

export const denoSource: Format = {
  id: "npm/deno-source",
  title: "imports of a Deno source file",
  role: "manifest",
  matches: (path) => /(?:^|\/)deps\.[mc]?[jt]s$/.test(path),
  read: readSource,
};

const EXACT = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

interface Wanted {
  readonly component: NewComponent;
  readonly name: string;
  readonly range: string;
}

/** What an import's address asks for; null for a relative path, a built-in, or an address of no package. */
function wantedBy(specifier: string): Wanted | null {
  const scheme = /^(npm|jsr):\/?/.exec(specifier);
  if (scheme !== null) return wanted(scheme[1] === "jsr" ? "jsr" : "npm", specifier.slice(scheme[0].length), { kind: "registry" });
  const origin: Origin = { kind: "url", url: specifier };
  const cdn = /^https:\/\/(?:esm\.sh|unpkg\.com)\/(?!v\d+\/)(.+)$/.exec(specifier);
  if (cdn !== null) return wanted("npm", cdn[1] ?? "", origin);
  const deno = /^https:\/\/deno\.land\/(?:x\/)?(.+)$/.exec(specifier);
  return deno === null ? null : wanted("deno", deno[1] ?? "", origin);
}

function wanted(type: "npm" | "jsr" | "deno", path: string, origin: Origin): Wanted | null {
  const match = /^((?:@[^/@]+\/)?[^/@?#]+)(?:@([^/?#]+))?/.exec(path);
  if (match === null) return null;
  const name = match[1] ?? "";
  const range = (match[2] ?? "").replace(/^v(?=\d)/, "");
  const version = EXACT.test(range) ? range : "";
  if (type === "npm") return { component: { ecosystem: "npm", name, version, origin }, name, range };
  if (type === "jsr") {
    // JSR's names are always scoped, and written without the "@" where a registry is named beside them.
    const bare = name.replace(/^@/, "");
    const [namespace = "", last = ""] = bare.split("/");
    if (last === "") return null;
    return {
      component: { ecosystem: "", name: bare, version, origin, purl: formatPurl({ type: "jsr", namespace, name: last, version }) },
      name,
      range,
    };
  }
  // deno.land has names of its own; a module there is no package of npm, whatever it is called.
  return { component: { ecosystem: "", name, version, origin }, name, range };
}

function readConfiguration(file: InputFile): Listing {
  const text = relaxJson(file.text);
  const lines = keyLines(text, file.path, ["imports"]);
  const value = parseJson(text, file.path);
  if (!isObject(value)) throw new Fault("inventory/format", `${file.path} holds no object`, { place: { file: file.path, line: 1 } });
  const imports = textEntries(member(value, "imports")).map(([key, specifier]) => ({ specifier, line: lines.line("imports", key) ?? 1 }));
  return listingOf(denoJson.id, file, imports, textMember(value, "name"), textMember(value, "version"));
}

function readSource(file: InputFile): Listing {
  return listingOf(denoSource.id, file, importsOf(file.text), "", "");
}

function listingOf(
  format: string,
  file: InputFile,
  imports: readonly { readonly specifier: string; readonly line: number }[],
  name: string,
  version: string,
): Listing {
  const build = listingBuilder();
  const root = build.root({ name, version, place: { file: file.path, line: 1 } });
  for (const { specifier, line } of imports) {
    const found = wantedBy(specifier);
    if (found === null) continue;
    const place = { file: file.path, line, key: specifier };
    try {
      const node = build.node({ component: build.component(found.component), name: found.name, place, resolved: specifier });
      build.edge(root, { to: node, name: found.name, range: found.range, kind: "prod" });
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      build.lost(place, `${specifier} names no package: ${cause.message}`);
    }
  }
  return build.finish({ format, formatVersion: "", ecosystem: "npm", name, version, graph: "partial" });
}
