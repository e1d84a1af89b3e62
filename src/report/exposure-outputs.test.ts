import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { familyExposures } from "../graph/families.ts";
import { type ExposureGraph } from "../graph/exposure-graph.ts";
import { exposureOf, measure } from "../graph/measure.ts";
import type { ExposureTrend } from "../model/exposure.ts";
import { exposureOfClauses, random, randomExposure } from "../graph/testing.ts";
import { scatterCells } from "./exposure-charts.ts";
import { formatExposureCsv, formatExposureGraphml, formatExposureJson, formatExposureSvg } from "./exposure-data.ts";
import { exposureFormats } from "./exposure-formats.ts";
import { formatExposureHtml } from "./exposure-html.ts";
import { packGraph, unpackGraph } from "./exposure-pack.ts";
import { exposureScript } from "./exposure-script.ts";
import { formatExposureTerminal } from "./exposure-terminal.ts";
import { screenOf } from "./tones.ts";

/** Pages are made with a small one: what is tested is the page around it. */
const script = `"use strict";`;
const screen = screenOf(false, 100, {}, "linux");

test("a packed graph is the same graph when it is unpacked, whatever it looks like", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const graph = randomExposure(next, 1 + next(60), next(200));
    const back = unpackGraph(packGraph(graph), graph.about);
    assert.deepEqual(back.names, graph.names);
    assert.deepEqual(back.first, graph.first);
    assert.deepEqual(back.all, graph.all);
    assert.deepEqual(measure(back), measure(graph), `seed ${seed}`);
  }
});

test("names of any script survive packing, and a graph that is cut short is refused", () => {
  const graph: ExposureGraph = { ...exposureOfClauses(3, [[0, [1, 2]]]), names: ["é/ü", "é/üx", "数"] };
  const bytes = packGraph(graph);
  assert.deepEqual(unpackGraph(bytes, graph.about).names, graph.names);
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => unpackGraph(bytes.subarray(0, length), graph.about), RangeError);
});

const hostile = `</script><script>alert(1)</script>"'<img src=x onerror=alert(1)>\u202e`;
const some = (names: readonly string[]): ExposureGraph => {
  const graph = exposureOfClauses(5, [
    [0, [1]],
    [1, [2]],
    [3, [2, 4]],
  ]);
  return { ...graph, names, about: { ...graph.about, name: names[0] ?? "", notModelled: [hostile] } };
};

