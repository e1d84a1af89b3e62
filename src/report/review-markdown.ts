/** Reviews as Markdown, for a pull request: the verdict and what carries it, the rest folded away. */
import type { Review } from "../model/review.ts";
import {
  familyTitle,
  newCapabilities,
  newSelfRuns,
  rateOf,
  releaseSentences,
  reviewWords,
  sizeSentence,
  sourceSentences,
} from "./review-parts.ts";
import { clip, neutralise } from "./text.ts";
import type { WriteReview } from "./review-terminal.ts";

const SHOWN_SPOTS = 3;

export const formatReviewMarkdown: WriteReview = (reviews) => `${reviews.map(one).join("\n\n---\n\n")}\n`;

function one(review: Review): string {
  const { verdict } = review;
  const parts = [
    `## ${plain(review.before.title)} → ${plain(review.after.title)}`,
    verdict.verdict === "nothing" ? plain(verdict.because) : `**${reviewWords[verdict.verdict]}.** ${plain(verdict.because)}`,
  ];
  if (verdict.reasons.length > 0)
    parts.push(
      verdict.reasons
        .map((reason) => {
          const spots = reason.spots.slice(0, SHOWN_SPOTS).map(({ line, text }) => `  ${code(`${reason.file}:${line}`)} ${code(text)}`);
          return [`- **${familyTitle(reason)}** (${rateOf(reason)}): ${plain(reason.message)}`, ...spots].join("\n");
        })
        .join("\n"),
    );
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["What it can newly do", newCapabilities(review).map(({ what, where }) => `${what} (${where.join(", ")})`)],
    ["What newly runs by itself", newSelfRuns(review)],
    ["How it was released", releaseSentences(review)],
    ["What in it is not in its source", sourceSentences(review)],
    ["Smaller signs", verdict.context.map(({ message }) => message)],
    ["What could not be read", review.change.unread.map(({ path, because }) => `${path}: ${because}`)],
  ];
  for (const [title, texts] of lists)
    if (texts.length > 0)
      parts.push(
        `<details><summary>${title} (${texts.length})</summary>\n\n${texts
          .slice(0, 200)
          .map((text) => `- ${plain(text)}`)
          .join("\n")}\n\n</details>`,
      );
  parts.push(plain(sizeSentence(review)), `Difference: \`${review.difference}\``);
  return parts.join("\n\n");
}

/** Text of others: markup and mentions are taken literally. */
const plain = (text: string): string =>
  neutralise(clip(text, 600)).replaceAll(/[\\`*_[\]<>|#@!&~]/g, (character) => `&#${character.charCodeAt(0)};`);

const code = (text: string): string => `<code>${plain(text)}</code>`;
