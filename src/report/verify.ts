/** Draws what a verification proved: the way from the bytes back to the source, then the level, requirement by requirement. */
import type { AttestationClaim, LevelVerdict } from "../model/provenance.ts";
import { block, padTo, sentence } from "./text.ts";
import type { Screen } from "./tones.ts";

/** What is drawn: the use case's report, which this room may not name. */
export interface VerificationShown {
  readonly artifact: { readonly name: string; readonly digests: Readonly<Record<string, string>> };
  readonly verified: boolean;
  readonly because: string;
  readonly attestations: readonly {
    readonly file: string;
    readonly number: number;
    readonly state: "accepted" | "beside" | "unexpected" | "refused";
    readonly claim: AttestationClaim;
    readonly reasons: readonly { readonly code: string; readonly message: string }[];
    readonly level: LevelVerdict | null;
  }[];
  readonly level: LevelVerdict | null;
  readonly trust: readonly { readonly source: string; readonly date: string; readonly expires: string; readonly expired: boolean }[];
}

const called = { build: "provenance", publish: "publication", summary: "verification summary", other: "attestation" } as const;
const WIDTH = 11;

export function formatVerification(report: VerificationShown, screen: Screen): string {
  const { paint, columns } = screen;
  const lines: string[] = [];
  const word = report.verified ? "verified" : "not verified";
  const head = block(`${word}: ${sentence(report.artifact.name)}: ${sentence(report.because)}`, columns, "", "  ");
  head[0] = (head[0] ?? "").replace(word, () => paint(report.verified ? "good" : "bad", word));
  lines.push(...head);
  const accepted = report.attestations.filter(({ state }) => state === "accepted");
  // What is not verified is not drawn as if it led somewhere.
  const shown = report.verified ? (accepted.find(({ claim }) => claim.states === "build") ?? accepted[0]) : undefined;
  if (shown !== undefined) lines.push("", ...wayBack(report.artifact.digests, shown.claim, screen));
  if (report.level !== null) lines.push("", ...levelLines(report.level, screen));
  const others = report.attestations.filter((one) => one !== shown);
  if (others.length > 0) {
    lines.push("");
    for (const one of others) {
      const name = `${sentence(one.file)} ${one.number} (${called[one.claim.states]}): `;
      const reasons = one.reasons.map(({ message }) => message).join("; ");
      const what = {
        accepted: "holds",
        beside: "holds",
        unexpected: `holds, but is not what is expected: ${reasons}`,
        refused: `refused: ${reasons}`,
      }[one.state];
      lines.push(...block(sentence(`${name}${what}`), columns, "  ", "    "));
    }
  }
  lines.push("", ...trustLines(report.trust, screen));
  return `${lines.join("\n")}\n`;
}

/** From the bytes down to the source, each step resting on the one above. */
function wayBack(digests: Readonly<Record<string, string>>, claim: AttestationClaim, { paint, columns, unicode }: Screen): string[] {
  const { signer, build } = claim;
  const digest =
    Object.entries(digests).find(([algorithm]) => claim.subjects.some((subject) => Object.hasOwn(subject.digest, algorithm))) ??
    Object.entries(digests)[0];
  const steps: [string, string][] = [["bytes", digest === undefined ? "" : `${digest[0]}:${digest[1]}`]];
  const when = claim.signedAt === "" ? "" : `, on ${claim.signedAt.slice(0, 10)} by the clock of ${claim.timeFrom}`;
  steps.push(["statement", `${claim.predicateType || "a signature over the bytes"}${when}`]);
  if (signer !== null)
    steps.push([
      "signer",
      signer.by === "key" ? `the key ${signer.identity || "that was given"}` : `${signer.identity}, as ${signer.issuer} vouches`,
    ]);
  if (build !== null) {
    steps.push(["builder", build.builder]);
    const trigger = signer?.trigger || build.trigger;
    const run = signer?.run || build.run;
    if (run !== "" || trigger !== "") steps.push(["run", `${run || "unnamed"}${trigger === "" ? "" : `, started by ${trigger}`}`]);
    if (build.workflow !== "") steps.push(["workflow", build.workflow]);
    if (build.commit !== "") steps.push(["commit", build.commit]);
    const id = signer?.sourceId || build.sourceId;
    steps.push(["source", `${build.source || "unnamed"}${build.ref === "" ? "" : ` at ${build.ref}`}${id === "" ? "" : ` (id ${id})`}`]);
  } else if (claim.publish !== null)
    steps.push(["published", `${claim.publish.name}@${claim.publish.version} at ${claim.publish.registry || "the index"}`]);
  const stroke = unicode ? "│" : "|";
  return steps.flatMap(([label, text], index) => {
    const drawn = block(sentence(text), columns, `  ${padTo(label, WIDTH)}`, `  ${padTo(index < steps.length - 1 ? stroke : "", WIDTH)}`);
    drawn[0] = (drawn[0] ?? "").replace(label, () => paint("strong", label));
    if (index < steps.length - 1) drawn.push(`  ${paint("quiet", stroke)}`);
    return drawn;
  });
}

function levelLines({ level, requirements, row, table }: LevelVerdict, { paint, columns }: Screen): string[] {
  const marks = { true: paint("good", "+"), false: paint("caution", "-"), unknown: paint("unclear", "?") } as const;
  return [
    `SLSA Build level ${paint("strong", String(level))} ${paint("quiet", `(table of builders ${table}, row ${row})`)}`,
    ...requirements.flatMap((requirement) => {
      const drawn = block(sentence(`L${requirement.level} ${requirement.id}: ${requirement.because}`), columns, "  + ", "    ");
      drawn[0] = (drawn[0] ?? "").replace("+", () => marks[`${requirement.met}`]);
      return drawn;
    }),
  ];
}

/** On whose word it rests, with its age: an old root is not wrong, but it does not know what was withdrawn since. */
function trustLines(trust: VerificationShown["trust"], { paint, columns }: Screen): string[] {
  return trust.flatMap(({ source, date, expires, expired }) => {
    const age = `${date === "" ? "" : `, of ${date.slice(0, 10)}`}${expires === "" ? "" : `, ${expired ? "vouched for until" : "good until"} ${expires.slice(0, 10)}`}`;
    const drawn = block(sentence(`trust root: ${source}${age}${expired ? " (tributary trust update)" : ""}`), columns, "", "  ");
    return drawn.map((line) => paint(expired ? "caution" : "quiet", line));
  });
}
