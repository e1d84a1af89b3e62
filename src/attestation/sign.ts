/** Signs DSSE envelopes with a key of the user's: for verdicts that others may rely on. */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { canonicalJson, Fault, type Json } from "../model/index.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import { usualHash } from "./key.ts";
import { IN_TOTO_PAYLOAD } from "./statement.ts";

function unusable(cause?: unknown): never {
  throw new Fault("input/not-understood", "the signing key cannot be used", {
    hint: "give a private key as PEM: ECDSA (P-256, P-384, P-521), RSA or Ed25519",
    cause,
  });
}

/** A private key, PEM. Throws `Fault` input/not-understood where it is none or of an unsupported kind; the message never holds the key. */
export function loadPrivateKey(pem: string, passphrase?: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    return unusable(cause);
  }
  return ["ec", "rsa", "ed25519"].includes(key.asymmetricKeyType ?? "") ? key : unusable();
}

export interface SignedEnvelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Signs a statement (as canonical JSON, RFC 8785). ECDSA signatures are DER; they are randomised, so the bytes differ from run to run. */
export function signDsse(statement: Json, key: KeyObject, keyId = ""): SignedEnvelope {
  const payload = Buffer.from(canonicalJson(statement));
  const hash = key.asymmetricKeyType === "ed25519" ? null : usualHash(key);
  const sig = sign(hash, preAuthenticationEncoding(IN_TOTO_PAYLOAD, payload), key).toString("base64");
  return { payload: payload.toString("base64"), payloadType: IN_TOTO_PAYLOAD, signatures: [{ keyid: keyId, sig }] };
}
