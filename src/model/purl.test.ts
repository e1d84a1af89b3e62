import assert from "node:assert/strict";
import { test } from "node:test";
import { ecosystemOf, purlOf } from "./ecosystem.ts";
import { Fault } from "./fault.ts";
import { canonicalPurl, formatPurl, parsePurl } from "./purl.ts";

/** Ecosystem, name, version, canonical purl; each must come back as it went in. */
const pairs: readonly (readonly [string, string, string, string])[] = [
  ["npm", "left-pad", "1.3.0", "pkg:npm/left-pad@1.3.0"],
  ["npm", "@babel/core", "7.0.0+x", "pkg:npm/%40babel/core@7.0.0%2Bx"],
  ["npm", "JSONStream", "1.0.0", "pkg:npm/JSONStream@1.0.0"],
  ["PyPI", "zope-interface", "5.0", "pkg:pypi/zope-interface@5.0"],
  ["Maven", "org.apache.logging.log4j:log4j-core", "2.14.1", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"],
  ["Go", "github.com/BurntSushi/toml/v2", "v2.0.0", "pkg:golang/github.com/BurntSushi/toml/v2@v2.0.0"],
  ["Go", "stdlib", "1.22.1", "pkg:golang/stdlib@1.22.1"],
  ["Packagist", "drupal/core", "10.4.5", "pkg:composer/drupal/core@10.4.5"],
  ["crates.io", "serde_json", "1.0.0", "pkg:cargo/serde_json@1.0.0"],
  ["GitHub Actions", "github/codeql-action/init", "v3", "pkg:github/github/codeql-action@v3#init"],
  ["SwiftURL", "github.com/apple/swift-nio", "2.0.0", "pkg:swift/github.com/apple/swift-nio@2.0.0"],
  ["VSCode", "ms-python.python", "2024.1.1", "pkg:vscode-extension/ms-python/python@2024.1.1"],
  ["Debian:12", "curl", "7.88.1-10+deb12u5", "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?distro=debian-12"],
  ["Debian", "curl", "1:2.0", "pkg:deb/debian/curl@1:2.0"],
  ["Ubuntu:22.04:LTS", "curl", "7.81", "pkg:deb/ubuntu/curl@7.81?distro=ubuntu-22.04"],
  ["Ubuntu:Pro:18.04:LTS", "curl", "7.58", "pkg:deb/ubuntu/curl@7.58?distro=ubuntu-pro-18.04"],
  ["Ubuntu:25.10", "curl", "8", "pkg:deb/ubuntu/curl@8?distro=ubuntu-25.10"],
  ["Alpine:v3.18", "musl", "1.2.4-r2", "pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.18"],
  ["Alpine:edge", "musl", "1.2.5-r0", "pkg:apk/alpine/musl@1.2.5-r0?distro=alpine-edge"],
  ["Red Hat:enterprise_linux:8::baseos", "bash", "4.4", "pkg:rpm/redhat/bash@4.4?distro=enterprise_linux:8::baseos"],
  ["openSUSE:Tumbleweed", "bash", "5.2", "pkg:rpm/opensuse/bash@5.2?distro=Tumbleweed"],
  ["openSUSE:Leap 15.5", "bash", "4.4", "pkg:rpm/opensuse/bash@4.4?distro=Leap%2015.5"],
  ["Android", ":linux_kernel:Qualcomm", "", "pkg:generic/android/:linux_kernel:Qualcomm"],
  ["Kubernetes", "k8s.io/apiserver", "1.30.0", "pkg:generic/kubernetes/k8s.io/apiserver@1.30.0"],
];

test("a package's OSV name becomes its purl and comes back unchanged", () => {
  for (const [ecosystem, name, version, purl] of pairs) {
    assert.equal(purlOf(ecosystem, name, version), purl);
    assert.deepEqual(ecosystemOf(purl), { ecosystem, name, version });
    assert.equal(formatPurl(parsePurl(purl)), purl);
    assert.equal(canonicalPurl(purl), purl);
  }
});

test("names that an ecosystem takes for one give one purl", () => {
  assert.equal(purlOf("PyPI", "Zope.Interface", "5.0"), purlOf("PyPI", "zope_interface", "5.0"));
  assert.equal(purlOf("Packagist", "Drupal/Core", "1"), purlOf("Packagist", "drupal/core", "1"));
  assert.equal(purlOf("SwiftURL", "https://github.com/a/b.git", "1"), purlOf("SwiftURL", "github.com/a/b", "1"));
});

test("other producers' spellings of a distribution are understood", () => {
  assert.equal(ecosystemOf("pkg:deb/debian/curl@1?arch=source&distro=bookworm")?.ecosystem, "Debian:12");
  assert.equal(ecosystemOf("pkg:apk/alpine/musl@1?distro=alpine-3.18.4")?.ecosystem, "Alpine:v3.18");
  assert.equal(ecosystemOf("pkg:rpm/rocky/bash@1?distro=rocky-8")?.ecosystem, "Rocky Linux:8");
  assert.equal(ecosystemOf("pkg:generic/openssl@3.0.0"), null);
  assert.equal(ecosystemOf("pkg:yocto/core/glibc@2.35"), null);
});

test("an ecosystem that OSV does not define is refused by name", () => {
  assert.throws(() => purlOf("NPM", "x", "1"), { name: "Fault", code: "purl/invalid", message: /ecosystem NPM/ });
  assert.throws(() => purlOf("constructor", "x", "1"), { code: "purl/invalid" });
});

test("what is no purl is refused with its reason", () => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ["", /pkg:/],
    ["pkg:", /type is missing/],
    ["pkg:npm", /missing/],
    ["pkg:npm/", /name is missing/],
    ["pkg:npm/@1.0", /name is missing/],
    ["pkg:3d/x", /a letter first/],
    ["pkg:npm/x@%zz", /percent/],
    ["pkg:npm/x@%ff", /percent/],
    ["pkg:npm/x?a=1&a=2", /twice/],
    ["pkg:npm/x?a b=1", /key/],
    ["pkg:cargo/a/b", /no namespace/],
    ["pkg:julia/Dates", /uuid/],
    [`pkg:npm/${"x".repeat(100_000)}`, /longer/],
  ];
  for (const [text, reason] of bad)
    assert.throws(
      () => parsePurl(text),
      (error: unknown) =>
        error instanceof Fault && error.code === "purl/invalid" && reason.test(error.message) && error.message.length < 400,
      text.slice(0, 40),
    );
  assert.throws(() => formatPurl({ type: "npm", name: "\uD800" }), { code: "purl/invalid" });
});

