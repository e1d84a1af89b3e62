/**
 * What is known against one component: every entry that names its package is judged, and what speaks of one flaw under several names
 * (CVE, GHSA, PYSEC …) becomes one claim. Two records are one flaw where a chain of aliases joins them.
 */
import type {
  AdvisoryBase,
  AdvisoryCandidate,
  AdvisoryClaim,
  Component,
  Evidence,
  MatchReason,
  OsvAffected,
  OsvRecord,
  Unavailable,
} from "../../model/index.ts";
import { baseEcosystem, byCodeUnit, parsePurl } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";
import { matchEntry } from "./match.ts";
import { type Scorer, severityOf } from "./severity.ts";

export interface ComponentMatch {
  /** One for each flaw, sorted by id. */
  readonly found: readonly Evidence<AdvisoryClaim>[];
  /** Records that name the package and could not be judged for this version. */
  readonly undecided: readonly { readonly id: string; readonly because: string }[];
  /** The whole question could not be put for this component. */
  readonly unavailable?: Unavailable;
}

/**
 * Matches one component against the base. Never throws for what a component or a record looks like; `store/corrupt` from the base passes through.
 * A directory of the project's own is not the release that an advisory of that name speaks of, so it is not asked about.
 */
export function matchComponent(base: AdvisoryBase, component: Component, score: Scorer): ComponentMatch {
  const unavailable = whyNot(base, component);
  if (unavailable !== null) return { found: [], undecided: [], unavailable };
  const { name, version } = advisorySubject(component);
  const candidates = base.candidates(component.ecosystem, name);
  if (candidates.length === 0) return nothing;
  const matches: Matched[] = [];
  const undecided = new Map<string, string>();
  for (const candidate of candidates) {
    const match = matchEntry(candidate, version);
    if (match.reasons.length > 0) matches.push({ candidate, reasons: match.reasons });
    else if (match.undecided !== undefined) undecided.set(candidate.id, match.undecided);
  }
  for (const { candidate } of matches) undecided.delete(candidate.id);
  const open = [...undecided].map(([id, because]) => ({ id, because }));
  if (matches.length === 0) return { found: [], undecided: open };
  const observedAt = base.info()?.asOf ?? "";
  const found = groupByAlias(candidates, matches).map((group): Evidence<AdvisoryClaim> => ({
    subject: { purl: component.purl },
    claim: claimOf(group, candidates, component, score),
    source: unique(group.map(({ candidate }) => candidate.source)).join(", "),
    observedAt,
    strength: "asserted",
  }));
  return { found: found.toSorted((a, b) => byCodeUnit(a.claim.id, b.claim.id)), undecided: open };
}

/**
 * The package that advisories speak of. Distributions name the *source* package, of which the installed one is a part; the inventory
 * keeps it in the purl's `upstream` (`openssl@3.0.11-1`, the version only where it differs).
 */
export function advisorySubject(component: Component): { readonly ecosystem: string; readonly name: string; readonly version: string } {
  const { ecosystem, name, version, purl } = component;
  if (!purl.includes("upstream=")) return { ecosystem, name, version };
  const upstream = parsePurl(purl).qualifiers["upstream"] ?? "";
  const at = upstream.lastIndexOf("@");
  if (upstream === "") return { ecosystem, name, version };
  return at > 0 ? { ecosystem, name: upstream.slice(0, at), version: upstream.slice(at + 1) } : { ecosystem, name: upstream, version };
}

const nothing: ComponentMatch = { found: [], undecided: [] };

