import { styleText } from "node:util";

/** The six tones of everything that we print. A tone is a meaning, not a colour. */
export type Tone = "good" | "caution" | "bad" | "unclear" | "quiet" | "strong";

type Style = Parameters<typeof styleText>[0];

// The sixteen colours of the terminal's own theme, no backgrounds: readable on dark and on light.
const styles: Readonly<Record<Tone, Style>> = {
  good: "green",
  caution: "yellow",
  bad: ["bold", "red"],
  unclear: "magenta",
  quiet: "dim",
  strong: "bold",
};

type Paint = (tone: Tone, text: string) => string;

const plainPaint: Paint = (_, text) => text;
const colourPaint: Paint = (tone, text) => (text === "" ? "" : styleText(styles[tone], text, { validateStream: false }));

export interface Screen {
  readonly paint: Paint;
  /** Columns to write into. */
  readonly columns: number;
  /** Whether marks beyond ASCII may be drawn. */
  readonly unicode: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colours where the stream is a terminal that has them. NO_COLOR (set and not empty, https://no-color.org) switches them off, FORCE_COLOR
 * on (`0` and `false` off, https://force-color.org), TERM=dumb off; an explicit NO_COLOR weighs more than FORCE_COLOR.
 */
export function wantsColour(isTerminal: boolean, env: Environment): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

/** Whether the locale says UTF-8: LC_ALL before LC_CTYPE before LANG (POSIX); Windows terminals draw it since 2019. */
export function speaksUnicode(env: Environment, platform: string): boolean {
  if (env["TERM"] === "dumb" || env["TERM"] === "linux") return false;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  if (locale === undefined) return platform === "win32" || platform === "darwin";
  return /utf-?8/i.test(locale);
}

/** Narrower than this, wrapping turns words into columns of letters. */
const FEWEST_COLUMNS = 24;
/** Wider lines are hard to read. */
const MOST_COLUMNS = 110;

export function screenOf(isTerminal: boolean, columns: number, env: Environment, platform: string): Screen {
  return {
    paint: wantsColour(isTerminal, env) ? colourPaint : plainPaint,
    columns: Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, columns)),
    // What is written to a file or a pipe is UTF-8 as everything else there; only a terminal can be unable to draw it.
    unicode: !isTerminal || speaksUnicode(env, platform),
  };
}
