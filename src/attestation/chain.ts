/**
 * From the certificate that signed to an authority that is trusted. The issuing certificates come from the trust root; what a bundle brings along
 * is used only to bridge a gap, and refused where it has no part in the path: else anybody could hang bytes on a bundle that nobody signed.
 */
import {
  alternativeNames,
  type AlternativeName,
  type Certificate,
  CODE_SIGNING,
  hasPurpose,
  isAuthority,
  isSignedBy,
  isValidAt,
  readCertificate,
  strangeExtension,
  usageBit,
} from "./certificate.ts";
import { holds } from "./key.ts";
import { reject, type RejectCode } from "./reject.ts";
import type { TrustedAuthority, TrustInstance, TrustRoot } from "./trust-root.ts";

export interface Path {
  readonly instance: TrustInstance;
  readonly authority: TrustedAuthority;
  /** The certificate that signed the leaf. */
  readonly issuer: Certificate;
}

const DIGITAL_SIGNATURE = 0;

/** `rest` = the other certificates of the bundle, `times` = the trusted times of the signature, milliseconds since 1970. */
export function checkChain(
  leaf: Certificate,
  rest: readonly Buffer[],
  times: readonly number[],
  root: TrustRoot,
  rootAllowed: boolean,
): Path {
  checkLeaf(leaf);
  let failure: { code: RejectCode; message: string } | undefined;
  for (const instance of root.instances)
    for (const authority of instance.certificateAuthorities) {
      const path = walk(leaf, rest, authority);
      if (path === undefined) continue;
      const expired = outside(path, authority, times);
      if (expired !== undefined) failure = { code: "certificate-expired", message: expired };
      else if (!signed(path))
        failure ??= { code: "certificate-untrusted", message: "the certificate is not signed by the authority that it names" };
      else {
        checkRest(path, authority, rest, rootAllowed);
        const [, issuer] = path.certificates;
        if (issuer === undefined) continue;
        return { instance, authority, issuer };
      }
    }
  return reject(
    failure?.code ?? "certificate-untrusted",
    failure?.message ?? "the trust root does not know the authority that issued the certificate",
  );
}

function checkLeaf(leaf: Certificate): void {
  const strange = strangeExtension(leaf);
  if (strange !== undefined) reject("certificate-purpose", `the certificate has a critical extension ${strange} that is not understood`);
  if (!hasPurpose(leaf, CODE_SIGNING)) reject("certificate-purpose", "the certificate is not for signing code");
  if (!usageBit(leaf, DIGITAL_SIGNATURE)) reject("certificate-purpose", "the certificate's key is not for signatures");
  if (isAuthority(leaf, 0)) reject("certificate-purpose", "the certificate is an authority's, not a signer's");
}

interface Walk {
  /** From the leaf to the anchor. */
  readonly certificates: readonly Certificate[];
  /** How many of them come from the bundle: the leaf and what bridges the gap. */
  readonly own: number;
  /** Where the authority's chain is joined. */
  readonly joinedAt: number;
}

function walk(leaf: Certificate, rest: readonly Buffer[], authority: TrustedAuthority): Walk | undefined {
  const own = [leaf];
  for (let current = leaf; ;) {
    const { issuer } = current;
    const joinedAt = authority.chain.findIndex((one) => one.subject.equals(issuer));
    if (joinedAt !== -1)
      return authority.soundFrom() > joinedAt
        ? undefined
        : { certificates: [...own, ...authority.chain.slice(joinedAt)], own: own.length, joinedAt };
    const next = rest[own.length - 1];
    if (next === undefined) return undefined;
    current = readCertificate(next);
    own.push(current);
  }
}

/** The signatures up to where the authority's own chain begins; that one was checked when the root was first used. */
function signed({ certificates, own }: Walk): boolean {
  for (let i = 0; i < own; i++) {
    const certificate = certificates[i];
    const issuer = certificates[i + 1];
    if (certificate === undefined || issuer === undefined || !isAuthority(issuer, i) || !isSignedBy(certificate, issuer)) return false;
    // An authority that the bundle brings along may be bound by a rule that is not understood; those of the root were chosen as they are.
    if (i + 1 < own && strangeExtension(issuer) !== undefined) return false;
  }
  return true;
}

function outside({ certificates }: Walk, authority: TrustedAuthority, times: readonly number[]): string | undefined {
  for (const time of times) {
    const when = new Date(time).toISOString();
    if (!holds(authority.validFor, time)) return `the authority was not trusted when the signature was made (${when})`;
    const index = certificates.findIndex((certificate) => !isValidAt(certificate, time));
    if (index === 0) return `the signature was made at ${when}, when its certificate was not valid`;
    if (index > 0) return `the authority's certificate was not valid when the signature was made (${when})`;
  }
  return undefined;
}

function checkRest({ certificates, own }: Walk, authority: TrustedAuthority, rest: readonly Buffer[], rootAllowed: boolean): void {
  // Up to `own` the certificates are the bundle's; what follows must be the authority's chain, in its order.
  for (let i = own - 1; i < rest.length; i++) {
    const bytes = rest[i];
    if (bytes === undefined) continue;
    const isAnchor = authority.chain.at(-1)?.raw.equals(bytes) === true && authority.chain.length > 1;
    const inPlace = certificates[i + 1]?.raw.equals(bytes) === true;
    if ((isAnchor && !(inPlace && rootAllowed)) || (!inPlace && isSelfSigned(bytes)))
      reject("certificate-root-in-bundle", "the bundle brings a root certificate along, where only the verifier may decide on roots");
    if (!inPlace) reject("certificate-untrusted", "the bundle carries a certificate that has no part in its proof");
  }
}

function isSelfSigned(bytes: Buffer): boolean {
  const certificate = readCertificate(bytes);
  return certificate.issuer.equals(certificate.subject);
}

/** The one name of the subject. */
export function signerName(leaf: Certificate): AlternativeName {
  const names = alternativeNames(leaf);
  const [name] = names;
  if (name === undefined || names.length > 1)
    return reject("certificate-malformed", `the certificate names ${names.length} identities where exactly one is meant`);
  return name;
}
