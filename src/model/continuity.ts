/**
 * Whether a release continues what came before: who published it, by which way, in which rhythm. A registry's document, git's tags and a
 * distribution's archive all tell it in their own words; here they are one kind of event, in time.
 *
 *     document, tags -> ReleaseEvent[] -> ReleaseHistory (of one release, small, kept beside it) -> findings, fusion
 *
 * Releases are compared on their release line: a maintenance release is not held to what the newest line does. Nothing here judges, and
 * `null` stands for "the source does not say", which is never taken for "there was none".
 */
import { byCodeUnit } from "./canonical.ts";
import { hourMove, zoneMove } from "./continuity-hours.ts";
import type { PublisherClaim, RegistryReleaseClaim } from "./evidence.ts";

/** Stands in every kept history: one more whenever the same releases would be told otherwise. */
export const historyForm = 3;

/** One release, in the circumstances of its publication. */
export interface ReleaseEvent {
  readonly version: string;
  /** ISO 8601, "" where nobody says when. */
  readonly at: string;
  readonly publisher: PublisherClaim | null;
  /** Published by a workflow that the registry itself trusts, without a token; null where the registry does not say who published. */
  readonly trusted: boolean | null;
  /** The registry holds a statement of where it was built. */
  readonly attested: boolean | null;
  /** A signature of the maintainers' own on tag or artifact: the key's id, "" for none. */
  readonly key: string | null;
  /** It says from which commit it was made. */
  readonly commit: boolean | null;
  /** A tag of its name is in the repository. */
  readonly tagged: boolean | null;
  /** As a plain address, "" for none. */
  readonly repository: string | null;
  /** Runs something at install, by the registry's word. */
  readonly installs: boolean | null;
}

/** Somebody new published and nobody from before has stood behind it since. */
export interface OwnershipEvent {
  readonly version: string;
  readonly at: string;
  readonly publisher: PublisherClaim;
  /** How many publishers there were before. */
  readonly earlierPublishers: number;
}

/** What is to be known of the releases before one release, small enough to be kept beside it. */
export interface ReleaseHistory {
  readonly form: number;
  readonly self: ReleaseEvent;
  /** How many releases there were before it, of all lines. */
  readonly earlier: number;
  /** Those of them of which a publisher is known. */
  readonly known: number;
  /** The release before it on its line; where the line begins with it, the newest of all. */
  readonly before: ReleaseEvent | null;
  readonly sameLine: boolean;
  /** How many of the earlier ones the same publisher made, and how many publishers there were. */
  readonly byPublisher: number;
  readonly publishers: number;
  /** The publisher was known before, under a mail address of another domain: the last of these domains, else "". */
  readonly domainBefore: string;
  /** Unbroken rows that end with the release before it on its line: of how many releases each thing was true. */
  readonly row: {
    readonly trusted: number;
    readonly attested: number;
    readonly signed: number;
    readonly commit: number;
    readonly tagged: number;
  };
  /** Signed before, by keys that this release's is not among. */
  readonly newKey: boolean;
  /** Hours since the release before it in time, and the median of the hours between releases until then; -1 where not known. */
  readonly gap: number;
  readonly medianGap: number;
  /** Releases of other lines within an hour of it, by version, and how often the package did so before. */
  readonly together: readonly string[];
  readonly togetherBefore: number;
  /** Hours from every time zone, and from every hour of the day (UTC), in which its publisher released before; -1 where not known. */
  readonly zoneMoved: number;
  readonly hourMoved: number;
  /** Names under which the registry hands it out to those who ask for no version (`latest`, `next`), sorted. */
  readonly distTags: readonly string[];
  /** The highest release before it that is no trial, where that is higher than itself; else "". */
  readonly higher: string;
  /** Still open when this release was made; null where there is none. */
  readonly ownership: OwnershipEvent | null;
}

/** `1.4.2` is of line `1`, `0.3.1` of line `0.3`; what begins with no number is a line of its own. */
export function lineOf(version: string): string {
  const match = /^[vV]?(?:\d+!)?(\d{1,15})(?:\.(\d{1,15}))?/.exec(version);
  if (match === null) return version;
  return Number(match[1]) === 0 ? `0.${match[2] ?? "0"}` : String(Number(match[1]));
}

/** Versions that are tried before they are released: SemVer's `-…`, PEP 440's `a`, `b`, `rc`, `dev`. */
export const isTrial = (version: string): boolean => /^[vV]?\d[^+]*?(?:-|\d(?:a|b|rc|c|alpha|beta|dev|pre)\.?\d|\.dev)/i.test(version);

