/**
 * Really signed npm releases, through the whole check: handed out by a registry on this machine with their real tarballs, registry signatures and
 * attestations, then bent in one place each. The verdicts are upstream's where it has one (`-invalidsig…`), else follow from what was bent.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../src/app/check.ts";
import { readNpmTarball } from "../../src/artifacts/index.ts";
import type { Report } from "../../src/model/index.ts";
import { type FakePackage, startRegistry } from "../../test/registry/registry.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Sample {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  /** The registry's real answer. */
  readonly attestations: { readonly attestations: readonly { readonly predicateType: string; readonly bundle: object }[] };
  readonly repository: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Where each really was built, by upstream's tables: slsa-verifier's `source`, and the level that its builder may claim. */
const levels: Readonly<Record<string, number>> = {
  "gundam-visor@1.0.1": 2,
  "@trishankatdatadog/supreme-goggles@1.0.5": 2,
  "@laurentsimon/provenance-npm-test@1.0.3": 2,
  "@laurentsimon/provenance-npm-test@1.0.5": 3,
  "sigstore@2.3.1": 2,
  // Their certificates are older than the claim that says on whose machine a build ran.
  "sigstore@1.0.0": 1,
  "tuf-js@1.0.0": 1,
};

/** Its manifest still names the repository from before it moved to the foundation that builds it: the one true finding among them. */
const moved: Readonly<Record<string, string>> = { "tuf-js@1.0.0": "provenance/source-mismatch" };

export const suite: Suite = {
  name: "npm-provenance",
  archive: "slsa-verifier",
  beside: ["npm-cli"],
  async *run(folder) {
    const good = await samples(folder);
    for (const sample of good) {
      const title = `${sample.name}@${sample.version}`;
      yield await expectOf(`${title} is at level ${levels[title] ?? "?"}`, sample, {}, (report) => {
        const sentence = answerOf(report);
        return findingsOf(report).join() === (moved[title] ?? "") && sentence.includes(`1 at L${levels[title] ?? ""}`)
          ? ""
          : `${sentence} ${findingsOf(report).join()}`;
      });
      yield await expectRule(
        `${title} for another tarball`,
        sample,
        { tarball: Buffer.concat([sample.tarball, Buffer.alloc(512)]) },
        "provenance/attestation-invalid",
      );
      const other = good.find(({ name, version }) => name !== sample.name || version !== sample.version);
      if (other !== undefined)
        yield await expectRule(
          `${title} with another release's attestations`,
          sample,
          { attestations: other.attestations },
          "provenance/attestation-invalid",
        );
      yield await expectRule(`${title} under another name`, { ...sample, name: "impostor" }, {}, "provenance/attestation-invalid");
      yield await expectRule(`${title} under another version`, { ...sample, version: "99.0.0" }, {}, "provenance/attestation-invalid");
      yield await expectRule(
        `${title} whose manifest names another repository`,
        sample,
        { repository: "https://github.com/somebody/else" },
        "provenance/source-mismatch",
      );
      if (sample.signatures.length > 0)
        yield await expectRule(
          `${title} with another's registry signature`,
          sample,
          { signatures: sample.signatures.map(({ keyid }) => ({ keyid, sig: "MEUCIQDx" })) },
          "provenance/registry-signature",
        );
    }
    // Tarballs and answers that upstream made wrong, each in one of its two signatures.
    for (const file of readdirSync(join(folder, "testdata", "npm", "gha"))
      .filter((name) => /-invalidsig(?:prov|pub)\.tgz\.json$/.test(name))
      .toSorted()) {
      const sample = await sampleOf(join(folder, "testdata", "npm", "gha"), file.replace(/\.json$/, ""));
      if (sample !== null) yield await expectRule(file, sample, {}, "provenance/attestation-invalid");
    }
    yield* changedSource(good);
  },
};

/** The releases of one package, one after the other: a change of where they come from is news, and a missing statement is as well. */
async function* changedSource(good: readonly Sample[]): AsyncGenerator<CaseResult> {
  const old = good.find(({ name, version }) => name === "@laurentsimon/provenance-npm-test" && version === "1.0.3");
  const next = good.find(({ name, version }) => name === "@laurentsimon/provenance-npm-test" && version === "1.0.5");
  if (old === undefined || next === undefined) return;
  yield await inOneHome("1.0.5 after 1.0.3: another workflow and builder", [old, next], (report) =>
    findingsOf(report).join() === "provenance/source-changed" ? "" : findingsOf(report).join(),
  );
  yield await inOneHome("1.0.3 after 1.0.3: nothing new", [old, old], (report) => findingsOf(report).join());
  yield await inOneHome("1.0.5 without attestations after 1.0.3", [old, { ...next, attestations: { attestations: [] } }], (report) =>
    findingsOf(report).join() === "provenance/lost" ? "" : findingsOf(report).join(),
  );
}

