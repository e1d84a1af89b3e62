/**
 * The parts of an OSV record that we rest conclusions on (https://ossf.github.io/osv-schema/), and what an advisory base answers.
 * A base holds records of several sources; a *candidate* is one `affected` entry that names the package that was asked for.
 */
export interface OsvEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
  readonly limit?: string;
}

export interface OsvRange {
  readonly type: "SEMVER" | "ECOSYSTEM" | "GIT";
  readonly repo?: string;
  readonly events: readonly OsvEvent[];
}

export interface OsvSeverity {
  readonly type: string;
  readonly score: string;
}

export type OsvSpecific = Readonly<Record<string, unknown>>;

export interface OsvAffected {
  readonly package?: { readonly ecosystem: string; readonly name: string; readonly purl?: string };
  readonly severity?: readonly OsvSeverity[] | null;
  readonly ranges?: readonly OsvRange[];
  readonly versions?: readonly string[];
  readonly ecosystem_specific?: OsvSpecific | null;
  readonly database_specific?: OsvSpecific | null;
}

export interface OsvRecord {
  readonly schema_version?: string;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly modified: string;
  readonly published?: string;
  readonly withdrawn?: string;
  readonly aliases?: readonly string[] | null;
  readonly related?: readonly string[] | null;
  readonly upstream?: readonly string[] | null;
  readonly summary?: string;
  readonly details?: string;
  readonly severity?: readonly OsvSeverity[] | null;
  readonly affected?: readonly OsvAffected[] | null;
  readonly references?: readonly { readonly type: string; readonly url: string }[] | null;
  readonly database_specific?: OsvSpecific | null;
}

/** One `affected` entry that names a package, in the form that matching needs. */
export interface AdvisoryCandidate {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly modified: string;
  /** Withdrawn records are kept for history and match nothing. */
  readonly withdrawn: boolean;
  /** Name of the source that the record came from. */
  readonly source: string;
  /** Index into the record's `affected`. */
  readonly affected: number;
  /** As the record writes it, with its release: `Debian:12`. */
  readonly ecosystem: string;
  /** `SEMVER` and `ECOSYSTEM` ranges; `GIT` ones need a commit graph and are left out. */
  readonly ranges: readonly OsvRange[];
  /** Is this version among those that the entry enumerates? String equality, as the schema has it. */
  readonly lists: (version: string) => boolean;
  /** All versions that the entry enumerates. */
  readonly versions: () => readonly string[];
  /** Cures that the source names outside the ranges' `fixed` events. */
  readonly fixedVersions: readonly string[];
  /**
   * What the source itself says of a range without an end (GitHub's `last_known_affected_version_range`): `< 3.0.0`, `<= 1.2.1`. "" where it does not.
   */
  readonly lastKnown: string;
  /** The whole record, read when it is first asked for. */
  readonly record: () => OsvRecord;
}

export interface AdvisorySource {
  readonly name: string;
  /** ISO 8601, UTC: when it was last brought up to date. */
  readonly asOf: string;
  readonly records: number;
  readonly ecosystems: readonly string[];
}

export interface AdvisoryBaseInfo {
  /** Names of all sources, joined for people. */
  readonly source: string;
  /** Distinct ids. */
  readonly records: number;
  /** ISO 8601, UTC: of the source that has waited longest. */
  readonly asOf: string;
  /** Without releases (`Debian`, never `Debian:12`), sorted. */
  readonly ecosystems: readonly string[];
  readonly sources: readonly AdvisorySource[];
}

export interface AdvisoryBase {
  /** Does the base hold this ecosystem at all? Without it, no candidate means nothing. */
  readonly covers: (ecosystem: string) => boolean;
  /** The entries that name the package, the newest record of each id only. Sorted by id, then by their order in the record. */
  readonly candidates: (ecosystem: string, name: string) => readonly AdvisoryCandidate[];
  /** A whole record by its id, or by an alias where no record has that id. */
  readonly record: (id: string) => { readonly record: OsvRecord; readonly source: string } | null;
  /** null where nothing has been synced. */
  readonly info: () => AdvisoryBaseInfo | null;
  readonly close: () => void;
}

/** The ecosystem's name without its release: `Debian:12` -> `Debian`. */
export function baseEcosystem(ecosystem: string): string {
  const colon = ecosystem.indexOf(":");
  return colon === -1 ? ecosystem : ecosystem.slice(0, colon);
}

/**
 * The form of a package's name under which a base files it: what the ecosystem itself treats as the same name gives the same text.
 * PyPI folds case and runs of `-_.` (PEP 503); NuGet, Packagist, Hex, GitHub Actions, SwiftURL and VSCode fold case.
 */
export function packageKey(ecosystem: string, name: string): string {
  switch (baseEcosystem(ecosystem)) {
    case "PyPI":
      return name.toLowerCase().replace(/[-_.]+/g, "-");
    case "NuGet":
    case "Packagist":
    case "Hex":
    case "GitHub Actions":
    case "SwiftURL":
    case "VSCode":
      return name.toLowerCase();
    default:
      return name;
  }
}

/**
 * May a record for one release of an ecosystem speak about a component of another? Only for the same release, or where one of the
 * two names none. Ubuntu's `:LTS` is a property of the release, not another release (`Ubuntu:22.04` is `Ubuntu:22.04:LTS`).
 */
export function sameRelease(recordEcosystem: string, componentEcosystem: string): boolean {
  if (recordEcosystem === componentEcosystem) return true;
  const base = baseEcosystem(recordEcosystem);
  if (base !== baseEcosystem(componentEcosystem)) return false;
  const of = (ecosystem: string): string => ecosystem.slice(base.length + 1).replace(/:LTS$/, "");
  const [a, b] = [of(recordEcosystem), of(componentEcosystem)];
  return a === "" || b === "" || a === b;
}
