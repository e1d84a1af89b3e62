/** Small graphs for tests: random ones that can be repeated, and exposure graphs from a few lines. */
import { type Graph, edgeCount, graphOf } from "./csr.ts";
import { type ExposureGraph, clausesOfEdges } from "./exposure-graph.ts";
import { type Clauses, clausesOf } from "./hard.ts";

/** A small seeded generator, so that a failure can be repeated: numbers from 0 to below n. */
export function random(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

export function randomGraph(next: (n: number) => number, n: number, m: number): Graph {
  const from = Array.from({ length: m }, () => next(n));
  return graphOf(
    n,
    from,
    from.map(() => next(n)),
  );
}

/** Random clauses of one to three satisfiers, with the graphs that they are. */
export function randomExposure(next: (n: number) => number, n: number, m: number): ExposureGraph {
  const list = Array.from({ length: m }, () => [next(n), Array.from({ length: 1 + next(3) }, () => next(n))] as const);
  return exposureOfClauses(n, list);
}

export function exposureOfClauses(n: number, list: readonly (readonly [number, readonly number[]])[]): ExposureGraph {
  const clauses = clausesOf(n, list);
  const any = list.flatMap(([who, satisfiers]) => satisfiers.map((one) => [who, one] as const));
  const first = graphOf(
    n,
    list.map(([who]) => who),
    list.map(([who, satisfiers]) => satisfiers[0] ?? who),
  );
  return testGraph(first, {
    all: graphOf(
      n,
      any.map(([who]) => who),
      any.map(([, one]) => one),
    ),
    clauses,
  });
}

export function testGraph(
  first: Graph,
  more: { readonly all?: Graph; readonly clauses?: Clauses; readonly roots?: Int32Array } = {},
): ExposureGraph {
  const all = more.all ?? first;
  const clauses = more.clauses ?? clausesOfEdges(all);
  return {
    about: {
      name: "test",
      kind: "edges",
      inputs: [],
      nodes: first.n,
      edges: { first: edgeCount(first), all: edgeCount(all) },
      clauses: clauses.owner.length,
      unsatisfiable: 0,
      dropped: { selfLoops: 0, duplicates: 0, dangling: 0 },
      essential: { count: 0, asEdges: false },
      layers: { builds: false, accounts: false, builders: false },
      notModelled: [],
    },
    names: Array.from({ length: first.n }, (_, node) => `p${node}`),
    first,
    all,
    clauses,
    constraints: null,
    roots: more.roots ?? new Int32Array(0),
    builds: null,
    accounts: null,
    builders: null,
  };
}