/** Under it npm's registry hands out a release to everybody who asks for no other. */
export const STANDARD_TAG = "latest";

/** Releases within this time of each other are one sitting. */
const SITTING = 60 * 60 * 1000;
/** The first releases of a package only teach: before them everybody is new. */
export const LEARNING_RELEASES = 5;

/** Who it is, for comparisons: an account's name weighs more than the address it gives. */
const identity = (publisher: PublisherClaim): string => (publisher.name === "" ? publisher.email : publisher.name).toLowerCase();

/** What comes after the `@`, lower case; "" where there is none. */
export const mailDomain = (email: string): string => email.slice(email.lastIndexOf("@") + 1 || email.length).toLowerCase();

/** Events in time; where no time is known, in the order in which they are given. */
export function inTime(events: readonly ReleaseEvent[]): readonly ReleaseEvent[] {
  const timed = events.map((event, index) => ({ event, index, at: Date.parse(event.at) }));
  if (timed.some(({ at }) => Number.isNaN(at))) return timed.every(({ at }) => Number.isNaN(at)) ? events : sortKnown(timed);
  return timed.toSorted((a, b) => a.at - b.at || a.index - b.index).map(({ event }) => event);
}

/** A release without a time stays behind the one that it is listed after. */
function sortKnown(
  timed: readonly { readonly event: ReleaseEvent; readonly index: number; readonly at: number }[],
): readonly ReleaseEvent[] {
  let last = Number.NEGATIVE_INFINITY;
  return timed
    .map((one) => ({ ...one, at: Number.isNaN(one.at) ? last : (last = one.at) }))
    .toSorted((a, b) => a.at - b.at || a.index - b.index)
    .map(({ event }) => event);
}

/** Numbers of a version, for putting a package's own releases in a row; what is no number ends it. */
const numbersOf = (version: string): readonly number[] =>
  (/^[vV]?(\d{1,15}(?:\.\d{1,15}){0,5})/.exec(version)?.[1] ?? "").split(".").map(Number);

