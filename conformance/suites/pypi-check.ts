/**
 * Really signed distributions of PyPI's, through the whole check: named in a lockfile, attested by a package index on this machine, then bent in one place
 * each. What upstream keeps as a Sigstore bundle is served as the PEP 740 object that an index would make of it.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../src/app/check.ts";
import type { Report } from "../../src/model/index.ts";
import { type FakeFile, pep740, provenanceObject, sha256Of, startIndex } from "../../test/registry/pypi.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Sample {
  /** Name of the file in the archive. */
  readonly file: string;
  readonly project: string;
  readonly version: string;
  readonly content: Buffer;
  /** PEP 740 attestation objects, as they are signed. */
  readonly attestations: readonly Attestation[];
  readonly publisher: object | null;
  /** Whose root it is signed under, where that is not production's. */
  readonly root: string | null;
}

type Attestation = Readonly<Record<string, unknown>>;

/** Who signed each, as its certificate says: the publisher that an index would name. */
const publishers: Readonly<Record<string, object>> = {
  "pypi_attestation_models-0.0.4a2.tar.gz": {
    kind: "GitHub",
    repository: "trailofbits/pypi-attestation-models",
    workflow: "release.yml",
    environment: null,
    claims: null,
  },
  // Signed by a person, by way of an issuer whom no Trusted Publisher has: no publisher that an index could name is the signer.
  "rfc8785-0.1.2-py3-none-any.whl": { kind: "Google", email: "william@yossarian.net", claims: null },
};

export const suite: Suite = {
  name: "pypi-check",
  archive: "pypi-attestations",
  beside: ["trusted-roots"],
  async *run(folder) {
    const samples = samplesIn(folder);
    for (const sample of samples) {
      const fits = sample.root === null;
      yield await expectOf(
        `${sample.file} ${fits ? "is from a known source" : "is signed by nobody whom an index names"}`,
        sample,
        {},
        (report) => {
          const wanted = fits ? "" : "provenance/attestation-invalid";
          const count = `${fits ? 1 : 0} of 1 from a known source`;
          return rulesOf(report) === wanted && sentenceOf(report).startsWith(count) ? "" : `${rulesOf(report)} ${sentenceOf(report)}`;
        },
      );
      const bent = (what: string, change: Partial<Sample>, reason: string): Promise<CaseResult> =>
        expectRule(`${sample.file} ${what}`, sample, change, reason);
      yield await bent("for another distribution", { content: Buffer.concat([sample.content, Buffer.alloc(1)]) }, "artifact-mismatch");
      const impostor = { project: "impostor", file: sample.file.replace(/^[^-]+/, "impostor") };
      yield await bent("under another project's name", impostor, "subject-mismatch");
      const later = { version: "99.0.0", file: sample.file.replace(sample.version, "99.0.0") };
      yield await bent("under another version", later, "subject-mismatch");
      for (const [what, publisher, reason] of strangers) yield await bent(`under ${what}`, { publisher }, reason);
      const other = samples.find(({ file }) => file !== sample.file);
      if (other !== undefined)
        yield await bent("with another's attestation", { attestations: other.attestations, root: other.root }, "artifact-mismatch");
      for (const [what, bend, reason] of bends) yield await bent(`with ${what}`, { attestations: sample.attestations.map(bend) }, reason);
      yield await expectOpen(`${sample.file} with version 2 of the object`, sample, {
        attestations: sample.attestations.map((one) => ({ ...one, version: 2 })),
      });
      yield await expectOpen(`${sample.file} under a kind of publisher that nobody knows`, sample, { publisher: { kind: "Unheard" } });
      if (sample.root !== null) yield await expectOpen(`${sample.file} under the production root`, sample, { root: null });
      yield await expectOf(`${sample.file} without an attestation`, sample, { attestations: [] }, (report) =>
        rulesOf(report) === "" && sentenceOf(report).startsWith("0 of 1 from a known source; 1 show no provenance")
          ? ""
          : sentenceOf(report),
      );
      yield await expectOf(
        `${sample.file} beside a file that nobody attested`,
        sample,
        {},
        (report) => (sentenceOf(report).startsWith("0 of 1 from a known source") ? "" : sentenceOf(report)),
        [{ name: `${sample.project}-${sample.version}.zip`, content: "added by hand" }],
      );
    }
    yield { name: "gitlab_oidc_project-0.0.3.tar.gz", outcome: "skipped", detail: "its attestation is not in the archive" };
  },
};

