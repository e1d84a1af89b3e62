/** The one of `known` that a mistyped word most likely meant: at most a third of its letters differ. `undefined` where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.ceil(word.length / 3) + 1;
  for (const candidate of known) {
    // Words of very different length cannot be near; a very long one is not compared at all.
    if (Math.abs(candidate.length - word.length) >= least || word.length > MAX_WORD) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** The distance is quadratic in the length, and nobody mistypes a word of this length. */
const MAX_WORD = 80;

/** Levenshtein's distance, with two rows. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      current.push(Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + same));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
