/**
 * What is sent on the side: a function hands what it is given to the network, and neither what it answers nor what else it does with it has anything to do
 * with that. A function whose matter is the request answers with what came of it, or does nothing else.
 */
import { calledValue } from "./meaning-calls.ts";
import { node } from "./tree.ts";
import { callMeaning } from "./vocabulary.ts";
import type { Walk } from "./walk.ts";

/** Answers of one function that are looked at, */
const MOST_ANSWERS = 32;
/** and parts of it. */
const MOST_PARTS = 4_000;

/** Whether a host stands in the source: what may go anywhere is a client. */
export const isFixed = (host: string): boolean => host !== "" && !host.includes("*");

export function seeAside(walk: Walk, expression: number, sink: string, n: number): void {
  for (const [callee, places] of walk.flows.parametersIn(expression)) {
    const answer = answerOf(walk, callee);
    if (answer === "of the request" || (answer === "none" && !isUsedOtherwise(walk, callee, places, n))) continue;
    const first = walk.tree.kid[callee]!;
    const source = walk.tree.kind[first] === node.identifier ? walk.tree.nameOf(first) : "";
    walk.gatherer.flow({ from: "argument", to: "network", source, sink, spot: walk.spot(n) });
    return;
  }
}

export type Answer = "of the request" | "of something else" | "none";

/** What it answers with. What says no more than that it is done is no answer. */
function answerOf({ tree, flows, answers }: Walk, callee: number): Answer {
  const known = answers.get(callee);
  if (known !== undefined) return known;
  const all = flows.answersOf(callee).filter((root) => !plain.has(tree.kind[root]!));
  const answer =
    all.length === 0
      ? "none"
      : all.length > MOST_ANSWERS || all.some((root) => flows.into(root).has("network"))
        ? "of the request"
        : "of something else";
  answers.set(callee, answer);
  return answer;
}

const plain: ReadonlySet<number> = new Set([node.literal, node.number, node.text, node.unary]);

/** Whether a statement that does not send anything does something with the same parameter. */
function isUsedOtherwise(walk: Walk, callee: number, places: ReadonlySet<number>, n: number): boolean {
  const { tree } = walk;
  const around = new Set<number>();
  for (let at = n; at !== 0; at = tree.up[at]!) around.add(at);
  let parameters = tree.kid[callee]!;
  if (tree.kind[parameters] !== node.parameters) parameters = tree.next[parameters]!;
  const bindings = new Set<number>();
  for (const place of places) for (const part of partsOf(walk, tree.kidAt(parameters, place))) bindings.add(tree.bindingOf(part));
  bindings.delete(0);
  const isNamed = (statement: number): boolean => [...partsOf(walk, statement)].some((part) => bindings.has(tree.bindingOf(part)));
  const open = [callee];
  for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
    const at = open.pop()!;
    if (tree.kind[at] === node.expression && !around.has(at)) {
      if (!isSending(walk, tree.kid[at]!, around) && isNamed(at)) return true;
      continue;
    }
    for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
  }
  return false;
}

/** Identifiers within. */
function* partsOf({ tree }: Walk, n: number): Generator<number> {
  const open = [n];
  for (let parts = 0; open.length > 0 && parts < MOST_PARTS; parts++) {
    const at = open.pop()!;
    if (tree.kind[at] === node.identifier) yield at;
    for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
  }
}

/** A call that sends, or tells somebody who looks on, or is the way to where it is sent. */
function isSending({ tree, meanings }: Walk, expression: number, around: ReadonlySet<number>): boolean {
  let n = expression;
  while (tree.kind[n] === node.await || tree.kind[n] === node.unary) n = tree.kid[n]!;
  if (tree.kind[n] !== node.call) return false;
  return calledValue(meanings, n).some((meaning) =>
    meaning.kind === "ref"
      ? meaning.path.startsWith("console.") || callMeaning(meaning.path.replace(/\(\).*$/, ""))?.capability === "network"
      : meaning.kind === "node" && around.has(meaning.node),
  );
}