const material = (one: Attestation): Attestation => one["verification_material"] as Attestation;
const envelope = (one: Attestation): Attestation => one["envelope"] as Attestation;

/** One byte of a base64 text is another. */
function flipped(text: unknown, at = 10): string {
  const bytes = Buffer.from(String(text), "base64");
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
  return bytes.toString("base64");
}

/** Publishers that did not sign either of them; the reason is a refusal's code, or the part of the finding's sentence that tells. */
const strangers: readonly (readonly [what: string, publisher: object | null, reason: string])[] = [
  ["another repository", { kind: "GitHub", repository: "somebody/else", workflow: "release.yml" }, "publisher's repository"],
  [
    "another workflow",
    { kind: "GitHub", repository: "trailofbits/pypi-attestation-models", workflow: "other.yml" },
    "publisher's workflow",
  ],
  ["another forge", { kind: "GitLab", repository: "trailofbits/x", workflow_filepath: ".gitlab-ci.yml" }, "publisher's issuer"],
  ["a person", { kind: "Google", email: "somebody@project.example" }, "publisher's address"],
  ["a publisher without a repository", { kind: "GitHub" }, "publisher-malformed"],
  ["no publisher", null, "publisher-malformed"],
];

type Bend = (one: Attestation) => Attestation;
const inEnvelope =
  (member: string, at: number): Bend =>
  (one) => ({ ...one, envelope: { ...envelope(one), [member]: flipped(envelope(one)[member], at) } });
const inMaterial =
  (change: (old: Attestation) => Attestation): Bend =>
  (one) => ({ ...one, verification_material: { ...material(one), ...change(material(one)) } });

const bends: readonly (readonly [what: string, bend: Bend, reason: string])[] = [
  ["another signature", inEnvelope("signature", 20), "signature-invalid"],
  ["another statement", inEnvelope("statement", 60), "signature-invalid"],
  ["another certificate", inMaterial(({ certificate }) => ({ certificate: flipped(certificate, 400) })), "log-entry-mismatch"],
  ["no entry in the log", inMaterial(() => ({ transparency_entries: [] })), "timestamp-missing"],
  ["no envelope", (one) => ({ version: one["version"], verification_material: one["verification_material"] }), "bundle-malformed"],
];

function samplesIn(folder: string): readonly Sample[] {
  const files = [
    ...new Set(globSync("*.{attestation,sigstore}", { cwd: folder }).map((file) => file.replace(/\.(?:attestation|sigstore)$/, ""))),
  ];
  return files.toSorted().flatMap((file) => {
    const [, project = "", version = ""] = /^([^-]+)-([^-]+?)(?:\.tar\.gz|-.*\.whl)$/.exec(file) ?? [];
    if (!existsSync(join(folder, file)) || project === "") return [];
    const read = (end: string): unknown => JSON.parse(readFileSync(join(folder, `${file}.${end}`), "utf8"));
    const attestation = existsSync(join(folder, `${file}.attestation`))
      ? (read("attestation") as Attestation)
      : (pep740(read("sigstore") as Parameters<typeof pep740>[0]) as Attestation);
    const staging = join(folder, "..", "trusted-roots", "staging-trusted_root.json");
    return [
      {
        file,
        project,
        version,
        content: readFileSync(join(folder, file)),
        attestations: [attestation],
        publisher: publishers[file] ?? null,
        // Upstream made rfc8785's with Sigstore's staging instance.
        root: file.startsWith("rfc8785") ? staging : null,
      },
    ];
  });
}

