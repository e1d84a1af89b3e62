import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { verifyBundle } from "../attestation/index.ts";
import { Fault } from "../model/index.ts";
import { type SigstoreServices, startSigstore } from "../../test/sigstore/services.ts";
import { type SigstoreOptions, sigstoreSigner, statementContent } from "./sign-sigstore.ts";

const statement = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "a", digest: { sha256: "00".repeat(32) } }],
  predicateType: "https://example/p",
  predicate: {},
};

async function desk(
  t: TestContext,
): Promise<{ services: SigstoreServices; options: SigstoreOptions; write: (name: string, content: string) => string }> {
  const home = mkdtempSync(join(tmpdir(), "tributary keyless "));
  const services = await startSigstore();
  t.after(async () => {
    await services.close();
    rmSync(home, { recursive: true, force: true });
  });
  const write = (name: string, content: string): string => {
    writeFileSync(join(home, name), content);
    return name;
  };
  const options: SigstoreOptions = {
    cwd: home,
    env: { HOME: home, TRIBUTARY_DATA: join(home, "data"), PATH: process.env["PATH"] },
    stdin: () => Promise.resolve(Buffer.from(services.token({ sub: "from standard input" }))),
    identityToken: write("token", services.token()),
    signingConfig: write("config.json", JSON.stringify(services.signingConfig())),
    trustedRoot: write("root.json", JSON.stringify(services.sigstore.rootDocument)),
  };
  return { services, options, write };
}

for (const rekor of [1, 2] as const)
  test(`a statement is signed by who the token names, in a log of generation ${rekor}, and verifies`, async (t) => {
    const { services, options, write } = await desk(t);
    const signingConfig = write("generation.json", JSON.stringify(services.signingConfig({ rekor })));
    const sign = await sigstoreSigner({ ...options, signingConfig });
    const { bundle, identity, issuer, log } = await sign(statementContent(statement));
    assert.deepEqual([identity, issuer], ["https://signer.example/subject", "https://issuer.example"]);
    assert.equal(log.length, 1);
    const verified = verifyBundle(bundle, { root: services.sigstore.root, identity, issuer });
    assert.ok(verified.ok && verified.content.kind === "statement" && verified.unsigned.length === 0);
    assert.deepEqual(verified.content.statement.subject, statement.subject);
    assert.equal(verified.times[0]?.by, rekor === 1 ? "log" : "timestamp-authority");
  });

test("a file is signed as a message, with a timestamp beside the log's own time where the config asks for one", async (t) => {
  const { services, options, write } = await desk(t);
  for (const rekor of [1, 2] as const) {
    const signingConfig = write("message.json", JSON.stringify(services.signingConfig({ rekor, timestamps: true })));
    const bytes = Buffer.from("bytes");
    const { bundle } = await (await sigstoreSigner({ ...options, signingConfig }))({ kind: "message", bytes });
    const verified = verifyBundle(bundle, { root: services.sigstore.root, artifact: bytes });
    assert.ok(verified.ok);
    assert.deepEqual(
      verified.times.map(({ by }) => by),
      rekor === 1 ? ["log", "timestamp-authority"] : ["timestamp-authority"],
    );
    assert.equal(verifyBundle(bundle, { root: services.sigstore.root, artifact: Buffer.from("others") }).ok, false);
  }
});

const signedBy = async (more: SigstoreOptions): Promise<string> =>
  (await (await sigstoreSigner(more))(statementContent(statement))).identity;

test("the token comes from the file, from standard input, from the environment, or from the workflow that runs", async (t) => {
  const { services, options } = await desk(t);
  const { identityToken: _, ...none } = options;
  assert.match(await signedBy({ ...none, identityToken: "-" }), /from standard input$/);
  assert.match(
    await signedBy({ ...none, env: { ...options.env, SIGSTORE_ID_TOKEN: services.token({ sub: "environment" }) } }),
    /environment$/,
  );
  const env = { ...options.env, ACTIONS_ID_TOKEN_REQUEST_URL: services.tokenAddress, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "workflow" };
  assert.match(await signedBy({ ...none, env }), /workflow$/);
  assert.match(
    await signedBy({ ...none, env: { ...options.env, SIGSTORE_ID_TOKEN: services.token({ email: "a@b.example", email_verified: true }) } }),
    /a@b\.example$/,
  );
  await assert.rejects(
    sigstoreSigner(none),
    (error) => error instanceof Fault && error.code === "sign/identity" && /browser is not supported/.test(error.hint ?? ""),
  );
});

