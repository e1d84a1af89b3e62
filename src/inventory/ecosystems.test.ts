/** What is particular to single formats: the rest is held together in `ecosystem-formats.test.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Edge, InputFile, Listing, ReadContext } from "../model/index.ts";
import { formatOf } from "./formats.ts";
import { inputFile } from "./input.ts";

async function read(path: string, text: string | Uint8Array, beside: Readonly<Record<string, string>> = {}): Promise<Listing> {
  const context: ReadContext = {
    beside: (relative): InputFile | null =>
      Object.hasOwn(beside, relative) ? inputFile(relative, Buffer.from(beside[relative] ?? "")) : null,
  };
  const line = formatOf(path);
  assert.ok(line !== undefined, `nothing reads ${path}`);
  return (await line.load()).read(inputFile(path, Buffer.from(text)), context);
}

const components = (listing: Listing): readonly string[] => listing.components.map((component) => component.purl).toSorted();
const edgesOf = (listing: Listing, name: string): readonly (readonly [string, string, Edge["kind"]])[] =>
  (listing.nodes.find((node) => node.name === name)?.edges ?? []).map((edge) => [
    edge.to < 0 ? "-" : `${listing.nodes[edge.to]?.name ?? ""}@${listing.nodes[edge.to]?.version ?? ""}`,
    edge.range,
    edge.kind,
  ]);
const messages = (listing: Listing): string => listing.problems.map((problem) => problem.message).join("; ");

test("a Cargo.lock names as much of a dependency as it takes, and Cargo.toml says which are for development", async () => {
  const text = `version = 1\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "left 1.0.0 (registry+https://registry.example/index)",\n "left 1.0.0 (git+https://git.example/left#0123456789abcdef0123456789abcdef01234567)",\n "dev",\n "lost",\n]\n[[package]]\nname = "left"\nversion = "1.0.0"\nsource = "registry+https://registry.example/index"\n[[package]]\nname = "left"\nversion = "1.0.0"\nsource = "git+https://git.example/left#0123456789abcdef0123456789abcdef01234567"\n[[package]]\nname = "dev"\nversion = "2.0.0"\nsource = "registry+https://registry.example/index"\n[metadata]\n"checksum left 1.0.0 (registry+https://registry.example/index)" = "${"a".repeat(64)}"\n`;
  const listing = await read("Cargo.lock", text, {
    "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\nleft = "1"\n[dev-dependencies]\ndev = "2"\n`,
  });
  assert.deepEqual(components(listing), [
    "pkg:cargo/dev@2.0.0",
    "pkg:cargo/left@1.0.0",
    "pkg:cargo/left@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fleft%400123456789abcdef0123456789abcdef01234567",
  ]);
  assert.deepEqual(
    edgesOf(listing, "app").map(([to, , kind]) => [to, kind]),
    [
      ["left@1.0.0", "prod"],
      ["left@1.0.0", "prod"],
      ["dev@2.0.0", "dev"],
      ["-", "optional"],
    ],
  );
  assert.equal(listing.nodes.find((node) => node.name === "dev")?.scope, "dev");
  assert.deepEqual(
    listing.nodes.map((node) => node.integrity.length),
    [0, 1, 0, 0],
  );
  assert.match(messages(listing), /depends on lost, which is not listed/);
});

test("a Poetry lock takes directness from the pyproject beside it, and a wrong pyproject does not stop it", async () => {
  const lock = `[[package]]\nname = "left"\nversion = "1.0"\n[package.dependencies]\nRight_Hand = {version = ">=2", markers = "os_name == 'nt'"}\n[[package]]\nname = "right-hand"\nversion = "2.0"\n`;
  const listing = await read("poetry.lock", lock, {
    "pyproject.toml": `[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\npython = "^3"\nLeft = "^1"\n`,
  });
  assert.deepEqual(
    listing.nodes.map((node) => [node.name, node.kind === "root" ? "" : node.direct]),
    [
      ["left", true],
      ["right-hand", false],
      ["app", ""],
    ],
  );
  assert.deepEqual(edgesOf(listing, "left"), [["right-hand@2.0", ">=2", "prod"]]);
  const alone = await read("poetry.lock", lock, { "pyproject.toml": "not [ toml" });
  assert.deepEqual(
    alone.nodes.map((node) => node.direct),
    [null, null],
  );
});

test("requirements follow -r to other files, once, and say which file an entry stands in", async () => {
  const listing = await read("requirements.txt", "-r more/base.txt\nleft==1.0\n-r gone.txt\n-r ../outside.txt\n-c constraints.txt\n", {
    "more/base.txt": "-r ../requirements.txt\n-r deep.txt\nright ~= 2.0\n",
    "more/deep.txt": "third===3 ; python_version<'3'\n",
    "../outside.txt": "outside==9\n",
  });
  assert.deepEqual(components(listing), ["pkg:pypi/left@1.0", "pkg:pypi/right", "pkg:pypi/third@3"]);
  assert.equal(listing.nodes.find((node) => node.name === "third")?.place.file, "more/deep.txt");
  assert.match(messages(listing), /gone\.txt, which was not read; refers to \.\.\/outside\.txt, which was not read/);
});

test("go.sum gives hashes of contents, marked as such, and before Go 1.17 the modules that go.mod does not name", async () => {
  const hash = Buffer.alloc(32, 7).toString("base64");
  const sum = `example.com/a v1.0.0 h1:${hash}\nexample.com/a v1.0.0/go.mod h1:${hash}\nexample.com/b v2.0.0 h1:${hash}\nexample.com/only v1.0.0/go.mod h1:${hash}\nnonsense\n`;
  const old = await read("go.mod", "module m\ngo 1.16\nrequire example.com/a v1.0.0\n", { "go.sum": sum });
  assert.deepEqual(components(old), ["pkg:golang/example.com/a@v1.0.0", "pkg:golang/example.com/b@v2.0.0", "pkg:golang/stdlib@1.16"]);
  assert.deepEqual(old.nodes.find((node) => node.name === "example.com/a")?.integrity, [`sha256-${hash}?h1`]);
  assert.deepEqual(old.nodes.find((node) => node.name === "example.com/b")?.place, { file: "go.sum", line: 3 });
  const recent = await read("go.mod", "module m\ngo 1.21\nrequire example.com/a v1.0.0\n", { "go.sum": sum });
  assert.deepEqual(components(recent), ["pkg:golang/example.com/a@v1.0.0", "pkg:golang/stdlib@1.21"]);
  assert.match(messages(recent), /"nonsense" is no line of go\.sum/);
});

test("a POM's properties are put in, in circles only so far, and what only a parent knows is said", async () => {
  const listing = await read(
    "pom.xml",
    `<project><parent><groupId>org.up</groupId><artifactId>parent</artifactId><version>7</version></parent><artifactId>app</artifactId>
     <properties><a>\${b}</a><b>\${a}</b><v>\${project.version}.1</v></properties>
     <dependencies>
       <dependency><groupId>\${project.groupId}</groupId><artifactId>one</artifactId><version>\${v}</version><classifier>tests</classifier><type>zip</type></dependency>
       <dependency><groupId>g</groupId><artifactId>two</artifactId><version>\${a}</version></dependency>
       <dependency><groupId>g</groupId><artifactId>three</artifactId><version>[1,2)</version><scope>test</scope></dependency>
     </dependencies></project>`,
  );
  assert.deepEqual(components(listing), ["pkg:maven/g/three", "pkg:maven/g/two", "pkg:maven/org.up/one@7.1?classifier=tests&type=zip"]);
  assert.match(messages(listing), /parent org\.up:parent is not fetched.*g:two depends on/s);
  assert.deepEqual([listing.name, listing.version], ["org.up:app", "7"]);
});

test("dpkg's packages know their release, their source package and what answers for a dependency", async () => {
  const status = `Package: left\nStatus: install ok installed\nArchitecture: amd64\nSource: src (0.9-1)\nVersion: 1:1.0-1\nPre-Depends: right:any (>= 2)\nDepends: absent | virtual, missing\n\nPackage: right\nStatus: install ok installed\nVersion: 2.0\nProvides: virtual (= 1)\n`;
  const listing = await read("var/lib/dpkg/status", status, {
    "../../../etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
    "../apt/extended_states": "Package: right\nAuto-Installed: 1\n",
  });
  assert.equal(listing.ecosystem, "Debian:12");
  assert.deepEqual(components(listing), [
    "pkg:deb/debian/left@1:1.0-1?arch=amd64&distro=debian-12&upstream=src%400.9-1",
    "pkg:deb/debian/right@2.0?distro=debian-12",
  ]);
  assert.deepEqual(edgesOf(listing, "left"), [
    ["right@2.0", ">= 2", "prod"],
    ["right@2.0", "", "prod"],
    ["-", "", "optional"],
  ]);
  assert.deepEqual(
    listing.nodes.map((node) => node.direct),
    [true, false],
  );
  const lost = await read("var/lib/dpkg/status", status);
  assert.equal(lost.ecosystem, "");
  assert.match(messages(lost), /no os-release/);
});

/** A zip of stored members, as small as one can be. */
function zip(members: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const bodies: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const bytes = Buffer.from(content);
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(title.length, 28);
    entry.writeUInt32LE(offset, 42);
    bodies.push(local, title, bytes);
    central.push(entry, title);
    offset += 30 + title.length + bytes.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, list, end]);
}

