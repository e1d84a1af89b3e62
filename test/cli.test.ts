/** The real program as a process: pipes that close, Ctrl-C, exit statuses. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");
const scratch = mkdtempSync(join(tmpdir(), "tributary-cli-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const home = join(scratch, "home");
const env = {
  PATH: process.env["PATH"],
  HOME: home,
  XDG_CACHE_HOME: join(home, "cache"),
  XDG_DATA_HOME: join(home, "data"),
  XDG_CONFIG_HOME: join(home, "config"),
};
mkdirSync(home);

const run = (...args: string[]): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(process.execPath, [launcher, ...args], { env, encoding: "utf8" });

test("a reader that closes the pipe ends the program without a word, and not with a pass", { skip: process.platform === "win32" }, () => {
  // The reader is gone long before the program has anything to write.
  const script = `"$0" "$1" complete zsh | true; echo "\${PIPESTATUS[0]}"`;
  const ended = spawnSync("bash", ["-c", script, process.execPath, launcher], { env, encoding: "utf8" });
  assert.deepEqual([ended.stderr, ended.stdout.trim()], ["", "141"]);
});

test(
  "Ctrl-C ends a check that waits for its registry in one calm line with status 130",
  { skip: process.platform === "win32", timeout: 60_000 },
  async () => {
    const { promise: wasAsked, resolve: asked } = Promise.withResolvers<void>();
    // A registry that takes the question and never answers.
    const server = createServer(() => asked());
    await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const project = join(scratch, "project");
    mkdirSync(project);
    writeFileSync(join(project, ".npmrc"), `registry=${registry}\n`);
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "p", version: "1.0.0", dependencies: { a: "1.0.0" } }));
    writeFileSync(
      join(project, "package-lock.json"),
      JSON.stringify({
        name: "p",
        version: "1.0.0",
        lockfileVersion: 3,
        packages: {
          "": { name: "p", version: "1.0.0", dependencies: { a: "1.0.0" } },
          "node_modules/a": { version: "1.0.0", resolved: `${registry}a/-/a-1.0.0.tgz`, integrity: `sha512-${"A".repeat(86)}==` },
        },
      }),
    );
    const child = spawn(process.execPath, [launcher, "check"], { cwd: project, env });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => void child.on("close", resolve));
    await wasAsked;
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.equal(out, "");
    assert.match(err, /^stopped; what was fetched is kept$/m);
    server.closeAllConnections();
    server.close();
  },
);

test("version and help are answered at once, a mistake with status 2", () => {
  const version = run("--version", "--json");
  assert.equal((JSON.parse(version.stdout) as { name: string }).name, "tributary");
  for (const command of ["check", "why", "explain", "complete"]) assert.match(run(command, "--help").stdout, /\nExamples\n/);
  assert.equal(run("chekc").status, 2);
});
