import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault, check, compareVersions, pathsTo, projectToCycloneDx, readProject } from "../src/index.ts";

const lock = {
  name: "p",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "": { name: "p", version: "1.0.0", dependencies: { a: "^1.0.0" } },
    "node_modules/a": { version: "1.2.0", dependencies: { b: "2.0.0" }, integrity: "sha512-YQ==" },
    "node_modules/b": { version: "2.0.0", integrity: "sha512-Yg==" },
  },
};

test("the library reads, walks, writes and checks what the command does", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-library-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  const project = await readProject(".", folder);
  assert.deepEqual(
    project.components.map(({ purl }) => purl),
    ["pkg:npm/a@1.2.0", "pkg:npm/b@2.0.0"],
  );
  assert.deepEqual(pathsTo(project, "pkg:npm/b@2.0.0").paths, [["a@1.2.0", "b@2.0.0"]]);
  assert.equal(projectToCycloneDx(project, { version: "1.6" })["specVersion"], "1.6");
  assert.ok(compareVersions("Maven", "1.0-alpha-1", "1.0") < 0);

  const report = await check({ cwd: folder, offline: true, env: { HOME: folder, PATH: process.env["PATH"] } });
  assert.equal(report.answers.length, 8);
  assert.equal(report.verdict.verdict, "review", "offline with nothing fetched, the questions stay open");
  await assert.rejects(readProject("nothing-here", folder), (error) => error instanceof Fault && error.code === "input/not-found");
});
