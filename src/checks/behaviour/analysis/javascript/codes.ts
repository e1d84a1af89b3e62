/**
 * A text's UTF-16 code units as a row of numbers. The tokenizer looks at every one of them, some several times, and a string has to be
 * asked each time in which of several ways it is kept; a row of numbers is read twice as fast.
 */

/** Zeros behind the text: whoever looks a few characters ahead need not ask whether there are any. */
const BEHIND = 8;
/** Rows of this size are kept for the next text (2 MB); a larger one only until the text that it was made for was read in every way. */
const LARGEST_KEPT = 1 << 20;
/** Whether this machine keeps the higher byte first. */
const isBigEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/** A row that nobody uses. */
let spare: Uint16Array | null = null;

/** At least `BEHIND` zeros follow the text. `releaseCodes` gives the row back. */
export function codesOf(text: string): Uint16Array {
  const size = text.length + BEHIND;
  // One that is far too small is let go before another is made.
  if (spare !== null && spare.length < size) spare = null;
  const codes = spare ?? new Uint16Array(Math.max(size, 1 << 16));
  if (codes === spare) spare = null;
  const bytes = Buffer.from(codes.buffer, 0, 2 * text.length);
  bytes.write(text, "utf16le");
  if (isBigEndian) bytes.swap16();
  codes.fill(0, text.length, size);
  return codes;
}

/** Nobody looks at these any more. The same text may be asked for again at once: as another language, or for its tokens alone. */
export function releaseCodes(codes: Uint16Array): void {
  if (spare === null || spare.length < codes.length) spare = codes;
}

/** Nobody will ask for this text again. V8 is slow to see that a row of sixty megabytes is nobody's: two of them must not lie there at once. */
export function forgetLargeCodes(): void {
  if (spare !== null && spare.length > LARGEST_KEPT) spare = null;
}
