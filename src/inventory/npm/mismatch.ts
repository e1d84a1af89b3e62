/** Does the lockfile fit the package.json beside it? What differs is said, not judged: the package manager would refuse or rewrite. */
import type { Place } from "../../model/index.ts";
import type { ListingBuilder } from "../listing.ts";
import type { Ask, Manifest } from "./manifest.ts";

/** More than this many differences say no more than that the file is out of date. */
const MAX_SAID = 10;

/**
 * Remarks on each dependency that package.json and the lockfile's record of it hold differently.
 * @param locked what the lockfile recorded when it was written
 */
export function compareWithManifest(build: ListingBuilder, place: Place, manifest: Manifest, locked: readonly Ask[]): void {
  const said: string[] = [];
  const recorded = new Map(locked.filter((ask) => ask.kind !== "peer").map((ask) => [ask.name, ask]));
  for (const ask of manifest.asks) {
    if (ask.kind === "peer") continue;
    const known = recorded.get(ask.name);
    recorded.delete(ask.name);
    if (known === undefined) said.push(`package.json asks for ${ask.name}@${ask.range}, the lockfile was written without it`);
    else if (known.range !== ask.range)
      said.push(`package.json asks for ${ask.name}@${ask.range}, the lockfile was written for ${known.range}`);
  }
  for (const [name, ask] of recorded) said.push(`the lockfile was written for ${name}@${ask.range}, package.json does not ask for it`);
  for (const message of said.slice(0, MAX_SAID)) build.remark(place, message);
  if (said.length > MAX_SAID) build.remark(place, `and ${said.length - MAX_SAID} more differences between package.json and the lockfile`);
}
