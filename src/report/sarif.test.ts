import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JudgedFinding, Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { findingOf, sampleReport } from "./sample.ts";
import { formatSarif, MOST_RESULTS } from "./sarif.ts";
import { screenOf } from "./tones.ts";

const context: OutputContext = {
  screen: screenOf(false, 80, {}, "linux"),
  textOf: (path) => (path === "package-lock.json" ? Array.from({ length: 400 }, (_, line) => `"entry ${line}"`).join("\n") : null),
  ruleOf: (id) => ({
    id,
    title: "Is it so?",
    motivation: "Because.",
    remedy: "Do.",
    page: "# Page\n\nText.",
    severity: "high",
    tags: ["CWE-494", "supply-chain"],
  }),
  all: false,
  category: "",
};

interface Rule {
  id: string;
  shortDescription: { text: string };
  help: { markdown: string };
  properties: { tags: string[]; "security-severity"?: string };
}
interface Result {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }];
  partialFingerprints: Record<string, string>;
  suppressions?: { justification: string }[];
}
interface Run {
  tool: { driver: { rules: Rule[] } };
  automationDetails: { id: string };
  invocations: [{ toolExecutionNotifications: { message: { text: string } }[] }];
  results: Result[];
}
const runOf = (report: Report, over: Partial<OutputContext> = {}): Run =>
  (JSON.parse(formatSarif(report, { ...context, ...over })) as { runs: [Run] }).runs[0];

// The part of the standard that we write, closed: sections 3.13 (log) to 3.58 (notification). The whole schema is held against by
// scripts/validate-sarif.ts, which fetches the standard's own validator.
const text = {
  type: "object",
  properties: { text: { type: "string", minLength: 1 }, markdown: { type: "string" } },
  required: ["text"],
  additionalProperties: false,
};
const object = (properties: object, required: readonly string[] = []): object => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const bag = { type: "object" };
const list = (items: object): object => ({ type: "array", items });
const uri = { type: "string", pattern: "^[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]*$" };
const place = object({ uri, uriBaseId: { type: "string" } }, ["uri"]);
const locationSchema = object({
  id: { type: "integer", minimum: 0 },
  message: text,
  physicalLocation: object(
    {
      artifactLocation: place,
      region: object({ startLine: { type: "integer", minimum: 1 }, startColumn: { type: "integer", minimum: 1 } }, ["startLine"]),
    },
    ["artifactLocation"],
  ),
  logicalLocations: list(object({ name: { type: "string" }, fullyQualifiedName: { type: "string" }, kind: { type: "string" } })),
});
const level = { enum: ["none", "note", "warning", "error"] };
const target = object({ id: { type: "string" }, toolComponent: object({ name: { type: "string" } }) }, ["id"]);
const schema = object(
  {
    $schema: { type: "string" },
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      minItems: 1,
      maxItems: 1,
      items: object(
        {
          tool: object({
            driver: object(
              {
                name: { type: "string" },
                semanticVersion: { type: "string" },
                rules: {
                  ...list(
                    object(
                      {
                        id: { type: "string" },
                        name: { type: "string", pattern: "^[A-Z][A-Za-z0-9]*$" },
                        shortDescription: text,
                        fullDescription: text,
                        help: text,
                        helpUri: uri,
                        defaultConfiguration: object({ level }),
                        relationships: list(object({ target, kinds: list({ type: "string" }) }, ["target"])),
                        properties: bag,
                      },
                      ["id"],
                    ),
                  ),
                  uniqueItems: true,
                },
                supportedTaxonomies: list(object({ name: { type: "string" } })),
              },
              ["name"],
            ),
          }),
          automationDetails: object({ id: { type: "string" }, description: text }),
          invocations: list(
            object(
              {
                executionSuccessful: { type: "boolean" },
                toolExecutionNotifications: list(
                  object(
                    {
                      level,
                      message: text,
                      associatedRule: object({ id: { type: "string" } }),
                      locations: list(locationSchema),
                      properties: bag,
                    },
                    ["message"],
                  ),
                ),
              },
              ["executionSuccessful"],
            ),
          ),
          originalUriBaseIds: { type: "object", additionalProperties: object({ description: text }) },
          artifacts: list(
            object({
              location: place,
              roles: list({ type: "string" }),
              hashes: { type: "object", additionalProperties: { type: "string" } },
            }),
          ),
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          results: list(
            object(
              {
                ruleId: { type: "string" },
                ruleIndex: { type: "integer", minimum: 0 },
                level,
                message: text,
                locations: { ...list(locationSchema), minItems: 1 },
                relatedLocations: list(locationSchema),
                partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
                suppressions: list(
                  object(
                    {
                      kind: { enum: ["inSource", "external"] },
                      status: { enum: ["accepted", "underReview", "rejected"] },
                      justification: { type: "string" },
                    },
                    ["kind"],
                  ),
                ),
                properties: bag,
              },
              ["message"],
            ),
          ),
          taxonomies: list(
            object(
              {
                name: { type: "string" },
                organization: { type: "string" },
                shortDescription: text,
                taxa: list(object({ id: { type: "string" } }, ["id"])),
              },
              ["name"],
            ),
          ),
          properties: bag,
        },
        ["tool"],
      ),
    },
  },
  ["version", "runs"],
);
const validate = new Ajv2020({ allErrors: true }).compile(schema);

