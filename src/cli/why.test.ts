import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { allRules } from "../app/explain.ts";
import { questions } from "../model/questions.ts";
import { explain } from "./explain.ts";
import { runCommandLine } from "./main.ts";
import { why } from "./why.ts";

const folder = mkdtempSync(join(tmpdir(), "tributary-why-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const entry = (version: string, dependencies: Readonly<Record<string, string>> = {}, dev = false): object => ({
  version,
  resolved: `https://registry.example/x-${version}.tgz`,
  integrity: `sha512-${"A".repeat(86)}==`,
  dependencies,
  ...(dev ? { dev } : {}),
});
writeFileSync(
  join(folder, "package-lock.json"),
  JSON.stringify(
    {
      name: "shop",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "shop", version: "1.0.0", dependencies: { a: "^1.0.0", ms: "^2.0.0" }, devDependencies: { b: "^1.0.0" } },
        "node_modules/a": entry("1.0.0", { c: "^1.0.0" }),
        "node_modules/b": entry("1.0.0", { ms: "^1.0.0" }, true),
        "node_modules/b/node_modules/ms": entry("1.0.0", {}, true),
        "node_modules/c": entry("1.0.0", { ms: "^2.0.0" }),
        "node_modules/ms": entry("2.0.0"),
      },
    },
    null,
    2,
  ),
);

async function run(...args: string[]): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  let out = "";
  let err = "";
  const status = await runCommandLine(
    args,
    {
      cwd: folder,
      env: {},
      out: async (text) => void (out += text),
      err: (text) => void (err += text),
      stdin: async () => new Uint8Array(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 100,
      signal: new AbortController().signal,
      platform: "linux",
    },
    [why, explain].map((command) => ({ name: command.name, load: async () => command })),
  );
  return { status, out, err };
}

test("every release of a package is shown with the ways to it, the shortest first, and where it stands", async () => {
  const { status, out } = await run("why", "ms");
  assert.equal(status, 0);
  const [first, second] = out.split("\n\nms@2.0.0: ");
  assert.match(first ?? "", /^ms@1\.0\.0: 1 way in, development only, package-lock\.json:\d+\n\nb@1\.0\.0\n└─ ms@1\.0\.0$/);
  assert.match(
    second ?? "",
    /^2 ways in, production, asked for by the project itself, package-lock\.json:\d+\n\nms@2\.0\.0\na@1\.0\.0\n└─ c@1\.0\.0\n {3}└─ ms@2\.0\.0\n$/,
  );
});

test("a release can be named, by name and version or by purl, and given as data", async () => {
  for (const wanted of ["ms@1.0.0", "pkg:npm/ms@1.0.0"]) {
    const document = JSON.parse((await run("why", wanted, "--format", "json")).out) as {
      components: { purl: string; paths: string[][]; places: { line: number }[] }[];
    };
    assert.deepEqual(
      document.components.map(({ purl, paths }) => [purl, paths]),
      [["pkg:npm/ms@1.0.0", [["b@1.0.0", "ms@1.0.0"]]]],
    );
    assert.ok((document.components[0]?.places[0]?.line ?? 0) > 1);
  }
});

test("what is not there is status 2, with the releases that are", async () => {
  const { status, err } = await run("why", "ms@9.9.9");
  assert.equal(status, 2);
  assert.match(err, /^error\[input\/not-found\]: ms@9\.9\.9 is not in shop\nhint: there is ms@1\.0\.0, ms@2\.0\.0\n$/);
  assert.match((await run("why", "__proto__")).err, /is not in shop/);
});

test("every rule can be explained by its whole name and by its own part, in every form", async () => {
  for (const { id, title } of allRules()) {
    const { status, out } = await run("explain", id);
    assert.equal(status, 0, id);
    assert.ok(out.startsWith(`${id}\n\n`), id);
    assert.ok(out.replaceAll("\n", " ").includes(title), id);
    assert.equal((await run("explain", id.slice(id.indexOf("/") + 1))).out, out);
  }
  const [first] = allRules();
  assert.ok(first);
  assert.equal((JSON.parse((await run("explain", first.id, "--format", "json")).out) as { rule: string }).rule, first.id);
  assert.match((await run("explain", first.id, "--format", "markdown")).out, /^# /);
});

test("without a rule all are listed under their questions, and a question lists its own", async () => {
  const all = (await run("explain")).out;
  for (const { id } of allRules()) assert.ok(all.includes(`  ${id}\n`));
  const one = (await run("explain", "integrity")).out;
  assert.ok(one.startsWith(questions[1].title));
  assert.ok(!one.includes("advisories/"));
});

test("a rule that is not there gets the nearest name", async () => {
  const { status, err } = await run("explain", "lockfile-mismach");
  assert.equal(status, 2);
  assert.match(err, /did you mean lockfile-mismatch\?/);
  assert.equal((await run("explain", "../../../etc/passwd")).status, 2);
});
