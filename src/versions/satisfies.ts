import { type Ecosystem, Fault, splitEcosystem } from "../model/index.ts";
import satisfiesRange from "semver/functions/satisfies.js";
import { invalidVersion } from "./order.ts";
import validRange from "semver/ranges/valid.js";
import { semverOrder } from "./semver.ts";

export interface SatisfiesOptions {
  /** Takes prereleases as if they were releases; npm does so only where asked. */
  readonly includePrerelease?: boolean;
}

/**
 * Whether the ecosystem's own package manager would take this version for this range. For npm that is node-semver, loose as npm calls
 * it: `1.0.0-beta` satisfies `^1.0.0-alpha`, but not `^0.9.0 || >=0.9.0`, since prereleases have to be asked for. A tag, an address
 * or an alias is no range: it is a fault, not a "no".
 * Throws `version/invalid` for a version or range that is none and `version/unknown-ecosystem` for every other ecosystem.
 */
export function satisfies(ecosystem: Ecosystem, version: string, range: string, options: SatisfiesOptions = {}): boolean {
  const [name] = splitEcosystem(ecosystem);
  if (name !== "npm")
    throw new Fault("version/unknown-ecosystem", `ranges of the ecosystem ${JSON.stringify(ecosystem)} are not read`, {
      hint: "Only npm's are; versOf turns other ranges into VERS",
    });
  const settings = { loose: true, includePrerelease: options.includePrerelease ?? false };
  if (satisfiesRange(version, range, settings)) return true;
  // The library says no to what is no version or no range as well.
  if (!semverOrder.valid(version)) throw invalidVersion(semverOrder.name, version);
  if (validRange(range, settings) === null) {
    const shown = range.length > 120 ? `${range.slice(0, 120)}…` : range;
    throw new Fault("version/invalid", `not a range of npm: ${JSON.stringify(shown)}`);
  }
  return false;
}
