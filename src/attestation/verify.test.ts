import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Json } from "../model/index.ts";
import { extension } from "./testing-der.ts";
import { TEST_IDENTITY, TEST_ISSUER, TEST_TIME, type TestBundle, testSigstore } from "./testing.ts";
import { mergeTrustRoots, loadTrustRoot } from "./trust-root.ts";
import type { Verification, VerifyOptions } from "./verification.ts";
import { verifyBundle } from "./verify.ts";

const sigstore = testSigstore();
const { root } = sigstore;
const artifact = Buffer.from("the bytes of a release");
const sha256 = createHash("sha256").update(artifact).digest("hex");
const statement = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "release.tgz", digest: { sha256 } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: { buildDefinition: { buildType: "test" } },
};

const codeOf = (verification: Verification): string => (verification.ok ? "verified" : verification.code);
const verify = (bundle: unknown, options: Partial<VerifyOptions> = {}): string => codeOf(verifyBundle(bundle, { root, ...options }));
const changed = (bundle: TestBundle, change: (copy: TestBundle) => void): TestBundle => {
  const copy = structuredClone(bundle);
  change(copy);
  return copy;
};
const entryOf = (bundle: TestBundle): TestBundle["verificationMaterial"]["tlogEntries"][0] => {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  assert.ok(entry);
  return entry;
};

for (const rekor of [1, 2] as const) {
  test(`a statement and a message verify with the proofs of Rekor v${rekor}, by their bytes and by their digest`, () => {
    const options = { root, identity: TEST_IDENTITY, issuer: TEST_ISSUER, now: new Date("2026-04-01") };
    for (const bundle of [sigstore.signStatement(statement, { rekor }), sigstore.signMessage(artifact, { rekor })])
      for (const about of [{ artifact }, { digests: { sha256 } }]) {
        const verification = verifyBundle(bundle, { ...options, ...about });
        assert.ok(verification.ok, codeOf(verification));
        assert.deepEqual(
          verification.times.map(({ time, by }) => [time, by]),
          [[TEST_TIME.toISOString().replace(".007", ".000"), rekor === 1 ? "log" : "timestamp-authority"]],
        );
        assert.deepEqual(verification.log, [
          {
            log: rekor === 1 ? "log.example" : "log2.example",
            logIndex: 2,
            kind: rekor === 2 ? "hashedrekord 0.0.2" : bundle.dsseEnvelope === undefined ? "hashedrekord 0.0.1" : "dsse 0.0.1",
            promised: rekor === 1,
            proved: true,
          },
        ]);
        assert.deepEqual(verification.certificateLogs, ["ct.example"]);
        assert.deepEqual(verification.unsigned, []);
        assert.deepEqual(verification.roots, [{ source: "a test" }]);
      }
  });
}

test("the answer names the signer with the claims of its certificate, and the subject that is the artifact", () => {
  const claims = { 11: "github-hosted", 12: "https://github.com/example/project", 15: "4711" };
  const verification = verifyBundle(sigstore.signStatement(statement, { claims }), { root, artifact });
  assert.ok(verification.ok && verification.signer.kind === "certificate" && verification.content.kind === "statement");
  assert.equal(verification.signer.identity, TEST_IDENTITY);
  assert.equal(verification.signer.issuer, TEST_ISSUER);
  assert.deepEqual(
    { ...verification.signer.claims },
    {
      issuer: TEST_ISSUER,
      runnerEnvironment: "github-hosted",
      sourceRepositoryUri: "https://github.com/example/project",
      sourceRepositoryIdentifier: "4711",
    },
  );
  assert.deepEqual(
    verification.content.subjects.map(({ name }) => name),
    ["release.tgz"],
  );
  assert.equal(verification.content.statement.predicateType, statement.predicateType);
});

test("an identity is compared to the letter: neither a prefix nor a pattern nor another case will do", () => {
  const bundle = sigstore.signStatement(statement);
  for (const identity of [TEST_IDENTITY.slice(0, -1), `${TEST_IDENTITY}0`, "https://github.com/.*", TEST_IDENTITY.toUpperCase(), ""])
    assert.equal(verify(bundle, { identity }), "identity-mismatch", identity);
  for (const issuer of ["https://token.actions.githubusercontent.co", "https://.*", ""])
    assert.equal(verify(bundle, { issuer }), "issuer-mismatch", issuer);
});