/** Bytes that are bent are no whole archive any more, and that is told as well. */
const besides: ReadonlySet<string> = new Set(["integrity/archive-hazard"]);
const rulesOf = (report: Report): string =>
  [
    ...new Set(report.findings.filter(({ question, rule }) => question !== "advisories" && !besides.has(rule)).map(({ rule }) => rule)),
  ].join();
const sentenceOf = (report: Report): string => report.answers.find(({ question }) => question === "provenance")?.sentence ?? "";

/** `reason` is the refusal's code, or the part of the finding's sentence that tells where certificate and index disagree. */
const expectRule = async (name: string, sample: Sample, bent: Partial<Sample>, reason: string): Promise<CaseResult> =>
  await expectOf(name, sample, bent, (report) => {
    const told = report.findings.filter(({ rule }) => rule === "provenance/attestation-invalid");
    const right = told.some(({ references, message }) => references.includes(reason) || message.includes(reason));
    if (right && rulesOf(report) === "provenance/attestation-invalid" && sentenceOf(report).startsWith("0 of 1")) return "";
    return `not ${reason}: ${rulesOf(report)} ${told.map(({ references, message }) => `${references.join()}: ${message}`).join()} ${sentenceOf(report)}`;
  });

/** What says something about us rather than about the attestation is unknown: no finding, and never a known source. */
const expectOpen = async (name: string, sample: Sample, bent: Partial<Sample>): Promise<CaseResult> =>
  await expectOf(name, sample, bent, (report) => {
    const open = report.verdict.unanswered.some(
      ({ question, because }) => question === "provenance" && because.includes("could not be judged"),
    );
    return rulesOf(report) === "" && open && sentenceOf(report).startsWith("0 of 1") ? "" : `${rulesOf(report)} ${sentenceOf(report)}`;
  });

async function expectOf(
  name: string,
  whole: Sample,
  bent: Partial<Sample>,
  judge: (report: Report) => string,
  more: readonly FakeFile[] = [],
): Promise<CaseResult> {
  const sample = { ...whole, ...bent };
  const home = mkdtempSync(join(tmpdir(), "tributary-pypi-"));
  const index = await startIndex();
  try {
    const { attestations, publisher } = sample;
    const provenance = attestations.length === 0 ? {} : { provenance: provenanceObject(publisher, ...attestations) };
    const files: readonly FakeFile[] = [{ name: sample.file, content: sample.content, ...provenance }, ...more];
    index.publish({ name: sample.project, files });
    const project = join(home, "project");
    const own = join(home, "data", "trust", "own");
    for (const folder of [project, own]) mkdirSync(folder, { recursive: true });
    if (sample.root !== null) writeFileSync(join(own, "root.json"), readFileSync(sample.root));
    writeFileSync(join(project, ".npmrc"), `registry=${index.url}\nfetch-retries=0\n`);
    writeFileSync(
      join(project, "poetry.lock"),
      `[[package]]\nname = "${sample.project}"\nversion = "${sample.version}"\noptional = false\nfiles = [\n${files
        .map((file) => `  {file = "${file.name}", hash = "sha256:${sha256Of(file.content)}"},\n`)
        .join("")}]\n\n[metadata]\nlock-version = "2.1"\n`,
    );
    const env = {
      HOME: home,
      PATH: "",
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: index.url,
      TRIBUTARY_DATA: join(home, "data"),
      TRIBUTARY_CACHE: join(home, "cache"),
      TRIBUTARY_OSV_API: `${index.url}osv`,
    };
    const why = judge(await check({ path: ".", cwd: project, env }));
    return why === "" ? { name, outcome: "passed" } : { name, outcome: "failed", detail: why };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await index.close();
    rmSync(home, { recursive: true, force: true });
  }
}
