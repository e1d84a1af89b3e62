/**
 * Text for a terminal: what others wrote (names, messages) may hold control characters that move the cursor, change colours or
 * turn the reading direction round, so everything that is shown passes `neutralise`; then it is measured in columns and wrapped.
 */

// C0, DEL, C1; zero-width and bidirectional controls, line and paragraph separators, tags (Unicode TR36, "Trojan Source").
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** Makes control, invisible and direction-changing characters visible as `\u{1b}`; white space becomes a space. */
export function neutralise(text: string): string {
  return text.replace(unsafe, (character) => {
    if (character === "\n" || character === "\t" || character === "\r") return " ";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A sentence is shorter; what is longer is somebody's attempt to flood the window. The JSON report holds all of it. */
export const LONGEST_SENTENCE = 2_000;

/** The beginning of a text that is too long, with the number of characters that were left out. */
export function clip(text: string, most: number = LONGEST_SENTENCE): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** For one line on a screen: clipped and neutralised. */
export function sentence(text: string): string {
  return neutralise(clip(text));
}

/** `neutralise` for text of several lines: line feeds stay. */
export function neutraliseLines(text: string): string {
  return text.split(/\r?\n/).map(neutralise).join("\n");
}

// East Asian Wide and Fullwidth (Unicode TR11), and what terminals draw two columns wide besides.
const wide =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u2614\u2615\u2648-\u2653\u26a1\u2705\u274c\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /^[\p{Mn}\p{Me}]$/u;
const plain = /^[\u0020-\u007e]*$/;
// oxlint-disable-next-line no-control-regex
const styling = /\u001b\[[0-9;]*m/g;

/** How many columns a terminal uses for the text; our own styling counts as none. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const character of text.replace(styling, "")) columns += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/** Fills with spaces up to so many columns. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/**
 * Breaks plain text into lines of at most so many columns, at spaces; a word that is longer than a line is cut, after one of `/ @ - . : >`
 * where there is one.
 */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(8, columns);
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    let rest = word;
    let width = displayWidth(rest);
    if (used > 0 && used + 1 + width <= room) {
      line += ` ${rest}`;
      used += 1 + width;
      continue;
    }
    if (used > 0) lines.push(line.trimEnd());
    while (width > room) {
      const cut = cutAt(rest, room);
      const piece = rest.slice(0, cut);
      lines.push(piece);
      rest = rest.slice(cut);
      // Not measured anew: a hostile word of a million letters would cost their square.
      width -= displayWidth(piece);
    }
    line = rest;
    used = width;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}

function cutAt(word: string, room: number): number {
  let columns = 0;
  let end = 0;
  let good = 0;
  for (const character of word) {
    columns += displayWidth(character);
    if (columns > room) break;
    end += character.length;
    if ("/@-.:>=_".includes(character)) good = end;
  }
  return good > end / 2 ? good : Math.max(end, 1);
}

/** Lines with a first and a following indent; the text is wrapped into what is left of the columns. */
export function block(text: string, columns: number, first: string, following: string = " ".repeat(displayWidth(first))): string[] {
  return wrap(text, columns - Math.max(displayWidth(first), displayWidth(following))).map(
    (line, index) => (index === 0 ? first : following) + line,
  );
}

const transliterations: Readonly<Record<string, string>> = {
  "…": "...",
  "›": ">",
  "→": "->",
  "–": "-",
  "—": "-",
  "’": "'",
  "‘": "'",
  "“": '"',
  "”": '"',
};

/** For terminals whose locale is not UTF-8: what has a plain form gets it, the rest is written as `\\u{…}`. */
export function toAscii(text: string): string {
  // The escape character and line feeds are our own by now: what others wrote has been neutralised.
  return text.replace(
    /[^\u0000-\u007f]/gu,
    (character) => transliterations[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * Takes from a text that others had a hand in what the runner would take for a command: it reads `::…` at the beginning of any line of
 * a step's output (after spaces), and `##[` anywhere.
 */
export function withoutWorkflowCommands(text: string): string {
  return text.replaceAll(/^([^\S\n]*):(?=:)/gm, "$1: ").replaceAll("##[", "## [");
}