test("the page takes every name literally, fetches nothing, and allows only its own style and script", () => {
  const graph = some([hostile, "b", "libssl3", "d", "libgnutls30"]);
  const measures = measure(graph);
  const exposure = exposureOf(graph, { families: familyExposures(graph) }, measures);
  const html = formatExposureHtml({ exposure, measures, graph, toolVersion: "1.0.0", script });
  assert.ok(!html.includes("<img"));
  assert.ok(!html.includes("\u202e"));
  assert.equal(html.split("</script>").length, 4, "the description, the graph and our script, and no other");
  assert.ok(!/\s(?:src|href)="(?!#)/.test(html));
  assert.ok(!/\sstyle="/.test(html));
  const hash = createHash("sha256").update(script).digest("base64");
  assert.ok(html.includes(`script-src 'sha256-${hash}'`));
  assert.ok(html.includes("default-src 'none'"));
});

test("the same graph gives the same page, and one that is too large or absent leaves a whole page", () => {
  const graph = some(["a", "b", "c", "d", "e"]);
  const measures = measure(graph);
  const exposure = exposureOf(graph, {}, measures);
  const page = { exposure, measures, graph, toolVersion: "1.0.0", script };
  assert.equal(formatExposureHtml(page), formatExposureHtml(page));
  const without = formatExposureHtml({ exposure, toolVersion: "1.0.0", script });
  assert.ok(!without.includes('id="graph-packed"'));
  assert.match(without, /tributary exposure what-if/);
});

test("a graph of nothing gives an answer in every format", async () => {
  const graph = exposureOfClauses(0, []);
  const measures = measure(graph);
  const exposure = exposureOf(graph, {}, measures);
  for (const format of exposureFormats) {
    const text = (await format.load())({ exposure, graph, measures, screen, toolVersion: "1.0.0" });
    assert.ok(text.length > 0 && !/\bNaN|undefined|\bInfinity/.test(text), format.id);
  }
});

test("the page's script compiles from the engine as it is, and can stand in a page", async () => {
  const script = await exposureScript();
  assert.ok(script.length > 5_000 && script.length < 100_000);
  assert.ok(!script.includes("</script") && !/\b(?:fetch|XMLHttpRequest|WebSocket|importScripts)\s*\(/.test(script));
});

test("a table for spreadsheets has a line for every package and starts no formula", () => {
  const graph = some(["=1+1", 'a"b', "c,d", "@scope/x", "e"]);
  const lines = formatExposureCsv(graph, measure(graph)).split("\r\n");
  assert.equal(lines.length, 7);
  assert.equal(lines[0], "package,first,all,hard,trusts,direct,share,substitutability");
  assert.equal(lines[1], "'=1+1,0,0,0,2,0,0,");
  assert.ok(lines[2]?.startsWith('"a""b",1,'));
  assert.ok(lines[3]?.startsWith('"c,d",3,3,2,'));
  assert.ok(lines[4]?.startsWith("'@scope/x,"));
});

test("GraphML holds every node and edge, tells what a fresh installation takes, and no character that XML forbids", () => {
  const graph = some(["a<b>&\u0000", "b", "c", "d", "e"]);
  const text = formatExposureGraphml(graph, measure(graph));
  assert.equal(text.split("<node ").length - 1, 5);
  assert.equal(text.split("<edge ").length - 1, 4);
  assert.equal(text.split('<data key="taken">true').length - 1, 3);
  assert.ok(text.includes("a&lt;b&gt;&amp;\ufffd"));
  assert.ok(!text.includes("\u0000"));
});

test("the picture by itself is a whole SVG with a title, and cells count every package that others stand on", () => {
  const graph = some(["a", "b", "c", "d", "e"]);
  const measures = measure(graph);
  const svg = formatExposureSvg(exposureOf(graph, {}, measures), measures);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><title id="about">/);
  assert.ok(svg.endsWith("</svg>\n"));
  const cells = scatterCells(measures.direct, measures.first);
  assert.equal(
    cells.reduce((sum, { nodes }) => sum + nodes, 0),
    measures.first.filter((value) => value > 0).length,
  );
});

test("at a terminal no line is wider than the screen and no name moves the cursor", () => {
  const graph = some([`evil\u001b[2J${"x".repeat(200)}`, "b", "libssl3", "d", "libgnutls30"]);
  const exposure = exposureOf(graph, { families: familyExposures(graph) });
  for (const columns of [60, 84, 100]) {
    const text = formatExposureTerminal(exposure, screenOf(false, columns, {}, "linux"), true);
    assert.ok(!text.includes("\u001b[2J"));
    for (const line of text.split("\n")) assert.ok(line.length <= columns, line);
  }
});

test("a trend stands in every output that has a place for it, and marks what was not there yet", () => {
  const graph = some(["a", "b", "c", "d", "e"]);
  const measures = measure(graph);
  const exposure = exposureOf(graph, {}, measures);
  const point = (name: string): ExposureTrend["points"][number] => ({
    graph: { ...graph.about, name },
    concentration: exposure.concentration,
    pImpact: exposure.pImpact,
    core: null,
  });
  const trend: ExposureTrend = {
    schemaVersion: "1.0",
    points: [point("2025"), point("2026")],
    changes: [{ name: hostile, points: [null, exposure.top[0]!], lostAlternative: true }],
  };
  const text = formatExposureTerminal(exposure, screen, false, trend);
  assert.match(text, /How it changed\n +2025 +2026/);
  assert.match(text, /lost its alternative +- +2/);
  for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  const html = formatExposureHtml({ exposure, measures, trend, toolVersion: "1.0.0", script });
  assert.match(html, /lost its alternative<\/span>/);
  assert.ok(!html.includes("<img"));
  assert.deepEqual((JSON.parse(formatExposureJson(exposure, trend)) as { trend: unknown }).trend, JSON.parse(JSON.stringify(trend)));
});

test("the data is the exposure itself", () => {
  const exposure = exposureOf(some(["a", "b", "c", "d", "e"]));
  assert.deepEqual(JSON.parse(formatExposureJson(exposure)), JSON.parse(JSON.stringify(exposure)));
});
