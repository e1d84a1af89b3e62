/** Brings what is trusted up to date, shows it, and takes in roots of private instances. Nothing is replaced before all of the new is proved. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { embeddedRegistryKeys, freshness, loadRegistryKeys, loadTrustRoot, type TrustRoot } from "../attestation/index.ts";
import { Fault } from "../model/index.ts";
import { httpClient } from "../sources/http.ts";
import { loadNpmConfig } from "../sources/npm-config.ts";
import { type FetchFile, updateTuf } from "../sources/tuf.ts";
import { pinnedTufRoot } from "../sources/tuf-root.ts";
import { userFolders } from "../store/folders.ts";
import { openTrust, trustFiles, trustFolder } from "./trust.ts";

/** Sigstore's public repository of trust (https://github.com/sigstore/root-signing). */
const SIGSTORE_TRUST = "https://tuf-repo-cdn.sigstore.dev/";

type Environment = Readonly<Record<string, string | undefined>>;

export interface UpdateTrustOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** Another address of the same repository: a mirror. What it hands out has to prove itself all the same. */
  readonly mirror?: string;
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

export interface TrustUpdated {
  readonly source: string;
  readonly rootVersion: number;
  /** ISO 8601. */
  readonly rootExpires: string;
  /** Whether anything that is trusted changed. */
  readonly changed: boolean;
  readonly keys: number;
}

/** Throws `source/*` where the repository cannot be reached or does not prove itself; what was trusted before then still holds. */
export async function updateTrust(options: UpdateTrustOptions): Promise<TrustUpdated> {
  const now = options.now ?? new Date();
  const source = options.mirror ?? SIGSTORE_TRUST;
  if (!URL.canParse(source)) throw new Fault("cli/usage", `${source} is no web address`);
  const base = source.endsWith("/") ? source : `${source}/`;
  const folder = trustFolder(userFolders(options.env).data);
  const config = await loadNpmConfig({ cwd: options.cwd, env: options.env });
  const client = httpClient({ cache: null, config: config.http, ...(options.signal === undefined ? {} : { signal: options.signal }) });
  const fetch: FetchFile = async (path, maxBytes) => {
    try {
      const answer = await client.get(new URL(path, base).href, {
        accept: "application/json, */*;q=0.5",
        expect: "bytes",
        cache: "none",
        maxBytes,
      });
      return answer.body;
    } catch (error) {
      if (error instanceof Fault && error.code === "source/not-found") return null;
      throw error;
    }
  };
  try {
    const before = await keptMetadata(join(folder, "tuf"));
    const state = await updateTuf({ root: before["root.json"] ?? pinnedTufRoot, before, fetch, now });
    const root = (await state.target("trusted_root.json")).toString("utf8");
    const keysTarget = state.targets.find((name) => name.endsWith("/keys.json"));
    const keys = keysTarget === undefined ? null : (await state.target(keysTarget)).toString("utf8");
    const origin = { source: `Sigstore public good instance, from ${base}`, date: now.toISOString(), expires: state.rootExpires };
    const signing = state.targets.includes(trustFiles.signing) ? (await state.target(trustFiles.signing)).toString("utf8") : null;
    // Read once before it is kept: what cannot be used must not take the place of what can.
    loadTrustRoot(root, origin);
    const count = keys === null ? 0 : loadRegistryKeys(JSON.parse(keys), origin).keys.length;
    const old = await readFile(join(folder, trustFiles.root), "utf8").catch(() => null);
    const oldKeys = await readFile(join(folder, trustFiles.keys), "utf8").catch(() => null);
    await mkdir(join(folder, "tuf"), { recursive: true, mode: 0o700 });
    await replace(join(folder, trustFiles.root), root);
    if (keys !== null) await replace(join(folder, trustFiles.keys), keys);
    if (signing !== null) await replace(join(folder, trustFiles.signing), signing);
    await replace(join(folder, trustFiles.origin), `${JSON.stringify(origin, null, 2)}\n`);
    for (const [name, text] of Object.entries(state.metadata)) await replace(join(folder, "tuf", name), text);
    return {
      source: base,
      rootVersion: state.rootVersion,
      rootExpires: state.rootExpires,
      changed: old !== root || oldKeys !== keys,
      keys: count,
    };
  } finally {
    await client.close();
  }
}

