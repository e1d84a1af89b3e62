import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { sampleReport } from "./sample.ts";
import { screenOf } from "./tones.ts";
import { formatVsa } from "./vsa.ts";

const context: OutputContext = {
  screen: screenOf(false, 80, {}, "linux"),
  textOf: () => null,
  ruleOf: () => undefined,
  all: false,
  category: "",
};

interface Vsa {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: {
    readonly verificationResult: string;
    readonly verifiedLevels: readonly string[];
    readonly dependencyLevels: Readonly<Record<string, number>>;
    readonly timeVerified?: string;
  };
}

const write = (change: Partial<Report>, more: Partial<OutputContext> = {}): Vsa =>
  JSON.parse(formatVsa({ ...sampleReport, ...change }, { ...context, ...more })) as Vsa;
const verdict = (word: Report["verdict"]["verdict"]): Partial<Report> => ({ verdict: { ...sampleReport.verdict, verdict: word } });

test("only a pass is PASSED; what asks for a review is not", () => {
  for (const [word, result] of [
    ["pass", "PASSED"],
    ["review", "FAILED"],
    ["block", "FAILED"],
  ] as const)
    assert.equal(write(verdict(word)).predicate.verificationResult, result);
  assert.deepEqual(write(verdict("block")).predicate.verifiedLevels, ["FAILED"]);
});

test("every component is counted once at its level, and the unknown as not evaluated", () => {
  const levels = [2, 2, 3, 0, null].map((level, index) => ({ purl: `pkg:npm/p${index}@1.0.0`, level: level as 0 | 2 | 3 | null }));
  assert.deepEqual(write({ levels }).predicate.dependencyLevels, {
    SLSA_BUILD_LEVEL_0: 1,
    SLSA_BUILD_LEVEL_2: 2,
    SLSA_BUILD_LEVEL_3: 1,
    SLSA_BUILD_LEVEL_UNEVALUATED: 1,
  });
});

test("it speaks of the project's files by their hashes, and carries no clock of its own", () => {
  const { subject, predicate } = write({});
  assert.deepEqual(
    subject.map(({ name, digest }) => [name, digest.sha256]),
    sampleReport.project.files.map(({ path, sha256 }) => [path, sha256]),
  );
  assert.equal(predicate.timeVerified, sampleReport.basis.newest);
  assert.equal(write({}, { timestamp: "2026-01-02T03:04:05.000Z" }).predicate.timeVerified, "2026-01-02T03:04:05.000Z");
});
