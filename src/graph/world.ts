/**
 * A world that differs from the graph as it is: what a question of the kind "what if" changes, as a thin layer over the graph, so that
 * nothing has to be built anew for an answer.
 */
export interface World {
  /** Whose dependents a node's failure reaches, where these are not just its own: its successor's are its own and the replaced one's. */
  readonly standsFor: ReadonlyMap<number, readonly number[]>;
  /** Nodes that fail when a node does, because they have become one. */
  readonly together: ReadonlyMap<number, readonly number[]>;
  /** `by` can take the place of `of` for everyone. */
  readonly spare: { readonly of: number; readonly by: number } | null;
  /** By node: 1 where a failure stops here and reaches no dependents. */
  readonly immune: Uint8Array | null;
}

const NOTHING: ReadonlyMap<number, readonly number[]> = new Map();

export const sameWorld: World = { standsFor: NOTHING, together: NOTHING, spare: null, immune: null };

/** Everyone who asks for `of` asks for `by` instead. */
export const replaced = (of: number, by: number): World => ({
  ...sameWorld,
  standsFor: new Map<number, readonly number[]>([
    [of, []],
    [by, [by, of]],
  ]),
});

/** Everyone who asks for `of` is content with `by`. */
export const withAlternative = (of: number, by: number): World => ({ ...sameWorld, spare: { of, by } });

/** Several become one: when one falls, all do. */
export const merged = (nodes: readonly number[]): World => ({
  ...sameWorld,
  together: new Map(nodes.map((node) => [node, nodes.filter((other) => other !== node)])),
});

/** Failures stop at these nodes. */
export const immunised = (immune: Uint8Array): World => ({ ...sameWorld, immune });
