/** `node scripts/incident-table.ts`: what the replay of each catalogued incident gives, from everything, the contents alone and the circumstances alone. */
import { incidents, replay } from "../conformance/incidents/replay.ts";

const asks = (word: string): boolean => word === "block" || word === "review";
const counts = { all: 0, twoFamilies: 0, contents: 0, circumstances: 0, blocked: 0 };
const replays = await Promise.all(incidents().map(replay));
for (const { incident, verdict, byContents, byHistory } of replays) {
  counts.all += Number(asks(verdict.verdict));
  counts.blocked += Number(verdict.verdict === "block");
  counts.twoFamilies += Number(verdict.families.length >= 2);
  counts.contents += Number(asks(byContents.verdict));
  counts.circumstances += Number(asks(byHistory.verdict));
  const missed = incident.catalogue.filter((family) => !verdict.families.includes(family));
  console.log(
    [
      incident.date,
      incident.id.padEnd(24),
      verdict.verdict.padEnd(7),
      verdict.bits.toFixed(1).padStart(5),
      verdict.families.join(" "),
    ].join("  ") +
      `  (contents ${byContents.verdict}, circumstances ${byHistory.verdict}${missed.length === 0 ? "" : `, not seen: ${missed.join(" ")}`})`,
  );
}
console.log(
  `${counts.all} of ${replays.length} flagged, ${counts.blocked} of them blocked; ${counts.twoFamilies} by two families; contents alone ${counts.contents}, circumstances alone ${counts.circumstances}`,
);
