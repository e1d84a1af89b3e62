/** Attestations: DSSE, in-toto, Sigstore. Verification is offline and pure: bytes and a trust root in, an outcome out. */
export type { FulcioClaims } from "./claims.ts";
export { type DsseOptions, preAuthenticationEncoding, verifyDsse, type VerifiedEnvelope } from "./dsse.ts";
export { embeddedTrustRoot, freshness } from "./embedded.ts";
export {
  certificateOf,
  certificateRequest,
  entryOf,
  entryRequest,
  type IdentityToken,
  type KeylessContent,
  keylessBundle,
  oneTimeKey,
  readIdentityToken,
  SIGSTORE_AUDIENCE,
  signKeyless,
  timestampRequest,
} from "./keyless.ts";
export { type Hash, loadPublicKey, type Validity, type VerificationKey } from "./key.ts";
export { bundleFromPep740, type Publisher, type PypiAttestation, verifyPypiAttestations } from "./pep740.ts";
export {
  attestationKey,
  embeddedRegistryKeys,
  type KeyUsage,
  loadRegistryKeys,
  type RegistryKey,
  type RegistryKeys,
  type SignedRelease,
  type VerifiedRegistrySignature,
  verifyRegistrySignature,
} from "./registry.ts";
export type { RejectCode, Rejected, Step } from "./reject.ts";
export { embeddedSigningConfig, type SigningService, type SigningServices, signingServices } from "./signing-config.ts";
export { loadPrivateKey, signDsse, type SignedEnvelope } from "./sign.ts";
export {
  type ContinuityOptions,
  readSourceNote,
  type SourceCommit,
  type SourceContinuity,
  type SourceGap,
  type SourceLevel,
  type SourceNote,
  type SourceRecord,
  type SourceTrackOptions,
  type SourceVerifier,
  walkSource,
} from "./source-track.ts";
export {
  compareDigests,
  type Comparison,
  type Digests,
  IN_TOTO_PAYLOAD,
  MAX_STATEMENT_BYTES,
  parseStatement,
  type Statement,
  STATEMENT_V01,
  STATEMENT_V1,
  type StatementSubject,
  subjectsThatAre,
} from "./statement.ts";
export { loadTrustRoot, mergeTrustRoots, type RootOrigin, type TrustInstance, type TrustRoot } from "./trust-root.ts";
export type {
  CertificateSigner,
  Content,
  KeySigner,
  LogProof,
  Signer,
  TrustedTime,
  Verification,
  Verified,
  VerifyOptions,
} from "./verification.ts";
export { verifyBundle } from "./verify.ts";
export {
  checkVsa,
  readVsa,
  type ResourceDescriptor,
  type VerificationSummary,
  VSA_V1,
  type VsaCode,
  type VsaExpectations,
  vsaStatement,
  type VsaVerdict,
} from "./vsa.ts";
