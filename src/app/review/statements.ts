/**
 * Reviews that can be shared: a statement that somebody looked at one difference, by named criteria, and stands by it until a day. It is an
 * in-toto Statement v1 in a DSSE envelope, signed with an Ed25519 key of the reviewer's own, and lies in `.tributary/reviews/` beside the code,
 * where it is reviewed like code. Others' statements count only under keys that lie in `.tributary/reviewers/`.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { IN_TOTO_PAYLOAD, preAuthenticationEncoding, STATEMENT_V1 } from "../../attestation/index.ts";
import { byCodeUnit, canonicalJson, Fault, type Json, type Review, type ReviewStatement } from "../../model/index.ts";
import { git } from "../../sources/git-run.ts";
import { userFolders } from "../../store/folders.ts";

const REVIEW_PREDICATE = "https://tributary.example/review/v1";

/** Statements of more are no statement. */
const LARGEST_STATEMENT = 256 * 1024;
/** Statements in one folder that are read. */
const MOST_STATEMENTS = 10_000;
/** A review is believed for as long as nobody has to look again: half a year unless said. */
const STANDARD_DAYS = 180;
/** What a review may have been held against; more may be named freely. */
const standardCriteria = ["behaviour", "origin"] as const;

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** The nearest `.tributary` upwards, or the one that would be made here. */
function projectFolder(cwd: string): string {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const at = join(folder, ".tributary");
    if (existsSync(at)) return at;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder)
      return existsSync(join(folder, ".git")) ? at : join(resolve(cwd), ".tributary");
  }
}

const keyFile = (env: Place["env"]): string => join(userFolders(env).data, "reviewer.pem");

/** The reviewer's own key, made at the first review; only its owner may read it. */
function ownKey(env: Place["env"]): KeyObject {
  const file = keyFile(env);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
  }
  try {
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
    throw new Fault("store/unusable", `${file} holds no key that can sign.`, {
      cause,
      hint: "Move it away; the next review makes a new one.",
    });
  }
}

const pem = (key: KeyObject): string =>
  (key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "pem" }).toString();

/** `sha256:` and the hash of the key's SubjectPublicKeyInfo. */
const keyId = (key: KeyObject): string =>
  `sha256:${createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")}`;

export interface AcceptOptions extends Place {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly reviewer: string;
  readonly criteria: readonly string[];
  readonly result: ReviewStatement["result"];
  readonly note: string;
  readonly days?: number;
}

/** Signs a statement on a review and writes it, and the reviewer's public key, into the project. Returns both paths. */
export function acceptReview(review: Review, options: AcceptOptions): { readonly statement: string; readonly key: string } {
  const { change } = review;
  const statement: ReviewStatement = {
    package: review.package,
    from: change.before.version,
    to: change.after.version,
    difference: review.difference,
    criteria: [...(options.criteria.length === 0 ? standardCriteria : options.criteria)].toSorted(byCodeUnit),
    result: options.result,
    reviewer: options.reviewer,
    note: options.note,
    at: new Date(options.now).toISOString(),
    expires: new Date(options.now + (options.days ?? STANDARD_DAYS) * 86_400_000).toISOString(),
  };
  const key = ownKey(options.env);
  const envelope = signStatement(statement, review, key);
  const folder = projectFolder(options.cwd);
  const name = `${(statement.package.replace(/^pkg:/, "") || "package").replaceAll(/[^\w.-]+/g, "_").slice(0, 100)}-${review.difference.slice(0, 16)}`;
  const id = keyId(createPublicKey(key)).slice(7, 23);
  const paths = { statement: join(folder, "reviews", `${name}-${id}.json`), key: join(folder, "reviewers", `${id}.pem`) };
  for (const path of Object.values(paths)) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(paths.statement, `${JSON.stringify(envelope, null, 2)}\n`);
  if (!existsSync(paths.key)) writeFileSync(paths.key, pem(key));
  return paths;
}

function signStatement(predicate: ReviewStatement, review: Review, key: KeyObject): Envelope {
  const payload = Buffer.from(
    canonicalJson({
      _type: STATEMENT_V1,
      subject: [
        { name: `${review.before.title} -> ${review.after.title}`, digest: { "difference-sha256": review.difference } },
        ...(review.after.sha256 === "" ? [] : [{ name: review.after.title, digest: { sha256: review.after.sha256 } }]),
      ],
      predicateType: REVIEW_PREDICATE,
      predicate: predicate as unknown as Json,
    }),
  );
  const sig = sign(null, preAuthenticationEncoding(IN_TOTO_PAYLOAD, payload), key);
  return {
    payloadType: IN_TOTO_PAYLOAD,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyId(createPublicKey(key)), sig: sig.toString("base64") }],
  };
}

