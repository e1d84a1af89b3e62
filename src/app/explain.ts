import { checks } from "../checks/list.ts";
import { pageOf, type RulePage } from "../checks/pages.ts";
import type { Check } from "../model/check.ts";

export interface Explanation {
  readonly check: Check;
  readonly page: RulePage;
}

/** Every rule, in the order of the eight questions. */
export function allRules(): readonly Check[] {
  return checks;
}

/** A rule by its name, or by the part behind the slash where that is one rule's only; undefined where there is none. */
export function explain(rule: string): Explanation | undefined {
  const named = checks.filter(({ id }) => id === rule);
  const [check, another] = named.length > 0 ? named : checks.filter(({ id }) => id.endsWith(`/${rule}`));
  return check === undefined || another !== undefined ? undefined : { check, page: pageOf(check.id) };
}
