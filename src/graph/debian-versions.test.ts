import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../model/index.ts";
import { compareVersions } from "../versions/index.ts";
import { type DebianSuite, debianSuite } from "./debian.ts";
import { installing } from "./installing.ts";

const read = (index: string, versions = true): DebianSuite =>
  debianSuite(Buffer.from(index), null, {
    compareVersions: (a, b) => compareVersions("Debian", a, b),
    files: { packages: "main/Packages", sources: "Sources" },
    versions,
  });

/** Stanzas from lines such as `app 1.0 | Depends: lib (>= 2) | Conflicts: x`. */
const index = (...stanzas: readonly string[]): string =>
  stanzas
    .map((stanza) => {
      const [head = "", ...fields] = stanza.split(/ \| (?=[A-Z][A-Za-z-]*: )/);
      const [name, version] = head.split(" ");
      return [
        `Package: ${name}`,
        `Version: ${version}`,
        ...(stanza.includes("Architecture: ") ? [] : ["Architecture: all"]),
        ...fields,
        "",
        "",
      ].join("\n");
    })
    .join("");

/** Names that cannot be installed when some are gone. */
function broken(text: string, ...gone: readonly string[]): readonly string[] {
  const suite = read(text);
  assert.ok(suite.constraints !== null);
  const { without } = installing(suite, suite.constraints);
  return Array.from(without(gone.map((name) => suite.ids.get(name)!)).broken, (node) => suite.names[node]!);
}

test("only a version that stands in the relation satisfies it", () => {
  const text = index(
    "lib 1:2.0-1",
    "new 1 | Depends: lib (>> 1:2.0-1)",
    "same 1 | Depends: lib (= 1:2.0-1)",
    "old 1 | Depends: lib (<< 3)",
    "least 1 | Depends: lib (>= 1:2.0~rc1)",
    "most 1 | Pre-Depends: lib ( <= 1:2.0-1 )",
  );
  assert.deepEqual(broken(text), ["new", "old"], "an epoch is above everything without one");
  assert.deepEqual(broken(text, "lib"), ["least", "most", "new", "old", "same"]);
});

test("a versioned provide satisfies what its version does, an unversioned one no relation with a version", () => {
  const text = index(
    "plain 9 | Provides: engine",
    "exact 9 | Provides: engine (= 2), other",
    "any 1 | Depends: engine",
    "two 1 | Depends: engine (>= 2)",
    "three 1 | Depends: engine (>= 3)",
  );
  assert.deepEqual(broken(text), ["three"]);
  assert.deepEqual(broken(text, "exact"), ["three", "two"]);
  assert.deepEqual(broken(text, "plain"), ["three"]);
  assert.deepEqual(broken(text, "plain", "exact"), ["any", "three", "two"]);
});

test("a provider stands in for a package that is gone only where its version does", () => {
  const text = index(
    "libx 252 | Architecture: amd64",
    "libx-other 246 | Architecture: amd64 | Provides: libx (= 246) | Conflicts: libx",
    "early 1 | Depends: libx (>= 240)",
    "late 1 | Depends: libx (>= 250)",
    "both 1 | Depends: early, late",
  );
  assert.deepEqual(broken(text, "libx"), ["both", "late"]);
  assert.deepEqual(broken(text), []);
});

test("a conflict takes an alternative away", () => {
  const text = index("app 1 | Depends: a | b, c", "a 1", "b 1", "c 1 | Conflicts: b");
  assert.deepEqual(broken(text), []);
  assert.deepEqual(broken(text, "a"), ["app"]);
});

test("who provides, conflicts with and replaces one name is the only one of its kind, and no enemy of itself", () => {
  const mta = "Provides: mail-transport-agent | Conflicts: mail-transport-agent | Replaces: mail-transport-agent";
  const text = index(
    `exim 1 | ${mta}`,
    `postfix 1 | ${mta}`,
    "list 1 | Depends: mail-transport-agent",
    "both 1 | Depends: exim, postfix",
    "reader 1 | Depends: exim | mail-transport-agent",
  );
  assert.deepEqual(broken(text), ["both"]);
  assert.deepEqual(broken(text, "exim"), ["both"]);
  assert.deepEqual(broken(text, "exim", "postfix"), ["both", "list", "reader"]);
});

