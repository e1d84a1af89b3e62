/**
 * The syntax tree as columns of numbers: a node is an index, its children a chain. That is several times faster than objects, and a tree of
 * a million nodes is a handful of arrays and no work for the garbage collector. Children have smaller numbers than their parents but for
 * functions, classes, blocks and other nodes that are begun before their children are read; no one relies on the order, only on `up`.
 *
 * The columns are there once, for one tree after the other: what stands at a fixed place is cheaper to write to, and of memory that
 * nobody has written to yet the system gives none.
 *
 * The files of this folder give the tables that they import a second name (`const node = nodes`): what is in a constant of one's own module
 * is a number to the compiler, what is in one of another module is looked up at every use. That is a tenth of all time.
 */
import { codesOf, releaseCodes } from "./codes.ts";
import { type NameTable, nameTable, releaseNames } from "./names.ts";
import { type BindingTable, bindingTable, releaseBindings } from "./tree-bindings.ts";

export const node = {
  none: 0,
  program: 1,
  block: 2,
  identifier: 3,
  /** A name that is no variable: of a member, a key, a label. */
  name: 4,
  number: 5,
  /** `aux`: 1 where it holds an escape. */
  text: 6,
  template: 7,
  quasi: 8,
  taggedTemplate: 9,
  regex: 10,
  array: 11,
  object: 12,
  property: 13,
  function: 14,
  parameters: 15,
  class: 16,
  call: 17,
  new: 18,
  /** `a.b`; kids: object; `aux`: the name. */
  member: 19,
  /** `a[b]`; kids: object, key. */
  index: 20,
  unary: 21,
  update: 22,
  binary: 23,
  logical: 24,
  assign: 25,
  conditional: 26,
  sequence: 27,
  spread: 28,
  await: 29,
  yield: 30,
  this: 31,
  super: 32,
  /** `import(…)`; kids: the specifier, options. */
  importCall: 33,
  metaProperty: 34,
  jsx: 35,
  declaration: 36,
  declarator: 37,
  return: 38,
  if: 39,
  for: 40,
  forIn: 41,
  while: 42,
  doWhile: 43,
  try: 44,
  throw: 45,
  switch: 46,
  case: 47,
  label: 48,
  break: 49,
  continue: 50,
  expression: 51,
  import: 52,
  /** Of an import or export; `aux`: the name on the other side (0: all of it), kids: the variable here. */
  specifier: 53,
  export: 54,
  debugger: 55,
  empty: 56,
  literal: 57,
  arguments: 58,
  catch: 59,
} as const;

/** Bits of `aux`. */
export const flag = {
  computed: 1,
  shorthand: 2,
  method: 4,
  getter: 8,
  setter: 16,
  static: 32,
  arrow: 64,
  async: 128,
  generator: 256,
  typeOnly: 512,
  optional: 1024,
  constant: 2048,
} as const;

/** 33 bytes a node, a node for every nine bytes of source: a tree of this size takes 35 MB and comes from 9 MB of source in one file. Twice as many would not leave a review within 256 MiB. */
export const MOST_NODES: number = 1024 * 1024;

/** Thrown within this folder only: the tree would become larger or deeper than the limits allow, the caller takes the tokens instead. */
export class TreeLimit extends Error {}

const kinds = new Uint8Array(MOST_NODES);
const starts = new Int32Array(MOST_NODES);
const ends = new Int32Array(MOST_NODES);
const kids = new Int32Array(MOST_NODES);
const nexts = new Int32Array(MOST_NODES);
const ups = new Int32Array(MOST_NODES);
const auxes = new Int32Array(MOST_NODES);
const scopes = new Int32Array(MOST_NODES);
const values = new Int32Array(MOST_NODES);

/** A tree stands in the columns. */
let isTaken = false;

export class Tree {
  readonly text: string;
  /** Those of the text. */
  readonly codes: Uint16Array;
  readonly names: NameTable = nameTable();
  count = 1;
  readonly kind: Uint8Array = kinds;
  readonly start: Int32Array = starts;
  readonly end: Int32Array = ends;
  readonly kid: Int32Array = kids;
  readonly next: Int32Array = nexts;
  readonly up: Int32Array = ups;
  /** Identifier, name, member: id of the name. Others: bits of `flag`, or the operator. */
  readonly aux: Int32Array = auxes;
  /** Identifier: the scope that it stands in. Function: its own scope. */
  readonly scope: Int32Array = scopes;
  /**
   * Identifier: its variable and one, 0 where nobody asked yet. Others, once the tree is whole: what it means, for whoever works that out;
   * zeros at first.
   */
  readonly value: Int32Array = values;
  /** By scope: the one around it; 0 is none, 1 the file's own. */
  readonly scopeUp: number[] = [0, 0];
  /** By scope: the function that it belongs to. */
  readonly scopeNode: number[] = [0, 0];
  /** By scope: where a `var` of it belongs, and whose `this` it has: that of the function around it. */
  readonly functionScope: number[] = [0, 1];
  readonly bindings: BindingTable = bindingTable();
  /** Statements that could not be understood and were skipped. */
  problems = 0;

  /** There is one tree at a time: the one before has to be released. */
  constructor(text: string) {
    if (isTaken) throw new Error("the tree before was not released");
    isTaken = true;
    this.text = text;
    this.codes = codesOf(text);
  }

  /** Nobody will look at this tree again. */
  release(): void {
    releaseNames(this.names);
    releaseBindings(this.bindings);
    releaseCodes(this.codes);
    values.fill(0, 0, this.count);
    isTaken = false;
  }

  add(kind: number, start: number): number {
    const n = this.count++;
    if (n >= MOST_NODES) throw new TreeLimit(`it has more than ${MOST_NODES} parts`);
    kinds[n] = kind;
    starts[n] = start;
    ends[n] = start;
    kids[n] = 0;
    nexts[n] = 0;
    ups[n] = 0;
    auxes[n] = 0;
    scopes[n] = 0;
    return n;
  }

  /** Forgets the nodes from this number on: what they stand for is read again as something else. */
  rewind(count: number): void {
    values.fill(0, count, this.count);
    this.count = count;
  }

  /** Hangs `child` under `parent` after `last` (0: as the first) and returns it. */
  link(parent: number, last: number, child: number): number {
    if (last === 0) kids[parent] = child;
    else nexts[last] = child;
    ups[child] = parent;
    return child;
  }

  newScope(up: number, owner: number): number {
    const scope = this.scopeUp.push(up) - 1;
    this.functionScope.push(this.scopeNode[up] === owner ? this.functionScope[up]! : scope);
    this.scopeNode.push(owner);
    return scope;
  }

  kidAt(n: number, at: number): number {
    let kid = this.kid[n]!;
    for (let i = 0; i < at && kid !== 0; i++) kid = this.next[kid]!;
    return kid;
  }

  nameOf(n: number): string {
    return this.names.textOf(this.aux[n]!);
  }

  /** Declares the variable that the identifier `n` names in its scope. */
  declare(n: number): void {
    values[n] = this.bindings.declare(scopes[n]!, auxes[n]!) + 1;
  }

  /** The variable that the identifier `n` means; 0 where none is declared: a global. Only asked once the tree is whole. */
  bindingOf(n: number): number {
    const known = values[n]!;
    if (known !== 0) return known - 1;
    const binding = this.bindings.resolve(scopes[n]!, auxes[n]!, this.scopeUp);
    values[n] = binding + 1;
    return binding;
  }
}
