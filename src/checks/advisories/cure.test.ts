import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvisoryClaim, Remedy } from "../../model/index.ts";
import { type EvidenceFixture, type ProjectFixture, advisoryOf, documentOf, inputOf } from "../testing.ts";
import { cureOf } from "./cure.ts";
import { isCured } from "./ranges.ts";

function cure(
  project: ProjectFixture,
  documents: EvidenceFixture["documents"],
  fixed: readonly string[],
  also: readonly (readonly string[])[] = [],
): Remedy {
  const input = inputOf(project, { documents: documents ?? [] });
  const number = input.project.components.findIndex(({ name }) => name === "flawed");
  const claim: AdvisoryClaim = advisoryOf("GHSA-1", { fixed }).claim;
  return cureOf(input, number, claim, [claim, ...also.map((each, n) => advisoryOf(`GHSA-${n + 2}`, { fixed: each }).claim)]);
}

const flawed = documentOf("flawed", { "1.0.0": {}, "1.0.1": {}, "1.2.0": {}, "2.0.0": {}, "3.0.0-rc.1": {} });
const direct = (range: string, kind: "dependencies" | "devDependencies" = "dependencies"): ProjectFixture => ({
  [kind]: { flawed: range },
  packages: { "node_modules/flawed": {} },
});
const below = (range: string, parentRange = "^1.0.0"): ProjectFixture => ({
  dependencies: { parent: parentRange },
  packages: { "node_modules/parent": { dependencies: { flawed: range } }, "node_modules/flawed": {} },
});

test("where all ranges admit a cured release, an update is enough", () => {
  const { command, change } = cure(below("^1.0.0"), [flawed], ["1.0.1"]);
  assert.equal(command, "npm update flawed");
  assert.deepEqual(change, { kind: "update", name: "flawed", from: "1.0.0", to: "1.0.1" });
});

test("each package manager gets its own command, and where there is none the words say how", () => {
  const commands = [
    ["npm/pnpm-lock", "9.0", "pnpm -r update flawed"],
    ["npm/yarn-lock", "berry-8", "yarn up -R flawed"],
    ["npm/yarn-lock", "1", undefined],
    ["npm/bun-lock", "1", undefined],
  ] as const;
  for (const [format, formatVersion, command] of commands) {
    const remedy = cure({ ...below("^1.0.0"), format, formatVersion }, [flawed], ["1.0.1"]);
    assert.equal(remedy.command, command, format);
    if (command === undefined) assert.match(remedy.text, /Remove its entry from the lockfile/);
  }
  assert.equal(
    cure({ ...direct("^1.0.0"), format: "npm/yarn-lock", formatVersion: "1" }, [flawed], ["1.0.1"]).command,
    "yarn upgrade flawed",
  );
});

test("a direct dependency's own range is raised to the smallest cured release, and stays a development one", () => {
  assert.equal(cure(direct("1.0.0"), [flawed], ["1.0.1"]).command, "npm install flawed@^1.0.1");
  const remedy = cure(direct("~1.0.0", "devDependencies"), [flawed], ["2.0.0"]);
  assert.equal(remedy.command, "npm install -D flawed@^2.0.0");
  assert.match(remedy.text, /new major version/);
});

test("what the package manager would really install decides: a range that admits the cure but leads past it into an uncured branch is none", () => {
  const document = documentOf("flawed", { "1.0.0": {}, "1.0.1": {}, "1.9.0": {}, "1.9.1": {} }, { latest: "1.9.0" });
  assert.equal(cure(direct("^1.0.0"), [document], ["1.0.1", "1.9.1"]).change?.kind, "upgrade-direct");
});

test("a newer release of the direct dependency that leads to a cure is found, and no newer than needed", () => {
  const parent = documentOf("parent", {
    "1.0.0": { flawed: "1.0.0" },
    "1.1.0": { flawed: "1.0.0" },
    "1.2.0": { flawed: "^1.0.1" },
    "2.0.0": {},
  });
  const inRange = cure(
    below("1.0.0"),
    [flawed, documentOf("parent", { "1.0.0": { flawed: "1.0.0" }, "1.2.0": { flawed: "^1.0.1" } })],
    ["1.0.1"],
  );
  assert.equal(inRange.command, "npm update parent");
  const raised = cure(below("1.0.0", "1.0.0"), [flawed, parent], ["1.0.1"]);
  assert.equal(raised.command, "npm install parent@^1.2.0");
  assert.deepEqual(raised.change, { kind: "upgrade-direct", name: "parent", from: "1.0.0", to: "1.2.0" });
  assert.match(raised.text, /which leads to a cured flawed/);
});

