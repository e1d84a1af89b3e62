import type { RegistryReleaseClaim } from "./evidence.ts";

/** What is kept of a registry's document of one package (all its releases), enough to look for cures. */
export interface PackageDocument {
  readonly name: string;
  /** What the registry says of the project as a whole (PEP 792: `archived`, `quarantined`, `deprecated`), where it does. */
  readonly status?: { readonly name: string; readonly reason: string } | undefined;
  readonly distTags: Readonly<Record<string, string>>;
  /** In the document's order. */
  readonly versions: readonly string[];
  /** The release, or undefined where the document does not have that version. */
  readonly release: (version: string) => RegistryReleaseClaim | undefined;
  /** ISO 8601 by version, and under `created` and `modified`, where the registry says. */
  readonly time: Readonly<Record<string, string>>;
}
