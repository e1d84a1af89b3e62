/**
 * OpenSSL: until 1.1.1 numbers with patch letters, a to z and then za, zb …; from 3.0 semantic versions
 * (https://openssl-library.org/policies/general/versioning-policy/). Prereleases are alpha, beta, pre, rc; other words after a dash
 * (`-dev`, `-cvs`) are development after the release that they name.
 */
import { type Order, type Whole, compareLists, compareText, compareWhole, makeOrder, whole } from "./order.ts";

interface OpensslKey {
  readonly numbers: readonly Whole[];
  /** Letters grow in length first: z, za, zb. */
  readonly letters: string;
  /** -1 prerelease, 0 release, 1 development after it. */
  readonly stage: number;
  readonly word: string;
  readonly count: Whole;
}

const SHAPE = /^(?:openssl-)?(\d+(?:\.\d+)*)([a-z]*)(?:[-+_]?(?:([a-z]+)[-.]?(\d*)))?(?:[-+].*)?$/;
const PRERELEASES: ReadonlySet<string> = new Set(["alpha", "beta", "pre", "rc"]);

function parse(version: string): OpensslKey | null {
  const text = version.toLowerCase().trim();
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, numbers = "", letters = "", word = "", count = ""] = match;
  const fused = PRERELEASES.has(letters);
  const name = fused ? letters : word;
  return {
    numbers: numbers.split(".").map(whole),
    letters: fused ? "" : letters,
    stage: name === "" ? 0 : PRERELEASES.has(name) ? -1 : 1,
    word: name,
    count: whole(count),
  };
}

export const opensslOrder: Order = makeOrder(
  "OpenSSL",
  parse,
  (a, b) =>
    compareLists(a.numbers, b.numbers, compareWhole) ||
    a.letters.length - b.letters.length ||
    compareText(a.letters, b.letters) ||
    a.stage - b.stage ||
    compareText(a.word, b.word) ||
    compareWhole(a.count, b.count),
);