const METADATA_NAME = /^[\w.-]+\.json$/;
const ROLES = ["root.json", "timestamp.json", "snapshot.json", "targets.json"] as const;

/** The metadata that was trusted last. Delegated roles come from the snapshot's own list. */
async function keptMetadata(folder: string): Promise<Readonly<Record<string, string>>> {
  const kept: Record<string, string> = {};
  for (const name of ROLES) {
    const text = await readFile(join(folder, name), "utf8").catch(() => null);
    if (text !== null) kept[name] = text;
  }
  for (const name of delegatedNames(kept["targets.json"])) {
    const text = await readFile(join(folder, name), "utf8").catch(() => null);
    if (text !== null) kept[name] = text;
  }
  return kept;
}

function delegatedNames(targets: string | undefined): readonly string[] {
  if (targets === undefined) return [];
  try {
    const { signed } = JSON.parse(targets) as {
      readonly signed?: { readonly delegations?: { readonly roles?: readonly { readonly name?: unknown }[] } };
    };
    return (signed?.delegations?.roles ?? []).map(({ name }) => `${String(name)}.json`).filter((name) => METADATA_NAME.test(name));
  } catch {
    return [];
  }
}

async function replace(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, file);
}

/** Takes in a private instance's root: from now on it is trusted beside the public ones. Throws `input/*` where it is none. Returns the file that holds it. */
export async function addTrustRoot(file: string, cwd: string, env: Environment): Promise<string> {
  const text = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
    throw new Fault("input/not-found", `${file} cannot be read`, { cause });
  });
  loadTrustRoot(text, { source: file });
  const own = join(trustFolder(userFolders(env).data), trustFiles.own);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const name = basename(file).replaceAll(/[^\w.-]/g, "_");
  const kept = join(own, /\.jsonl?$/.test(name) ? name : `${name}.json`);
  await replace(kept, text);
  return kept;
}

export interface TrustShown {
  readonly instances: readonly {
    readonly source: string;
    readonly date: string;
    readonly expires: string;
    readonly ageInDays: number | null;
    readonly expired: boolean;
    readonly certificateAuthorities: readonly string[];
    readonly logs: readonly string[];
    readonly certificateLogs: readonly string[];
    readonly timestampAuthorities: readonly string[];
  }[];
  readonly keys: {
    readonly source: string;
    readonly date: string;
    readonly keys: readonly { readonly id: string; readonly usage: string; readonly from: string; readonly until: string }[];
  };
  readonly notes: readonly string[];
}

/** What is trusted in this folder of data, with its age. */
export function showTrust(env: Environment, now: Date = new Date()): TrustShown {
  const trust = openTrust(userFolders(env).data);
  return {
    instances: shown(trust.root, now),
    keys: {
      source: trust.keys.origin.source,
      date: trust.keys.origin.date ?? embeddedRegistryKeys().origin.date ?? "",
      keys: trust.keys.keys.map(({ keyId, usage, validFor }) => ({
        id: keyId,
        usage: usage ?? "any",
        from: day(validFor?.start),
        until: day(validFor?.end),
      })),
    },
    notes: trust.notes,
  };
}

function shown(root: TrustRoot, now: Date): TrustShown["instances"] {
  return root.instances.map(({ origin, certificateAuthorities, logs, ctLogs, timestampAuthorities }) => {
    const { ageInDays, expired } = freshness(origin, now);
    return {
      source: origin.source,
      date: origin.date ?? "",
      expires: origin.expires ?? "",
      ageInDays: ageInDays ?? null,
      expired,
      certificateAuthorities: certificateAuthorities.map(({ uri }) => uri),
      logs: logs.map(({ host }) => host),
      certificateLogs: ctLogs.map(({ host }) => host),
      timestampAuthorities: timestampAuthorities.map(({ uri }) => uri),
    };
  });
}

const day = (time: number | undefined): string => (time === undefined ? "" : new Date(time).toISOString().slice(0, 10));
