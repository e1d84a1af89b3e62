/**
 * Which well-known name could this name be taken for? Every way in which imitations are made has its own test, so that the finding can
 * say which one it was. Names one step away are looked for only among those that share their first or their last two letters: a step
 * touches at most two neighbouring letters, so in a name of five or more it leaves one end as it was.
 */

export interface Likeness {
  /** The well-known name. */
  readonly to: string;
  /** The second half of "lodahs is lodash with …". */
  readonly how: string;
}

/** Shorter names are one letter away from too many others. */
const MIN_LENGTH = 5;

/** Letters, and pairs of them, that are taken for another in many typefaces. */
const lookAlikes: Readonly<Record<string, string>> = { rn: "m", vv: "w", "0": "o", "1": "l", i: "l", "|": "l", "5": "s" };
const lookAlike = /rn|vv|[015i|]/g;

const glyphs = (name: string): string => name.replaceAll(lookAlike, (letters) => lookAlikes[letters] ?? letters);
const joined = (name: string): string => name.replaceAll(/[-_.]/g, "");
const shuffled = (name: string): string => name.split(/[-_.]/).toSorted().join("-");
const ENDS = 2;
const ends = (name: string): readonly string[] => [`${name.slice(0, ENDS)}…`, `…${name.slice(-ENDS)}`];

/** A prepared list of names to compare with. */
export interface LikenessIndex {
  /** The likeness of a name that is not itself in the list, or null. */
  readonly find: (name: string) => Likeness | null;
}

export function likenessIndex(names: Iterable<string>): LikenessIndex {
  const known = new Set(names);
  const byGlyphs = new Map<string, string>();
  const byLetters = new Map<string, string>();
  const byWords = new Map<string, string>();
  const byEnds = new Map<string, string[]>();
  const scopes = new Map<string, Set<string>>();
  for (const name of known) {
    if (name.startsWith("@")) {
      const [scope = "", rest = ""] = name.slice(1).split("/", 2);
      scopes.set(scope, (scopes.get(scope) ?? new Set()).add(rest));
    } else if (joined(name).length >= MIN_LENGTH) {
      byGlyphs.set(glyphs(name), name);
      byLetters.set(joined(name), name);
      if (/[-_.]/.test(name)) byWords.set(shuffled(name), name);
      for (const key of ends(name)) {
        const names = byEnds.get(key);
        if (names === undefined) byEnds.set(key, [name]);
        else names.push(name);
      }
    }
  }
  const nameLike = (name: string): Likeness | null => {
    if (joined(name).length < MIN_LENGTH) return null;
    const lower = name.toLowerCase();
    const same = byLetters.get(joined(lower));
    if (same !== undefined) return { to: same, how: "its separators changed" };
    const seen = byGlyphs.get(glyphs(lower));
    if (seen !== undefined) return { to: seen, how: "letters that look like its own" };
    const near = nearestIn(lower, byEnds);
    if (near !== null) return near;
    const words = /[-_.]/.test(lower) ? byWords.get(shuffled(lower)) : undefined;
    return words === undefined ? null : { to: words, how: "its words in another order" };
  };
  const scopedLike = (name: string): Likeness | null => {
    const [scope = "", rest = ""] = name.slice(1).split("/", 2);
    for (const [other, members] of scopes) {
      // Below one scope, names are its owner's business.
      if (scope === other || !members.has(rest) || other.length < MIN_LENGTH - 1) continue;
      const step = oneStep(other, scope) ?? (joined(other) === joined(scope) ? "its separators changed" : null);
      if (step !== null) return { to: `@${other}/${rest}`, how: `${step} in the scope` };
    }
    return null;
  };
  return { find: (name) => (known.has(name) ? null : name.startsWith("@") ? scopedLike(name) : nameLike(name)) };
}

function nearestIn(name: string, byEnds: ReadonlyMap<string, readonly string[]>): Likeness | null {
  for (const key of ends(name)) {
    for (const candidate of byEnds.get(key) ?? []) {
      const how = Math.abs(candidate.length - name.length) > 1 ? null : oneStep(candidate, name);
      if (how !== null) return { to: candidate, how };
    }
  }
  return null;
}

/** What was done to `from` to make `to`, if it was one step; null otherwise, and where only a number changed: that is how forks are named. */
export function oneStep(from: string, to: string): string | null {
  let start = 0;
  while (start < Math.min(from.length, to.length) && from[start] === to[start]) start++;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  // More than two letters are more than one step.
  if (from.length - end - start > 2 || to.length - end - start > 2) return null;
  const [gone, come] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  if (/^\d*$/.test(gone + come)) return null;
  if (gone.length === 0 && come.length === 1) return `"${come}" added`;
  if (gone.length === 1 && come.length === 0) return `"${gone}" left out`;
  if (gone.length === 1 && come.length === 1) return `"${come}" in the place of "${gone}"`;
  if (gone.length === 2 && come === `${gone[1]}${gone[0]}`) return `"${gone}" turned round`;
  return null;
}
