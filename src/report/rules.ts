import { checks } from "../checks/list.ts";
import { pageOf } from "../checks/pages.ts";
import { Fault } from "../model/fault.ts";
import type { RuleInfo } from "./format.ts";

/** What the list of checks and the rule's page say; undefined for a rule that is in neither. Remembers what it has read. */
export function ruleBook(): (rule: string) => RuleInfo | undefined {
  const known = new Map<string, RuleInfo | undefined>();
  return (rule) => {
    if (!known.has(rule)) known.set(rule, readRule(rule));
    return known.get(rule);
  };
}

function readRule(rule: string): RuleInfo | undefined {
  const check = checks.find(({ id }) => id === rule);
  if (check === undefined) return undefined;
  const { id, title, severity, tags } = check;
  try {
    const page = pageOf(rule);
    return { id, title, severity, tags, motivation: page.motivation, remedy: page.remedy, page: page.text };
  } catch (error) {
    // A page that is missing costs the help, not the report; a test of the rules' room sees to it that none is.
    if (!(error instanceof Fault)) throw error;
    return { id, title, severity, tags, motivation: title, remedy: "", page: title };
  }
}