test("hostile qualifier keys stay plain keys", () => {
  assert.throws(() => parsePurl("pkg:npm/x?__proto__=polluted"), { code: "purl/invalid" });
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  const purl = parsePurl("pkg:npm/x?constructor=a&tostring=b");
  assert.deepEqual({ ...purl.qualifiers }, { constructor: "a", tostring: "b" });
});

test("a subpath never climbs, encoded or not", () => {
  assert.equal(parsePurl("pkg:npm/x#a/../b/./%2e%2e/c").subpath, "a/b/c");
  assert.equal(parsePurl("pkg:npm/x#%2e%2e%2f%2e%2e%2fetc").subpath, "etc");
});

test("formatting is idempotent and parses back, whatever characters the parts hold", () => {
  const alphabet = [
    "a",
    "Z",
    "0",
    ".",
    "-",
    "_",
    "~",
    ":",
    "@",
    "/",
    "%",
    "?",
    "#",
    "&",
    "=",
    "+",
    " ",
    "!",
    "'",
    "(",
    "*",
    "é",
    "😀",
    "\n",
  ];
  let state = 12_345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const word = (least: number): string => Array.from({ length: least + next(6) }, () => alphabet[next(alphabet.length)]).join("");
  for (let round = 0; round < 3000; round += 1) {
    const type = ["npm", "generic", "maven", "deb", "git", "brew", "x-unknown"][next(7)] ?? "npm";
    const input = {
      type,
      namespace: word(0),
      name: `n${word(0).replaceAll("/", "")}n`,
      version: word(0),
      qualifiers: { k1: word(0), k2: word(1) },
      subpath: word(0),
    };
    const text = formatPurl(input);
    assert.match(text, /^[\x21-\x7E]+$/);
    const parsed = parsePurl(text);
    assert.equal(formatPurl(parsed), text);
    assert.equal(parsed.version, input.version);
    assert.equal(parsed.qualifiers["k2"] ?? "", input.qualifiers.k2);
  }
});
