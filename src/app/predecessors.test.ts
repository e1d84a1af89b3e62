import assert from "node:assert/strict";
import { test } from "node:test";
import type { Component, Evidence, RegistryReleaseClaim, Unavailable } from "../model/index.ts";
import { choosePairs, type Compare, replacements } from "./predecessors.ts";

const component = (name: string, version = "1.0.1", more: Partial<Component> = {}): Component => ({
  purl: `pkg:npm/${name}@${version}`,
  ecosystem: "npm",
  name,
  version,
  origin: { kind: "registry" },
  ...more,
});

const MEBIBYTE = 1024 * 1024;
const seenAt = "2026-06-01T00:00:00Z";

const release = (published: string | undefined, before: string | null): Evidence<RegistryReleaseClaim> =>
  ({
    subject: { purl: "" },
    source: "registry.example",
    observedAt: seenAt,
    strength: "asserted",
    claim: { ...(published === undefined ? {} : { published }), history: { before: before === null ? null : { version: before } } },
  }) as unknown as Evidence<RegistryReleaseClaim>;

interface Given {
  readonly since?: Readonly<Record<string, string>>;
  readonly seen?: Readonly<Record<string, string>>;
  readonly compare?: Compare;
  readonly kept?: boolean;
  readonly size?: (name: string) => number;
}

const named = (of: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries(of).map(([name, version]) => [component(name).purl, version]));

function chosen(releases: Readonly<Record<string, Evidence<RegistryReleaseClaim> | Unavailable>>, given: Given = {}): readonly string[] {
  const { pairs, others } = choosePairs({
    components: Object.keys(releases).map((name) => component(name)),
    release: (purl) => releases[/npm\/(.*)@/.exec(purl)?.[1] ?? ""] ?? release(undefined, null),
    size: (purl) => given.size?.(/npm\/(.*)@/.exec(purl)?.[1] ?? "") ?? 1000,
    since: named(given.since),
    seen: named(given.seen),
    compare: given.compare ?? { kind: "recent", days: 90 },
    kept: () => given.kept ?? false,
  });
  return [
    ...pairs.map(({ component: { name }, before, by }) => `${name} ${before} ${by}`),
    ...[...others].map(([purl, { code }]) => `${purl.slice(8, -6)} ${code}`),
  ];
}

const young = release("2026-05-01T00:00:00Z", "1.0.0");
const old = release("2025-05-01T00:00:00Z", "1.0.0");

test("by itself only what is young is compared, and the rest is said to be left out", () => {
  assert.deepEqual(chosen({ a: young, b: old, c: release(undefined, "1.0.0") }), ["a 1.0.0 registry", "b not-compared", "c not-compared"]);
  assert.deepEqual(chosen({ a: young, b: old }, { compare: { kind: "all" } }), ["a 1.0.0 registry", "b 1.0.0 registry"]);
  assert.deepEqual(chosen({ a: young, b: old }, { compare: { kind: "none" }, seen: { a: "0.9.0" } }), ["a not-compared", "b not-compared"]);
});

test("what the project exchanged is compared however old it is, against what it had", () => {
  assert.deepEqual(chosen({ a: old, b: old }, { since: { a: "0.8.0" }, seen: { a: "0.9.0", b: "0.9.0" } }), [
    "a 0.8.0 revision",
    "b 0.9.0 check",
  ]);
});

test("what was compared once does not vanish because it has grown older", () => {
  assert.deepEqual(chosen({ a: old }, { kept: true }), ["a 1.0.0 registry"]);
});

test("a first release and one that the registry does not know are told apart", () => {
  const gone: Unavailable = { unavailable: true, code: "source/offline", because: "offline" };
  assert.deepEqual(chosen({ a: release("2026-05-01T00:00:00Z", null), b: gone }), ["a not-compared", "b source/offline"]);
});

test("large programs wait until the others had their turn, and what goes beyond the bytes is left out", () => {
  const releases = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`a${at + 10}`, young]));
  const pairs = chosen({ ...releases, z: young }, { size: (name) => (name === "z" ? 1000 : 5 * MEBIBYTE) });
  assert.ok(pairs.includes("z 1.0.0 registry"));
  assert.equal(pairs.filter((pair) => pair.endsWith("registry")).length, 1 + Math.floor(64 / 5));
  assert.equal(pairs.filter((pair) => pair.endsWith("not-compared")).length, 30 - Math.floor(64 / 5));
});

const pairs = (now: readonly string[], before: readonly string[]): readonly string[] =>
  [
    ...replacements(
      now.map((version) => component("a", version)),
      new Map([["a", before]]),
      ({ name }) => name,
      order,
    ),
  ].map(([purl, version]) => `${version} -> ${purl.slice(10)}`);

const order = () => (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

test("releases that came for others are paired from the highest down, and going back is no news", () => {
  assert.deepEqual(pairs(["2.0.2", "1.4.0"], ["2.0.1", "1.4.0"]), ["2.0.1 -> 2.0.2"]);
  assert.deepEqual(pairs(["1.9.0"], ["2.0.0"]), []);
  assert.deepEqual(pairs(["1.9.0"], []), []);
});
