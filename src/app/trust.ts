/**
 * Which trust roots and registry keys hold in this run, where each comes from, and how old it is: what was fetched with `trust update`, else
 * what this release was shipped with; and whatever roots of private instances the user has added.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  embeddedRegistryKeys,
  embeddedTrustRoot,
  loadRegistryKeys,
  loadTrustRoot,
  mergeTrustRoots,
  type RegistryKeys,
  type RootOrigin,
  type TrustRoot,
} from "../attestation/index.ts";
import { Fault, sha256 } from "../model/index.ts";

export interface Trust {
  readonly root: TrustRoot;
  readonly keys: RegistryKeys;
  /** Changes whenever a root or a key does: what was verified under another is verified again. */
  readonly fingerprint: string;
  /** What a user should be told: a kept root that cannot be read. */
  readonly notes: readonly string[];
}

/** Names in the folder of trust, below the user's data. */
export const trustFiles = {
  root: "trusted_root.json",
  signing: "signing_config.v0.2.json",
  keys: "registry-keys.json",
  origin: "origin.json",
  own: "own",
} as const;

export const trustFolder = (data: string): string => join(data, "trust");

/** Own roots are read whole; Sigstore's is 7 kB. */
const MAX_ROOT_BYTES = 4 * 1024 * 1024;

/** Opens what is trusted. Never throws for what is kept: what cannot be read is said, and the shipped root holds. */
export function openTrust(data: string): Trust {
  const folder = trustFolder(data);
  const notes: string[] = [];
  const parts: string[] = [];
  const roots: TrustRoot[] = [];
  let keys = embeddedRegistryKeys();
  try {
    const kept = readKept(folder);
    if (kept !== null) {
      roots.push(loadTrustRoot(kept.root, kept.origin));
      parts.push(kept.root);
      if (kept.keys !== null) {
        keys = bothKeys(loadRegistryKeys(JSON.parse(kept.keys), kept.origin), keys);
        parts.push(kept.keys);
      }
    }
  } catch (error) {
    notes.push(`The trust root in ${folder} cannot be used (${message(error)}); the one that Tributary was shipped with holds.`);
  }
  // The shipped roots stay: GitHub's own instance is not part of Sigstore's repository, and keys that were withdrawn since carry their end with them.
  const shipped = embeddedTrustRoot();
  roots.push(roots.length === 0 ? shipped : { instances: shipped.instances.slice(1) });
  for (const file of ownRoots(folder)) {
    try {
      const text = readText(file);
      roots.push(loadTrustRoot(text, { source: file }));
      parts.push(text);
    } catch (error) {
      notes.push(`The trust root ${file} cannot be used: ${message(error)}`);
    }
  }
  const root = mergeTrustRoots(...roots);
  const shippedSince = JSON.stringify(shipped.instances.map(({ origin }) => origin));
  return { root, keys, fingerprint: sha256([shippedSince, JSON.stringify(embeddedRegistryKeys().origin), ...parts].join("\n")), notes };
}

/** A root that was given for this one run: it alone is trusted. Throws `input/*`. */
export function trustOf(files: readonly string[], read: (file: string) => string): TrustRoot {
  return mergeTrustRoots(...files.map((file) => loadTrustRoot(read(file), { source: file })));
}

interface Kept {
  readonly root: string;
  readonly keys: string | null;
  readonly origin: RootOrigin;
}

function readKept(folder: string): Kept | null {
  const origin = readIfThere(join(folder, trustFiles.origin));
  const root = readIfThere(join(folder, trustFiles.root));
  if (origin === null || root === null) return null;
  const { source, date, expires } = JSON.parse(origin) as Record<string, unknown>;
  if (typeof source !== "string" || typeof date !== "string" || typeof expires !== "string")
    throw new Fault("input/not-understood", `${trustFiles.origin} does not say where the root comes from`);
  return { root, keys: readIfThere(join(folder, trustFiles.keys)), origin: { source, date, expires } };
}

/** The newer word on a key counts; keys that only the older one knows stay, with the end that it gave them. */
function bothKeys(newer: RegistryKeys, older: RegistryKeys): RegistryKeys {
  const known = new Set(newer.keys.map(({ keyId, usage }) => `${keyId} ${usage ?? ""}`));
  return { origin: newer.origin, keys: [...newer.keys, ...older.keys.filter(({ keyId, usage }) => !known.has(`${keyId} ${usage ?? ""}`))] };
}

/** Files of own roots, sorted. */
function ownRoots(folder: string): readonly string[] {
  const own = join(folder, trustFiles.own);
  try {
    return readdirSync(own)
      .filter((name) => /\.jsonl?$/.test(name))
      .toSorted()
      .map((name) => join(own, name));
  } catch {
    // No folder, no own roots.
    return [];
  }
}

function readIfThere(file: string): string | null {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > MAX_ROOT_BYTES) throw new Fault("input/too-large", `${file} is larger than any trust root`);
  return bytes.toString("utf8");
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
