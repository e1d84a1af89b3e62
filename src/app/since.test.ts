import assert from "node:assert/strict";
import { test } from "node:test";
import type { Component, Node, Project } from "../model/index.ts";
import { compareProjects } from "./since.ts";

const order = (a: Component, b: Component): number => a.version.localeCompare(b.version, "en", { numeric: true });

function projectOf(entries: readonly (readonly [name: string, version: string, integrity: string])[]): Project {
  const components: Component[] = entries.map(([name, version]) => ({
    purl: `pkg:npm/${name}@${version}`,
    ecosystem: "npm",
    name,
    version,
    origin: { kind: "registry" },
  }));
  const nodes: Node[] = entries.map(([name, version, integrity], index) => ({
    kind: "component",
    component: index,
    name,
    version,
    file: 0,
    place: { file: "package-lock.json" },
    path: `node_modules/${name}`,
    integrity: [integrity],
    resolved: "",
    edges: [],
    scope: "prod",
    direct: true,
  }));
  return { name: "p", version: "", files: [], components, nodes, roots: [] };
}

test("an update is one change, not a removal and an addition", () => {
  const change = compareProjects(projectOf([["ms", "2.0.0", "a"]]), projectOf([["ms", "2.1.0", "b"]]), order);
  assert.deepEqual(change.changed, [{ from: "pkg:npm/ms@2.0.0", to: "pkg:npm/ms@2.1.0" }]);
  assert.deepEqual([change.added, change.removed], [[], []]);
  assert.deepEqual([...change.touched], ["pkg:npm/ms@2.1.0"]);
});

test("of several releases of one package the highest are paired first and untouched ones stay out of it", () => {
  const before = projectOf([
    ["ms", "1.0.0", "a"],
    ["ms", "2.0.0", "b"],
  ]);
  const after = projectOf([
    ["ms", "1.0.0", "a"],
    ["ms", "2.0.1", "c"],
    ["ms", "0.7.0", "d"],
  ]);
  const change = compareProjects(before, after, order);
  assert.deepEqual(change.changed, [{ from: "pkg:npm/ms@2.0.0", to: "pkg:npm/ms@2.0.1" }]);
  assert.deepEqual(change.added, ["pkg:npm/ms@0.7.0"]);
});

test("the same version with another hash is touched though nothing was added", () => {
  const change = compareProjects(projectOf([["ms", "2.0.0", "a"]]), projectOf([["ms", "2.0.0", "z"]]), order);
  assert.deepEqual([change.added, change.changed], [[], []]);
  assert.deepEqual([...change.touched], ["pkg:npm/ms@2.0.0"]);
});

test("a project compared with itself has no change", () => {
  const project = projectOf([["ms", "2.0.0", "a"]]);
  const change = compareProjects(project, project, order);
  assert.deepEqual([change.added, change.removed, change.changed, [...change.touched]], [[], [], [], []]);
});
