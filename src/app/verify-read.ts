/**
 * Takes apart the files in which attestations come: Sigstore bundles alone, as JSON lines or in the answers of registries and of GitHub, PyPI's
 * objects (PEP 740), and bare DSSE envelopes. What a file holds is told by its members, never by its name.
 */
import { bundleFromPep740 } from "../attestation/index.ts";
import { Fault, sha256 } from "../model/index.ts";

export interface ReadAttestation {
  /** `registry`: one of an npm registry's answer, in which all have to hold. */
  readonly from: "bundle" | "registry" | "pypi" | "envelope";
  readonly value: unknown;
  /** As the payload or its wrapper states it, before anything is verified: only for naming it. */
  readonly predicateType: string;
  /** `sha256:` and the hash of the JSON text. */
  readonly content: string;
}

/** GitHub hands out thirty at a time; more than this in one file is no file for one artifact. */
const MAX_ATTESTATIONS = 1000;

/** Reads a file's text. Throws `input/not-understood` with the place where it holds no attestation. */
export function readAttestationFile(file: string, text: string): readonly ReadAttestation[] {
  const found: ReadAttestation[] = [];
  for (const document of documents(file, text)) for (const one of take(document, file)) found.push(one);
  if (found.length === 0) throw not(file, "it holds no attestation");
  if (found.length > MAX_ATTESTATIONS) throw not(file, `it holds more than ${MAX_ATTESTATIONS} attestations`);
  return found;
}

function* take(value: unknown, file: string): Generator<ReadAttestation> {
  if (Array.isArray(value)) {
    for (const one of value as readonly unknown[]) yield* take(one, file);
    return;
  }
  if (!isFields(value)) throw not(file, "it is no JSON object");
  const has = (name: string): boolean => Object.hasOwn(value, name);
  if (has("attestations") && Array.isArray(value["attestations"])) {
    // npm names the predicate beside each bundle, GitHub the repository.
    for (const one of value["attestations"] as readonly unknown[]) {
      const fields = isFields(one) ? one : {};
      const npm = typeof fields["predicateType"] === "string";
      yield made(npm ? "registry" : "bundle", fields["bundle"] ?? null);
    }
  } else if (has("attestation") && isFields(value["attestation"]) && has("verificationResult"))
    yield made("bundle", value["attestation"]["bundle"] ?? null);
  else if (has("attestation_bundles") && Array.isArray(value["attestation_bundles"])) {
    for (const bundle of value["attestation_bundles"] as readonly unknown[])
      if (isFields(bundle) && Array.isArray(bundle["attestations"]))
        for (const one of bundle["attestations"] as readonly unknown[]) yield pep740(one, file);
  } else if (has("verification_material") && has("envelope")) yield pep740(value, file);
  else if (has("mediaType") || has("media_type") || has("verificationMaterial") || has("dsseEnvelope")) yield made("bundle", value);
  else if ((has("payloadType") || has("payload_type")) && has("payload")) yield made("envelope", value);
  else if (has("bundle")) yield made("bundle", value["bundle"]);
  else throw not(file, "its members are those of no attestation that is known");
}

function pep740(value: unknown, file: string): ReadAttestation {
  const converted = bundleFromPep740(value);
  if (!converted.ok) throw not(file, converted.message);
  return made("pypi", converted.bundle);
}

function made(from: ReadAttestation["from"], value: unknown): ReadAttestation {
  return { from, value, predicateType: statedType(value), content: `sha256:${sha256(JSON.stringify(value ?? null))}` };
}

/** The predicate type inside the payload: where the payload cannot be read, "". */
function statedType(value: unknown): string {
  const outer = isFields(value) ? value : {};
  const envelope = isFields(outer["dsseEnvelope"]) ? outer["dsseEnvelope"] : outer;
  const payload = envelope["payload"];
  if (typeof payload !== "string") return "";
  try {
    const statement: unknown = JSON.parse(Buffer.from(payload, "base64").toString("utf8"));
    return isFields(statement) && typeof statement["predicateType"] === "string" ? statement["predicateType"] : "";
  } catch {
    return "";
  }
}

function documents(file: string, text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length < 2) throw not(file, "it is no JSON", cause);
    if (lines.length > MAX_ATTESTATIONS) throw not(file, `it has more than ${MAX_ATTESTATIONS} lines`);
    return lines.map((line, index) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (error) {
        throw not(file, `its line ${index + 1} is no JSON`, error);
      }
    });
  }
}

const not = (file: string, why: string, cause?: unknown): Fault =>
  new Fault("input/not-understood", `${file} holds no attestation that can be read: ${why}`, {
    hint: "Sigstore bundles, a registry's or GitHub's answer, PyPI's attestations and DSSE envelopes are read, as JSON or JSON lines",
    place: { file },
    ...(cause === undefined ? {} : { cause }),
  });

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
