/**
 * Reads a Sigstore bundle (protobuf-specs, Bundle 0.1 to 0.3) from parsed JSON, before anything in it is believed. Protobuf's JSON allows
 * camelCase and snake_case names; both are read. Members that nobody knows are kept by name, since no signature covers them.
 */
import { fromBase64 } from "./bytes.ts";
import { type Envelope, readEnvelope } from "./dsse.ts";
import type { Hash } from "./key.ts";
import { reject } from "./reject.ts";

export interface Bundle {
  readonly version: "0.1" | "0.2" | "0.3";
  readonly material: BundleMaterial;
  readonly entries: readonly LogEntry[];
  /** RFC 3161 responses, DER. */
  readonly timestamps: readonly Buffer[];
  readonly content: BundleContent;
  /** Members that are no part of the format, as paths. */
  readonly unknown: readonly string[];
}

export type BundleMaterial =
  | { readonly kind: "certificate"; readonly chain: readonly Buffer[] }
  | { readonly kind: "public-key"; readonly hint: string };

export type BundleContent =
  | { readonly kind: "envelope"; readonly envelope: Envelope }
  | {
      readonly kind: "message";
      /** A hint that nothing signs, absent in some bundles. */
      readonly digest?: { readonly algorithm: Hash; readonly bytes: Buffer };
      readonly signature: Buffer;
    };

export interface LogEntry {
  readonly logIndex: number;
  /** Lower-case hexadecimal. */
  readonly logId: string;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970; 0 where the log gives none (Rekor v2). */
  readonly integratedTime: number;
  readonly promise?: Buffer;
  readonly proof?: InclusionProof;
  readonly body: Buffer;
}

export interface InclusionProof {
  readonly logIndex: number;
  readonly treeSize: number;
  readonly rootHash: Buffer;
  readonly hashes: readonly Buffer[];
  readonly checkpoint?: string;
}

/** Entries and timestamps of one bundle that we are ready to verify; usual is one of each. */
const MAX_PROOFS = 32;
/** Certificates of one bundle; usual is one, with old bundles three. */
const MAX_CHAIN = 16;
/** A proof in a log of 2^63 entries has 63 hashes. */
const MAX_HASHES = 64;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const snakes = new Map<string, string>();

/** The names are the format's, some thirty of them, so each is worked out once. */
function snakeCase(name: string): string {
  let snake = snakes.get(name);
  if (snake === undefined) {
    snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakes.set(name, snake);
  }
  return snake;
}

/** A message of the format: asks for members by their name and remembers those that nobody asked for. */
class Message {
  readonly #fields: Fields;
  readonly #path: string;
  readonly #unknown: string[];
  readonly #asked = new Set<string>();

  constructor(value: unknown, path: string, unknown: string[]) {
    if (!isFields(value)) reject("bundle-malformed", `${path === "" ? "the bundle" : path} is no object`);
    this.#fields = value;
    this.#path = path;
    this.#unknown = unknown;
  }

  /** Protobuf's JSON takes an absent member and null for the same. */
  get(name: string): unknown {
    const snake = snakeCase(name);
    this.#asked.add(name).add(snake);
    const camel = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
    const other = snake !== name && Object.hasOwn(this.#fields, snake) ? this.#fields[snake] : undefined;
    if (camel !== undefined && other !== undefined) this.bad(name, "is given twice");
    return camel ?? other ?? undefined;
  }

  bad(name: string, why: string): never {
    reject("bundle-malformed", `${this.path(name)} ${why}`);
  }

  path(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  message(name: string): Message | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : new Message(value, this.path(name), this.#unknown);
  }

  messages(name: string, most: number): Message[] {
    return this.#list(name, most).map((value, i) => new Message(value, `${this.path(name)}[${i}]`, this.#unknown));
  }

  text(name: string): string {
    const value = this.get(name);
    if (value === undefined) return "";
    if (typeof value !== "string") this.bad(name, "is no text");
    return value;
  }

  bytes(name: string): Buffer {
    const value = this.text(name);
    if (value === "") this.bad(name, "is missing");
    return fromBase64(value, this.path(name));
  }

  listOfBytes(name: string, most: number): Buffer[] {
    return this.#list(name, most).map((value, i) => {
      if (typeof value !== "string") this.bad(name, "holds something that is no text");
      return fromBase64(value, `${this.path(name)}[${i}]`);
    });
  }

  /** An int64, which protobuf's JSON writes as text or number; `absent` where it is left out. Above 2^53 - 1 is refused. */
  integer(name: string, absent?: number): number {
    const value = this.get(name);
    if (value === undefined && absent !== undefined) return absent;
    const number =
      typeof value === "number" ? value : typeof value === "string" && /^(?:0|[1-9]\d{0,15})$/.test(value) ? Number(value) : -1;
    if (!Number.isSafeInteger(number) || number < 0) this.bad(name, "is no whole number from 0");
    return number;
  }

