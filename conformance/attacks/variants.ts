/** All variants: every family on every host, each twice removed from chance: the seed decides all that varies. */
import { keeper } from "../../src/checks/behaviour/analysis/files.ts";
import type { ReviewVerdict } from "../../src/model/index.ts";
import type { Family } from "./families.ts";
import { type HonestChange } from "./honest-place.ts";
import { makeHonest } from "./honest-changes.ts";
import { changeManifest, entriesOf, hostOf } from "./host.ts";
import { type Pair, unpack } from "./hosts.ts";
import { judge, sideOfFiles } from "./judge.ts";

export interface Judged {
  readonly family: string;
  readonly host: string;
  /** `alone`: the release is the one before and the change; `among`: the change comes with all that an honest release changed. */
  readonly way: "alone" | "among";
  readonly verdict: ReviewVerdict;
}

/** One host a package: its last pair. */
export const hostsOf = (pairs: readonly Pair[]): readonly Pair[] => [...new Map(pairs.map((pair) => [pair.name, pair])).values()];

/** Judges every family on every host. */
export async function* judgeVariants(pairs: readonly Pair[], families: readonly Family[], seed: string): AsyncGenerator<Judged> {
  const kept = keeper();
  for (const pair of hostsOf(pairs)) {
    const [before, after] = [await unpack(pair.before), await unpack(pair.after)];
    const side = sideOfFiles(pair.from, before);
    for (const [number, family] of families.entries()) {
      const way = (number + pair.name.length) % 2 === 0 ? "alone" : "among";
      const host = hostOf(pair.name, way === "alone" ? before : after, `${seed} ${family.name} ${pair.name}`);
      if (way === "alone")
        changeManifest(host, (manifest) => {
          manifest["version"] = `${pair.from}0`;
        });
      family.change(host);
      const { verdict } = await judge(side, sideOfFiles(`${pair.from}0`, entriesOf(host)), kept);
      yield { family: family.name, host: pair.name, way, verdict };
    }
  }
}

/** Judges every honest change on every host: the release before with that change in it, numbered by the step that it is. */
export async function* judgeHonest(pairs: readonly Pair[], changes: readonly HonestChange[], seed: string): AsyncGenerator<Judged> {
  const kept = keeper();
  for (const { name, before, from } of hostsOf(pairs)) {
    const entries = await unpack(before);
    const side = sideOfFiles(from, entries);
    for (const honest of changes) {
      const host = hostOf(name, entries, `${seed} ${honest.name} ${name}`);
      makeHonest(host, honest);
      const { verdict } = await judge(side, sideOfFiles(from, entriesOf(host)), kept);
      yield { family: honest.name, host: name, way: "alone", verdict };
    }
  }
}

/** Wilson's interval for `hits` of `all` at 95 %. */
export function wilson(hits: number, all: number): readonly [low: number, high: number] {
  if (all === 0) return [0, 1];
  const z = 1.96;
  const share = hits / all;
  const middle = share + (z * z) / (2 * all);
  const width = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return [Math.max(0, (middle - width) / (1 + (z * z) / all)), Math.min(1, (middle + width) / (1 + (z * z) / all))];
}