test("a chain of dependents is followed up to the root", () => {
  const project: ProjectFixture = {
    dependencies: { top: "1.0.0" },
    packages: {
      "node_modules/top": { dependencies: { middle: "1.0.0" } },
      "node_modules/middle": { dependencies: { flawed: "1.0.0" } },
      "node_modules/flawed": {},
    },
  };
  const documents = [
    flawed,
    documentOf("middle", { "1.0.0": { flawed: "1.0.0" }, "1.1.0": { flawed: "^1.0.1" } }),
    documentOf("top", { "1.0.0": { middle: "1.0.0" }, "1.1.0": { middle: "1.0.0" }, "1.2.0": { middle: "^1.0.0" } }),
  ];
  assert.equal(cure(project, documents, ["1.0.1"]).command, "npm install top@^1.2.0");
});

test("a cycle among dependents comes to an end", () => {
  const project: ProjectFixture = {
    dependencies: { a: "1.0.0" },
    packages: { "node_modules/a": { dependencies: { flawed: "1.0.0" } }, "node_modules/flawed": { dependencies: { a: "*" } } },
  };
  assert.equal(
    cure(project, [flawed, documentOf("a", { "1.0.0": { flawed: "1.0.0" }, "1.1.0": {} })], ["1.0.1"]).command,
    "npm install a@^1.1.0",
  );
});

test("where one dependent has no release that leads to a cure, an override is proposed with a caution", () => {
  const remedy = cure(below("1.0.0"), [flawed, documentOf("parent", { "1.0.0": { flawed: "1.0.0" } })], ["2.0.0"]);
  assert.equal(remedy.command, 'npm pkg set "overrides.flawed=2.0.0" && npm install');
  assert.match(remedy.text, /new major version, which its dependents did not ask for/);
  assert.equal(remedy.change?.kind, "override");
});

test("no downgrade and no pre-release is ever proposed", () => {
  assert.match(
    cure(direct("^1.0.0"), [documentOf("flawed", { "0.9.9": {}, "1.0.0": {}, "1.0.1-rc.1": {} })], ["0.9.9", "1.0.1"]).text,
    /No release of flawed above 1\.0\.0 is known to cure it/,
  );
});

test("a release that cures all advisories of the component is preferred; where there is none, each gets its own", () => {
  assert.equal(cure(direct("1.0.0"), [flawed], ["1.0.1"], [["1.2.0"]]).change?.to, "1.2.0");
  assert.equal(cure(direct("1.0.0"), [flawed], ["1.0.1"], [["9.0.0"]]).change?.to, "1.0.1");
});

test("without the registry's document the advisory's own fixes are what there is", () => {
  assert.equal(cure(below("^1.0.0"), [], ["1.0.1"]).command, "npm update flawed");
  assert.equal(cure(direct("1.0.0"), [], ["1.0.1", "2.0.1"]).command, "npm install flawed@^1.0.1");
});

test("what a hostile lockfile calls a name never reaches a command", () => {
  for (const name of ["x; rm -rf ~", "$(id)", "--prefix", "a b", "`id`", "x\nid"]) {
    const project: ProjectFixture = {
      dependencies: { [name]: "1.0.0" },
      packages: { [`node_modules/${name}`]: { dependencies: { flawed: "1.0.0" } }, "node_modules/flawed": {} },
    };
    const remedy = cure(project, [flawed, documentOf(name, { "1.0.0": { flawed: "1.0.0" }, "1.1.0": {} })], ["1.0.1"]);
    assert.equal(remedy.command, undefined, name);
    assert.equal(remedy.change?.kind, "upgrade-direct");
  }
});

test("a package inside another's archive can only be cured by that other", () => {
  const project: ProjectFixture = {
    dependencies: { parent: "*" },
    packages: { "node_modules/parent": {}, "node_modules/parent/node_modules/flawed": { bundled: true } },
  };
  assert.match(cure(project, [flawed], ["1.0.1"]).text, /inside another package's archive/);
});

test("a version is cured only where that follows from the fixes of its own branch, or from the last of all", () => {
  const claim = { fixed: ["1.2.6", "1.4.3", "2.0.3"] };
  const cured = ["1.2.6", "1.2.7", "1.4.3", "1.5.0", "2.0.3", "2.1.0", "3.0.0"];
  const uncured = ["1.0.0", "1.2.5", "1.3.0", "1.4.2", "2.0.0", "2.0.2"];
  for (const version of cured) assert.equal(isCured(claim, "npm", version), true, version);
  for (const version of uncured) assert.equal(isCured(claim, "npm", version), false, version);
  assert.equal(isCured({ fixed: [] }, "npm", "9.0.0"), false);
  assert.equal(isCured(claim, "npm", "no version"), false);
});
