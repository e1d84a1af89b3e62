/**
 * node-semver's own vectors. Our order and `satisfies` are held against all that they can answer; what we take straight from the
 * library (increments, intersections, above or below a range) is run as we would call it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";
import { compareVersions, satisfies } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

type Options = boolean | { readonly loose?: boolean; readonly includePrerelease?: boolean };
type Row = readonly unknown[];

const text = (row: Row, index: number): string => String(row[index]);
const optionsOf = (row: Row, index: number): Options => (row[index] ?? false) as Options;
const prereleases = (options: Options): { readonly includePrerelease: boolean } => ({
  includePrerelease: typeof options === "object" && (options.includePrerelease ?? false),
});

/** Versions that a range leaves out, and ranges that are none: both are "not included". */
function included(row: Row): boolean {
  try {
    return satisfies("npm", text(row, 1), text(row, 0), prereleases(optionsOf(row, 2)));
  } catch {
    return false;
  }
}

/** For each list of the archive, what must hold of one of its rows. */
const checks: Readonly<Record<string, (row: Row) => boolean>> = {
  "comparator-intersection": (row) =>
    new semver.Comparator(text(row, 0), optionsOf(row, 3)).intersects(
      new semver.Comparator(text(row, 1), optionsOf(row, 3)),
      optionsOf(row, 3),
    ) === row[2],
  comparisons: (row) => compareVersions("npm", text(row, 0), text(row, 1)) > 0 && compareVersions("npm", text(row, 1), text(row, 0)) < 0,
  equality: (row) => compareVersions("npm", text(row, 0), text(row, 1)) === 0,
  increments: (row) =>
    semver.inc(text(row, 0), row[1] as semver.ReleaseType, optionsOf(row, 3), row[4] as string, row[5] as "0" | "1" | false) === row[2],
  "range-exclude": (row) => !included(row),
  "range-include": included,
  "range-intersection": (row) =>
    semver.intersects(text(row, 0), text(row, 1)) === row[2] && semver.intersects(text(row, 1), text(row, 0)) === row[2],
  truncations: (row) => truncate(text(row, 0), text(row, 1)) === row[2],
  "valid-versions": (row) => {
    const parsed = semver.parse(text(row, 0));
    if (parsed === null || compareVersions("npm", text(row, 0), parsed.version) !== 0) return false;
    return JSON.stringify([parsed.major, parsed.minor, parsed.patch, parsed.prerelease, parsed.build]) === JSON.stringify(row.slice(1, 6));
  },
  "version-gt-range": (row) => semver.gtr(text(row, 1), text(row, 0), optionsOf(row, 2)),
  "version-lt-range": (row) => semver.ltr(text(row, 1), text(row, 0), optionsOf(row, 2)),
  "version-not-gt-range": (row) => !semver.gtr(text(row, 1), text(row, 0), optionsOf(row, 2)),
  "version-not-lt-range": (row) => !semver.ltr(text(row, 1), text(row, 0), optionsOf(row, 2)),
};

function truncate(version: string, to: string): string | null {
  const library = semver as unknown as { readonly truncate: (version: string, to: string) => string | null };
  return library.truncate(version, to);
}

function judge(name: string, row: Row, check: (row: Row) => boolean): CaseResult {
  try {
    return check(row) ? { name, outcome: "passed" } : { name, outcome: "failed", detail: JSON.stringify(row) };
  } catch (error) {
    return { name, outcome: "failed", detail: `${JSON.stringify(row)}: ${String(error)}` };
  }
}

export const suite: Suite = {
  name: "semver",
  archive: "semver",
  *run(folder) {
    const lists = JSON.parse(readFileSync(join(folder, "node-semver-fixtures.json"), "utf8")) as Readonly<Record<string, unknown>>;
    for (const [list, rows] of Object.entries(lists)) {
      // Two entries of the archive hold the letters of an error message instead of vectors.
      if (!Array.isArray(rows)) continue;
      const check = checks[list];
      if (check === undefined) throw new Error(`the archive has a list that nobody checks: ${list}`);
      for (const [index, row] of (rows as readonly Row[]).entries()) yield judge(`${list}#${index}`, row, check);
    }
  },
};
