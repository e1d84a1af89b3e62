/**
 * JavaScript and TypeScript: all of it is parsed, every call, reference and assignment is asked what it means, and what flows into the calls
 * that matter is followed back. Where no tree can be made the tokens are read instead. Nothing is left out beforehand by a look at the text.
 *
 *     text -> tree -> meanings -> sightings, flows
 *              └ too large or too deep: tokens
 */
import { Gatherer, Lines, type Reading } from "../files-gather.ts";
import { forgetLargeCodes } from "./codes.ts";
import { parse } from "./parse.ts";
import { gatherTokens } from "./reading-tokens.ts";
import { type Tree, TreeLimit, flag as flags, node as nodes } from "./tree.ts";
import { readCommand, seeCall, seeImport } from "./walk-calls.ts";
import type { CodeText } from "./walk-code.ts";
import { TABLE_CALLS, isTrap, seeLoop } from "./walk-disguises.ts";
import { seeAssignment, seeDeclarator, seeIdentifier, seeReference, seeWhole } from "./walk-references.ts";
import { isWalletPattern, seeText } from "./walk-texts.ts";
import { Walk } from "./walk.ts";

const flag = flags;
const node = nodes;

export const javascriptReading = (text: string, lines: Lines): Reading => once(text, lines, false);
export const typescriptReading = (text: string, lines: Lines): Reading => once(text, lines, true);

function once(text: string, lines: Lines, typed: boolean): Reading {
  try {
    return read(text, lines, typed, 0);
  } finally {
    forgetLargeCodes();
  }
}

/** Code in a text in code in a text: nobody honest goes deeper than once. */
const DEEPEST_CODE = 3;

function read(text: string, lines: Lines, typed: boolean, depth: number): Reading {
  const gatherer = new Gatherer();
  let tree: Tree;
  try {
    tree = parsed(text, typed);
  } catch (error) {
    if (!(error instanceof TreeLimit) && !(error instanceof RangeError)) throw error;
    const because = error instanceof TreeLimit ? error.message : "it is nested too deep";
    gatherer.hide("unparsed", because, lines.spot(0));
    gatherTokens(text, lines, gatherer);
    return gatherer.reading("tokens", because);
  }
  const language = typed ? "TypeScript" : "JavaScript";
  const because =
    tree.problems === 0 ? "" : tree.problems === 1 ? `one place is no ${language}` : `${tree.problems} places are no ${language}`;
  let stopped = "";
  let codes: readonly CodeText[] = [];
  let commands: readonly CodeText[] = [];
  try {
    if (because !== "") {
      gatherer.hide("unparsed", because, lines.spot(0));
      gatherTokens(text, lines, gatherer);
    }
    const walk = new Walk(tree, lines, gatherer);
    walkTree(walk);
    ({ codes, commands } = walk);
    if (walk.meanings.exhausted) stopped = "what it means was followed only in part";
  } finally {
    tree.release();
  }
  for (const command of commands) readCommand(command, gatherer);
  if (depth < DEEPEST_CODE) for (const code of codes) readCode(code, text, gatherer, depth + 1);
  return gatherer.reading("tree", because === "" ? stopped : because);
}

/** Words that are looked for in the file to tell whether code in a text can be read there. */
const SAMPLE = 12;

/** What a text does that is run as code, where it is run. What cannot be read in the file as it stands is concealed. */
function readCode({ text, spot, when }: CodeText, file: string, gatherer: Gatherer, depth: number): void {
  const { sightings, flows, hosts } = read(text, new Lines(text), false, depth);
  const hidden = (text.match(/[A-Za-z_$][\w$]{2,}/g) ?? []).slice(0, SAMPLE).some((name) => !file.includes(name));
  for (const { capability, subject, through, concealed } of sightings)
    gatherer.see(capability, subject, spot, { through, when, concealed: concealed || hidden });
  for (const flow of flows) gatherer.flow({ ...flow, spot });
  for (const { host, concealed } of hosts) gatherer.host(host, spot, concealed || hidden);
}

/** As what the name promises, and where that is not understood as what it could be besides: Flow and JSX lie in `.js`, elements in `.ts`. */
function parsed(text: string, typed: boolean): Tree {
  const first = parse(text, { typed, jsx: !typed });
  if (first.problems === 0) return first;
  first.release();
  const second = parse(text, { typed: true, jsx: true });
  if (second.problems < first.problems) return second;
  second.release();
  return parse(text, { typed, jsx: !typed });
}

/** By kind: whether such a node is looked at; more than half say nothing by themselves. */
const telling: Uint8Array = new Uint8Array(64);
for (const kind of [
  node.identifier,
  node.member,
  node.index,
  node.call,
  node.new,
  node.spread,
  node.forIn,
  node.importCall,
  node.import,
  node.export,
  node.assign,
  node.declarator,
  node.text,
  node.quasi,
  node.regex,
  node.while,
  node.for,
  node.doWhile,
  node.debugger,
])
  telling[kind] = 1;

function walkTree(walk: Walk): void {
  const { tree } = walk;
  const { kind } = tree;
  // Nodes that a speculation left behind hang nowhere. The most frequent kinds first.
  for (let n = 2; n < tree.count; n++) {
    if (telling[kind[n]!] === 0) continue;
    switch (kind[n]) {
      case node.identifier:
        seeIdentifier(walk, n);
        break;
      case node.member:
      case node.index:
        seeReference(walk, n);
        break;
      case node.call:
      case node.new:
        seeCall(walk, n);
        break;
      case node.spread:
        seeWhole(walk, tree.kid[n]!);
        break;
      case node.forIn:
        seeWhole(walk, tree.kidAt(n, 1));
        break;
      case node.importCall:
        seeImport(walk, n, walk.meanings.of(tree.kid[n]!), "dynamic");
        break;
      case node.import:
      case node.export:
        if (
          tree.kid[n] !== 0 &&
          tree.kind[tree.kid[n]!] === node.text &&
          (tree.kind[n] === node.import || tree.aux[n] === 0 || (tree.aux[n]! & flag.typeOnly) !== 0)
        )
          if (tree.kind[n] === node.import || tree.text.slice(tree.start[tree.kid[n]!]! - 40, tree.start[tree.kid[n]!]!).includes("from"))
            seeImport(walk, n, walk.meanings.of(tree.kid[n]!), "static", (tree.aux[n]! & flag.typeOnly) !== 0);
        break;
      case node.assign:
        seeAssignment(walk, n);
        break;
      case node.declarator:
        seeDeclarator(walk, n);
        break;
      case node.text:
      case node.quasi:
        seeText(walk, n);
        break;
      case node.regex:
        if (tree.end[n]! - tree.start[n]! < 400 && isWalletPattern(tree.text.slice(tree.start[n]!, tree.end[n]!)))
          walk.see("wallet", "address", n, "regular expression");
        break;
      case node.while:
      case node.for:
      case node.doWhile:
        seeLoop(walk, n);
        break;
      case node.debugger:
        if (isTrap(tree, n)) walk.gatherer.hide("self-inspection", "a trap for debuggers", walk.spot(n));
        break;
      default:
    }
  }
  for (const { node: at, texts, undone } of walk.meanings.turns)
    walk.gatherer.hide(
      "text-array",
      `${texts} texts in an order that is made when it runs${undone ? "" : ", and that could not be worked out"}`,
      walk.spot(at),
    );
  for (const { calls, first } of walk.tables.values())
    if (calls >= TABLE_CALLS) walk.gatherer.hide("text-array", `${calls} texts fetched by number`, walk.spot(first));
}
