/** A review at a terminal: the verdict, what carries it with its lines, what is new, how it was released, and the size of the rest. */
import type { Review, ReviewWord, Signal } from "../model/review.ts";
import { counted } from "./groups.ts";
import {
  familyTitle,
  newCapabilities,
  newSelfRuns,
  rateOf,
  releaseSentences,
  sizeSentence,
  sourceSentences,
  verdictSentence,
} from "./review-parts.ts";
import { block, sentence, toAscii } from "./text.ts";
import type { Screen, Tone } from "./tones.ts";

const tones: Readonly<Record<ReviewWord, Tone>> = { block: "bad", review: "caution", note: "quiet", nothing: "good" };
/** Lines of one reason, and lines of one section: the rest is in the other formats. */
const SHOWN_SPOTS = 3;
const SHOWN_LINES = 12;

export interface ReviewOutput {
  readonly screen: Screen;
  /** Everything, where an output would else show the most important. */
  readonly all: boolean;
  readonly toolVersion: string;
}

export type WriteReview = (reviews: readonly Review[], output: ReviewOutput) => string;

export const formatReviewTerminal: WriteReview = (reviews, output) => {
  const { screen } = output;
  const text = `${reviews.map((review) => one(review, output)).join("\n\n")}\n`;
  return screen.unicode ? text : toAscii(text);
};

function one(review: Review, { screen, all }: ReviewOutput): string {
  const { paint, columns } = screen;
  const { verdict, change } = review;
  const lines: string[] = [];
  const say = (text: string, first = "", following?: string): void => void lines.push(...block(sentence(text), columns, first, following));
  const section = (title: string, texts: readonly string[], none: string): void => {
    lines.push("", paint("strong", title));
    const shown = all ? texts : texts.slice(0, SHOWN_LINES);
    for (const text of shown) say(text, "  ");
    if (texts.length === 0) lines.push(paint("quiet", `  ${none}`));
    if (texts.length > shown.length) lines.push(paint("quiet", `  and ${texts.length - shown.length} more: --all`));
  };
  const title = sentence(`${review.before.title} -> ${review.after.title}`);
  lines.push(paint("strong", title), "");
  const head = block(sentence(verdictSentence(review)), columns, "");
  lines.push(...head.map((line) => paint(tones[verdict.verdict], line)));
  for (const statement of review.statements)
    say(
      `${statement.reviewer} ${statement.result} exactly this difference on ${statement.at.slice(0, 10)} (${statement.criteria.join(", ")}).`,
      "  ",
    );
  for (const reason of verdict.reasons) {
    lines.push("");
    say(`${familyTitle(reason)}: ${reason.message}`, "- ", "  ");
    lines.push(...spotLines(reason, all, columns, paint), paint("quiet", `  ${rateOf(reason)} (${reason.id})`));
  }
  section(
    "What it can newly do",
    newCapabilities(review).map(
      ({ what, where }) => `${what} (${where.slice(0, 3).join(", ")}${where.length > 3 ? ` and ${where.length - 3} more files` : ""})`,
    ),
    "nothing that the release before could not",
  );
  section("What newly runs by itself", newSelfRuns(review), "nothing");
  section("How it was released", releaseSentences(review), "not known");
  section("What in it is not in its source", sourceSentences(review), "nothing");
  section(
    "The rest",
    [
      sizeSentence(review),
      ...(verdict.context.length === 0 ? [] : [`${counted(verdict.context.length, "other sign")} besides: --format json or html.`]),
    ],
    "",
  );
  if (change.unread.length > 0)
    section(
      "What could not be read",
      change.unread.map(({ path, because }) => `${path === "" ? "" : `${path}: `}${because}`),
      "",
    );
  return lines.join("\n");
}

function spotLines({ file, spots }: Signal, all: boolean, columns: number, paint: Screen["paint"]): string[] {
  const shown = all ? spots : spots.slice(0, SHOWN_SPOTS);
  const lines = shown.flatMap(({ line, text }) => {
    const place = file === "" ? "" : `  ${sentence(file)}:${line}`;
    return [...(place === "" ? [] : [paint("quiet", place)]), ...block(sentence(text), columns, "    ")];
  });
  return spots.length > shown.length ? [...lines, paint("quiet", `  and ${counted(spots.length - shown.length, "more place")}`)] : lines;
}