test("a token that cannot sign is refused before anything is asked", async (t) => {
  const { services, options } = await desk(t);
  const past = Math.floor(Date.now() / 1000) - 1;
  const wrong: readonly (readonly [Readonly<Record<string, unknown>> | string, RegExp])[] = [
    [{ aud: "elsewhere" }, /audience elsewhere/],
    [{ exp: past }, /has ended/],
    [{ nbf: past + 3600 }, /does not count yet/],
    [{ iss: "" }, /no issuer/],
    [{ sub: "" }, /no subject/],
    [{ email: "a@b.example" }, /did not verify/],
    ["no token", /no JSON Web Token/],
    ["a.b.c", /no JSON Web Token/],
  ];
  const { identityToken: _, ...none } = options;
  for (const [claims, says] of wrong) {
    const token = typeof claims === "string" ? claims : services.token(claims);
    await assert.rejects(sigstoreSigner({ ...none, env: { ...options.env, SIGSTORE_ID_TOKEN: token } }), says);
  }
  assert.equal(services.requests.length, 0);
  const sign = await sigstoreSigner({ ...none, env: { ...options.env, SIGSTORE_ID_TOKEN: services.token({ sub: "refused" }) } });
  await assert.rejects(
    sign(statementContent(statement)),
    (error) => error instanceof Fault && error.code === "sign/identity" && /does not accept/.test(error.message),
  );
});

const unverified = (error: unknown): boolean => error instanceof Fault && error.code === "sign/unverified";

test("what comes back and does not verify is not handed on", async (t) => {
  const { services, options } = await desk(t);
  const stranger = services.sigstore.signMessage(Buffer.from("x"));
  const strange = `-----BEGIN CERTIFICATE-----\n${stranger.verificationMaterial.certificate?.rawBytes}\n-----END CERTIFICATE-----\n`;
  const spoils: readonly ((path: string, answer: unknown) => unknown)[] = [
    // Another's certificate, an entry without a promise that holds, a log that answers with another entry.
    (path, answer) => (path.endsWith("signingCert") ? { signedCertificateEmbeddedSct: { chain: { certificates: [strange] } } } : answer),
    (path, answer) =>
      path.endsWith("entries") ? JSON.parse(JSON.stringify(answer).replace(/"integratedTime":\d/, '"integratedTime":9')) : answer,
    (path, answer) => (path.endsWith("entries") ? JSON.parse(JSON.stringify(answer).replace(/"rootHash":"../, '"rootHash":"zz')) : answer),
  ];
  for (const spoil of spoils) {
    services.spoil(spoil);
    const sign = await sigstoreSigner(options);
    await assert.rejects(
      sign(statementContent(statement)),
      (error) => unverified(error) || (error instanceof Fault && error.code === "source/status"),
    );
  }
  services.spoil(null);
  const { trustedRoot: _, ...noRoot } = options;
  const sign = await sigstoreSigner(noRoot);
  await assert.rejects(sign(statementContent(statement)), unverified, "the public roots do not know this instance");
});

test("an instance is asked in the way its signing config says, and one that cannot be understood is refused", async (t) => {
  const { services, options, write } = await desk(t);
  const config = services.signingConfig() as { readonly [name: string]: unknown };
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...config, mediaType: "x" }, /another form/],
    [{ ...config, caUrls: [] }, /no certificate authority/],
    [
      { ...config, rekorTlogUrls: [{ url: "https://log.example", majorApiVersion: 3, validFor: { start: "2020-01-01T00:00:00Z" } }] },
      /asks for 1/,
    ],
    [{ ...config, rekorTlogConfig: { selector: "EXACT", count: 2 } }, /asks for 2/],
    [{ ...config, rekorTlogConfig: { selector: "SOME" } }, /not known: SOME/],
    [
      {
        ...config,
        caUrls: [
          { url: "https://ca.example", majorApiVersion: 1, validFor: { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" } },
        ],
      },
      /in use now/,
    ],
  ];
  for (const [document, says] of wrong)
    await assert.rejects(sigstoreSigner({ ...options, signingConfig: write("wrong.json", JSON.stringify(document)) }), says);
  await assert.rejects(sigstoreSigner({ ...options, signingConfig: write("none.json", "{") }), /is no JSON/);
});
