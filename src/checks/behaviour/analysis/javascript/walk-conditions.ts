/**
 * On what it hangs whether something happens: the tests around a place, out through the functions that it stands in. What is deleted or run on a day that
 * the source names, or in one country only, is meant for somebody who is not there to see it.
 */
import type { Flow } from "../../../../model/index.ts";
import { calledValue } from "./meaning-calls.ts";
import { node } from "./tree.ts";
import type { Walk } from "./walk.ts";

/** Functions on the way out, and calls of each that are followed. */
const MOST_FUNCTIONS = 3;
const MOST_CALLERS = 4;
/** Statements before a place that may leave the function first. */
const MOST_BEFORE = 64;
/** Steps outwards from one place, in all: a file may have ten thousand places. */
const MOST_STEPS = 2_000;
/** Parts of tests that are looked at for one place. */
const MOST_PARTS = 400;

/** The tests that decide whether `n` is come to. */
function* testsAround(walk: Walk, n: number, functions: number, budget: { left: number }): Generator<number> {
  const { tree } = walk;
  let at = n;
  for (let up = tree.up[at]!; up !== 0 && budget.left > 0; at = up, up = tree.up[at]!) {
    budget.left--;
    const kind = tree.kind[up]!;
    const first = tree.kid[up]!;
    if ((kind === node.if || kind === node.conditional || kind === node.logical || kind === node.while) && first !== at) yield first;
    else if (kind === node.case) yield tree.kid[tree.up[up]!]!;
    else if (kind === node.block || kind === node.program) {
      let before = first;
      for (let i = 0; before !== at && before !== 0 && i < MOST_BEFORE && budget.left > 0; before = tree.next[before]!, i++, budget.left--)
        if (tree.kind[before] === node.if && leaves(walk, tree.kidAt(before, 1))) yield tree.kid[before]!;
    }
    if (tree.kind[at] !== node.function || functions >= MOST_FUNCTIONS) continue;
    for (const call of (walk.meanings.callers.get(at) ?? []).slice(0, MOST_CALLERS)) yield* testsAround(walk, call, functions + 1, budget);
  }
}

/** `return`, `throw`, or a block that begins so. */
export function leaves({ tree }: Walk, statement: number): boolean {
  const first = tree.kind[statement] === node.block ? tree.kid[statement]! : statement;
  return tree.kind[first] === node.return || tree.kind[first] === node.throw;
}

const calendar = /^Date#\.get(?:UTC)?(?:FullYear|Month|Date|Day|Hours)$/;
const locale =
  /^Intl\.DateTimeFormat(?:#|\(\))\.resolvedOptions|^navigator\.languages?$|^process\.env\.(?:LANG|LC_\w+|TZ)$|^Date#\.getTimezoneOffset$/;
/** Milliseconds of a day in this century. */
const DAY_FROM = 1e12;

/** What decides whether `n` is come to: a date that the source names, the country or language; null where neither does. */
export function conditionOf(walk: Walk, n: number): Extract<Flow["from"], "date" | "locale"> | null {
  const { tree, meanings } = walk;
  let parts = 0;
  for (const test of testsAround(walk, n, 0, { left: MOST_STEPS })) {
    const open = [test];
    const seen = new Set<number>();
    let [isNow, isPart, isDay, hasNumber] = [false, false, false, false];
    for (; open.length > 0 && parts < MOST_PARTS; parts++) {
      const at = open.pop()!;
      const kind = tree.kind[at]!;
      if (kind === node.function || kind === node.class) continue;
      if (kind === node.identifier) {
        const binding = tree.bindingOf(at);
        if (binding === 0 || seen.has(binding)) continue;
        seen.add(binding);
        for (const source of (meanings.sources[binding] ?? []).slice(0, MOST_CALLERS)) if (source.kind === "value") open.push(source.node);
      } else if (kind === node.number) {
        hasNumber = true;
        const value = Number(tree.text.slice(tree.start[at]!, tree.end[at]!).replaceAll("_", ""));
        if (value >= DAY_FROM && value < 10 * DAY_FROM) isDay = true;
      } else if (kind === node.text) {
        if (/^.\d{4}-\d\d(?:-\d\d)?(?:T|.$)/.test(tree.text.slice(tree.start[at]!, Math.min(tree.end[at]!, tree.start[at]! + 13))))
          isDay = true;
      } else if (kind === node.call || kind === node.new || kind === node.member) {
        for (const meaning of kind === node.member ? meanings.of(at) : calledValue(meanings, at)) {
          if (meaning.kind !== "ref") continue;
          if (locale.test(meaning.path)) return "locale";
          if (meaning.path === "Date.now" || (meaning.path === "Date" && tree.next[tree.kid[at]!] === 0)) isNow = true;
          if (meaning.path === "Date.UTC" || (meaning.path === "Date" && tree.kind[tree.kidAt(at, 1)] === node.number)) isDay = true;
          if (calendar.test(meaning.path)) isPart = true;
        }
      }
      for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
    if (isNow && (isDay || (isPart && hasNumber))) return "date";
  }
  return null;
}
