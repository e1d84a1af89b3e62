import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Sources, openSources } from "../src/app/npm-evidence.ts";
import { type Unavailable, isUnavailable, purlOf } from "../src/model/index.ts";
import { type FakePackage, type Misbehave, type RunningRegistry, startRegistry } from "./registry/registry.ts";
import { fakeProject } from "./registry/project.ts";

/** An empty home, a project whose .npmrc names the local registry, and a cache. */
class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "tributary-gather-"));
  readonly registry: RunningRegistry;

  constructor(registry: RunningRegistry, npmrc = "") {
    this.registry = registry;
    writeFileSync(join(this.folder, "package.json"), "{}");
    writeFileSync(join(this.folder, ".npmrc"), `registry=${registry.url}\nfetch-retry-mintimeout=5\nfetch-retry-maxtimeout=20\n${npmrc}\n`);
  }

  open(more: { offline?: boolean; signal?: AbortSignal } = {}): Promise<Sources> {
    const env = { HOME: this.folder, PATH: process.env["PATH"], TRIBUTARY_CACHE: join(this.folder, "cache") };
    return openSources({
      cwd: this.folder,
      env,
      offline: more.offline ?? false,
      ...(more.signal === undefined ? {} : { signal: more.signal }),
    });
  }
}

async function place(
  t: TestContext,
  packages: readonly FakePackage[],
  more: { misbehave?: Misbehave; npmrc?: string; token?: string } = {},
): Promise<Place> {
  const registry = await startRegistry({
    packages,
    ...(more.misbehave ? { misbehave: more.misbehave } : {}),
    ...(more.token ? { token: more.token } : {}),
  });
  const made = new Place(registry, more.npmrc?.replaceAll("{host}", new URL(registry.url).host));
  t.after(async () => {
    await registry.close();
    rmSync(made.folder, { recursive: true, force: true });
  });
  return made;
}

const a: FakePackage = {
  name: "a",
  releases: [{ version: "1.0.0", manifest: { dependencies: { b: "^1.0.0" }, scripts: { postinstall: "x" } } }, { version: "1.1.0" }],
};
const scoped: FakePackage = { name: "@s/b", releases: [{ version: "2.0.0" }] };
const both = fakeProject([
  { name: "a", version: "1.0.0" },
  { name: "@s/b", version: "2.0.0" },
]);
const [purlA, purlB] = [purlOf("npm", "a", "1.0.0"), purlOf("npm", "@s/b", "2.0.0")];
const why = (value: object): Unavailable => {
  assert.ok(isUnavailable(value), JSON.stringify(value));
  return value;
};

async function gathered(
  sources: Sources,
  project = both,
): Promise<{ release: object; artifact: object; other: object; otherArtifact: object }> {
  const evidence = await sources.gatherNpm(project, { artifacts: true });
  await sources.close();
  return {
    release: evidence.release(purlA),
    artifact: evidence.artifact(purlA),
    other: evidence.release(purlB),
    otherArtifact: evidence.artifact(purlB),
  };
}

