/**
 * slsa-verifier's regression tables, offline: npm packages, artifacts built on GitHub, container-based builds, GitHub attestations and summaries. Each row
 * says what is asked for and which error is expected; ours must be of the same class. What its command line demands and ours does not (a builder
 * by name for npm; a builder of its own list elsewhere) is demanded here, in `ask`, as a caller who wants the same would.
 * Envelopes without a log entry need Rekor online and are skipped, as are images, which the archive does not hold.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  attestationKey,
  checkVsa,
  type Digests,
  embeddedRegistryKeys,
  embeddedTrustRoot,
  loadPublicKey,
  verifyBundle,
  verifyDsse,
} from "../../src/attestation/index.ts";
import { isTrusted } from "../../src/checks/provenance/builders.ts";
import { attestationClaim } from "../../src/checks/provenance/claim.ts";
import { levelOf } from "../../src/checks/provenance/level.ts";
import { mismatches } from "../../src/checks/provenance/match.ts";
import { type AttestationClaim, sha256 } from "../../src/model/index.ts";
import { digestsOfFile, parseFile, predicateTypeOf } from "../slsa-verifier.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Row {
  readonly name: string;
  readonly artifacts?: readonly string[];
  readonly artifact?: string;
  readonly source?: string;
  readonly builders?: readonly string[];
  readonly builderID?: string;
  readonly pBuilderID?: string;
  readonly pbranch?: string;
  readonly ptag?: string;
  readonly pversiontag?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly pkgName?: string;
  readonly pkgVersion?: string;
  readonly noversion?: boolean;
  readonly err?: string;
}

interface VsaRow {
  readonly name: string;
  readonly attestationPath: string;
  readonly subjectDigests?: readonly string[];
  readonly verifierID?: string;
  readonly resourceURI?: string;
  readonly verifiedLevels?: readonly string[];
  readonly publicKeyPath: string;
  readonly publicKeyID: string;
  readonly err?: string;
}

/** Classes of upstream's errors, by ours. Which of its four words for a wrong builder it uses depends on the path through its code. */
const builderErrors = ["ErrorUntrustedReusableWorkflow", "ErrorMismatchBuilderID", "ErrorInvalidBuilderID", "ErrorNotSupported"];
const classes: Readonly<Record<string, readonly string[]>> = {
  "signature-invalid": ["ErrorInvalidSignature", "ErrorNoValidSignature"],
  "key-missing": ["ErrorNoValidSignature"],
  "artifact-mismatch": ["ErrorMismatchHash"],
  "source-mismatch": ["ErrorMismatchSource"],
  "ref-missing": ["ErrorInvalidRef"],
  "branch-mismatch": ["ErrorMismatchBranch"],
  "tag-mismatch": ["ErrorMismatchTag"],
  "versioned-tag-mismatch": ["ErrorMismatchVersionedTag"],
  "workflow-input-mismatch": ["ErrorMismatchWorkflowInputs"],
  "package-name-mismatch": ["ErrorMismatchPackageName"],
  "package-version-mismatch": ["ErrorMismatchPackageVersion"],
  "builder-missing": builderErrors,
  "builder-mismatch": builderErrors,
  "builder-untrusted": builderErrors,
};

const GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows";
const RUNNER = "https://github.com/actions/runner";
/** The repository with which upstream tests builders before their release; there alone it lets them stand at main. */
const TESTBED = "github.com/slsa-framework/example-package";

export const suite: Suite = {
  name: "slsa-verifier",
  archive: "slsa-verifier",
  run: function* (folder): Generator<CaseResult> {
    const { tables } = parseFile(join(folder, "regression-vectors.json")) as { readonly tables: Readonly<Record<string, readonly Row[]>> };
    const data = join(folder, "testdata");
    for (const [i, row] of (tables["NpmPackage"] ?? []).entries()) yield npmPackage(data, row, `NpmPackage ${i}: ${row.name}`);
    for (const row of tables["GithubAttestation"] ?? []) yield githubAttestation(data, row);
    for (const row of (tables["VSA"] ?? []) as unknown as readonly VsaRow[]) yield summary(join(data, "vsa"), row);
    for (const row of tables["GHAArtifactPath"] ?? []) yield* artifacts(data, row);
    for (const row of tables["GHAContainerBased"] ?? []) yield* containerBased(data, row);
    for (const table of ["GHAArtifactImage", "GCBArtifactImage"])
      for (const [i, row] of (tables[table] ?? []).entries())
        yield { name: `${table} ${i}: ${row.name}`, outcome: "skipped", detail: "needs the image, which is not in the archive" };
  },
};

