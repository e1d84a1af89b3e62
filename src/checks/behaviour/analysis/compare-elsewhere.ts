/** What a dependency's wanted version says of where it comes from. */
import type { DependencyFact } from "../../../model/index.ts";

/** The package that an alias stands for, "" where it is none: `npm:@scope/name@^1` -> `@scope/name`. */
export const aliased = (wanted: string): string => /^npm:((?:@[^/@]+\/)?[^@]+)/.exec(wanted)?.[1] ?? "";

/**
 * Whether code comes from where its name does not say: a repository, an address, a folder or an archive in the package, or another package under this name.
 * `string-width-cjs` for `string-width` says what it is; what a workspace is called is a slip when publishing.
 */
export function isElsewhere({ name, wanted, from }: Pick<DependencyFact, "name" | "wanted" | "from">): boolean {
  if (from === "folder") return !wanted.startsWith("workspace:");
  if (from === "alias") return !name.includes(aliased(wanted).split("/").at(-1) ?? "");
  return from === "git" || from === "address";
}
