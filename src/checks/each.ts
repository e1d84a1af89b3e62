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

const nothing: Component = { purl: "", ecosystem: "", name: "", version: "", origin: { kind: "unknown" } };

/** `judge` returns false for a component that the rule does not ask about; what it is given holds for that one call. */
export function eachComponent(input: CheckInput, rule: Pick<Check, "id" | "severity">, judge: (look: Look) => boolean): CheckResult {
  const question = rule.id.slice(0, rule.id.indexOf("/")) as QuestionId;
  const index = indexOf(input.project);
  const findings: Finding[] = [];
  const gaps = new Gaps();
  let asked = 0;
  // One object for the whole walk, and not one a component: seventeen rules over thousands of components would be mostly that.
  const look: { -readonly [K in keyof Look]: Look[K] } = {
    component: nothing,
    purl: "",
    title: "",
    nodes: [],
    gaps,
    find: ({ severity = rule.severity, key = "", places = placesOf(look.nodes), references = [], message, evidence, remedy }) => {
      findings.push({ rule: rule.id, question, subject: look.purl, severity, message, evidence, places, remedy, key, references });
    },
  };
  input.project.components.forEach((component, number) => {
    look.component = component;
    look.purl = component.purl;
    look.title = titleOf(component);
    look.nodes = index.nodesOf[number] ?? [];
    if (judge(look)) asked++;
  });
  return { findings, unanswered: gaps.list(rule.id), asked, answered: asked - gaps.size };
}
