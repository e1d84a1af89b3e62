import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, documentOf, onlyFinding, sri, tarballUrl } from "../testing.ts";
import { confusableName } from "./confusable-name.ts";
import { hiddenAlias } from "./hidden-alias.ts";
import { nameMismatch } from "./name-mismatch.ts";
import { honestNeighbours } from "./neighbours.ts";
import { outsideRegistry } from "./outside-registry.ts";
import { likenessIndex, oneStep } from "./similarity.ts";
import { wellKnown } from "./well-known.ts";

/** What takes more than linear time does not come back within this at the sizes below; a slow machine does. */
const HANG = 120_000;

const names = likenessIndex(wellKnown);
const like = (name: string): string => names.find(name)?.to ?? "";

test("names that imitations really had are told from what they imitate", () => {
  const imitations = {
    crossenv: "cross-env",
    "cofee-script": "coffee-script",
    lodahs: "lodash",
    mongose: "mongoose",
    "fs-extar": "fs-extra",
    axois: "axios",
    "discordi.js": "discord.js",
    nodesass: "node-sass",
    "babel-loqder": "babel-loader",
    "dom-react": "react-dom",
    c0mmander: "commander",
    "@bable/core": "@babel/core",
    "@hestjs/core": "@nestjs/core",
  };
  for (const [imitation, original] of Object.entries(imitations)) assert.equal(like(imitation), original, imitation);
});

test("names that are far, short, numbered or below somebody's own scope are like no other", () => {
  const honest =
    "rxjs7 mysql3 through3 eventemitter2 ms qs nx yarn strip-ansi-cjs lodash.mergewith @acme/lodash @babel/traverse koa-router __proto__";
  for (const name of honest.split(" ")) assert.equal(like(name), "", name);
});

test("no well-known name is like itself, and every honest neighbour stands near one", () => {
  for (const name of wellKnown) assert.equal(like(name), "", name);
  for (const name of honestNeighbours) assert.notEqual(like(name), "", `${name} needs no exception`);
});

test("one step is found in both directions, and two steps are none", () => {
  assert.match(oneStep("react", "raect") ?? "", /turned round/);
  for (const [a, b] of [
    ["axios", "axio"],
    ["axios", "axjos"],
    ["axios", "axxios"],
  ] as const) {
    assert.notEqual(oneStep(a, b), null);
    assert.notEqual(oneStep(b, a), null);
  }
  for (const other of ["axios", "ax", "xaiso", "axios2", "axi0os9"]) assert.equal(oneStep("axios", other), null, other);
});

test("a long hostile name costs no more than its length", { timeout: HANG }, () => {
  for (let times = 0; times < 20; times++) like(`${"lodash-".repeat(30)}x`);
});

const lodahs = { dependencies: { lodahs: "^1.0.0" }, packages: { "node_modules/lodahs": {} } };

const document = (created: string, releases: number) => ({
  documents: [
    documentOf("lodahs", Object.fromEntries(Array.from({ length: releases }, (_, n) => [`1.0.${n}`, {}])), { time: { created } }),
  ],
});

const parked = (used: string) => ({
  documents: [documentOf("lodahs", { "1.0.0": {} }, { time: { created: "2019-01-01T00:00:00Z", "1.0.0": used } })],
});

test("a young look-alike weighs high, one of unknown age is a hint, and a settled one is a neighbour", () => {
  const young = onlyFinding(ask(confusableName, lodahs, document("2026-11-20T00:00:00Z", 1)));
  assert.equal(young.severity, "high");
  assert.match(
    young.message,
    /could be taken for lodash: it is that name with "sh" turned round\. It was first published 3 days ago and has 1 release\./,
  );
  assert.equal(onlyFinding(ask(confusableName, lodahs)).severity, "low");
  assert.deepEqual(ask(confusableName, lodahs, document("2019-01-01T00:00:00Z", 9)).findings, []);
  assert.deepEqual(ask(confusableName, lodahs, parked("2020-01-01T00:00:00Z")).findings, []);
  assert.equal(ask(confusableName, lodahs, parked("2026-11-20T00:00:00Z")).findings.length, 1);
  assert.deepEqual(ask(confusableName, lodahs, {}, { allow: ["lodahs"] }).findings, []);
});

