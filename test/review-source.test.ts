/** `tributary review --since REV --git auto` as its user meets it: a project with git, a registry, an index, and the packages' own repositories. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256Of, startIndex } from "./registry/pypi.ts";
import { startRegistry } from "./registry/registry.ts";
import { zip } from "./registry/zip.ts";

const launcher = resolve(import.meta.dirname, "..", "bin", "tributary.js");
type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function commit(folder: string, tag: string, files: Files): void {
  mkdirSync(folder, { recursive: true });
  write(folder, files);
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", ...args], { cwd: folder, stdio: "ignore" });
  git("init", "-q");
  git("add", "--all");
  git("commit", "-qm", tag);
  git("tag", tag);
}

interface Review {
  readonly package: string;
  readonly verdict: {
    readonly reasons: readonly { readonly id: string; readonly message: string }[];
    readonly context: readonly { readonly id: string }[];
  };
  readonly source: {
    readonly because: string;
    readonly repositoryBy?: string;
    readonly source: { readonly name: string } | null;
    readonly news: readonly { readonly path: string }[];
  };
}

async function run(
  cwd: string,
  env: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<{ status: number; reviews: readonly Review[]; err: string }> {
  const child = spawn(process.execPath, [launcher, "review", "--format", "json", "--fail-on", "never", ...args], { cwd, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const status = await new Promise<number>((done) => child.on("close", (code) => done(code ?? -1)));
  return { status, reviews: status === 0 ? (JSON.parse(out) as { reviews: readonly Review[] }).reviews : [], err };
}

const wheel = (version: string, code: string): Buffer =>
  zip([
    { path: "brook/__init__.py", content: code },
    {
      path: `brook-${version}.dist-info/METADATA`,
      content: `Metadata-Version: 2.1\nName: brook\nVersion: ${version}\nProject-URL: Source, https://forge.example/o/brook\n`,
    },
  ]);

async function place(t: TestContext): Promise<{ readonly project: string; readonly env: NodeJS.ProcessEnv; readonly temporary: string }> {
  const home = mkdtempSync(join(tmpdir(), "tributary-review-auto-"));
  const [registry, index] = [await startRegistry(), await startIndex()];
  t.after(async () => {
    await registry.close();
    await index.close();
    rmSync(home, { recursive: true, force: true });
  });
  const code = "exports.one = 1;\n";
  const repository = "git+https://forge.example/o/kit.git";
  registry.publish(
    {
      name: "kit",
      releases: [
        { version: "1.0.0", files: { "index.js": code }, manifest: { repository } },
        { version: "1.0.1", files: { "index.js": code, "build/extra.sh": "echo\n" }, manifest: { repository } },
      ],
    },
    { name: "lone", releases: ["1.0.0", "1.0.1"].map((version) => ({ version, files: { "index.js": code } })) },
    {
      name: "gone",
      releases: ["1.0.0", "1.0.1"].map((version) => ({
        version,
        files: { "index.js": code },
        manifest: { repository: "https://forge.example/o/gone" },
      })),
    },
  );
  const wheels = new Map(
    ["1.0", "1.1"].map((version) => [version, { name: `brook-${version}-py3-none-any.whl`, content: wheel(version, "ONE = 1\n") }]),
  );
  index.publish({ name: "brook", files: [...wheels.values()] });
  const [kit, brook] = [join(home, "forge", "kit"), join(home, "forge", "brook")];
  for (const version of ["1.0.0", "1.0.1"])
    commit(kit, `v${version}`, { "index.js": code, "package.json": JSON.stringify({ name: "kit", version, repository }) });
  for (const version of ["1.0", "1.1"]) commit(brook, `v${version}`, { "brook/__init__.py": "ONE = 1\n", VERSION: version });
  const project = join(home, "project");
  const lock = (version: string): string =>
    JSON.stringify({
      name: "p",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "p", version: "1.0.0", dependencies: { kit: "*", lone: "*", gone: "*" } },
        ...Object.fromEntries(
          ["kit", "lone", "gone"].map((name) => [`node_modules/${name}`, { version, ...registry.lockEntry(name, version) }]),
        ),
      },
    });
  const requirement = (version: string): string => `brook==${version} --hash=sha256:${sha256Of(wheels.get(version)?.content ?? "")}\n`;
  commit(project, "before", {
    ".npmrc": `registry=${registry.url}\nfetch-retries=0\n`,
    "package-lock.json": lock("1.0.0"),
    "requirements.txt": requirement("1.0"),
  });
  write(project, { "package-lock.json": lock("1.0.1"), "requirements.txt": requirement("1.1") });
  const temporary = join(home, "temporary");
  write(home, { gitconfig: `[url "file://${join(home, "forge")}/"]\n\tinsteadOf = https://forge.example/o/\n`, "temporary/.keep": "" });
  const env = {
    HOME: home,
    PATH: process.env["PATH"],
    TMPDIR: temporary,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: index.url,
    GIT_CONFIG_GLOBAL: join(home, "gitconfig"),
    // The forge is a folder here.
    GIT_ALLOW_PROTOCOL: "https:file",
    TRIBUTARY_DATA: join(home, "data"),
    TRIBUTARY_CACHE: join(home, "cache"),
  };
  return { project, env, temporary };
}

test("each exchanged release is held against its own repository, and of those without one it is said why", async (t) => {
  const { project, env, temporary } = await place(t);
  const { status, reviews, err } = await run(project, env, "--since", "before", "--git", "auto");
  assert.equal(status, 0, err);
  const of = (name: string): Review["source"] | undefined => reviews.find((one) => one.package === name)?.source;
  assert.deepEqual(reviews.map((one) => one.package).toSorted(), ["brook", "gone", "kit", "lone"]);
  assert.deepEqual(
    [of("kit")?.because, of("kit")?.repositoryBy, of("kit")?.news.map(({ path }) => path)],
    ["", "registry", ["build/extra.sh"]],
  );
  assert.equal(of("kit")?.source?.name, "https://forge.example/o/kit");
  assert.deepEqual([of("brook")?.because, of("brook")?.repositoryBy, of("brook")?.news.map(({ path }) => path)], ["", "package", []]);
  assert.match(of("lone")?.because ?? "", /^Neither a proof, nor the registry, nor lone@1\.0\.1 itself names a repository on the web\.$/);
  assert.match(of("gone")?.because ?? "", /^https:\/\/forge\.example\/o\/gone could not be looked into: git could not fetch /);
  const signals = reviews.find((one) => one.package === "kit")?.verdict;
  assert.ok([...(signals?.reasons ?? []), ...(signals?.context ?? [])].some(({ id }) => id === "continuity/outside-source"));
  assert.deepEqual(
    readdirSync(temporary).filter((name) => name.startsWith("tributary")),
    [],
    "no clone is left",
  );
});

test("one address for many packages is refused with a way out, and offline it is said that nothing was fetched", async (t) => {
  const { project, env } = await place(t);
  const refused = await run(project, env, "--since", "before", "--git", "../forge/kit");
  assert.equal(refused.status, 2);
  assert.match(refused.err, /--git auto/);
  await run(project, env, "--since", "before");
  const { reviews } = await run(project, env, "--since", "before", "--git", "auto", "--offline");
  assert.match(reviews.find((one) => one.package === "kit")?.source.because ?? "", /fetching it needs the network/);
});
