/**
 * A Sigstore instance of our own, in memory: authority, certificate log, transparency log (as Rekor v1 or v2 writes) and timestamp authority. What it
 * signs verifies under its root and under no other. For tests only; it keeps no secret worth keeping.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Json } from "../model/index.ts";
import { CODE_SIGNING, SCT_LIST, TIME_STAMPING } from "./certificate.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import {
  certificate,
  type CertificateRequest,
  encodeSct,
  extension,
  octets,
  oid,
  seq,
  spkiOf,
  tbsCertificate,
  timestampResponse,
  utf8,
} from "./testing-der.ts";
import { encodeDer } from "./der.ts";
import { loadTrustRoot, type TrustRoot } from "./trust-root.ts";

export interface Signing {
  readonly identity?: string;
  readonly issuer?: string;
  /** Fulcio's claims by the last number of their OID: `{ 12: "https://github.com/o/r" }`. */
  readonly claims?: Readonly<Record<number, string>>;
  /** When it is signed. */
  readonly at?: Date;
  /** Rekor's generation: 1 dates entries itself, 2 leaves that to a timestamp. */
  readonly rekor?: 1 | 2;
  /** Extensions of the certificate beyond the usual, DER. */
  readonly extensions?: readonly Buffer[];
  /** Leave out the proof that the certificate was made public. */
  readonly withoutSct?: boolean;
  /** Minutes that the certificate is valid, from when it is signed. */
  readonly minutes?: number;
  /** Sign with this key, which the bundle names by its hint, in place of a certificate: as registries do. */
  readonly key?: { readonly hint: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

export interface TestBundle {
  mediaType: string;
  verificationMaterial: {
    certificate?: { rawBytes: string };
    publicKey?: { hint: string };
    tlogEntries: {
      logIndex: string;
      logId: { keyId: string };
      kindVersion: { kind: string; version: string };
      integratedTime?: string;
      inclusionPromise?: { signedEntryTimestamp: string };
      inclusionProof: { logIndex: string; rootHash: string; treeSize: string; hashes: string[]; checkpoint: { envelope: string } };
      canonicalizedBody: string;
    }[];
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
  messageSignature?: { messageDigest: { algorithm: string; digest: string }; signature: string };
}

export interface TestSigstore {
  readonly root: TrustRoot;
  /** The same as the JSON document that `loadTrustRoot` reads. */
  readonly rootDocument: Json;
  /** The services on their own, for what signs by asking them. */
  readonly issue: (key: KeyObject, signing: Signing) => Buffer;
  readonly log: (kind: string, version: string, spec: Json, at: Date, rekor: 1 | 2) => TestBundle["verificationMaterial"]["tlogEntries"][0];
  /** A timestamp of what has this SHA-256. */
  readonly stamp: (imprint: Buffer, at: Date) => Buffer;
  readonly signStatement: (statement: Json, signing?: Signing) => TestBundle;
  readonly signMessage: (message: Buffer, signing?: Signing) => TestBundle;
}

export const TEST_IDENTITY = "https://github.com/example/project/.github/workflows/release.yml@refs/tags/v1.0.0";
export const TEST_ISSUER = "https://token.actions.githubusercontent.com";
export const TEST_TIME: Date = new Date("2026-03-04T05:06:07Z");

const p256 = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } => generateKeyPairSync("ec", { namedCurve: "P-256" });
const authorityKey = (namedCurve: "P-256" | "P-384"): ReturnType<typeof p256> => generateKeyPairSync("ec", { namedCurve });
const sha256 = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const base64 = (bytes: Buffer): string => bytes.toString("base64");
const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(base64(der).match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----\n`;

const FROM: Date = new Date("2020-01-01T00:00:00Z");
const UNTIL: Date = new Date("2035-01-01T00:00:00Z");
const EKU = "2.5.29.37";
const digitalSignature: Buffer = extension("2.5.29.15", Buffer.from([3, 2, 7, 0x80]), true);
const authority: readonly Buffer[] = [
  extension("2.5.29.19", seq(encodeDer(1, Buffer.from([0xff]))), true),
  extension("2.5.29.15", Buffer.from([3, 2, 1, 0x06]), true),
];

/** `authority` is the curve of the keys that issue certificates: Fulcio's are on P-384, whose signatures cost seven times as much to verify. */
export function testSigstore({ authority: curve = "P-256" }: { readonly authority?: "P-256" | "P-384" } = {}): TestSigstore {
  const [rootKey, issuingKey] = [authorityKey(curve), authorityKey(curve)];
  const [ctKey, logKey, stampRootKey, stampKey] = [p256(), p256(), p256(), p256()];
  const issued = { hash: curve === "P-384" ? "sha384" : "sha256" } as const;
  const log2 = generateKeyPairSync("ed25519");
  const common = { notBefore: FROM, notAfter: UNTIL };
  const rootCertificate = certificate(
    { ...common, ...issued, serial: 1, issuer: "root", subject: "root", publicKey: rootKey.publicKey, extensions: authority },
    rootKey.privateKey,
  );
  const issuing = certificate(
    { ...common, ...issued, serial: 2, issuer: "root", subject: "issuing", publicKey: issuingKey.publicKey, extensions: authority },
    rootKey.privateKey,
  );
  const stampRoot = certificate(
    { ...common, serial: 3, issuer: "stamps", subject: "stamps", publicKey: stampRootKey.publicKey, extensions: authority },
    stampRootKey.privateKey,
  );
  const stamper = certificate(
    {
      ...common,
      serial: 4,
      issuer: "stamps",
      subject: "stamper",
      publicKey: stampKey.publicKey,
      extensions: [extension(EKU, seq(oid(TIME_STAMPING)), true)],
    },
    stampRootKey.privateKey,
  );
  const log = (host: string, key: KeyObject): { [name: string]: Json } => ({
    baseUrl: `https://${host}`,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: base64(spkiOf(key)), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start: FROM.toISOString() } },
    logId: { keyId: base64(sha256(spkiOf(key))) },
  });
  const chain = (uri: string, ...certificates: readonly Buffer[]): Json => ({
    uri,
    certChain: { certificates: certificates.map((raw) => ({ rawBytes: base64(raw) })) },
    validFor: { start: FROM.toISOString() },
  });
  const rootDocument: Json = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log("log.example", logKey.publicKey), log("log2.example", log2.publicKey)],
    certificateAuthorities: [chain("https://ca.example", issuing, rootCertificate)],
    ctlogs: [log("ct.example", ctKey.publicKey)],
    timestampAuthorities: [chain("https://stamps.example", stamper, stampRoot)],
  };

  const leafFor = (key: KeyObject, signing: Signing): Buffer => {
    const at = signing.at ?? TEST_TIME;
    const san = seq(encodeDer(0x86, Buffer.from(signing.identity ?? TEST_IDENTITY)));
    const claims = { 8: signing.issuer ?? TEST_ISSUER, ...signing.claims };
    const request: CertificateRequest = {
      ...issued,
      serial: 99,
      issuer: "issuing",
      subject: "",
      notBefore: at,
      notAfter: new Date(at.getTime() + (signing.minutes ?? 10) * 60_000),
      publicKey: key,
      extensions: [
        digitalSignature,
        extension(EKU, seq(oid(CODE_SIGNING))),
        extension("2.5.29.17", san, true),
        ...Object.entries(claims).map(([n, value]) =>
          extension(`1.3.6.1.4.1.57264.1.${n}`, Number(n) < 8 ? Buffer.from(value) : utf8(value)),
        ),
        ...(signing.extensions ?? []),
      ],
    };
    if (signing.withoutSct === true) return certificate(request, issuingKey.privateKey);
    const sct = encodeSct({
      log: sha256(spkiOf(ctKey.publicKey)),
      at,
      tbs: tbsCertificate(request),
      issuer: issuingKey.publicKey,
      key: ctKey.privateKey,
    });
    return certificate({ ...request, extensions: [...request.extensions, extension(SCT_LIST, octets(sct))] }, issuingKey.privateKey);
  };

  /** The entry is the third of a tree of five, so that the proof has siblings on both sides and an uneven end. */
  const logged = (
    kind: string,
    version: string,
    spec: Json,
    at: Date,
    rekor: 1 | 2,
  ): TestBundle["verificationMaterial"]["tlogEntries"][0] => {
    const [host, key] = rekor === 1 ? ["log.example", logKey] : ["log2.example", log2];
    const id = sha256(spkiOf(key.publicKey));
    const body = Buffer.from(JSON.stringify({ apiVersion: version, kind, spec }));
    const leaves = ["a", "b", "", "d", "e"].map((name, i) => sha256(Buffer.from([0]), i === 2 ? body : Buffer.from(name)));
    const node = (a: Buffer, b: Buffer): Buffer => sha256(Buffer.from([1]), a, b);
    const [a, b, own, d, e] = leaves as [Buffer, Buffer, Buffer, Buffer, Buffer];
    const root = node(node(node(a, b), node(own, d)), e);
    const head = `${host}\n5\n${base64(root)}\n`;
    const headSignature = sign(rekor === 1 ? "sha256" : null, Buffer.from(head), key.privateKey);
    const seconds = Math.floor(at.getTime() / 1000);
    const promised = `{"body":"${base64(body)}","integratedTime":${seconds},"logID":"${id.toString("hex")}","logIndex":2}`;
    const promise = { signedEntryTimestamp: base64(sign("sha256", Buffer.from(promised), logKey.privateKey)) };
    return {
      logIndex: "2",
      logId: { keyId: base64(id) },
      kindVersion: { kind, version },
      ...(rekor === 1 ? { integratedTime: String(seconds), inclusionPromise: promise } : {}),
      inclusionProof: {
        logIndex: "2",
        rootHash: base64(root),
        treeSize: "5",
        hashes: [d, node(a, b), e].map(base64),
        checkpoint: { envelope: `${head}\n\u2014 ${host} ${base64(Buffer.concat([id.subarray(0, 4), headSignature]))}\n` },
      },
      canonicalizedBody: base64(body),
    };
  };

  const bundle = (
    leaf: Buffer,
    signature: Buffer,
    entry: TestBundle["verificationMaterial"]["tlogEntries"][0],
    signing: Signing,
  ): TestBundle => {
    const signer = { raw: stamper, issuer: "stamps", serial: 4, key: stampKey.privateKey };
    const stamp = signing.rekor === 2 ? timestampResponse({ imprint: sha256(signature), at: signing.at ?? TEST_TIME, signer }) : undefined;
    return {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        ...(signing.key === undefined ? { certificate: { rawBytes: base64(leaf) } } : { publicKey: { hint: signing.key.hint } }),
        tlogEntries: [entry],
        ...(stamp === undefined ? {} : { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: base64(stamp) }] } }),
      },
    };
  };

  return {
    root: loadTrustRoot(rootDocument, { source: "a test" }),
    rootDocument,
    issue: leafFor,
    log: logged,
    stamp: (imprint, at) =>
      timestampResponse({ imprint, at, signer: { raw: stamper, issuer: "stamps", serial: 4, key: stampKey.privateKey } }),
    signStatement: (statement, signing = {}) => {
      const { privateKey, publicKey } = signing.key ?? p256();
      const leaf = signing.key === undefined ? leafFor(publicKey, signing) : spkiOf(publicKey);
      const payload = Buffer.from(JSON.stringify(statement));
      const payloadType = "application/vnd.in-toto+json";
      const bytes = preAuthenticationEncoding(payloadType, payload);
      const signature = sign("sha256", bytes, privateKey);
      const at = signing.at ?? TEST_TIME;
      const verifier = base64(Buffer.from(pem(signing.key === undefined ? "CERTIFICATE" : "PUBLIC KEY", leaf)));
      const entry =
        signing.rekor === 2
          ? logged("hashedrekord", "0.0.2", recordV2(sha256(bytes), signature, leaf), at, 2)
          : logged(
              "dsse",
              "0.0.1",
              {
                payloadHash: { algorithm: "sha256", value: sha256(payload).toString("hex") },
                signatures: [{ signature: base64(signature), verifier }],
              },
              at,
              1,
            );
      const dsseEnvelope = { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature), keyid: "" }] };
      return { ...bundle(leaf, signature, entry, signing), dsseEnvelope };
    },
    signMessage: (message, signing = {}) => {
      const { privateKey, publicKey } = p256();
      const leaf = leafFor(publicKey, signing);
      const signature = sign("sha256", message, privateKey);
      const at = signing.at ?? TEST_TIME;
      const content = base64(Buffer.from(pem("CERTIFICATE", leaf)));
      const data = { hash: { algorithm: "sha256", value: sha256(message).toString("hex") } };
      const entry =
        signing.rekor === 2
          ? logged("hashedrekord", "0.0.2", recordV2(sha256(message), signature, leaf), at, 2)
          : logged("hashedrekord", "0.0.1", { data, signature: { content: base64(signature), publicKey: { content } } }, at, 1);
      const messageSignature = { messageDigest: { algorithm: "SHA2_256", digest: base64(sha256(message)) }, signature: base64(signature) };
      return { ...bundle(leaf, signature, entry, signing), messageSignature };
    },
  };
}

const recordV2 = (digest: Buffer, signature: Buffer, leaf: Buffer): Json => ({
  hashedRekordV002: {
    data: { algorithm: "SHA2_256", digest: base64(digest) },
    signature: {
      content: base64(signature),
      verifier: { keyDetails: "PKIX_ECDSA_P256_SHA_256", x509Certificate: { rawBytes: base64(leaf) } },
    },
  },
});
