import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { testSigstore } from "../attestation/testing.ts";
import { Fault } from "../model/index.ts";
import { concluder, type Proof, type ProofClaim } from "./provenance-proof.ts";
import { openPool, type PoolOptions } from "./threads.ts";
import { openTrust, trustFiles } from "./trust.ts";

const sha512 = "ab".repeat(64);
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { hint: "SHA256:ours", privateKey, publicKey };
const document = {
  keys: [{ keyid: key.hint, keytype: "ecdsa-sha2-nistp256", key: publicKey.export({ type: "spki", format: "der" }).toString("base64") }],
};
const foreign = [{ source: "https://registry.example/keys", observedAt: "2026-03-04T05:06:07Z", document }];

/** Proofs of eighty releases, good ones and some of each kind that is refused, and what concludes about them. */
function desk(t: TestContext): { proofs: readonly Proof[]; here: ReturnType<typeof concluder>; options: PoolOptions } {
  const data = mkdtempSync(join(tmpdir(), "tributary threads "));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const sigstore = testSigstore();
  const own = join(data, "trust", trustFiles.own);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "ours.json"), JSON.stringify(sigstore.rootDocument));
  const proofs = Array.from({ length: 80 }, (_, n): Proof => {
    const [name, version] = [`package-${n}`, "1.0.0"];
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `pkg:npm/${name}@${version}`, digest: { sha512: n % 10 === 3 ? "cd".repeat(64) : sha512 } }],
      predicateType: "https://example/made",
      predicate: {},
    };
    const bundle = structuredClone(sigstore.signStatement(statement, n % 2 === 0 ? {} : { key }));
    if (n % 10 === 5) bundle.dsseEnvelope = { payload: "e30=", payloadType: "application/vnd.in-toto+json", signatures: [] };
    return {
      kind: "attestation",
      subject: `pkg:npm/${name}@${version}`,
      name,
      version,
      sha512,
      bundle,
      predicateType: statement.predicateType,
      content: `sha256:${n}`,
      keys: n % 2 === 0 ? null : (foreign[0]?.source ?? ""),
    };
  });
  const trust = openTrust(data);
  return {
    proofs,
    here: concluder({ root: trust.root, keys: trust.keys, foreign }),
    options: { worker: "provenance.worker", data: { data, fingerprint: trust.fingerprint }, threads: 0, worth: 1 },
  };
}

/** All at once: the keys are told, then the work is added. */
async function concludeAll(
  proofs: readonly Proof[],
  here: ReturnType<typeof concluder>,
  options: PoolOptions,
  news: unknown = foreign,
): Promise<readonly ProofClaim[]> {
  const pool = openPool<Proof, ProofClaim>(options);
  try {
    pool.tell(news);
    pool.add(proofs);
    return await pool.results(here);
  } finally {
    await pool.close();
  }
}

test("the conclusions are the same, in the same order, whatever the number of threads", async (t) => {
  const { proofs, here, options } = desk(t);
  const alone = await concludeAll(proofs, here, options);
  assert.equal(alone.filter(({ refusal }) => refusal === undefined).length, 64);
  for (const threads of [1, 3]) assert.deepEqual(await concludeAll(proofs, here, { ...options, threads }), alone, `${threads} threads`);
});

test("what other threads conclude is part of the answer", async (t) => {
  const { proofs, here, options } = desk(t);
  let mine = 0;
  // This thread is held up, so that the others have to do most of it.
  const slow = (proof: Proof): ReturnType<typeof here> => {
    mine += 1;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    return here(proof);
  };
  const answers = await concludeAll(proofs, slow, { ...options, threads: 2 });
  assert.ok(mine < proofs.length, `${mine} here`);
  assert.deepEqual(answers, proofs.map(here));
});

test("a thread that ends before its work does is a fault, not a missing answer", async (t) => {
  const { proofs, here, options } = desk(t);
  const slow = (proof: Proof): ReturnType<typeof here> => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    return here(proof);
  };
  await assert.rejects(
    concludeAll(proofs, slow, { ...options, threads: 1 }, "no list"),
    (error) => error instanceof Fault && error.code === "internal/thread",
  );
});

test("a thread under other roots than ours does not answer for us", async (t) => {
  const { proofs, here, options } = desk(t);
  const slow = (proof: Proof): ReturnType<typeof here> => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    return here(proof);
  };
  const other = { ...options, threads: 1, data: { ...(options.data as object), fingerprint: "another" } };
  await assert.rejects(concludeAll(proofs, slow, other), /roots changed while they were in use/);
});

test("an abort ends the work and its threads, with its own reason", async (t) => {
  const { proofs, here, options } = desk(t);
  const stop = new AbortController();
  let seen = 0;
  const stopping = (proof: Proof): ReturnType<typeof here> => {
    if (++seen === 20) stop.abort(new Error("stopped by a test"));
    return here(proof);
  };
  await assert.rejects(concludeAll(proofs, stopping, { ...options, threads: 1, signal: stop.signal }), /stopped by a test/);
  assert.ok(seen < 80);
});

test("other threads begin before all is added, and what is too little for them is done here", async (t) => {
  const { proofs, here, options } = desk(t);
  const pool = openPool<Proof, ProofClaim>({ ...options, threads: 1, worth: 40 });
  try {
    pool.tell(foreign);
    for (const proof of proofs) pool.add([proof]);
    let mine = 0;
    const answers = await pool.results((proof) => {
      mine++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
      return here(proof);
    });
    assert.ok(mine < 80, `${mine} here`);
    assert.deepEqual(answers, proofs.map(here));
  } finally {
    await pool.close();
  }
  let all = 0;
  await concludeAll(proofs, (proof) => (all++, here(proof)), { ...options, threads: 1, worth: 81 });
  assert.equal(all, 80);
});