test("another artifact is refused, by bytes and by digest, and one that cannot be compared is not taken for the same", () => {
  const other = Buffer.from("other bytes");
  const sha512 = createHash("sha512").update(artifact).digest("hex");
  for (const bundle of [sigstore.signStatement(statement), sigstore.signMessage(artifact)]) {
    assert.equal(verify(bundle, { artifact: other }), "artifact-mismatch");
    assert.equal(verify(bundle, { digests: { sha256: createHash("sha256").update(other).digest("hex") } }), "artifact-mismatch");
    assert.equal(verify(bundle, { digests: { sha512 } }), "artifact-undecidable");
  }
  const weak = { ...statement, subject: [{ name: "release.tgz", digest: { sha1: createHash("sha1").update(artifact).digest("hex") } }] };
  assert.equal(verify(sigstore.signStatement(weak), { digests: { sha1: weak.subject[0]?.digest.sha1 ?? "" } }), "artifact-undecidable");
});

test("an artifact and a digest that contradict each other are refused, whichever of them the bundle is about", () => {
  const other = Buffer.from("other bytes");
  const otherDigest = createHash("sha256").update(other).digest("hex");
  for (const bundle of [sigstore.signStatement(statement), sigstore.signMessage(artifact)]) {
    assert.equal(verify(bundle, { artifact, digests: { sha256: otherDigest } }), "artifact-mismatch");
    assert.equal(verify(bundle, { artifact: other, digests: { sha256 } }), "artifact-mismatch");
    assert.equal(verify(bundle, { artifact, digests: { sha256 } }), "verified");
  }
});

test("a threshold counts logs and authorities, not how often one of them speaks", () => {
  const bundle = sigstore.signStatement(statement, { rekor: 2 });
  const stamps = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
  const twice = changed(bundle, (copy) => copy.verificationMaterial.timestampVerificationData?.rfc3161Timestamps.push(...stamps));
  assert.equal(verify(twice, { thresholds: { times: 2 } }), "timestamp-missing");
  assert.equal(verify(twice, { thresholds: { times: 1 } }), "verified");
  assert.equal(verify(bundle, { thresholds: { log: 2 } }), "log-entry-missing");
  assert.equal(verify(bundle, { thresholds: { sct: 2 } }), "sct-missing");
});

test("a certificate of another instance, an expired one and one without a public record are refused, each for its reason", () => {
  assert.equal(verify(testSigstore().signStatement(statement)), "log-untrusted");
  const elsewhere = mergeTrustRoots(root, testSigstore().root);
  assert.equal(codeOf(verifyBundle(sigstore.signStatement(statement), { root: elsewhere })), "verified");
  assert.equal(verify(sigstore.signStatement(statement, { withoutSct: true })), "sct-missing");
  assert.equal(verify(sigstore.signStatement(statement, { minutes: -1 })), "certificate-expired");
  assert.equal(verify(sigstore.signStatement(statement, { at: new Date("2019-01-01"), rekor: 1 })), "log-expired");
  const critical = [extension("1.2.3.4", Buffer.from([5, 0]), true)];
  assert.equal(verify(sigstore.signStatement(statement, { extensions: critical })), "certificate-purpose");
  assert.equal(verify(sigstore.signStatement(statement), { now: new Date("2026-01-01") }), "timestamp-future");
});

test("claims of a certificate that contradict each other are refused", () => {
  const claims = { 5: "example/project", 12: "https://github.com/someone/else" };
  assert.equal(verify(sigstore.signStatement(statement, { claims })), "certificate-malformed");
  assert.equal(verify(sigstore.signStatement(statement, { claims: { 1: "https://issuer.example" } })), "certificate-malformed");
});

