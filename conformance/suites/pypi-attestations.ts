/** PyPI's attestations and bundles of trailofbits/pypi-attestations, held against the distributions beside them. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  embeddedTrustRoot,
  loadTrustRoot,
  type TrustRoot,
  type Verification,
  verifyBundle,
  verifyPypiAttestations,
} from "../../src/attestation/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = {
  name: "pypi-attestations",
  archive: "pypi-attestations",
  beside: ["trusted-roots"],
  run: function* (folder): Generator<CaseResult> {
    const staging = loadTrustRoot(readFileSync(join(folder, "..", "trusted-roots", "staging-trusted_root.json"), "utf8"));
    for (const file of globSync("*.{attestation,sigstore}", { cwd: folder }).toSorted()) {
      // Upstream made rfc8785's with Sigstore's staging instance.
      const root = file.startsWith("rfc8785") ? staging : embeddedTrustRoot();
      const distribution = file.replace(/\.(?:attestation|sigstore)$/, "");
      if (!existsSync(join(folder, distribution))) {
        yield { name: file, outcome: "skipped", detail: `${distribution} is not in the archive` };
        continue;
      }
      const artifact = readFileSync(join(folder, distribution));
      const verification = verify(join(folder, file), root, artifact, distribution);
      yield verification.ok
        ? { name: file, outcome: "passed" }
        : { name: file, outcome: "failed", detail: `${verification.step}: ${verification.message}` };
      const other = verify(join(folder, file), root, Buffer.concat([artifact, Buffer.from([0])]), distribution);
      yield { name: `${file} for another distribution`, outcome: !other.ok && other.code === "artifact-mismatch" ? "passed" : "failed" };
      const elsewhere = verify(join(folder, file), root === staging ? embeddedTrustRoot() : staging, artifact, distribution);
      yield { name: `${file} under the other root`, outcome: elsewhere.ok ? "failed" : "passed" };
    }
  },
};

function verify(file: string, root: TrustRoot, artifact: Buffer, distribution: string): Verification {
  const document = JSON.parse(readFileSync(file, "utf8")) as unknown;
  if (file.endsWith(".sigstore")) return verifyBundle(document, { root, artifact });
  const [only] = verifyPypiAttestations(document, { root, artifact, file: basename(distribution) });
  return only?.verification ?? { ok: false, code: "bundle-malformed", message: "no attestation", step: "read" };
}
