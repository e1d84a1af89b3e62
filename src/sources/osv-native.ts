/**
 * Advisory databases that keep a form of their own, turned into OSV records: npm ranges of the Node.js security working group, gem
 * requirements of the RubySec database, Composer constraints of FriendsOfPHP. Each says which versions are (or are not) affected as a
 * union of intervals; OSV says the same with events.
 *
 *     requirements -> intervals -> (complement, where the source lists what is safe) -> introduced / fixed / last_affected
 */
import { Fault, type OsvEvent } from "../model/index.ts";
import { type Order, orderOf } from "../versions/index.ts";
import { SemVer, Range } from "semver";

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "");
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(textOf).filter((text) => text !== "") : []);

/** An end of an interval; `null` is the beginning or the end of everything. */
interface Bound {
  readonly version: string;
  readonly inclusive: boolean;
}
interface Interval {
  readonly low: Bound | null;
  readonly high: Bound | null;
}
const everything: Interval = { low: null, high: null };

/**
 * The OSV form of a record in one of the three native forms, not yet validated, or null where it is in none of them (an OSV
 * record, for example). Throws where a requirement cannot be read; the message names it.
 */
export function fromNative(value: unknown): Members | null {
  if (!isObject(value)) return null;
  if (isWorkingGroup(value)) return fromWorkingGroup(value);
  if (typeof value["title"] === "string" && (typeof value["gem"] === "string" || typeof value["engine"] === "string"))
    return fromRubySec(value);
  if (typeof value["reference"] === "string" && isObject(value["branches"])) return fromFriendsOfPhp(value);
  return null;
}

// ---- Node.js security working group: an OSV shape whose ranges stand in `vulnerable_versions`.

const specificOf = (entry: unknown): Members | null =>
  isObject(entry) && isObject(entry["database_specific"]) && typeof entry["database_specific"]["vulnerable_versions"] === "string"
    ? entry["database_specific"]
    : null;

const isWorkingGroup = (value: Members): boolean =>
  Array.isArray(value["affected"]) && value["affected"].some((entry) => specificOf(entry) !== null);

/** What is called vulnerable and not called patched: `<2.0.18 || <3.0.16` with `^2.0.18 || ^3.0.16` leaves two lines, not one. */
function fromWorkingGroup(value: Members): Members {
  const order = orderIn("npm");
  const affected = (value["affected"] as readonly unknown[]).map((entry) => {
    const specific = specificOf(entry);
    if (specific === null || !isObject(entry)) return entry;
    const patched = npmIntervals(textOf(specific["patched_versions"]));
    const safe = complement(patched, order);
    const open = npmIntervals(textOf(specific["vulnerable_versions"])).flatMap((interval) =>
      safe.flatMap((other) => overlap(interval, other, order)),
    );
    // `<= 0.3.5` with a cure in `>= 0.3.6`: a range cannot hold both ends, so the cure goes where cures without a range go.
    const cures = patched.flatMap(({ low }) => (low !== null && low.inclusive && low.version !== "0.0.0" ? [low.version] : []));
    return Object.assign({}, entry, {
      ranges: open.map((interval) => ({ type: "SEMVER", events: eventsOf([interval], nextSemver) })),
      database_specific: { ...specific, fixed_versions: cures },
    });
  });
  return { ...value, ...times(value["published"], value["modified"]), affected };
}

/** npm's own reading of a range (node-semver), as intervals. `<0.0.0` is how this database says "none". */
function npmIntervals(range: string): readonly Interval[] {
  if (range === "" || range.replaceAll(" ", "") === "<0.0.0") return [];
  const order = orderIn("npm");
  // `1.x` takes in the prereleases of 1.0.0: an advisory means the line, not what npm would install by itself.
  return new Range(range, { loose: true, includePrerelease: true }).set.map((comparators): Interval => {
    let interval = everything;
    for (const { operator, semver } of comparators) {
      // node-semver's "anything" has no version.
      if (!(semver instanceof SemVer)) continue;
      interval = narrow(interval, operator === "" ? "=" : operator, semver.version, order);
    }
    return interval;
  });
}