/** A tar of regular members. */
function tar(members: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const blocks = Object.entries(members).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("0", 156);
    header.write("ustar\x0000", 257);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const pom = (group: string, artifact: string, version: string): Record<string, string> => ({
  [`META-INF/maven/${group}/${artifact}/pom.properties`]: `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});

test("a jar is opened down to the jars in it and the artefacts shaded into those", async () => {
  const inner = zip({ ...pom("org.in", "inner", "2.0"), ...pom("org.shaded", "deep", "3.0") });
  const bare = zip({
    "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nBundle-SymbolicName: org.osgi.bun\r\n dle;singleton:=true\r\nBundle-Version: 4.0\r\n",
  });
  const listing = await read(
    "app-1.0.jar",
    zip({
      ...pom("org.app", "app", "1.0"),
      "BOOT-INF/lib/inner-2.0.jar": inner,
      "BOOT-INF/lib/bundle.jar": bare,
      "BOOT-INF/lib/plain-5.1.jar": zip({ "A.class": "" }),
      "BOOT-INF/lib/broken.jar": "no zip",
    }),
  );
  assert.deepEqual(components(listing), [
    "pkg:generic/plain@5.1",
    "pkg:maven/org.app/app@1.0",
    "pkg:maven/org.in/inner@2.0",
    "pkg:maven/org.osgi/bundle@4.0",
    "pkg:maven/org.shaded/deep@3.0",
  ]);
  assert.equal(listing.nodes.find((node) => node.name === "org.shaded:deep")?.path, "BOOT-INF/lib/inner-2.0.jar");
  assert.match(messages(listing), /broken\.jar cannot be read/);
  assert.equal(listing.listed, 6);
});

test("a wheel, a gem and a crate say what they are by their own metadata", async () => {
  const wheel = await read(
    "x.whl",
    zip({ "left-1.0.dist-info/METADATA": "Name: Left_Hand\nVersion: 1.0\n\n", "vendor/b-2.dist-info/METADATA": "Name: b\nVersion: 2\n\n" }),
  );
  assert.deepEqual(components(wheel), ["pkg:pypi/left-hand@1.0"]);
  const metadata = `--- !ruby/object:Gem::Specification\nname: left\nversion: !ruby/object:Gem::Version\n  version: 1.10\nplatform: java\nlicenses:\n- MIT\n`;
  const gem = await read("x.gem", tar({ "metadata.gz": gzipSync(metadata), "data.tar.gz": "" }));
  assert.deepEqual(components(gem), ["pkg:gem/left@1.10?platform=java"]);
  const crate = await read(
    "x.crate",
    gzipSync(tar({ "left-1.0.0/Cargo.toml": `[package]\nname = "left"\nversion = "1.0.0"\nlicense = "MIT/Apache-2.0"\n` })),
  );
  assert.deepEqual(
    crate.components.map((one) => [one.purl, one.licence]),
    [["pkg:cargo/left@1.0.0", "MIT OR Apache-2.0"]],
  );
  await assert.rejects(read("x.crate", Buffer.from("no gzip")), { code: "artifact/format" });
  await assert.rejects(read("x.whl", Buffer.from("no zip")), { code: "artifact/format" });
});

test("a Bazel file is read as far as it says things plainly, and a bracket that is not closed is named with its line", async () => {
  const listing = await read(
    "WORKSPACE",
    `load("@rules_jvm_external//:defs.bzl", mvn = "maven_install")\nBASE = ["a:b:1"] + [x for x in OTHER]\nmvn(artifacts = ["g:a:2", "g:" + "b:jar:tests:3", maven.artifact(group = "g", artifact = "c", version = "4"), VERSION, "odd"])\nmvn(name = "second", artifacts = BASE)\nother_install(artifacts = ["not:this:1"])\n`,
  );
  assert.deepEqual(components(listing), ["pkg:maven/g/a@2", "pkg:maven/g/b@3?classifier=tests", "pkg:maven/g/c@4"]);
  assert.match(messages(listing), /an artefact that is computed.*"odd" names no artefact.*the artefacts are computed/s);
  await assert.rejects(
    read("WORKSPACE", "a = 1\nmaven_install(\n  artifacts = [\n"),
    (error: unknown) => error instanceof Error && "place" in error && (error.place as { line: number }).line === 3,
  );
});

test("an entry that stands where none is expected, or comes twice, is a problem and never nothing", async () => {
  const cases: readonly (readonly [path: string, text: string, lists: number])[] = [
    ["Gemfile.lock", "GEM\n  specs:\n    left (1.0)\n   right (2.0)\n     third (3.0)\n", 3],
    ["paket.lock", "NUGET\n  remote: https://registry.example\n    Left (1.0)\n   Right (2.0)\n", 2],
    ["cpanfile.snapshot", "DISTRIBUTIONS\n  Left-1.0\n   Right-2.0\n", 2],
    ["Pipfile.lock", `{"default":{"left":{"version":"==1"},"left":{"version":"==2"}},"develop":["right"]}`, 3],
    ["packages.lock.json", `{"dependencies":{"net8.0":{"Left":{"resolved":"1"},"Left":{"resolved":"2"}},"net9.0":[]}}`, 3],
    ["renv.lock", `{"Packages":{"left":{"Version":"1"},"left":{"Version":"2"}}}`, 2],
    ["conan.lock", `{"version":"0.5","requires":["left/1"],"build_requires":{"right":"2"}}`, 2],
    ["conan.lock", `{"graph_lock":{"nodes":{"1":{"ref":"left/1"},"1":{"ref":"left/2"}}}}`, 2],
    ["cabal.project.freeze", "constraint: any.left ==1.0,\n any.right ==2.0\n", 2],
    ["app.deps.json", `{"libraries":{"Left/1":{},"Left/1":{},"NoVersion":{}}}`, 3],
  ];
  for (const [path, text, lists] of cases) assert.equal((await read(path, text)).listed, lists, `${path}: ${text}`);
});
