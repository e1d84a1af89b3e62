import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Fault } from "../model/index.ts";
import { bypassesProxy } from "./http-transport.ts";
import { type NpmConfig, loadNpmConfig } from "./npm-config.ts";
import { documentAddress } from "./npm-registry.ts";

interface Layers {
  readonly project?: string;
  readonly user?: string;
  readonly global?: string;
  readonly builtin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Folder below the project in which it is run. */
  readonly within?: string;
}

async function load(t: TestContext, layers: Layers): Promise<NpmConfig> {
  const root = mkdtempSync(join(tmpdir(), "tributary-npmrc-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("home/.npmrc", layers.user ?? "");
  put("project/package.json", "{}");
  put("project/.npmrc", layers.project ?? "");
  put("prefix/etc/npmrc", layers.global ?? "");
  put("npm/bin/npm-cli.js", "");
  put("npm/npmrc", layers.builtin ?? "");
  put("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  if (layers.within !== undefined) mkdirSync(join(root, "project", layers.within), { recursive: true });
  const env = {
    HOME: join(root, "home"),
    PREFIX: join(root, "prefix"),
    npm_execpath: join(root, "npm/bin/npm-cli.js"),
    ROOT: root,
    ...layers.env,
  };
  return await loadNpmConfig({ cwd: join(root, "project", layers.within ?? "."), env });
}

test("the layers win in npm's order: environment, project, user, global, built in", async (t) => {
  const all = {
    builtin: "registry=https://builtin.example",
    global: "registry=https://global.example",
    user: "registry=https://user.example",
    project: "registry=https://project.example",
  };
  const names = ["builtin", "global", "user", "project"] as const;
  for (const [at, name] of names.entries()) {
    const layers = Object.fromEntries(names.slice(0, at + 1).map((layer) => [layer, all[layer]]));
    assert.equal((await load(t, layers)).registryFor("a"), `https://${name}.example/`);
  }
  assert.equal(
    (await load(t, { ...all, env: { NPM_CONFIG_REGISTRY: "https://env.example/npm" } })).registryFor("a"),
    "https://env.example/npm/",
  );
  assert.equal((await load(t, { ...all, within: "src/deep" })).registryFor("a"), "https://project.example/");
});

test("a scope has its own registry, and a name stands in the address as npm writes it", async (t) => {
  const config = await load(t, { project: "registry=https://r.example/npm/\n@s:registry=https://s.example" });
  assert.deepEqual(["a", "@s/b", "@t/c"].map(config.registryFor), [
    "https://r.example/npm/",
    "https://s.example/",
    "https://r.example/npm/",
  ]);
  assert.deepEqual([...config.hosts].toSorted(), ["r.example", "s.example"]);
  assert.equal(documentAddress("https://r.example/npm/", "@s/b"), "https://r.example/npm/@s%2fb");
  assert.equal(documentAddress("https://r.example/", "../x?y#z"), "https://r.example/..%2fx%3Fy%23z");
});

test("credentials are those of the longest address above, and of the registry for the rest of its host; never another host's", async (t) => {
  const config = await load(t, {
    user: "//r.example/npm/:_authToken=${TOKEN}\n//r.example/:_auth=YTpi\n//b.example/:username=me\n//b.example/:_password=cHc=\n",
    env: { TOKEN: "t0k" },
  });
  const sent = (url: string, registry: string): string | undefined => config.credentialsFor(url, registry).headers["authorization"];
  assert.equal(sent("https://r.example/npm/a", "https://r.example/npm/"), "Bearer t0k");
  assert.equal(sent("https://r.example/files/a.tgz", "https://r.example/npm/"), "Basic YTpi");
  assert.equal(sent("https://b.example/a", "https://b.example/"), `Basic ${Buffer.from("me:pw").toString("base64")}`);
  assert.equal(sent("https://r.example.evil.example/npm/a", "https://r.example/npm/"), undefined);
  assert.equal(sent("https://cdn.example/a.tgz", "https://r.example/npm/"), undefined);
  assert.equal(sent("https://r.example:8443/npm/a", "https://r.example/npm/"), undefined);
});

test("a registry's token serves its tarballs elsewhere on the same host", async (t) => {
  const config = await load(t, { user: "//r.example/npm/:_authToken=t" });
  assert.equal(config.credentialsFor("https://r.example/files/a.tgz", "https://r.example/npm/").headers["authorization"], "Bearer t");
});

test("proxy, certificates, time-outs and retries come from the configuration, then from the environment", async (t) => {
  const own = await load(t, {
    user: "https-proxy=http://proxy.example:8080\nnoproxy=intern.example,10.0.0.1\nstrict-ssl=false\ncafile=${ROOT}/ca.pem\nfetch-retries=5\nfetch-timeout=1000\nmaxsockets=3",
  });
  assert.equal(own.http.httpsProxy, "http://proxy.example:8080");
  assert.deepEqual(own.http.noProxy, ["intern.example", "10.0.0.1"]);
  assert.deepEqual([own.http.strictSsl, own.http.retries, own.http.timeout, own.http.maxSockets], [false, 5, 1000, 3]);
  assert.match(own.http.ca?.[0] ?? "", /BEGIN CERTIFICATE/);
  const env = await load(t, { env: { HTTPS_PROXY: "http://env.example:1", no_proxy: ".local.example" } });
  assert.deepEqual([env.http.httpsProxy, env.http.noProxy], ["http://env.example:1", [".local.example"]]);
});

test("noproxy covers a host and what lies below it, and nothing that only ends alike", () => {
  assert.deepEqual(
    ["intern.example", "a.intern.example", "a.dot.example", "a.star.example", "evilintern.example", "example"].map((host) =>
      bypassesProxy(host, ["intern.example", ".dot.example", "*.star.example"]),
    ),
    [true, true, true, true, false, false],
  );
  assert.equal(bypassesProxy("anything.example", ["*"]), true);
});

test("the host of lockfile addresses is replaced as replace-registry-host says", async (t) => {
  const official = (await load(t, {})).registryFor("a");
  const project = "registry=https://mirror.example/npm/";
  const standard = await load(t, { project });
  assert.equal(standard.tarballAddress(`${official}a/-/a-1.tgz`, "https://mirror.example/"), "https://mirror.example/a/-/a-1.tgz");
  assert.equal(standard.tarballAddress("https://other.example/a.tgz", "https://mirror.example/"), "https://other.example/a.tgz");
  const never = await load(t, { project: `${project}\nreplace-registry-host=never` });
  assert.equal(never.tarballAddress(`${official}a/-/a-1.tgz`, "https://mirror.example/"), `${official}a/-/a-1.tgz`);
  assert.equal((await load(t, { project: "replace-registry-host=always" })).replacedHosts, null);
});

test("a registry that is no address is a fault that says which setting it is", async (t) => {
  await assert.rejects(
    load(t, { project: "@s:registry=nonsense" }),
    (error) => error instanceof Fault && error.code === "source/configuration" && /@s:registry/.test(error.message),
  );
});
