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

/** When the first of its releases came out, ISO 8601; "" where the registry does not say. */
export function firstReleaseAt({ versions, time }: Pick<PackageDocument, "versions" | "time">): string {
  const times = versions.flatMap((version) => (Object.hasOwn(time, version) ? [time[version] ?? ""] : []));
  return times.filter((at) => !Number.isNaN(Date.parse(at))).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? "";
}