async function samples(folder: string): Promise<readonly Sample[]> {
  const npm = join(folder, "..", "npm-cli");
  const gha = join(folder, "testdata", "npm", "gha");
  const names = readdirSync(gha).filter((name) => name.endsWith(".tgz") && !name.includes("-invalidsig"));
  const found = await Promise.all([
    ...names.toSorted().map((name) => sampleOf(gha, name)),
    ...["sigstore", "tuf-js"].map((name) =>
      sampleOf(
        join(npm, "tarballs"),
        `${name}-1.0.0.tgz`,
        join(npm, "audit-signatures", `valid-${name}-attestations.json`),
        registrySignature(npm, name),
      ),
    ),
  ]);
  return found.filter((sample) => sample !== null);
}

async function sampleOf(
  folder: string,
  name: string,
  answer: string = join(folder, `${name}.json`),
  signatures: Sample["signatures"] = [],
): Promise<Sample | null> {
  if (!existsSync(join(folder, name)) || !existsSync(answer)) return null;
  const tarball = readFileSync(join(folder, name));
  const { manifest } = await readNpmTarball(name, tarball);
  if (manifest === null) return null;
  return {
    name: manifest.name,
    version: manifest.version,
    tarball,
    attestations: JSON.parse(readFileSync(answer, "utf8")) as Sample["attestations"],
    repository: manifest.repository ?? "",
    signatures,
  };
}

function registrySignature(folder: string, name: string): Sample["signatures"] {
  const { vectors } = JSON.parse(readFileSync(join(folder, "registry-signatures.json"), "utf8")) as {
    readonly vectors: readonly {
      readonly name: string;
      readonly version: string;
      readonly keyid: string;
      readonly sig: string;
      readonly verified: unknown;
    }[];
  };
  return vectors
    .filter((vector) => vector.name === name && vector.version === "1.0.0" && vector.verified !== false)
    .map(({ keyid, sig }) => ({ keyid, sig }));
}

const findingsOf = (report: Report): readonly string[] => [
  ...new Set(report.findings.filter(({ question }) => question === "provenance").map(({ rule }) => rule)),
];
const answerOf = (report: Report): string => report.answers.find(({ question }) => question === "provenance")?.sentence ?? "";

async function expectRule(name: string, sample: Sample, bent: Partial<Sample>, rule: string): Promise<CaseResult> {
  return await expectOf(name, sample, bent, (report) =>
    findingsOf(report).includes(rule) ? "" : `${rule} is missing: ${findingsOf(report).join()} ${answerOf(report)}`,
  );
}

async function expectOf(name: string, sample: Sample, bent: Partial<Sample>, judge: (report: Report) => string): Promise<CaseResult> {
  return await inOneHome(name, [{ ...sample, ...bent }], judge);
}

/** Checks each sample in turn with one memory; the last report is judged. Returns why not, "" where it is as expected. */
async function inOneHome(name: string, steps: readonly Sample[], judge: (report: Report) => string): Promise<CaseResult> {
  const home = mkdtempSync(join(tmpdir(), "tributary-provenance-"));
  let report: Report | undefined;
  try {
    for (const sample of steps) report = await checkSample(home, sample);
    const why = report === undefined ? "nothing was checked" : judge(report);
    return why === "" ? { name, outcome: "passed" } : { name, outcome: "failed", detail: why };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function checkSample(home: string, sample: Sample): Promise<Report> {
  const { name, version, tarball, attestations, repository, signatures } = sample;
  const path = `/-/npm/v1/attestations/${name}@${version}`;
  const dist = {
    signatures,
    ...(attestations.attestations.length === 0 ? {} : { attestations: { url: `https://registry.example${path}`, provenance: {} } }),
  };
  // Published before the key that signed its attestations ended.
  const fake: FakePackage = {
    name,
    releases: [
      { version, tarball, manifest: { repository: { type: "git", url: repository } }, dist, published: "2024-06-03T22:18:00.000Z" },
    ],
  };
  const registry = await startRegistry({
    packages: [fake],
    misbehave: (asked) =>
      decodeURIComponent(asked) === path
        ? { kind: "body", body: JSON.stringify(attestations), headers: { "content-type": "application/json" } }
        : null,
  });
  try {
    const project = join(home, "project");
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, ".npmrc"), `registry=${registry.url}\nfetch-retries=0\n`);
    const entry = { version, ...registry.lockEntry(name, version) };
    writeFileSync(
      join(project, "package-lock.json"),
      JSON.stringify({
        name: "p",
        version: "1.0.0",
        lockfileVersion: 3,
        requires: true,
        packages: { "": { name: "p", version: "1.0.0", dependencies: { [name]: version } }, [`node_modules/${name}`]: entry },
      }),
    );
    const env = {
      HOME: home,
      PATH: process.env["PATH"],
      TRIBUTARY_DATA: join(home, "data"),
      TRIBUTARY_CACHE: join(home, "cache"),
      TRIBUTARY_OSV_API: `${registry.url}osv`,
    };
    return await check({ path: ".", cwd: project, env });
  } finally {
    await registry.close();
  }
}
