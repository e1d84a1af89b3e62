import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLicence, licenceAtoms, parseLicence, readLicence } from "./licence.ts";

const normal = (text: string): string => readLicence(text).expression;

test("an expression is written with as few parentheses as its meaning allows", () => {
  assert.equal(normal("(MIT)"), "MIT");
  assert.equal(normal("((MIT OR ISC)) AND (Apache-2.0)"), "(MIT OR ISC) AND Apache-2.0");
  assert.equal(normal("MIT OR (ISC AND BSD-3-Clause)"), "MIT OR ISC AND BSD-3-Clause");
});

test("ids are taken in any case and written as the list has them", () => {
  assert.equal(normal("mit or apache-2.0"), "MIT OR Apache-2.0");
  assert.equal(normal("gpl-2.0-only with classpath-exception-2.0"), "GPL-2.0-only WITH Classpath-exception-2.0");
});

test("deprecated ids become what replaced them, and it is noted", () => {
  const reading = readLicence("GPL-2.0+ OR LGPL-3.0");
  assert.equal(reading.expression, "GPL-2.0-or-later OR LGPL-3.0-only");
  assert.deepEqual(
    reading.notes.map((note) => [note.kind, note.text, note.became]),
    [
      ["deprecated", "GPL-2.0+", "GPL-2.0-or-later"],
      ["deprecated", "LGPL-3.0", "LGPL-3.0-only"],
    ],
  );
  assert.equal(normal("GPL-2.0-with-classpath-exception"), "GPL-2.0-only WITH Classpath-exception-2.0");
  assert.equal(normal("Apache-2.0+"), "Apache-2.0+");
});

test("names and old spellings that mean one licence become its id", () => {
  assert.equal(normal("Apache License, Version 2.0"), "Apache-2.0");
  assert.equal(normal("The MIT License"), "MIT");
  assert.equal(normal("MIT/Apache-2.0"), "MIT OR Apache-2.0");
});

test("a name that means several licences, or none, is kept as a reference and said to be unknown", () => {
  for (const name of [
    "BSD",
    "GPL",
    "SEE LICENSE IN LICENSE.txt",
    "UNLICENSED",
    "Acme Köln Licence v1",
    "((((",
    "__proto__",
    "MIT OR OR ISC",
  ]) {
    const reading = readLicence(name);
    assert.match(reading.expression, /LicenseRef-[A-Za-z0-9.-]+/, name);
    assert.ok(
      reading.notes.some((note) => note.kind === "unknown"),
      name,
    );
    assert.equal(reading.text, name);
  }
  assert.equal(normal("Foo-1.0 AND MIT"), "LicenseRef-Foo-1.0 AND MIT");
});

test("what is normal stays as it is, and parses strictly", () => {
  for (const text of ["GPL-2.0+ AND (mit OR Foo)", "wxWindows", "New BSD License", "DocumentRef-a:LicenseRef-b OR MIT", "Net-SNMP"]) {
    const once = normal(text);
    assert.equal(normal(once), once);
    const tree = parseLicence(once);
    assert.ok(!("failed" in tree), once);
    assert.equal(formatLicence(tree), once);
  }
});

test("a failure says where in the text it is", () => {
  assert.deepEqual(parseLicence("MIT AND Foo"), { failed: true, at: 8, message: "“Foo” is not on the SPDX licence list" });
  const deep = parseLicence(`${"(".repeat(5000)}MIT${")".repeat(5000)}`);
  assert.ok("failed" in deep);
});

test("the atoms of an expression come once each, in order", () => {
  const tree = parseLicence("MIT OR (ISC AND MIT) OR LicenseRef-x");
  assert.ok(!("failed" in tree));
  assert.deepEqual(licenceAtoms(tree), ["MIT", "ISC", "LicenseRef-x"]);
});
