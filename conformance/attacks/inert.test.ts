import assert from "node:assert/strict";
import { test } from "node:test";
import { secondWriterFamilies } from "./families-second-writer.ts";
import { heldOutFamilies } from "./families-held-out.ts";
import { seenFamilies } from "./families.ts";
import { honestChanges, makeHonest } from "./honest-changes.ts";
import { stepped } from "./honest-place.ts";
import { type Host, randomFrom } from "./host.ts";
import { addressesOf, checkChange, faultsOf, sealed } from "./inert.ts";

/** Packages of ours in the forms that packages have. */
const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a-script": {
    "package.json": `{ "name": "a-script", "version": "1.2.3", "main": "./lib", "scripts": { "test": "true" } }`,
    "lib/index.js": `"use strict";\nconst two = require("./two");\nmodule.exports = function add(left, right) {\n  return two(left + right);\n};\n`,
    "lib/two.js": `module.exports = (value) => {\n  const twice = value * 2;\n  return twice;\n};\n`,
    "README.md": "# a-script\n",
  },
  "a-module": {
    "package.json": `{ "name": "a-module", "version": "0.9.0", "type": "module", "exports": "./index.js", "dependencies": { "ms": "^2.0.0" } }`,
    "index.js": `import ms from "ms";\n\nexport default function later(text) {\n  const time = ms(text);\n  return Date.now() + time;\n}\n`,
  },
  "@scope/both": {
    "package.json": `{ "name": "@scope/both", "version": "3.0.0", "main": "dist/index.cjs", "bin": "bin.js", "exports": { ".": { "import": "./dist/index.mjs", "require": "./dist/index.cjs" } }, "scripts": { "install": "true" } }`,
    "dist/index.cjs": `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.one = one;\nfunction one(value) { return value; }\n`,
    "dist/index.mjs": `const one = (value) => { return value; };\nexport { one };\n`,
    "bin.js": `#!/usr/bin/env node\nconsole.log(1);\n`,
  },
  "data-only": { "package.json": `{ "name": "data-only", "version": "2.0.0" }`, "data.json": `[1, 2]\n` },
};
const seeds = ["1", "2", "3", "4"];

const hostFrom = (name: string, seed: string): Host => ({
  name,
  files: new Map(Object.entries(forms[name] ?? {})),
  random: randomFrom(seed),
});

for (const family of secondWriterFamilies)
  test(`every variant of ${family.name} is inert, well-formed and the same again`, () => {
    for (const name of Object.keys(forms))
      for (const seed of seeds)
        assert.deepEqual(
          checkChange(() => hostFrom(name, `${seed} ${family.name}`), family.change, true),
          [],
          `${name}, seed ${seed}`,
        );
  });

for (const honest of honestChanges)
  test(`every honest change ${honest.name} names nobody's address, is well-formed and the same again`, () => {
    for (const name of Object.keys(forms))
      for (const seed of seeds)
        assert.deepEqual(
          checkChange(
            () => hostFrom(name, `${seed} ${honest.name}`),
            (host) => makeHonest(host, honest),
            false,
          ),
          [],
          `${name}, seed ${seed}`,
        );
  });

test("every family and every honest change has three shapes or more on one package", () => {
  for (const { name, change } of [...secondWriterFamilies, ...honestChanges]) {
    const counts = Object.keys(forms).map((form) => {
      const shapes = new Set<string>();
      for (let seed = 1; seed <= 12; seed += 1) {
        const host = hostFrom(form, `${seed} ${name} ${form}`);
        change(host);
        // Numbers, names and what is encoded vary with every seed: a shape is what is left.
        shapes.add(
          [...host.files]
            .map(([path, content]) => `${path} ${Buffer.from(content).toString("utf8")}`)
            .join("\n")
            .replaceAll(/[\w$-]*\d[\w$-]*|[A-Za-z0-9+/=]{60,}/g, "1"),
        );
      }
      return shapes.size;
    });
    assert.ok(Math.max(...counts) >= 3, `${name} has ${counts.join(", ")}`);
  }
});

test("no two families have the same name, and what is written a second time is a seen family", () => {
  const names = [...seenFamilies, ...heldOutFamilies, ...secondWriterFamilies].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(honestChanges.map(({ name }) => name)).size, honestChanges.length);
  for (const { name } of secondWriterFamilies)
    if (name.endsWith("/second"))
      assert.ok(
        seenFamilies.some((seen) => `${seen.name}/second` === name),
        name,
      );
});

test("an address that somebody may have is found in a changed file, and none that is nobody's", () => {
  const host = hostFrom("a-script", "1");
  const before = new Map(host.files);
  host.files.set("lib/two.js", `fetch("https://somebody.com/x"); // TRIBUTARY-INERT`);
  assert.deepEqual(faultsOf(before, host, true), ["lib/two.js: names somebody.com"]);
  host.files.set("lib/two.js", `fetch("https://a.invalid/x"); fetch("http://127.0.0.1:9"); "b.example";`);
  assert.deepEqual(faultsOf(before, host, true), ["no canary"]);
  assert.deepEqual([...addressesOf(`net.connect(9, "203.0.113.7"); ws("wss://u@c.example:9/")`)], ["203.0.113.7", "c.example"]);
});

test("a text is not encoded when it names an address that somebody may have, or has no canary", () => {
  assert.throws(() => sealed(`TRIBUTARY-INERT fetch("https://somebody.com")`), /somebody\.com/);
  assert.throws(() => sealed(`fetch("https://a.invalid")`), /canary/);
});

test("a step makes the next version of its kind", () => {
  assert.deepEqual([stepped("1.2.3", "patch"), stepped("1.2.3", "minor"), stepped("1.2.3", "major")], ["1.2.4", "1.3.0", "2.0.0"]);
});
