import type { AdvisoryClaim, OsvAffected, OsvRecord, OsvSeverity, OsvSpecific, SeverityLevel } from "../../model/index.ts";

export type AdvisorySeverity = AdvisoryClaim["severity"];

/** Scores one CVSS vector of any version; null where it is not a whole vector. */
export type Scorer = (vector: string) => { readonly score: number; readonly from: string } | null;

/** Vectors are short; whatever is longer is no vector and is not handed to the calculator. */
const VECTOR_MAX_LENGTH = 512;

/**
 * Loads the calculator (11 ms, so only where something matched) and gives a scorer that remembers what it scored. The score is the
 * overall one: with threat and environment where the vector states them (CVSS 4.0 §1.3).
 */
export async function loadScorer(): Promise<Scorer> {
  const { default: cvss } = await import("ae-cvss-calculator");
  const known = new Map<string, { readonly score: number; readonly from: string } | null>();
  const score: Scorer = (vector) => {
    if (vector === "" || vector.length > VECTOR_MAX_LENGTH) return null;
    try {
      const parsed = cvss.fromVector(vector) as {
        isBaseFullyDefined: () => boolean;
        calculateScores: () => { overall: number };
        getVectorName: () => string;
      } | null;
      if (!parsed || !parsed.isBaseFullyDefined()) return null;
      return { score: parsed.calculateScores().overall, from: parsed.getVectorName() };
    } catch {
      // The calculator throws on metrics that it does not know; a vector that cannot be scored is none.
      return null;
    }
  };
  return (vector) => {
    const before = known.get(vector);
    if (before !== undefined) return before;
    const scored = score(vector);
    known.set(vector, scored);
    return scored;
  };
}

/** The rating of a score. CVSS 3 and 4 share their bands (CVSS 4.0 §6); CVSS 2 has no critical one (NVD's bands). */
export function levelOf(score: number, from: string): SeverityLevel {
  if (from.startsWith("CVSS:2")) return score >= 7 ? "high" : score >= 4 ? "moderate" : "low";
  return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "moderate" : score > 0 ? "low" : "none";
}

const words: Readonly<Record<string, SeverityLevel>> = {
  critical: "critical",
  high: "high",
  important: "high",
  moderate: "moderate",
  medium: "moderate",
  low: "low",
  negligible: "low",
  none: "none",
};

const levelRank: Readonly<Record<SeverityLevel, number>> = { critical: 5, high: 4, moderate: 3, low: 2, none: 1, unknown: 0 };

const wordOf = (value: unknown): SeverityLevel | undefined =>
  typeof value === "string" && Object.hasOwn(words, value.toLowerCase()) ? words[value.toLowerCase()] : undefined;

/**
 * The severity of records that speak of one flaw. The highest CVSS version that any of them gives counts, of several scores the
 * highest; without CVSS the word of the database (`HIGH`), the worst of several; without that `unknown`, which is not `none`.
 */
export function severityOf(
  said: readonly { readonly record: OsvRecord; readonly entry: OsvAffected | undefined }[],
  score: Scorer,
): AdvisorySeverity {
  let best: (AdvisorySeverity & { readonly score: number; readonly from: string }) | null = null;
  let word: SeverityLevel = "unknown";
  for (const { record, entry } of said) {
    for (const vector of vectorsOf(record, entry)) {
      const scored = score(vector);
      if (scored === null) continue;
      const newer = best === null || scored.from > best.from || (scored.from === best.from && scored.score > best.score);
      if (newer) best = { level: levelOf(scored.score, scored.from), score: scored.score, vector, from: scored.from };
    }
    for (const said of wordsOf(record, entry)) if (levelRank[said] > levelRank[word]) word = said;
  }
  return best ?? (word === "unknown" ? { level: word } : { level: word, from: "database" });
}

function vectorsOf(record: OsvRecord, entry: OsvAffected | undefined): readonly string[] {
  const given: readonly OsvSeverity[] = [...(record.severity ?? []), ...(entry?.severity ?? [])];
  const vectors = given.filter((severity) => severity.type.startsWith("CVSS_")).map((severity) => severity.score);
  // RustSec keeps its vector beside the entry as well, in some records only there.
  const beside = entry?.database_specific?.["cvss"];
  return typeof beside === "string" ? [...vectors, beside] : vectors;
}

function wordsOf(record: OsvRecord, entry: OsvAffected | undefined): readonly SeverityLevel[] {
  const given = [
    ...[...(record.severity ?? []), ...(entry?.severity ?? [])].filter(({ type }) => !type.startsWith("CVSS_")).map(({ score }) => score),
    ...[record.database_specific, entry?.database_specific].map((specific: OsvSpecific | null | undefined) => specific?.["severity"]),
  ];
  return given.map(wordOf).filter((level) => level !== undefined);
}