function whyNot(base: AdvisoryBase, component: Component): Unavailable | null {
  if (component.origin.kind === "directory") {
    return { unavailable: true, code: "not-applicable", because: "it is a directory of the project itself, not a published release" };
  }
  if (component.ecosystem === "") {
    return { unavailable: true, code: "version/unknown-ecosystem", because: "no advisory source covers packages of this kind" };
  }
  if (component.version === "") {
    return { unavailable: true, code: "version/invalid", because: "the file does not say which version it is" };
  }
  if (!base.covers(component.ecosystem)) {
    const ecosystem = baseEcosystem(component.ecosystem);
    return {
      unavailable: true,
      code: "source/not-found",
      because: `the advisory base holds nothing for ${ecosystem}`,
      cure: `tributary sync --ecosystem ${/^[\w.-]+$/.test(ecosystem) ? ecosystem : `"${ecosystem}"`}`,
    };
  }
  return null;
}

interface Matched {
  readonly candidate: AdvisoryCandidate;
  readonly reasons: readonly MatchReason[];
}

/** Joins what matched by aliases. Records of the package that do not match this version, but are not withdrawn, may be the link between two that do. */
function groupByAlias(candidates: readonly AdvisoryCandidate[], matches: readonly Matched[]): readonly (readonly Matched[])[] {
  const parent = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    for (let at = id; at !== root;) {
      const up = parent.get(at) ?? root;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  for (const candidate of candidates) {
    if (candidate.withdrawn) continue;
    for (const alias of candidate.aliases) parent.set(rootOf(candidate.id), rootOf(alias));
  }
  const groups = new Map<string, Matched[]>();
  for (const match of matches) {
    const root = rootOf(match.candidate.id);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [match]);
    else group.push(match);
  }
  return [...groups.values()];
}

interface Said {
  readonly record: OsvRecord;
  readonly entry: OsvAffected | undefined;
}

function claimOf(group: readonly Matched[], candidates: readonly AdvisoryCandidate[], component: Component, score: Scorer): AdvisoryClaim {
  const recordIds = new Set(group.map(({ candidate }) => candidate.id));
  const ids = unique(group.flatMap(({ candidate }) => [candidate.id, ...candidate.aliases]));
  const said = group
    .map(({ candidate }): Said => {
      const record = candidate.record();
      return { record, entry: record.affected?.[candidate.affected] };
    })
    .toSorted((a, b) => preference(a.record.id, recordIds) - preference(b.record.id, recordIds) || byCodeUnit(a.record.id, b.record.id));
  const records = [...new Map(said.map(({ record }) => [record.id, record])).values()];
  const first = <T>(pick: (record: OsvRecord) => T | undefined): T | undefined => records.map(pick).find((value) => value !== undefined);
  const published = records.map((record) => record.published ?? "").filter((date) => date !== "" && !date.startsWith("0001-"));
  const reasons = group.flatMap((match) => match.reasons);
  return {
    kind: "advisory",
    id: ids.toSorted((a, b) => preference(a, recordIds) - preference(b, recordIds) || byCodeUnit(a, b))[0] ?? "",
    ids,
    type: typeOf(said),
    summary: first((record) => record.summary || undefined) ?? firstLine(first((record) => record.details || undefined) ?? ""),
    details: first((record) => record.details || undefined) ?? "",
    severity: severityOf(said, score),
    cwes: unique(said.flatMap(cwesOf)),
    fixed: fixedVersions(candidates, recordIds, component),
    reasons,
    openEnded: reasons.some(({ by }) => by.kind === "range" && (by.lastAffected !== undefined || by.lastKnown !== undefined)),
    published: published.toSorted(byCodeUnit)[0] ?? "",
    modified:
      records
        .map((record) => record.modified)
        .toSorted(byCodeUnit)
        .at(-1) ?? "",
    references: unique(records.flatMap((record) => (record.references ?? []).map((reference) => reference.url))),
    records: records
      .map((record) => ({ id: record.id, modified: record.modified, source: databaseOf(record.id) }))
      .toSorted((a, b) => byCodeUnit(a.id, b.id)),
  };
}

/** The home database by the id's prefix: `GHSA`, `PYSEC`, `MAL`. */
const databaseOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf("-"))) || id;

/**
 * Under which of its names a flaw is shown. A malware report first: it must not hide behind a number. Then GitHub's id, which most
 * tools print; then the database of the ecosystem; then CVE; then the rest. A name that a record of ours bears before a mere alias.
 */
