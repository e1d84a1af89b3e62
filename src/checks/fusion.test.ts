import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DependencyFact, News, PackageChange, SelfRun, Sighting } from "../model/index.ts";
import { historyOf, type ReleaseEvent } from "../model/index.ts";
import { continuityRates } from "./continuity/signals.ts";
import { stepOf } from "./behaviour/analysis/compare-step.ts";
import { contentRates, contentSignals, fuse } from "./fusion.ts";

const changeOf = (news: readonly News[], before = "1.0.0", after = "1.0.1"): PackageChange => ({
  before: { purl: "", version: before },
  after: { purl: "", version: after },
  files: [{ path: "index.js", movedFrom: "", kind: "changed", bytesBefore: 1, bytesAfter: 2 }],
  unchanged: 0,
  news,
  context: [],
  unread: [],
});

const spot = { line: 3, column: 1, text: "x", scope: "" };
const sighting = (capability: Sighting["capability"]): Sighting => ({
  capability,
  subject: "",
  through: "",
  when: "call",
  concealed: false,
  count: 1,
  spots: [spot],
});
const can = (capability: Sighting["capability"], level: News["level"] = "package"): News => ({
  kind: "capability",
  sighting: sighting(capability),
  file: "index.js",
  reachedBy: "",
  level,
});
const unused: DependencyFact = {
  name: "stranger",
  wanted: "^1.0.0",
  group: "runtime",
  from: "registry",
  used: "no",
  file: "package.json",
  line: 4,
};
const depends: News = { kind: "dependency", dependency: unused, before: null, file: "", reachedBy: "", level: "package" };
const hook: SelfRun = {
  trigger: "npm-script",
  when: "install",
  name: "postinstall",
  command: "node x.js",
  file: "package.json",
  line: 4,
  reaches: [],
  sightings: [],
};

const event = (version: string, month: number, more: Partial<ReleaseEvent> = {}): ReleaseEvent => ({
  version,
  at: new Date(Date.UTC(2025, month, 1)).toISOString(),
  publisher: { name: "a", email: "a@a.example" },
  trusted: true,
  attested: true,
  key: null,
  commit: true,
  tagged: null,
  repository: null,
  installs: null,
  ...more,
});
const past = Array.from({ length: 8 }, (_, month) => event(`1.0.${month}`, month));
const stolen = historyOf([...past, event("1.0.8", 8, { trusted: false, attested: false, commit: false })], "1.0.8");
const usual = historyOf([...past, event("1.0.8", 8)], "1.0.8");

test("no single sign blocks, whatever it is", () => {
  const hookNews: News = { kind: "self-run", selfRun: hook, before: null, file: "package.json", reachedBy: "", level: "package" };
  for (const news of [can("network"), can("process"), depends, hookNews]) assert.notEqual(fuse(changeOf([news]), usual).verdict, "block");
  assert.notEqual(fuse(null, stolen).verdict, "block");
});

test("the same new dependency is a note by itself and blocks when it comes past the workflow", () => {
  const quiet = { ...changeOf([depends]), files: [] };
  assert.notEqual(fuse(quiet, usual).verdict, "block");
  assert.equal(fuse(quiet, stolen).verdict, "block");
});

test("more of one family weighs no more than its rarest sign, and order means nothing", () => {
  const one = fuse(changeOf([can("network")]), usual);
  const many = fuse(changeOf([can("network"), can("process", "file"), can("environment", "file")]), usual);
  assert.equal(one.bits, many.bits);
  const news = [depends, can("network"), can("process", "file")];
  assert.deepEqual(fuse(changeOf(news.toReversed()), stolen), fuse(changeOf(news), stolen));
});

const bits = (after: string): number => fuse(changeOf([can("network"), depends], "1.0.0", after), null).bits;

const built = (trigger: SelfRun["trigger"], name: string, reached: readonly Sighting[]): News => ({
  kind: "self-run",
  selfRun: { ...hook, trigger, name, when: trigger === "workflow" ? "ci" : "build", sightings: reached },
  before: null,
  file: "package.json",
  reachedBy: "",
  level: "package",
});

test("another way to build weighs nothing, one whose command fetches does", () => {
  assert.equal(fuse(changeOf([built("npm-script", "prepare", [sighting("process")]), depends], "1.0.0", "2.0.0"), null).verdict, "note");
  assert.deepEqual(contentSignals(changeOf([built("workflow", "release", [])])), []);
  assert.deepEqual(
    contentSignals(changeOf([built("npm-script", "prepare", [sighting("network")])])).map(({ id }) => id),
    ["behaviour/new-project-hook"],
  );
});

test("a major release is measured against major releases", () => {
  assert.ok(bits("1.0.1") > bits("1.1.0") && bits("1.1.0") > bits("2.0.0"));
  assert.deepEqual(
    [stepOf("1.2.3", "1.2.4"), stepOf("v1.2.3", "v1.3"), stepOf("9", "10"), stepOf("main", "HEAD")],
    ["patch", "minor", "major", "patch"],
  );
  assert.deepEqual(
    [stepOf("0.3.0", "0.9.1"), stepOf("0.9.1", "0.9.2"), stepOf("0.0.1", "0.0.2")],
    ["major", "patch", "patch"],
    "before 1.0 anything may change with the second number",
  );
});

test("news that says nothing by itself brings no signal", () => {
  assert.deepEqual(contentSignals(changeOf([can("file-read"), can("wasm"), can("network", "subject"), can("network", "aside")])), []);
  assert.equal(fuse(changeOf([]), null).verdict, "nothing");
});

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

test("the documentation has every rate as it is used", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "review.md"), "utf8");
  for (const [id, share] of Object.entries(continuityRates))
    assert.match(page, new RegExp(`\\| \`${id}\` \\| \\w+ \\| ${percent(share)} \\|`), id);
  for (const [id, { patch, minor, major }] of Object.entries(contentRates))
    assert.ok(page.includes(`| \`${id}\` | ${[patch, minor, major].map(percent).join(" | ")} |`), id);
});

test("a package that becomes a native add-on asks for a look in a major release, and is blocked where it says that it mends something", () => {
  const library: News = {
    kind: "hiding",
    hiding: { kind: "executable-content", detail: "elf", count: 1, spots: [spot] },
    level: "package",
    file: "prebuilds/linux-x64/a.node",
    reachedBy: "",
  };
  const builds = { ...built("npm-script", "install", []), level: "package" as const };
  const hook: News = builds.kind === "self-run" ? { ...builds, selfRun: { ...builds.selfRun, when: "install" } } : builds;
  const loader: DependencyFact = { ...unused, name: "addon-loader", used: "yes" };
  const depends: News = { kind: "dependency", dependency: loader, before: null, level: "package", file: "package.json", reachedBy: "" };
  const news = [hook, library, can("native"), depends];
  assert.equal(fuse(changeOf(news, "1.0.0", "2.0.0"), null).verdict, "review");
  assert.equal(fuse(changeOf(news, "1.0.0", "1.0.1"), null).verdict, "block");
});
