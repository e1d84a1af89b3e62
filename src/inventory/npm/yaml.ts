/** YAML for lockfiles: quickly where the text is what package managers write, by the general library where it is not. */
import { createRequire } from "node:module";
import { Fault } from "../../model/index.ts";
import { MAX_DEPTH } from "../lines.ts";
import { type YamlEntry, type YamlMap, type YamlValue, quickYaml, tooDeep } from "./quick-yaml.ts";

/** The general library costs about a second for each MiB; what is larger and unusual is refused rather than waited for. */
const MAX_GENERAL_CHARACTERS = 8 * 1024 * 1024;

/**
 * Reads all documents of a YAML text; each must be a mapping (or empty).
 * @throws Fault `inventory/syntax` with line and column, `inventory/depth`, `inventory/format`
 */
export function parseYaml(text: string, file: string): readonly YamlMap[] {
  return quickYaml(text, file) ?? generalYaml(text, file);
}

/** What is used of the library, written down so that it is loaded only when it is needed. */
type YamlLibrary = typeof import("yaml");

/**
 * The general reader.
 * @throws Fault as `parseYaml`
 */
export function generalYaml(text: string, file: string): readonly YamlMap[] {
  if (text.length > MAX_GENERAL_CHARACTERS) {
    throw new Fault("inventory/format", `${file} is YAML of a form that no package manager writes, and too large to be read otherwise`, {
      place: { file },
      hint: "write the file again with the package manager",
    });
  }
  refuseDepth(text, file);
  // Loaded here and not above: nearly no file needs it, and it would cost every run 30 ms.
  const library = createRequire(import.meta.url)("yaml") as YamlLibrary;
  const counter = new library.LineCounter();
  const documents: YamlMap[] = [];
  const parsed = library.parseAllDocuments(text, {
    schema: "failsafe",
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: "silent",
  });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = counter.linePos(error.pos[0]);
      throw new Fault("inventory/syntax", `${file} is not YAML: ${firstLine(error.message)}`, {
        place: { file, line: Math.max(1, line), column: Math.max(1, col) },
        cause: error,
        hint: /<<<<<<<|>>>>>>>/.test(text)
          ? "the file holds an unresolved merge conflict"
          : "write the file again with the package manager",
      });
    }
    const { contents } = document;
    if (contents === null || (library.isScalar(contents) && contents.source === "")) documents.push(new Map());
    else {
      const value = fromLibrary(library, counter, contents, file);
      if (!(value instanceof Map)) {
        const { line } = counter.linePos(contents.range?.[0] ?? 0);
        throw new Fault("inventory/syntax", `${file} holds ${typeof value === "string" ? "a text" : "a list"}, not keys with values`, {
          place: { file, line: Math.max(1, line) },
        });
      }
      documents.push(value);
    }
  }
  return documents;
}

const firstLine = (message: string): string =>
  (message.split("\n")[0] ?? "").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, 160);

function fromLibrary(library: YamlLibrary, counter: InstanceType<YamlLibrary["LineCounter"]>, node: unknown, file: string): YamlValue {
  if (library.isScalar(node)) return typeof node.value === "string" ? node.value : String(node.source ?? "");
  if (library.isSeq(node)) return node.items.map((item) => fromLibrary(library, counter, item, file));
  if (library.isMap(node)) {
    const map = new Map<string, YamlEntry>();
    for (const pair of node.items) {
      const key = fromLibrary(library, counter, pair.key, file);
      const range = library.isNode(pair.key) ? pair.key.range : undefined;
      const line = Math.max(1, counter.linePos(range?.[0] ?? 0).line);
      if (typeof key !== "string") {
        throw new Fault("inventory/format", `${file} has a key that is no text`, { place: { file, line } });
      }
      map.set(key, { line, value: pair.value === null ? "" : fromLibrary(library, counter, pair.value, file) });
    }
    return map;
  }
  if (library.isAlias(node)) {
    // An alias can stand for a tree that grows with every level. No package manager writes one.
    const { line } = counter.linePos(node.range?.[0] ?? 0);
    throw new Fault("inventory/format", `${file} uses a YAML alias (*${node.source.slice(0, 50)}), which is not followed`, {
      place: { file, line: Math.max(1, line) },
    });
  }
  return "";
}

/** The library nests its own calls as deep as the text; what is deeper than any lockfile is refused before it starts. */
function refuseDepth(text: string, file: string): void {
  let flow = 0;
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      line += 1;
      let indent = 0;
      while (text.charCodeAt(at + 1 + indent) === 32) indent += 1;
      // A list within a list needs no deeper indentation but for its own dash.
      let dashes = 0;
      while (text.startsWith("- ", at + 1 + indent + dashes * 2)) dashes += 1;
      if (indent + dashes > MAX_DEPTH * 2) throw tooDeep(file, line);
    } else if (code === 123 || code === 91) {
      flow += 1;
      if (flow > MAX_DEPTH) throw tooDeep(file, line);
    } else if (code === 125 || code === 93) {
      flow = Math.max(0, flow - 1);
    }
  }
}

/** A member that is a mapping, or undefined. */
export function mapIn(map: YamlMap, key: string): YamlMap | undefined {
  const value = map.get(key)?.value;
  return value instanceof Map ? value : undefined;
}

/** A member that is a text; "" where there is none. */
export function textIn(map: YamlMap, key: string): string {
  const value = map.get(key)?.value;
  return typeof value === "string" ? value : "";
}
