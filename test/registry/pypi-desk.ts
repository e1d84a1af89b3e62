/** A Python project, a package index and a Sigstore instance on this machine that attests its files, for the tests of whole checks. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext } from "node:test";
import { check } from "../../src/app/check.ts";
import { type Signing, TEST_IDENTITY, testSigstore } from "../../src/attestation/testing.ts";
import { type Json, type Report } from "../../src/model/index.ts";
import {
  type FakeFile,
  type FakeIndex,
  type FakeIndexOptions,
  type FakeProject,
  pep740,
  provenanceObject,
  sha256Of,
  startIndex,
} from "./pypi.ts";
import { npmTarball } from "./tar.ts";
import { zip } from "./zip.ts";

export const PUBLISH = "https://docs.pypi.org/attestations/publish/v1";
export const sigstore: ReturnType<typeof testSigstore> = testSigstore();
export const github = { kind: "GitHub", repository: "example/project", workflow: "release.yml", environment: "", claims: null };
export const RUN = "https://github.com/example/project/actions/runs/1/attempts/1";
/** What Fulcio says of a job of GitHub's: repository, commit, ref, ids, workflow, trigger, run. */
export const claims: Readonly<Record<number, string>> = {
  9: TEST_IDENTITY,
  11: "github-hosted",
  12: "https://github.com/example/project",
  13: "a".repeat(40),
  14: "refs/tags/v1.0.0",
  15: "1001",
  16: "https://github.com/example",
  17: "2002",
  18: TEST_IDENTITY,
  20: "release",
  21: RUN,
};

/** The publish attestation of a file, and whatever is bent about it. */
export function attested(
  name: string,
  content: string | Uint8Array,
  more: {
    readonly subject?: string;
    readonly digest?: string;
    readonly signing?: Signing;
    readonly publisher?: object | null;
    readonly type?: string;
    readonly predicate?: Json;
  } = {},
): FakeFile {
  const bundle = sigstore.signStatement(
    {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: more.subject ?? name, digest: { sha256: more.digest ?? sha256Of(content) } }],
      predicateType: more.type ?? PUBLISH,
      predicate: more.predicate ?? null,
    },
    { claims, ...more.signing },
  );
  return { name, content, provenance: provenanceObject(more.publisher === undefined ? github : more.publisher, pep740(bundle)) };
}

export interface Desk {
  readonly index: FakeIndex;
  readonly home: string;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  /** The environment and folder of a run. */
  readonly place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  readonly check: (more?: { readonly offline?: boolean; readonly env?: Readonly<Record<string, string | undefined>> }) => Promise<Report>;
}

export async function desk(t: TestContext, projects: readonly FakeProject[], options: FakeIndexOptions = {}): Promise<Desk> {
  const home = mkdtempSync(join(tmpdir(), "tributary pypi "));
  const project = join(home, "project");
  const own = join(home, "data", "trust", "own");
  for (const folder of [project, own]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(own, "test.json"), JSON.stringify(sigstore.rootDocument));
  const index = await startIndex(options);
  index.publish(...projects);
  t.after(async () => {
    await index.close();
    rmSync(home, { recursive: true, force: true });
  });
  writeFileSync(join(project, ".npmrc"), `registry=${index.url}\nfetch-retries=0\n`);
  const base = {
    HOME: home,
    PATH: "",
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: index.url,
    TRIBUTARY_DATA: join(home, "data"),
    TRIBUTARY_CACHE: join(home, "cache"),
    TRIBUTARY_OSV_API: `${index.url}osv`,
  };
  return {
    index,
    home,
    place: { cwd: project, env: base },
    write: (files) => {
      for (const path of ["uv.lock", "poetry.lock", "requirements.txt"]) rmSync(join(project, path), { force: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(project, path)), { recursive: true });
        writeFileSync(join(project, path), text);
      }
    },
    check: async ({ offline = false, env = {} } = {}) => await check({ path: ".", cwd: project, env: { ...base, ...env }, offline }),
  };
}

/** What each kind of lockfile holds for the same files. */
export const uvLock = (
  index: string,
  name: string,
  files: readonly { readonly name: string; readonly content: string | Uint8Array }[],
): string =>
  `version = 1\nrequires-python = ">=3.8"\n\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "${name}" }]\n\n[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${index}" }\nwheels = [\n${files
    .map((file) => `    { url = "https://files.example/${file.name}", hash = "sha256:${sha256Of(file.content)}", size = 1 },`)
    .join("\n")}\n]\n`;
export const poetryLock = (name: string, files: readonly { readonly name: string; readonly content: string | Uint8Array }[]): string =>
  `[[package]]\nname = "${name}"\nversion = "1.0"\noptional = false\npython-versions = ">=3.8"\ngroups = ["main"]\nfiles = [\n${files
    .map((file) => `    {file = "${file.name}", hash = "sha256:${sha256Of(file.content)}"},`)
    .join("\n")}\n]\n\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.8"\ncontent-hash = "0"\n`;
export const requirements = (name: string, files: readonly { readonly content: string | Uint8Array }[]): string =>
  `${name}==1.0${files.map((file) => ` \\\n    --hash=sha256:${sha256Of(file.content)}`).join("")}\n`;

export const WHEEL = "good-1.0-py3-none-any.whl";
export const SDIST = "good-1.0.tar.gz";
/** What is fetched has to be an archive. */
export const wheelWith = (text: string): Buffer => zip([{ path: "good.py", content: `# ${text}\n` }]);
/** A file as a lockfile has it. */
export interface Locked {
  readonly name: string;
  readonly content: string | Uint8Array;
}
export const wheel: Locked = { name: WHEEL, content: wheelWith("the wheel") };
export const sdist: Locked = { name: SDIST, content: npmTarball({ "setup.py": "# the source\n" }) };
export const good: FakeProject = { name: "good", files: [attested(WHEEL, wheel.content), attested(SDIST, sdist.content)] };

export const rules = (report: Report): readonly string[] => report.findings.map(({ rule, subject }) => `${rule} ${subject}`);
export const answer = (report: Report, question: string): Report["answers"][number] | undefined =>
  report.answers.find((one) => one.question === question);
export const gaps = (report: Report, question: string): string =>
  report.verdict.unanswered
    .filter((gap) => gap.question === question)
    .map(({ because }) => because)
    .join();
