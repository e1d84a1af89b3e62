/** The same review again and again, its files in another order each time, in every format: the bytes must be the same. Nothing in it runs beside another. */
import { reviewSides } from "../../src/app/review/review.ts";
import { formatReviewHtml } from "../../src/report/review-html.ts";
import { formatReviewJson } from "../../src/report/review-json.ts";
import { formatReviewMarkdown } from "../../src/report/review-markdown.ts";
import { formatReviewSarif } from "../../src/report/review-sarif.ts";
import { formatReviewTerminal, type WriteReview } from "../../src/report/review-terminal.ts";
import { screenOf } from "../../src/report/tones.ts";
import type { PackageEntry } from "../../src/checks/behaviour/analysis/files-package.ts";
import { randomFrom } from "../attacks/host.ts";
import { sideOfFiles } from "../attacks/judge.ts";
import { type Incident, incidentFiles } from "../incidents/replay.ts";
import { shuffled } from "./transformations.ts";

const formats: Readonly<Record<string, WriteReview>> = {
  terminal: formatReviewTerminal,
  json: formatReviewJson,
  sarif: formatReviewSarif,
  markdown: formatReviewMarkdown,
  html: formatReviewHtml,
};
const output = { screen: screenOf(false, 100, {}, "linux"), all: true, toolVersion: "0" };

/** Formats whose bytes were not the same every time, by name; none is what is asked for. */
export async function unsteadyFormats(incident: Incident, times: number): Promise<readonly string[]> {
  const [before, after] = incidentFiles(incident);
  const first = new Map<string, string>();
  const unsteady = new Set<string>();
  for (let time = 0; time < times; time++) {
    const random = randomFrom(`${incident.id} ${time}`);
    const shuffledEntries = (files: ReadonlyMap<string, Uint8Array>): readonly PackageEntry[] =>
      shuffled([...files], random).map(([path, bytes]) => ({ path, executable: false, bytes }));
    const one = await reviewSides(
      sideOfFiles(incident.before, shuffledEntries(before)),
      sideOfFiles(incident.after, shuffledEntries(after)),
    );
    for (const [name, format] of Object.entries(formats)) {
      const text = format([one], output);
      const known = first.get(name);
      if (known === undefined) first.set(name, text);
      else if (known !== text) unsteady.add(name);
    }
  }
  return [...unsteady];
}
