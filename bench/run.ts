/**
 * `npm run bench -- [name…]`
 *
 * Measures us beside the peer on the same work in one run and prints a table and the ratios peer/tributary. Nothing here is a
 * test: a machine that is slow today fails nobody.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BenchRow } from "./bench.ts";
import { benches } from "./benches.ts";

const repository = resolve(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shared: { type: "string" }, json: { type: "boolean", default: false } },
});
const shared = resolve(values.shared ?? join(repository, "..", "shared"));
const folder = (name: string): string => (existsSync(join(shared, name)) ? join(shared, name) : "");

const loaded = await Promise.all(benches.map((load) => load()));
const unknown = positionals.filter((name) => !loaded.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`error: no benchmark is called ${unknown.join(", ")}. There are: ${loaded.map((bench) => bench.name).join(", ")}`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), "tributary-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const show = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : value >= 100 ? value.toFixed(0) : value.toPrecision(3);

if (!values.json)
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`);
const all: Record<string, readonly BenchRow[]> = {};
for (const bench of loaded) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  const rows = await bench.run({ scratch, conformance: folder("conformance"), data: folder("data") });
  all[bench.name] = rows;
  if (values.json) continue;
  console.log(`\n${bench.name}: ${bench.title}`);
  for (const row of rows) {
    const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${show(value)}`);
    const goal = row.goal === undefined ? "" : `; goal ${row.goal}${row.met === undefined ? "" : row.met ? ": met" : ": NOT met"}`;
    console.log(`  ${row.work} | ${row.who} | ${figures.join(", ")}${goal}${row.note === undefined ? "" : ` (${row.note})`}`);
  }
  for (const line of ratios(rows)) console.log(`  ratio ${line}`);
}
if (values.json) console.log(JSON.stringify(all, null, 2));

/** For each piece of work that a peer did as well: the peer's figure divided by ours, figure by figure. */
function ratios(rows: readonly BenchRow[]): string[] {
  const lines: string[] = [];
  for (const ours of rows.filter((row) => row.who === "tributary")) {
    for (const peer of rows.filter((row) => row.who !== "tributary" && row.work === ours.work)) {
      const parts = Object.entries(ours.figures).flatMap(([name, value]) => {
        const theirs = peer.figures[name];
        return theirs === undefined || value === 0 ? [] : [`${name} ${show(theirs / value)}`];
      });
      if (parts.length > 0) lines.push(`${ours.work}: ${peer.who} / tributary = ${parts.join(", ")}`);
    }
  }
  return lines;
}
