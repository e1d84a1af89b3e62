/** A rule's page (Markdown of our own, in its plain parts: headings, paragraphs, lists, code) for a terminal. */
import { block, displayWidth, neutraliseLines, toAscii } from "./text.ts";
import type { Screen } from "./tones.ts";

export function formatPage(markdown: string, screen: Screen): string {
  const { paint, columns } = screen;
  const lines: string[] = [];
  let paragraph: string[] = [];
  let first = "";
  let inCode = false;
  const flush = (): void => {
    if (paragraph.length > 0) {
      const wrapped = block(paragraph.join(" "), columns, first, " ".repeat(displayWidth(first)));
      lines.push(...wrapped.map((line) => inline(line, screen)));
    }
    paragraph = [];
    first = "";
  };
  for (const line of neutraliseLines(markdown).trimEnd().split("\n")) {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^(\s*)(?:[-*]|(\d+[.)]))\s+(.*)$/.exec(line);
    if (line.startsWith("```")) {
      flush();
      inCode = !inCode;
    } else if (inCode) lines.push(`    ${line}`);
    else if (heading !== null) {
      flush();
      lines.push(...block(heading[2] ?? "", columns, "").map((text) => paint("strong", text)));
    } else if (item !== null) {
      flush();
      first = `${" ".repeat(Math.min(8, item[1]?.length ?? 0))}${item[2] ?? "-"} `;
      paragraph = [item[3] ?? ""];
    } else if (line.trim() === "") {
      flush();
      if (lines.at(-1) !== "") lines.push("");
    } else if (line.startsWith("|")) {
      // A table keeps its lines: wrapping would tear its columns.
      flush();
      lines.push(inline(line, screen));
    } else paragraph.push(line.trim());
  }
  flush();
  const text = `${lines.join("\n")}\n`;
  return screen.unicode ? text : toAscii(text);
}

/** Links keep their text and address; the marks of emphasis and code go where a tone takes their place. */
function inline(line: string, { paint }: Screen): string {
  return line
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, text: string) => paint("strong", text))
    .replaceAll(/`([^`]+)`/g, (_, text: string) => paint("strong", text));
}
