/**
 * A client of The Update Framework (https://theupdateframework.github.io/specification/, section 5.3 to 5.7): from a root that one has, over
 * every root since, to the newest targets, each step signed by keys that the step before named, none older than what was seen before, none expired.
 *
 *     pinned root ─> 16.root ─> 17.root ─ … ─> timestamp ─> snapshot ─> targets ─> delegated targets ─> a file
 *
 * Fetching is the caller's; what is fetched proves itself.
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { Fault } from "../model/index.ts";

/** Fetches a file of the repository by its path; null where it has none. */
export type FetchFile = (path: string, maxBytes: number) => Promise<Buffer | null>;

export interface TufOptions {
  /** Text of a root that is trusted already. */
  readonly root: string;
  readonly fetch: FetchFile;
  /** The metadata that was trusted last, by file name (`timestamp.json`, `snapshot.json`, `targets.json`): nothing older is taken. */
  readonly before?: Readonly<Record<string, string>>;
  readonly now: Date;
}

export interface TufState {
  /** The metadata that is trusted now, by file name, to be handed in as `root` and `before` next time. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly rootVersion: number;
  /** Until when the root's publishers vouch for it, and until when for the newest word on it; ISO 8601. */
  readonly rootExpires: string;
  readonly expires: string;
  /** Names of all targets, with those of delegated roles. */
  readonly targets: readonly string[];
  /** A target's bytes, held to their length and hashes. Throws where they are not there or are others. */
  readonly target: (name: string) => Promise<Buffer>;
}

/** So many roots in one go are more than twenty years of Sigstore's (specification 5.3.3 asks for a bound). */
const MAX_ROOTS = 256;
const MAX_ROOT_BYTES = 512_000;
const MAX_TIMESTAMP_BYTES = 16_384;
const MAX_METADATA_BYTES = 5_000_000;
const MAX_TARGET_BYTES = 16 * 1024 * 1024;
/** Delegated roles that are followed; Sigstore has one, and delegations of delegations are not used. */
const MAX_DELEGATIONS = 32;

