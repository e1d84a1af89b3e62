import type { Place, Severity } from "../model/index.ts";
import { Fault } from "../model/index.ts";
import { type JsonNode, parseJson, placeAt } from "./json.ts";
import { nearest } from "./nearest.ts";
import {
  type DevEffect,
  type Ignore,
  type Policy,
  type RulePolicy,
  type Threshold,
  type TrustedVerifier,
  type UnansweredEffect,
  defaultPolicy,
} from "./policy.ts";
import { type RuleShape, type Schema, policySchema } from "./schema.ts";

/** Where the file is looked for: in the folder that is checked, then upwards; the nearest counts. */
export const POLICY_FILE = "tributary.json";

/**
 * Reads a policy file. `file` is its path as the user would write it, `rules` are the rules that there are. What the file leaves out is
 * as in `defaultPolicy`. Throws Fault `policy/invalid` with line, column and, where a word looks like a known one, that word.
 */
export function readPolicy(text: string, file: string, rules: readonly RuleShape[]): Policy {
  const source: Source = { text, file };
  const tree = parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text, file);
  hold(tree, policySchema(rules), "the policy", source);
  const top = membersOf(tree);
  const policy: Policy = {
    file,
    block: (textOf(top.get("block")) ?? defaultPolicy.block) as Threshold,
    review: (textOf(top.get("review")) ?? defaultPolicy.review) as Threshold,
    unanswered: (textOf(top.get("unanswered")) ?? defaultPolicy.unanswered) as UnansweredEffect,
    dev: (textOf(top.get("dev")) ?? defaultPolicy.dev) as DevEffect,
    rules: new Map([...membersOf(top.get("rules"))].map(([rule, node]) => [rule, rulePolicy(node)])),
    ignores: itemsOf(top.get("ignore")).map((node) => ignoreOf(node, source)),
    verifiers: itemsOf(top.get("verifiers")).map((node) => verifierOf(node, source)),
    summaries: textOf(top.get("summaries")) ?? defaultPolicy.summaries,
  };
  return policy;
}

interface Source {
  readonly text: string;
  readonly file: string;
}

function rulePolicy(node: JsonNode): RulePolicy {
  const members = membersOf(node);
  const word = node.kind === "scalar" ? textOf(node) : textOf(members.get("severity"));
  const options = Object.fromEntries([...membersOf(members.get("options"))].map(([name, value]) => [name, optionOf(value)]));
  const off = word === "off";
  return word === undefined || off ? { off, options } : { off, severity: word as Severity, options };
}

function optionOf(node: JsonNode): boolean | number | readonly string[] {
  return node.kind === "scalar" ? (node.value as boolean | number) : itemsOf(node).map((item) => textOf(item) ?? "");
}

function ignoreOf(node: JsonNode, source: Source): Ignore {
  const members = membersOf(node);
  const word = (name: string): string => textOf(members.get(name)) ?? "";
  const ignore = {
    rule: word("rule"),
    package: word("package"),
    advisory: word("advisory"),
    reason: word("reason").trim(),
    expires: word("expires"),
    line: placeOf(node, source).line ?? 1,
  };
  if (ignore.rule === "" && ignore.package === "" && ignore.advisory === "") {
    throw wrong(node, source, "this ignore names no rule, no package and no advisory: it would hide everything", {
      hint: 'add "rule", "package" or "advisory"',
    });
  }
  const day = members.get("expires");
  if (day !== undefined && !isDay(ignore.expires)) throw wrong(day, source, `${JSON.stringify(ignore.expires)} is no day of the calendar`);
  return ignore;
}

function verifierOf(node: JsonNode, source: Source): TrustedVerifier {
  const members = membersOf(node);
  const [key, identity, issuer] = ["key", "identity", "issuer"].map((name) => textOf(members.get(name)));
  const days = members.get("days");
  const signer =
    key !== undefined && identity === undefined && issuer === undefined
      ? ({ kind: "key", file: key } as const)
      : key === undefined && identity !== undefined && issuer !== undefined
        ? ({ kind: "identity", identity, issuer } as const)
        : null;
  if (signer === null)
    throw wrong(node, source, "a verifier has one way to know its signature: a key, or an identity and its issuer", {
      hint: 'add "key", or "identity" and "issuer"',
    });
  return {
    id: textOf(members.get("id")) ?? "",
    signer,
    upTo: Number(textOf(members.get("upTo"))?.at(-1)) as TrustedVerifier["upTo"],
    days: days?.kind === "scalar" && typeof days.value === "number" ? days.value : null,
    packages: itemsOf(members.get("packages")).map((item) => textOf(item) ?? ""),
  };
}

