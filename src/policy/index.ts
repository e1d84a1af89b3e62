export { type AnswersInput, answersOf } from "./answers.ts";
export { type JudgeInput, type Judgement, judge } from "./judge.ts";
export { nextSteps } from "./next.ts";
export {
  type Ignore,
  type Policy,
  type RulePolicy,
  type TrustedVerifier,
  defaultPolicy,
  describePolicy,
  enabledRules,
  settingsOf,
} from "./policy.ts";
export { matchesPackage } from "./purl-pattern.ts";
export { POLICY_FILE, readPolicy } from "./read.ts";
export { type RuleShape, type Schema, policySchema } from "./schema.ts";
