import { type Claim, type Evidence, evidenceId, type RegistryReleaseClaim, toStatement } from "../model/evidence.ts";
import { formatPlace } from "../model/fault.ts";
import type { JudgedFinding } from "../model/report.ts";
import { count } from "./groups.ts";
import { escapeHtml as esc, link } from "./html-text.ts";

/** A statement that is longer is cut on the page; the JSON report holds all of it. */
const LONGEST_STATEMENT = 20_000;

/** Each piece of evidence that a finding cites: what it says in a sentence, who says so, and the statement itself to open. */
export function evidenceSection(finding: JudgedFinding): string {
  return finding.evidence.map(piece).join("");
}

function piece(evidence: Evidence): string {
  const statement = JSON.stringify(toStatement(evidence), null, 2);
  const shown =
    statement.length > LONGEST_STATEMENT
      ? `${statement.slice(0, LONGEST_STATEMENT)}\n… ${count(statement.length - LONGEST_STATEMENT)} more characters`
      : statement;
  return `<details><summary>${esc(sentence(evidence.claim))} <span class="quiet">(${evidence.strength}, ${esc(evidence.source)}, ${esc(evidence.observedAt.slice(0, 10))})</span></summary>${more(evidence.claim)}<pre class="raw"><code>${esc(shown)}</code></pre><p class="meta raw"><code>${evidenceId(evidence)}</code></p></details>`;
}

function sentence(claim: Claim): string {
  switch (claim.kind) {
    case "advisory":
      return `${claim.id}: ${claim.summary}`;
    case "lockfile-entry":
      return `${formatPlace(claim.place)} promises ${claim.integrity.join(" ") || "no hash"}`;
    case "registry-release":
      if (claim.files !== undefined) return `the package index publishes ${filesInWords(claim.files)}`;
      return `the registry publishes ${claim.integrity || claim.shasum || "no hash"}`;
    case "artifact":
      return `${count(claim.size)} bytes with SHA-512 ${claim.sha512}`;
    case "attestation":
      return claim.refusal === undefined
        ? `${claim.signer?.identity ?? "nobody"} signed ${attested[claim.states]}`
        : `${attested[claim.states]}, refused: ${claim.refusal.message}`;
    case "verification-summary":
      return `${claim.verifier} verified build level ${claim.states}${claim.level < claim.states ? `, of which the policy lets ${claim.level} count` : ""}`;
    case "registry-signature":
      return claim.refusal === undefined
        ? `the registry signed ${claim.integrity}`
        : `the registry's signature, refused: ${claim.refusal.message}`;
    default:
      // A kind that came after this page was written still shows its statement.
      return (claim satisfies never as Claim).kind;
  }
}

/** A release may have some hundred files; the statement below holds all. */
const FILES_NAMED = 4;

function filesInWords(files: NonNullable<RegistryReleaseClaim["files"]>): string {
  const named = files.slice(0, FILES_NAMED).map(({ name, integrity }) => `${name} (${integrity || "no hash"})`);
  return `${count(files.length)} files: ${named.join(", ")}${files.length > FILES_NAMED ? ", …" : ""}`;
}

const attested = {
  build: "how it was built",
  publish: "that it was published",
  summary: "a verdict on it",
  other: "a statement about it",
} as const;

function more(claim: Claim): string {
  if (claim.kind !== "advisory") return "";
  const { severity, fixed, references } = claim;
  const level =
    severity.score === undefined ? severity.level : `${severity.level} (${severity.score} by ${severity.from ?? "the database"})`;
  const cure = fixed.length === 0 ? "No release cures it." : `Cured by ${fixed.join(", ")}.`;
  const links = references.slice(0, 10).map((reference) => `<li>${link(reference)}</li>`);
  return `<p>Severity ${esc(level)}. ${esc(cure)} Published ${esc(claim.published.slice(0, 10))}, changed ${esc(claim.modified.slice(0, 10))}.</p>${links.length === 0 ? "" : `<ul>${links.join("")}</ul>`}`;
}
