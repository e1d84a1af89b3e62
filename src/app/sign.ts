/** Signs statements with a key of the user's. */
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { loadPrivateKey, signDsse } from "../attestation/index.ts";
import { Fault, type Json, sha256 } from "../model/index.ts";

/**
 * What signs with the private key in a file (PEM), as a DSSE envelope; the key is named by the SHA-256 of its public half. Throws
 * `input/*` where the file holds no such key.
 */
export async function signerFrom(file: string, cwd: string): Promise<(statement: Json) => Json> {
  const pem = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
    throw new Fault("input/not-found", `the key ${file} cannot be read`, { cause });
  });
  const key = loadPrivateKey(pem);
  const keyId = `SHA256:${sha256(createPublicKey(key).export({ type: "spki", format: "der" }))}`;
  return (statement) => signDsse(statement, key, keyId) as unknown as Json;
}
