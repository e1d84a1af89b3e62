/**
 * The verdict for other tools: a SLSA Verification Summary (https://slsa.dev/spec/v1.2/verification_summary). It says of the project's own files
 * that they passed or failed the policy, and of what stands behind them how many packages have which build level. What could not be asked is
 * counted as not evaluated, never as a level.
 */
import type { Json } from "../model/canonical.ts";
import { formatPurl } from "../model/purl.ts";
import type { Report } from "../model/report.ts";
import type { WriteReport } from "./format.ts";

const PREDICATE = "https://slsa.dev/verification_summary/v1";
const STATEMENT = "https://in-toto.io/Statement/v1";
const VERIFIER = "https://tributary.example/verifier/v1";
const STANDARD_POLICY = "https://tributary.example/policy/standard";

/** The statement, not signed. A review that is asked for is no pass: the summary says FAILED. */
export const formatVsa: WriteReport = (report, { timestamp }) => `${JSON.stringify(summaryOf(report, timestamp), null, 2)}\n`;

function summaryOf(report: Report, timestamp: string | undefined): Json {
  const { project, verdict, basis } = report;
  const passed = verdict.verdict === "pass";
  const time = timestamp ?? basis.newest;
  return {
    _type: STATEMENT,
    subject: project.files.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType: PREDICATE,
    predicate: {
      verifier: { id: VERIFIER, version: { tributary: report.tool.version } },
      // The run has no clock of its own: the time is that of the newest evidence, unless one was given.
      ...(time === "" ? {} : { timeVerified: time }),
      resourceUri: formatPurl({ type: "generic", name: project.name === "" ? "project" : project.name, version: project.version }),
      policy: { uri: basis.policy === "the standard policy" ? STANDARD_POLICY : (basis.policy.split(" ")[0] ?? basis.policy) },
      verificationResult: passed ? "PASSED" : "FAILED",
      // The level of the project's own build is not what was looked at.
      verifiedLevels: [passed ? "SLSA_BUILD_LEVEL_UNEVALUATED" : "FAILED"],
      dependencyLevels: dependencyLevels(report),
      slsaVersion: "1.2",
    },
  };
}

/** Each component once, at the highest level of the track that is shown for it. */
function dependencyLevels({ levels = [] }: Report): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { level } of levels) {
    const name = `SLSA_BUILD_LEVEL_${level ?? "UNEVALUATED"}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
