/**
 * The syntax tree as columns of numbers: a node is an index, its children a chain. That is several times faster than objects, and a tree of
 * a million nodes is a handful of arrays and no work for the garbage collector. Children have smaller numbers than their parents but for
 * functions, classes, blocks and other nodes that are begun before their children are read; no one relies on the order, only on `up`.
 */
import { type NameTable, releaseNames } from "./names.ts";

export const node = {
  none: 0,
  program: 1,
  block: 2,
  identifier: 3,
  /** A name that is no variable: of a member, a key, a label. */
  name: 4,
  number: 5,
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

/** Most files need no more; what a tree begins with is cleared memory, and a thousand small files should not pay for a large one. */
const FIRST_NODES = 1 << 10;
/** 37 bytes a node, a node for every nine bytes of source: a tree of this size takes 39 MB and comes from 9 MB of source in one file. Twice as many would not leave a review within 256 MiB. */
export const MOST_NODES: number = 1024 * 1024;

/** Thrown within this folder only: the tree would become larger or deeper than the limits allow, the caller takes the tokens instead. */
export class TreeLimit extends Error {}

/** What is said of each node, a column each. */
interface Columns {
  readonly kind: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly kid: Int32Array;
  readonly next: Int32Array;
  readonly up: Int32Array;
  readonly aux: Int32Array;
  readonly scope: Int32Array;
  readonly variable: Int32Array;
  readonly value: Int32Array;
}

function columns(size: number, old?: Columns): Columns {
  const grown = (name: Exclude<keyof Columns, "kind">): Int32Array => {
    const column = new Int32Array(size);
    if (old !== undefined) column.set(old[name]);
    return column;
  };
  const kind = new Uint8Array(size);
  if (old !== undefined) kind.set(old.kind);
  const [start, end, kid, next] = [grown("start"), grown("end"), grown("kid"), grown("next")];
  const [up, aux, scope] = [grown("up"), grown("aux"), grown("scope")];
  // Only filled once the tree is whole.
  return { kind, start, end, kid, next, up, aux, scope, variable: new Int32Array(size), value: new Int32Array(size) };
}

/** Columns that no tree uses any more, for the next one to take over: a package has many files, and what is let go piles up until somebody collects it. */
let spare: Columns | null = null;

export class Tree {
  readonly text: string;
  readonly names: NameTable;
  count = 1;
  kind!: Uint8Array;
  start!: Int32Array;
  end!: Int32Array;
  kid!: Int32Array;
  next!: Int32Array;
  up!: Int32Array;
  /** Identifier, name, member: id of the name. Others: bits of `flag`, or the operator. */
  aux!: Int32Array;
  /** Identifier: the scope that it stands in. Function: its own scope. */
  scope!: Int32Array;
  /** Identifier, once the tree is whole: its variable and one, 0 where nobody asked yet. */
  variable!: Int32Array;
  /** Once the tree is whole: what it means, for whoever works that out. Zeros at first. */
  value!: Int32Array;
  #columns: Columns;
  /** By scope: the one around it; 0 is none, 1 the file's own. */
  scopeUp: number[] = [0, 0];
  /** By scope: the function that it belongs to. */
  scopeNode: number[] = [0, 0];
  readonly bindings: BindingTable = new BindingTable();
  /** Statements that could not be understood and were skipped. */
  problems = 0;

  constructor(text: string, names: NameTable) {
    this.text = text;
    this.names = names;
    let size = FIRST_NODES;
    // A node for every nine bytes of source is usual.
    while (size < text.length / 8 && size < MOST_NODES) size *= 2;
    this.#columns = spare !== null && spare.kind.length >= size ? spare : columns(size);
    if (this.#columns === spare) spare = null;
    this.#take();
  }

  /** Nobody will look at this tree again: the next one may have its columns. */
  release(): void {
    releaseNames(this.names);
    this.variable.fill(0, 0, this.count);
    this.value.fill(0, 0, this.count);
    spare = this.#columns;
  }

  #take(): void {
    const { kind, start, end, kid, next, up, aux, scope, variable, value } = this.#columns;
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.kid = kid;
    this.next = next;
    this.up = up;
    this.aux = aux;
    this.scope = scope;
    this.variable = variable;
    this.value = value;
  }

  add(kind: number, start: number): number {
    const n = this.count++;
    if (n >= this.kind.length) this.#grow();
    this.kind[n] = kind;
    this.start[n] = start;
    this.end[n] = start;
    this.kid[n] = 0;
    this.next[n] = 0;
    this.up[n] = 0;
    this.aux[n] = 0;
    this.scope[n] = 0;
    return n;
  }

  /** Hangs `child` under `parent` after `last` (0: as the first) and returns it. */
  link(parent: number, last: number, child: number): number {
    if (last === 0) this.kid[parent] = child;
    else this.next[last] = child;
    this.up[child] = parent;
    return child;
  }

  newScope(up: number, owner: number): number {
    this.scopeNode.push(owner);
    return this.scopeUp.push(up) - 1;
  }

  kidAt(n: number, at: number): number {
    let kid = this.kid[n]!;
    for (let i = 0; i < at && kid !== 0; i++) kid = this.next[kid]!;
    return kid;
  }

  nameOf(n: number): string {
    return this.names.textOf(this.aux[n]!);
  }

  /** Where a `var` of this scope belongs, and whose `this` it has: that of the function around it. */
  functionScope(scope: number): number {
    let at = scope;
    for (let up = this.scopeUp[at]!; up !== 0 && this.scopeNode[up] === this.scopeNode[at]; up = this.scopeUp[at]!) at = up;
    return at;
  }

  /** The variable that the identifier `n` means; 0 where none is declared: a global. Only asked once the tree is whole. */
  bindingOf(n: number): number {
    const known = this.variable[n]!;
    if (known !== 0) return known - 1;
    const binding = this.#resolve(this.scope[n]!, this.aux[n]!);
    this.variable[n] = binding + 1;
    return binding;
  }

  #resolve(scope: number, name: number): number {
    if (!this.bindings.declares(name)) return 0;
    for (let at = scope; at !== 0; at = this.scopeUp[at]!) {
      const binding = this.bindings.find(at, name);
      if (binding !== 0) return binding;
    }
    return 0;
  }

  #grow(): void {
    const size = this.kind.length * 2;
    if (size > MOST_NODES) throw new TreeLimit(`it has more than ${MOST_NODES} parts`);
    this.#columns = columns(size, this.#columns);
    this.#take();
  }
}

