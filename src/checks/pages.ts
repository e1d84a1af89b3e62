/**
 * A rule's manual page lies beside the rule, as `<rule>.md`, and feeds `explain`, the help in SARIF, the web page and the lesson.
 * In the built package the pages lie in `dist/rules/<question>/<rule>.md`. This is the one place in `checks` that reads a file, and it
 * reads only our own.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../model/index.ts";

export interface RulePage {
  readonly rule: string;
  /** The yes-or-no question. */
  readonly title: string;
  /** Why it matters. Markdown, like all that follows. */
  readonly motivation: string;
  /** From which evidence, and how, the answer is established. */
  readonly established: string;
  /** When the rule is wrong, and what keeps it from being wrong more often. */
  readonly mistaken: string;
  readonly remedy: string;
  /** How long the remedy takes, in words: "5 minutes". */
  readonly effort: string;
  /** What there is to learn from it. */
  readonly lesson: string;
  /** The whole page. */
  readonly text: string;
}

const sections = {
  motivation: "Why it matters",
  established: "How it is established",
  mistaken: "When it is wrong",
  remedy: "What to do",
  effort: "Effort",
  lesson: "Lesson",
} as const;

const ruleName = /^[a-z]+\/[a-z][a-z0-9-]*$/;

/** The page of one rule. Throws Fault `input/not-found` where there is no such rule, `internal/bug` where its page lacks a section. */
export function pageOf(rule: string): RulePage {
  return parsePage(rule, readPage(rule));
}

/** Reads a page's sections out of its Markdown. */
export function parsePage(rule: string, text: string): RulePage {
  const [head = "", ...rest] = text.split(/^## /m);
  const bodies = new Map(rest.map((part) => [part.split("\n", 1)[0]?.trim() ?? "", part.slice(part.indexOf("\n") + 1).trim()]));
  const section = (name: string): string => {
    const body = bodies.get(name);
    if (body === undefined || body === "") throw new Fault("internal/bug", `the page of ${rule} has no section "${name}"`);
    return body;
  };
  const title = head
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
  if (title === undefined) throw new Fault("internal/bug", `the page of ${rule} does not say what it asks`);
  return {
    rule,
    title,
    motivation: section(sections.motivation),
    established: section(sections.established),
    mistaken: section(sections.mistaken),
    remedy: section(sections.remedy),
    effort: section(sections.effort),
    lesson: section(sections.lesson),
    text,
  };
}

function readPage(rule: string): string {
  // The name becomes a path, so it is held to its alphabet first.
  if (!ruleName.test(rule)) throw unknownRule(rule);
  for (const folder of folders) {
    try {
      return readFileSync(join(folder, `${rule}.md`), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw unknownRule(rule);
}

// Beside the sources; beside the bundle; beside the bundle's folder of chunks.
const folders: readonly string[] = [import.meta.dirname, join(import.meta.dirname, "rules"), join(import.meta.dirname, "..", "rules")];

const unknownRule = (rule: string): Fault =>
  new Fault("input/not-found", `there is no rule named ${JSON.stringify(rule)}`, {
    hint: "a rule is named by its question and a slash, like integrity/lockfile-mismatch",
  });
