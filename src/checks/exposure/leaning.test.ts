import assert from "node:assert/strict";
import { test } from "node:test";
import { alternativesTo, effectOfRemoval, instead, replaceables } from "../../graph/alternatives.ts";
import { directsThrough } from "../../graph/index.ts";
import { byCodeUnit } from "../../model/index.ts";
import { runChecks } from "../run.ts";
import { type ProjectFixture, ask, inputOf, npmPurl, onlyFinding } from "../testing.ts";
import { alternative } from "./alternative.ts";
import { leaningOf } from "./leaning.ts";
import { singlePoint } from "./single-point.ts";

/** Eight direct dependencies, six of which stand on `deep`, each through a package of its own; `top` is asked for by the project alone. */
const wide: ProjectFixture = {
  dependencies: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`d${i}`, "*"])),
  packages: {
    ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`node_modules/d${i}`, { dependencies: i < 6 ? { [`m${i}`]: "*" } : {} }])),
    ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`node_modules/m${i}`, { dependencies: { deep: "*" } }])),
    "node_modules/deep": {},
  },
};

test("a package under many direct dependencies is noted with exact figures, and never asks for a review", () => {
  const finding = onlyFinding(ask(singlePoint, wide));
  assert.equal(finding.subject, npmPurl("deep", "1.0.0"));
  assert.equal(finding.severity, "info");
  assert.match(finding.message, /stands under 6 of your 8 direct dependencies and 12 of the 15 packages you take in; 6 of them ask/);
});

test("the same release in two places is one package, and its places do not lend each other their ways", () => {
  const fixture: ProjectFixture = {
    dependencies: { a: "*", b: "*" },
    packages: {
      "node_modules/a": { dependencies: { debug: "*" } },
      "node_modules/a/node_modules/debug": { dependencies: { ms: "*" } },
      "node_modules/a/node_modules/ms": { version: "1.0.0" },
      "node_modules/b": { dependencies: { debug: "*" } },
      "node_modules/b/node_modules/debug": { dependencies: { ms: "*" } },
      "node_modules/b/node_modules/ms": { version: "2.0.0" },
    },
  };
  const { project } = inputOf(fixture);
  const number = (purl: string): number => project.components.findIndex((one) => one.purl === purl);
  const { standingOn } = leaningOf(project);
  assert.equal(standingOn([number(npmPurl("debug", "1.0.0"))]), 2);
  assert.equal(standingOn([number(npmPurl("ms", "1.0.0"))]), 2, "a and debug; not b");
  assert.equal(standingOn([number(npmPurl("ms", "1.0.0")), number(npmPurl("ms", "2.0.0"))]), 3);
});

test("a file that does not say who needs whom leaves the question open instead of answering no", () => {
  const input = inputOf(wide);
  const [file] = input.project.files;
  assert.ok(file !== undefined);
  const flat = { ...input, project: { ...input.project, files: [{ ...file, graph: "flat" as const }] } };
  const result = singlePoint.run(flat);
  assert.equal(result.findings.length, 0);
  assert.equal(result.answered, 0);
  assert.match(result.unanswered[0]?.because ?? "", /does not say who needs whom/);
});

test("the policy's options say how many and from which share on", () => {
  assert.equal(ask(singlePoint, wide, {}, { most: 0 }).findings.length, 0);
  assert.equal(ask(singlePoint, wide, {}, { share: 0.9 }).findings.length, 0);
});

const old: ProjectFixture = {
  dependencies: { request: "*", lodash: "*", other: "*" },
  packages: {
    "node_modules/request": { dependencies: { "tough-cookie": "*", shared: "*" } },
    "node_modules/tough-cookie": { dependencies: { psl: "*" } },
    "node_modules/psl": {},
    "node_modules/shared": {},
    "node_modules/lodash": {},
    "node_modules/other": { dependencies: { shared: "*", lodash: "*" } },
  },
};

test("a switch is noted with what leaves; what another dependency asks for as well is not", () => {
  const finding = onlyFinding(ask(alternative, old));
  assert.equal(finding.subject, npmPurl("request", "1.0.0"));
  assert.match(finding.message, /2 more packages would leave with it: psl@1\.0\.0, tough-cookie@1\.0\.0/);
  assert.equal(finding.severity, "info");
});

test("what leaves with a component is exactly what cannot be reached without it", () => {
  const { project } = inputOf(old);
  project.components.forEach((_, number) => {
    const effect = effectOfRemoval(project, number);
    const reached = new Set<number>();
    const walk = (node: number): void => {
      const one = project.nodes[node]!;
      if (one.component === number || reached.has(node)) return;
      reached.add(node);
      for (const { to } of one.edges) if (to >= 0) walk(to);
    };
    for (const root of project.roots) walk(root);
    const left = new Set([...reached].map((node) => project.nodes[node]!.component));
    const gone = project.components.flatMap((_, other) => (other === number || left.has(other) ? [] : [other]));
    assert.deepEqual(effect.leave, gone, project.components[number]!.name);
  });
});

test("the direct dependencies over a component are those that the ways to it begin with", () => {
  for (const fixture of [wide, old]) {
    const { project } = inputOf(fixture);
    const leaning = leaningOf(project);
    const through = directsThrough(project);
    assert.equal(leaning.directs, new Set(through.flat()).size);
    project.components.forEach((component, number) => {
      assert.equal(leaning.directsOver([number]), through[number]?.length, component.name);
      const itself = through[number]?.includes(`${component.name}@${component.version}`) === true ? 1 : 0;
      assert.equal(leaning.directsOver([number], "others"), (through[number]?.length ?? 0) - itself);
    });
    assert.equal(leaning.directsOver(project.components.map((_, number) => number)), leaning.directs);
  }
});

test("every row of the table says where it is written, and no package stands in for itself", () => {
  const keys = replaceables.map(({ type, name }) => `${type}/${name}`);
  assert.deepEqual(keys, keys.toSorted(byCodeUnit));
  assert.equal(new Set(keys).size, keys.length);
  for (const entry of replaceables) {
    assert.ok(entry.sources.length > 0);
    for (const { address } of entry.sources) assert.match(address, /^https:\/\/[^\s]+$/);
    assert.ok(entry.instead.length > 0);
    assert.ok(!entry.instead.some(({ name }) => name === entry.name));
    assert.notEqual(instead(entry), "");
  }
  for (const type of ["conan", "deb", "maven", "npm", "pypi"]) assert.ok(replaceables.some((entry) => entry.type === type));
  assert.equal(alternativesTo("pypi", "Importlib_Metadata")?.name, "importlib-metadata");
  assert.equal(alternativesTo("npm", "no-such-package"), undefined);
});

test("the question's rules only note, so that no verdict becomes a review through them", () => {
  const run = runChecks(inputOf(wide), [singlePoint, alternative]);
  assert.ok(run.findings.every(({ severity }) => severity === "info"));
  assert.deepEqual(run.unanswered, []);
});
