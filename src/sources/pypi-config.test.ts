import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadPypiConfig, type PypiConfig } from "./pypi-config.ts";

interface Place {
  readonly home: string;
  readonly load: (env?: Readonly<Record<string, string>>) => PypiConfig;
}

/** A home and a project with these files, by path below the folder of both. */
function place(t: TestContext, files: Readonly<Record<string, string>> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "tributary pip "));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ "project/keep": "", ...files })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return {
    home: folder,
    load: (env = {}) =>
      loadPypiConfig({ cwd: join(folder, "project"), env: { HOME: folder, XDG_CONFIG_DIRS: join(folder, "machine"), PATH: "", ...env } }),
  };
}

function urls(config: PypiConfig): readonly string[] {
  const indexes = config.indexes();
  return "unavailable" in indexes ? [indexes.code] : indexes.map(({ url }) => url);
}

test("the environment wins over the user's file, that over the machine's, and pip over uv and the project", (t) => {
  const all = place(t, {
    "machine/pip/pip.conf": "[global]\nindex-url = https://machine.example/simple\n",
    ".config/pip/pip.conf":
      "# mine\n[global]\nindex_url = https://user.example/simple\nextra-index-url =\n    https://extra.example/simple\n    https://more.example/simple/\n",
    ".config/uv/uv.toml": '[[index]]\nurl = "https://uv.example/simple"\ndefault = true\n',
    "project/pyproject.toml": '[[tool.pdm.source]]\nname = "x"\nurl = "https://project.example/simple"\n',
  });
  assert.deepEqual(urls(all.load()).slice(0, 3), [
    "https://user.example/simple/",
    "https://extra.example/simple/",
    "https://more.example/simple/",
  ]);
  assert.equal(urls(all.load({ PIP_INDEX_URL: "https://env.example/simple" }))[0], "https://env.example/simple/");
  const file = place(t, { "own.conf": "[install]\nindex-url=https://own.example/simple\n[global]\nindex-url=https://no.example\n" });
  assert.deepEqual(urls(file.load({ PIP_CONFIG_FILE: join(file.home, "own.conf") })), ["https://own.example/simple/"]);
  assert.deepEqual(urls(place(t).load({ UV_DEFAULT_INDEX: "name=https://uv.example/simple" })), ["https://uv.example/simple/"]);
  const project = place(t, {
    "project/pyproject.toml": '[[tool.uv.index]]\nname = "o"\nurl = "https://u:p@project.example/simple"\ndefault = true\n',
  });
  assert.deepEqual(urls(project.load()), ["https://project.example/simple/"]);
});

test("credentials are taken off the address, and given to the host that they are for alone", (t) => {
  const config = place(t).load({ PIP_INDEX_URL: "https://me:p%40ss@index.example/simple" });
  const [standard] = config.indexes() as readonly { readonly url: string; readonly credentials: { readonly headers: object } }[];
  const expected = { authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}` };
  assert.equal(standard?.url, "https://index.example/simple/");
  assert.deepEqual(standard?.credentials.headers, expected);
  const same = config.named("https://index.example/other/simple");
  assert.deepEqual("url" in same && same.credentials.headers, expected);
  const stranger = config.named("https://you:there@stranger.example/simple");
  assert.deepEqual("url" in stranger && [stranger.url, stranger.credentials.headers], ["https://stranger.example/simple/", {}]);
  assert.ok("unavailable" in config.named("http://stranger.example/simple"));
  assert.ok("unavailable" in config.named("file:///srv"));
});

test("what nobody configured is pip's own default, read from an installed pip outside the project and never run", (t) => {
  const module = 'import urllib.parse\nPyPI = PackageIndex("https://default.example/", file_storage_domain="f.example")\n';
  const below = "lib/python3.12/site-packages/pip/_internal/models/index.py";
  const it = place(t, {
    [`python/${below}`]: module,
    "python/bin/python3": "",
    [`project/venv/${below}`]: module,
    "project/venv/bin/python3": "",
  });
  mkdirSync(join(it.home, "bin"));
  symlinkSync(join(it.home, "python/bin/python3"), join(it.home, "bin/python3"));
  assert.deepEqual(
    urls(it.load({ PATH: join(it.home, "bin") })),
    ["https://default.example/simple"].map((url) => `${url}/`),
  );
  assert.deepEqual(urls(it.load({ PATH: join(it.home, "project/venv/bin") })), ["source/configuration"]);
  assert.deepEqual(urls(it.load()), ["source/configuration"]);
});

const sent = (index: ReturnType<PypiConfig["named"]>): string => {
  const { authorization = "" } = "url" in index ? index.credentials.headers : {};
  return Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
};

test("what no address holds the user's netrc may, for that host alone; its entry for everybody is for configured indexes only", (t) => {
  const netrc =
    "machine index.example login me password p@ss\nmachine lock.example login you password there\ndefault login any password one\n";
  const at = place(t, {
    ".netrc": netrc,
    "project/.netrc": "machine stranger.example login evil password evil\n",
    "project/pyproject.toml": '[[tool.uv.index]]\nname = "o"\nurl = "https://project.example/simple"\n',
    "other.netrc": "machine index.example login other password o\n",
  });
  const all = (config: PypiConfig): readonly string[] => {
    const indexes = config.indexes();
    return "unavailable" in indexes ? [] : indexes.map(sent);
  };
  const env = {
    PIP_INDEX_URL: "https://index.example/simple",
    PIP_EXTRA_INDEX_URL: "https://u:p@index.example/x https://extra.example/simple",
  };
  const config = at.load(env);
  assert.deepEqual(all(config), ["me:p@ss", "u:p", "any:one"], "what an address holds goes before");
  assert.equal(sent(config.named("https://index.example/other")), "me:p@ss");
  assert.equal(sent(config.named("https://lock.example/simple")), "you:there");
  assert.equal(sent(config.named("https://stranger.example/simple")), "", "a lockfile's index gets no entry that is for everybody");
  assert.equal(sent(config.named("https://sub.index.example/simple")), "");
  assert.ok("unavailable" in config.named("http://lock.example/simple"), "and none over an open connection");
  assert.deepEqual(all(at.load({ ...env, NETRC: join(at.home, "other.netrc") })).slice(0, 1), ["other:o"]);
  assert.deepEqual(all(at.load({ UV_INDEX: "https://extra.example/simple", UV_DEFAULT_INDEX: "https://lock.example/" })), [
    "you:there",
    "any:one",
  ]);
});
