import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import { Fault } from "../model/index.ts";
import { updateTuf } from "./tuf.ts";
import { pinnedTufRoot } from "./tuf-root.ts";

const FAR = "2100-01-01T00:00:00Z";
const NOW = new Date("2026-11-23T00:00:00Z");

interface Signer {
  readonly id: string;
  readonly key: KeyObject;
  readonly entry: object;
}

const signer = (id: string): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    id,
    key: privateKey,
    entry: {
      keytype: "ed25519",
      scheme: "ed25519",
      keyval: { public: publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex") },
    },
  };
};

/** Keys sorted at every depth and no white space: for the plain texts used here that is TUF's canonical form. */
const canonical = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(canonical).join(",")}]`
    : typeof value === "object" && value !== null
      ? `{${Object.keys(value)
          .toSorted()
          .map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key])}`)
          .join(",")}}`
      : JSON.stringify(value);

const signedBy = (signers: readonly Signer[], signed: object): string =>
  JSON.stringify({
    signed,
    signatures: signers.map(({ id, key }) => ({ keyid: id, sig: sign(null, Buffer.from(canonical(signed)), key).toString("hex") })),
  });

const [first, second, third] = [signer("first"), signer("second"), signer("third")];

const root = (version: number, roots: readonly Signer[], threshold = 1, expires = FAR): object => ({
  _type: "root",
  version,
  expires,
  consistent_snapshot: true,
  keys: Object.fromEntries([...roots, third].map(({ id, entry }) => [id, entry])),
  roles: {
    root: { keyids: roots.map(({ id }) => id), threshold },
    timestamp: { keyids: ["third"], threshold: 1 },
    snapshot: { keyids: ["third"], threshold: 1 },
    targets: { keyids: ["third"], threshold: 1 },
  },
});

interface Repository {
  version?: number;
  expires?: string;
  roots?: Readonly<Record<string, string>>;
  content?: string;
  delegated?: Readonly<Record<string, string>>;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const targetsOf = (files: Readonly<Record<string, string>>): object =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, { length: Buffer.byteLength(text), hashes: { sha256: hashOf(text) } }]),
  );

/** All files of a repository, by path. */
function repository({
  version = 1,
  expires = FAR,
  roots = {},
  content = "trusted",
  delegated = { "host/keys.json": "keys" },
}: Repository = {}): Map<string, string> {
  const head = { version, expires };
  const delegations = {
    keys: { second: second.entry },
    roles: [{ name: "host", keyids: ["second"], threshold: 1, paths: ["host/*"], terminating: true }],
  };
  const files = new Map(Object.entries(roots));
  files.set("timestamp.json", signedBy([third], { _type: "timestamp", ...head, meta: { "snapshot.json": { version } } }));
  files.set(
    `${version}.snapshot.json`,
    signedBy([third], { _type: "snapshot", ...head, expires: FAR, meta: { "targets.json": { version }, "host.json": { version } } }),
  );
  files.set(
    `${version}.targets.json`,
    signedBy([third], { _type: "targets", ...head, expires: FAR, targets: targetsOf({ "trusted_root.json": content }), delegations }),
  );
  files.set(`${version}.host.json`, signedBy([second], { _type: "targets", ...head, expires: FAR, targets: targetsOf(delegated) }));
  for (const [name, text] of Object.entries({ ...delegated, "trusted_root.json": content })) {
    const slash = name.lastIndexOf("/") + 1;
    files.set(`targets/${name.slice(0, slash)}${hashOf(text)}.${name.slice(slash)}`, text);
  }
  return files;
}

const update = async (files: ReadonlyMap<string, string>, more: Partial<Parameters<typeof updateTuf>[0]> = {}) =>
  await updateTuf({
    root: signedBy([first], root(1, [first])),
    now: NOW,
    fetch: (path) => Promise.resolve(files.has(path) ? Buffer.from(files.get(path) ?? "") : null),
    ...more,
  });

