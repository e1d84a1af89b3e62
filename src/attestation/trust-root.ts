/**
 * What a verification rests on: certificate authorities, logs and timestamp authorities of one or several Sigstore instances, in the
 * form of `trusted_root.json` (Sigstore's protobuf-specs, TrustedRoot 0.1 and 0.2). A root is read once; keys and chains are kept in it,
 * so that verifying a thousand bundles does not read them a thousand times.
 */
import { Fault } from "../model/index.ts";
import { fromBase64 } from "./bytes.ts";
import { type Certificate, isAuthority, isSignedBy, readCertificate } from "./certificate.ts";
import { type Hash, readKey, type Validity, type VerificationKey } from "./key.ts";
import { reject, Rejection } from "./reject.ts";

/** A log whose promises and proofs count: Rekor, or a certificate transparency log. */
export interface TrustedLog {
  /** Lower-case hexadecimal. */
  readonly id: string;
  readonly idBytes: Buffer;
  /** Host (and port) of its address: the name under which it signs checkpoints. */
  readonly host: string;
  readonly validFor: Validity;
  readonly hash: Hash;
  readonly key: () => VerificationKey;
}

/** A chain of certificates, the one that signs first, the anchor last. */
export interface TrustedAuthority {
  readonly uri: string;
  readonly validFor: Validity;
  readonly chain: readonly Certificate[];
  /** Which certificates of the chain are signed by the next one; worked out when first asked and kept. */
  readonly soundFrom: () => number;
}

/** Where a root comes from and how fresh it is: shown wherever it is used. Dates are ISO 8601. */
export interface RootOrigin {
  readonly source: string;
  /** When it was obtained or published. */
  readonly date?: string;
  /** After this date its publisher no longer vouches for it. */
  readonly expires?: string;
}

/** One Sigstore instance: its certificates are held to the kinds of proof that the instance has. */
export interface TrustInstance {
  readonly origin: RootOrigin;
  readonly logs: readonly TrustedLog[];
  readonly certificateAuthorities: readonly TrustedAuthority[];
  readonly ctLogs: readonly TrustedLog[];
  readonly timestampAuthorities: readonly TrustedAuthority[];
}

export interface TrustRoot {
  readonly instances: readonly TrustInstance[];
}

/** Entries of one list that we are ready to read; the public instance has two. */
const MAX_ENTRIES = 1000;
/** Certificates in one chain; Sigstore's have at most three. */
const MAX_CHAIN = 16;

/**
 * Reads a trust root: the text of a `trusted_root.json` or of a `.jsonl` with one root a line (as `gh attestation trusted-root` prints),
 * or such an object already parsed.
 * Throws `Fault` input/not-understood where it is not one.
 */
export function loadTrustRoot(source: unknown, origin: RootOrigin = { source: "given" }): TrustRoot {
  const documents = typeof source === "string" ? parseDocuments(source, origin) : [source];
  try {
    return { instances: documents.map((document) => readInstance(document, origin)) };
  } catch (error) {
    if (error instanceof Rejection) return broken(origin, error.message, error);
    throw error;
  }
}

/** One root that trusts what each of the given ones trusts. A certificate is still held to the proofs of its own instance. */
export function mergeTrustRoots(...roots: readonly TrustRoot[]): TrustRoot {
  return { instances: roots.flatMap((root) => root.instances) };
}

function broken(origin: RootOrigin, why: string, cause?: unknown): never {
  throw new Fault("input/not-understood", `the trust root from ${origin.source} cannot be used: ${why}`, {
    hint: "a trust root is the JSON document trusted_root.json of a Sigstore instance, or several of them, one a line",
    cause,
  });
}

