/**
 * slsa-verifier's unit fixtures of npm attestation pairs and bundles. Upstream feeds most of them to a parser that does not look at signatures; they are
 * altered copies, so to us their signatures are wrong as well. Each is asked twice: the whole must be refused, and what upstream's test
 * is about must be seen with the signature set aside.
 */
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import {
  attestationKey,
  embeddedRegistryKeys,
  embeddedTrustRoot,
  IN_TOTO_PAYLOAD,
  parseStatement,
  subjectsThatAre,
  verifyBundle,
} from "../../src/attestation/index.ts";
import { kindOfPredicate } from "../../src/checks/provenance/build-facts.ts";
import { parseFile } from "../slsa-verifier.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Attestation {
  readonly predicateType: string;
  readonly bundle: { readonly dsseEnvelope: { readonly payload: string; readonly payloadType: string } };
}

/** What each file's defect is, as upstream names it in its tests, by ours. */
const defects: Readonly<Record<string, string>> = {
  "npm-attestations": "none",
  "npm-att-mismatch-prov-payloadtype": "payload-type",
  "npm-att-mismatch-pub-predicatetype": "wrapper",
  "npm-att-publish-invalid-signature": "statement",
  "npm-att-publish-nodigest": "statement",
  "npm-att-publish-nosubjects": "statement",
  "npm-stmt-mismatch-prov-predicatetype": "predicate-type",
  "npm-stmt-mismatch-prov-type": "statement",
  "npm-stmt-mismatch-pub-predicatetype": "predicate-type",
  "npm-stmt-mismatch-pub-type": "statement",
};

export const suite: Suite = {
  name: "slsa-verifier-unit",
  archive: "slsa-verifier",
  run: function* (folder): Generator<CaseResult> {
    const base = join(folder, "gha-unit");
    for (const file of globSync("npm-*.sigstore", { cwd: base }).toSorted()) {
      const name = basename(file, ".intoto.sigstore");
      const attestations = readPair(join(base, file));
      const seen = defectOf(attestations);
      yield seen === defects[name]
        ? { name: `${name}: its defect`, outcome: "passed" }
        : { name: `${name}: its defect`, outcome: "failed", detail: `${defects[name] ?? "a known file"} is expected, was: ${seen}` };
      const whole = attestations.every(({ bundle }) => verifies(bundle));
      // A wrong predicate type outside of what is signed leaves the signatures whole: only the comparison finds it.
      const sound = name === "npm-attestations" || name === "npm-att-mismatch-pub-predicatetype";
      yield { name: `${name}: the whole`, outcome: whole === sound ? "passed" : "failed" };
    }
    for (const [file, expected] of Object.entries({
      "valid-v0.3": "",
      "mismatch-tlog": "log-entry-mismatch",
      "invalid-dsse-sig": "envelope-malformed",
    })) {
      const verification = verifyBundle(parseFile(join(base, "bundle", `${file}.intoto.sigstore`)), { root: embeddedTrustRoot() });
      const said = verification.ok ? "" : verification.code;
      yield {
        name: `bundle/${file}`,
        outcome: said === expected ? "passed" : "failed",
        ...(said === expected ? {} : { detail: said || "accepted" }),
      };
    }
    yield {
      name: "bazel-untrusted",
      outcome: "skipped",
      detail: "an envelope without a log entry: only Rekor, online, knows when it was signed",
    };
  },
};

const verifies = (bundle: unknown): boolean =>
  verifyBundle(bundle, { root: embeddedTrustRoot(), publicKey: attestationKey(embeddedRegistryKeys()) }).ok;

/** The registry's answer, or the bare list of it. */
function readPair(file: string): readonly Attestation[] {
  const document = parseFile(file) as { readonly attestations: readonly Attestation[] } | readonly Attestation[];
  return "attestations" in document ? document.attestations : document;
}

function defectOf(attestations: readonly Attestation[]): string {
  for (const { predicateType, bundle } of attestations) {
    const { payload, payloadType } = bundle.dsseEnvelope;
    if (payloadType !== IN_TOTO_PAYLOAD) return "payload-type";
    const parsed = parseStatement(Buffer.from(payload, "base64"));
    if (!parsed.ok) return "statement";
    const { statement } = parsed;
    if (!["build", "publish"].includes(kindOfPredicate(statement.predicateType))) return "predicate-type";
    if (statement.predicateType !== predicateType) return "wrapper";
    const [subject] = statement.subject;
    if (subject === undefined || subjectsThatAre(statement, subject.digest).length === 0) return "digest";
  }
  return "none";
}
