/** What goes into a verification and what comes out of it. */
import type { FulcioClaims } from "./claims.ts";
import type { Hash, VerificationKey } from "./key.ts";
import type { Rejected, Step } from "./reject.ts";
import type { Digests, Statement, StatementSubject } from "./statement.ts";
import type { RootOrigin, TrustRoot } from "./trust-root.ts";

export interface VerifyOptions {
  readonly root: TrustRoot;
  /** The bytes that the bundle must be about. */
  readonly artifact?: Uint8Array;
  /** Or their digests (lower-case hexadecimal by algorithm), where the bytes are not at hand. */
  readonly digests?: Digests;
  /** The certificate's subject (a workflow's address, an e-mail address) must be exactly this. */
  readonly identity?: string;
  /** The issuer of the identity must be exactly this. */
  readonly issuer?: string;
  /** For bundles that name a key: the key, or a way from the bundle's hint to it. A bundle with a certificate is then refused. */
  readonly publicKey?: VerificationKey | ((hint: string) => VerificationKey | undefined);
  /** Trusted times after this one are refused. Not given: they are not compared with a clock. */
  readonly now?: Date;
  /** How many proofs of a kind are wanted. Default: 1 of each kind that the signer's Sigstore instance has. */
  readonly thresholds?: { readonly log?: number; readonly sct?: number; readonly times?: number };
}

export interface CertificateSigner {
  readonly kind: "certificate";
  /** Subject alternative name: the address of a workflow with its ref, or an e-mail address. */
  readonly identity: string;
  readonly identityType: "uri" | "email" | "other";
  /** Who vouched for the identity: the issuer's address, "" where the certificate does not say. */
  readonly issuer: string;
  readonly claims: FulcioClaims;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Hexadecimal SHA-256 of the certificate. */
  readonly fingerprint: string;
  /** Address of the authority that issued it. */
  readonly authority: string;
}

export interface KeySigner {
  readonly kind: "key";
  readonly hint: string;
  readonly keyId?: string;
}

export type Signer = CertificateSigner | KeySigner;

export type Content =
  | {
      readonly kind: "statement";
      readonly statement: Statement;
      /** The subjects that are the artifact asked for; empty where none was asked for. */
      readonly subjects: readonly StatementSubject[];
      readonly payload: Buffer;
    }
  | { readonly kind: "envelope"; readonly payloadType: string; readonly payload: Buffer }
  | { readonly kind: "message"; readonly algorithm: Hash; /** Hexadecimal. */ readonly digest: string };

export interface TrustedTime {
  /** ISO 8601. */
  readonly time: string;
  readonly by: "log" | "timestamp-authority";
  readonly source: string;
}

export interface LogProof {
  readonly log: string;
  readonly logIndex: number;
  readonly kind: string;
  /** The log promised the entry and signed when. */
  readonly promised: boolean;
  /** The entry is in the tree of a checkpoint that the log signed. */
  readonly proved: boolean;
}

export interface Verified {
  readonly ok: true;
  readonly signer: Signer;
  readonly content: Content;
  /** At least one, unless the caller's threshold was 0. */
  readonly times: readonly TrustedTime[];
  readonly log: readonly LogProof[];
  /** Hosts of the certificate logs that have seen the certificate. */
  readonly certificateLogs: readonly string[];
  /** The root that vouches for the signer; all roots given, for a signer by key. */
  readonly roots: readonly RootOrigin[];
  /** Parts of the bundle that no signature covers: nothing may be concluded from them. */
  readonly unsigned: readonly string[];
  /** The steps that were taken, in order, with what each found. */
  readonly steps: readonly { readonly step: Step; readonly found: string }[];
}

export type Verification = Verified | Rejected;