test("documents and tarballs become evidence; a second run asks nobody and gives the same, and so does one offline", async (t) => {
  const here = await place(t, [a, scoped]);
  const progress: number[] = [];
  const first = await here.open();
  const evidence = await first.gatherNpm(both, { artifacts: true, onProgress: ({ done }) => progress.push(done) });
  assert.deepEqual(progress, [1, 2, 3, 4]);
  const release = evidence.release(purlA);
  const artifact = evidence.artifact(purlA);
  assert.ok(!isUnavailable(release) && !isUnavailable(artifact));
  assert.equal(release.claim.manifest.scripts["postinstall"], "x");
  assert.equal(artifact.claim.manifest?.dependencies["b"], "^1.0.0");
  assert.equal(`sha512-${Buffer.from(artifact.claim.sha512, "hex").toString("base64")}`, release.claim.integrity);
  assert.ok(here.registry.requests.some((request) => request.path === "/@s%2fb"));
  await first.close();
  const asked = here.registry.requests.length;
  assert.equal(asked, 4);

  const second = await gathered(await here.open());
  assert.deepEqual([second.release, second.artifact], [release, artifact]);
  const offline = await here.open({ offline: true });
  const third = await offline.gatherNpm(both, { artifacts: true });
  assert.deepEqual([third.release(purlA), third.artifact(purlA)], [release, artifact]);
  const document = third.document(purlA);
  assert.ok(!isUnavailable(document));
  assert.deepEqual(document.versions, ["1.0.0", "1.1.0"]);
  assert.equal(document.release("1.1.0")?.manifest.version, "1.1.0");
  assert.deepEqual(offline.cache.artifact(artifact.claim.sha512)?.subarray(0, 2), Buffer.from([0x1f, 0x8b]));
  await offline.close();
  assert.equal(here.registry.requests.length, asked);
});

test("offline with an empty cache everything is unavailable, with the command that cures it", async (t) => {
  const here = await place(t, [a]);
  const { release, artifact } = await gathered(await here.open({ offline: true }));
  assert.deepEqual([why(release).code, why(release).cure], ["source/offline", "tributary check"]);
  assert.equal(why(artifact).unavailable, true);
  assert.equal(here.registry.requests.length, 0);
});

test("what one package's host does wrong is said of that package alone", async (t) => {
  const wrong: readonly (readonly [string, Misbehave, RegExp])[] = [
    ["source/not-found", (path) => (path === "/a" ? { kind: "status", status: 404 } : null), /not there/],
    ["source/denied", (path) => (path === "/a" ? { kind: "status", status: 403 } : null), /refuses/],
    ["source/status", (path) => (path === "/a" ? { kind: "status", status: 500 } : null), /500/],
    ["source/body", (path) => (path === "/a" ? { kind: "html" } : null), /web page/],
    ["source/body", (path) => (path === "/a" ? { kind: "body", body: '{"name":"a","versions":{' } : null), /JSON/],
    ["source/body", (path) => (path === "/a" ? { kind: "body", body: '{"name":"other"}' } : null), /another package/],
    ["source/body", (path) => (path === "/a" ? { kind: "half" } : null), /breaks off/],
    ["source/body", (path) => (path === "/a" ? { kind: "length", by: 100 } : null), /breaks off/],
    ["source/body", (path) => (path === "/a" ? { kind: "length", by: -100 } : null), /JSON/],
    ["source/status", (path) => (path.startsWith("/a") ? { kind: "redirect", to: path } : null), /redirects/],
  ];
  for (const [code, misbehave, because] of wrong) {
    const here = await place(t, [a, scoped], { misbehave });
    const { release, other, otherArtifact } = await gathered(await here.open());
    assert.equal(why(release).code, code, why(release).because);
    assert.match(why(release).because, because);
    assert.ok(!isUnavailable(other) && !isUnavailable(otherArtifact));
  }
});

const busy: Misbehave = (path, count) => {
  if (path === "/a" && count === 0) return { kind: "status", status: 429, headers: { "retry-after": "1" } };
  if (path === "/@s%2fb" && count === 0) return { kind: "reset" };
  if (path.endsWith(".tgz") && count === 0) return { kind: "half" };
  return null;
};

test("a host that is busy or stumbles is asked again, after the pause that it names", async (t) => {
  const here = await place(t, [a, scoped], { misbehave: busy });
  const started = Date.now();
  const all = await gathered(await here.open());
  assert.ok(Object.values(all).every((value) => !isUnavailable(value)));
  assert.ok(Date.now() - started >= 1000);
});

