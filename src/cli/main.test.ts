import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../model/fault.ts";
import type { Command, CommandContext } from "./command.ts";
import { type Host, PipeClosed, runCommandLine } from "./main.ts";
import { closest } from "./parse.ts";

const sample: Command = {
  name: "sample",
  summary: "a sample",
  positionals: "[PATH]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    offline: { type: "boolean", summary: "no network" },
    format: { type: "string", value: "FORMAT", choices: ["text", "json"], summary: "how it is shown" },
    output: { type: "string", short: "o", multiple: true, value: "FMT=FILE", summary: "where it goes" },
    since: { type: "string", value: "REV", summary: "only what changed" },
  },
  description: "Does a thing.\n\nAnd another.",
  examples: [{ command: "tributary sample here", what: "the usual" }],
  run: async () => 0,
};

interface Seen {
  status: number;
  out: string;
  err: string;
  context: CommandContext | undefined;
}

async function run(args: readonly string[], command: Partial<Command> = {}, host: Partial<Host> = {}): Promise<Seen> {
  const seen: Seen = { status: -1, out: "", err: "", context: undefined };
  const load = async (name: string): Promise<Command> => ({
    ...sample,
    name,
    run: async (context) => {
      seen.context = context;
      return 0;
    },
    ...command,
  });
  seen.status = await runCommandLine(
    args,
    {
      cwd: "/project",
      env: {},
      out: async (text) => void (seen.out += text),
      err: (text) => void (seen.err += text),
      stdin: async () => new Uint8Array(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      signal: new AbortController().signal,
      platform: "linux",
      ...host,
    },
    ["sample", "sbom", "sbom convert"].map((name) => ({ name, load: () => load(name) })),
  );
  return seen;
}

test("a command gets its options by their declared names and types", async () => {
  const { context, status } = await run(["sample", "here", "--offline", "-o", "json=a.json", "--output=html=b.html", "--format", "json"]);
  assert.equal(status, 0);
  assert.deepEqual(context?.positionals, ["here"]);
  assert.deepEqual({ ...context?.options }, { offline: true, output: ["json=a.json", "html=b.html"], format: "json" });
});

test("two words name a command before one does", async () => {
  let ran = "";
  for (const [args, expected] of [
    [["sbom", "convert", "a"], "sbom convert"],
    [["sbom", "a"], "sbom"],
  ] as const) {
    await runCommandLine(
      args,
      { ...(await hostOf()) },
      ["sbom", "sbom convert"].map((name) => ({
        name,
        load: async () => ({ ...sample, name, run: async () => ((ran = name), 0) }),
      })),
    );
    assert.equal(ran, expected);
  }
});

const hostOf = async (): Promise<Host> => {
  let host: Host | undefined;
  await run(["sample"], { run: async (context) => ((host = { ...context, platform: "linux" }), 0) });
  assert.ok(host);
  return host;
};

test("a slip is answered with what was probably meant, and status 2", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["smaple"], /no command "smaple"[^]*did you mean sample\?/],
    [["sample", "--ofline"], /no option --ofline[^]*did you mean --offline\?/],
    [["sample", "--format", "jsn"], /takes text or json, not "jsn"[^]*did you mean json\?/],
    [["sample", "--format"], /needs a value: --format FORMAT/],
    [["sample", "--since", "--offline"], /--since needs a value/],
    [["sample", "--offline=yes"], /takes no value/],
    [["sample", "--since", "a", "--since", "b"], /given twice/],
    [["sample", "a", "b"], /no more than \[PATH\]; "b" is too many/],
    [["sbom", "convert", "--__proto__", "x"], /no option --__proto__/],
    [["--offline", "sample"], /no option --offline before a command/],
  ];
  for (const [args, expected] of cases) {
    const { status, err, out } = await run(args);
    assert.equal(status, 2, args.join(" "));
    assert.match(err, /^error\[cli\/usage\]: /);
    assert.match(err, expected);
    assert.equal(out, "");
  }
});

test("nothing asked for is no pass", async () => {
  const { status, err, out } = await run([]);
  assert.deepEqual([status, out], [2, ""]);
  assert.match(err, /Commands\n {2}sample/);
});

test("help is on standard output, by --help, -h and help", async () => {
  const asked = await Promise.all([run(["sample", "--help"]), run(["sample", "-h", "too", "many", "words"]), run(["help", "sample"])]);
  for (const { status, out, err } of asked) {
    assert.deepEqual([status, err], [0, ""]);
    assert.match(out, /\$ tributary sample here/);
    assert.match(out, /-o, --output FMT=FILE +where it goes \(may be repeated\)/);
    assert.equal(out, asked[0]?.out);
  }
  assert.match((await run(["help", "sbom", "convert"])).out, /^tributary sbom convert/);
});

test("a narrow window wraps help and loses no word", async () => {
  const wide = (await run(["sample", "--help"], {}, { columns: 100 })).out;
  const narrow = (await run(["sample", "--help"], {}, { columns: 40 })).out;
  assert.ok(narrow.split("\n").every((line) => line.length <= 40));
  assert.deepEqual(narrow.match(/[\w-]+/g), wide.match(/[\w-]+/g));
});

test("a fault is printed with code, place and hint, and as JSON where JSON was asked for", async () => {
  const fault = new Fault("inventory/syntax", "a comma is missing \u001b[31m", {
    place: { file: "a.json", line: 3, column: 7 },
    hint: "add it",
  });
  const { status, err, out } = await run(["sample", "--format", "json"], { run: () => Promise.reject(fault) });
  assert.equal(status, 2);
  assert.equal(err, "error[inventory/syntax]: a comma is missing \\u{1b}[31m\n  at a.json:3:7\nhint: add it\n");
  assert.deepEqual(JSON.parse(out).error.place, { file: "a.json", line: 3, column: 7 });
});

test("what is no fault is owned up to as a bug, but a full disk is not", async () => {
  assert.match(
    (await run(["sample"], { run: () => Promise.reject(new TypeError("x is undefined")) })).err,
    /^error\[internal\/bug\]: x is undefined/,
  );
  const full = Object.assign(new Error("write"), { code: "ENOSPC" });
  assert.match((await run(["sample"], { run: () => Promise.reject(full) })).err, /^error\[store\/full\]: the disk is full/);
});

test("a stop is said in one calm line with status 130, also where the command ends as if it had finished", async () => {
  const stop = new AbortController();
  const stopping = { run: async () => (stop.abort(), 0) };
  const { status, err } = await run(["sample"], stopping, { signal: stop.signal });
  assert.deepEqual([status, err], [130, "stopped; what was fetched is kept\n"]);
});

test("a reader that goes away ends the run without a word and without a pass", async () => {
  const { status, err } = await run(
    ["sample"],
    { run: ({ out }) => out("x").then(() => 0) },
    { out: () => Promise.reject(new PipeClosed()) },
  );
  assert.deepEqual([status, err], [141, ""]);
});

test("the nearest word is found, and a far one is not guessed", () => {
  assert.equal(closest("chekc", ["check", "why"]), "check");
  assert.equal(closest("off", ["offline", "output"]), "offline");
  assert.equal(closest("zzz", ["check", "why"]), undefined);
  assert.equal(closest("a".repeat(100_000), ["check"]), undefined);
});
