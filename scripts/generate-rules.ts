/**
 * `node scripts/generate-rules.ts`: writes what is generated from the rules: `docs/rules.md` from their pages and options, and
 * `schema/policy.schema.json` from their names. With `--check` nothing is written and the exit status says whether they are current.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { checks } from "../src/checks/list.ts";
import { pageOf } from "../src/checks/pages.ts";
import type { Check } from "../src/model/index.ts";
import { questions } from "../src/model/index.ts";
import { policySchema } from "../src/policy/index.ts";

/** What there should be, by path from the repository's root. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/rules.md", rulesPage()],
    ["schema/policy.schema.json", `${JSON.stringify(policySchema(checks), null, 2)}\n`],
  ]);
}

function rulesPage(): string {
  const lines = [
    "# Rules",
    "",
    "Generated from the pages beside the rules by `node scripts/generate-rules.ts`. `tributary explain RULE` shows one of them.",
    "",
  ];
  for (const { id, title } of questions) {
    const rules = checks.filter(({ question }) => question === id);
    lines.push(`## ${title}`, "");
    if (rules.length === 0) lines.push("Not asked yet.", "");
    else
      lines.push(
        "| rule | asks | severity |",
        "| --- | --- | --- |",
        ...rules.map((rule) => `| [${rule.id}](#${anchor(rule.id)}) | ${rule.title} | ${rule.severity} |`),
        "",
      );
  }
  for (const check of checks) lines.push(...section(check));
  return `${lines.join("\n").trimEnd()}\n`;
}

function section(check: Check): readonly string[] {
  const page = pageOf(check.id);
  const options = Object.entries(check.options ?? {});
  return [
    `## ${check.id}`,
    "",
    `**${page.title}** Severity: ${check.severity}. Evidence: ${check.needs.length === 0 ? "the project's own files" : check.needs.join(", ")}. ${check.tags.join(", ")}`,
    "",
    `**Why it matters.** ${page.motivation}`,
    "",
    `**How it is established.** ${page.established}`,
    "",
    `**When it is wrong.** ${page.mistaken}`,
    "",
    `**What to do.** ${linked(page.remedy)}`,
    "",
    `**Effort.** ${page.effort}`,
    "",
    `**Lesson.** ${page.lesson}`,
    "",
    ...(options.length === 0
      ? []
      : [
          "| option | takes | what | standard |",
          "| --- | --- | --- | --- |",
          ...options.map(([name, option]) => `| \`${name}\` | ${option.type} | ${option.summary} | ${option.standard} |`),
          "",
        ]),
  ].map(linked);
}

/** As GitHub makes anchors: lower case, without the slash. */
const anchor = (rule: string): string => rule.replace("/", "");

/** Pages link to each other as files; here they are sections. */
const linked = (text: string): string =>
  text.replaceAll(
    /\]\(([a-z-]+)\.md\)/g,
    (_, name: string) => `](#${anchor(checks.find(({ id }) => id.endsWith(`/${name}`))?.id ?? name)})`,
  );

if (import.meta.main) {
  const repository = resolve(import.meta.dirname, "..");
  let stale = false;
  for (const [path, text] of generated()) {
    const file = join(repository, path);
    if (process.argv.includes("--check")) {
      if (read(file) !== text) {
        console.error(`${path} is stale: run node scripts/generate-rules.ts`);
        stale = true;
      }
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.log(`wrote ${path}`);
    }
  }
  if (stale) process.exitCode = 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