const refuses = async (work: Promise<unknown>, why: RegExp): Promise<void> =>
  await assert.rejects(work, (error) => error instanceof Fault && error.code === "source/body" && why.test(error.message));

test("targets are reached from a trusted root, those of a delegated role as well, and prove themselves", async () => {
  const state = await update(repository());
  assert.deepEqual(state.targets, ["host/keys.json", "trusted_root.json"]);
  assert.equal((await state.target("trusted_root.json")).toString(), "trusted");
  assert.equal((await state.target("host/keys.json")).toString(), "keys");
  await refuses(state.target("other"), /no role/);
});

test("a root is followed when the old keys and the new ones sign it, and no further", async () => {
  const next = root(2, [second]);
  const good = repository({ roots: { "2.root.json": signedBy([first, second], next) } });
  assert.equal((await update(good)).rootVersion, 2);
  await refuses(update(repository({ roots: { "2.root.json": signedBy([second], next) } })), /0 of 1 wanted/);
  await refuses(update(repository({ roots: { "2.root.json": signedBy([first], next) } })), /0 of 1 wanted/);
  await refuses(update(repository({ roots: { "2.root.json": signedBy([first, second], root(3, [second])) } })), /version 3/);
  // The same key under two names does not make two.
  const twin = { ...second, id: "twin" };
  await refuses(
    update(repository({ roots: { "2.root.json": signedBy([first, second, twin], root(2, [second, twin], 2)) } })),
    /1 of 2 wanted/,
  );
});

test("what is older than what was seen, has ended, or is not what was announced is refused", async () => {
  const state = await update(repository({ version: 5 }));
  await refuses(update(repository({ version: 4 }), { before: state.metadata }), /version 4 is older than 5/);
  assert.equal((await update(repository({ version: 5 }), { before: state.metadata })).rootVersion, 1);
  await refuses(update(repository({ expires: "2026-11-22T00:00:00Z" })), /timestamp\.json.*ended/);
  await refuses(update(repository(), { root: signedBy([first], root(1, [first], 1, "2026-11-22T00:00:00Z")) }), /root\.json.*ended/);
  const mixed = repository({ version: 2 });
  mixed.set("2.snapshot.json", repository({ version: 1 }).get("1.snapshot.json") ?? "");
  await refuses(update(mixed), /version 1 where 2/);
  const forged = repository();
  forged.set("1.targets.json", (forged.get("1.targets.json") ?? "").replace('"length":7', '"length":8'));
  await refuses(update(forged), /targets\.json.*0 of 1/);
  const swapped = repository();
  swapped.set(`targets/${hashOf("trusted")}.trusted_root.json`, "tampere");
  await refuses((await update(swapped)).target("trusted_root.json"), /sha256/);
});

test("a delegated role may name only what it was given", async () => {
  const state = await update(
    repository({ delegated: { "trusted_root.json": "mine", "host/deep/keys.json": "deep", "other/keys.json": "other" } }),
  );
  assert.deepEqual(state.targets, ["trusted_root.json"]);
  assert.equal((await state.target("trusted_root.json")).toString(), "trusted");
});

test("damaged and hostile metadata is refused, and never crashes", async () => {
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    '{"signed":{"_type":"timestamp","version":1,"expires":"never"}}',
    '{"signed":{"_type":"timestamp","version":1e99,"expires":"2100-01-01T00:00:00Z"}}',
    '{"signed":{"__proto__":{"_type":"timestamp"}}}',
  ]) {
    const files = repository();
    files.set("timestamp.json", text);
    await refuses(update(files), /timestamp\.json/);
  }
});

test("the pinned root is one that can be gone on from", async () => {
  const pinned = JSON.parse(pinnedTufRoot) as { readonly signed: { readonly version: number } };
  assert.ok(pinned.signed.version >= 15);
  await refuses(update(repository(), { root: pinnedTufRoot, now: new Date("2026-11-01") }), /timestamp\.json.*0 of 1/);
});