/** The least version above: prereleases of the next patch come directly after a release, `.0` directly after a prerelease (SemVer 2.0 §11). */
function nextSemver(version: string): string {
  const parsed = new SemVer(version, { loose: true });
  if (parsed.prerelease.length > 0) return `${parsed.version}.0`;
  return `${parsed.major}.${parsed.minor}.${parsed.patch + 1}-0`;
}

// ---- RubySec: lists what is patched and what never was affected; the rest is.

function fromRubySec(value: Members): Members {
  const path = textOf(value["_path"]);
  const [cve, ghsa, osvdb] = [textOf(value["cve"]), textOf(value["ghsa"]), textOf(value["osvdb"])];
  const aliases = [cve && `CVE-${cve}`, ghsa && `GHSA-${ghsa}`, osvdb && `OSVDB-${osvdb}`].filter((alias) => alias !== "");
  const gem = textOf(value["gem"]);
  const name = (path === "" ? aliases[0] : fileName(path)) ?? textOf(value["date"]);
  const score = [value["cvss_v4"], value["cvss_v3"], value["cvss_v2"]].map(Number).find((number) => number > 0);
  const safe = { patched_versions: textsOf(value["patched_versions"]), unaffected_versions: textsOf(value["unaffected_versions"]) };
  return {
    id: `RUBYSEC-${gem || textOf(value["engine"])}-${name}`,
    ...times(value["date"], value["date"]),
    aliases,
    related: relatedOf(value["related"]),
    summary: textOf(value["title"]),
    details: textOf(value["description"]),
    // Flaws of Ruby itself are kept; no ecosystem of OSV has a name for its interpreters, so they name no package.
    affected: gem === "" ? [] : [gemAffected(gem, [...safe.patched_versions, ...safe.unaffected_versions])],
    references: [value["url"], ...(isObject(value["related"]) ? textsOf(value["related"]["url"]) : [])]
      .map(textOf)
      .filter((url) => url !== "")
      .map((url) => ({ type: "WEB", url })),
    database_specific: {
      ...(score === undefined ? {} : { severity: wordOf(score) }),
      ...(gem === "" ? { engine: textOf(value["engine"]), ...safe } : {}),
    },
  };
}

function gemAffected(gem: string, safe: readonly string[]): Members {
  const order = orderIn("RubyGems");
  const affected = complement(
    safe.map((requirements) => gemInterval(requirements, order)),
    order,
  );
  return {
    package: { ecosystem: "RubyGems", name: gem },
    ranges: affected.length === 0 ? [] : [{ type: "ECOSYSTEM", events: eventsOf(affected, nextGem) }],
  };
}

/** `>= 1.2.3, ~> 1.2` : all must hold. */
function gemInterval(requirements: string, order: Order): Interval {
  let interval = everything;
  for (const part of requirements.split(",")) {
    const match = /^(~>|>=|<=|!=|=|>|<)?\s*([0-9A-Za-z][0-9A-Za-z.-]*)$/.exec(part.trim());
    const version = match?.[2];
    if (version === undefined || !order.valid(version))
      throw new Fault("advisory/format", `not a gem requirement: ${JSON.stringify(part.trim())}`);
    switch (match?.[1]) {
      case "~>":
        interval = narrow(narrow(interval, ">=", version, order), "<", bump(version), order);
        break;
      case "!=":
        throw new Fault("advisory/format", `a gem requirement that leaves one version out: ${JSON.stringify(part.trim())}`);
      default:
        interval = narrow(interval, match?.[1] ?? "=", version, order);
    }
  }
  return interval;
}

/**
 * Where `~> 1.2.3` ends: before every prerelease of 1.3, since a prerelease counts as its release there (Gem::Requirement). A letter sorts
 * below every number, so `1.3.a` stands before them.
 */
