import assert from "node:assert/strict";
import { test } from "node:test";
import type { Component, Node, Project } from "../model/index.ts";
import { parseSbom } from "../sbom/document.ts";
import { validateSbom } from "../sbom/validate.ts";
import { cycloneDxText, projectToCycloneDx, reportToCycloneDx, reproducibleTimestamp } from "./cyclonedx.ts";
import { sampleReport } from "./sample.ts";
import { projectToSpdx } from "./spdx.ts";

const component = (name: string, licence?: string): Component => ({
  purl: `pkg:npm/${name.replace("@", "%40")}@1.0.0`,
  ecosystem: "npm",
  name,
  version: "1.0.0",
  origin: { kind: "registry" },
  ...(licence !== undefined && { licence }),
});
const node = (about: Partial<Node>): Node => ({
  kind: "component",
  component: -1,
  name: "",
  version: "1.0.0",
  file: 0,
  place: { file: "package-lock.json", line: 1 },
  path: "",
  integrity: [],
  resolved: "",
  edges: [],
  scope: "prod",
  direct: null,
  ...about,
});
const edge = (to: number, name: string): Node["edges"][number] => ({ to, name, range: "^1", kind: "prod" });

const project: Project = {
  name: "shop",
  version: "2.0.0",
  files: [
    {
      path: "package-lock.json",
      format: "npm/package-lock",
      formatVersion: "3",
      sha256: "",
      ecosystem: "npm",
      listed: 3,
      graph: "full",
      problems: [],
    },
  ],
  components: [component("@acme/tools", "MIT"), component("odd", "Custom licence of ours"), component("two", "(MIT OR GPL-2.0)")],
  nodes: [
    node({ kind: "root", name: "shop", edges: [edge(1, "@acme/tools"), edge(2, "odd")] }),
    node({
      component: 0,
      name: "@acme/tools",
      path: "node_modules/@acme/tools",
      integrity: [`sha512-${Buffer.alloc(64, 7).toString("base64")}`],
      edges: [edge(3, "two")],
      place: { file: "package-lock.json", line: 9 },
      resolved: "https://user:secret@registry.example/t.tgz",
    }),
    node({ component: 1, name: "odd", scope: "dev", path: "node_modules/odd" }),
    node({ component: 2, name: "two", scope: "optional", path: "node_modules/two" }),
  ],
  roots: [0],
};

test("a project's BOM is valid in both versions, and says the same each time", async () => {
  for (const version of ["1.6", "1.7"] as const) {
    const text = cycloneDxText(projectToCycloneDx(project, { version, toolVersion: "0.1.0" }));
    assert.equal(text, cycloneDxText(projectToCycloneDx(project, { version, toolVersion: "0.1.0" })));
    assert.deepEqual(await validateSbom(parseSbom(text, "bom.json")), []);
  }
});

test("hashes are hexadecimal, scopes and licences are the specification's words, and each place is an occurrence", () => {
  const [first, second, third] = projectToCycloneDx(project)["components"] as unknown as readonly Record<string, unknown>[];
  assert.deepEqual([first?.["group"], first?.["name"], first?.["scope"]], ["@acme", "tools", "required"]);
  assert.deepEqual(first?.["hashes"], [{ alg: "SHA-512", content: "07".repeat(64) }]);
  assert.deepEqual(first?.["licenses"], [{ license: { id: "MIT" } }]);
  assert.deepEqual(JSON.parse(JSON.stringify(first?.["evidence"])), {
    occurrences: [{ location: "package-lock.json", line: 9, additionalContext: "node_modules/@acme/tools" }],
  });
  assert.deepEqual([second?.["scope"], second?.["licenses"]], ["excluded", [{ license: { name: "Custom licence of ours" } }]]);
  assert.deepEqual([third?.["scope"], third?.["licenses"]], ["optional", [{ expression: "MIT OR GPL-2.0-only" }]]);
});

test("a password in a lockfile does not reach the BOM", () => {
  assert.ok(!cycloneDxText(projectToCycloneDx(project)).includes("secret"));
});

test("who needs whom is told where the file tells it, and left open where it does not", () => {
  const told = projectToCycloneDx(project)["dependencies"];
  assert.deepEqual(told, [
    { ref: "root:shop@2.0.0", dependsOn: ["pkg:npm/%40acme/tools@1.0.0", "pkg:npm/odd@1.0.0"] },
    { ref: "pkg:npm/%40acme/tools@1.0.0", dependsOn: ["pkg:npm/two@1.0.0"] },
    { ref: "pkg:npm/odd@1.0.0" },
    { ref: "pkg:npm/two@1.0.0" },
  ]);
  const flat: Project = {
    ...project,
    files: project.files.map((file) => ({ ...file, graph: "flat" as const })),
    nodes: project.nodes.map((one) => node({ ...one, edges: [] })),
  };
  const bom = projectToCycloneDx(flat);
  assert.deepEqual(bom["dependencies"], []);
  assert.deepEqual((bom["compositions"] as unknown as readonly { aggregate: string }[])[0]?.aggregate, "unknown");
});

test("a project as SPDX is valid in 2.3 and 3.0.1", async () => {
  for (const version of ["2.3", "3.0.1"] as const) {
    const converted = projectToSpdx(project, version, { toolVersion: "0.1.0" });
    const problems = await validateSbom(parseSbom(JSON.stringify(converted.data), "sbom.json"));
    assert.deepEqual(
      problems.filter((one) => one.severity === "error"),
      [],
    );
  }
});

test("the only clock is the one that the environment sets", () => {
  assert.equal(reproducibleTimestamp({}), undefined);
  assert.equal(reproducibleTimestamp({ SOURCE_DATE_EPOCH: "0" }), "1970-01-01T00:00:00Z");
  assert.equal(reproducibleTimestamp({ SOURCE_DATE_EPOCH: "soon" }), undefined);
});

test("a report's BOM is valid and tells each advisory, what it affects, and that nobody has judged it", async () => {
  for (const version of ["1.6", "1.7"] as const) {
    const bom = reportToCycloneDx(sampleReport, { version });
    assert.deepEqual(
      (await validateSbom(parseSbom(cycloneDxText(bom), "bom.json"))).filter((one) => one.severity === "error"),
      [],
    );
    const told = (bom["vulnerabilities"] ?? []) as unknown as readonly {
      id: string;
      affects: readonly { ref: string }[];
      analysis: { state: string };
    }[];
    const refs = new Set(sampleReport.project.components.map((one) => one.purl));
    const expected = sampleReport.findings.flatMap((finding) =>
      finding.evidence.flatMap((one) =>
        one.claim.kind === "advisory" && refs.has(finding.subject) ? [`${one.claim.id} ${finding.subject}`] : [],
      ),
    );
    assert.ok(expected.length > 0);
    assert.deepEqual(
      told.flatMap((one) => one.affects.map((affected) => `${one.id} ${affected.ref}`)).toSorted(),
      [...new Set(expected)].toSorted(),
    );
    assert.ok(told.every((one) => one.analysis.state === "in_triage"));
  }
});
