/**
 * Maven: `ComparableVersion` (https://maven.apache.org/pom.html#version-order-specification). A version is a list; "-" and every change
 * between digits and letters open a list inside it:
 *
 *     1.0-rc2  ->  [1, [rc, [2]]]        (the 0 goes: trailing zeros of a list do not count)
 *
 * Numbers are above lists, lists above words; a word has a rank if Maven knows it, and else comes after all that it knows.
 */
import { type Order, type Whole, compareText, compareWhole, isDigit, makeOrder, whole } from "./order.ts";

interface Word {
  readonly rank: number;
  /** Of an unknown word; "" for the known ones, which their rank tells apart. */
  readonly text: string;
}
type Item = Whole | Word | readonly Item[];
type MutableList = Item[];

/** Where "" (a release) stands among the words. */
const RELEASE = 5;
const UNKNOWN = 7;
const RANKS: ReadonlyMap<string, number> = new Map([
  ["alpha", 0],
  ["beta", 1],
  ["milestone", 2],
  ["rc", 3],
  ["cr", 3],
  ["snapshot", 4],
  ["", RELEASE],
  ["ga", RELEASE],
  ["final", RELEASE],
  ["release", RELEASE],
  ["sp", 6],
]);
/** Single letters that stand for a word where a digit follows. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);

function word(text: string, digitFollows: boolean): Word {
  const name = digitFollows ? (ABBREVIATIONS.get(text) ?? text) : text;
  const rank = RANKS.get(name);
  return rank === undefined ? { rank: UNKNOWN, text: name } : { rank, text: "" };
}

const isList = (item: Item): item is readonly Item[] => Array.isArray(item);
const isWord = (item: Item): item is Word => typeof item === "object" && !Array.isArray(item);
const isNothing = (item: Item): boolean => (isList(item) ? item.length === 0 : isWord(item) ? item.rank === RELEASE : item === 0);

/** Where Maven's releases differ from each other. */
interface MavenRules {
  /** ".X1" counts as "-X1" (MNG-7644, since 3.8.7). */
  readonly dotIsDash: boolean;
  /** A list that holds nothing but a list gives way to it, as the order specification's trimming has it ("1-ga-1" is "1-1"). */
  readonly hoist: boolean;
}

/** As the POM reference specifies it, and as OSV and VERS have it in their tests. */
const SPECIFIED: MavenRules = { dotIsDash: false, hoist: true };

function parse(version: string, rules: MavenRules): readonly Item[] | null {
  if (version === "") return null;
  const text = version.toLowerCase();
  const root: MutableList = [];
  const opened: MutableList[] = [root];
  let list = root;
  const open = (): void => {
    const inner: MutableList = [];
    list.push(inner);
    list = inner;
    opened.push(inner);
  };
  let start = 0;
  let digits = false;
  const item = (end: number): Item => (end === start ? 0 : digits ? whole(text.slice(start, end)) : word(text.slice(start, end), false));
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 46 || code === 45) {
      list.push(item(index));
      start = index + 1;
      if (code === 45) open();
    } else if (isDigit(code)) {
      if (!digits && index > start) {
        if (rules.dotIsDash && list.length > 0) open();
        list.push(word(text.slice(start, index), true));
        start = index;
        open();
      }
      digits = true;
    } else {
      if (digits && index > start) {
        list.push(whole(text.slice(start, index)));
        start = index;
        open();
      }
      digits = false;
    }
  }
  if (text.length > start) {
    if (rules.dotIsDash && !digits && list.length > 0) open();
    list.push(item(text.length));
  }
  for (const inner of opened.toReversed()) {
    withoutTrailingNothing(inner);
    const only = inner[0];
    // "1-ga-1" is "1-1": what goes must not leave a level of its own behind.
    if (rules.hoist && inner !== root && inner.length === 1 && only !== undefined && isList(only)) inner.splice(0, 1, ...only);
  }
  return root;
}

/** Takes off what counts as nothing at the end, looking through the lists that stay. */
function withoutTrailingNothing(list: MutableList): void {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const last = list[index] as Item;
    if (isNothing(last)) list.splice(index, 1);
    else if (!isList(last)) break;
  }
}

/** Against the end of the other list. */
function compareToNothing(item: Item): number {
  if (isList(item)) {
    for (const inner of item) {
      const order = compareToNothing(inner);
      if (order !== 0) return order;
    }
    return 0;
  }
  return isWord(item) ? item.rank - RELEASE : item === 0 ? 0 : 1;
}

function compareItems(a: Item, b: Item): number {
  if (isList(a)) return isList(b) ? compareLists(a, b) : isWord(b) ? 1 : -1;
  if (isWord(a)) return isWord(b) ? a.rank - b.rank || compareText(a.text, b.text) : -1;
  return isList(b) || isWord(b) ? 1 : compareWhole(a, b);
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a[index];
    const right = b[index];
    const order =
      left === undefined
        ? right === undefined
          ? 0
          : -compareToNothing(right)
        : right === undefined
          ? compareToNothing(left)
          : compareItems(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** The order of Maven versions; any text but the empty one is one. */
export const mavenOrder: Order = makeOrder("Maven", (version) => parse(version, SPECIFIED), compareLists);

/** As Maven 3.8.7 and 3.9.0 compute it: for the comparison with those programs, not for judging. */
export const maven387Order: Order = makeOrder("Maven 3.8.7", (version) => parse(version, { dotIsDash: true, hoist: false }), compareLists);