function parseDocuments(text: string, origin: RootOrigin): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (whole) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length < 2 || lines.length > MAX_ENTRIES) return broken(origin, "it is not JSON", whole);
    try {
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch (cause) {
      return broken(origin, "a line of it is not JSON", cause);
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
/** Protobuf's JSON takes an absent member and null for the same. */
const own = (value: unknown, key: string): unknown =>
  isFields(value) && Object.hasOwn(value, key) ? (value[key] ?? undefined) : undefined;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) reject("bundle-malformed", `${what} is no list, or too long a one`);
  return value;
}

function readInstance(document: unknown, origin: RootOrigin): TrustInstance {
  const mediaType = text(own(document, "mediaType"));
  if (!/^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.[12]|\.v0\.[12]\+json)$/.test(mediaType))
    reject("bundle-version", `its media type is "${mediaType}"`);
  const instance = {
    origin,
    logs: list(own(document, "tlogs"), "tlogs").map(readLog),
    certificateAuthorities: list(own(document, "certificateAuthorities"), "certificateAuthorities").map(readAuthority),
    ctLogs: list(own(document, "ctlogs"), "ctlogs").map(readLog),
    timestampAuthorities: list(own(document, "timestampAuthorities"), "timestampAuthorities").map(readAuthority),
  };
  if (instance.logs.length + instance.certificateAuthorities.length + instance.timestampAuthorities.length === 0)
    reject("bundle-malformed", "it trusts nothing");
  return instance;
}

function readValidity(value: unknown): Validity {
  const moment = (name: string): number | undefined => {
    const written = own(value, name);
    if (written === undefined) return undefined;
    const time = Date.parse(text(written));
    // Unreadable must not mean "for ever".
    if (Number.isNaN(time)) reject("bundle-malformed", `validFor.${name} is no date`);
    return time;
  };
  return { start: moment("start"), end: moment("end") };
}

function readLog(value: unknown): TrustedLog {
  const publicKey = own(value, "publicKey");
  const rawBytes = fromBase64(text(own(publicKey, "rawBytes")), "the key of a log");
  const details = text(own(publicKey, "keyDetails"));
  // The checkpoint's own id goes before the key's where a root gives both (protobuf-specs, TransparencyLogInstance).
  const logId = own(value, "logId") ?? own(value, "checkpointKeyId");
  const idBytes = fromBase64(text(own(logId, "keyId")), "the id of a log");
  const address = text(own(value, "baseUrl"));
  const validFor = readValidity(own(publicKey, "validFor"));
  let kept: VerificationKey | undefined;
  return {
    id: idBytes.toString("hex"),
    idBytes,
    host: URL.canParse(address) ? new URL(address).host : address,
    validFor,
    hash: details.endsWith("SHA_384") ? "sha384" : details.endsWith("SHA_512") ? "sha512" : "sha256",
    key: () => {
      kept ??= { key: readKey(rawBytes, "key-unsupported", details.startsWith("PKCS1_") ? "pkcs1" : "spki"), spki: rawBytes, validFor };
      return kept;
    },
  };
}

function readAuthority(value: unknown): TrustedAuthority {
  const certificates = list(own(own(value, "certChain"), "certificates"), "certificates");
  if (certificates.length === 0 || certificates.length > MAX_CHAIN)
    reject("bundle-malformed", `a chain of ${certificates.length} certificates`);
  const chain = certificates.map((item) => readCertificate(fromBase64(text(own(item, "rawBytes")), "a certificate")));
  let kept: number | undefined;
  return {
    uri: text(own(value, "uri")),
    validFor: readValidity(own(value, "validFor")),
    chain,
    soundFrom: () => {
      kept ??= soundFrom(chain);
      return kept;
    },
  };
}

/** Index of the first certificate from which the chain holds up to its end: 0 where all of it does. The last is trusted as it is. */
function soundFrom(chain: readonly Certificate[]): number {
  for (let i = chain.length - 2; i >= 0; i--) {
    const certificate = chain[i];
    const issuer = chain[i + 1];
    if (certificate === undefined || issuer === undefined || !isAuthority(issuer, i) || !isSignedBy(certificate, issuer)) return i + 1;
  }
  return 0;
}
