import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../files-gather.ts";
import { javascriptReading } from "./reading.ts";

const read = (source: string): readonly string[] =>
  javascriptReading(source, new Lines(source)).flows.map(({ from, to }) => `${from} -> ${to}`);
const fetching = `const { createHash } = require("crypto"); const { writeFileSync } = require("fs"); const bytes = Buffer.from(await (await fetch("https://a.example")).arrayBuffer());`;
const digest = `createHash("sha256").update(bytes).digest("hex")`;

test("what is fetched and held against a digest that the source names, before it is written, is told as that", () => {
  for (const source of [
    `if (${digest} !== "ab12") throw new Error("no"); writeFileSync("a", bytes)`,
    `const got = ${digest}; if (digests[process.platform] !== got) { throw new Error("no") } writeFileSync("a", bytes); const digests = { linux: "ab12" }`,
  ])
    assert.deepEqual(read(`${fetching} ${source}`), ["pinned -> file-write"], source);
});

test("a digest that is fetched as well, that somebody else names or that nobody acts upon pins nothing", () => {
  for (const source of [
    `writeFileSync("a", bytes)`,
    `if (${digest} !== await (await fetch("https://a.example/sum")).text()) throw new Error("no"); writeFileSync("a", bytes)`,
    `if (${digest} !== process.env.SUM) throw new Error("no"); writeFileSync("a", bytes)`,
    `if (${digest} !== "ab12") console.log("no"); writeFileSync("a", bytes)`,
  ])
    assert.deepEqual(read(`${fetching} ${source}`), ["network -> file-write"], source);
});