const entry = (name: string, resolved: string, version = "1.0.0") =>
  ask(nameMismatch, { packages: { [`node_modules/${name}`]: { resolved, version } } });

test("an entry that points at another package's archive is told, whatever the registry's path looks like", () => {
  assert.match(
    onlyFinding(entry("a", tarballUrl("evil", "1.0.0"))).message,
    /entry for a@1\.0\.0 in package-lock\.json points at evil \(evil-1\.0\.0\.tgz\)/,
  );
  assert.equal(entry("a", tarballUrl("a", "6.6.6")).findings.length, 1);
  assert.equal(entry("@x/a", tarballUrl("@y/a", "1.0.0")).findings.length, 1);
  assert.equal(entry("a", tarballUrl("@y/a", "1.0.0")).findings.length, 1);
  for (const [name, resolved] of [
    ["a", tarballUrl("a", "1.0.0")],
    ["@x/a", tarballUrl("@x/a", "1.0.0")],
    ["@x/a", "https://registry.example/@x%2fa/-/a-1.0.0.tgz"],
    ["@x/a", "https://forge.example/api/v4/projects/1/packages/npm/@x/a/-/@x/a-1.0.0.tgz"],
    ["a", "https://host.example/artifactory/api/npm/all/a/-/a-1.0.0.tgz?x=1#y"],
    ["a", "https://host.example/download/a/1.0.0/0a1b2c"],
  ] as const) {
    assert.deepEqual(entry(name, resolved).findings, [], resolved);
  }
});

const alias = (place: string, name: string, asked: object) =>
  ask(hiddenAlias, { ...asked, packages: { [`node_modules/${place}`]: { name }, "node_modules/p": { dependencies: { [place]: "*" } } } });

test("an alias hides something when it is the name of another package", () => {
  const hidden = onlyFinding(alias("lodash", "evil", { dependencies: { p: "*" } }));
  assert.equal(hidden.severity, "moderate");
  assert.match(hidden.message, /p@1\.0\.0 installs evil@1\.0\.0 under the name lodash, which is a well-known package/);
  assert.deepEqual(alias("lodash-4", "lodash", {}).findings, []);
  assert.deepEqual(alias("string-width-cjs", "string-width", {}).findings, []);
  assert.deepEqual(alias("anything", "else", {}).findings, []);
});

test("an alias that the project itself wrote is a note, and one within one household is none", () => {
  const own = { dependencies: { lodash: "npm:fork@*" }, packages: { "node_modules/lodash": { name: "fork" } } };
  assert.equal(onlyFinding(ask(hiddenAlias, own)).severity, "info");
  const house = {
    packages: { "node_modules/react": { name: "@house/react" }, "node_modules/@house/core": { dependencies: { react: "*" } } },
  };
  assert.deepEqual(ask(hiddenAlias, house).findings, []);
});

test("what a dependency takes from outside a registry is told; what the project itself takes is its own decision", () => {
  const url = { kind: "url" as const, url: "https://elsewhere.example/x.tgz" };
  const git = { kind: "git" as const, url: "https://forge.example/x.git", commit: "0123456789abcdef0123456789abcdef01234567" };
  const project = (origin: typeof url | typeof git, root: object) => ({
    dependencies: { p: "*", ...root },
    packages: { "node_modules/p": { dependencies: { x: "…" } }, "node_modules/x": { origin, integrity: [sri("x")] } },
  });
  assert.deepEqual(
    [url, git].map((origin) => onlyFinding(ask(outsideRegistry, project(origin, {}))).severity),
    ["moderate", "low"],
  );
  assert.match(
    onlyFinding(ask(outsideRegistry, project(git, {}))).message,
    /p@1\.0\.0 takes x@1\.0\.0 from git \(https:\/\/forge\.example\/x\.git at 0123456789ab\)/,
  );
  assert.deepEqual(ask(outsideRegistry, project(url, { x: "…" })).findings, []);
});