function preference(id: string, records: ReadonlySet<string>): number {
  const database = databaseOf(id);
  const ranks = ["MAL", "GHSA"];
  const home = [
    "RUSTSEC",
    "GO",
    "PYSEC",
    "RSEC",
    "HSEC",
    "OSEC",
    "JLSEC",
    "EEF",
    "DRUPAL",
    "BIT",
    "DLA",
    "DSA",
    "USN",
    "ALPINE",
    "UBUNTU",
    "DEBIAN",
  ];
  const at = ranks.indexOf(database);
  const rank = at !== -1 ? at : home.includes(database) ? 2 : database === "CVE" ? 3 : 4;
  return rank * 2 + (records.has(id) ? 0 : 1);
}

/** CWE-506 to CWE-512: embedded malicious code and its kinds. */
const MALICIOUS_CODE = /^CWE-(?:50[6-9]|51[0-2])$/;
const MALICIOUS_WORDS = /^(?:embedded )?(?:malware|malicious (?:package|code|version|crate|gem|module))\b/i;

function typeOf(said: readonly Said[]): AdvisoryClaim["type"] {
  if (said.some(isMalware)) return "malware";
  return said.every(isNotice) ? "notice" : "vulnerability";
}

function isMalware(said: Said): boolean {
  const { record, entry } = said;
  if (record.id.startsWith("MAL-") || record.database_specific?.["malicious-packages-origins"] !== undefined) return true;
  const categories = entry?.database_specific?.["categories"];
  if (Array.isArray(categories) && categories.includes("malicious")) return true;
  return cwesOf(said).some((cwe) => MALICIOUS_CODE.test(cwe)) || MALICIOUS_WORDS.test(record.summary ?? "");
}

/** RustSec marks what is no flaw in itself: `unmaintained`, `notice`, `unsound`. */
const isNotice = ({ entry }: Said): boolean => typeof entry?.database_specific?.["informational"] === "string";

function cwesOf({ record, entry }: Said): readonly string[] {
  const found: string[] = [];
  for (const specific of [record.database_specific, entry?.database_specific]) {
    for (const list of [specific?.["cwe_ids"], specific?.["cwes"]]) {
      if (!Array.isArray(list)) continue;
      for (const item of list as readonly unknown[]) {
        const id = typeof item === "string" ? item : typeof item === "object" && item !== null && "cweId" in item ? item.cweId : undefined;
        if (typeof id === "string" && /^CWE-\d+$/.test(id)) found.push(id);
      }
    }
  }
  return found;
}

/**
 * The releases that cure it, of every branch, ascending. One that another merged record still counts as affected is no cure; where
 * the records disagree so far that none is left, what the ranges call `fixed` is shown all the same.
 */
function fixedVersions(candidates: readonly AdvisoryCandidate[], recordIds: ReadonlySet<string>, component: Component): readonly string[] {
  const entries = candidates.filter((candidate) => recordIds.has(candidate.id) && !candidate.withdrawn);
  const named = unique(
    entries.flatMap((entry) => [
      ...entry.ranges.flatMap((range) => range.events.map((event) => event.fixed).filter((version) => version !== undefined)),
      ...entry.fixedVersions,
    ]),
  );
  const cures = named.filter((version) => entries.every((entry) => matchEntry(entry, version).reasons.length === 0));
  const order = orderOf(component.ecosystem);
  const sound = cures.length > 0 ? cures : named;
  if (order === null) return sound;
  const [valid, odd] = [sound.filter((version) => order.valid(version)), sound.filter((version) => !order.valid(version))];
  const sorted = valid.toSorted((a, b) => order.compare(a, b) || byCodeUnit(a, b));
  return [...sorted, ...odd];
}

const firstLine = (text: string): string => text.trim().split("\n", 1)[0] ?? "";

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(byCodeUnit);
}
