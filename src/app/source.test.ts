import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SourceVerifier } from "../attestation/index.ts";
import { type Signing, testSigstore } from "../attestation/testing.ts";
import type { SourceReport } from "../model/index.ts";
import { sourceText } from "../report/source-track.ts";
import { screenOf } from "../report/tones.ts";
import { type SourceOptions, sourceTrack } from "./source.ts";

const sigstore = testSigstore();
const verifier: SourceVerifier = {
  identity: "https://host.example/keeper/.github/workflows/source.yml@refs/heads/main",
  issuer: "https://issuer.example",
  verifier: "https://host.example/keeper",
};
const ORIGIN = "https://host.example/team/project";

interface Desk {
  readonly folder: string;
  readonly git: (...args: readonly string[]) => string;
  /** A new commit on the branch. */
  readonly commit: () => string;
  /** Attests a commit as source-tool does; `over` bends it. */
  readonly attest: (
    commit: string,
    previous: string,
    over?: {
      readonly level?: number;
      readonly about?: string;
      readonly branch?: string;
      readonly signing?: Signing;
      readonly minute?: number;
    },
  ) => void;
  readonly look: (more?: Partial<SourceOptions>) => Promise<SourceReport>;
}

function desk(t: TestContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), "tributary source "));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const who = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b.example", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b.example" };
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1", ...who };
  const git = (...args: readonly string[]): string => execFileSync("git", args, { cwd: folder, env, encoding: "utf8" }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("remote", "add", "origin", `${ORIGIN}.git`);
  let made = 0;
  return {
    folder,
    git,
    commit: () => {
      git("commit", "--quiet", "--allow-empty", "--message", `commit ${++made}`);
      return git("rev-parse", "HEAD");
    },
    attest: (commit, previous, { level = 3, about = commit, branch = "refs/heads/main", signing = {}, minute = made } = {}) => {
      const at = new Date(Date.UTC(2026, 2, 4, 5, minute));
      const subject = [{ name: "source", digest: { gitCommit: about }, annotations: { sourceRefs: [branch] } }];
      const statement = { _type: "https://in-toto.io/Statement/v1", subject };
      const summary = {
        ...statement,
        predicateType: "https://slsa.dev/verification_summary/v1",
        predicate: {
          verifier: { id: verifier.verifier },
          resourceUri: `git+${ORIGIN}`,
          verificationResult: "PASSED",
          verifiedLevels: [`SLSA_SOURCE_LEVEL_${level}`],
        },
      };
      const provenance = {
        ...statement,
        predicateType: "https://github.com/slsa-framework/slsa-source-poc/source-provenance/v1-draft",
        predicate: { repoUri: ORIGIN, branch, prevCommit: previous, actor: "a", activityType: "push", controls: [] },
      };
      const lines = [summary, provenance].map((one) =>
        JSON.stringify(sigstore.signStatement(one, { identity: verifier.identity, issuer: verifier.issuer, at, ...signing })),
      );
      git("notes", "append", "--message", lines.join("\n"), commit);
    },
    look: async (more = {}) =>
      (await sourceTrack({ where: folder, cwd: folder, env: { HOME: folder }, root: sigstore.root, verifiers: [verifier], ...more }))
        .report,
  };
}

/** Four commits, oldest first, all attested as they should be. */
function sound(it: Desk): readonly string[] {
  const commits: string[] = [];
  for (let n = 0; n < 4; n++) {
    const commit = it.commit();
    it.attest(commit, commits.at(-1) ?? "", { level: n < 2 ? 2 : 3 });
    commits.push(commit);
  }
  return commits;
}