test("a host that is down is given up on after a few tries, not after all", async (t) => {
  const many = fakeProject(Array.from({ length: 200 }, (_, n) => ({ name: `p${n}`, version: "1.0.0" })));
  const here = await place(t, [], { misbehave: () => ({ kind: "reset" }) });
  const sources = await here.open();
  const evidence = await sources.gatherNpm(many, { artifacts: true });
  await sources.close();
  assert.ok(many.components.every(({ purl }) => why(evidence.release(purl)).code === "source/unreachable"));
  assert.ok(here.registry.requests.length < 120, String(here.registry.requests.length));
});

test("credentials go to the host that they are set for, and not along a redirect", async (t) => {
  const elsewhere = await startRegistry({ packages: [a] });
  t.after(() => elsewhere.close());
  const here = await place(t, [a], {
    npmrc: "//{host}/:_authToken=secret",
    token: "secret",
    misbehave: (path) => (path.endsWith(".tgz") ? { kind: "redirect", to: `${elsewhere.url}a/-/a-1.0.0.tgz` } : null),
  });
  const { release, artifact } = await gathered(await here.open());
  assert.ok(!isUnavailable(release) && !isUnavailable(artifact));
  assert.equal(elsewhere.requests.length, 1);
  assert.equal(elsewhere.requests[0]?.headers.authorization, undefined);
  const denied = await place(t, [a], { token: "secret" });
  const without = await gathered(await denied.open());
  assert.deepEqual(
    [why(without.release).code, why(without.release).cure],
    ["source/denied", `npm login --registry ${denied.registry.url}`],
  );
});

test("a tarball on a host that only the lockfile names is not fetched, one that the document does not know on the registry is", async (t) => {
  const stranger = await startRegistry({ packages: [a] });
  t.after(() => stranger.close());
  const here = await place(t, [a]);
  const sources = await here.open();
  const project = fakeProject([
    { name: "a", version: "9.9.9", resolved: `${stranger.url}a/-/a-1.0.0.tgz` },
    { name: "a", version: "8.8.8", resolved: `${here.registry.url}a/-/a-1.1.0.tgz` },
    { name: "c", version: "1.0.0", origin: { kind: "git", url: "https://git.example/c", commit: "0".repeat(40) } },
    { name: "d", version: "1.0.0", bundled: true },
  ]);
  const evidence = await sources.gatherNpm(project, { artifacts: true });
  await sources.close();
  assert.equal(why(evidence.artifact(purlOf("npm", "a", "9.9.9"))).code, "source/configuration");
  assert.equal(stranger.requests.length, 0);
  assert.equal(why(evidence.release(purlOf("npm", "a", "8.8.8"))).code, "source/not-found");
  assert.ok(!isUnavailable(evidence.artifact(purlOf("npm", "a", "8.8.8"))));
  assert.deepEqual(
    [why(evidence.release(purlOf("npm", "c", "1.0.0"))).code, why(evidence.artifact(purlOf("npm", "d", "1.0.0"))).code],
    ["not-applicable", "not-applicable"],
  );
});

test("bytes that are not what was promised are evidence, not an error; what is no tarball at all says so", async (t) => {
  const here = await place(t, [
    { name: "a", releases: [{ version: "1.0.0", dist: { integrity: "sha512-AAAA" } }] },
    { name: "@s/b", releases: [{ version: "2.0.0", tarball: Buffer.from("not a tarball") }] },
  ]);
  const { artifact, otherArtifact } = await gathered(await here.open());
  assert.ok(!isUnavailable(artifact) && "claim" in otherArtifact);
  assert.match(JSON.stringify(otherArtifact), /manifest-missing/);
});