/** Throws `source/body` where a step does not prove itself (the message names it), and whatever `fetch` throws. */
export async function updateTuf({ root: rootText, fetch, before = {}, now }: TufOptions): Promise<TufState> {
  let root = read(rootText, "root", "root.json");
  let newestRoot = rootText;
  for (let count = 0; ; count++) {
    if (count === MAX_ROOTS) throw broken("root.json", `it has more than ${MAX_ROOTS} roots`);
    const name = `${root.version + 1}.root.json`;
    const bytes = await fetch(name, MAX_ROOT_BYTES);
    if (bytes === null) break;
    const next = read(bytes.toString("utf8"), "root", name);
    // Both the old keys and the new ones vouch for a new root (5.3.4), and no root is skipped (5.3.5).
    requireSignatures(next, roleOf(root, "root"), keysOf(root.signed), name);
    requireSignatures(next, roleOf(next, "root"), keysOf(next.signed), name);
    if (next.version !== root.version + 1) throw broken(name, `it says that it is version ${next.version}`);
    root = next;
    newestRoot = bytes.toString("utf8");
  }
  requireFresh(root, now, "root.json");
  const keys = keysOf(root.signed);
  const metadata: Record<string, string> = { "root.json": newestRoot };
  const ends = [root.expires];

  const take = async (
    type: Metadata["type"],
    name: string,
    path: string,
    role: Role,
    roleKeys: Keys,
    listed: Listed | null,
  ): Promise<Metadata> => {
    const most = listed?.length ?? (type === "timestamp" ? MAX_TIMESTAMP_BYTES : MAX_METADATA_BYTES);
    const bytes = await fetch(path, Math.min(most, MAX_METADATA_BYTES));
    if (bytes === null) throw broken(path, "it is not there");
    if (listed !== null) requireBytes(bytes, listed, path);
    const taken = read(bytes.toString("utf8"), type, name);
    requireSignatures(taken, role, roleKeys, name);
    if (listed !== null && taken.version !== listed.version)
      throw broken(name, `it is version ${taken.version} where ${listed.version} is announced`);
    const old = before[name] === undefined ? null : readBefore(before[name], type, name);
    if (old !== null && taken.version < old.version)
      throw broken(name, `version ${taken.version} is older than ${old.version}, which was seen before`);
    requireFresh(taken, now, name);
    metadata[name] = bytes.toString("utf8");
    ends.push(taken.expires);
    return taken;
  };
  const consistent = root.signed["consistent_snapshot"] === true;
  const pathOf = (name: string, version: number): string => (consistent ? `${version}.${name}` : name);

  const timestamp = await take("timestamp", "timestamp.json", "timestamp.json", roleOf(root, "timestamp"), keys, null);
  const snapshotListed = listedIn(timestamp, "snapshot.json");
  const snapshot = await take(
    "snapshot",
    "snapshot.json",
    pathOf("snapshot.json", snapshotListed.version),
    roleOf(root, "snapshot"),
    keys,
    snapshotListed,
  );
  requireNoneGone(snapshot, before["snapshot.json"]);
  const targetsListed = listedIn(snapshot, "targets.json");
  const targets = await take(
    "targets",
    "targets.json",
    pathOf("targets.json", targetsListed.version),
    roleOf(root, "targets"),
    keys,
    targetsListed,
  );

  const files = new Map<string, TargetFile>();
  addTargets(files, targets, () => true);
  for (const delegated of delegationsOf(targets)) {
    const name = `${delegated.name}.json`;
    const listed = listedIn(snapshot, name);
    const role = await take("targets", name, pathOf(name, listed.version), delegated, delegated.keys, listed);
    addTargets(files, role, (path) => delegated.paths.some((pattern) => fits(path, pattern)));
  }

  return {
    metadata,
    rootVersion: root.version,
    rootExpires: root.expires,
    expires: ends.toSorted()[0] ?? "",
    targets: [...files.keys()].toSorted(),
    target: async (name) => {
      const file = files.get(name);
      if (file === undefined) throw broken(name, "no role that may speak of it names it");
      const slash = name.lastIndexOf("/") + 1;
      const [hash = ""] = Object.values(file.hashes);
      const path = `targets/${consistent ? `${name.slice(0, slash)}${hash}.${name.slice(slash)}` : name}`;
      const bytes = await fetch(path, Math.min(file.length, MAX_TARGET_BYTES));
      if (bytes === null) throw broken(path, "it is not there");
      requireBytes(bytes, { ...file, version: 0 }, path);
      return bytes;
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Keys = ReadonlyMap<string, { readonly key: KeyObject; readonly scheme: string }>;

interface Metadata {
  readonly type: "root" | "timestamp" | "snapshot" | "targets";
  readonly signed: Fields;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Buffer }[];
  readonly version: number;
  readonly expires: string;
}

interface Role {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

interface Listed {
  readonly version: number;
  readonly length: number | null;
  readonly hashes: Readonly<Record<string, string>>;
}

interface TargetFile {
  readonly length: number;
  readonly hashes: Readonly<Record<string, string>>;
}

function read(text: string, type: Metadata["type"], name: string): Metadata {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(name, "it is no JSON", cause);
  }
  const { signed, signatures } = fields(value);
  const content = fields(signed);
  const { version, expires } = content;
  if (content["_type"] !== type) throw broken(name, `it is no ${type} metadata`);
  if (!Number.isSafeInteger(version) || Number(version) < 1) throw broken(name, "its version is no number");
  if (typeof expires !== "string" || Number.isNaN(Date.parse(expires))) throw broken(name, "it does not say when it ends");
  const list = Array.isArray(signatures) ? (signatures as readonly unknown[]) : [];
  return {
    type,
    signed: content,
    signatures: list.flatMap((one) => {
      const { keyid, sig } = fields(one);
      return typeof keyid === "string" && typeof sig === "string" ? [{ keyid, sig: Buffer.from(sig, "hex") }] : [];
    }),
    version: Number(version),
    expires,
  };
}

/** What was kept may have been damaged since; then nothing is known of before. */
function readBefore(text: string, type: Metadata["type"], name: string): Metadata | null {
  try {
    return read(text, type, name);
  } catch {
    return null;
  }
}

function roleOf({ signed }: Metadata, name: string): Role {
  return readRole(fields(fields(signed["roles"])[name]), name);
}

function readRole(role: Fields, name: string): Role {
  const { keyids, threshold } = role;
  if (!Array.isArray(keyids) || !keyids.every((id) => typeof id === "string") || !Number.isSafeInteger(threshold) || Number(threshold) < 1)
    throw broken("root.json", `it does not say who signs ${name}`);
  return { keyids, threshold: Number(threshold) };
}

/** Keys of types that we do not know are left out: they count for no threshold. */
function keysOf(holder: Fields): Keys {
  const keys = new Map<string, { key: KeyObject; scheme: string }>();
  for (const [keyid, entry] of Object.entries(fields(holder["keys"]))) {
    const { keyval, scheme } = fields(entry);
    const text = fields(keyval)["public"];
    const key = typeof text === "string" ? publicKey(text, String(scheme)) : null;
    if (key !== null) keys.set(keyid, { key, scheme: String(scheme) });
  }
  return keys;
}

/** Up to its fourth root Sigstore wrote bare points; SubjectPublicKeyInfo is this prefix and the point. */
const P256_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const ED25519_PREFIX = "302a300506032b6570032100";

function publicKey(text: string, scheme: string): KeyObject | null {
  const hex = /^[0-9a-f]+$/i.test(text);
  const prefix = scheme === "ed25519" ? ED25519_PREFIX : scheme === "ecdsa-sha2-nistp256" ? P256_PREFIX : "";
  try {
    if (!hex) return createPublicKey({ key: text, format: "pem" });
    return prefix === "" ? null : createPublicKey({ key: Buffer.from(prefix + text, "hex"), format: "der", type: "spki" });
  } catch {
    return null;
  }
}

/** The threshold counts keys, not signatures and not names: one key under two names is one. */
function requireSignatures(metadata: Metadata, role: Role, keys: Keys, name: string): void {
  const bytes = Buffer.from(canonical(metadata.signed));
  const right = new Set<string>();
  for (const { keyid, sig } of metadata.signatures) {
    const known = keys.get(keyid);
    if (known === undefined || !role.keyids.includes(keyid) || !holds(known, bytes, sig)) continue;
    right.add(known.key.export({ type: "spki", format: "der" }).toString("base64"));
  }
  if (right.size < role.threshold) throw broken(name, `${right.size} of ${role.threshold} wanted signatures are right`);
}

function holds({ key, scheme }: { readonly key: KeyObject; readonly scheme: string }, bytes: Buffer, sig: Buffer): boolean {
  try {
    if (scheme === "ed25519") return verify(null, bytes, key, sig);
    if (scheme === "ecdsa-sha2-nistp256") return verify("sha256", bytes, key, sig);
    if (scheme === "ecdsa-sha2-nistp384") return verify("sha384", bytes, key, sig);
    return false;
  } catch {
    return false;
  }
}

function requireFresh({ expires }: Metadata, now: Date, name: string): void {
  if (Date.parse(expires) <= now.getTime())
    throw broken(name, `it ended on ${expires.slice(0, 10)}: the repository is not looked after, or somebody holds an old one up to you`);
}

function requireBytes(bytes: Buffer, { length, hashes }: Listed, path: string): void {
  if (length !== null && bytes.length > length) throw broken(path, `it is longer than ${length} bytes`);
  for (const [algorithm, hex] of Object.entries(hashes)) {
    if (algorithm !== "sha256" && algorithm !== "sha512") continue;
    if (createHash(algorithm).update(bytes).digest("hex") !== hex.toLowerCase())
      throw broken(path, `its ${algorithm} is another than was announced`);
  }
}

function listedIn({ signed }: Metadata, name: string): Listed {
  const meta = fields(signed["meta"]);
  const { version, length, hashes } = fields(Object.hasOwn(meta, name) ? meta[name] : undefined);
  if (!Number.isSafeInteger(version)) throw broken(name, "nobody announces it");
  return { version: Number(version), length: Number.isSafeInteger(length) ? Number(length) : null, hashes: texts(hashes) };
}

/** No role may go back or vanish from one snapshot to the next (5.5.5). */
function requireNoneGone({ signed }: Metadata, before: string | undefined): void {
  const old = before === undefined ? null : readBefore(before, "snapshot", "snapshot.json");
  if (old === null) return;
  const now = fields(signed["meta"]);
  for (const [name, entry] of Object.entries(fields(old.signed["meta"]))) {
    const was = fields(entry)["version"];
    const is = Object.hasOwn(now, name) ? fields(now[name])["version"] : undefined;
    if (typeof was === "number" && (typeof is !== "number" || is < was))
      throw broken("snapshot.json", `${name} is older in it than it was before, or gone`);
  }
}

interface Delegation extends Role {
  readonly name: string;
  readonly paths: readonly string[];
  readonly keys: Keys;
}

function delegationsOf({ signed }: Metadata): readonly Delegation[] {
  const delegations = fields(signed["delegations"]);
  const roles = Array.isArray(delegations["roles"]) ? (delegations["roles"] as readonly unknown[]) : [];
  if (roles.length > MAX_DELEGATIONS) throw broken("targets.json", `it delegates to more than ${MAX_DELEGATIONS} roles`);
  const keys = keysOf(delegations);
  return roles.map((entry) => {
    const role = fields(entry);
    const { name, paths } = role;
    // The name becomes a path in the repository.
    if (typeof name !== "string" || !/^[\w.-]{1,100}$/.test(name) || name.includes(".."))
      throw broken("targets.json", "it delegates to a role without a plain name");
    const { keyids, threshold } = readRole(role, name);
    return { keyids, threshold, name, paths: Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [], keys };
  });
}

/** The first role that names a file decides (5.6.7, preorder). */
function addTargets(files: Map<string, TargetFile>, { signed }: Metadata, mayName: (path: string) => boolean): void {
  for (const [path, entry] of Object.entries(fields(signed["targets"]))) {
    const { length, hashes } = fields(entry);
    const known = texts(hashes);
    const strong = Object.fromEntries(Object.entries(known).filter(([algorithm]) => algorithm === "sha256" || algorithm === "sha512"));
    if (files.has(path) || !mayName(path) || !Number.isSafeInteger(length) || Object.keys(strong).length === 0) continue;
    files.set(path, { length: Number(length), hashes: strong });
  }
}

/** Patterns are those of a shell within one folder: `*` never crosses a slash. */
function fits(path: string, pattern: string): boolean {
  const folders = path.split("/");
  const patterns = pattern.split("/");
  return folders.length === patterns.length && patterns.every((part, index) => part === "*" || part === folders[index]);
}

/** Canonical JSON as TUF signs it (OLPC): keys sorted, no white space, only quote and backslash escaped, whole numbers. */
function canonical(value: unknown): string {
  if (typeof value === "string") return `"${value.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw broken("metadata", "it holds a number that is not whole");
    return String(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.entries(fields(value)).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([key, member]) => `${canonical(key)}:${canonical(member)}`).join(",")}}`;
}

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {});
const texts = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

const broken = (name: string, why: string, cause?: unknown): Fault =>
  new Fault("source/body", `the trust repository's ${name} cannot be trusted: ${why}`, {
    hint: "nothing was changed; what was trusted before still holds",
    ...(cause === undefined ? {} : { cause }),
  });