test("what one log entry proves is not believed of another signature", () => {
  const bundle = sigstore.signStatement(statement);
  const other = sigstore.signStatement({ ...statement, predicate: {} });
  const swapped = changed(bundle, (copy) => (copy.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries));
  assert.equal(verify(swapped), "log-entry-mismatch");
  const twice = changed(bundle, (copy) => copy.verificationMaterial.tlogEntries.push(structuredClone(entryOf(bundle))));
  assert.equal(verify(twice), "bundle-malformed");
  const none = changed(bundle, (copy) => (copy.verificationMaterial.tlogEntries = []));
  assert.equal(verify(none), "timestamp-missing");
  const stamped = changed(sigstore.signStatement(statement, { rekor: 2 }), (copy) => (copy.verificationMaterial.tlogEntries = []));
  assert.equal(verify(stamped), "log-entry-missing");
  const unknownKind = changed(bundle, (copy) => {
    const entry = entryOf(copy);
    entry.kindVersion.kind = "jar";
    entry.canonicalizedBody = Buffer.from(JSON.stringify({ kind: "jar", apiVersion: "0.0.1" })).toString("base64");
  });
  assert.equal(verify(unknownKind), "log-entry-unsupported");
});

test("a time that the log did not sign, and a checkpoint that another log signed, are refused", () => {
  const bundle = sigstore.signStatement(statement);
  assert.equal(verify(changed(bundle, (copy) => delete entryOf(copy).inclusionPromise)), "log-promise-missing");
  const renamed = changed(bundle, (copy) => {
    const { checkpoint } = entryOf(copy).inclusionProof;
    checkpoint.envelope = checkpoint.envelope.replaceAll("log.example", "log.elsewhere");
  });
  assert.equal(verify(renamed), "log-checkpoint-invalid");
  const shorter = changed(bundle, (copy) => entryOf(copy).inclusionProof.hashes.pop());
  assert.equal(verify(shorter), "log-proof-invalid");
  const longer = changed(bundle, (copy) => entryOf(copy).inclusionProof.hashes.push(Buffer.alloc(32).toString("base64")));
  assert.equal(verify(longer), "log-proof-invalid");
});

test("an unknown member of a bundle is not believed and is told", () => {
  const verification = verifyBundle({ ...sigstore.signStatement(statement), comment: "trust me" }, { root });
  assert.ok(verification.ok);
  assert.deepEqual(verification.unsigned, ["comment"]);
});

const named = (rekor: 1 | 2): TestBundle =>
  changed(sigstore.signStatement(statement, { rekor }), (copy) => copy.dsseEnvelope?.signatures.forEach((one) => (one.keyid = "mine")));

test("a key id that the log did not take in is refused, and one that nothing covers is told as unsigned", () => {
  assert.equal(verify(named(1)), "log-entry-mismatch");
  const verification = verifyBundle(named(2), { root });
  assert.ok(verification.ok);
  assert.deepEqual(verification.unsigned, ["dsseEnvelope.signatures[0].keyid"]);
});

function* leaves(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<{ path: readonly (string | number)[]; value: unknown }> {
  if (typeof value === "object" && value !== null)
    for (const [key, child] of Object.entries(value)) yield* leaves(child, [...path, Array.isArray(value) ? Number(key) : key]);
  else yield { path, value };
}

test("no single value of a bundle can be changed or taken away unnoticed, and none of it makes the verification crash", () => {
  const bundles = [1, 2].flatMap((rekor) => [
    sigstore.signStatement(statement, { rekor: rekor as 1 | 2 }),
    sigstore.signMessage(artifact, { rekor: rekor as 1 | 2 }),
  ]);
  let tried = 0;
  for (const bundle of bundles)
    for (const { path, value } of leaves(bundle)) {
      const text = String(value);
      const bytes = Buffer.from(text, "base64");
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
      const others = [`${text}A`, text.slice(1), bytes.toString("base64"), "", -1, {}, [], true, undefined, "9".repeat(40), "\u0000"];
      for (const other of others) {
        if (other === value || (value === "" && (other === undefined || other === ""))) continue;
        const copy = structuredClone(bundle) as unknown;
        let here = copy as Record<string | number, unknown>;
        for (const key of path.slice(0, -1)) here = here[key] as Record<string | number, unknown>;
        const last = path.at(-1) ?? "";
        if (other === undefined) delete here[last];
        else here[last] = other;
        const verification = verifyBundle(copy, { root, artifact });
        tried += 1;
        assert.ok(!verification.ok || verification.unsigned.length > 0, `${path.join(".")} as ${JSON.stringify(other)} went unnoticed`);
      }
    }
  assert.ok(tried > 600, `${tried} changes`);
});

test("what is no bundle is refused by code, whatever it is", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const polluted = JSON.parse('{"__proto__": {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}}') as unknown;
  for (const value of ["", "{", "null", deep, null, 7, [], {}, polluted, { mediaType: "application/vnd.dev.sigstore.bundle.v0.9+json" }])
    assert.match(verify(value), /^bundle-(?:malformed|version)$/);
  const bundle = sigstore.signStatement(statement);
  const many = changed(bundle, (copy) => {
    copy.verificationMaterial.tlogEntries = Array.from({ length: 100_000 }, () => entryOf(bundle));
  });
  assert.equal(verify(many), "bundle-malformed");
  const both = { ...bundle, messageSignature: sigstore.signMessage(artifact).messageSignature };
  assert.equal(verify(both), "bundle-material");
  const withChain = {
    ...bundle,
    verificationMaterial: { ...bundle.verificationMaterial, certificate: undefined, x509CertificateChain: { certificates: [] } },
  };
  assert.equal(verify(withChain), "bundle-material");
});

