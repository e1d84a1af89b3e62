/** One walk over a tree, what it has gathered so far, and what it says of a place: the functions around it, and whether it runs at load. */
import type { Capability, Spot } from "../../../../model/index.ts";
import type { Gatherer, Lines } from "../files-gather.ts";
import { Flows } from "./flows.ts";
import { Meanings } from "./meaning.ts";
import { type Tree, flag as flags, node as nodes } from "./tree.ts";
import type { Answer } from "./walk-aside.ts";
import type { CodeText } from "./walk-code.ts";

const flag = flags;
const node = nodes;

export class Walk {
  readonly tree: Tree;
  readonly meanings: Meanings;
  readonly flows: Flows;
  readonly lines: Lines;
  readonly gatherer: Gatherer;
  readonly loads: Map<number, boolean> = new Map();
  /** By function: what it answers with. */
  readonly answers: Map<number, Answer> = new Map();
  /** Whether the file holds what it fetches against digests; undefined where nobody asked yet. */
  pinned: boolean | undefined;
  texts = 0;
  /** Texts that are run as code. */
  readonly codes: CodeText[] = [];
  /** Commands that it starts. */
  readonly commands: CodeText[] = [];
  readonly tables: Map<number, { calls: number; first: number }> = new Map();

  constructor(tree: Tree, lines: Lines, gatherer: Gatherer) {
    this.tree = tree;
    this.lines = lines;
    this.gatherer = gatherer;
    this.meanings = new Meanings(tree);
    this.flows = new Flows(this.meanings);
  }

  spot(n: number): Spot {
    return this.lines.spot(this.tree.start[n]!, this.scope(n));
  }

  /** Names of the functions and classes around it. */
  scope(n: number): string {
    const { tree } = this;
    const names: string[] = [];
    for (let at = tree.up[n]!; at !== 0 && names.length < 8; at = tree.up[at]!) {
      const kind = tree.kind[at]!;
      if (kind !== node.function && kind !== node.class) continue;
      if ((tree.aux[at]! & flag.static) !== 0) names.push(tree.nameOf(tree.kid[at]!));
      else {
        const up = tree.up[at]!;
        const first = tree.kid[up]!;
        const upKind = tree.kind[up]!;
        if (
          (upKind === node.declarator || upKind === node.assign) &&
          first !== at &&
          (tree.kind[first] === node.identifier || tree.kind[first] === node.member)
        )
          names.push(tree.nameOf(first));
        else if (upKind === node.property && first !== at) names.push(this.meanings.keyOf(up));
      }
    }
    return names.toReversed().join(".");
  }

  /** Whether it runs when the file is loaded: every function around it is called at once, handed to a call, or called by something that is. */
  when(n: number): "load" | "call" {
    return this.runsAtLoad(n, 0) ? "load" : "call";
  }

  runsAtLoad(n: number, depth: number): boolean {
    const { tree } = this;
    let at = tree.up[n]!;
    while (at !== 0 && tree.kind[at] !== node.function) at = tree.up[at]!;
    if (at === 0) return true;
    const known = this.loads.get(at);
    if (known !== undefined) return known;
    if (depth > 24) return false;
    this.loads.set(at, false);
    const up = tree.up[at]!;
    const upKind = tree.kind[up]!;
    let loads = false;
    // Called where it stands, handed to a call, or the object of `.call`.
    if (upKind === node.call || upKind === node.new) loads = this.runsAtLoad(up, depth + 1);
    else if (upKind === node.member && tree.kind[tree.up[up]!] === node.call) loads = this.runsAtLoad(tree.up[up]!, depth + 1);
    else if (upKind === node.unary || upKind === node.await) loads = this.runsAtLoad(up, depth + 1);
    for (const call of (this.meanings.callers.get(at) ?? []).slice(0, 32)) loads ||= this.runsAtLoad(call, depth + 1);
    this.loads.set(at, loads);
    return loads;
  }

  see(capability: Capability, subject: string, n: number, through: string, concealed = false): void {
    this.gatherer.see(capability, subject, this.spot(n), { through, when: this.when(n), concealed });
    if (concealed) this.gatherer.hide("concealed-name", `${through} is not written as what it is`, this.spot(n));
  }

  source(n: number): string {
    return this.tree.text.slice(this.tree.start[n]!, Math.min(this.tree.end[n]!, this.tree.start[n]! + 400));
  }
}
