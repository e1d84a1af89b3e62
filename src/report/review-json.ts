/** Reviews as data. Fields are only ever added within one `schemaVersion`'s first number. */
import type { WriteReview } from "./review-terminal.ts";

export const formatReviewJson: WriteReview = (reviews, { toolVersion }) =>
  `${JSON.stringify({ schemaVersion: "1.0", tool: { name: "tributary", version: toolVersion }, reviews }, null, 2)}\n`;
