/** Reading slsa-verifier's test data; shared by its two suites. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Digests } from "../src/attestation/index.ts";

/** A file with one JSON document, or the first line of one with several. */
export function parseFile(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return JSON.parse(text.split("\n")[0] ?? "") as unknown;
  }
}

export function digestsOfFile(file: string): Digests {
  const bytes = readFileSync(file);
  return Object.fromEntries(["sha256", "sha512"].map((algorithm) => [algorithm, createHash(algorithm).update(bytes).digest("hex")]));
}

/** What the payload of an envelope says it is, before anything of it is believed; "" where it says nothing. */
export function predicateTypeOf(bundle: unknown): string {
  const { dsseEnvelope } = bundle as { readonly dsseEnvelope?: { readonly payload?: string } };
  try {
    const statement = JSON.parse(Buffer.from(dsseEnvelope?.payload ?? "", "base64").toString("utf8")) as { predicateType?: unknown };
    return String(statement.predicateType ?? "");
  } catch {
    return "";
  }
}
