/** Reviews as SARIF 2.1.0 (OASIS): one result a signal and place, in the files of the new release. */
import { byCodeUnit } from "../model/canonical.ts";
import { sha256 } from "../model/canonical.ts";
import type { Review, Signal } from "../model/review.ts";
import { bitsOf } from "../checks/fusion.ts";
import { familyTitle, rateOf } from "./review-parts.ts";
import { neutraliseLines } from "./text.ts";
import type { WriteReview } from "./review-terminal.ts";

/** GitHub keeps 5,000 results of a run. */
const MOST_RESULTS = 5_000;

type Data = Readonly<Record<string, unknown>>;

export const formatReviewSarif: WriteReview = (reviews, { toolVersion }) => {
  const results = reviews.flatMap((review) => [
    ...review.verdict.reasons.map((signal) => resultOf(review, signal, true)),
    ...review.verdict.context.map((signal) => resultOf(review, signal, false)),
  ]);
  const signals = new Map(reviews.flatMap(({ verdict }) => [...verdict.reasons, ...verdict.context]).map((signal) => [signal.id, signal]));
  const rules = [...signals.values()]
    .toSorted((a, b) => byCodeUnit(a.id, b.id))
    .map((signal): Data => ({
      id: signal.id,
      shortDescription: { text: `${familyTitle(signal)}: ${rateOf(signal)} show it` },
      properties: { tags: ["security"], precision: "medium" },
    }));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Tributary", semanticVersion: toolVersion, rules } },
        automationDetails: { id: "tributary/review/" },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: reviews.flatMap(({ change }) =>
              change.unread.map(({ path, because }): Data => ({
                level: "warning",
                message: { text: neutraliseLines(`${path}: ${because}`) },
              })),
            ),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: results.slice(0, MOST_RESULTS),
        properties: {
          verdicts: reviews.map(({ before, after, difference, verdict }) => ({
            before: before.title,
            after: after.title,
            difference,
            verdict: verdict.verdict,
            because: neutraliseLines(verdict.because),
            bits: verdict.bits,
          })),
          ...(results.length > MOST_RESULTS ? { leftOut: results.length - MOST_RESULTS } : {}),
        },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

function resultOf({ after, verdict }: Review, signal: Signal, carries: boolean): Data {
  const level = !carries ? "note" : verdict.verdict === "block" ? "error" : verdict.verdict === "review" ? "warning" : "note";
  const places = signal.file === "" ? [] : signal.spots;
  const uri = `${encodeURI(after.title)}/${signal.file.split("/").map(encodeURIComponent).join("/")}`;
  return {
    ruleId: signal.id,
    level,
    message: { text: neutraliseLines(`${after.title}: ${signal.message}`) },
    locations: places.slice(0, 1).map(({ line, column, text }) => ({
      physicalLocation: {
        artifactLocation: { uri },
        region: { startLine: Math.max(1, line), startColumn: Math.max(1, column), snippet: { text: neutraliseLines(text) } },
      },
    })),
    partialFingerprints: { "tributary/v1": sha256(JSON.stringify([after.title, signal.id, signal.file, signal.message])) },
    properties: { family: signal.family, rate: signal.rate, bits: Math.round(bitsOf(signal) * 10) / 10 },
  };
}