test("Breaks forbids the versions that it names and no others", () => {
  const text = index(
    "tool 2 | Breaks: plugin (<< 2), addon (<< 2)",
    "plugin 1",
    "addon 2",
    "one 1 | Depends: tool, plugin",
    "two 1 | Depends: tool, addon",
  );
  assert.deepEqual(broken(text), ["one"]);
});

test("essential packages stand in every installation", () => {
  const text = index(
    "base 1 | Essential: yes | Depends: libc | libc-other",
    "libc 1",
    "libc-other 1 | Conflicts: app",
    "app 1",
    "enemy 1 | Conflicts: base",
  );
  assert.deepEqual(broken(text), ["enemy"]);
  assert.deepEqual(broken(text, "libc"), ["app", "enemy"], "the only libc left excludes it");
  assert.deepEqual(broken(text, "libc", "libc-other"), ["app", "base", "enemy"]);
  assert.deepEqual(broken(text, "base"), [], "what is gone is not asked for");
});

test("packages that need each other in exact versions stand together", () => {
  const text = index("a 1 | Depends: b (= 1)", "b 1 | Depends: a (= 1)", "c 1 | Depends: a (= 2)");
  assert.deepEqual(broken(text), ["c"]);
  assert.deepEqual(broken(text, "b"), ["a", "c"]);
});

test("`:any` and `:native` mean the index's own architecture, another one's package is none", () => {
  const text = index(
    "python 3 | Architecture: amd64",
    "data 1",
    "any 1 | Depends: python:any (>= 3)",
    "native 1 | Depends: python:native, data:amd64",
    "other 1 | Depends: python:armhf",
  );
  assert.deepEqual(broken(text), ["other"]);
});

test("what contradicts itself cannot be installed, and nothing else suffers", () => {
  const text = index(
    "lib 2",
    "torn 1 | Depends: lib (<< 2), lib (>= 2)",
    "self 1 | Depends: lib | Conflicts: lib",
    "user 1 | Depends: torn | lib",
  );
  assert.deepEqual(broken(text), ["self", "torn"]);
});

test("by name alone versions and conflicts are not looked at", () => {
  const text = index("lib 1", "app 1 | Depends: lib (>= 2) | Conflicts: lib");
  const suite = read(text, false);
  assert.equal(suite.constraints, null);
  assert.equal(suite.unsatisfiable, 0);
  assert.deepEqual([...suite.first.targets], [suite.ids.get("lib")]);
  assert.equal(read(text).unsatisfiable, 1);
});

test("what cannot be read is named with its file and line", () => {
  const wrong = (stanza: string): Fault => {
    try {
      read(`${index("fine 1")}${stanza}`);
    } catch (error) {
      assert.ok(error instanceof Fault);
      assert.deepEqual(error.place, { file: "main/Packages", line: 5 });
      return error;
    }
    throw new Error(`nothing was wrong with ${stanza}`);
  };
  assert.match(wrong(index("app 1 | Depends: fine (=> 2)")).message, /app asks for \(=> 2\), which is no relation/);
  assert.match(wrong(index("app 1 | Depends: fine (> 2)")).message, /no relation/, "> meant >= once; nobody knows any more");
  assert.match(wrong(index("app 1 | Conflicts: fine (2)")).message, /no relation/);
  assert.match(wrong(index("app 1 | Provides: thing (>= 2)")).message, /only \(= VERSION\) can be provided/);
  assert.match(wrong(index("app 1 | Depends: fine (>= 2")).message, /cannot be read/);
  assert.match(wrong(index("app 1 | Depends: fine (>= a:b)")).message, /app: /);
  assert.match(wrong("Package: app\nVersion: 1\n").message, /no Architecture: it was cut off/);
  assert.match(wrong("Package: app\n").message, /no Version: it was cut off/);
});