/** 2027-02-30 has the form of a date and is none. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Holds a tree against a schema; the first violation is thrown. */
function hold(node: JsonNode, schema: Schema, what: string, source: Source): void {
  if (schema.anyOf !== undefined) {
    const meant = schema.anyOf.find(({ type }) => type === typeOf(node));
    if (meant === undefined) {
      throw wrong(node, source, `${what} is ${a(typeOf(node))}, but must be ${schema.anyOf.map(({ type }) => a(type ?? "")).join(" or ")}`);
    }
    hold(node, meant, what, source);
    return;
  }
  if (schema.type !== undefined && typeOf(node) !== schema.type) {
    throw wrong(node, source, `${what} is ${a(typeOf(node))}, but must be ${a(schema.type)}`);
  }
  if (node.kind === "object") holdObject(node, schema, what, source);
  if (node.kind === "array" && schema.items !== undefined) {
    for (const [index, item] of node.items.entries()) hold(item, schema.items, `${what}[${index}]`, source);
  }
  if (schema.minimum !== undefined && node.kind === "scalar" && typeof node.value === "number" && node.value < schema.minimum)
    throw wrong(node, source, `${what} is ${node.value}, and must be at least ${schema.minimum}`);
  const text = textOf(node);
  if (text === undefined) return;
  if (schema.enum !== undefined && !schema.enum.includes(text)) {
    throw wrong(node, source, `${what} is ${JSON.stringify(text)}, which is not known`, suggest(text, schema.enum));
  }
  if (text.length < (schema.minLength ?? 0) || (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text))) {
    throw wrong(node, source, `${what} is ${JSON.stringify(text)}, which does not have the right form`, {
      hint: schema.description ?? "it must not be empty",
    });
  }
}

function holdObject(node: JsonNode & { readonly kind: "object" }, schema: Schema, what: string, source: Source): void {
  const known = Object.keys(schema.properties ?? {});
  for (const { name, at, value } of node.members) {
    const inner = known.includes(name) ? schema.properties?.[name] : undefined;
    if (inner !== undefined) hold(value, inner, `"${name}"`, source);
    else if (schema.additionalProperties === false) {
      throw new Fault("policy/invalid", `${what} has no ${JSON.stringify(name)}`, {
        place: placeAt(source.file, source.text, at),
        ...suggest(name, known),
      });
    }
  }
  for (const name of schema.required ?? []) {
    if (!node.members.some((member) => member.name === name)) {
      throw wrong(node, source, `${what} needs ${JSON.stringify(name)}`, { hint: schema.properties?.[name]?.description ?? "" });
    }
  }
}

function suggest(word: string, known: readonly string[]): { readonly hint: string } {
  const likely = nearest(word, known);
  if (likely !== undefined) return { hint: `did you mean ${JSON.stringify(likely)}?` };
  // More than a screenful of names helps nobody.
  return {
    hint: known.length > 12 ? "`tributary explain` lists the rules" : `known are ${known.map((name) => JSON.stringify(name)).join(", ")}`,
  };
}

function wrong(node: JsonNode, source: Source, message: string, details: { readonly hint?: string } = {}): Fault<"policy/invalid"> {
  return new Fault("policy/invalid", message, { place: placeOf(node, source), ...details });
}

const placeOf = (node: JsonNode, source: Source): Place => placeAt(source.file, source.text, node.at);

function typeOf(node: JsonNode): string {
  if (node.kind !== "scalar") return node.kind;
  return node.value === null ? "null" : typeof node.value;
}

const a = (type: string): string => (type === "null" ? "null" : `${/^[aeo]/.test(type) ? "an" : "a"} ${type}`);

function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

function membersOf(node: JsonNode | undefined): ReadonlyMap<string, JsonNode> {
  return new Map(node?.kind === "object" ? node.members.map(({ name, value }) => [name, value]) : []);
}

const itemsOf = (node: JsonNode | undefined): readonly JsonNode[] => (node?.kind === "array" ? node.items : []);