function bump(version: string): string {
  const segments = version.split(/[.-]/);
  const numbers = segments.slice(0, segments.findIndex((segment) => !/^\d+$/.test(segment)) >>> 0);
  if (numbers.length > 1) numbers.pop();
  const last = Number(numbers.pop() ?? "0");
  return [...numbers, String(last + 1), "a"].join(".");
}

/** There is no least gem version above another; nothing that is published lies between `1.2.3` and `1.2.3.0.1`. */
const nextGem = (version: string): string => `${version}.0.1`;

function relatedOf(value: unknown): readonly string[] {
  if (!isObject(value)) return [];
  return [...textsOf(value["cve"]).map((cve) => `CVE-${cve}`), ...textsOf(value["ghsa"]).map((ghsa) => `GHSA-${ghsa}`)];
}

// ---- FriendsOfPHP: one list of constraints for each branch, all of which must hold.

function fromFriendsOfPhp(value: Members): Members {
  const branches = value["branches"] as Members;
  const name = textOf(value["reference"]).replace(/^composer:\/\//, "");
  const path = textOf(value["_path"]);
  const order = orderIn("Packagist");
  const intervals = Object.values(branches)
    .flatMap((branch) => (isObject(branch) ? [composerInterval(branch["versions"], order)] : []))
    .flatMap((interval) => overlap(interval, everything, order));
  const days = Object.values(branches)
    .map((branch) => (isObject(branch) ? textOf(branch["time"]) : ""))
    .filter((time) => time !== "")
    .toSorted();
  const cve = textOf(value["cve"]);
  return {
    id: `FRIENDSOFPHP-${(path === "" ? `${name}/${cve}` : path.replace(/\.ya?ml$/, "")).replaceAll("/", "-")}`,
    ...times(days[0] ?? "", days.at(-1) ?? ""),
    aliases: cve.startsWith("CVE-") ? [cve] : [],
    summary: textOf(value["title"]),
    affected: [
      {
        package: { ecosystem: "Packagist", name },
        // Branches may overlap and are not sorted: one range for each keeps what the source says.
        ranges: intervals.map((interval) => ({ type: "ECOSYSTEM", events: eventsOf([interval], (version) => `${version}.0.1`) })),
      },
    ],
    references: [textOf(value["link"])].filter((url) => url !== "").map((url) => ({ type: "ADVISORY", url })),
  };
}

function composerInterval(constraints: unknown, order: Order): Interval {
  const parts = (Array.isArray(constraints) ? constraints.map(textOf) : [textOf(constraints)]).flatMap((text) => text.split(","));
  let interval = everything;
  for (const part of parts) {
    const text = part.trim();
    if (text === "*") continue;
    const match = /^(>=|<=|==|=|>|<)?\s*v?([0-9A-Za-z][\w.+-]*)$/.exec(text);
    const version = match?.[2];
    if (version === undefined) throw new Fault("advisory/format", `not a Composer constraint: ${JSON.stringify(text)}`);
    interval = narrow(interval, match?.[1] === "==" ? "=" : (match?.[1] ?? "="), version, order);
  }
  return interval;
}

// ---- Intervals

/** The interval with one more condition. */
function narrow(interval: Interval, operator: string, version: string, order: Order): Interval {
  const bound: Bound = { version, inclusive: operator.endsWith("=") };
  const low = operator.startsWith(">") || operator === "=" ? tighter(interval.low, bound, 1, order) : interval.low;
  const high = operator.startsWith("<") || operator === "=" ? tighter(interval.high, bound, -1, order) : interval.high;
  return { low, high };
}

/** Of two bounds on one side the one that leaves less: the higher of two beginnings (1), the lower of two ends (-1). */
function tighter<B extends Bound | null>(a: B, b: B, sign: 1 | -1, order: Order): B {
  if (a === null) return b;
  if (b === null) return a;
  const by = order.compare(b.version, a.version) * sign;
  return by > 0 || (by === 0 && !b.inclusive) ? b : a;
}

/** What lies in both: one interval or none. */
function overlap(a: Interval, b: Interval, order: Order): readonly Interval[] {
  const low = tighter(a.low, b.low, 1, order);
  const high = tighter(a.high, b.high, -1, order);
  if (low === null || high === null) return [{ low, high }];
  const by = order.compare(low.version, high.version);
  return by < 0 || (by === 0 && low.inclusive && high.inclusive) ? [{ low, high }] : [];
}

/** Everything that lies in none of the intervals. */
function complement(intervals: readonly Interval[], order: Order): readonly Interval[] {
  // Conditions that contradict each other leave nothing, and an interval turned round would count for what lies between.
  const byLow = intervals
    .filter((interval) => overlap(interval, everything, order).length > 0)
    .toSorted((a, b) => compareLow(a.low, b.low, order));
  const gaps: Interval[] = [];
  let low: Bound | null = null;
  let started = false;
  for (const interval of byLow) {
    // The gap lies between what is covered so far and where this interval begins.
    if (interval.low !== null && !(started && low !== null && reaches(low, interval.low, order))) {
      gaps.push({ low: started ? low : null, high: { version: interval.low.version, inclusive: !interval.low.inclusive } });
    }
    if (interval.high === null) return gaps;
    const after: Bound = { version: interval.high.version, inclusive: !interval.high.inclusive };
    if (!started || low === null || compareLow(after, low, order) > 0) low = after;
    started = true;
  }
  return [...gaps, { low, high: null }];
}

/** Is there nothing between what begins at `open` (the first version not covered) and `next`, the beginning of the following interval? */
function reaches(open: Bound, next: Bound, order: Order): boolean {
  const by = order.compare(next.version, open.version);
  return by < 0 || (by === 0 && !(open.inclusive && !next.inclusive));
}

function compareLow(a: Bound | null, b: Bound | null, order: Order): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return order.compare(a.version, b.version) || Number(b.inclusive) - Number(a.inclusive);
}

