/**
 * Debian: `[epoch:]upstream[-revision]` (Debian Policy, section 5.6.12; deb-version(7)). Non-digits and digits take turns; "~" is
 * below the end of the part, letters are below everything else.
 */
import { type Order, type Whole, compareWhole, isDigit, isLetter, makeOrder, whole } from "./order.ts";

interface DebianKey {
  readonly epoch: Whole;
  readonly upstream: string;
  readonly revision: string;
}

function parse(version: string): DebianKey | null {
  const text = version.trim();
  if (text === "" || /\s/.test(text)) return null;
  const colon = text.indexOf(":");
  const epoch = colon < 0 ? "" : text.slice(0, colon);
  // dpkg refuses an epoch that is no number; so do we, since guessing would put it into some order or other.
  if (colon >= 0 && !/^(?:\+?\d+|-0+)$/.test(epoch)) return null;
  const rest = text.slice(colon + 1);
  if (rest === "") return null;
  const dash = rest.lastIndexOf("-");
  return {
    epoch: whole(epoch),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Above all code units, so that other characters come after letters. */
const AFTER_LETTERS = 0x1_00_00;

/** 0 stands for the end of the text and for a digit. */
function weight(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (code === 126) return -1;
  return isLetter(code) ? code : code + AFTER_LETTERS;
}

/** dpkg's `verrevcmp`, without its limit on the size of numbers. */
function compareDebianPart(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const order = weight(a, i) - weight(b, j);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    while (a.charCodeAt(i) === 48) i += 1;
    while (b.charCodeAt(j) === 48) j += 1;
    let first = 0;
    while (i < a.length && j < b.length && isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      if (first === 0) first = a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (i < a.length && isDigit(a.charCodeAt(i))) return 1;
    if (j < b.length && isDigit(b.charCodeAt(j))) return -1;
    if (first !== 0) return first;
  }
  return 0;
}

export const debianOrder: Order = makeOrder(
  "Debian",
  parse,
  (a, b) => compareWhole(a.epoch, b.epoch) || compareDebianPart(a.upstream, b.upstream) || compareDebianPart(a.revision, b.revision),
);

/** opam: like Debian's upstream part, without epoch and revision (https://opam.ocaml.org/doc/Manual.html#version-ordering). */
export const opamOrder: Order = makeOrder("opam", (version) => (version === "" ? null : version), compareDebianPart);
