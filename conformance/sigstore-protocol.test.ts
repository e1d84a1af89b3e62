import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startSigstore } from "../test/sigstore/services.ts";
import { runClient, runSigner } from "./sigstore-protocol.ts";

test("what the protocol's client signs, the protocol's client verifies, and nothing else", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "tributary protocol "));
  const services = await startSigstore();
  t.after(async () => {
    await services.close();
    rmSync(home, { recursive: true, force: true });
  });
  const write = (name: string, content: string): string => {
    writeFileSync(join(home, name), content);
    return join(home, name);
  };
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "a", digest: { sha256: "00".repeat(32) } }],
    predicateType: "p",
    predicate: {},
  };
  const root = write("root.json", JSON.stringify(services.sigstore.rootDocument));
  const file = write("a.txt", "a");
  const identity = ["--certificate-identity", "https://signer.example/subject", "--certificate-oidc-issuer", "https://issuer.example"];
  for (const rekor of [1, 2] as const) {
    const common = ["--trusted-root", root, "--signing-config", write("config.json", JSON.stringify(services.signingConfig({ rekor })))];
    const bundle = join(home, `bundle-${rekor}.json`);
    const signed = await runSigner(["--identity-token", services.token(), "--bundle", bundle, ...common, file]);
    assert.equal(signed.exitCode, 0, signed.message);
    const verify = (...more: readonly string[]): number =>
      runClient(["verify-bundle", "--bundle", bundle, "--trusted-root", root, ...more]).exitCode;
    assert.equal(verify(...identity, file), 0);
    assert.equal(verify(...identity, write("b.txt", "b")), 1);
    assert.equal(verify("--certificate-identity", "https://signer.example/other", ...identity.slice(2), file), 1);
    const attested = join(home, `attested-${rekor}.json`);
    const about = write("statement.json", JSON.stringify(statement));
    assert.equal(
      (await runSigner(["--in-toto", "--identity-token", services.token(), "--bundle", attested, ...common, about])).exitCode,
      0,
    );
    assert.equal(
      runClient(["verify-bundle", "--bundle", attested, "--trusted-root", root, ...identity, `sha256:${"00".repeat(32)}`]).exitCode,
      0,
    );
  }
  const refused = join(home, "refused.json");
  assert.equal((await runSigner(["--identity-token", "none", "--bundle", refused, "--trusted-root", root, file])).exitCode, 2);
  assert.equal((await runSigner(["--staging", "--identity-token", services.token(), "--bundle", refused, file])).exitCode, 2);
  assert.ok(!existsSync(refused));
});
