/** On which line each entry of a package-lock.json stands, and which stand twice. */
import type { InputFile } from "../../model/index.ts";
import { keyText, scanJson } from "../lines.ts";
import { MODULES } from "./installed-tree.ts";

export interface EntryLines {
  readonly of: (section: string, key: string) => number | undefined;
  readonly repeated: readonly { readonly key: string; readonly line: number }[];
}

/**
 * Lines of the keys of `packages`, and of nested `dependencies` under the path at which npm installs them. A file of format 2 holds both;
 * the nested form is then left out.
 */
export function entryLines(file: InputFile): EntryLines {
  const { text, path: name } = file;
  const top = new Map<string, number>();
  const flat = new Map<string, number>();
  const nested = new Map<string, number>();
  const repeated: { key: string; line: number }[] = [];
  let inPackages = false;
  // For format 1: at[d] is the path of the package whose members are being read at depth d + 1.
  const at: string[] = [""];
  const inDependencies: boolean[] = [];
  const note = (map: Map<string, number>, key: string, line: number): void => {
    if (map.has(key)) repeated.push({ key, line });
    map.set(key, line);
  };
  scanJson(text, name, (depth, start, end, line) => {
    if (depth === 1) {
      const key = keyText(text, start, end);
      note(top, key, line);
      inPackages = key === "packages";
      inDependencies[1] = key === "dependencies" && flat.size === 0;
      return;
    }
    if (inPackages) {
      if (depth === 2) note(flat, keyText(text, start, end), line);
      return;
    }
    if (depth % 2 === 0) {
      if (inDependencies[depth - 1] !== true) return;
      const parent = at[depth - 2] ?? "";
      const path = `${parent === "" ? "" : `${parent}/`}${MODULES}${keyText(text, start, end)}`;
      at[depth] = path;
      note(nested, path, line);
    } else {
      inDependencies[depth] = inDependencies[depth - 2] === true && end - start === 12 && text.startsWith("dependencies", start);
    }
  });
  return {
    of: (section, key) => (section === "" ? top : section === "packages" ? flat : nested).get(key),
    repeated,
  };
}
