/** Where a project's packages come from, asked of a registry on this machine that signs what it hands out. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { check } from "../src/app/check.ts";
import { signDsse, vsaStatement } from "../src/attestation/index.ts";
import type { Report } from "../src/model/index.ts";
import { openExpectations } from "../src/store/expectations.ts";
import { openVerdicts } from "../src/store/verdicts.ts";
import { type FakePackage, packageDocument, type RunningRegistry, startRegistry } from "./registry/registry.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const spki = publicKey.export({ type: "spki", format: "der" });
const KEY = `SHA256:${createHash("sha256").update(spki).digest("base64").replace(/=+$/, "")}`;
const keys = {
  keys: [{ expires: null, keyid: KEY, keytype: "ecdsa-sha2-nistp256", scheme: "ecdsa-sha2-nistp256", key: spki.toString("base64") }],
};

/** Signs as registries do; `told` is what the signature is really over. */
function signed(name: string, dist: Readonly<Record<string, unknown>> = {}, told?: string): FakePackage {
  const plain: FakePackage = { name, releases: [{ version: "1.0.0", dist }] };
  const integrity = packageDocument(plain, "https://registry.example/").tarballs[0]?.integrity ?? "";
  const sig = sign("sha256", Buffer.from(told ?? `${name}@1.0.0:${integrity}`), privateKey).toString("base64");
  return { name, releases: [{ version: "1.0.0", dist: { ...dist, signatures: [{ keyid: KEY, sig }] } }] };
}

interface Desk {
  readonly registry: RunningRegistry;
  readonly data: string;
  readonly project: string;
  readonly check: (more?: { readonly offline?: boolean; readonly policy?: object }) => Promise<Report>;
}

async function desk(t: TestContext, packages: readonly FakePackage[], served: Readonly<Record<string, unknown>>): Promise<Desk> {
  const home = mkdtempSync(join(tmpdir(), "tributary origin "));
  const project = join(home, "project");
  mkdirSync(project);
  const registry = await startRegistry({
    packages,
    misbehave: (path) => {
      const body = served[decodeURIComponent(path)];
      return body === undefined ? null : { kind: "body", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    },
  });
  t.after(async () => {
    await registry.close();
    rmSync(home, { recursive: true, force: true });
  });
  writeFileSync(join(project, ".npmrc"), `registry=${registry.url}\nfetch-retries=0\n`);
  const dependencies = Object.fromEntries(packages.map(({ name }) => [name, "1.0.0"]));
  const entries = packages.map(({ name }) => [`node_modules/${name}`, { version: "1.0.0", ...registry.lockEntry(name, "1.0.0") }]);
  writeFileSync(
    join(project, "package-lock.json"),
    JSON.stringify({
      name: "p",
      version: "1.0.0",
      lockfileVersion: 3,
      requires: true,
      packages: { "": { name: "p", version: "1.0.0", dependencies }, ...Object.fromEntries(entries) },
    }),
  );
  const env = {
    HOME: home,
    PATH: process.env["PATH"],
    TRIBUTARY_DATA: join(home, "data"),
    TRIBUTARY_CACHE: join(home, "cache"),
    TRIBUTARY_OSV_API: `${registry.url}osv`,
  };
  return {
    registry,
    data: join(home, "data"),
    project,
    check: async ({ offline = false, policy } = {}) => {
      if (policy !== undefined) writeFileSync(join(project, "tributary.json"), JSON.stringify(policy));
      return await check({ path: ".", cwd: project, env, offline });
    },
  };
}

const of = (report: Report): readonly string[] =>
  report.findings.filter(({ question }) => question === "provenance").map(({ rule, subject }) => `${rule} ${subject}`);
const answer = (report: Report) => report.answers.find(({ question }) => question === "provenance");

test("a registry's signatures are verified with the keys that it publishes; what it did not sign is critical", async (t) => {
  const it = await desk(t, [signed("good"), signed("forged", {}, "forged@1.0.0:sha512-other")], { "/-/npm/v1/keys": keys });
  const report = await it.check();
  assert.deepEqual(of(report), ["provenance/registry-signature pkg:npm/forged@1.0.0"]);
  assert.equal(report.verdict.verdict, "block");
  const evidence = report.findings.find(({ rule }) => rule === "provenance/registry-signature")?.evidence[0];
  assert.equal(evidence?.claim.kind === "registry-signature" && evidence.claim.keyFrom, `${it.registry.url}-/npm/v1/keys`);
  assert.match(answer(report)?.sentence ?? "", /^0 of 2 from a known source; 2 show no provenance\./);
  assert.ok(
    (report.basis.trust ?? []).some(({ source, date }) => source.includes("Sigstore") && date !== ""),
    "with its date, always",
  );
  const asked = it.registry.requests.length;
  assert.deepEqual(of(await it.check({ offline: true })), of(report));
  assert.equal(it.registry.requests.length, asked, "offline asks nobody, and has the keys");
});

test("signatures by a key that nobody has leave the question open", async (t) => {
  const it = await desk(t, [signed("good")], {});
  const report = await it.check();
  assert.deepEqual(of(report), []);
  assert.equal(answer(report)?.outcome, "unknown");
  assert.match(report.verdict.unanswered.map(({ because }) => because).join(), /key that is not known/);
});

const at = (name: string): object => ({
  attestations: {
    url: `https://elsewhere.example/-/npm/v1/attestations/${name}@1.0.0`,
    provenance: { predicateType: "https://slsa.dev/provenance/v1" },
  },
});

test("attestations are fetched once, and what is no attestation, or is of another form, is told apart", async (t) => {
  const bundle = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: {}, dsseEnvelope: {} };
  const it = await desk(
    t,
    [signed("broken", { ...at("broken") }), signed("future", { ...at("future") }), signed("absent", { ...at("absent") })],
    {
      "/-/npm/v1/keys": keys,
      "/-/npm/v1/attestations/broken@1.0.0": { attestations: [{ predicateType: "https://slsa.dev/provenance/v1", bundle }] },
      "/-/npm/v1/attestations/future@1.0.0": {
        attestations: [
          {
            predicateType: "https://slsa.dev/provenance/v1",
            bundle: { ...bundle, mediaType: "application/vnd.dev.sigstore.bundle.v9.0+json" },
          },
        ],
      },
    },
  );
  const report = await it.check();
  assert.deepEqual(of(report), ["provenance/attestation-invalid pkg:npm/broken@1.0.0"]);
  assert.match(answer(report)?.sentence ?? "", /^0 of 3 from a known source; 1 show no provenance, 2 unknown\./);
  const fetches = (): number => it.registry.requests.filter(({ path }) => path.includes("attestations")).length;
  assert.equal(fetches(), 3, "on the configured registry, wherever the document points");
  await it.check();
  assert.equal(fetches(), 3);
});

