/**
 * Reads what claims to be an OSV record (https://ossf.github.io/osv-schema/), trusting nothing. What is wrong in a part is named and that part
 * left out; only a record without a usable id or `modified` is refused as a whole. So one bad range never hides the other
 * nine, and nothing is left out without a word.
 */
import type { OsvAffected, OsvEvent, OsvRange, OsvRecord, OsvSeverity, OsvSpecific } from "../model/index.ts";

/** The longest real id has 60 characters. */
const ID_MAX_LENGTH = 200;
/** No ecosystem allows names or versions that come near it. */
const TEXT_MAX_LENGTH = 4096;

export interface OsvReading {
  /** null where there is no record to speak of. */
  readonly record: OsvRecord | null;
  /** What is wrong, each with its place: `affected[0].ranges[1]: no "introduced" event`. */
  readonly problems: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** RFC 3339 in UTC, as the schema wants it; a bare date is none. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
/** A name, version or id is one line; a control character in it would break every list that it appears in. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

const isLine = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= TEXT_MAX_LENGTH && !CONTROL.test(value);
const isTimestamp = (value: unknown): value is string =>
  typeof value === "string" && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));

export function readOsvRecord(value: unknown): OsvReading {
  if (!isObject(value)) return { record: null, problems: ["it is not a JSON object"] };
  const problems: string[] = [];
  const { id, modified } = value;
  if (!isLine(id) || id.length > ID_MAX_LENGTH) return { record: null, problems: ['no usable "id"'] };
  if (!isTimestamp(modified)) return { record: null, problems: ['no usable "modified" (RFC 3339)'] };
  const time = (name: string): string | undefined => {
    const given = value[name];
    if (isAbsent(given)) return undefined;
    if (isTimestamp(given)) return given;
    problems.push(`${name}: not an RFC 3339 time`);
    return undefined;
  };
  const text = (name: string): string | undefined => {
    const given = value[name];
    if (isAbsent(given)) return undefined;
    if (typeof given === "string") return given;
    problems.push(`${name}: not a text`);
    return undefined;
  };
  const [schemaVersion, published, withdrawn] = [text("schema_version"), time("published"), time("withdrawn")];
  const [summary, details] = [text("summary"), text("details")];
  const record: OsvRecord = {
    ...(schemaVersion === undefined ? {} : { schema_version: schemaVersion }),
    id,
    modified,
    ...(published === undefined ? {} : { published }),
    // An unreadable time of withdrawal is still a withdrawal.
    ...(withdrawn !== undefined
      ? { withdrawn }
      : problems.some((problem) => problem.startsWith("withdrawn:"))
        ? { withdrawn: modified }
        : {}),
    aliases: lines(value["aliases"], "aliases", problems),
    related: lines(value["related"], "related", problems),
    upstream: lines(value["upstream"], "upstream", problems),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    severity: severities(value["severity"], "severity", problems),
    affected: list(value["affected"], "affected", problems).map((entry, index) => readAffected(entry, `affected[${index}]`, problems)),
    references: references(value["references"], problems),
    database_specific: specific(value["database_specific"], "database_specific", problems),
  };
  return { record, problems };
}

function readAffected(value: unknown, place: string, problems: string[]): OsvAffected {
  if (!isObject(value)) {
    problems.push(`${place}: not an object`);
    return {};
  }
  const ranges = list(value["ranges"], `${place}.ranges`, problems)
    .map((range, index) => readRange(range, `${place}.ranges[${index}]`, problems))
    .filter((range) => range !== null);
  const named = readPackage(value["package"], place, problems);
  if (named === undefined && isAbsent(value["package"]) && !ranges.some((range) => range.type === "GIT")) {
    problems.push(`${place}: names neither a package nor a repository`);
  }
  return {
    ...(named === undefined ? {} : { package: named }),
    severity: severities(value["severity"], `${place}.severity`, problems),
    ranges,
    versions: lines(value["versions"], `${place}.versions`, problems),
    ecosystem_specific: specific(value["ecosystem_specific"], `${place}.ecosystem_specific`, problems),
    database_specific: specific(value["database_specific"], `${place}.database_specific`, problems),
  };
}

function readPackage(value: unknown, place: string, problems: string[]): OsvAffected["package"] | undefined {
  if (isAbsent(value)) return undefined;
  if (!isObject(value) || !isLine(value["ecosystem"]) || !isLine(value["name"])) {
    problems.push(`${place}.package: no usable ecosystem and name`);
    return undefined;
  }
  const purl = value["purl"];
  return { ecosystem: value["ecosystem"], name: value["name"], ...(isLine(purl) ? { purl } : {}) };
}

const eventNames = ["introduced", "fixed", "last_affected", "limit"] as const;

function readRange(value: unknown, place: string, problems: string[]): OsvRange | null {
  const type = isObject(value) ? value["type"] : undefined;
  if (!isObject(value) || (type !== "SEMVER" && type !== "ECOSYSTEM" && type !== "GIT")) {
    problems.push(`${place}: the type is none of SEMVER, ECOSYSTEM, GIT`);
    return null;
  }
  const repo = value["repo"];
  if (type === "GIT" && !isLine(repo)) problems.push(`${place}: a GIT range without a repository`);
  const events: OsvEvent[] = [];
  const seen = new Map<string, string>();
  for (const [index, given] of list(value["events"], `${place}.events`, problems).entries()) {
    const at = `${place}.events[${index}]`;
    const names = isObject(given) ? eventNames.filter((name) => !isAbsent(given[name])) : [];
    if (!isObject(given) || names.length === 0) {
      problems.push(`${at}: none of ${eventNames.join(", ")}`);
      continue;
    }
    // The schema wants one in each object; several are told apart without doubt, so they are taken one by one.
    if (names.length > 1) problems.push(`${at}: holds ${names.join(" and ")}; one is allowed`);
    for (const name of names) {
      const version = given[name];
      if (!isLine(version)) {
        problems.push(`${at}.${name}: not a version`);
        continue;
      }
      // A range that ends where it begins is empty, and more likely a slip; with `last_affected` it is one version, and usual.
      const opposite = name === "introduced" ? "fixed" : name === "fixed" ? "introduced" : "";
      if (seen.get(version) === opposite) problems.push(`${place}: introduced and fixed are both ${version}`);
      seen.set(version, name);
      events.push({ [name]: version });
    }
  }
  if (!events.some((event) => event.introduced !== undefined)) {
    problems.push(`${place}: no "introduced" event`);
    return null;
  }
  return { type, ...(isLine(repo) ? { repo } : {}), events };
}

function list(value: unknown, place: string, problems: string[]): readonly unknown[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  problems.push(`${place}: not a list`);
  return [];
}

function lines(value: unknown, place: string, problems: string[]): readonly string[] {
  const given = list(value, place, problems);
  if (given.every(isLine)) return given;
  problems.push(`${place}: holds what is not a one-line text`);
  return given.filter(isLine);
}

function severities(value: unknown, place: string, problems: string[]): readonly OsvSeverity[] {
  const taken: OsvSeverity[] = [];
  for (const [index, given] of list(value, place, problems).entries()) {
    if (isObject(given) && isLine(given["type"]) && isLine(given["score"])) taken.push({ type: given["type"], score: given["score"] });
    else problems.push(`${place}[${index}]: no type and score`);
  }
  return taken;
}

/** Only what can be opened without harm: a `javascript:` address in a record must not become a link in a report. */
const LINK = /^(?:https?|ftp|git|ssh):\/\/|^mailto:/i;

function references(value: unknown, problems: string[]): readonly { readonly type: string; readonly url: string }[] {
  const taken: { readonly type: string; readonly url: string }[] = [];
  for (const [index, given] of list(value, "references", problems).entries()) {
    if (isObject(given) && isLine(given["url"]) && LINK.test(given["url"])) {
      taken.push({ type: isLine(given["type"]) ? given["type"] : "WEB", url: given["url"] });
    } else problems.push(`references[${index}]: no address`);
  }
  return taken;
}

function specific(value: unknown, place: string, problems: string[]): OsvSpecific {
  if (isAbsent(value)) return {};
  if (isObject(value)) return value;
  problems.push(`${place}: not an object`);
  return {};
}
