import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node as YamlNode, type Pair } from "yaml";
import type { InputFile } from "../../model/project.ts";
import { Fault } from "../../model/fault.ts";
import { syntaxFault } from "./builder.ts";

/** A YAML value with the line on which it stands. Scalars stay text: a version is no number. */
export type Yaml =
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly Yaml[]; readonly line: number }
  | { readonly kind: "map"; readonly members: readonly YamlMember[]; readonly line: number };

export interface YamlMember {
  readonly key: string;
  /** The key's line. */
  readonly line: number;
  readonly value: Yaml;
}

/** No file of ours nests deeper; the reader walks by recursion and must end before the stack does. */
const MAX_DEPTH = 200;
/** Aliases are followed, each costs its target's size again: this many values by way of aliases, then the file is refused (a bomb). */
const MAX_ALIASED = 20_000;

/** Reads the first document. Throws `inventory/syntax` with line and column, `inventory/depth` for a bomb. */
export function readYaml(file: InputFile): Yaml {
  const counter = new LineCounter();
  let contents: YamlNode | null;
  try {
    const document = parseDocument(file.text, {
      lineCounter: counter,
      schema: "failsafe",
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
    });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = counter.linePos(error.pos[0]);
      throw syntaxFault(file, `not YAML: ${error.message.split("\n")[0] ?? ""}`, { line, column: col }, error);
    }
    contents = document.contents as YamlNode | null;
    let aliased = 0;
    const walk = (node: unknown, depth: number, viaAlias = false): Yaml => {
      if (viaAlias) aliased += 1;
      if (depth > MAX_DEPTH || aliased > MAX_ALIASED)
        throw new Fault("inventory/depth", "the file nests deeper, or repeats itself more often, than can be read", {
          place: { file: file.path },
        });
      const range = (node as YamlNode | null)?.range;
      const line = range ? counter.linePos(range[0]).line : 1;
      if (isAlias(node)) return walk(node.resolve(document), depth + 1, true);
      if (isScalar(node)) return { kind: "text", text: node.value === null ? "" : String(node.value), line };
      if (isSeq(node)) return { kind: "list", items: node.items.map((item) => walk(item, depth + 1, viaAlias)), line };
      if (isMap(node)) return { kind: "map", members: node.items.map((pair) => memberOf(pair as Pair, depth, viaAlias)), line };
      return { kind: "text", text: "", line };
    };
    const memberOf = (pair: Pair, depth: number, viaAlias: boolean): YamlMember => {
      const key = walk(pair.key, depth + 1, viaAlias);
      return { key: key.kind === "text" ? key.text : "", line: key.line, value: walk(pair.value, depth + 1, viaAlias) };
    };
    return walk(contents, 0);
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new Fault("inventory/depth", "the file nests deeper than can be read", { place: { file: file.path }, cause });
    throw cause;
  }
}

export const yamlMembers = (value: Yaml | undefined): readonly YamlMember[] => (value?.kind === "map" ? value.members : []);
export const yamlItems = (value: Yaml | undefined): readonly Yaml[] => (value?.kind === "list" ? value.items : []);
export const yamlMember = (value: Yaml | undefined, key: string): Yaml | undefined =>
  yamlMembers(value).find((member) => member.key === key)?.value;
export const yamlText = (value: Yaml | undefined): string => (value?.kind === "text" ? value.text : "");
