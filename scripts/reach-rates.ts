/**
 * `node scripts/reach-rates.ts FOLDER…`: in how many releases of git repositories somebody's reach grows (`continuity/reach-grows`), beside the other signals
 * that commits give. Releases are the tags that look like versions and are no trials, each held against the one before it on its line. The first five of each only teach.
 */
import { wilson } from "../conformance/attacks/variants.ts";
import { whoseCommits } from "../src/app/review/committers.ts";
import { historyOf, isTrial, LEARNING_RELEASES } from "../src/model/continuity.ts";
import { tagEvents } from "../src/sources/git-tags.ts";

let judged = 0;
const seen = new Map<string, string[]>();
for (const folder of process.argv.slice(2)) {
  const tags = (await tagEvents(folder)).filter(({ event }) => !isTrial(event.version));
  const commitOf = new Map(tags.map(({ event, commit }) => [event.version, commit]));
  const events = tags.map(({ event }) => event);
  for (const { version } of events) {
    const history = historyOf(events, version);
    const [from, to] = [commitOf.get(history?.before?.version ?? ""), commitOf.get(version)];
    if (history === null || history.earlier < LEARNING_RELEASES || from === undefined || to === undefined) continue;
    judged++;
    const signals = await whoseCommits(folder, from, to, { onNote: (note) => console.error(`${folder} ${version}: ${note}`) });
    for (const id of new Set(signals.map((signal) => signal.id))) seen.set(id, [...(seen.get(id) ?? []), `${folder}@${version}`]);
  }
}

console.log(`${judged} releases`);
for (const [id, releases] of [...seen].toSorted()) {
  const [low, high] = wilson(releases.length, judged);
  const share = [releases.length / judged, low, high].map((part) => (100 * part).toFixed(2));
  console.log(`${id}: ${releases.length} (${share[0]} %, ${share[1]}-${share[2]}) ${releases.slice(0, 6).join(" ")}`);
}
