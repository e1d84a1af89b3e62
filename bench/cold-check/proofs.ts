/** Proofs for packages of a benchmark, as npm's registry and npm's command write them: signed by a registry key and a Sigstore of our own. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { testSigstore } from "../../src/attestation/testing.ts";
import type { Json } from "../../src/model/index.ts";
import { type FakePackage, packageDocument } from "../../test/registry/registry.ts";

export interface Proofs {
  readonly packages: readonly FakePackage[];
  /** Answers by path. */
  readonly answers: ReadonlyMap<string, string>;
  /** The trust root of the Sigstore that signed the builds. */
  readonly root: Json;
}

const COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const BUILD = "https://slsa.dev/provenance/v1";
const PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";

/** The given release of every package, signed; `version` must be the last of each. */
export function signPackages(packages: readonly FakePackage[], version: string): Proofs {
  const sigstore = testSigstore({ authority: "P-384" });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const hint = `SHA256:${createHash("sha256").update(spki).digest("base64").replace(/=+$/, "")}`;
  const [keytype, scheme] = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"];
  const answers = new Map([
    ["/-/npm/v1/keys", JSON.stringify({ keys: [{ expires: null, keyid: hint, keytype, scheme, key: spki.toString("base64") }] })],
  ]);
  const signed = packages.map((one): FakePackage => {
    const { name, releases } = one;
    const integrity = packageDocument({ name, releases: releases.slice(-1) }, "https://registry.example/").tarballs[0]?.integrity ?? "";
    const subject = [
      {
        name: `pkg:npm/${name.replace(/^@/, "%40")}@${version}`,
        digest: { sha512: Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex") },
      },
    ];
    const repository = `https://github.com/example/${name.replace(/^.*\//, "")}`;
    const statement = (predicateType: string, predicate: Json): Json => ({
      _type: predicateType === BUILD ? "https://in-toto.io/Statement/v1" : "https://in-toto.io/Statement/v0.1",
      subject,
      predicateType,
      predicate,
    });
    const publish = sigstore.signStatement(statement(PUBLISH, { name, version, registry: "https://registry.example" }), {
      key: { hint, privateKey, publicKey },
    });
    const build = sigstore.signStatement(statement(BUILD, provenance(repository)), signing(repository));
    answers.set(
      `/-/npm/v1/attestations/${name}@${version}`,
      JSON.stringify({
        attestations: [
          { predicateType: PUBLISH, bundle: publish },
          { predicateType: BUILD, bundle: build },
        ],
      }),
    );
    const sig = sign("sha256", Buffer.from(`${name}@${version}:${integrity}`), privateKey).toString("base64");
    const dist = {
      signatures: [{ keyid: hint, sig }],
      attestations: {
        url: `https://registry.example/-/npm/v1/attestations/${name}@${version}`,
        provenance: { predicateType: BUILD },
      },
    };
    return { name, releases: releases.with(releases.length - 1, { version, ...releases.at(-1), dist }) };
  });
  return { packages: signed, answers, root: sigstore.rootDocument };
}

const ref = "refs/tags/v1.0.0";
const path = ".github/workflows/release.yml";

function provenance(repository: string): Json {
  return {
    buildDefinition: {
      buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
      externalParameters: { workflow: { ref, repository, path } },
      internalParameters: { github: { event_name: "push", repository_id: "1", repository_owner_id: "2" } },
      resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: COMMIT } }],
    },
    runDetails: {
      builder: { id: "https://github.com/actions/runner/github-hosted" },
      metadata: { invocationId: `${repository}/actions/runs/1/attempts/1` },
    },
  };
}

const signing = (repository: string): Parameters<ReturnType<typeof testSigstore>["signStatement"]>[1] => ({
  identity: `${repository}/${path}@${ref}`,
  claims: {
    9: `${repository}/${path}@${ref}`,
    10: COMMIT,
    11: "github-hosted",
    12: repository,
    13: COMMIT,
    14: ref,
    15: "1",
    16: "https://github.com/example",
    17: "2",
    18: `${repository}/${path}@${ref}`,
    19: COMMIT,
    20: "push",
    21: `${repository}/actions/runs/1/attempts/1`,
    22: "public",
  },
});
