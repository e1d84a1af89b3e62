/**
 * The policy file's form, as JSON Schema: published for editors (`schema/policy.schema.json`), and what the reader itself checks by.
 * One description, so that the two cannot disagree.
 */
import type { Check } from "../model/index.ts";
import { severities } from "../model/index.ts";

/** What the schema needs to know of a rule. */
export type RuleShape = Pick<Check, "id" | "title" | "options">;

/** The keywords of JSON Schema (draft 2020-12) that the policy's form needs, and no others. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "boolean" | "number";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly items?: Schema;
  /** Tried in turn; each has a type of its own, so that it is clear which one was meant. */
  readonly anyOf?: readonly Schema[];
  readonly default?: string;
}

const threshold = (what: string, standard: string): Schema => ({
  description: `${what} "never" turns it off.`,
  type: "string",
  enum: [...severities, "never"],
  default: standard,
});

const optionTypes = {
  boolean: { type: "boolean" },
  number: { type: "number" },
  strings: { type: "array", items: { type: "string", minLength: 1 } },
} as const satisfies Record<string, Schema>;

/** In the words of the summaries themselves. */
const buildLevels = ["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2", "SLSA_BUILD_LEVEL_3"] as const;

/** The schema for a set of rules. */
export function policySchema(rules: readonly RuleShape[]): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://tributary.example/schema/policy.schema.json",
    title: "Tributary policy",
    description: "tributary.json: what a finding means for this project.",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { description: "Where an editor finds this schema.", type: "string" },
      block: threshold("Findings of this severity and worse block.", "critical"),
      review: threshold("Findings of this severity and worse ask for a review.", "moderate"),
      unanswered: {
        description: "What it means when something could not be answered. It is listed in the report in any case.",
        type: "string",
        enum: ["block", "review", "pass"],
        default: "review",
      },
      dev: {
        description:
          "What a known vulnerability counts for in a package that only development needs: the same, one step less, or a note. Malware always counts in full.",
        type: "string",
        enum: ["same", "lower", "note"],
        default: "lower",
      },
      rules: {
        description: "Settings of single rules.",
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(rules.map((rule) => [rule.id, ruleSchema(rule)])),
      },
      verifiers: {
        description: "Verifiers whose verification summaries (SLSA) stand in for a verification of ours.",
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["id", "upTo"],
          properties: {
            id: { description: "The verifier's id, as its summaries state it.", type: "string", minLength: 1 },
            key: { description: "The file with its public key (PEM), relative to this file.", type: "string", minLength: 1 },
            identity: { description: "Who signs for it by Sigstore, to the letter; with `issuer`.", type: "string", minLength: 1 },
            issuer: { description: "Who vouches for that identity, to the letter.", type: "string", minLength: 1 },
            upTo: { description: "The highest build level that its word counts for.", type: "string", enum: buildLevels },
            days: {
              description: "For how many days after its verification its word counts; for ever unless given.",
              type: "number",
              minimum: 1,
            },
            packages: {
              description:
                "Packages that it may speak of, as purls: without a version every version, `*` for any run of characters. All unless given.",
              type: "array",
              items: { type: "string", pattern: "^pkg:." },
            },
          },
        },
      },
      summaries: {
        description: "The folder with the verifiers' summaries, relative to this file.",
        type: "string",
        minLength: 1,
        default: ".tributary/summaries",
      },
      ignore: {
        description: "Findings that were looked at and are accepted for a time. They stay in the report, marked as ignored.",
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["reason", "expires"],
          properties: {
            rule: { description: "The rule whose findings are ignored.", type: "string", enum: rules.map(({ id }) => id) },
            package: {
              description: "The package as a purl. Without a version: every version. `*` stands for any run of characters.",
              type: "string",
              pattern: "^pkg:.",
            },
            advisory: { description: "The id of an advisory, or an alias of it.", type: "string", minLength: 1 },
            reason: { description: "Why this is acceptable here.", type: "string", pattern: "\\S" },
            expires: {
              description: "The last day on which it holds, YYYY-MM-DD (UTC).",
              type: "string",
              pattern: "^\\d{4}-\\d{2}-\\d{2}$",
            },
          },
        },
      },
    },
  };
}

function ruleSchema(rule: RuleShape): Schema {
  const options = Object.entries(rule.options ?? {});
  return {
    description: rule.title,
    anyOf: [
      { type: "string", enum: ["off", ...severities] },
      {
        type: "object",
        additionalProperties: false,
        properties: {
          severity: { type: "string", enum: ["off", ...severities] },
          ...(options.length === 0
            ? {}
            : {
                options: {
                  type: "object",
                  additionalProperties: false,
                  properties: Object.fromEntries(
                    options.map(([name, option]) => [
                      name,
                      { description: `${option.summary} Standard: ${option.standard}.`, ...optionTypes[option.type] },
                    ]),
                  ),
                },
              }),
        },
      },
    ],
  };
}
