import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edge, Node, Project } from "../model/index.ts";
import { directsThrough, pathsIn, pathsTo } from "./paths.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

/** A project from "asker>asked" pairs; `.` is the root. Every name is one component of version 1. */
function projectOf(pairs: readonly string[]): Project {
  const names = [...new Set(pairs.flatMap((pair) => pair.split(">")))].filter((name) => name !== ".").toSorted();
  const all = [".", ...names];
  const edges = new Map<string, Edge[]>(all.map((name) => [name, []]));
  for (const pair of pairs) {
    const [from = "", to = ""] = pair.split(">");
    edges.get(from)?.push({ to: all.indexOf(to), name: to, range: "1", kind: "prod" });
  }
  const nodes = all.map((name): Node => ({
    kind: name === "." ? "root" : "component",
    component: name === "." ? -1 : names.indexOf(name),
    name,
    version: name === "." ? "" : "1",
    file: 0,
    place: { file: "x" },
    path: name,
    integrity: [],
    resolved: "",
    edges: edges.get(name) ?? [],
    scope: "prod",
    direct: null,
  }));
  const components = names.map((name) => ({
    purl: `pkg:npm/${name}@1`,
    ecosystem: "npm",
    name,
    version: "1",
    origin: { kind: "registry" } as const,
  }));
  return { name: "p", version: "", files: [], components, nodes, roots: [0] };
}

test("the shortest way comes first, and there is one way for each dependant", () => {
  const project = projectOf([".>a", "a>b", "b>c", "c>x", ".>d", "d>x", "b>x"]);
  const { paths, count } = pathsTo(project, "pkg:npm/x@1");
  assert.deepEqual(paths, [
    ["d@1", "x@1"],
    ["a@1", "b@1", "x@1"],
    ["a@1", "b@1", "c@1", "x@1"],
  ]);
  assert.equal(count, 3);
  assert.equal(pathsTo(project, "pkg:npm/x@1", { limit: 1 }).paths.length, 1);
});

/** The next of a row of numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const name = (n: number): string => (n === 0 ? "." : `p${n}`);

/** By the definition: breadth first with the subject itself left out, and then each that asks for it. */
function askersByDefinition(pairs: readonly (readonly [string, string])[], subject: string): ReadonlyMap<string, number> {
  const depth = new Map([[".", 0]]);
  const queue = ["."];
  for (const from of queue) {
    for (const [asker, asked] of pairs) {
      if (asker !== from || asked === subject || depth.has(asked)) continue;
      depth.set(asked, (depth.get(from) ?? 0) + 1);
      queue.push(asked);
    }
  }
  return new Map([...depth].filter(([name]) => pairs.some(([asker, asked]) => asker === name && asked === subject)));
}

test("the ways to many subjects of one project are those of each by the definition, also in circles", () => {
  const random = numbers(7);
  for (let round = 0; round < 60; round++) {
    const size = 3 + random(9);
    const edges = Array.from({ length: size + random(2 * size) }, () => [name(random(size)), name(1 + random(size - 1))] as const);
    // Whatever nobody reaches is reached from the root, so that the definition above holds.
    const pairs = [...edges, ...Array.from({ length: size - 1 }, (_, n) => ["p1", name(n + 1)] as const), [".", "p1"] as const];
    const project = projectOf(pairs.map(([from, to]) => `${from}>${to}`));
    const pathsOf = pathsIn(project);
    for (const { purl, name: subject } of project.components) {
      const expected = askersByDefinition(
        pairs.filter(([from, to]) => from !== to),
        subject,
      );
      const { paths, count } = pathsOf(purl, 100);
      assert.equal(count, expected.size, `${subject} in ${pairs.join(" ")}`);
      assert.deepEqual(
        paths.map((path) => [path.at(-2)?.replace("@1", "") ?? ".", path.length]).toSorted(),
        [...expected].map(([asker, depth]) => [asker, depth + 1]).toSorted(),
      );
      for (const path of paths) assert.equal(new Set(path).size, path.length);
    }
  }
});

test("a circle neither hangs the walk nor puts the subject into its own way", () => {
  const project = projectOf([".>a", "a>b", "b>a", "b>b"]);
  assert.deepEqual(pathsTo(project, "pkg:npm/a@1"), { paths: [["a@1"]], count: 1 });
  assert.deepEqual(pathsTo(project, "pkg:npm/b@1"), { paths: [["a@1", "b@1"]], count: 1 });
});

test("what no root reaches is reached from whoever nobody asks for", () => {
  const project = projectOf(["a>b", "b>c", "y>z", "z>y"]);
  assert.deepEqual(pathsTo(project, "pkg:npm/c@1").paths, [["a@1", "b@1", "c@1"]]);
  assert.deepEqual(pathsTo(project, "pkg:npm/z@1").paths, [["z@1"]]);
  assert.deepEqual(pathsTo(project, "pkg:npm/none@1"), { paths: [], count: 0 });
});

test("directsThrough agrees with a walk from each direct dependency, on random graphs with circles", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 60; round++) {
    const size = 3 + random(70);
    const name = (): string => `n${random(size)}`;
    const pairs = [
      ...Array.from({ length: 1 + random(40) }, () => `.>${name()}`),
      ...Array.from({ length: random(size * 3) }, () => `${name()}>${name()}`),
    ];
    const project = projectOf(pairs);
    const expected = project.components.map(() => new Set<string>());
    for (const edge of project.nodes[0]?.edges ?? []) {
      const label = `${project.nodes[edge.to]?.name}@1`;
      const seen = new Set<number>();
      const queue = [edge.to];
      for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
        if (seen.has(at)) continue;
        seen.add(at);
        expected[project.nodes[at]?.component ?? -1]?.add(label);
        for (const next of project.nodes[at]?.edges ?? []) queue.push(next.to);
      }
    }
    assert.deepEqual(
      directsThrough(project),
      expected.map((set) => [...set].toSorted()),
    );
  }
});

test("a graph of 5,000 nodes with a chain as long as itself is walked in a moment", { timeout: HANG }, () => {
  const chain = Array.from({ length: 5000 }, (_, index) => (index === 0 ? ".>n0" : `n${index - 1}>n${index}`));
  const project = projectOf([...chain, ...Array.from({ length: 300 }, (_, index) => `.>n${index * 7}`)]);
  const through = directsThrough(project);
  const ways = pathsTo(project, "pkg:npm/n4999@1");
  assert.equal(through[project.components.findIndex((one) => one.name === "n4999")]?.length, 300);
  assert.equal(ways.count, 1);
});
