/**
 * Whom a package index names as the publisher of a file (PEP 740, "Provenance objects"), held against the certificate that signed the attestation. The
 * index's word is asserted, the certificate's is proved: they must say the same, and what the index alone says is not taken for proved.
 */
import type { Disagreement, Signer } from "../../model/index.ts";
import { callingWorkflow } from "./agreement.ts";
import { plainAddress } from "./build-facts.ts";

export type PublisherWord = Readonly<Record<string, unknown>>;

export type PublisherComparison =
  | { readonly ok: true; readonly disagreements: readonly Disagreement[] }
  | { readonly ok: false; readonly code: "publisher-malformed" | "publisher-unknown"; readonly message: string };

/** Whoever vouches for identities of each kind of Trusted Publisher, and where its projects lie. */
const forges: Readonly<Record<string, { readonly issuer: string; readonly base: string }>> = {
  GitHub: { issuer: "https://token.actions.githubusercontent.com", base: "https://github.com/" },
  GitLab: { issuer: "https://gitlab.com", base: "https://gitlab.com/" },
};

/** The kinds are those of pypi-attestations; a kind that is newer leaves the question open. */
export function comparePublisher(publisher: PublisherWord | null, signer: Signer): PublisherComparison {
  const text = (name: string): string => {
    const value = publisher !== null && Object.hasOwn(publisher, name) ? publisher[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  const kind = text("kind");
  if (kind === "") return { ok: false, code: "publisher-malformed", message: "the index keeps it under no publisher" };
  const disagreements: Disagreement[] = [];
  const hold = (about: string, certificate: string, statement: string, same = (a: string, b: string) => a === b): void => {
    if (!same(certificate, statement))
      disagreements.push({ about: `publisher's ${about}`, certificate: certificate || "nothing", statement });
  };
  if (kind === "Google") {
    if (text("email") === "")
      return { ok: false, code: "publisher-malformed", message: "the index names a publisher of Google without an address" };
    hold("issuer", signer.issuer, "https://accounts.google.com");
    hold("address", signer.identity, text("email"));
    return { ok: true, disagreements };
  }
  const forge = Object.hasOwn(forges, kind) ? forges[kind] : undefined;
  if (forge === undefined)
    return {
      ok: false,
      code: "publisher-unknown",
      message: `the index names a publisher of the kind ${JSON.stringify(kind).slice(0, 40)}, which is not known here`,
    };
  const repository = text("repository");
  const workflow = kind === "GitHub" ? text("workflow") : text("workflow_filepath");
  if (repository === "" || workflow === "")
    return {
      ok: false,
      code: "publisher-malformed",
      message: `the index names a publisher of ${kind} without ${repository === "" ? "repository" : "workflow"}`,
    };
  hold("issuer", signer.issuer, forge.issuer);
  // Both forges take names in any case for the same.
  hold("repository", plainAddress(signer.source), `${forge.base}${repository}`, (a, b) => a.toLowerCase() === b.toLowerCase());
  hold("workflow", callingWorkflow(signer).path, kind === "GitHub" ? `.github/workflows/${workflow}` : workflow);
  return { ok: true, disagreements };
}