const passed = { outcome: "passed" } as const;

/** `code` is ours, "" where all is as asked. */
function compare(name: string, code: string, err: string | undefined): CaseResult {
  const right = err === undefined ? code === "" : (classes[code] ?? []).includes(err);
  return right
    ? { name, ...passed }
    : { name, outcome: "failed", detail: `${err ?? "acceptance"} is expected, was: ${code || "accepted"}` };
}

function claimOf(bundle: unknown, predicateType: string, digests: Digests): AttestationClaim {
  const publicKey = attestationKey(embeddedRegistryKeys());
  const verification = verifyBundle(bundle, { root: embeddedTrustRoot(), digests, publicKey });
  return attestationClaim(verification, { predicateType, content: `sha256:${sha256(JSON.stringify(bundle))}` });
}

/** The first thing that is not as asked; "" where all is. */
function ask(claim: AttestationClaim, row: Row, builder: string | undefined): string {
  if (claim.refusal !== undefined) return claim.refusal.code;
  const built = claim.build?.builder ?? "";
  const onRunner = built === RUNNER || built.startsWith(`${RUNNER}/`);
  const trusted = [...(builder === undefined ? [] : [builder]), ...delegators, ...(row.source === TESTBED ? testbed : [])];
  if (!onRunner && levelOf(claim, { trustedBuilders: trusted }).level < 3 && !isTrusted(claim.signer?.identity ?? "", trusted))
    return "builder-untrusted";
  const [first] = mismatches(claim, {
    ...(builder === undefined ? {} : { builder }),
    ...(row.source === undefined ? {} : { sourceUri: row.source }),
    ...(row.pbranch === undefined ? {} : { sourceBranch: row.pbranch }),
    ...(row.ptag === undefined ? {} : { sourceTag: row.ptag }),
    ...(row.pversiontag === undefined ? {} : { sourceVersionedTag: row.pversiontag }),
    ...(row.inputs === undefined ? {} : { workflowInputs: row.inputs }),
    ...(row.pkgName === undefined ? {} : { packageName: row.pkgName }),
    ...(row.pkgVersion === undefined ? {} : { packageVersion: row.pkgVersion }),
  });
  return first?.code ?? "";
}

/** Upstream's list has the delegators themselves, whichever builder they sign for. */
const delegators: readonly string[] = [`${GENERATOR}/delegator_generic_slsa3.yml`, `${GENERATOR}/delegator_lowperms-generic_slsa3.yml`];
const testbed: readonly string[] = [
  "delegator_generic_slsa3.yml",
  "delegator_lowperms-generic_slsa3.yml",
  "builder_container-based_slsa3.yml",
].map((workflow) => `${GENERATOR}/${workflow}@refs/heads/main`);

/** Both attestations must hold, and the provenance be as asked. */
function npmPackage(data: string, row: Row, name: string): CaseResult {
  const file = join(data, "npm", "gha", row.artifact ?? "");
  if (!existsSync(file) || !existsSync(`${file}.json`))
    return { name, outcome: "skipped", detail: `${row.artifact} is not in the archive` };
  const { attestations } = parseFile(`${file}.json`) as { readonly attestations: readonly { predicateType: string; bundle: unknown }[] };
  const digests = digestsOfFile(file);
  const claims = attestations.map(({ predicateType, bundle }) => claimOf(bundle, predicateType, digests));
  const refused = claims.find(({ refusal }) => refusal !== undefined);
  if (refused !== undefined) return compare(name, refused.refusal?.code ?? "", row.err);
  const build = claims.find(({ states }) => states === "build");
  const publish = claims.find(({ states }) => states === "publish");
  if (build === undefined || publish === undefined) return compare(name, "attestations-missing", row.err);
  const { pkgName, pkgVersion } = row;
  const asked = row.builderID === undefined ? "builder-missing" : ask(build, row, row.builderID);
  const [published] = mismatches(publish, {
    ...(pkgName === undefined ? {} : { packageName: pkgName }),
    ...(pkgVersion === undefined ? {} : { packageVersion: pkgVersion }),
  });
  return compare(name, asked || (published?.code ?? ""), row.err);
}

function githubAttestation(data: string, row: Row): CaseResult {
  const name = `GithubAttestation: ${row.name}`;
  const file = join(data, "bcr", `${row.artifact}.intoto.jsonl`);
  const digests = knownDigests(data, `bcr/${row.artifact}`);
  if (!existsSync(file) || digests === undefined)
    return { name, outcome: "skipped", detail: `the attestation of ${row.artifact} is not in the archive` };
  const bundle = parseFile(file);
  return compare(name, ask(claimOf(bundle, predicateTypeOf(bundle), digests), row, row.builderID), row.err);
}

