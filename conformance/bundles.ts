/** Real Sigstore bundles out of the archives, for what is done to all of them: changing them, and measuring. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface RealBundle {
  /** Archive, file and place in the file. */
  readonly name: string;
  readonly bundle: unknown;
  /** Signed with the npm registry's key. */
  readonly publish: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Archives with bundles that the public root (or, for timestamps, GitHub's) vouches for. */
const archives: Readonly<Record<string, string>> = {
  "sigstore-js": "bundles/*.sigstore",
  "npm-cli": "audit-signatures/*.json",
  "slsa-verifier": "testdata/**/*.{json,jsonl,sigstore,slsa}",
  "slsa-source": "*.jsonl",
};
/** Larger files hold no bundle. */
const MAX_BYTES = 4 * 1024 * 1024;

/** All bundles, in the order of their files' names. `folder` holds one folder for each unpacked archive; those that are not there are left out. */
export function* realBundles(folder: string): Generator<RealBundle> {
  for (const [archive, pattern] of Object.entries(archives)) {
    const base = join(folder, archive);
    if (!existsSync(base)) continue;
    for (const file of globSync(pattern, { cwd: base }).toSorted()) {
      const path = join(base, file);
      if (!statSync(path).isFile() || statSync(path).size > MAX_BYTES) continue;
      let i = 0;
      for (const document of documents(readFileSync(path, "utf8")))
        for (const bundle of bundlesIn(document)) yield { name: `${archive}/${file}#${i++}`, bundle, publish: isPublish(bundle) };
    }
  }
}

function parse(json: string): unknown[] {
  try {
    return [JSON.parse(json)];
  } catch {
    return [];
  }
}

function documents(text: string): unknown[] {
  const whole = parse(text);
  return whole.length > 0 ? whole : text.split("\n").flatMap(parse);
}

function bundlesIn(document: unknown): unknown[] {
  if (!isFields(document)) return [];
  if (Array.isArray(document["attestations"]))
    return document["attestations"].flatMap((one: unknown) => (isFields(one) ? bundlesIn(one["bundle"]) : []));
  return isFields(document["verificationMaterial"]) || isFields(document["verification_material"]) ? [document] : [];
}

const isPublish = (bundle: unknown): boolean =>
  isFields(bundle) && isFields(bundle["verificationMaterial"]) && "publicKey" in bundle["verificationMaterial"];
