/** Bundles 0.1 to 0.3 of sigstore-js's own tests: all are valid under the public root. Each is also shown another artifact, and must refuse it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedTrustRoot, verifyBundle } from "../../src/attestation/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = {
  name: "sigstore-js",
  archive: "sigstore-js",
  run: function* (folder): Generator<CaseResult> {
    for (const file of globSync("bundles/*.sigstore", { cwd: folder }).toSorted()) {
      const text = readFileSync(join(folder, file), "utf8");
      const root = embeddedTrustRoot();
      const verification = verifyBundle(text, { root });
      yield verification.ok
        ? { name: file, outcome: "passed" }
        : { name: file, outcome: "failed", detail: `${verification.step}: ${verification.message}` };
      const other = verifyBundle(text, { root, artifact: Buffer.from("another artifact") });
      const refused = !other.ok && (other.code === "artifact-mismatch" || other.code === "artifact-undecidable");
      yield {
        name: `${file} for another artifact`,
        ...(refused ? { outcome: "passed" } : { outcome: "failed", detail: "it was accepted" }),
      };
    }
    const statement = verifyBundle(readFileSync(join(folder, "bundles", "statement.json"), "utf8"), { root: embeddedTrustRoot() });
    yield {
      name: "bundles/statement.json, which is unsigned",
      outcome: !statement.ok && statement.code === "bundle-version" ? "passed" : "failed",
    };
  },
};
