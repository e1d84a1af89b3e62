/** npm's own test data: attestation pairs with their tarballs, registry signatures, and bundles that no log has seen. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  attestationKey,
  embeddedRegistryKeys,
  embeddedTrustRoot,
  verifyBundle,
  verifyRegistrySignature,
} from "../../src/attestation/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Pair {
  readonly attestations: readonly { readonly predicateType: string; readonly bundle: unknown }[];
}
interface Vectors {
  readonly vectors: readonly {
    readonly name: string;
    readonly version: string;
    readonly integrity: string;
    readonly keyid: string;
    readonly sig: string;
    readonly verified: unknown;
  }[];
}

export const suite: Suite = {
  name: "npm-cli",
  archive: "npm-cli",
  run: function* (folder): Generator<CaseResult> {
    yield* pairs(folder);
    yield* signatures(folder);
    yield* unlogged(folder);
  },
};

function* pairs(folder: string): Generator<CaseResult> {
  for (const release of ["sigstore", "tuf-js"]) {
    const tarball = readFileSync(join(folder, "tarballs", `${release}-1.0.0.tgz`));
    const file = join(folder, "audit-signatures", `valid-${release}-attestations.json`);
    const { attestations } = JSON.parse(readFileSync(file, "utf8")) as Pair;
    for (const { predicateType, bundle } of attestations) {
      const name = `${release}@1.0.0 ${predicateType}`;
      const options = { root: embeddedTrustRoot(), publicKey: attestationKey(embeddedRegistryKeys()) };
      const verification = verifyBundle(bundle, { ...options, artifact: tarball });
      const stated = verification.ok && verification.content.kind === "statement" ? verification.content.statement.predicateType : "";
      yield stated === predicateType
        ? { name, outcome: "passed" }
        : { name, outcome: "failed", detail: verification.ok ? `states ${stated}` : `${verification.step}: ${verification.message}` };
      const changed = Buffer.from(tarball);
      changed[100] = (changed[100] ?? 0) ^ 1;
      const other = verifyBundle(bundle, { ...options, artifact: changed });
      yield {
        name: `${name}, one bit of the tarball changed`,
        outcome: !other.ok && other.code === "artifact-mismatch" ? "passed" : "failed",
      };
    }
  }
}

function* signatures(folder: string): Generator<CaseResult> {
  const { vectors } = JSON.parse(readFileSync(join(folder, "registry-signatures.json"), "utf8")) as Vectors;
  for (const [i, { verified, keyid, sig, ...release }] of vectors.entries()) {
    const result = verifyRegistrySignature({ ...release, signatures: [{ keyid, sig }] }, embeddedRegistryKeys());
    const right = verified === false ? !result.ok && result.code === "signature-invalid" : result.ok && result.keyId === keyid;
    yield { name: `registry signature ${i} of ${release.name}@${release.version}`, outcome: right ? "passed" : "failed" };
  }
}

/** No log has seen them and nobody stamped them, so nothing says when they were signed: none may verify, whatever its name. */
function* unlogged(folder: string): Generator<CaseResult> {
  const expected: Readonly<Record<string, string>> = {
    "bad-bundle.json": "bundle-malformed",
    "bad-dsse-payload-bundle.json": "statement-malformed",
    "digest-mismatch-provenance-bundle.json": "timestamp-missing",
    "invalid-signature-bundle.json": "envelope-malformed",
    "multi-subject-provenance-bundle.json": "timestamp-missing",
    "no-provenance-envelope-bundle.json": "bundle-material",
    "no-provenance-subject-bundle.json": "statement-malformed",
    "valid-bundle.json": "timestamp-missing",
  };
  for (const file of readdirSync(join(folder, "libnpmpublish")).toSorted()) {
    const verification = verifyBundle(readFileSync(join(folder, "libnpmpublish", file), "utf8"), { root: embeddedTrustRoot() });
    const said = verification.ok ? "verified" : verification.code;
    yield said === expected[file]
      ? { name: `libnpmpublish/${file}`, outcome: "passed" }
      : { name: `libnpmpublish/${file}`, outcome: "failed", detail: `${expected[file] ?? "a known file"} is expected, was: ${said}` };
  }
}
