/** A child of the benchmark: gathers the evidence for a project once and says what it cost as one line of JSON. */
import { readFileSync } from "node:fs";
import { openSources } from "../../src/app/npm-evidence.ts";
import { isUnavailable } from "../../src/model/index.ts";
import { type FakeEntry, fakeProject } from "../../test/registry/project.ts";

const [folder = "", mode = ""] = process.argv.slice(2);
const entries = JSON.parse(readFileSync(`${folder}/lock.json`, "utf8")) as readonly FakeEntry[];
const project = fakeProject(entries);
const started = performance.now();
const sources = await openSources({ cwd: folder, env: process.env, offline: mode === "offline" });
const evidence = await sources.gatherNpm(project, { artifacts: true });
const missing = project.components.filter(
  ({ purl }) => isUnavailable(evidence.release(purl)) || isUnavailable(evidence.artifact(purl)),
).length;
const stats = sources.stats();
await sources.close();
const seconds = (performance.now() - started) / 1000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ seconds, user: userCPUTime / 1e6, system: systemCPUTime / 1e6, mebibytes: maxRSS / 1024, missing, ...stats, notes: sources.notes() })}\n`,
);
