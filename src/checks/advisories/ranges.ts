/** Which versions cure an advisory, and which of them a range admits. npm's rules; other ecosystems' dependents are not resolved here. */
import satisfiesRange from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import type { AdvisoryClaim, Ecosystem, PackageDocument } from "../../model/index.ts";
import { orderOf } from "../../versions/index.ts";

/** True where `range` is a range of versions and `version` lies in it. A tag, an address or a protocol admits nothing that is known here. */
export function admits(range: string, version: string): boolean {
  return satisfiesRange(version, plainRange(range), { loose: true });
}

/** False for a tag, an address, a workspace: what it admits is not written in it. */
export const isRange = (range: string): boolean => validRange(plainRange(range), { loose: true }) !== null;

/** `npm:real@^1.0.0` asks for `^1.0.0` of another name; the version is what counts here. */
function plainRange(range: string): string {
  if (!range.startsWith("npm:")) return range;
  const at = range.indexOf("@", "npm:@".length);
  return at === -1 ? range.slice("npm:".length) : range.slice(at + 1);
}

/**
 * Is this version cured? The claim names the fixed release of every branch, not where each branch begins, so a version counts as cured
 * only where that follows from the fixes alone: a fix on its own minor line, or else on its own major line, at or below it and none
 * above it there; or it is at or above the last fix of all.
 */
export function isCured(claim: Pick<AdvisoryClaim, "fixed">, ecosystem: Ecosystem, version: string): boolean {
  const order = orderOf(ecosystem);
  if (order === null) return claim.fixed.includes(version);
  const fixes = claim.fixed.filter((fix) => order.valid(fix));
  if (fixes.length === 0 || !order.valid(version)) return false;
  for (const parts of [2, 1, 0]) {
    const line = fixes.filter((fix) => lineOf(fix, parts) === lineOf(version, parts));
    if (line.some((fix) => order.compare(fix, version) > 0)) return false;
    if (line.length > 0) return true;
  }
  return false;
}

/** `4.17.21` is on the lines `4.17`, `4` and "" (all). */
const lineOf = (version: string, parts: number): string => version.split(/[.+-]/, parts).join(".");

const isPrerelease = (version: string): boolean => /^\d+(?:\.\d+)*-/.test(version);

/** What npm would install for a range: `latest` where the range admits it, else the highest that it admits, deprecated ones last. */
export function pick(document: PackageDocument, range: string, ecosystem: Ecosystem): string | null {
  const latest = document.distTags["latest"];
  if (latest !== undefined && admits(range, latest)) return latest;
  const order = orderOf(ecosystem);
  let best: string | null = null;
  let bestIsDeprecated = true;
  for (const version of document.versions) {
    if (!admits(range, version)) continue;
    const deprecated = document.release(version)?.deprecated !== undefined;
    const better =
      best === null || (bestIsDeprecated && !deprecated) || (bestIsDeprecated === deprecated && (order?.compare(version, best) ?? 0) > 0);
    if (better) [best, bestIsDeprecated] = [version, deprecated];
  }
  return best;
}

/** Releases above `version`, ascending; those before a release (`2.0.0-rc.1`) only for one that is such itself, deprecated ones last. */
export function releasesAbove(document: PackageDocument, version: string, ecosystem: Ecosystem): readonly string[] {
  const order = orderOf(ecosystem);
  if (order === null || !order.valid(version)) return [];
  const above = document.versions.filter(
    (other) => order.valid(other) && order.compare(other, version) > 0 && (isPrerelease(version) || !isPrerelease(other)),
  );
  const sorted = above.toSorted((a, b) => order.compare(a, b));
  const deprecated = (other: string): boolean => document.release(other)?.deprecated !== undefined;
  return [...sorted.filter((other) => !deprecated(other)), ...sorted.filter(deprecated)];
}
