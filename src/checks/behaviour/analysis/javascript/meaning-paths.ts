/** Paths, addresses and commands, as far as they are written down. */
import type { Meanings } from "./meaning.ts";
import { textOfSource } from "./texts.ts";
import { PLUS } from "./tokens.ts";
import { node as nodes } from "./tree.ts";

const node = nodes;

/** A path, address or command as far as it is known: what is not is `*`, the home folder `~`. Null where nothing of it is known. */
export function pathOf(meanings: Meanings, n: number, depth = 0): string | null {
  const { tree } = meanings;
  if (n === 0 || depth > 8) return null;
  const value = meanings.of(n);
  const plain = meanings.textOf(value);
  if (plain !== null) return plain;
  for (const meaning of value) {
    if (meaning.kind !== "ref") continue;
    if (meaning.path === "node:os.homedir()" || meaning.path === "process.env.HOME" || meaning.path === "process.env.USERPROFILE")
      return "~";
    if (meaning.path === "__dirname" || meaning.path === "process.cwd()") return ".";
  }
  const join = (parts: readonly number[], separator: string): string | null => {
    const known = parts.map((part) => pathOf(meanings, part, depth + 1));
    return known.every((part) => part === null) ? null : known.map((part) => part ?? "*").join(separator);
  };
  const kids: number[] = [];
  for (let kid = tree.kid[n]!; kid !== 0 && kids.length < 32; kid = tree.next[kid]!) kids.push(kid);
  switch (tree.kind[n]) {
    case node.identifier: {
      const [source] = meanings.sources[tree.bindingOf(n)] ?? [];
      return source?.kind === "value" && source.path === "" ? pathOf(meanings, source.node, depth + 1) : null;
    }
    case node.template:
      return join(kids, "");
    case node.quasi:
      return textOfSource(tree.text.slice(tree.start[n]!, tree.end[n]!));
    case node.binary:
      return tree.aux[n] === PLUS ? join(kids, "") : null;
    case node.logical:
    case node.conditional:
      return pathOf(meanings, kids.at(-1)!, depth + 1) ?? pathOf(meanings, kids[kids.length - 2]!, depth + 1);
    case node.call:
      for (const meaning of meanings.of(kids[0]!))
        if (meaning.kind === "ref" && /^node:path\.(?:posix\.|win32\.)?(?:join|resolve|normalize)$/.test(meaning.path))
          return join(kids.slice(1), "/");
      return null;
    case node.new:
      return kids.length > 1 ? pathOf(meanings, kids[1]!, depth + 1) : null;
    case node.object: {
      // Of options: the host, the address, the path.
      for (const wanted of ["hostname", "host", "url", "href", "uri"])
        for (const kid of kids)
          if (tree.kind[kid] === node.property && meanings.keyOf(kid) === wanted) {
            const found = pathOf(meanings, tree.kidAt(kid, 1), depth + 1);
            if (found !== null) return found;
          }
      return null;
    }
    default:
      return null;
  }
}
