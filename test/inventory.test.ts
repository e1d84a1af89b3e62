/** `tributary inventory` as its user runs it, on real folders. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test, type TestContext } from "node:test";
import { samples } from "../src/inventory/samples.ts";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");

function plant(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tributary-inventory-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const run = (cwd: string, ...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [launcher, "inventory", ...args], { cwd, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: cwd } });

const textOf = (id: string): string => samples[id]?.text ?? "";

const monorepo = {
  ".gitignore": "/out/\n",
  "backend/Cargo.lock": textOf("rust/cargo-lock"),
  "backend/Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\nleft = "1"\n`,
  "backend/member/Cargo.toml": `[package]\nname = "alone"\nversion = "0.1.0"\n[dependencies]\nunlocked = "7"\n`,
  "data/poetry.lock": textOf("python/poetry-lock"),
  "out/poetry.lock": textOf("python/poetry-lock"),
  "web/vendor/x/Cargo.lock": textOf("rust/cargo-lock"),
  ".github/workflows/ci.yml": textOf("github/workflow"),
  "empty/pyproject.toml": "[tool.x]\ny = 1\n",
};

test("a tree of many languages is one project, and each lockfile answers for the manifests of its members", (context) => {
  const folder = plant(context, monorepo);
  const { status, stdout } = run(folder, "--format", "json");
  assert.equal(status, 0);
  const result = JSON.parse(stdout) as {
    project: {
      files: { path: string; listed: number }[];
      nodes: { kind: string; file: number }[];
      roots: number[];
      components: { purl: string }[];
    };
    covered: { path: string; by: string }[];
    empty: string[];
    passed: string[];
    lost: number;
  };
  assert.deepEqual(
    result.project.files.map((file) => [file.path, file.listed]),
    [
      [".github/workflows/ci.yml", 4],
      ["backend/Cargo.lock", 3],
      ["backend/member/Cargo.toml", 1],
      ["data/poetry.lock", 2],
    ],
  );
  assert.deepEqual(result.covered, [{ path: "backend/Cargo.toml", by: "backend/Cargo.lock" }]);
  assert.deepEqual([result.empty, result.passed, result.lost], [["empty/pyproject.toml"], ["web/vendor"], 1]);
  assert.ok(result.project.roots.length >= 3);
  const purls = run(folder, "--format", "purl").stdout.trim().split("\n");
  assert.deepEqual(
    purls,
    result.project.components.map((component) => component.purl),
  );
  assert.deepEqual(purls, purls.toSorted());
});

test("the same tree gives the same bytes in every format, wherever it lies", (context) => {
  const [here, there] = [
    plant(context, { "p/Cargo.lock": textOf("rust/cargo-lock") }),
    plant(context, { "p/Cargo.lock": textOf("rust/cargo-lock") }),
  ];
  for (const format of ["table", "json", "purl", "cyclonedx", "spdx"]) {
    const [one, other] = [run(here, "p", "--format", format), run(there, "p", "--format", format)];
    assert.equal(one.status, 0, one.stderr);
    assert.ok(one.stdout.length > 50);
    assert.equal(one.stdout, other.stdout, format);
  }
});

test("a file that cannot be read is said and counted, stops nothing, and with --strict is a no", (context) => {
  const folder = plant(context, {
    "a/Cargo.lock": "[[package]\n",
    "b/poetry.lock": textOf("python/poetry-lock"),
    "c/mix.lock": textOf("hex/mix-lock"),
  });
  const plain = run(folder);
  assert.equal(plain.status, 0);
  assert.match(plain.stdout, /5 components in 5 entries of 2 files \(3 files looked at\); 1 not read/);
  assert.match(plain.stdout, /a\/Cargo\.lock: /);
  assert.match(plain.stderr, /not whole/);
  const strict = run(folder, "--strict", "--format", "purl");
  assert.equal(strict.status, 1);
  assert.match(strict.stderr, /a\/Cargo\.lock was not read/);
  assert.equal(run(folder, "--strict", "--exclude", "a/").status, 0);
});

test("nothing to read is no success", (context) => {
  const folder = plant(context, { "src/main.c": "", "bad/Cargo.lock": "[[package]\n" });
  const nothing = run(folder, "src");
  assert.deepEqual([nothing.status, nothing.stdout], [2, ""]);
  assert.match(nothing.stderr, /error\[inventory\/no-lockfile\]/);
  const broken = run(folder, "bad/Cargo.lock");
  assert.deepEqual([broken.status, broken.stdout], [2, ""]);
  assert.match(broken.stderr, /error\[inventory\/syntax\][\s\S]*bad\/Cargo\.lock:1/);
  assert.equal(run(folder, "gone").status, 2);
});

test("an installed system is known by its databases, and one whose database is not read is not taken for known", (context) => {
  const folder = plant(context, {
    "etc/os-release": "ID=alpine\nVERSION_ID=3.20.3\n",
    "etc/apk/world": "left\n",
    "lib/apk/db/installed": textOf("os/apk"),
    "usr/lib/python3/site-packages/left-1.0.dist-info/METADATA": textOf("python/metadata"),
    "usr/share/doc/x/requirements.txt": "nothing==1\n",
    "var/lib/rpm/rpmdb.sqlite": "",
  });
  const { status, stdout, stderr } = run(tmpdir(), "--root", folder, "--format", "purl");
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split("\n"), [
    "pkg:apk/alpine/left@1.0-r0?arch=x86_64&distro=alpine-3.20.3&upstream=origin",
    "pkg:apk/alpine/right@2.0-r1?distro=alpine-3.20.3",
    "pkg:pypi/left-hand@1.0",
  ]);
  assert.match(stderr, /rpmdb\.sqlite is not read/);
});

test("a folder that may not be entered is said", { skip: process.getuid?.() === 0 || process.platform === "win32" }, (context) => {
  const folder = plant(context, { "a/poetry.lock": textOf("python/poetry-lock"), "b/poetry.lock": textOf("python/poetry-lock") });
  chmodSync(join(folder, "b"), 0);
  context.after(() => chmodSync(join(folder, "b"), 0o755));
  const { status, stdout } = run(folder, "--strict");
  assert.equal(status, 1);
  assert.match(stdout, /b cannot be read \(EACCES\)/);
});
