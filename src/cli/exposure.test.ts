import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCommandLine } from "./main.ts";

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function inScratch(work: (run: (...args: readonly string[]) => Promise<Outcome>, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-exposure-"));
  const run = async (...args: readonly string[]): Promise<Outcome> => {
    let [out, err] = ["", ""];
    const status = await runCommandLine(args, {
      cwd: folder,
      env: { TRIBUTARY_DATA: join(folder, "data") },
      out: (text) => {
        out += text;
        return Promise.resolve();
      },
      err: (text) => void (err += text),
      stdin: () => Promise.resolve(new Uint8Array()),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 100,
      signal: new AbortController().signal,
      platform: "linux",
    });
    return { status, out, err };
  };
  try {
    writeFileSync(join(folder, "g.csv"), "from,to,clause\napp,one,1\napp,two,1\napp,base,\ntop,app,\ntop,one,\n");
    await work(run, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a graph is loaded, kept, listed, asked and forgotten by its name", () =>
  inScratch(async (run) => {
    const loaded = await run("graph", "load", "g.csv", "--as", "mine");
    assert.deepEqual([loaded.status, loaded.out], [0, "mine: 5 packages, 4 dependencies (5 with alternatives)\n"]);
    assert.match((await run("graph", "list")).out, /^mine: edges, 5 packages/);
    const shown = await run("exposure", "mine", "--format", "json");
    const answer = JSON.parse(shown.out) as {
      readonly top: readonly { readonly name: string; readonly first: number; readonly hard: number }[];
    };
    assert.deepEqual(
      answer.top.map(({ name, first, hard }) => [name, first, hard]),
      [
        ["base", 2, 2],
        ["one", 2, 1],
        ["app", 1, 1],
      ],
    );
    assert.equal((await run("graph", "forget", "mine")).status, 0);
    assert.equal((await run("exposure", "mine")).status, 2);
  }));

test("what-if answers each kind of change, and one change at a time", () =>
  inScratch(async (run) => {
    const asked = async (...args: readonly string[]): Promise<string> => (await run("exposure", "what-if", "g.csv", ...args)).out;
    assert.match(await asked("--remove", "one"), /1 of 5 packages cannot stand; 2 of 5 packages carry it/);
    assert.match(await asked("--remove", "one,two"), /^Without one, two, 2 of 5 packages cannot stand/);
    assert.match(await asked("--alternative", "base=two"), /instead of 2/);
    assert.match(await asked("--replace", "base=one"), /base holds up nobody\s+any more/);
    assert.match(await asked("--pin", "base"), /reaches 0 of 5 packages/);
    assert.match(await asked("--merge", "one,two"), /^As one, one and two hold up 2/);
    assert.match(await asked("--drill", "base compromised", "--format", "markdown"), /^# Tabletop exercise/);
    for (const wrong of [[], ["--remove", "one", "--pin", "two"], ["--replace", "one"], ["--remove", "nothing"], ["--lose-account", "x"]]) {
      const { status, err } = await run("exposure", "what-if", "g.csv", ...wrong);
      assert.ok(status === 2 && err.startsWith("error[cli/usage]"), `${wrong.join(" ")}: ${err}`);
    }
  }));

test("cascades with certainty reach everybody, choices carry their bound, and numbers that are none are refused", () =>
  inScratch(async (run) => {
    const cascade = await run("exposure", "cascade", "g.csv", "--from", "base", "-q", "1", "--runs", "10", "--format", "json");
    assert.equal((JSON.parse(cascade.out) as { readonly hit: { readonly mean: number } }).hit.mean, 2);
    assert.match((await run("exposure", "cascade", "g.csv", "--from", "base")).out, /\(± /);
    const chosen = JSON.parse((await run("exposure", "choose", "g.csv", "-k", "1", "--format", "json")).out) as {
      readonly atLeastOfBest: number;
    };
    assert.equal(chosen.atLeastOfBest, 1);
    assert.match((await run("exposure", "choose", "g.csv", "--goal", "duplicate")).out, /of the expected damage away/);
    for (const wrong of [
      ["-q", "2"],
      ["-q", "x"],
      ["--runs", "0"],
      ["--runs", "1.5"],
    ]) {
      assert.equal((await run("exposure", "cascade", "g.csv", "--from", "base", ...wrong)).status, 2, wrong.join(" "));
    }
  }));

test("every format is written where it is asked for, and the same graph gives the same bytes", () =>
  inScratch(async (run, folder) => {
    const files = ["a.json", "a.csv", "a.html", "a.graphml", "a.svg"];
    const once = await run("exposure", "g.csv", ...files.flatMap((file) => ["--output", file]));
    assert.equal(once.status, 0, once.err);
    const first = files.map((file) => readFileSync(join(folder, file), "utf8"));
    await run("exposure", "g.csv", ...files.flatMap((file) => ["--output", file]));
    assert.deepEqual(
      files.map((file) => readFileSync(join(folder, file), "utf8")),
      first,
    );
    assert.equal((await run("exposure", "g.csv", "--output", "a.xyz")).status, 2);
  }));

const stanza = (name: string, version: string, ...fields: readonly string[]): string =>
  [`Package: ${name}`, `Version: ${version}`, "Architecture: amd64", ...fields, "", ""].join("\n");

test("a Debian index that is read with versions says exactly what cannot be installed, also after it was kept", () =>
  inScratch(async (run, folder) => {
    const packages = [
      stanza("libx", "252"),
      stanza("libx-other", "246", "Provides: libx (= 246)", "Conflicts: libx"),
      stanza("early", "1", "Depends: libx (>= 240)"),
      stanza("late", "1", "Depends: libx (>= 250)"),
      stanza("torn", "1", "Depends: libx (<< 252), libx (>= 252)"),
      stanza("pair", "1", "Depends: libx (>= 250) | tool, libx-other"),
      stanza("tool", "1"),
    ].join("");
    writeFileSync(join(folder, "Packages"), packages);
    assert.equal((await run("graph", "load", "Packages", "--versions", "--as", "exact")).status, 0);
    const ask = async (graph: string, name: string, ...more: readonly string[]): Promise<Outcome> =>
      run("exposure", "what-if", graph, "--remove", name, ...more);
    for (const [graph, flags] of [
      ["Packages", ["--versions"]],
      ["exact", []],
    ] as const) {
      const { out } = await ask(graph, "libx", "--format", "json", ...flags);
      const { uninstallable, breaks } = JSON.parse(out) as {
        readonly uninstallable: { readonly names: readonly string[] };
        readonly breaks: { readonly names: readonly string[] };
      };
      assert.deepEqual(uninstallable, {
        count: 1,
        share: 1 / 7,
        names: ["late"],
        byRequirements: 1,
        essential: null,
        before: 1,
        undecided: 0,
      });
      assert.deepEqual(breaks.names, ["late", "torn"], "hard reach takes what nothing satisfies for no requirement");
    }
    const text = (await ask("exact", "tool")).out;
    assert.match(text, /1 cannot be installed any more \(14\.3 %\)\n {2}pair\n {2}0 by what they ask for, 1 by what excludes what/);
    const picture = (await run("exposure", "exact")).out;
    assert.match(picture, /What could not be installed without them/);
    assert.match(picture, /tool +0 +1 +1 by conflicts/);
    assert.match(picture, /Of 7 packages, 1 cannot be installed as it is: torn\./);
    const page = (await run("exposure", "exact", "--format", "html")).out;
    assert.match(page, /What could not be installed without them[^]+<code data-package="tool">tool<\/code>[^]+<td>1 by conflicts<\/td>/);
    const byName = await ask("Packages", "libx", "--format", "json");
    assert.equal("uninstallable" in (JSON.parse(byName.out) as object), false, "by name alone nothing exact is said");

    assert.equal((await run("graph", "load", "Packages", "--as", "plain")).status, 0);
    for (const [graph, why] of [
      ["plain", /plain was kept without --versions/],
      ["g.csv", /--versions is for Debian's indexes/],
    ] as const) {
      const refused = await ask(graph, "libx", "--versions");
      assert.equal(refused.status, 2);
      assert.match(refused.err, why, "what was asked for is not left out without a word");
    }

    writeFileSync(join(folder, "Packages"), `${packages}${stanza("wrong", "1", "Depends: libx (=> 2)")}`);
    const { status, err } = await ask("Packages", "libx", "--versions");
    assert.equal(status, 2);
    assert.match(err, /wrong asks for \(=> 2\)/);
    assert.match(err, /Packages:3[0-9]/);
  }));
