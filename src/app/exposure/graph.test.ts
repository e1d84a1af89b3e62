import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatExposureGraphml } from "../../report/exposure-data.ts";
import { measure } from "../../graph/measure.ts";
import { expose, runCascade, whatIf } from "./exposure.ts";
import { forget, keep, listKept, openGraph, readGraph } from "./graph.ts";

const PACKAGES = `Package: app
Version: 1
Depends: libone | libtwo, base

Package: base
Version: 1
Source: base-src (1)
Essential: yes

Package: libone
Version: 1

Package: libtwo
Version: 1
Depends: base
`;
const SOURCES = `Package: app
Version: 1
Maintainer: App Team <app-team@lists.debian.org>
Uploaders: Ann Other <Ann@example.org>
Build-Depends: libtwo

Package: base-src
Version: 1
Maintainer: Ann Other <ann@example.org>
`;

async function inScratch(work: (folder: string, options: { cwd: string; env: Record<string, string> }) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-graph-"));
  try {
    await work(folder, { cwd: folder, env: { TRIBUTARY_DATA: join(folder, "data") } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const document = (name: string, dependencies: object): string =>
  JSON.stringify({
    name,
    "dist-tags": { latest: "2.0.0" },
    versions: { "1.0.0": { dependencies: { old: "1" } }, "2.0.0": { dependencies } },
    maintainers: [{ name: "x" }],
  });

test("a kept graph answers as the one that was loaded, holds no address, and can be forgotten", () =>
  inScratch(async (folder, options) => {
    writeFileSync(join(folder, "Packages"), PACKAGES);
    writeFileSync(join(folder, "Sources"), SOURCES);
    const loaded = await readGraph(["Packages"], { ...options, sources: "Sources" });
    keep(loaded, "mine", options.env);
    const kept = await openGraph("mine", options);
    const { n, owner, offsets, satisfiers } = loaded.clauses;
    assert.deepEqual({ ...kept, about: null }, { ...loaded, about: null, clauses: { n, owner, offsets, satisfiers } });
    assert.equal(kept.about.name, "mine");
    assert.deepEqual(expose([kept]).exposure.people, expose([loaded]).exposure.people);
    const [file = ""] = readdirSync(join(folder, "data", "graphs"));
    const bytes = readFileSync(join(folder, "data", "graphs", file)).toString("latin1");
    assert.ok(!bytes.includes("example.org") && bytes.includes("app-team"));
    assert.deepEqual(
      listKept(options.env).map(({ name, about }) => [name, about?.nodes]),
      [["mine", 4]],
    );
    assert.equal(whatIf(kept, { kind: "lose-account", account: "ANN@example.org" }).exposed.count + 2, 3);
    assert.equal(whatIf(kept, { kind: "lose-account", account: "app-team" }).hit.length, 1);
    assert.equal(whatIf(kept, { kind: "lose-platform", platform: "libtwo" }).built?.count, 1);
    assert.ok(forget("mine", options.env) && !forget("mine", options.env));
    await assert.rejects(openGraph("mine", options), { code: "input/not-found" });
  }));

test("a kept graph with a bit turned over anywhere is refused, never half believed", () =>
  inScratch(async (folder, options) => {
    writeFileSync(join(folder, "e.csv"), "a,b\nb,c\nc,d\n");
    keep(await readGraph(["e.csv"], options), "g", options.env);
    const path = join(folder, "data", "graphs", "g.graph");
    const whole = readFileSync(path);
    assert.equal((await openGraph("g", options)).names.length, 4);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      writeFileSync(path, damaged);
      try {
        const graph = await openGraph("g", options);
        // Only bytes that nobody reads, between the arrays, can change without being seen.
        assert.deepEqual([...graph.first.targets], [1, 2, 3], `at ${at}`);
      } catch (error) {
        assert.match(String((error as { code?: string }).code), /^store\/corrupt$/, `at ${at}: ${String(error)}`);
      }
    }
    writeFileSync(path, whole.subarray(0, whole.length - 9));
    await assert.rejects(openGraph("g", options), { code: "store/corrupt" });
    for (const name of ["../x", "", "a/b", ".hidden", "x".repeat(101)]) assert.throws(() => keep({} as never, name, options.env));
  }));

test("CSV, JSON and GraphML of one graph give one answer, alternatives included where the format has them", () =>
  inScratch(async (folder, options) => {
    writeFileSync(join(folder, "g.csv"), "from,to,clause\napp,one,1\napp,two,1\napp,base,\ntop,app,\n");
    writeFileSync(
      join(folder, "g.json"),
      JSON.stringify({ nodes: [], edges: [{ from: "app", to: ["one", "two"] }, ["app", "base"], { source: "top", target: "app" }] }),
    );
    const graphs = [await readGraph(["g.csv"], options), await readGraph(["g.json"], options)];
    for (const graph of graphs) {
      assert.deepEqual(whatIf(graph, { kind: "remove", packages: ["one"] }).breaks.count, 0);
      assert.deepEqual(whatIf(graph, { kind: "remove", packages: ["one", "two"] }).breaks.names, ["app", "top"]);
    }
    const [graph] = graphs;
    writeFileSync(join(folder, "g.graphml"), formatExposureGraphml(graph!, measure(graph!)));
    const again = await readGraph(["g.graphml"], options);
    assert.deepEqual([...again.names].toSorted(), [...graph!.names].toSorted());
    assert.equal(again.all.targets.length, graph!.all.targets.length);
  }));

test("a portfolio counts a release once, with every project that stands on it; a folder of documents takes the newest release", () =>
  inScratch(async (folder, options) => {
    for (const name of ["a", "b"]) {
      mkdirSync(join(folder, "all", name), { recursive: true });
      const packages = { "": { name, dependencies: { ms: "1" } }, "node_modules/ms": { version: "1.0.0" } };
      writeFileSync(join(folder, "all", name, "package-lock.json"), JSON.stringify({ name, lockfileVersion: 3, packages }));
    }
    const portfolio = await readGraph(["all"], { ...options, kind: "portfolio" });
    const lost = whatIf(portfolio, { kind: "remove", packages: ["ms"] });
    assert.deepEqual([lost.hit, lost.breaks.roots], [["ms@1.0.0"], ["a", "b"]]);
    mkdirSync(join(folder, "docs"));
    writeFileSync(join(folder, "docs", "p.json"), document("p", { q: "1", nowhere: "1" }));
    writeFileSync(join(folder, "docs", "q.json"), document("q", {}));
    writeFileSync(join(folder, "docs", "other.json"), "[]");
    const documents = await readGraph(["docs"], { ...options, kind: "packages" });
    assert.deepEqual([documents.names, documents.about.dropped.dangling, documents.accounts?.count], [["p", "q"], 1, 1]);
    assert.equal(runCascade(documents, { packages: ["q"], transmission: 1, correlation: 0, runs: 3, seed: 1 }).hit.mean, 1);
  }));

test("a truncated index, a graph without edges and a name that is nowhere are faults with a place", () =>
  inScratch(async (folder, options) => {
    writeFileSync(join(folder, "Packages"), PACKAGES.slice(0, -4));
    await assert.rejects(readGraph(["Packages"], options), { code: "inventory/syntax" });
    writeFileSync(join(folder, "e.csv"), "\n\n");
    await assert.rejects(readGraph(["e.csv"], options), { code: "inventory/syntax" });
    writeFileSync(join(folder, "g.json"), '{"edges": [["a"]]}');
    await assert.rejects(readGraph(["g.json"], options), { code: "inventory/syntax" });
    await assert.rejects(readGraph(["nowhere"], options), { code: "input/not-found" });
  }));

test("of several indexes the one that is wrong is named, with the line of that one", () =>
  inScratch(async (folder, options) => {
    const stanza = "Package: one\nVersion: 1\nArchitecture: all\n\n";
    writeFileSync(join(folder, "a_Packages"), stanza);
    writeFileSync(
      join(folder, "b_Packages"),
      `${stanza.replace("one", "two")}Package: three\nVersion: 1\nArchitecture: all\nDepends: one (=> 1)\n`,
    );
    const both = readGraph(["a_Packages", "b_Packages"], { ...options, kind: "debian", versions: true });
    await assert.rejects(both, { code: "inventory/syntax", place: { file: "b_Packages", line: 5 } });
    writeFileSync(join(folder, "a_Packages"), stanza.trimEnd());
    const cut = readGraph(["a_Packages", "b_Packages"], { ...options, kind: "debian" });
    await assert.rejects(cut, { code: "inventory/syntax", place: { file: "a_Packages" } });
  }));

test("two graphs give a trend, and a package that lost its alternative is named", () =>
  inScratch(async (folder, options) => {
    writeFileSync(join(folder, "old.csv"), "from,to,clause\na,x,1\na,y,1\nb,a,\n");
    writeFileSync(join(folder, "new.csv"), "from,to,clause\na,x,\nb,a,\ny,z,1\ny,b,1\n");
    const graphs = [await readGraph(["old.csv"], options), await readGraph(["new.csv"], options)];
    const { trend } = expose(graphs);
    assert.equal(trend?.points.length, 2);
    assert.deepEqual(
      trend?.changes.filter(({ lostAlternative }) => lostAlternative).map(({ name }) => name),
      ["x"],
    );
  }));