test("a run that was stopped keeps what it got, and the next one fetches only the rest", async (t) => {
  const packages = Array.from({ length: 60 }, (_, n): FakePackage => ({ name: `p${n}`, releases: [{ version: "1.0.0" }] }));
  const project = fakeProject(packages.map(({ name }) => ({ name, version: "1.0.0" })));
  const stop = new AbortController();
  const here = await place(t, packages);
  const sources = await here.open({ signal: stop.signal });
  const run = sources.gatherNpm(project, { artifacts: true, onProgress: ({ done }) => done === 60 && stop.abort(new Error("stopped")) });
  await assert.rejects(run, /stopped/);
  await sources.close();
  const before = here.registry.requests.length;
  const rest = await here.open();
  const evidence = await rest.gatherNpm(project, { artifacts: true });
  await rest.close();
  assert.ok(project.components.every(({ purl }) => !isUnavailable(evidence.release(purl)) && !isUnavailable(evidence.artifact(purl))));
  assert.ok(here.registry.requests.length - before < 80, `${before} before, ${here.registry.requests.length - before} after`);
});

test("a run that is killed in the middle leaves a sound cache with nearly all that it got", async (t) => {
  const packages = Array.from({ length: 150 }, (_, n): FakePackage => ({ name: `p${n}`, releases: [{ version: "1.0.0" }] }));
  const entries = packages.map(({ name }) => ({ name, version: "1.0.0" }));
  const here = await place(t, packages, { misbehave: () => ({ kind: "slow", milliseconds: 20 }) });
  writeFileSync(join(here.folder, "list.json"), JSON.stringify(entries));
  const env = { HOME: here.folder, PATH: process.env["PATH"], TRIBUTARY_CACHE: join(here.folder, "cache") };
  const script = fileURLToPath(new URL("store/gather-until-killed.ts", import.meta.url));
  const child = spawn(process.execPath, [script, here.folder, join(here.folder, "list.json")], { stdio: "inherit", env });
  while (here.registry.requests.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.on("close", resolve));
  const before = here.registry.requests.length;
  assert.ok(before < 300);
  const project = fakeProject(entries);
  const rest = await here.open();
  const evidence = await rest.gatherNpm(project, { artifacts: true });
  assert.deepEqual(rest.notes(), []);
  await rest.close();
  assert.ok(project.components.every(({ purl }) => !isUnavailable(evidence.release(purl)) && !isUnavailable(evidence.artifact(purl))));
  const again = here.registry.requests.length - before;
  // All of it would be 300. What a kill can cost is one batch, and what was under way.
  assert.ok(before + again < 300 + 64 + 32, `${before} before, ${again} after`);
});

test("an entry that is damaged on disk is noticed, said, and fetched again", async (t) => {
  const here = await place(t, [a]);
  const only = fakeProject([{ name: "a", version: "1.0.0" }]);
  const first = await here.open();
  await first.gatherNpm(only, { artifacts: true });
  first.cache.flush();
  first.cache.store.db.exec("UPDATE document SET zstd = x'00112233'; DELETE FROM release; UPDATE body SET zstd = x'00';");
  await first.close();
  const second = await here.open();
  const evidence = await second.gatherNpm(only, { artifacts: true });
  assert.ok(!isUnavailable(evidence.release(purlA)));
  assert.match(second.notes().join("\n"), /damaged/);
  const sha512 = evidence.artifact(purlA);
  assert.ok(!isUnavailable(sha512));
  const folder = join(here.folder, "cache", "artifacts", sha512.claim.sha512.slice(0, 2));
  writeFileSync(join(folder, readdirSync(folder)[0] ?? ""), "other bytes");
  assert.equal(second.cache.artifact(sha512.claim.sha512), null);
  await second.close();
});

test("a release that was published after the kept document is found although the document is fresh", async (t) => {
  const here = await place(t, [a]);
  const one = await here.open();
  await one.gatherNpm(fakeProject([{ name: "a", version: "1.0.0" }]), { artifacts: false });
  await one.close();
  here.registry.publish({ name: "a", releases: [...a.releases, { version: "1.2.0" }] });
  const two = await here.open();
  const evidence = await two.gatherNpm(fakeProject([{ name: "a", version: "1.2.0" }]), { artifacts: false });
  await two.close();
  assert.ok(!isUnavailable(evidence.release(purlOf("npm", "a", "1.2.0"))));
});