/** (scope, name) -> variable, in open addressing over flat arrays. */
export class BindingTable {
  count = 0;
  #scopes = new Int32Array(1024);
  #names = new Int32Array(1024);
  #ids = new Int32Array(1024);
  /** By name: whether any scope declares it. Most names that are looked for are declared nowhere. */
  #declared = new Uint8Array(1024);

  declares(name: number): boolean {
    return this.#declared[name] === 1;
  }

  find(scope: number, name: number): number {
    const mask = this.#ids.length - 1;
    for (let slot = spread(scope, name) & mask; this.#ids[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#scopes[slot] === scope && this.#names[slot] === name) return this.#ids[slot]!;
    return 0;
  }

  declare(scope: number, name: number): number {
    const mask = this.#ids.length - 1;
    let slot = spread(scope, name) & mask;
    for (; this.#ids[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#scopes[slot] === scope && this.#names[slot] === name) return this.#ids[slot]!;
    const id = ++this.count;
    if (name >= this.#declared.length) {
      const larger = new Uint8Array(name * 2);
      larger.set(this.#declared);
      this.#declared = larger;
    }
    this.#declared[name] = 1;
    this.#scopes[slot] = scope;
    this.#names[slot] = name;
    this.#ids[slot] = id;
    if (id * 2 > mask) this.#grow();
    return id;
  }

  #grow(): void {
    const [scopes, names, ids] = [this.#scopes, this.#names, this.#ids];
    const size = ids.length * 4;
    this.#scopes = new Int32Array(size);
    this.#names = new Int32Array(size);
    this.#ids = new Int32Array(size);
    for (let from = 0; from < ids.length; from++) {
      if (ids[from] === 0) continue;
      let slot = spread(scopes[from]!, names[from]!) & (size - 1);
      while (this.#ids[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.#scopes[slot] = scopes[from]!;
      this.#names[slot] = names[from]!;
      this.#ids[slot] = ids[from]!;
    }
  }
}

const spread = (scope: number, name: number): number => {
  const mixed = Math.imul(scope, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};
