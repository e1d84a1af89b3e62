/**
 * GitHub's `primaryLocationLineHash`: a rolling hash over the hundred characters from the beginning of each line (spaces and tabs
 * skipped, CR and CRLF read as LF, 65535 and then zeros after the end), base 37 modulo 2^64, as hexadecimal, with `:n` counting equal
 * hashes within the file. GitHub combines it with rule and path, so an alert stays the same when lines above it come and go.
 *
 * The 64 bits are kept in two halves: a lockfile has millions of characters, and BigInt arithmetic on each would take seconds.
 */
const WINDOW = 100;
const BASE = 37;
const END_OF_FILE = 65_535;
const TWO_32 = 2 ** 32;

const [leavingHigh, leavingLow] = powerOfBase();

/** 37^100 modulo 2^64: what a character weighs when it leaves the window. */
function powerOfBase(): readonly [number, number] {
  const power = BigInt.asUintN(64, BigInt(BASE) ** BigInt(WINDOW));
  return [Number(power >> 32n), Number(power & 0xffff_ffffn)];
}

/** The hash of each of the asked lines (from 1) that the text has. */
export function lineHashes(text: string, lines: ReadonlySet<number>): ReadonlyMap<number, string> {
  const result = new Map<number, string>();
  const equal = new Map<string, number>();
  const window = new Uint16Array(WINDOW);
  // The line that begins at this place of the window; 0 for none.
  const lineAt = new Uint32Array(WINDOW);
  let high = 0;
  let low = 0;
  let index = 0;
  let line = 0;
  let atLineStart = true;
  let afterCarriageReturn = false;

  const flush = (): void => {
    const began = lineAt[index] ?? 0;
    if (began === 0) return;
    const hex = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
    const times = (equal.get(hex) ?? 0) + 1;
    equal.set(hex, times);
    if (lines.has(began)) result.set(began, `${hex}:${times}`);
    lineAt[index] = 0;
  };
  const take = (character: number): void => {
    const leaving = window[index] ?? 0;
    window[index] = character;
    // Each product stays below 2^53: 32 bits times 16 at most.
    const grown = low * BASE + character;
    const lost = leavingLow * leaving;
    const lowNow = (grown % TWO_32) - (lost % TWO_32);
    const highNow = high * BASE + Math.floor(grown / TWO_32) - leavingHigh * leaving - Math.floor(lost / TWO_32) - (lowNow < 0 ? 1 : 0);
    low = lowNow < 0 ? lowNow + TWO_32 : lowNow;
    high = ((highNow % TWO_32) + TWO_32) % TWO_32;
    index = (index + 1) % WINDOW;
  };
  const read = (given: number): void => {
    const isSecondHalf = afterCarriageReturn && given === 10;
    afterCarriageReturn = given === 13;
    if (given === 32 || given === 9 || isSecondHalf) return;
    const character = given === 13 ? 10 : given;
    flush();
    if (atLineStart) lineAt[index] = ++line;
    atLineStart = character === 10;
    take(character);
  };

  for (let at = 0; at < text.length; at++) read(text.charCodeAt(at));
  read(END_OF_FILE);
  for (let at = 0; at < WINDOW; at++) {
    flush();
    take(0);
  }
  return result;
}
