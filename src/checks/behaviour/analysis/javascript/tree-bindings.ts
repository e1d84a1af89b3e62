/** (scope, name) -> variable, in open addressing over flat arrays. */

const FIRST_SLOTS = 1024;

export class BindingTable {
  count = 0;
  #scopes = new Int32Array(FIRST_SLOTS);
  #names = new Int32Array(FIRST_SLOTS);
  #ids = new Int32Array(FIRST_SLOTS);
  /** By name: whether any scope declares it. Most names that are looked for are declared nowhere. */
  #declared = new Uint8Array(FIRST_SLOTS);
  /** By name: from which scope it was looked for last, and what it was there. */
  #lastScope = new Int32Array(FIRST_SLOTS);
  #lastFound = new Int32Array(FIRST_SLOTS);
  /** By scope: whether it declares anything. Most blocks do not. */
  #declaring = new Uint8Array(FIRST_SLOTS);

  /** The variable of this name that is seen from the scope; 0 where there is none. Nothing may be declared after it. */
  resolve(scope: number, name: number, scopeUp: readonly number[]): number {
    if (name >= this.#declared.length || this.#declared[name] === 0) return 0;
    if (this.#lastScope[name] === scope) return this.#lastFound[name]!;
    let found = 0;
    for (let at = scope; at !== 0 && found === 0; at = scopeUp[at]!)
      if (at < this.#declaring.length && this.#declaring[at] === 1) found = this.find(at, name);
    this.#lastScope[name] = scope;
    this.#lastFound[name] = found;
    return found;
  }

  /** The variable of this name that this very scope declares; 0 where it does not. */
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
      const size = name * 2;
      const declared = new Uint8Array(size);
      declared.set(this.#declared);
      this.#declared = declared;
      this.#lastScope = new Int32Array(size);
      this.#lastFound = new Int32Array(size);
    }
    if (scope >= this.#declaring.length) {
      const declaring = new Uint8Array(scope * 2);
      declaring.set(this.#declaring);
      this.#declaring = declaring;
    }
    this.#declaring[scope] = 1;
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

  /** Knows no variable any more; false where it is too large to be kept for another file. */
  clear(): boolean {
    if (this.#ids.length > LARGEST_KEPT || this.#declared.length > LARGEST_KEPT || this.#declaring.length > LARGEST_KEPT) return false;
    this.count = 0;
    this.#ids.fill(0);
    this.#declared.fill(0);
    this.#declaring.fill(0);
    this.#lastScope.fill(0);
    return true;
  }
}

/** A table that grew larger than this is let go (1 MB). */
const LARGEST_KEPT = 1 << 16;

/** A table that nobody uses. */
let spare: BindingTable | null = null;

/** A table without any variable; `releaseBindings` gives it back. */
export function bindingTable(): BindingTable {
  const table = spare ?? new BindingTable();
  spare = null;
  return table;
}

/** Nobody will ask this table again. */
export function releaseBindings(table: BindingTable): void {
  if (table.clear()) spare = table;
}

const spread = (scope: number, name: number): number => {
  const mixed = Math.imul(scope, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};
