/**
 * Conan: SemVer widened to any number of parts, letters in them, and a build that counts
 * (https://docs.conan.io/2/tutorial/versioning/version_ranges.html#semantic-versioning). Zeros at the end do not count.
 */
import { type Order, type Whole, compareLists, compareText, compareWhole, makeOrder, whole } from "./order.ts";

type Part = Whole | string;

interface ConanKey {
  readonly main: readonly Part[];
  readonly prerelease: ConanKey | null;
  readonly build: ConanKey | null;
}

/** Each "-" nests one level; real versions have one or two. */
const MAX_NESTING = 16;

function parse(version: string, depth: number): ConanKey | null {
  if (depth > MAX_NESTING) return null;
  const plus = version.lastIndexOf("+");
  const build = plus < 0 ? null : parse(version.slice(plus + 1), depth + 1);
  const rest = plus < 0 ? version : version.slice(0, plus);
  const dash = rest.lastIndexOf("-");
  const prerelease = dash < 0 ? null : parse(rest.slice(dash + 1), depth + 1);
  if ((plus >= 0 && build === null) || (dash >= 0 && prerelease === null)) return null;
  const main: Part[] = (dash < 0 ? rest : rest.slice(0, dash)).split(".").map((part) => (/^\d+$/.test(part) ? whole(part) : part));
  while (main.length > 0 && main.at(-1) === 0) main.pop();
  return { main, prerelease, build };
}

/** A number against a word compares as text. */
function compareParts(a: Part, b: Part): number {
  if (typeof a !== "string" && typeof b !== "string") return compareWhole(a, b);
  return compareText(String(a), String(b));
}

function compareKeys(a: ConanKey, b: ConanKey): number {
  const order = compareLists(a.main, b.main, compareParts);
  if (order !== 0) return order;
  if (a.prerelease === null || b.prerelease === null) {
    if (a.prerelease !== null) return -1;
    if (b.prerelease !== null) return 1;
  } else {
    const stage = compareKeys(a.prerelease, b.prerelease);
    if (stage !== 0) return stage;
  }
  if (a.build === null || b.build === null) return a.build === b.build ? 0 : a.build === null ? -1 : 1;
  return compareKeys(a.build, b.build);
}

export const conanOrder: Order = makeOrder("Conan", (version) => (version === "" ? null : parse(version, 0)), compareKeys);
