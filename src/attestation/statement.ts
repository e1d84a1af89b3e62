/** in-toto statements: what is said (`predicate`) about which bytes (`subject`). https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
import type { Json } from "../model/index.ts";
import { outcome, reject, type Rejected } from "./reject.ts";

export const STATEMENT_V01 = "https://in-toto.io/Statement/v0.1";
export const STATEMENT_V1 = "https://in-toto.io/Statement/v1";
export const IN_TOTO_PAYLOAD = "application/vnd.in-toto+json";

export interface StatementSubject {
  readonly name: string;
  readonly uri?: string;
  /** Algorithm to digest, as written: lower-case hexadecimal for the usual ones. */
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Json;
}

export interface Statement {
  readonly type: typeof STATEMENT_V01 | typeof STATEMENT_V1;
  readonly predicateType: string;
  readonly subject: readonly StatementSubject[];
  readonly predicate: Json;
}

/** Larger statements are refused. npm's and GitHub's are below 20 kB; one with a subject for each of 100,000 files is about 10 MB. */
export const MAX_STATEMENT_BYTES: number = 32 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** One for all: making a decoder costs more than reading a statement with it. It keeps nothing between two whole texts. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a statement from the signed bytes. Returns why not where they are none. */
export function parseStatement(payload: Uint8Array | string): { readonly ok: true; readonly statement: Statement } | Rejected {
  return outcome(() => ({ ok: true, statement: readStatement(payload) }));
}

/** The same, for the inside of this room: rejects. */
export function readStatement(payload: Uint8Array | string): Statement {
  if (payload.length > MAX_STATEMENT_BYTES) reject("statement-malformed", `the statement is larger than ${MAX_STATEMENT_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(typeof payload === "string" ? payload : utf8.decode(payload));
  } catch {
    reject("statement-malformed", "the payload is not one JSON document");
  }
  if (!isFields(value)) reject("statement-malformed", "the statement is no object");
  const type = Object.hasOwn(value, "_type") ? value["_type"] : undefined;
  if (type !== STATEMENT_V01 && type !== STATEMENT_V1) reject("statement-malformed", `"${String(type)}" is no statement type`);
  const { predicateType, subject } = value;
  if (typeof predicateType !== "string" || predicateType === "") reject("statement-malformed", "the statement has no predicate type");
  if (!Array.isArray(subject) || subject.length === 0) reject("statement-malformed", "the statement has no subject");
  return {
    type,
    predicateType,
    subject: Array.from(subject as readonly unknown[], readSubject),
    predicate: (value["predicate"] ?? null) as Json,
  };
}

function readSubject(value: unknown): StatementSubject {
  if (!isFields(value)) reject("statement-malformed", "a subject is no object");
  const { name, uri, digest, annotations } = value;
  if (!isFields(digest)) reject("statement-malformed", "a subject has no digest");
  for (const [algorithm, hex] of Object.entries(digest))
    if (typeof hex !== "string" || hex === "") reject("statement-malformed", `the subject's ${algorithm} digest is no text`);
  if (name !== undefined && typeof name !== "string") reject("statement-malformed", "a subject's name is no text");
  return {
    name: name ?? "",
    ...(typeof uri === "string" ? { uri } : {}),
    digest: digest as Readonly<Record<string, string>>,
    ...(annotations === undefined ? {} : { annotations: annotations as Json }),
  };
}

/** Digests by algorithm (`sha256`, `sha512`, `gitCommit` …), lower-case hexadecimal. */
export type Digests = Readonly<Record<string, string>>;

/** What comparing says: they share an algorithm and agree in all that they share, they share one and differ, or they share none. */
export type Comparison = "same" | "different" | "incomparable";

/** Algorithms that no longer bind bytes to a statement: agreeing in one of them alone proves nothing. */
const weak: ReadonlySet<string> = new Set(["md5", "sha1"]);

/** Compares digests of one thing with digests of another. Agreement needs at least one algorithm that is not broken. */
export function compareDigests(a: Digests, b: Digests): Comparison {
  let same = false;
  for (const algorithm of Object.keys(a)) {
    if (!Object.hasOwn(b, algorithm)) continue;
    if (a[algorithm]?.toLowerCase() !== b[algorithm]?.toLowerCase()) return "different";
    if (!weak.has(algorithm)) same = true;
  }
  return same ? "same" : "incomparable";
}

/** The subjects that are these bytes. */
export const subjectsThatAre = (statement: Statement, digests: Digests): readonly StatementSubject[] =>
  statement.subject.filter((subject) => compareDigests(digests, subject.digest) === "same");
