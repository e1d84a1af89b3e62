/**
 * Coins for thirty-two runs at once. A coin that shows heads with probability q is a random number below q, and which is less shows at the
 * first binary digit in which they differ: so one random word decides a digit of all lanes, and half of those still open are decided by
 * each. A lane that nobody asks for is decided from the start: the fewer lanes, the fewer words.
 */

const WHOLE = 2 ** 32;
const DIGITS = 32;

/**
 * Coins of one batch of runs: called with the lanes that are wanted, returns those of them that show heads. In lanes in which the common
 * coin fell (with the same probability) the others show heads with q + c - cq, in the rest with q - cq.
 *
 * @param batch the number of the batch: each has a stream of its own
 */
export function coinsFor(seed: number, batch: number, probability: number, correlation: number): (wanted: number) => number {
  const next = generator(seed, batch);
  const own = tosser([[-1, probability]], next);
  if (correlation === 0) return own;
  const common = own(-1);
  const apart = (1 - correlation) * probability;
  return tosser(
    [
      [common, correlation + apart],
      [~common, apart],
    ],
    next,
  );
}

/** `chances` gives each lane its probability. */
function tosser(chances: readonly (readonly [lanes: number, probability: number])[], next: () => number): (wanted: number) => number {
  // What is certain is no coin: 1 has no binary digits behind the point.
  let certain = 0;
  const digits = new Int32Array(DIGITS);
  for (const [lanes, probability] of chances) {
    const below = Math.round(probability * WHOLE);
    if (below >= WHOLE) certain |= lanes;
    else for (let digit = 0; digit < DIGITS; digit++) if (Math.floor(below / 2 ** (DIGITS - 1 - digit)) % 2 === 1) digits[digit]! |= lanes;
  }
  // Behind the last digit that is not 0 nothing more can be less.
  let last = DIGITS;
  while (last > 0 && digits[last - 1] === 0) last--;
  return (wanted) => {
    let heads = certain;
    let open = wanted & ~certain;
    for (let digit = 0; open !== 0 && digit < last; digit++) {
      const random = next();
      const one = digits[digit]!;
      heads |= open & ~random & one;
      open &= ~(random ^ one);
    }
    return heads & wanted;
  };
}

/** xorshift128 (Marsaglia, J. Stat. Software 8(14), 2003), seeded through splitmix32: 32 bits a call. */
function generator(seed: number, batch: number): () => number {
  let mix = seed | 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  // Mixed once before the batch comes in, so that batch 1 of seed 1 is not batch 0 of another seed.
  mix = split() ^ Math.imul(batch, 0x85ebca6b);
  let [x, y, z, w] = [split(), split(), split(), split() | 1];
  return () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w;
  };
}