  #list(name: string, most: number): readonly unknown[] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) this.bad(name, "is no list");
    if (value.length > most) this.bad(name, `has more than ${most} members`);
    // A list that was not read from JSON may have holes, which `map` would step over.
    return Array.from(value as readonly unknown[]);
  }

  /** To be called when all has been read. */
  done(): void {
    for (const name of Object.keys(this.#fields)) if (!this.#asked.has(name)) this.#unknown.push(this.path(name));
  }
}

const mediaTypes: Readonly<Record<string, Bundle["version"]>> = {
  "application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
  "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
  "application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
  "application/vnd.dev.sigstore.bundle.v0.3+json": "0.3",
};

/** Reads a bundle. Rejects (in this room) where it is none, or where its version forbids what it holds. */
export function readBundle(value: unknown): Bundle {
  const unknown: string[] = [];
  const bundle = new Message(value, "", unknown);
  const mediaType = bundle.text("mediaType");
  const version = Object.hasOwn(mediaTypes, mediaType) ? mediaTypes[mediaType] : undefined;
  if (version === undefined) reject("bundle-version", `"${mediaType}" is no version of the bundle that is known`);
  const material = bundle.message("verificationMaterial");
  if (material === undefined) reject("bundle-material", "the bundle holds nothing to verify it with");
  const timestamps = material.message("timestampVerificationData");
  const stamps = timestamps?.messages("rfc3161Timestamps", MAX_PROOFS) ?? [];
  const read: Bundle = {
    version,
    material: readMaterial(material, version),
    entries: material.messages("tlogEntries", MAX_PROOFS).map((entry) => readEntry(entry, version)),
    timestamps: stamps.map((stamp) => {
      const bytes = stamp.bytes("signedTimestamp");
      stamp.done();
      return bytes;
    }),
    content: readContent(bundle),
    unknown,
  };
  timestamps?.done();
  material.done();
  bundle.done();
  return read;
}

function readMaterial(material: Message, version: Bundle["version"]): BundleMaterial {
  const chain = material.message("x509CertificateChain");
  const certificate = material.message("certificate");
  const publicKey = material.message("publicKey");
  const given = [chain, certificate, publicKey].filter((choice) => choice !== undefined);
  if (given.length !== 1) reject("bundle-material", "the bundle must hold one of a certificate, a chain and a public key's hint");
  // Bundle 0.3: "MUST use the certificate or public_key field", so that nobody ships a root of his own.
  if (chain !== undefined && version === "0.3") reject("bundle-material", "a bundle of version 0.3 holds one certificate, not a chain");
  if (certificate !== undefined && version !== "0.3") reject("bundle-material", `a bundle of version ${version} holds a chain`);
  if (publicKey !== undefined) {
    const hint = publicKey.text("hint");
    publicKey.done();
    return { kind: "public-key", hint };
  }
  const certificates = certificate === undefined ? (chain?.messages("certificates", MAX_CHAIN) ?? []) : [certificate];
  if (certificates.length === 0) reject("bundle-material", "the chain of certificates is empty");
  const raw = certificates.map((one) => {
    const bytes = one.bytes("rawBytes");
    one.done();
    return bytes;
  });
  chain?.done();
  return { kind: "certificate", chain: raw };
}

function readEntry(entry: Message, version: Bundle["version"]): LogEntry {
  const logId = entry.message("logId");
  const kindVersion = entry.message("kindVersion");
  const promise = entry.message("inclusionPromise");
  const proof = entry.message("inclusionProof");
  if (logId === undefined || kindVersion === undefined) reject("bundle-malformed", "a log entry does not say its log or its kind");
  const read: LogEntry = {
    logIndex: entry.integer("logIndex", 0),
    logId: logId.bytes("keyId").toString("hex"),
    kind: kindVersion.text("kind"),
    version: kindVersion.text("version"),
    integratedTime: entry.integer("integratedTime", 0),
    ...(promise === undefined ? {} : { promise: promise.bytes("signedEntryTimestamp") }),
    ...(proof === undefined ? {} : { proof: readProof(proof) }),
    body: entry.bytes("canonicalizedBody"),
  };
  if (version === "0.1" && read.promise === undefined) reject("log-promise-missing", "a bundle of version 0.1 needs the log's promise");
  if (version !== "0.1" && read.proof?.checkpoint === undefined)
    reject("log-proof-missing", `a bundle of version ${version} needs a proof of inclusion with a checkpoint`);
  for (const message of [logId, kindVersion, promise, proof, entry]) message?.done();
  return read;
}

function readProof(proof: Message): InclusionProof {
  const checkpoint = proof.message("checkpoint");
  const read: InclusionProof = {
    logIndex: proof.integer("logIndex", 0),
    treeSize: proof.integer("treeSize"),
    rootHash: proof.bytes("rootHash"),
    hashes: proof.listOfBytes("hashes", MAX_HASHES),
    ...(checkpoint === undefined ? {} : { checkpoint: checkpoint.text("envelope") }),
  };
  checkpoint?.done();
  return read;
}

const hashes: Readonly<Record<string, Hash>> = { SHA2_256: "sha256", SHA2_384: "sha384", SHA2_512: "sha512" };

/** Our name for a hash algorithm of Sigstore's. */
export const hashNamed = (name: string): Hash | undefined => (Object.hasOwn(hashes, name) ? hashes[name] : undefined);

function readContent(bundle: Message): BundleContent {
  const envelope = bundle.get("dsseEnvelope");
  const message = bundle.message("messageSignature");
  if ((envelope === undefined) === (message === undefined))
    reject("bundle-material", "the bundle must hold either an envelope or a signature over a message");
  if (message === undefined) {
    const read = readEnvelope(envelope);
    // Sigstore's bundle: "MUST contain exactly one signature".
    if (read.signatures.length !== 1) reject("envelope-malformed", `${read.signatures.length} signatures where a bundle has exactly one`);
    return { kind: "envelope", envelope: read };
  }
  const digest = message.message("messageDigest");
  const name = digest?.text("algorithm") ?? "";
  const algorithm = hashNamed(name);
  if (digest !== undefined && algorithm === undefined) reject("bundle-malformed", `the digest algorithm "${name}" is not supported`);
  const read: BundleContent = {
    kind: "message",
    signature: message.bytes("signature"),
    ...(digest === undefined || algorithm === undefined ? {} : { digest: { algorithm, bytes: digest.bytes("digest") } }),
  };
  digest?.done();
  message.done();
  return read;
}
