import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Project, purlOf } from "../model/index.ts";
import { fakeProject } from "../../test/registry/project.ts";
import { openPromises } from "./evidence.ts";

const project = (integrity: string): Project =>
  fakeProject([{ name: "a", version: "1.0.0", integrity, resolved: "https://me:secret@registry.example/a.tgz?token=1" }]);

test("the first promise for a release is remembered, later ones stand behind it, and secrets in addresses are not kept", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-promises-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const purl = purlOf("npm", "a", "1.0.0");
  for (const [at, integrity] of ["sha512-one", "sha512-two", "sha512-one"].entries()) {
    const promises = openPromises(folder);
    promises.remember(project(integrity), 1000 * (at + 1));
    promises.close();
  }
  const promises = openPromises(folder);
  const earlier = promises.earlier(purl);
  assert.deepEqual(
    earlier.map(({ claim, observedAt }) => [claim.integrity, observedAt]),
    [
      [["sha512-one"], "1970-01-01T00:00:01.000Z"],
      [["sha512-two"], "1970-01-01T00:00:02.000Z"],
    ],
  );
  assert.equal(earlier[0]?.claim.resolved, "https://registry.example/a.tgz");
  assert.deepEqual(promises.earlier(purlOf("npm", "b", "1.0.0")), []);
  promises.close();
});
