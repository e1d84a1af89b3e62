import { block, padTo } from "../report/text.ts";
import type { Screen } from "../report/tones.ts";
import type { Command, OptionSpec } from "./command.ts";
import { commonOptions } from "./parse.ts";

/** What `tributary --help` prints. */
export function formatOverview(commands: readonly Pick<Command, "name" | "summary">[], screen: Screen): string {
  const { paint } = screen;
  const lines = [
    ...block("tributary: is the open source that you stand on safe to take in, and how do you give back?", screen.columns, ""),
    "",
    paint("strong", "Commands"),
    ...table(
      commands.map(({ name, summary }) => [name, summary]),
      screen,
    ),
    "",
    paint("strong", "Everywhere"),
    ...table(
      [
        ["-h, --help", "what a command does, with examples"],
        ["--version [--json]", "which Tributary this is"],
      ],
      screen,
    ),
    "",
    paint("strong", "To begin"),
    ...examples(
      [
        { command: "tributary check", what: "the project in this folder" },
        { command: "tributary check --help", what: "all that check can do" },
      ],
      screen,
    ),
    "",
    ...block("Exit status: 0 the policy passes, 1 it says no, 2 it could not be done, 130 stopped by Ctrl-C.", screen.columns, ""),
  ];
  return `${lines.join("\n")}\n`;
}

/** What `tributary COMMAND --help` prints: what it does, examples first, then every option. */
export function formatHelp(command: Command, screen: Screen): string {
  const { paint, columns } = screen;
  const synopsis = ["tributary", command.name, command.positionals, "[OPTION…]"].filter((part) => part !== "").join(" ");
  const lines = [
    paint("strong", screen.unicode ? synopsis : synopsis.replace("…", "...")),
    "",
    ...command.description.split("\n\n").flatMap((paragraph) => block(paragraph.replaceAll("\n", " "), columns, "").concat("")),
    ...(command.examples.length > 0 ? [paint("strong", "Examples"), ...examples(command.examples, screen), ""] : []),
    paint("strong", "Options"),
    ...table(
      Object.entries({ ...command.options, ...commonOptions }).map(([name, spec]) => [optionLabel(name, spec), optionText(spec)]),
      screen,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** `-o, --output FMT=FILE`. */
function optionLabel(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  return `${short}--${name}${spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : ""}`;
}

function optionText(spec: OptionSpec): string {
  const notes = [spec.choices === undefined ? "" : `one of: ${spec.choices.join(", ")}`, spec.multiple === true ? "may be repeated" : ""];
  return [spec.summary, ...notes.filter((note) => note !== "").map((note) => `(${note})`)].join(" ");
}

/** Two columns; where the window is too narrow for them, the text stands under its label. */
function table(rows: readonly (readonly [string, string])[], screen: Screen): string[] {
  const widest = Math.max(0, ...rows.map(([label]) => label.length));
  const left = Math.min(widest, 28) + 4;
  if (screen.columns < left + 24) {
    return rows.flatMap(([label, text]) => [`  ${screen.paint("strong", label)}`, ...block(text, screen.columns, "      ")]);
  }
  return rows.flatMap(([label, text]) => {
    const indent = " ".repeat(left);
    const lines = block(text, screen.columns, indent);
    if (label.length + 2 > left - 1) return [`  ${label}`, ...lines];
    return [padTo(`  ${label}`, left) + (lines[0] ?? "").slice(left), ...lines.slice(1)];
  });
}

function examples(list: Command["examples"], screen: Screen): string[] {
  return list.flatMap(({ command, what }) => [
    ...block(what, screen.columns, "  # ").map((line) => screen.paint("quiet", line)),
    `  $ ${command}`,
  ]);
}