/** Reads and verifies one statement; a text says why it does not count. */
function readStatementFile(bytes: Uint8Array, keys: readonly KeyObject[]): ReviewStatement | string {
  if (bytes.length > LARGEST_STATEMENT) return `it has ${bytes.length} bytes`;
  let envelope: unknown;
  try {
    envelope = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return "it is no JSON";
  }
  if (!isObject(envelope) || envelope["payloadType"] !== IN_TOTO_PAYLOAD || typeof envelope["payload"] !== "string")
    return "it is no signed statement";
  const payload = Buffer.from(envelope["payload"], "base64");
  const signatures = Array.isArray(envelope["signatures"]) ? envelope["signatures"].slice(0, 8) : [];
  const signed = preAuthenticationEncoding(IN_TOTO_PAYLOAD, payload);
  const holds = signatures.some(
    (one: unknown) =>
      isObject(one) &&
      typeof one["sig"] === "string" &&
      keys.some((key) => verify(null, signed, key, Buffer.from(String(one["sig"]), "base64"))),
  );
  if (!holds) return "no key that is trusted here has signed it";
  let statement: unknown;
  try {
    statement = JSON.parse(payload.toString("utf8"));
  } catch {
    return "what was signed is no JSON";
  }
  if (!isObject(statement) || statement["predicateType"] !== REVIEW_PREDICATE || !isObject(statement["predicate"]))
    return "it is no review";
  const predicate = statement["predicate"];
  const text = (name: string): string => (typeof predicate[name] === "string" ? String(predicate[name]) : "");
  const criteria = Array.isArray(predicate["criteria"])
    ? predicate["criteria"].filter((one): one is string => typeof one === "string")
    : [];
  const difference = text("difference");
  if (!/^[0-9a-f]{64}$/.test(difference) || Number.isNaN(Date.parse(text("expires"))))
    return "it does not say what it is about, or until when";
  return {
    package: text("package"),
    from: text("from"),
    to: text("to"),
    difference,
    criteria,
    result: text("result") === "refused" ? "refused" : "accepted",
    reviewer: text("reviewer"),
    note: text("note"),
    at: text("at"),
    expires: text("expires"),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function trustedKeys(folder: string): readonly KeyObject[] {
  return filesOf(join(folder, "reviewers"), ".pem").flatMap((file) => {
    try {
      const key = createPublicKey(readFileSync(file));
      return key.asymmetricKeyType === "ed25519" ? [key] : [];
    } catch {
      return [];
    }
  });
}

const filesOf = (folder: string, ending: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .toSorted(byCodeUnit)
        .slice(0, MOST_STATEMENTS)
        .map((name) => join(folder, name))
    : [];

/** All statements of the project that hold under its reviewers' keys, by the difference that they are about; those whose day has passed are left out. */
export async function statementsOn({
  cwd,
  env,
  onNote,
}: Place & { readonly onNote?: (note: string) => void }): Promise<(difference: string) => readonly ReviewStatement[]> {
  const folder = projectFolder(cwd);
  const keys = trustedKeys(folder);
  const now = env["SOURCE_DATE_EPOCH"] === undefined ? Date.now() : Number(env["SOURCE_DATE_EPOCH"]) * 1000;
  const known = new Map<string, ReviewStatement[]>();
  for (const file of filesOf(join(folder, "reviews"), ".json")) {
    const read = readStatementFile(readFileSync(file), keys);
    if (typeof read === "string") onNote?.(`${file} does not count: ${read}`);
    else if (Date.parse(read.expires) >= now) known.set(read.difference, [...(known.get(read.difference) ?? []), read]);
  }
  return await Promise.resolve((difference: string) => known.get(difference) ?? []);
}

/** Takes over another team's statements: those in `folder` that its key has signed. Returns how many, and why the others were left. */
export function importReviews(
  folder: string,
  key: string,
  place: Place,
): { readonly taken: readonly string[]; readonly left: readonly string[] } {
  const file = resolve(place.cwd, key);
  let trusted: KeyObject;
  try {
    trusted = createPublicKey(readFileSync(file));
  } catch (cause) {
    throw new Fault("input/not-understood", `${key} holds no public key.`, {
      cause,
      hint: "It is the PEM file in the other team's .tributary/reviewers.",
    });
  }
  const from = resolve(place.cwd, folder);
  const to = projectFolder(place.cwd);
  const taken: string[] = [];
  const left: string[] = [];
  for (const path of filesOf(from, ".json")) {
    const bytes = readFileSync(path);
    const read = readStatementFile(bytes, [trusted]);
    if (typeof read === "string") {
      left.push(`${path}: ${read}`);
      continue;
    }
    mkdirSync(join(to, "reviews"), { recursive: true });
    writeFileSync(join(to, "reviews", `${read.difference.slice(0, 16)}-${keyId(trusted).slice(7, 23)}.json`), bytes);
    taken.push(`${read.package} ${read.from} -> ${read.to}`);
  }
  if (taken.length > 0) {
    mkdirSync(join(to, "reviewers"), { recursive: true });
    writeFileSync(join(to, "reviewers", `${keyId(trusted).slice(7, 23)}.pem`), pem(trusted));
  }
  return { taken, left };
}

/** Who signs, where nobody is named: git's address for this repository, else the user's name on this machine. */
export async function reviewerName(cwd: string, env: Place["env"]): Promise<string> {
  const result = await git(cwd, ["config", "user.email"]).catch(() => null);
  const email = result?.status === 0 ? result.out.toString("utf8").trim() : "";
  return email !== "" ? email : (env["USER"] ?? env["USERNAME"] ?? "somebody");
}
