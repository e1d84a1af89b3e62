/** Reviews as data. Fields are only ever added within one `schemaVersion`'s first number. */
import type { Review } from "../model/review.ts";
import { jsonPieces } from "./json-pieces.ts";
import type { ReviewOutput, WriteReview } from "./review-terminal.ts";

export const formatReviewJson: WriteReview = (reviews, output) => [...reviewJsonPieces(reviews, output)].join("");

/** The same text in pieces: the lines of two large packages make one of some ten megabytes. */
export function* reviewJsonPieces(reviews: readonly Review[], { toolVersion }: ReviewOutput): Generator<string> {
  yield* jsonPieces({ schemaVersion: "1.0", tool: { name: "tributary", version: toolVersion }, reviews });
  yield "\n";
}
