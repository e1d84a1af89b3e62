/**
 * `node scripts/registry-rates.ts [FOLDER]`: how often the release that is the latest of each npm package in a project shows a signal of continuity,
 * by the registry's documents that a check has kept. Nothing is fetched. A state and no change, so that it bounds how often releases show it.
 */
import { openSources } from "../src/app/npm-evidence.ts";
import { continuitySignals } from "../src/checks/continuity/signals.ts";
import { readProject } from "../src/inventory/index.ts";
import { eventsOf, historyOf, type ReleaseListing } from "../src/model/continuity.ts";

const [folder = "."] = process.argv.slice(2);
const project = await readProject(folder, { cwd: process.cwd() });
const sources = await openSources({ cwd: folder, env: process.env, offline: true });
const hits = new Map<string, string[]>();
let judged = 0;
for (const name of new Set(project.components.filter(({ ecosystem }) => ecosystem === "npm").map((component) => component.name))) {
  const document = sources.registry.document(name);
  if (document === null) continue;
  const { time, distTags, versions } = document;
  const releases = versions.flatMap((version): ReleaseListing["releases"] => {
    const claim = document.release(version);
    return claim === undefined ? [] : [[version, claim]];
  });
  const history = historyOf(eventsOf({ time, releases }), distTags["latest"] ?? "", distTags);
  if (history === null) continue;
  judged++;
  for (const { id } of continuitySignals(history)) hits.set(id, [...(hits.get(id) ?? []), `${name}@${history.self.version}`]);
}
await sources.close();
console.log(`${judged} packages, the latest release of each`);
for (const id of ["continuity/latest-went-back", "continuity/trial-as-latest"]) if (!hits.has(id)) hits.set(id, []);
for (const [id, names] of [...hits].toSorted()) console.log(`${id}: ${names.length} ${names.slice(0, 6).join(" ")}`.trimEnd());
