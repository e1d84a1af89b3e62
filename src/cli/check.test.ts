import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { CheckOptions } from "../app/check-options.ts";
import { Fault } from "../model/fault.ts";
import type { Report, VerdictWord } from "../model/report.ts";
import { formatOfFile } from "../report/formats.ts";
import { sampleReport } from "../report/sample.ts";
import { verifyBundle } from "../attestation/index.ts";
import { startSigstore } from "../../test/sigstore/services.ts";
import { checkCommand } from "./check.ts";
import { runCommandLine, type Host } from "./main.ts";

const folder = mkdtempSync(join(tmpdir(), "tributary-check-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly asked: CheckOptions | undefined;
}

async function check(
  args: readonly string[],
  { report = sampleReport, env = {}, use }: { report?: Report; env?: Host["env"]; use?: () => Promise<Report> } = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  let asked: CheckOptions | undefined;
  const command = checkCommand(async () => async (options) => {
    asked = options;
    return use === undefined ? report : await use();
  });
  const status = await runCommandLine(
    ["check", ...args],
    {
      cwd: folder,
      env,
      out: async (text) => void (out += text),
      err: (text) => void (err += text),
      stdin: async () => new Uint8Array(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      signal: new AbortController().signal,
      platform: "linux",
    },
    [{ name: "check", load: async () => command }],
  );
  return { status, out, err, asked };
}

const verdictOf = (verdict: VerdictWord): Report => ({ ...sampleReport, verdict: { ...sampleReport.verdict, verdict } });

test("the exit status is the verdict's, from the threshold on", async () => {
  const table = [
    ["pass", [], 0],
    ["review", [], 0],
    ["block", [], 1],
    ["review", ["--fail-on", "review"], 1],
    ["pass", ["--fail-on", "review"], 0],
    ["block", ["--fail-on", "review"], 1],
    ["block", ["--fail-on", "never"], 0],
  ] as const;
  for (const [verdict, args, expected] of table)
    assert.equal((await check(args, { report: verdictOf(verdict) })).status, expected, `${verdict} ${args.join(" ")}`);
});

test("the options reach the use case, and only those that were given", async () => {
  const { asked } = await check(["sub", "--offline", "--since", "main", "--policy", "p.json", "--fresh"]);
  const { onProgress, onNote, signal, env, ...rest } = asked ?? ({} as CheckOptions);
  assert.ok(onProgress !== undefined && onNote !== undefined && signal !== undefined && env !== undefined);
  assert.deepEqual(rest, { path: "sub", cwd: folder, offline: true, fresh: true, since: "main", policyFile: "p.json" });
  assert.deepEqual(Object.keys((await check([])).asked ?? {}).toSorted(), ["cwd", "env", "onNote", "onProgress", "path", "signal"]);
});

test("one run writes every format that is asked for, to new folders and standard output alike", async () => {
  const { out } = await check([
    "-o",
    "json=a/b/report.json",
    "-o",
    "report.sarif",
    "-o",
    "html=page",
    "-o",
    "c.md",
    "-o",
    "x.cdx.json",
    "--format",
    "json",
  ]);
  assert.deepEqual(JSON.parse(out), JSON.parse(readFileSync(join(folder, "a/b/report.json"), "utf8")));
  assert.equal((JSON.parse(readFileSync(join(folder, "report.sarif"), "utf8")) as { version: string }).version, "2.1.0");
  assert.match(readFileSync(join(folder, "page"), "utf8"), /^<!doctype html>/);
  assert.match(readFileSync(join(folder, "c.md"), "utf8"), /^<!-- tributary:check -->/);
  assert.equal((JSON.parse(readFileSync(join(folder, "x.cdx.json"), "utf8")) as { bomFormat: string }).bomFormat, "CycloneDX");
});

test("without --format the terminal's report is shown, unless an output goes to standard output", async () => {
  assert.match((await check(["-o", "json=only.json"])).out, /^Block: /);
  assert.ok(JSON.parse((await check(["-o", "json=-"])).out));
});

test("what cannot be written is said before the check begins", async () => {
  const cases = [
    [["-o", "pdf=x"], /no format "pdf"/],
    [["-o", "htlm=x"], /did you mean html\?/],
    [["-o", "report.xyz"], /does not say which format/],
    [["-o", "json="], /names no file/],
    [["-o", "json=-", "-o", "html=-"], /asked for twice/],
    [["-o", "json=-", "--format", "html"], /asked for twice/],
    [["-o", "json=x", "-o", "html=x"], /two outputs go to x/],
  ] as const;
  for (const [args, message] of cases) {
    const { status, err, asked } = await check(args);
    assert.equal(status, 2);
    assert.match(err, message);
    assert.equal(asked, undefined);
  }
});

test("a file that cannot be written is said with status 2, and the other outputs are there all the same", async () => {
  writeFileSync(join(folder, "file"), "");
  const { status, err, out } = await check(["-o", "json=file/inside.json", "-o", "html=other.html"], { report: verdictOf("pass") });
  assert.equal(status, 2);
  assert.match(err, /^error\[cli\/output\]: file\/inside\.json could not be written/);
  assert.match(out, /^Pass: /);
  assert.ok(existsSync(join(folder, "other.html")));
});

test("a file is replaced whole: links stay links, modes stay, nothing unfinished is left behind", async () => {
  const place = join(folder, "atomic");
  mkdirSync(place);
  writeFileSync(join(place, "old.json"), "old", { mode: 0o640 });
  symlinkSync("old.json", join(place, "link.json"));
  await check(["-o", "json=atomic/link.json"]);
  assert.equal(readlinkSync(join(place, "link.json")), "old.json");
  assert.ok(JSON.parse(readFileSync(join(place, "old.json"), "utf8")));
  assert.deepEqual(readdirSync(place).toSorted(), ["link.json", "old.json"]);
});

test("the longest ending of a name says its format", () => {
  const formats = ["r.html", "R.HTML", "a.sarif", "a.sarif.json", "a.cdx.json", "a.json", "a.md", "a.txt", "a"].map(
    (name) => formatOfFile(name)?.id,
  );
  assert.deepEqual(formats, ["html", "html", "sarif", "sarif", "cyclonedx", "json", "markdown", "terminal", undefined]);
});

test("in a GitHub workflow there are annotations on standard error and a summary of the step", async () => {
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  const { err, out } = await check([], { env: { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary } });
  assert.match(err, /^::error file=package-lock\.json,line=160/);
  assert.match(readFileSync(summary, "utf8"), /^before\n<!-- tributary:check -->\n### Block/);
  assert.doesNotMatch(out, /^::/m);
  assert.equal((await check([])).err, "");
});

test("a document carries the time of SOURCE_DATE_EPOCH or of the newest evidence, never the clock's, and nonsense is refused", async () => {
  await check(["-o", "with.cdx.json"], { env: { SOURCE_DATE_EPOCH: "1700000000" } });
  await check(["-o", "without.cdx.json"]);
  assert.ok(readFileSync(join(folder, "with.cdx.json"), "utf8").includes("2023-11-14T22:13:20"));
  assert.ok(readFileSync(join(folder, "without.cdx.json"), "utf8").includes(`"timestamp": "${sampleReport.basis.newest}"`));
  assert.match((await check(["-o", "with.cdx.json"], { env: { SOURCE_DATE_EPOCH: "soon" } })).err, /SOURCE_DATE_EPOCH/);
});

test("a fault of the check is the command's fault, with JSON on standard output where JSON was asked for", async () => {
  const fault = new Fault("inventory/no-lockfile", "there is no lockfile here");
  const { status, err, out } = await check(["--format=json"], { use: () => Promise.reject(fault) });
  assert.equal(status, 2);
  assert.match(err, /^error\[inventory\/no-lockfile\]/);
  assert.equal((JSON.parse(out) as { error: { code: string } }).error.code, "inventory/no-lockfile");
});

test("a verification summary is signed by Sigstore only when asked for, once, and says who signed and where", async (t) => {
  const services = await startSigstore();
  t.after(() => services.close());
  const data = join(folder, "signing data");
  mkdirSync(join(data, "trust", "own"), { recursive: true });
  writeFileSync(join(data, "trust", "own", "root.json"), JSON.stringify(services.sigstore.rootDocument));
  writeFileSync(join(folder, "signing.json"), JSON.stringify(services.signingConfig()));
  const env = { HOME: folder, TRIBUTARY_DATA: data, SIGSTORE_ID_TOKEN: services.token() };
  await check(["--format", "vsa"], { env });
  assert.equal(services.requests.length, 0, "an identity at hand is no wish to sign");
  const sign = ["--sign", "sigstore", "--signing-config", "signing.json"];
  const { status, out, err } = await check(["--format", "vsa", "--output", "vsa=signed.json", ...sign], { env, report: verdictOf("pass") });
  assert.equal(status, 0, err);
  assert.match(
    err,
    /note: signed by https:\/\/signer\.example\/subject, for whom https:\/\/issuer\.example vouches; public from now on in log\.example, index 2/,
  );
  assert.equal(services.requests.length, 2, "one certificate and one entry for both outputs");
  assert.equal(readFileSync(join(folder, "signed.json"), "utf8"), out);
  const verified = verifyBundle(out, { root: services.sigstore.root });
  assert.ok(verified.ok && verified.content.kind === "statement");
  assert.equal(verified.content.statement.predicateType, "https://slsa.dev/verification_summary/v1");
  for (const [args, says] of [
    [["--format", "json", ...sign], /nothing to sign/],
    [["--format", "vsa", "--identity-token", "-"], /--sign sigstore/],
    [["--format", "vsa", "--sign-key", "key.pem", ...sign], /not both/],
    [["--format", "vsa", "--sign-key", "missing.pem"], /cannot be read/],
  ] as const) {
    const refused = await check(args, { env });
    assert.equal(refused.status, 2);
    assert.match(`${refused.out}${refused.err}`, says);
    assert.equal(refused.asked, undefined, "before the work");
  }
});