function summary(data: string, row: VsaRow): CaseResult {
  const name = `VSA: ${row.name}`;
  const key = loadPublicKey(readFileSync(join(data, row.publicKeyPath), "utf8"), { keyId: row.publicKeyID });
  const envelope = verifyDsse(parseFile(join(data, row.attestationPath)), [key]);
  if (!envelope.ok) return compare(name, envelope.code, row.err);
  if (envelope.statement === undefined) return compare(name, "statement-malformed", row.err);
  const verdict = checkVsa(envelope.statement, {
    digests: Object.fromEntries((row.subjectDigests ?? []).map((digest) => digest.split(":") as [string, string])),
    ...(row.verifierID === undefined ? {} : { verifierId: row.verifierID }),
    ...(row.resourceURI === undefined ? {} : { resourceUri: row.resourceURI }),
    ...(row.verifiedLevels === undefined ? {} : { levels: row.verifiedLevels }),
  });
  return compare(name, verdict.ok ? "" : verdict.code, row.err);
}

const suffixes: Readonly<Record<string, string>> = {
  gha_go: ".intoto.jsonl",
  gha_generic: ".intoto.jsonl",
  gha_delegator: ".build.slsa",
  gha_maven: ".build.slsa",
  gha_gradle: ".build.slsa",
};

function* artifacts(data: string, row: Row): Generator<CaseResult> {
  for (const builder of row.builders ?? Object.keys(suffixes)) {
    // A row with `noversion` belongs to files outside of the folders of versions.
    for (const version of row.noversion === true ? [""] : versionsOf(join(data, builder)))
      for (const artifact of row.artifacts ?? []) {
        const path = [builder, version, artifact].filter((part) => part !== "").join("/");
        yield* onArtifact(data, row, {
          path,
          name: `GHAArtifactPath: ${row.name} [${path}]`,
          attestation: `${path}${suffixes[builder] ?? ""}`,
        });
      }
  }
}

function* containerBased(data: string, row: Row): Generator<CaseResult> {
  for (const version of versionsOf(join(data, "gha_container-based")))
    for (const artifact of row.artifacts ?? []) {
      const path = `gha_container-based/${version}/${artifact}`;
      const suffix = version === "v1.7.0" ? ".intoto.sigstore" : ".intoto.build.slsa";
      yield* onArtifact(data, row, { path, name: `GHAContainerBased: ${row.name} [${path}]`, attestation: `${path}${suffix}` });
    }
}

interface Case {
  readonly path: string;
  readonly name: string;
  readonly attestation: string;
}

/** Nothing where the archive holds neither: such a pair is no case of upstream's either. */
function* onArtifact(data: string, row: Row, { path, name, attestation }: Case): Generator<CaseResult> {
  const file = join(data, attestation);
  const digests = knownDigests(data, path);
  if (!existsSync(file)) {
    if (row.noversion === true) yield { name, outcome: "skipped", detail: `${attestation} is not in the archive` };
    return;
  }
  if (digests === undefined) {
    yield { name, outcome: "skipped", detail: `neither ${path} nor its digests are in the archive` };
    return;
  }
  const bundle = parseFile(file);
  if (typeof bundle === "object" && bundle !== null && "payload" in bundle)
    yield { name, outcome: "skipped", detail: "an envelope without a log entry: only Rekor, online, knows when it was signed" };
  else yield compare(name, ask(claimOf(bundle, predicateTypeOf(bundle), digests), row, row.pBuilderID), row.err);
}

const number = (version: string): number =>
  version
    .slice(1)
    .split(".")
    .reduce((sum, part) => sum * 1000 + Number(part), 0);

/** Upstream runs these rows from v1.2.2 on. */
function versionsOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((version) => /^v\d+\.\d+\.\d+$/.test(version) && number(version) >= number("v1.2.2"));
}

let digestTable: Readonly<Record<string, Digests>> | undefined;

function knownDigests(data: string, path: string): Digests | undefined {
  if (existsSync(join(data, path))) return digestsOfFile(join(data, path));
  digestTable ??= parseFile(join(data, "artifact-digests.json")) as Readonly<Record<string, Digests>>;
  const found = digestTable[path];
  return found === undefined ? undefined : Object.fromEntries(["sha256", "sha512"].map((name) => [name, found[name] ?? ""]));
}