function byNumbers(a: ReleaseEvent, b: ReleaseEvent): number {
  const [left, right] = [numbersOf(a.version), numbersOf(b.version)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  // A trial of 2.0.0 comes before 2.0.0.
  return Number(isTrial(b.version)) - Number(isTrial(a.version)) || byCodeUnit(a.version, b.version);
}

const highest = (events: readonly ReleaseEvent[]): ReleaseEvent | null =>
  events.reduce<ReleaseEvent | null>((best, event) => (best === null || byNumbers(event, best) >= 0 ? event : best), null);

/** Of neighbours on a line, and of the beginnings of lines, nearly none are published in the wrong order: 1 in this many at the most. */
const WRONG_ORDER_SHARE = 8;
/** One pair in the wrong order may be a mistake that somebody mended. */
const WRONG_ORDER_LEAST = 2;

/**
 * A mirror may give the times at which it fetched each release for those of their publication; then 1.0.4 seems younger than 6.0.0. Times
 * that contradict the order of versions so often say nothing about rhythm, and nothing about what came before.
 */
function timesAreBelievable(events: readonly ReleaseEvent[]): boolean {
  const stable = events.filter(({ version, at }) => !isTrial(version) && !Number.isNaN(Date.parse(at))).toSorted(byNumbers);
  const lines = Map.groupBy(stable, ({ version }) => lineOf(version));
  const rows = [...lines.values(), [...lines.values()].flatMap((line) => line.slice(0, 1))];
  let pairs = 0;
  let wrong = 0;
  for (const row of rows) {
    for (const [index, event] of row.slice(1).entries()) {
      pairs++;
      if (Date.parse(event.at) < Date.parse(row[index]?.at ?? "")) wrong++;
    }
  }
  return wrong < WRONG_ORDER_LEAST || wrong * WRONG_ORDER_SHARE <= pairs;
}

/** Without times that could be believed: in the order of versions, and nobody knows when. */
function inOrderOfVersions(events: readonly ReleaseEvent[]): readonly ReleaseEvent[] {
  return events.toSorted(byNumbers).map((event) => Object.assign({}, event, { at: "" }));
}

/**
 * The history of one release among all of a package (in any order); null where the release is not among them. Linear in their number.
 * `distTags`: the registry's names for some of them.
 */
export function historyOf(
  all: readonly ReleaseEvent[],
  version: string,
  distTags: Readonly<Record<string, string>> = {},
): ReleaseHistory | null {
  const ordered = timesAreBelievable(all) ? inTime(all) : inOrderOfVersions(all);
  const place = ordered.findIndex((event) => event.version === version);
  const self = ordered[place];
  if (self === undefined) return null;
  const earlier = ordered.slice(0, place);
  const line = lineOf(version);
  const own = earlier.filter((event) => lineOf(event.version) === line);
  const before =
    own.findLast((event) => !isTrial(event.version)) ??
    own.at(-1) ??
    highest(earlier.filter((event) => !isTrial(event.version))) ??
    highest(earlier);
  const row = own.length > 0 ? own : earlier;
  const who = self.publisher === null ? "" : identity(self.publisher);
  const mine = earlier.filter(({ publisher }) => publisher !== null && identity(publisher) === who);
  const domain = mailDomain(self.publisher?.email ?? "");
  const domains = mine.map(({ publisher }) => mailDomain(publisher?.email ?? "")).filter((one) => one !== "");
  const keys = new Set(earlier.flatMap(({ key }) => (key === null || key === "" ? [] : [key])));
  const times = earlier.map(({ at }) => Date.parse(at)).filter((at) => !Number.isNaN(at));
  const now = Date.parse(self.at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const last = times.at(-1);
  const mineAt = mine.map(({ at }) => at);
  const top = highest(earlier.filter((event) => !isTrial(event.version)));
  return {
    form: historyForm,
    self,
    earlier: earlier.length,
    known: earlier.filter(({ publisher }) => publisher !== null).length,
    before,
    sameLine: own.length > 0,
    byPublisher: mine.length,
    publishers: new Set(earlier.flatMap(({ publisher }) => (publisher === null ? [] : [identity(publisher)]))).size,
    domainBefore: domain !== "" && domains.length > 0 && !domains.includes(domain) ? (domains.at(-1) ?? "") : "",
    row: {
      trusted: rowOf(row, ({ trusted }) => trusted === true),
      attested: rowOf(row, ({ attested }) => attested === true),
      signed: rowOf(row, ({ key }) => key !== null && key !== ""),
      commit: rowOf(row, ({ commit }) => commit === true),
      tagged: rowOf(row, ({ tagged }) => tagged === true),
    },
    newKey: self.key !== null && self.key !== "" && keys.size > 0 && !keys.has(self.key),
    gap: last === undefined || Number.isNaN(now) ? -1 : hours(now - last),
    medianGap: gaps.length === 0 ? -1 : hours(medianOf(gaps)),
    together: Number.isNaN(now) ? [] : sitting(ordered, now, line),
    togetherBefore: sittings(earlier),
    zoneMoved: zoneMove(self.at, mineAt),
    hourMoved: hourMove(self.at, mineAt),
    distTags: Object.keys(distTags)
      .filter((name) => distTags[name] === version)
      .toSorted(byCodeUnit),
    higher: top !== null && byNumbers(top, self) > 0 ? top.version : "",
    ownership: openOwnership([...earlier, self]),
  };
}

const hours = (milliseconds: number): number => Math.round((milliseconds / 3_600_000) * 100) / 100;

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function rowOf(events: readonly ReleaseEvent[], holds: (event: ReleaseEvent) => boolean): number {
  let row = 0;
  // Trial releases often go another way than releases do, so they neither lengthen a row nor end it.
  for (const event of events.toReversed()) {
    if (isTrial(event.version)) continue;
    if (!holds(event)) break;
    row++;
  }
  return row;
}

/** Stable releases of other lines in the same sitting, later ones too: a thief's second release makes the first one stranger. */
function sitting(ordered: readonly ReleaseEvent[], now: number, line: string): readonly string[] {
  return ordered
    .filter((event) => !isTrial(event.version) && lineOf(event.version) !== line && Math.abs(Date.parse(event.at) - now) <= SITTING)
    .map((event) => event.version)
    .toSorted(byCodeUnit);
}

/** How often releases of two lines were made in one sitting. */
function sittings(earlier: readonly ReleaseEvent[]): number {
  let count = 0;
  let last: ReleaseEvent | undefined;
  for (const event of earlier) {
    if (isTrial(event.version)) continue;
    if (last !== undefined && lineOf(event.version) !== lineOf(last.version) && Date.parse(event.at) - Date.parse(last.at) <= SITTING)
      count++;
    last = event;
  }
  return count;
}

/**
 * The first takeover that is still open at the end of these releases. It is settled as soon as somebody who published before it publishes
 * again, or the registry itself has seen the release come out of a workflow of the repository that the releases before it named. Time
 * settles nothing: the longer a newcomer goes unquestioned, the better for him.
 */
function openOwnership(events: readonly ReleaseEvent[]): OwnershipEvent | null {
  const seen = new Set<string>();
  let known = 0;
  let open: OwnershipEvent | null = null;
  let before = new Set<string>();
  let repository = "";
  for (const event of events) {
    const { publisher } = event;
    if (publisher === null) continue;
    const who = identity(publisher);
    const sameSource = event.repository !== null && event.repository !== "" && event.repository === repository;
    const proven = (event.trusted === true || event.attested === true) && sameSource;
    if (open !== null && (before.has(who) || proven)) open = null;
    if (open === null && known >= LEARNING_RELEASES && !seen.has(who) && !proven) {
      open = { version: event.version, at: event.at, publisher, earlierPublishers: seen.size };
      before = new Set(seen);
    }
    if (open === null && event.repository !== null && event.repository !== "") repository = event.repository;
    seen.add(who);
    known++;
  }
  return open;
}

/** A registry's word on a release as an event. */
export function eventOf(version: string, claim: RegistryReleaseClaim, at: string): ReleaseEvent {
  const { publisher } = claim;
  return {
    version,
    at,
    publisher: publisher ?? null,
    trusted: publisher === undefined ? null : claim.trustedPublisher !== undefined,
    // A registry that passes no publisher on (a mirror) may pass no attestations on either.
    attested:
      claim.files !== undefined
        ? filesAttested(claim.files)
        : claim.attestationsUrl !== undefined
          ? true
          : publisher === undefined
            ? null
            : false,
    key: null,
    commit: claim.commit !== undefined ? true : publisher === undefined ? null : false,
    tagged: null,
    repository:
      publisher === undefined && claim.manifest.repository === undefined ? null : plainRepository(claim.manifest.repository ?? ""),
    installs: claim.hasInstallScript ?? ["preinstall", "install", "postinstall"].some((name) => claim.manifest.scripts[name] !== undefined),
  };
}

/** An index of Python's says it file by file, or not at all. */
function filesAttested(files: NonNullable<RegistryReleaseClaim["files"]>): boolean | null {
  if (files.some(({ attestationsUrl }) => attestationsUrl !== undefined && attestationsUrl !== "")) return true;
  return files.length > 0 && files.every(({ attestationsUrl }) => attestationsUrl === "") ? false : null;
}

/** `git+https://host/a/b.git`, `git@host:a/b`, `github:a/b` and `a/b` as one. */
export function plainRepository(address: string): string {
  return address
    .trim()
    .replace(/#.*$/s, "")
    .replace(/^git\+/, "")
    .replace(/^(?:git|ssh|https?):\/\/(?:[^@/]{1,200}@)?/, "")
    .replace(/^git@([^:/]{1,200}):/, "$1/")
    .replace(/^github:/, "github.com/")
    .replace(/^(?=[\w.-]{1,200}\/[\w.-]{1,200}$)/, "github.com/")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .toLowerCase();
}

/** What a document must tell for its releases to have a history. */
export interface ReleaseListing {
  readonly time: Readonly<Record<string, string>>;
  readonly releases: readonly (readonly [version: string, claim: RegistryReleaseClaim])[];
  readonly distTags?: Readonly<Record<string, string>>;
}

const eventsKnown = new WeakMap<ReleaseListing, readonly ReleaseEvent[]>();

/** All releases of a document as events, in the document's order. */
export function eventsOf(listing: ReleaseListing): readonly ReleaseEvent[] {
  let events = eventsKnown.get(listing);
  if (events === undefined) {
    const at = (version: string): string => (Object.hasOwn(listing.time, version) ? (listing.time[version] ?? "") : "");
    eventsKnown.set(listing, (events = listing.releases.map(([version, claim]) => eventOf(version, claim, at(version)))));
  }
  return events;
}

/** One release of a document together with its history; null where the document does not have it. */
export function releaseWithHistory(listing: ReleaseListing, version: string): RegistryReleaseClaim | null {
  const claim = listing.releases.find(([at]) => at === version)?.[1];
  if (claim === undefined) return null;
  const history = historyOf(eventsOf(listing), version, listing.distTags);
  return history === null ? claim : { ...claim, history };
}