test("an old bundle may bring its chain along, in order and up to the root, but nothing that is no part of it", () => {
  const document = sigstore.rootDocument as { certificateAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[] };
  const [issuing, anchor] = document.certificateAuthorities[0]?.certChain.certificates ?? [];
  assert.ok(issuing && anchor);
  const old = (version: string, ...chain: readonly { rawBytes: string }[]): unknown => {
    const { verificationMaterial, ...rest } = sigstore.signStatement(statement);
    const { certificate, ...material } = verificationMaterial;
    const mediaType = `application/vnd.dev.sigstore.bundle+json;version=${version}`;
    return { ...rest, mediaType, verificationMaterial: { ...material, x509CertificateChain: { certificates: [certificate, ...chain] } } };
  };
  for (const chain of [[], [issuing], [issuing, anchor]]) assert.equal(verify(old("0.1", ...chain)), "verified");
  assert.equal(verify(old("0.1", anchor, issuing)), "certificate-root-in-bundle");
  assert.equal(verify(old("0.2", issuing, anchor)), "certificate-root-in-bundle");
  assert.equal(verify(old("0.2", issuing, issuing)), "certificate-untrusted");
});

test("an instance without logs vouches by timestamps alone, but excuses nobody whose authority has logs elsewhere", () => {
  const { tlogs: _logs, ctlogs: _ctLogs, ...rest } = sigstore.rootDocument as Readonly<Record<string, Json>>;
  const withoutLogs = loadTrustRoot(rest);
  const bundle = changed(
    sigstore.signStatement(statement, { rekor: 2, withoutSct: true }),
    (copy) => (copy.verificationMaterial.tlogEntries = []),
  );
  const verification = verifyBundle(bundle, { root: withoutLogs });
  assert.ok(verification.ok);
  assert.deepEqual([verification.log, verification.certificateLogs], [[], []]);
  assert.equal(codeOf(verifyBundle(bundle, { root: mergeTrustRoots(withoutLogs, root) })), "log-entry-missing");
  assert.equal(codeOf(verifyBundle(bundle, { root: mergeTrustRoots(withoutLogs, root), thresholds: { log: 0 } })), "sct-missing");
  const unstamped = changed(bundle, (copy) => delete copy.verificationMaterial.timestampVerificationData);
  assert.equal(codeOf(verifyBundle(unstamped, { root: withoutLogs })), "timestamp-missing");
});

test("a trust root that is not one is a fault with a hint, and unreadable dates are not taken for open ones", () => {
  for (const source of ["", "{}", "[]", '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}', "{}\n{", 3])
    assert.throws(() => loadTrustRoot(source), { name: "Fault", code: "input/not-understood" });
  const broken = structuredClone(sigstore.rootDocument) as { tlogs: { publicKey: { validFor: object } }[] };
  for (const log of broken.tlogs) log.publicKey.validFor = { start: "yesterday" };
  assert.throws(() => loadTrustRoot(broken), /validFor.start is no date/);
  const lines = `${JSON.stringify(sigstore.rootDocument)}\n${JSON.stringify(testSigstore().rootDocument)}\n`;
  assert.equal(loadTrustRoot(lines).instances.length, 2);
});
