/**
 * RPM: `[epoch:]version[-release]`, compared by `rpmvercmp` (https://rpm-software-management.github.io/rpm/manual/dependencies.html,
 * rpm-version(7)), and Arch Linux's relative of it (vercmp(8)).
 */
import { type Order, type Whole, compareText, compareWhole, isDigit, isLetter, makeOrder, whole } from "./order.ts";

const TILDE = 126;
const CARET = 94;
const isAlphanumeric = (code: number): boolean => isDigit(code) || isLetter(code);

/** rpmvercmp: runs of digits or letters are compared, everything else only separates, "~" is below and "^" above the end. */
function compareRpmPart(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while (i < a.length && !isSegment(a.charCodeAt(i))) i += 1;
    while (j < b.length && !isSegment(b.charCodeAt(j))) j += 1;
    const left = i < a.length ? a.charCodeAt(i) : 0;
    const right = j < b.length ? b.charCodeAt(j) : 0;
    if (left === TILDE || right === TILDE) {
      if (left !== TILDE) return 1;
      if (right !== TILDE) return -1;
      i += 1;
      j += 1;
      continue;
    }
    // "1.0^git" is above "1.0" and below "1.0.1": against the end it wins, against anything else it loses.
    if (left === CARET || right === CARET) {
      if (left === 0) return -1;
      if (right === 0) return 1;
      if (left !== CARET) return 1;
      if (right !== CARET) return -1;
      i += 1;
      j += 1;
      continue;
    }
    if (left === 0 || right === 0) break;
    const numeric = isDigit(left);
    const endA = runEnd(a, i, numeric);
    const endB = runEnd(b, j, numeric);
    // A number against letters: the number is newer.
    if (endB === j) return numeric ? 1 : -1;
    const order = numeric ? compareDigits(a.slice(i, endA), b.slice(j, endB)) : compareText(a.slice(i, endA), b.slice(j, endB));
    if (order !== 0) return order;
    i = endA;
    j = endB;
  }
  return i < a.length ? 1 : j < b.length ? -1 : 0;
}

const isSegment = (code: number): boolean => isAlphanumeric(code) || code === TILDE || code === CARET;

function runEnd(text: string, from: number, numeric: boolean): number {
  let end = from;
  while (end < text.length && (numeric ? isDigit(text.charCodeAt(end)) : isLetter(text.charCodeAt(end)))) end += 1;
  return end;
}

/** Without reading them as numbers: the longer one wins, zeros at the front do not count. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  return left.length - right.length || compareText(left, right);
}

/** vercmp's own rpmvercmp: knows no "~", and lets letters at the end lose against the end, so that 1.0rc is below 1.0. */
function compareAlpmPart(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const fromA = i;
    const fromB = j;
    while (i < a.length && !isAlphanumeric(a.charCodeAt(i))) i += 1;
    while (j < b.length && !isAlphanumeric(b.charCodeAt(j))) j += 1;
    if (i >= a.length || j >= b.length) break;
    if (i - fromA !== j - fromB) return i - fromA < j - fromB ? -1 : 1;
    const numeric = isDigit(a.charCodeAt(i));
    const endA = runEnd(a, i, numeric);
    const endB = runEnd(b, j, numeric);
    if (endB === j) return numeric ? 1 : -1;
    const order = numeric ? compareDigits(a.slice(i, endA), b.slice(j, endB)) : compareText(a.slice(i, endA), b.slice(j, endB));
    if (order !== 0) return order;
    i = endA;
    j = endB;
  }
  if (i >= a.length && j >= b.length) return 0;
  const leftIsWord = i < a.length && isLetter(a.charCodeAt(i));
  const rightIsWord = j < b.length && isLetter(b.charCodeAt(j));
  return (i >= a.length && !rightIsWord) || leftIsWord ? -1 : 1;
}

interface EvrKey {
  readonly epoch: Whole;
  readonly version: string;
  /** null: none given. */
  readonly release: string | null;
}

function parseEvr(text: string): EvrKey | null {
  const version = text.trim();
  if (version === "" || /\s/.test(version)) return null;
  // Only digits before the colon make an epoch.
  const epoch = /^(\d*):/.exec(version);
  const rest = epoch === null ? version : version.slice(epoch[0].length);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: whole(epoch?.[1] ?? ""),
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? null : rest.slice(dash + 1),
  };
}

/** A version with a release is above the same one without. */
function compareReleases(a: string | null, b: string | null): number {
  if (a === null) return b === null ? 0 : -1;
  return b === null ? 1 : compareRpmPart(a, b);
}

export const rpmOrder: Order = makeOrder(
  "RPM",
  parseEvr,
  (a, b) => compareWhole(a.epoch, b.epoch) || compareRpmPart(a.version, b.version) || compareReleases(a.release, b.release),
);

/** Arch Linux: releases count only where both have one. */
export const alpmOrder: Order = makeOrder(
  "ALPM",
  parseEvr,
  (a, b) =>
    compareWhole(a.epoch, b.epoch) ||
    compareAlpmPart(a.version, b.version) ||
    (a.release === null || b.release === null ? 0 : compareAlpmPart(a.release, b.release)),
);
