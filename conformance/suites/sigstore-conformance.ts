/**
 * sigstore-conformance's bundles, each by path and by digest, through the suite's own command line. A bundle that must be refused has to be
 * refused for the reason that its README gives: a case that fails by accident proves nothing.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RejectCode } from "../../src/attestation/index.ts";
import { runClient } from "../sigstore-protocol.ts";
import type { CaseResult, Suite } from "../suite.ts";

const IDENTITY =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER = "https://token.actions.githubusercontent.com";

/** The reason that each README gives, as our code for it. `unreadable-key`: the key itself is refused, before any bundle is looked at. */
const reasons: Readonly<Record<string, RejectCode | "unreadable-key">> = {
  "bundle-empty-certificate-chain_fail": "bundle-material",
  "bundle-invalid-base64-signature_fail": "bundle-malformed",
  "bundle-malformed-json_fail": "bundle-malformed",
  "bundle-negative-log-index_fail": "bundle-malformed",
  "bundle-unknown-version_fail": "bundle-version",
  "bundle-with-root-cert_fail": "certificate-root-in-bundle",
  "checkpoint-bad-keyhint_fail": "log-checkpoint-invalid",
  "dsse-invalid-sig_fail": "signature-invalid",
  "dsse-mismatch-sig_fail": "log-entry-mismatch",
  "inclusion-proof-corrupted-hash_fail": "log-proof-invalid",
  "incorrect-public-key_fail": "log-entry-mismatch",
  "integrated-time-in-future_fail": "certificate-expired",
  "intoto-expired-certificate_fail": "certificate-expired",
  "intoto-log-entry-mismatch_fail": "log-entry-mismatch",
  "intoto-tsa-timestamp-outside-cert-validity_fail": "certificate-expired",
  "invalid-checkpoint-signature_fail": "log-checkpoint-invalid",
  "invalid-ct-key_fail": "sct-invalid",
  // A proof without a checkpoint ("old"): a bundle of version 0.2 must bring one.
  "invalid-inclusion-proof_fail": "log-proof-missing",
  "managed-key-no-key_fail": "key-missing",
  "managed-key-wrong-key_fail": "unreadable-key",
  "message-digest-mismatch_fail": "artifact-mismatch",
  "rekor2-checkpoint-missing-log-signature_fail": "log-checkpoint-malformed",
  "rekor2-checkpoint-missing-origin_fail": "log-checkpoint-malformed",
  "rekor2-checkpoint-missing-root-hash_fail": "log-checkpoint-malformed",
  "rekor2-checkpoint-no-matching-signature_fail": "log-checkpoint-invalid",
  "rekor2-dsse-invalid-sig_fail": "signature-invalid",
  "rekor2-dsse-mismatch-sig_fail": "log-entry-mismatch",
  "rekor2-no-inclusion-proof_fail": "log-proof-missing",
  "rekor2-no-timestamp_fail": "timestamp-missing",
  "rekor2-timestamp-outside-trust-root-tsa-validity_fail": "timestamp-expired",
  "rekor2-timestamp-outside-tsa-cert-validity_fail": "timestamp-expired",
  "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail": "timestamp-untrusted",
  "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail": "timestamp-untrusted",
  "set-invalid-signature_fail": "log-promise-invalid",
  "signature-mismatch_fail": "signature-invalid",
  "wrong-material_fail": "artifact-mismatch",
};

export const suite: Suite = {
  name: "sigstore-conformance",
  archive: "sigstore-conformance",
  run: function* (folder): Generator<CaseResult> {
    const base = join(folder, "bundle-verify");
    const cases = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of cases.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const own = join(base, name, "artifact");
      const artifact = existsSync(own) ? own : join(base, "a.txt");
      const digest = `sha256:${createHash("sha256").update(readFileSync(artifact)).digest("hex")}`;
      yield { name: `${name} by path`, ...judge(join(base, name), name, artifact) };
      yield { name: `${name} by digest`, ...judge(join(base, name), name, digest) };
    }
  },
};

function judge(folder: string, name: string, subject: string): Omit<CaseResult, "name"> {
  const text = (file: string, usual: string): string =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : usual;
  const given = (option: string, file: string): string[] => (existsSync(join(folder, file)) ? [option, join(folder, file)] : []);
  const key = given("--key", "key.pub");
  const signer =
    key.length > 0 ? key : ["--certificate-identity", text("identity", IDENTITY), "--certificate-oidc-issuer", text("issuer", ISSUER)];
  const root = given("--trusted-root", "trusted_root.json");
  const answer = runClient(["verify-bundle", "--bundle", join(folder, "bundle.sigstore.json"), ...signer, ...root, subject]);
  if (!name.endsWith("_fail")) return answer.exitCode === 0 ? { outcome: "passed" } : { outcome: "failed", detail: answer.message };
  const reason = reasons[name];
  const said = answer.verification === undefined ? "unreadable-key" : answer.verification.ok ? "verified" : answer.verification.code;
  return said === reason
    ? { outcome: "passed" }
    : { outcome: "failed", detail: `refused for ${reason ?? "an unlisted reason"} is expected, was: ${said}` };
}
