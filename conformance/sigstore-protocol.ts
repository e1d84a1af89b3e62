/**
 * The command line that sigstore-conformance drives a client with (its `docs/cli_protocol.md`), over our verification. `conformance/sigstore-client`
 * is the program; the suite calls the same function, so that what it counts is what the official harness would see.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  embeddedTrustRoot,
  loadPublicKey,
  loadTrustRoot,
  type TrustRoot,
  type Verification,
  verifyBundle,
} from "../src/attestation/index.ts";
import { sigstoreSigner } from "../src/app/sign-sigstore.ts";

export interface ClientAnswer {
  /** 0 where the bundle verifies. */
  readonly exitCode: number;
  readonly message: string;
  readonly verification?: Verification;
}

/** `stagingRoot` = file with Sigstore's staging root, for `--staging`; the public one is embedded in the product. */
export function runClient(args: readonly string[], stagingRoot?: string): ClientAnswer {
  const [command, ...rest] = args;
  if (command !== "verify-bundle") return { exitCode: 2, message: `unknown command: ${command ?? "none"}` };
  try {
    return verify(rest, stagingRoot);
  } catch (error) {
    return { exitCode: 2, message: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * `sign-bundle`: writes the bundle only where it verifies under the root that is given or embedded. `--staging` needs both files, since neither the
 * root nor the services of that instance are embedded.
 */
export async function runSigner(args: readonly string[], stagingRoot?: string): Promise<ClientAnswer> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        staging: { type: "boolean", default: false },
        "in-toto": { type: "boolean", default: false },
        bundle: { type: "string" },
        "identity-token": { type: "string" },
        "trusted-root": { type: "string" },
        "signing-config": { type: "string" },
      },
    });
    const [file] = positionals;
    const { bundle, "identity-token": token, "signing-config": signingConfig } = values;
    if (bundle === undefined || token === undefined || file === undefined || positionals.length > 1)
      return { exitCode: 2, message: "give --identity-token, --bundle and one file" };
    const trustedRoot = values["trusted-root"] ?? (values.staging ? stagingRoot : undefined);
    if (values.staging && (trustedRoot === undefined || signingConfig === undefined))
      return { exitCode: 2, message: "the staging instance is not embedded: give --trusted-root and --signing-config" };
    const sign = await sigstoreSigner({
      cwd: process.cwd(),
      // The protocol hands the token over by itself, not in a file.
      env: { ...process.env, SIGSTORE_ID_TOKEN: token },
      stdin: () => Promise.resolve(Buffer.alloc(0)),
      ...(signingConfig === undefined ? {} : { signingConfig }),
      ...(trustedRoot === undefined ? {} : { trustedRoot }),
    });
    const bytes = readFileSync(file);
    const signed = await sign(values["in-toto"] ? { kind: "statement", payload: bytes } : { kind: "message", bytes });
    writeFileSync(bundle, `${JSON.stringify(signed.bundle)}\n`);
    return { exitCode: 0, message: `signed by ${signed.identity}` };
  } catch (error) {
    return { exitCode: 2, message: error instanceof Error ? error.message : String(error) };
  }
}

function verify(args: readonly string[], stagingRoot: string | undefined): ClientAnswer {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      staging: { type: "boolean", default: false },
      bundle: { type: "string" },
      "certificate-identity": { type: "string" },
      "certificate-oidc-issuer": { type: "string" },
      key: { type: "string" },
      "trusted-root": { type: "string" },
    },
  });
  const [subject] = positionals;
  const { "certificate-identity": identity, "certificate-oidc-issuer": issuer, key } = values;
  if (values.bundle === undefined || subject === undefined || positionals.length > 1)
    return { exitCode: 2, message: "give --bundle and one file or digest" };
  // Without either, any signer would do, which is never what a caller of this protocol means.
  if (key === undefined && (identity === undefined || issuer === undefined))
    return { exitCode: 2, message: "give --certificate-identity and --certificate-oidc-issuer, or --key" };
  const root = rootOf(values["trusted-root"], values.staging, stagingRoot);
  const verification = verifyBundle(readFileSync(values.bundle, "utf8"), {
    root,
    ...subjectOf(subject),
    ...(key === undefined ? {} : { publicKey: loadPublicKey(readFileSync(key, "utf8")) }),
    ...(identity === undefined ? {} : { identity }),
    ...(issuer === undefined ? {} : { issuer }),
  });
  return verification.ok
    ? { exitCode: 0, message: "verified", verification }
    : { exitCode: 1, message: `${verification.step}: ${verification.code}: ${verification.message}`, verification };
}

function rootOf(file: string | undefined, staging: boolean, stagingRoot: string | undefined): TrustRoot {
  if (file !== undefined) return loadTrustRoot(readFileSync(file, "utf8"), { source: file });
  if (!staging) return embeddedTrustRoot();
  if (stagingRoot === undefined) throw new Error("the staging root is not embedded: give it with --trusted-root or TRIBUTARY_STAGING_ROOT");
  return loadTrustRoot(readFileSync(stagingRoot, "utf8"), { source: stagingRoot });
}

/** The protocol: what begins with `sha256:`, has 64 hexadecimal digits and is no file is a digest; all else is a file. */
function subjectOf(subject: string): { readonly artifact: Buffer } | { readonly digests: { readonly sha256: string } } {
  const digest = /^sha256:([0-9a-fA-F]{64})$/.exec(subject)?.[1];
  return digest !== undefined && !existsSync(subject) ? { digests: { sha256: digest.toLowerCase() } } : { artifact: readFileSync(subject) };
}
