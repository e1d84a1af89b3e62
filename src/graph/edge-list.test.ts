import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeReader, exposureOfEdges } from "./edge-list.ts";
import { hardReach } from "./hard.ts";
import { reach } from "./reach.ts";

function read(text: string, pieces = 1): ReturnType<ReturnType<typeof edgeReader>["end"]> {
  const reader = edgeReader("edges.csv");
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Buffer.from(bytes.subarray(at, at + size));
    reader.push(piece);
    // A reader that kept the piece itself would now read something else.
    piece.fill(120);
  }
  return reader.end();
}

const about = { name: "edges", kind: "edges", inputs: [] } as const;

test("commas, tabs, semicolons and blanks, a header, comments, quotes and a byte order mark: all the same edges, in however many pieces", () => {
  const variants = [
    "a,b\nb,c\n",
    "from,to\na,b\nb,c",
    "\ufeffSource;Target\r\na;b\r\nb;c\r\n",
    "# a comment\na\tb\n\nb\tc\n",
    "a b\nb c\n",
    '"a","b"\n"b",c\n',
    " a , b \n b , c \n",
  ];
  for (const text of variants) {
    for (const pieces of [1, 3, 50]) {
      const { names, from, to, problemCount } = read(text, pieces);
      assert.deepEqual([names, [...from], [...to], problemCount], [["a", "b", "c"], [0, 1], [1, 2], 0], JSON.stringify(text));
    }
  }
});

test("a third column makes alternatives: losing one breaks nothing, and the first is what is installed", () => {
  const graph = exposureOfEdges(read("from,to,clause\napp,a,x\napp,b,x\napp,c\nother,a,x\n"), about);
  const id = (name: string): number => graph.names.indexOf(name);
  const hard = hardReach(graph.clauses);
  assert.deepEqual([hard[id("a")], hard[id("b")], hard[id("c")]], [1, 0, 1]);
  const first = reach(graph.first).dependents;
  assert.deepEqual([first[id("a")], first[id("b")]], [2, 0]);
});

test("self-loops, repetitions and lines that are no edges are counted, never dropped in silence", () => {
  const { about: description } = exposureOfEdges(read("a,b\na,b\na,a\nonly\nb,\n"), about);
  assert.deepEqual(description.dropped, { selfLoops: 1, duplicates: 1, dangling: 2 });
  assert.deepEqual(description.edges, { first: 1, all: 1 });
});

test("a file that is no list of edges is a fault with its line", () => {
  assert.throws(() => read("<html>\n<body>\nhello\n"), { code: "inventory/syntax", place: { file: "edges.csv", line: 1 } });
  assert.throws(() => read(""), { code: "inventory/syntax" });
  assert.throws(() => read("x".repeat(1_000_000)), { code: "inventory/syntax" });
});

test("names like __proto__ and half a million of them are names", () => {
  const text = Array.from({ length: 500_000 }, (_, n) => `p${n},p${n >> 1}`).join("\n");
  const raw = read(`__proto__,constructor\n${text}\n`, 7);
  assert.equal(raw.names.length, 500_002);
  assert.equal(raw.names[raw.from[0]!], "__proto__");
  assert.equal(raw.names[raw.to[400_000]!], `p${399_999 >> 1}`);
});