/** `after` gives the version that follows directly, for a beginning that is not included: OSV knows only `introduced`, inclusive. */
function eventsOf(intervals: readonly Interval[], after: (version: string) => string): readonly OsvEvent[] {
  return intervals.flatMap(({ low, high }): readonly OsvEvent[] => [
    { introduced: low === null ? "0" : low.inclusive ? low.version : after(low.version) },
    ...(high === null ? [] : [high.inclusive ? { last_affected: high.version } : { fixed: high.version }]),
  ]);
}

// ---- Small things

/** The ecosystems of this file are in the table; that one is missing would be our own mistake. */
function orderIn(ecosystem: "npm" | "RubyGems" | "Packagist"): Order {
  const order = orderOf(ecosystem);
  if (order === null) throw new Fault("internal/bug", `the order of versions of ${ecosystem} is gone`);
  return order;
}

const fileName = (path: string): string => (path.split("/").at(-1) ?? path).replace(/\.ya?ml$/, "");

/** These databases keep days, or local times; OSV wants RFC 3339. A record without any date is older than everything. */
function times(published: unknown, modified: unknown): { readonly published?: string; readonly modified: string } {
  const [first, last] = [rfc3339(published), rfc3339(modified)];
  return { ...(first === "" ? {} : { published: first }), modified: last || first || "0001-01-01T00:00:00Z" };
}

function rfc3339(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : textOf(value);
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}))?/.exec(text);
  if (match === null || Number.isNaN(Date.parse(match[1] ?? ""))) return "";
  return `${match[1]}T${match[2] ?? "00:00:00"}Z`;
}

/** CVSS 3's rating of a score that came without its vector. */
const wordOf = (score: number): string => (score >= 9 ? "CRITICAL" : score >= 7 ? "HIGH" : score >= 4 ? "MODERATE" : "LOW");
