/**
 * The services of a Sigstore instance on this machine: Fulcio, Rekor of both generations and a timestamp authority, over the test instance of
 * src/attestation. They hold their clients to the protocol: possession of the key is verified, and so is what is to be logged.
 */
import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { preAuthenticationEncoding } from "../../src/attestation/index.ts";
import { type TestSigstore, testSigstore } from "../../src/attestation/testing.ts";
import type { Json } from "../../src/model/index.ts";

export interface SigstoreServices {
  readonly sigstore: TestSigstore;
  /** SigningConfig 0.2. */
  readonly signingConfig: (choice?: { readonly rekor?: 1 | 2; readonly timestamps?: boolean }) => Json;
  /** An identity token that counts here. */
  readonly token: (claims?: Readonly<Record<string, unknown>>) => string;
  /** For ACTIONS_ID_TOKEN_REQUEST_URL; wants the bearer `workflow`. */
  readonly tokenAddress: string;
  readonly requests: readonly { readonly path: string; readonly body: Buffer }[];
  /** Done to every answer before it is sent. */
  readonly spoil: (change: ((path: string, answer: unknown) => unknown) | null) => void;
  readonly close: () => Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;
const base64 = (bytes: Buffer): string => bytes.toString("base64");
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
const part = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce((here: unknown, name) => (typeof here === "object" && here !== null ? (here as Fields)[name] : undefined), value);
const text = (value: unknown, ...path: readonly (string | number)[]): string => String(part(value, ...path));

export async function startSigstore(): Promise<SigstoreServices> {
  const sigstore = testSigstore();
  const requests: { path: string; body: Buffer }[] = [];
  let spoil: ((path: string, answer: unknown) => unknown) | null = null;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = (request.url ?? "").split("?")[0] ?? "";
      const body = Buffer.concat(chunks);
      requests.push({ path, body });
      answer(request, response, path, body);
    });
  });
  const answer = (request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void => {
    try {
      const found = serve(sigstore, request, path, body);
      const sent = spoil === null ? found.body : spoil(path, found.body);
      response.writeHead(found.status, { "content-type": Buffer.isBuffer(sent) ? "application/timestamp-reply" : "application/json" });
      response.end(Buffer.isBuffer(sent) ? sent : JSON.stringify(sent));
    } catch (error) {
      response
        .writeHead(error instanceof Denied ? 401 : 400, { "content-type": "application/json" })
        .end(JSON.stringify({ message: String(error) }));
    }
  };
  await new Promise<void>((ready, failed) => server.once("error", failed).listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const validFor = { start: "2020-01-01T00:00:00Z" };
  return {
    sigstore,
    signingConfig: ({ rekor = 1, timestamps = rekor === 2 } = {}) => ({
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [{ url, majorApiVersion: 1, validFor }],
      rekorTlogUrls: [{ url, majorApiVersion: rekor, validFor }],
      tsaUrls: timestamps ? [{ url: `${url}/api/v1/timestamp`, majorApiVersion: 1, validFor }] : [],
      rekorTlogConfig: { selector: "ANY" },
      tsaConfig: { selector: "ANY" },
    }),
    token: (claims = {}) => {
      const all = { iss: "https://issuer.example", sub: "subject", aud: "sigstore", exp: Math.floor(Date.now() / 1000) + 600, ...claims };
      return ["{}", JSON.stringify(all), "signature"].map((one) => Buffer.from(one).toString("base64url")).join(".");
    },
    tokenAddress: `${url}/token?api-version=2.0`,
    requests,
    spoil: (change) => {
      spoil = change;
    },
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

/** The identity is not accepted: one whose subject is `refused`. */
class Denied extends Error {}

function serve(sigstore: TestSigstore, request: IncomingMessage, path: string, body: Buffer): { status: number; body: unknown } {
  if (path === "/token") {
    if (request.headers.authorization !== "Bearer workflow") throw new Error("no bearer");
    const audience = new URL(request.url ?? "", "http://host").searchParams.get("audience");
    const claims = { iss: "https://issuer.example", sub: "workflow", aud: audience, exp: Math.floor(Date.now() / 1000) + 600 };
    return {
      status: 200,
      body: { value: ["{}", JSON.stringify(claims), "s"].map((one) => Buffer.from(one).toString("base64url")).join(".") },
    };
  }
  if (path === "/api/v1/timestamp") {
    if (request.headers["content-type"] !== "application/timestamp-query") throw new Error("no query");
    // The imprint is the last member of a request without nonce, policy or a wish for certificates.
    return { status: 201, body: sigstore.stamp(body.subarray(-32), new Date()) };
  }
  const sent: unknown = JSON.parse(body.toString("utf8"));
  if (path === "/api/v2/signingCert") return { status: 200, body: certificate(sigstore, sent) };
  if (path === "/api/v1/log/entries") return { status: 201, body: entryV1(sigstore, sent) };
  if (path === "/api/v2/log/entries") return { status: 201, body: entryV2(sigstore, sent) };
  throw new Error(`nothing at ${path}`);
}

function certificate(sigstore: TestSigstore, sent: unknown): unknown {
  const claims: unknown = JSON.parse(
    Buffer.from(text(sent, "credentials", "oidcIdentityToken").split(".")[1] ?? "", "base64url").toString(),
  );
  const email = part(claims, "email");
  const subject = typeof email === "string" ? email : text(claims, "sub");
  if (subject === "refused") throw new Denied("the token is not accepted");
  const key = createPublicKey(text(sent, "publicKeyRequest", "publicKey", "content"));
  const proof = Buffer.from(text(sent, "publicKeyRequest", "proofOfPossession"), "base64");
  if (!verify("sha256", Buffer.from(subject), key, proof)) throw new Error("possession of the key is not proved");
  const leaf = sigstore.issue(key, {
    identity: `https://signer.example/${subject}`,
    issuer: text(claims, "iss"),
    at: new Date(Date.now() - 1000),
  });
  return { signedCertificateEmbeddedSct: { chain: { certificates: [pemOf(leaf)] } } };
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64(der).match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;

function checkEnvelope(envelope: unknown, key: KeyObject): { payload: Buffer; signature: Buffer } {
  const payload = Buffer.from(text(envelope, "payload"), "base64");
  const signature = Buffer.from(text(envelope, "signatures", 0, "sig"), "base64");
  if (!verify("sha256", preAuthenticationEncoding(text(envelope, "payloadType"), payload), key, signature))
    throw new Error("the signature is wrong");
  return { payload, signature };
}

const hex = (value: string): string => Buffer.from(value, "base64").toString("hex");

/** As Rekor v1 answers: hashes in hexadecimal, under the entry's own name. */
function entryV1(sigstore: TestSigstore, sent: unknown): unknown {
  let spec: Json;
  const kind = text(sent, "kind");
  if (kind === "dsse") {
    const verifier = text(sent, "spec", "proposedContent", "verifiers", 0);
    const envelope: unknown = JSON.parse(text(sent, "spec", "proposedContent", "envelope"));
    const { payload, signature } = checkEnvelope(envelope, new X509Certificate(Buffer.from(verifier, "base64")).publicKey);
    const payloadHash = { algorithm: "sha256", value: sha256(payload).toString("hex") };
    spec = { payloadHash, signatures: [{ signature: base64(signature), verifier }] };
  } else spec = part(sent, "spec") as Json;
  const entry = sigstore.log(kind, "0.0.1", spec, new Date(), 1);
  const { inclusionProof: proof } = entry;
  return {
    uuid: {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logID: hex(entry.logId.keyId),
      logIndex: Number(entry.logIndex),
      verification: {
        inclusionProof: {
          checkpoint: proof.checkpoint.envelope,
          hashes: proof.hashes.map(hex),
          logIndex: Number(proof.logIndex),
          rootHash: hex(proof.rootHash),
          treeSize: Number(proof.treeSize),
        },
        signedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp,
      },
    },
  };
}

function entryV2(sigstore: TestSigstore, sent: unknown): unknown {
  const record = part(sent, "hashedRekordRequestV002");
  if (record !== undefined) {
    const data = { algorithm: "SHA2_256", digest: text(record, "digest") };
    return sigstore.log(
      "hashedrekord",
      "0.0.2",
      { hashedRekordV002: { data, signature: part(record, "signature") as Json } },
      new Date(),
      2,
    );
  }
  const verifier = part(sent, "dsseRequestV002", "verifiers", 0);
  const raw = Buffer.from(text(verifier, "x509Certificate", "rawBytes"), "base64");
  const { payload, signature } = checkEnvelope(part(sent, "dsseRequestV002", "envelope"), new X509Certificate(raw).publicKey);
  const payloadHash = { algorithm: "SHA2_256", digest: base64(sha256(payload)) };
  const signatures = [{ content: base64(signature), verifier: verifier as Json }];
  return sigstore.log("dsse", "0.0.2", { dsseV002: { payloadHash, signatures } }, new Date(), 2);
}