test("the log has the standard's form and nothing besides", () => {
  const empty: Report = { ...sampleReport, findings: [], project: { ...sampleReport.project, files: [] } };
  const hostile: Report = {
    ...sampleReport,
    findings: [
      findingOf({
        of: "ms",
        rule: "integrity/weak-hash",
        severity: "info",
        effect: "note",
        message: "[x](javascript:1) {0} \\",
        remedy: { text: "" },
        places: [{ file: "a b/c%d#é.json" }, { file: "/abs/x" }],
      }),
    ],
  };
  for (const report of [sampleReport, empty, hostile]) {
    validate(JSON.parse(formatSarif(report, context)));
    assert.deepEqual(validate.errors ?? [], []);
  }
});

test("every result names a rule that is there and a line in the user's file", () => {
  const run = runOf(sampleReport);
  assert.equal(run.results.length, sampleReport.findings.length);
  for (const result of run.results) {
    assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
    assert.equal(result.locations[0].physicalLocation.artifactLocation.uri, "package-lock.json");
    assert.ok(result.locations[0].physicalLocation.region.startLine > 100);
    assert.match(result.partialFingerprints["primaryLocationLineHash"] ?? "", /^[0-9a-f]{1,16}:\d+$/);
  }
});

test("a flaw has its own rule with its own severity, title, CWE and the page's help", () => {
  const { rules } = runOf(sampleReport).tool.driver;
  const rule = rules.find(({ id }) => id === "advisories/known-vulnerability/GHSA-aaaa-bbbb-0001");
  assert.equal(rule?.properties["security-severity"], "7.5");
  assert.equal(rule?.shortDescription.text, "qs prototype poisoning");
  assert.deepEqual(rule?.properties.tags, ["security", "advisories", "external/cwe/cwe-1321", "external/cwe/cwe-494"]);
  assert.match(rule?.help.markdown ?? "", /CVE-2026-0001[^]*# Page/);
  assert.equal(rules.find(({ id }) => id === "integrity/lockfile-mismatch")?.properties["security-severity"], "9.5");
});

test("what is ignored is a suppressed result with its reason", () => {
  const suppressed = runOf(sampleReport).results.filter(({ suppressions }) => suppressions !== undefined);
  assert.deepEqual(
    suppressed.map(({ ruleId, suppressions }) => [ruleId, suppressions?.[0]?.justification]),
    [["advisories/known-vulnerability/GHSA-aaaa-bbbb-0003", "only reads our own arguments | see decision 12 (until 2027-02-01)"]],
  );
});

const prints = (report: Report): (string | undefined)[] =>
  runOf(report).results.map(({ partialFingerprints }) => partialFingerprints["tributaryFinding/v1"]);

test("fingerprints stay when lines move, and differ between any two findings", () => {
  const moved = sampleReport.findings.map((finding): JudgedFinding =>
    Object.assign({}, finding, { places: finding.places.map((at) => ({ ...at, line: 1 })) }),
  );
  assert.deepEqual(prints({ ...sampleReport, findings: moved }), prints(sampleReport));
  assert.equal(new Set(prints(sampleReport)).size, sampleReport.findings.length);
});

test("of too many findings the worst are written and the rest is counted", () => {
  const many = Array.from({ length: MOST_RESULTS + 7 }, (_, index) =>
    findingOf({
      of: "qs",
      rule: "integrity/weak-hash",
      severity: index === MOST_RESULTS + 6 ? "critical" : "low",
      effect: "note",
      message: "m",
      remedy: { text: "" },
      key: String(index),
    }),
  );
  const run = runOf({ ...sampleReport, findings: many });
  assert.equal(run.results.length, MOST_RESULTS);
  assert.equal(run.results[0]?.level, "error");
  assert.match(run.invocations[0].toolExecutionNotifications[0]?.message.text ?? "", /; 7 more/);
});

test("what could not be answered is in the log too", () => {
  const texts = runOf(sampleReport).invocations[0].toolExecutionNotifications.map(({ message }) => message.text);
  assert.equal(texts.length, 3);
  assert.match(texts[0] ?? "", /^Not answered for @shop\/ui@3\.2\.0: registry\.example answers 401/);
});

test("a message cannot smuggle a link or a placeholder", () => {
  const finding = findingOf({
    of: "qs",
    rule: "integrity/weak-hash",
    severity: "low",
    effect: "note",
    message: "see [this](https://evil.example) {0}",
    remedy: { text: "" },
  });
  assert.equal(runOf({ ...sampleReport, findings: [finding] }).results[0]?.message.text, "see \\[this\\](https://evil.example) {{0}}");
});

test("the category of a folder is its own, so that two projects of one repository keep their alerts apart", () => {
  assert.equal(runOf(sampleReport).automationDetails.id, "tributary/");
  assert.equal(runOf(sampleReport, { category: "packages/web/" }).automationDetails.id, "tributary/packages/web/");
});
