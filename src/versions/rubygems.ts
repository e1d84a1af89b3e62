/**
 * RubyGems: `Gem::Version#<=>` (https://docs.ruby-lang.org/en/master/Gem/Version.html). Digits and letters are segments wherever
 * they meet; a segment of letters is below any number, and so makes a prerelease.
 */
import { type Order, type Whole, compareText, compareWhole, makeOrder, whole } from "./order.ts";

type Segment = Whole | string;

/** Wider than `Gem::Version.correct?`, which refuses "1beta"; the order of what it lets in is the same. */
const SHAPE = /^[0-9][0-9A-Za-z.\-_+~]*$/;
const SEGMENTS = /[0-9]+|[A-Za-z]+/g;

function parse(version: string): readonly Segment[] | null {
  const text = version.trim();
  // `Gem::Version.new("")` is version 0.
  if (text === "") return [];
  if (!SHAPE.test(text)) return null;
  const segments: Segment[] = (text.replaceAll("-", ".pre.").match(SEGMENTS) ?? []).map((part) =>
    (part.codePointAt(0) ?? 0) <= 57 ? whole(part) : part,
  );
  const words = segments.findIndex((segment) => typeof segment === "string");
  const cut = words < 0 ? segments.length : words;
  return [...withoutTrailingZeros(segments.slice(0, cut)), ...withoutTrailingZeros(segments.slice(cut))];
}

/** The numbers before the first word and the segments from it on lose their trailing zeros each for themselves. */
function withoutTrailingZeros(segments: readonly Segment[]): readonly Segment[] {
  let length = segments.length;
  while (length > 0 && segments[length - 1] === 0) length -= 1;
  return segments.slice(0, length);
}

function compareKeys(a: readonly Segment[], b: readonly Segment[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left === right) continue;
    if (typeof left === "string") {
      if (typeof right !== "string") return -1;
      return compareText(left, right);
    }
    return typeof right === "string" ? 1 : compareWhole(left, right);
  }
  return 0;
}

export const rubygemsOrder: Order = makeOrder("RubyGems", parse, compareKeys);
