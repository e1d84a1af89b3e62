/** A drill as something to print and lay on the table: Markdown with room for answers, and JSON. */
import type { Drill } from "../model/drill.ts";
import { count } from "./groups.ts";
import { LONGEST_SENTENCE, clip, neutralise } from "./text.ts";

/** Names of packages are others' text: nothing in them may become a heading, a link, a table or markup. */
const md = (text: string): string => neutralise(clip(text, LONGEST_SENTENCE)).replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);

export const formatDrillJson = (drill: Drill): string => `${JSON.stringify(drill, null, 2)}\n`;

export function formatDrillMarkdown(drill: Drill): string {
  const lines: string[] = [
    `# Tabletop exercise: ${md(drill.title)}`,
    "",
    `On ${md(drill.graph.name)}, ${count(drill.graph.nodes)} packages. About ninety minutes. Read one step aloud, stop the clock, answer, write the answer down, go on. Nobody looks ahead.`,
    "",
    "## Seats",
    "",
    ...drill.roles.map(({ role, duty }) => `- **${md(role)}** ${md(duty)}`),
    "",
    "## The clock",
  ];
  for (const { at, told, questions } of drill.steps) {
    lines.push(
      "",
      `### ${md(at)}`,
      "",
      ...told
        .map((sentence) => md(sentence))
        .join("\n\n")
        .split("\n"),
      "",
    );
    for (const question of questions) lines.push(`- [ ] ${md(question)}`, "  - answer:");
  }
  if (drill.waves.length > 0) {
    lines.push("", "## Who is hit when", "", "| steps away | packages | so far |", "| ---: | ---: | ---: |");
    for (const wave of drill.waves) lines.push(`| ${wave.steps} | ${count(wave.packages)} | ${count(wave.soFar)} |`);
  }
  if (drill.paths.length > 0) lines.push("", "## For the wall", "", ...drill.paths.map((path) => `- ${path.map(md).join(" → ")}`));
  lines.push("", "## Afterwards", "", ...drill.afterwards.map((question) => `- [ ] ${md(question)}`));
  lines.push("", "## What the figures assume", "", ...drill.assumptions.map((sentence) => `- ${md(sentence)}`));
  return `${lines.join("\n")}\n`;
}
