import assert from "node:assert/strict";
import { test } from "node:test";
import { projectName, readSimplePage, versionOfFile } from "./pypi-simple.ts";

const AT = "https://index.registry.example/simple/a-b/";
const JSON_TYPE = "application/vnd.pypi.simple.v1+json";
const HEX = "ab".repeat(32);
const SRI = `sha256-${Buffer.from(HEX, "hex").toString("base64")}`;
const read = (page: object, name = "a-b"): ReturnType<typeof readSimplePage> =>
  readSimplePage(name, AT, JSON_TYPE, Buffer.from(JSON.stringify(page)));

test("a name of a file tells its version, in all the spellings of old source distributions", () => {
  for (const [file, version] of [
    ["a_b-1.0-py3-none-any.whl", "1.0"],
    ["A.B-1.0.0RC1-1-py3-none-any.whl", "1.0.0rc1"],
    ["a-b-2.0-beta-3.tar.gz", "2.0b3"],
    ["a_b-1.0.post1.zip", "1.0.post1"],
    ["a-b-1.0+cu118.tar.gz", "1.0+cu118"],
    ["a_b-1.0-py2.7.egg", "1.0"],
    ["a-1.0.tar.gz", null],
    ["a-b-c-1.0-py3-none-any.whl", null],
    ["a-b.tar.gz", null],
    ["a-b-1.0.exe", null],
  ] as const)
    assert.equal(versionOfFile("a-b", file), version, file);
  assert.equal(projectName("Zope._Interface"), "zope-interface");
});

test("JSON gives releases with their files, times, yanks, status and where attestations are", () => {
  const file = { filename: "a_b-1.0.tar.gz", url: "../../files/a_b-1.0.tar.gz", hashes: { sha256: HEX, sha256x: "no", blake2b: HEX } };
  const data = read({
    meta: { "api-version": "1.4" },
    name: "a-b",
    versions: ["1.0", "1.1", "2.0rc1"],
    "project-status": { status: "archived", reason: "done" },
    files: [
      { ...file, yanked: "bad", size: 3, "upload-time": "2026-02-01T00:00:00Z", provenance: null },
      { ...file, filename: "a_b-1.0-py3-none-any.whl", yanked: true, "upload-time": "2026-01-01T00:00:00Z", provenance: "/integrity/x" },
      { ...file, filename: "a_b-1.1.tar.gz", provenance: HEX },
      { ...file, filename: "else-1.1.tar.gz" },
      { ...file, filename: "a_b-1.1.zip", url: "javascript:alert(1)" },
      "nothing",
    ],
  });
  assert.deepEqual(data.status, { name: "archived", reason: "done" });
  assert.deepEqual(data.distTags, { latest: "1.1" });
  assert.deepEqual(data.time, { "1.0": "2026-01-01T00:00:00Z" });
  assert.deepEqual(
    data.releases.map(([version, { files, yanked }]) => [
      version,
      yanked,
      files?.map(({ name, attestationsUrl }) => [name, attestationsUrl]),
    ]),
    [
      [
        "1.0",
        "bad",
        [
          ["a_b-1.0-py3-none-any.whl", "https://index.registry.example/integrity/x"],
          ["a_b-1.0.tar.gz", ""],
        ],
      ],
      ["1.1", undefined, [["a_b-1.1.tar.gz", "https://index.registry.example/files/a_b-1.0.tar.gz.provenance"]]],
      ["2.0rc1", undefined, []],
    ],
  );
  assert.equal(data.releases[1]?.[1].integrity, SRI);
});

test("a page of HTML gives as much as its attributes say", () => {
  const html = `<!doctype html><html><head><meta name="pypi:project-status" content="quarantined"></head><body>
    <a href="../../files/a_b-1.0.tar.gz#sha256=${HEX}" data-requires-python="&gt;=3.8" data-yanked='so &amp; so'
       data-provenance="https://index.registry.example/p">a_b-1.0.tar.gz</a>
    <a href="/simple/">all</a></body></html>`;
  const data = readSimplePage("a.b", AT, "text/html; charset=utf-8", Buffer.from(html));
  const [release] = data.releases;
  assert.equal(data.status?.name, "quarantined");
  assert.deepEqual(release?.[1].files, [
    {
      name: "a_b-1.0.tar.gz",
      url: "https://index.registry.example/files/a_b-1.0.tar.gz",
      integrity: SRI,
      yanked: "so & so",
      attestationsUrl: "https://index.registry.example/p",
    },
  ]);
});

function fails(body: string, type = JSON_TYPE): void {
  assert.throws(() => readSimplePage("a", AT, type, Buffer.from(body)), { code: "source/body" });
}

test("what is no page of the project is refused: another project, a login page, half a text, another JSON", () => {
  fails(JSON.stringify({ name: "b", files: [] }));
  fails('{"name": "a", "files": [');
  fails('{"message": "hello"}');
  fails('<!doctype html><form><input type="password"></form>', "text/html");
  fails("hello", "text/plain");
});

test("a hostile page costs no more than its length", () => {
  const body = `<html>${"<a ".repeat(200_000)}${"<a href=x>".repeat(50_000)}`;
  assert.deepEqual(readSimplePage("a", AT, "text/html", Buffer.from(body)).releases, []);
});
