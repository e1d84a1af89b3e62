/**
 * Signs by Sigstore: whoever the identity token names signs, with a key that lives for one signature, and a public log keeps that for ever.
 * Only ever done when asked for. What comes back is verified by our own verifier, under the roots that hold here, before anybody gets it.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  certificateOf,
  certificateRequest,
  embeddedSigningConfig,
  entryOf,
  entryRequest,
  type IdentityToken,
  type KeylessContent,
  keylessBundle,
  oneTimeKey,
  readIdentityToken,
  SIGSTORE_AUDIENCE,
  signingServices,
  signKeyless,
  timestampRequest,
  type TrustRoot,
  verifyBundle,
} from "../attestation/index.ts";
import { canonicalJson, Fault, type Json } from "../model/index.ts";
import { type HttpClient, httpClient } from "../sources/http.ts";
import { loadNpmConfig } from "../sources/npm-config.ts";
import { userFolders } from "../store/folders.ts";
import { openTrust, trustFiles, trustFolder, trustOf } from "./trust.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface SigstoreOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** A file with the identity token, `-` for standard input. Not given: SIGSTORE_ID_TOKEN, else a GitHub workflow's own. */
  readonly identityToken?: string;
  readonly stdin: () => Promise<Uint8Array>;
  /** A file that names the services. Not given: what `trust update` fetched, else the public instance as shipped. */
  readonly signingConfig?: string;
  /** A file with the root to verify under. Not given: what is trusted here. */
  readonly trustedRoot?: string;
  readonly signal?: AbortSignal;
  readonly now?: () => Date;
}

export interface SigstoreSigned {
  /** A Sigstore bundle 0.3. */
  readonly bundle: Json;
  /** Who signed, as the certificate says it, and who vouches for that. */
  readonly identity: string;
  readonly issuer: string;
  /** Where it is public from now on: `host, index`. */
  readonly log: readonly string[];
}

/** One whole signing takes a log up to its next checkpoint: "at least 20 seconds" (rekor-tiles, CLIENTS.md). */
const TIMEOUT_MILLISECONDS = 60_000;
/** Certificates, log entries and timestamps are some kilobytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_TOKEN_BYTES = 64 * 1024;

/**
 * What signs by Sigstore in this run. The token is read at once, so that what cannot sign is said before the work. Throws `sign/identity`, `input/*`;
 * signing throws `source/*` where a service fails, and `sign/unverified` where what came back does not verify here.
 */
export async function sigstoreSigner(options: SigstoreOptions): Promise<(content: KeylessContent) => Promise<SigstoreSigned>> {
  const { cwd, env, signal } = options;
  const now = options.now ?? ((): Date => new Date());
  const { document, from } = await configOf(options);
  const services = signingServices(document, from, now());
  const root = await rootOf(options);
  const config = await loadNpmConfig({ cwd, env });
  const client = httpClient({ cache: null, config: config.http, ...(signal === undefined ? {} : { signal }) });
  const token = readIdentityToken(await tokenText(options, client), now());
  return async (content) => {
    try {
      return await signOnce(content, token, services, client, root);
    } finally {
      await client.close();
    }
  };
}

/** What signs an in-toto statement, as canonical JSON (RFC 8785). */
export const statementContent = (statement: Json): KeylessContent => ({
  kind: "statement",
  payload: Buffer.from(canonicalJson(statement)),
});

async function signOnce(
  content: KeylessContent,
  token: IdentityToken,
  { authority, logs, timestamps }: ReturnType<typeof signingServices>,
  client: HttpClient,
  root: TrustRoot,
): Promise<SigstoreSigned> {
  const key = oneTimeKey();
  const asked = `${authority.url}/api/v2/signingCert`;
  const issued = await postJson(client, asked, certificateRequest(token, key)).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.code !== "source/denied") throw error;
    throw new Fault("sign/identity", `${authority.url} does not accept the identity token`, {
      hint: "a new token, by an issuer that this authority knows",
      cause: error,
    });
  });
  const signed = signKeyless(content, certificateOf(issued, asked), key);
  const entries: Json[] = [];
  for (const { url, version } of logs) {
    const address = `${url}/api/v${version}/log/entries`;
    entries.push(entryOf(await postJson(client, address, entryRequest(signed, version)), version, address));
  }
  const stamps: Buffer[] = [];
  for (const { url } of timestamps) {
    const answer = await client.post(url, timestampRequest(signed.signature), {
      contentType: "application/timestamp-query",
      accept: "application/timestamp-reply",
      expect: "bytes",
      cache: "none",
      timeout: TIMEOUT_MILLISECONDS,
      maxBytes: MAX_ANSWER_BYTES,
    });
    stamps.push(answer.body);
  }
  const bundle = keylessBundle(signed, entries, stamps);
  const verified = verifyBundle(bundle, { root, ...(content.kind === "message" ? { artifact: content.bytes } : {}) });
  if (!verified.ok || verified.signer.kind !== "certificate")
    throw new Fault(
      "sign/unverified",
      `what was signed does not verify under the roots that hold here, and is not written: ${verified.ok ? "no certificate" : `${verified.step}: ${verified.message}`}`,
      { hint: "tributary trust update; for a private instance: tributary trust add FILE" },
    );
  return {
    bundle,
    identity: verified.signer.identity,
    issuer: verified.signer.issuer,
    log: verified.log.map(({ log, logIndex }) => `${log}, index ${logIndex}`),
  };
}

