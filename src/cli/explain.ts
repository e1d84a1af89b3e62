import { Fault } from "../model/fault.ts";
import { questions } from "../model/questions.ts";
import { formatPage } from "../report/page.ts";
import { block } from "../report/text.ts";
import { type Screen, screenOf } from "../report/tones.ts";
import type { Command } from "./command.ts";
import { closest } from "./parse.ts";

export const explain: Command = {
  name: "explain",
  summary: "say what a rule asks, why it matters and what to do",
  positionals: "[RULE]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json", "markdown"], summary: "what standard output shows" },
  },
  description:
    "Prints the page of a rule: what it asks, why that matters, how the answer is established, when it is wrong, what to do, and what there is to learn. Without a rule, it lists all of them under their questions; the name of a question lists that question's.",
  examples: [
    { command: "tributary explain integrity/lockfile-mismatch", what: "one rule; lockfile-mismatch alone will do" },
    { command: "tributary explain", what: "all rules" },
    { command: "tributary explain advisories", what: "the rules of one question" },
  ],
  run: async ({ positionals, options, env, out, outIsTerminal, columns }) => {
    const [asked] = positionals;
    const { allRules, explain: find } = await import("../app/explain.ts");
    const screen = screenOf(outIsTerminal, columns, env, process.platform);
    const question = questions.find(({ id }) => id === asked);
    if (asked === undefined || question !== undefined) {
      const rules = allRules().filter((rule) => question === undefined || rule.question === question.id);
      await out(options["format"] === "json" ? jsonList(rules) : ruleList(rules, screen));
      return 0;
    }
    const found = find(asked.toLowerCase());
    if (found === undefined) {
      const near = closest(
        asked,
        allRules().flatMap(({ id }) => [id, id.slice(id.indexOf("/") + 1)]),
      );
      throw new Fault("input/not-found", `there is no rule named ${asked}`, {
        hint: near === undefined ? "tributary explain lists them" : `did you mean ${near}?`,
      });
    }
    const { check, page } = found;
    if (options["format"] === "json") {
      const { question: of, severity, tags } = check;
      await out(`${JSON.stringify({ schemaVersion: "1.0", question: of, severity, tags, ...page }, null, 2)}\n`);
    } else await out(options["format"] === "markdown" ? page.text : formatPage(page.text, screen));
    return 0;
  },
};

interface ListedRule {
  readonly id: string;
  readonly question: string;
  readonly title: string;
  readonly severity: string;
}

function jsonList(rules: readonly ListedRule[]): string {
  return `${JSON.stringify({ schemaVersion: "1.0", rules: rules.map(({ id, question, title, severity }) => ({ rule: id, question, title, severity })) }, null, 2)}\n`;
}

function ruleList(rules: readonly ListedRule[], screen: Screen): string {
  const sections = questions.map(({ id, title }) => {
    const own = rules.filter((rule) => rule.question === id);
    if (own.length === 0) return "";
    const lines = [screen.paint("strong", title)];
    for (const rule of own)
      lines.push(`  ${rule.id}`, ...block(rule.title, screen.columns, "      ").map((line) => screen.paint("quiet", line)));
    return lines.join("\n");
  });
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
