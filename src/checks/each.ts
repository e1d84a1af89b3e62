/** The walk that most rules share: over every component, with its nodes, collecting findings and gaps. */
import type {
  Check,
  CheckInput,
  CheckResult,
  Component,
  Evidence,
  Finding,
  Node,
  Place,
  QuestionId,
  Remedy,
  Severity,
} from "../model/index.ts";
import { Gaps, indexOf, placesOf, titleOf } from "./subjects.ts";

/** What a rule says of one subject; the walk adds the rest. */
export interface Conclusion {
  readonly severity?: Severity;
  readonly key?: string;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** Where; absent: every place at which the component stands. */
  readonly places?: readonly Place[];
  readonly remedy: Remedy;
  readonly references?: readonly string[];
}

export interface Look {
  readonly component: Component;
  readonly purl: string;
  /** `name@version`, for sentences. */
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly gaps: Gaps;
  readonly find: (conclusion: Conclusion) => void;
}

/** `judge` returns false for a component that the rule does not ask about. */
export function eachComponent(input: CheckInput, rule: Pick<Check, "id" | "severity">, judge: (look: Look) => boolean): CheckResult {
  const question = rule.id.slice(0, rule.id.indexOf("/")) as QuestionId;
  const index = indexOf(input.project);
  const findings: Finding[] = [];
  const gaps = new Gaps();
  let asked = 0;
  input.project.components.forEach((component, number) => {
    const nodes = index.nodesOf[number] ?? [];
    const { purl } = component;
    const find = (conclusion: Conclusion): void => {
      const { severity = rule.severity, key = "", places = placesOf(nodes), references = [], message, evidence, remedy } = conclusion;
      findings.push({ rule: rule.id, question, subject: purl, severity, message, evidence, places, remedy, key, references });
    };
    const title = titleOf(component);
    if (judge({ component, purl, title, nodes, gaps, find })) asked++;
  });
  return { findings, unanswered: gaps.list(rule.id), asked, answered: asked - gaps.size };
}
