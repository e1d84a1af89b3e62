import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { canonicalJson, type Json, sha256 } from "../model/canonical.ts";
import type { Report } from "../model/report.ts";
import { formatJson } from "./json.ts";
import { sampleReport } from "./sample.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "schema", "report.schema.json"), "utf8")) as AnySchemaObject;

/** The published schema lets readers meet members that they do not know; we ourselves may write none that it does not name. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== "object" || node === null) return node;
  const copy: Record<string, unknown> = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (copy["type"] === "object" && copy["properties"] !== undefined && copy["additionalProperties"] === undefined)
    copy["additionalProperties"] = false;
  return copy;
}
const validate = new Ajv2020({ allErrors: true, strictRequired: false }).compile(closed(schema) as AnySchemaObject);

interface Document {
  findings: { id: string; effect: string; evidence: string[] }[];
  evidence: Record<string, { subject: [{ uri: string; digest: Record<string, string> }]; predicate: { [key: string]: Json } }>;
}
const documentOf = (report: Report): Document => JSON.parse(formatJson(report)) as Document;

test("the document is valid against the published schema, and has no member that the schema does not name", () => {
  const since = { revision: "main", added: ["pkg:npm/a@1"], removed: [], changed: [{ from: "pkg:npm/b@1", to: "pkg:npm/b@2" }] };
  const empty: Report = {
    ...sampleReport,
    findings: [],
    next: [],
    project: { ...sampleReport.project, files: [], components: [], nodes: [], roots: [] },
    basis: { ...sampleReport.basis, advisories: null },
  };
  for (const report of [sampleReport, { ...sampleReport, since }, empty]) {
    validate(documentOf(report));
    assert.deepEqual(validate.errors ?? [], []);
  }
});

test("the schema refuses what is not a report", () => {
  const document: Record<string, unknown> = { ...documentOf(sampleReport) };
  for (const broken of [
    { ...document, schemaVersion: "2.0" },
    { ...document, findings: [{}] },
    { ...document, answers: [] },
    { ...document, verdict: { verdict: "fine" } },
  ]) {
    assert.equal(validate(broken), false);
  }
});

test("every piece of evidence that a finding cites is in the document, and its id is the hash of what it says", () => {
  const { findings, evidence } = documentOf(sampleReport);
  const cited = new Set(findings.flatMap((finding) => finding.evidence));
  assert.ok(cited.size > 0);
  assert.deepEqual([...cited].toSorted(), Object.keys(evidence).toSorted());
  const plain = sampleReport.findings.flatMap((finding) => finding.evidence);
  for (const id of cited) assert.ok(plain.some((item) => `sha256:${sha256(canonicalJson(item as unknown as Json))}` === id));
});

test("the same report gives the same bytes, whatever order its findings come in", () => {
  assert.equal(formatJson({ ...sampleReport, findings: sampleReport.findings.toReversed() }), formatJson(sampleReport));
});

test("a finding keeps its id when its line and message change, and the worst finding stands first", () => {
  const [first, ...others] = sampleReport.findings;
  assert.ok(first);
  const moved = documentOf({
    ...sampleReport,
    findings: [{ ...first, places: [{ file: "elsewhere", line: 9 }], message: "said otherwise" }, ...others],
  });
  assert.deepEqual(
    moved.findings.map(({ id }) => id),
    documentOf(sampleReport).findings.map(({ id }) => id),
  );
  assert.equal(moved.findings[0]?.effect, "block");
});
