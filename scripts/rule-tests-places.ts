/** The annotated places of a rule's test file. */

export interface Place {
  readonly rule: string;
  /** It must be found; else it must not. */
  readonly must: boolean;
  /** Lines from 1, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly shown: string;
}

export const commentOf = (extension: string): string => (extension === ".py" || extension === ".rb" ? "#" : "//");

/** Characters of a place that are shown. */
const SHOWN = 80;

/** Each annotation with the statement below it, and with the lines that follow directly and no less indented: rules match several. */
export function placesIn(text: string, comment: string): readonly Place[] {
  const lines = text.split("\n");
  const notes = lines.map((line) => /^\s*(?:#|\/\/|\* \/\/)\s?(ruleid|ok):\s*([\w-]+)\s*$/.exec(line));
  return notes.flatMap((note, at): Place[] => {
    if (note === null) return [];
    const first = at + 1;
    const indent = indentOf(lines[first] ?? "");
    let last = statementEnd(lines, first, comment);
    while (last + 1 < lines.length && goesOn(lines[last + 1] ?? "", indent) && notes[last + 1] === null) {
      const next = statementEnd(lines, last + 1, comment);
      if (notes.slice(last + 1, next + 1).some((one) => one !== null)) break;
      last = next;
    }
    const shown = (lines[first] ?? "").trim();
    return [{ rule: note[2] ?? "", must: note[1] === "ruleid", from: first + 1, to: last + 1, shown: shown.slice(0, SHOWN) }];
  });
}

const indentOf = (line: string): number => line.length - line.trimStart().length;
const goesOn = (line: string, indent: number): boolean => line.trim() !== "" && indentOf(line) >= indent && !/^\s*[})\]]/.test(line);

/** The line with which the statement ends that begins at `from`: where its brackets are closed. */
function statementEnd(lines: readonly string[], from: number, comment: string): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? "";
    for (let index = 0; index < line.length; index++) {
      const character = line[index] ?? "";
      if (quote !== "") {
        if (character === "\\") index++;
        else if (line.startsWith(quote, index)) {
          index += quote.length - 1;
          quote = "";
        }
      } else if (line.startsWith(comment, index)) break;
      else if (line.startsWith('"""', index) || line.startsWith("'''", index)) {
        quote = line.slice(index, index + 3);
        index += 2;
      } else if (character === '"' || character === "'" || character === "`") quote = character;
      else if ("([{".includes(character)) depth++;
      else if (")]}".includes(character)) depth--;
    }
    // Only texts in three quotes and templates go over lines.
    if (quote === '"' || quote === "'") quote = "";
    if (depth <= 0 && quote === "") return at;
  }
  return lines.length - 1;
}

/** The text with the lines of these places left empty. */
export function withoutLines(text: string, places: readonly Place[]): string {
  const lines = text.split("\n");
  for (const { from, to } of places) for (let at = from; at <= to; at++) lines[at - 1] = "";
  return lines.join("\n");
}