test("a policy may ask for a level", async (t) => {
  const it = await desk(t, [signed("good")], { "/-/npm/v1/keys": keys });
  const report = await it.check({ policy: { rules: { "provenance/build-level": { options: { minimum: 2 } } } } });
  assert.deepEqual(of(report), ["provenance/build-level pkg:npm/good@1.0.0"]);
});

test("a verification summary by a verifier of the policy stands in for a verification of ours, and the report says whose word it is", async (t) => {
  const it = await desk(t, [signed("good"), signed("other")], { "/-/npm/v1/keys": keys });
  const id = "https://verifier.example/v1";
  const minimum = { rules: { "provenance/build-level": { options: { minimum: 3 } } } };
  const policy = { ...minimum, verifiers: [{ id, key: "verifier.pem", upTo: "SLSA_BUILD_LEVEL_3" }] };
  const { integrity } = it.registry.lockEntry("good", "1.0.0");
  const sha512 = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
  const summary = vsaStatement([{ name: "good", digest: { sha512 } }], {
    verifier: { id },
    timeVerified: "2026-01-01T00:00:00Z",
    resourceUri: "pkg:npm/good@1.0.0",
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
  });
  mkdirSync(join(it.project, ".tributary", "summaries"), { recursive: true });
  writeFileSync(join(it.project, "verifier.pem"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(join(it.project, ".tributary", "summaries", "good.json"), JSON.stringify(signDsse(summary, privateKey)));
  const report = await it.check({ policy });
  assert.deepEqual(of(report), ["provenance/build-level pkg:npm/other@1.0.0"]);
  assert.match(
    answer(report)?.sentence ?? "",
    /^1 of 2 from a known source: 1 at L3; 1 show no provenance\. 1 of them by the word of https:\/\/verifier\.example\/v1\./,
  );
  assert.deepEqual(
    report.levels?.find(({ purl }) => purl === "pkg:npm/good@1.0.0"),
    { purl: "pkg:npm/good@1.0.0", level: 3, word: id },
  );
  assert.match(report.basis.policy, /1 trusted verifier/);
  assert.equal(of(await it.check({ policy: minimum })).length, 2, "nobody's word counts whom the policy does not name");
});

test("what was learnt stays, line by line, and a file that is not there is not made by asking", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tributary learnt "));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const facts = {
    package: "pkg:npm/a",
    line: "1",
    versions: ["1.0.0"],
    source: "s",
    sourceId: "1",
    owner: "",
    ownerId: "",
    issuer: "",
    workflow: "",
    builder: "",
    runner: "",
    refKind: "tag",
    seenAt: "2026-01-01T00:00:00Z",
  } as const;
  const first = openExpectations(folder);
  assert.deepEqual(first.of("pkg:npm/a"), []);
  first.learn([]);
  first.close();
  const second = openExpectations(folder);
  second.learn([facts, { ...facts, line: "2", versions: ["2.0.0"], seenAt: "2026-02-01T00:00:00Z" }]);
  second.learn([{ ...facts, versions: ["1.0.1"], workflow: "w", seenAt: "2026-03-01T00:00:00Z" }]);
  second.close();
  const third = openExpectations(folder);
  assert.deepEqual(
    third.of("pkg:npm/a").map(({ line, versions, workflow }) => [line, versions, workflow]),
    [
      ["1", ["1.0.0", "1.0.1"], "w"],
      ["2", ["2.0.0"], ""],
    ],
  );
  third.close();
  const verdicts = openVerdicts(folder);
  assert.equal(verdicts.look("k"), null);
  verdicts.keep("k", "{}");
  verdicts.close();
  const again = openVerdicts(folder);
  assert.equal(again.look("k"), "{}");
  again.close();
});