test("a branch that was attested from its first commit on has its level, and each stretch has its own", async (t) => {
  const it = desk(t);
  const [first, second, third, fourth] = sound(it);
  const report = await it.look();
  assert.deepEqual(
    [report.branch, report.tip, report.level, report.lowest, report.unbroken, report.since, report.line],
    ["refs/heads/main", fourth, 3, 2, 4, first, "git"],
  );
  assert.deepEqual(report.ranges, [
    { level: 3, newest: fourth, oldest: third, commits: 2 },
    { level: 2, newest: second, oldest: first, commits: 2 },
  ]);
  assert.deepEqual([report.gaps, report.refused], [[], []]);
  assert.deepEqual(report.attesters, [{ verifier: verifier.verifier, signer: verifier.identity, commits: 4 }]);
  const since = await it.look({ since: second ?? "" });
  assert.deepEqual([since.walked, since.unbroken, since.lowest, since.gaps], [2, 2, 3, []]);
  const text = sourceText(report, screenOf(false, 100, {}, "linux"), { all: false });
  assert.match(text, /main: source level 3/);
  assert.match(text, /without a gap over 4 commits/);
});

test("a commit that nobody attested ends what the tip's level rests on", async (t) => {
  const it = desk(t);
  const commits = sound(it);
  const missing = it.commit();
  const tip = it.commit();
  it.attest(tip, missing);
  const report = await it.look();
  assert.deepEqual([report.level, report.unbroken], [3, 1]);
  assert.deepEqual(
    report.gaps.map(({ commit, kind }) => [commit, kind]),
    [[missing, "no-attestation"]],
  );
  assert.deepEqual((await it.look({ since: commits[3] ?? "" })).unbroken, 1);
  assert.match(sourceText(report, screenOf(false, 100, {}, "linux"), { all: true }), /no-attestation: nothing is attested of it/);
});

test("a branch that was moved names another commit before than git has", async (t) => {
  const it = desk(t);
  const commits = sound(it);
  it.git("reset", "--quiet", "--hard", commits[1] ?? "");
  const pushed = it.commit();
  it.attest(pushed, commits[3] ?? "");
  const report = await it.look();
  assert.deepEqual(
    report.gaps.map(({ commit, kind }) => [commit, kind]),
    [[pushed, "other-previous"]],
  );
  assert.equal(report.level, 0, "the tip's own line is what is broken");
  await assert.rejects(it.look({ since: commits[3] ?? "" }), /not on the line of first parents/);
});

test("a note about another commit, of another branch, or by a stranger, is not believed", async (t) => {
  const it = desk(t);
  const commits = sound(it);
  const wrong = it.commit();
  it.attest(wrong, commits[3] ?? "", { about: commits[0] ?? "" });
  const wrongSubject = await it.look();
  assert.deepEqual([wrongSubject.level, wrongSubject.gaps[0]?.kind, wrongSubject.refused[0]?.code], [0, "refused", "artifact-mismatch"]);
  const side = it.commit();
  it.attest(side, wrong, { branch: "refs/heads/side" });
  assert.equal((await it.look()).gaps[0]?.kind, "other-branch");
  const strange = it.commit();
  it.attest(strange, side, { signing: { identity: "https://host.example/stranger" } });
  const stranger = await it.look();
  assert.deepEqual([stranger.level, stranger.gaps[0]?.kind, stranger.refused[0]?.code], [0, "refused", "identity-mismatch"]);
  // The SLSA project's own workflows are strangers where others were named, and the other way round.
  assert.equal((await it.look({ verifiers: [] })).unbroken, 0);
  assert.equal((await it.look({ branch: commits[3] ?? "" })).unbroken, 4, "a commit may be named in place of the branch");
});

test("where a clone lacks the commits, the line of the notes is followed, and said to be theirs", async (t) => {
  const it = desk(t);
  const commits = sound(it);
  const bare = mkdtempSync(join(tmpdir(), "tributary notes "));
  t.after(() => rmSync(bare, { recursive: true, force: true }));
  it.git("init", "--quiet", "--bare", bare);
  it.git("push", "--quiet", bare, "refs/notes/commits");
  const report = await it.look({ where: bare, branch: commits[3] ?? "" });
  assert.deepEqual([report.line, report.unbroken, report.level], ["attestations", 4, 3]);
  assert.match(sourceText(report, screenOf(false, 100, {}, "linux"), { all: false }), /does not have the commits\s+themselves/);
  await assert.rejects(it.look({ where: bare, branch: "0".repeat(40) }), /names no commit/);
  await assert.rejects(it.look({ where: join(bare, "nothing"), offline: true }), /no folder here/);
});