async function postJson(client: HttpClient, address: string, body: Json): Promise<unknown> {
  const answer = await client.post(address, JSON.stringify(body), {
    cache: "none",
    timeout: TIMEOUT_MILLISECONDS,
    maxBytes: MAX_ANSWER_BYTES,
  });
  try {
    return JSON.parse(answer.body.toString("utf8"));
  } catch (cause) {
    throw new Fault("source/body", `${address} answered with what is no JSON`, { cause });
  }
}

async function tokenText({ identityToken, env, cwd, stdin }: SigstoreOptions, client: HttpClient): Promise<string> {
  if (identityToken !== undefined) {
    const bytes = identityToken === "-" ? Buffer.from(await stdin()) : await readGiven(identityToken, cwd);
    if (bytes.length > MAX_TOKEN_BYTES) throw new Fault("sign/identity", "the identity token is larger than any token");
    return bytes.toString("utf8");
  }
  const given = env["SIGSTORE_ID_TOKEN"];
  if (given !== undefined && given !== "") return given;
  const [address, bearer] = [env["ACTIONS_ID_TOKEN_REQUEST_URL"], env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]];
  if (address !== undefined && address !== "" && bearer !== undefined && bearer !== "") return await workflowToken(address, bearer, client);
  throw new Fault("sign/identity", "there is no identity to sign with", {
    hint: "give --identity-token FILE or set SIGSTORE_ID_TOKEN; in a GitHub workflow: permissions: id-token: write. Signing in with a browser is not supported.",
  });
}

/** https://docs.github.com/en/actions/reference/security/oidc, "Methods for requesting the OIDC token" */
async function workflowToken(address: string, bearer: string, client: HttpClient): Promise<string> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null) throw new Fault("sign/identity", "ACTIONS_ID_TOKEN_REQUEST_URL is no web address");
  url.searchParams.set("audience", SIGSTORE_AUDIENCE);
  const answer = await client.get(url.href, { headers: { authorization: `Bearer ${bearer}` }, cache: "none", maxBytes: MAX_TOKEN_BYTES });
  const document: unknown = JSON.parse(answer.body.toString("utf8"));
  const value = typeof document === "object" && document !== null && "value" in document ? document.value : undefined;
  if (typeof value !== "string") throw new Fault("sign/identity", "the workflow's token service answered with no token");
  return value;
}

async function configOf({ signingConfig, cwd, env }: SigstoreOptions): Promise<{ readonly document: unknown; readonly from: string }> {
  const kept = join(trustFolder(userFolders(env).data), trustFiles.signing);
  const text =
    signingConfig === undefined ? await readFile(kept, "utf8").catch(() => null) : (await readGiven(signingConfig, cwd)).toString("utf8");
  const from = signingConfig ?? kept;
  if (text === null) return { document: embeddedSigningConfig, from: "of this release" };
  try {
    return { document: JSON.parse(text) as unknown, from };
  } catch (cause) {
    throw new Fault("input/not-understood", `${from} is no JSON`, { cause });
  }
}

async function rootOf({ trustedRoot, cwd, env }: SigstoreOptions): Promise<TrustRoot> {
  if (trustedRoot === undefined) return openTrust(userFolders(env).data).root;
  const text = (await readGiven(trustedRoot, cwd)).toString("utf8");
  return trustOf([trustedRoot], () => text);
}

const readGiven = async (file: string, cwd: string): Promise<Buffer> =>
  await readFile(resolve(cwd, file)).catch((cause: unknown) => {
    throw new Fault("input/not-found", `${file} cannot be read`, { cause });
  });
