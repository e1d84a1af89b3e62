/**
 * The SLSA Source track (https://slsa.dev/spec/v1.2/source-requirements), as source-tool keeps it in git notes: beside each commit of a protected
 * branch one line of JSON an attestation: a verification summary (which level the commit has, for whom) and a provenance (which commit
 * came before, who did what, which controls held). A level is only as good as the unbroken line behind it, so the line is walked.
 *
 *     tip ─prev─> commit ─prev─> commit ─ gap: no attestation, another predecessor than git's, a level that fell …
 */
import { IN_TOTO_PAYLOAD, parseStatement, type Statement } from "./statement.ts";
import type { TrustRoot } from "./trust-root.ts";
import { verifyBundle } from "./verify.ts";

export type SourceLevel = 0 | 1 | 2 | 3 | 4;

/** Who may say which level a commit has: an identity to the letter, and the verifier's id that goes with it (SLSA 1.2, VSA verification, step 4). */
export interface SourceVerifier {
  readonly identity: string;
  readonly issuer: string;
  readonly verifier: string;
}

const GITHUB = "https://token.actions.githubusercontent.com";
const POC = "https://github.com/slsa-framework/slsa-source-poc";
const ACTIONS = "https://github.com/slsa-framework/source-actions";

/** The workflows of the SLSA project itself, which sign for every repository that uses them. */
const knownSourceVerifiers: readonly SourceVerifier[] = [
  { identity: `${POC}/.github/workflows/compute_slsa_source.yml@refs/heads/main`, issuer: GITHUB, verifier: POC },
  { identity: `${POC}/.github/workflows/create_slsa_source_vsa.yml@refs/heads/main`, issuer: GITHUB, verifier: POC },
  { identity: `${ACTIONS}/.github/workflows/compute_slsa_source.yml@refs/heads/main`, issuer: GITHUB, verifier: ACTIONS },
];

export interface SourceRecord {
  /** Counts from 1, in the note. */
  readonly line: number;
  readonly form: "bundle" | "envelope";
  readonly states: "summary" | "provenance" | "tag-provenance" | "other";
  /** Why it is not believed; undefined where its signature, its signer and its subject are right. */
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly predicateType: string;
  /** Who signed, "" where that is not proved. */
  readonly signer: string;
  /** ISO 8601: trusted time of the signature, "" where there is none. */
  readonly signedAt: string;
  /** Branches and tags that it speaks of; empty where it names none. */
  readonly refs: readonly string[];
  /** The repository, as `host/owner/name`; "" where it names none. */
  readonly repository: string;
  /** Of a summary. */
  readonly level: SourceLevel;
  readonly verifier: string;
  readonly passed: boolean;
  /** Of a summary: everything that was verified, properties included. */
  readonly levels: readonly string[];
  /** Of a provenance: the commit before, "" where it names none. */
  readonly previous: string;
  readonly actor: string;
  /** Of a provenance: `pr_merge`, `push` …, as the host calls it. */
  readonly activity: string;
  /** Of a provenance: technical controls that held, and since when. */
  readonly controls: readonly { readonly name: string; readonly since: string }[];
}

export interface SourceNote {
  readonly commit: string;
  readonly records: readonly SourceRecord[];
}

export interface SourceTrackOptions {
  readonly root: TrustRoot;
  /** Default: `knownSourceVerifiers`. */
  readonly verifiers?: readonly SourceVerifier[];
}

/** One note has some attestations; a hostile one a million lines. */
const MAX_LINES = 1_000;
/** Bytes of one line: statements are below 2 kB, bundles below 30. */
const MAX_LINE_BYTES = 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** A member under either of its two spellings: source-tool changed from `snake_case` to `camelCase` in 2026. */
function either(value: unknown, camel: string): unknown {
  if (!isFields(value)) return undefined;
  if (Object.hasOwn(value, camel)) return value[camel];
  const snake = camel.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(value, snake) ? value[snake] : undefined;
}

/** Reads and verifies the attestations of one commit's note. Never throws for what the note holds; each line is a record, be it of a refusal. */
export function readSourceNote(commit: string, note: string, options: SourceTrackOptions): SourceNote {
  const records: SourceRecord[] = [];
  let line = 0;
  for (const one of note.split("\n")) {
    line++;
    if (one.trim() === "") continue;
    if (records.length >= MAX_LINES) {
      records.push(refusedRecord(line, "bundle", "bundle-malformed", `the note has more than ${MAX_LINES} lines; the rest was not read`));
      break;
    }
    records.push(readLine(line, one, commit, options));
  }
  return { commit, records };
}

const empty = {
  states: "other",
  predicateType: "",
  signer: "",
  signedAt: "",
  refs: [],
  repository: "",
  level: 0,
  verifier: "",
  passed: false,
  levels: [],
  previous: "",
  actor: "",
  activity: "",
  controls: [],
} as const;

const refusedRecord = (line: number, form: SourceRecord["form"], code: string, message: string): SourceRecord => ({
  ...empty,
  line,
  form,
  refusal: { code, message },
});

function readLine(line: number, one: string, commit: string, options: SourceTrackOptions): SourceRecord {
  if (one.length > MAX_LINE_BYTES)
    return refusedRecord(line, "bundle", "bundle-malformed", `the line is longer than ${MAX_LINE_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(one);
  } catch {
    return refusedRecord(line, "bundle", "bundle-malformed", "the line is no JSON");
  }
  if (isFields(value) && Object.hasOwn(value, "payload")) return readEnvelopeLine(line, value, commit);
  const verified = verifyBundle(camelBundle(value), { root: options.root });
  if (!verified.ok) return refusedRecord(line, "bundle", verified.code, verified.message);
  if (verified.content.kind !== "statement") return refusedRecord(line, "bundle", "envelope-payload-type", "it holds no in-toto statement");
  const record = recordOf(line, "bundle", verified.content.statement, commit);
  const { signer } = verified;
  const proved = {
    ...record,
    signer: signer.kind === "certificate" ? signer.identity : signer.hint,
    signedAt: verified.times[0]?.time ?? "",
  };
  if (proved.refusal !== undefined) return proved;
  const known = (options.verifiers ?? knownSourceVerifiers).filter(
    ({ identity, issuer }) => signer.kind === "certificate" && identity === signer.identity && issuer === signer.issuer,
  );
  if (known.length === 0)
    return { ...proved, refusal: { code: "identity-mismatch", message: `nobody said that ${proved.signer} may vouch for a source` } };
  if (proved.states === "summary" && !known.some(({ verifier }) => verifier === proved.verifier))
    return {
      ...proved,
      refusal: { code: "identity-mismatch", message: `the signer is not the verifier ${proved.verifier} that the summary names` },
    };
  return proved;
}

/** A bare envelope has a certificate and timestamps of a form that no specification describes: it is read, and believed in nothing. */
function readEnvelopeLine(line: number, envelope: Fields, commit: string): SourceRecord {
  const unproved = { code: "log-entry-missing", message: "a bare envelope: nothing in it proves when it was signed" };
  const parsed = parseStatement(Buffer.from(text(envelope["payload"]), "base64"));
  if (!parsed.ok || text(either(envelope, "payloadType")) !== IN_TOTO_PAYLOAD) {
    const why = parsed.ok ? "its payload is of another type" : parsed.message;
    return refusedRecord(line, "envelope", "statement-malformed", why);
  }
  const record = recordOf(line, "envelope", parsed.statement, commit);
  return record.refusal === undefined ? { ...record, refusal: unproved } : record;
}

const SUMMARY = "https://slsa.dev/verification_summary/v1";
const PROVENANCE = /^https:\/\/(?:slsa\.dev|github\.com\/slsa-framework\/slsa-source-poc)\/source-provenance\/v1(?:-draft)?$/;
const TAG_PROVENANCE = /^https:\/\/(?:slsa\.dev|github\.com\/slsa-framework\/slsa-source-poc)\/tag-provenance\/v1(?:-draft)?$/;

function recordOf(line: number, form: SourceRecord["form"], statement: Statement, commit: string): SourceRecord {
  const { predicate, predicateType, subject } = statement;
  const base = { ...empty, line, form, predicateType };
  const about = subject.filter(({ digest }) => Object.hasOwn(digest, "gitCommit") && digest["gitCommit"] === commit);
  const refusal =
    about.length === 0 || subject.length !== 1
      ? { refusal: { code: "artifact-mismatch", message: `it is not about the commit ${commit} alone` } }
      : {};
  const annotations = subject[0]?.annotations;
  const annotated = either(annotations, "sourceRefs") ?? either(annotations, "sourceBranches");
  if (predicateType === SUMMARY) {
    const levels = texts(either(predicate, "verifiedLevels"));
    return {
      ...base,
      ...refusal,
      states: "summary",
      refs: texts(annotated),
      repository: repositoryOf(text(either(predicate, "resourceUri"))),
      level: levelOf(levels),
      verifier: text(either(either(predicate, "verifier"), "id")),
      passed: either(predicate, "verificationResult") === "PASSED",
      levels,
    };
  }
  const shared = {
    repository: repositoryOf(text(either(predicate, "repoUri"))),
    actor: text(either(predicate, "actor")),
    controls: controlsOf(predicate),
  };
  if (PROVENANCE.test(predicateType)) {
    const branch = text(either(predicate, "branch"));
    return {
      ...base,
      ...refusal,
      ...shared,
      states: "provenance",
      refs: branch === "" ? [] : [branch],
      previous: text(either(predicate, "prevCommit")),
      activity: text(either(predicate, "activityType")),
    };
  }
  if (TAG_PROVENANCE.test(predicateType))
    return { ...base, ...refusal, ...shared, states: "tag-provenance", refs: texts([either(predicate, "tag")]) };
  return { ...base, ...refusal };
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string" && one !== "") : [];

function controlsOf(predicate: unknown): SourceRecord["controls"] {
  const controls = either(predicate, "controls");
  if (Array.isArray(controls))
    return controls.map((control) => ({ name: text(either(control, "name")), since: text(either(control, "since")) }));
  const properties = either(predicate, "properties");
  return isFields(properties) ? Object.entries(properties).map(([name, value]) => ({ name, since: text(either(value, "since")) })) : [];
}

/** Exactly one level of the track is allowed (SLSA 1.2, source VSA); two of them are none. */
function levelOf(levels: readonly string[]): SourceLevel {
  const found = levels.flatMap((name) => /^SLSA_SOURCE_LEVEL_([0-4])$/.exec(name)?.[1] ?? []);
  return found.length === 1 ? (Number(found[0]) as SourceLevel) : 0;
}

/** `host/owner/name` in lower case, without what spellings add to it. */
function repositoryOf(uri: string): string {
  const plain = uri.replace(/^git\+/, "").replace(/@[^/]*$/, "");
  if (!URL.canParse(plain)) return "";
  const { host, pathname } = new URL(plain);
  return `${host}${pathname.replace(/\/+$/, "").replace(/\.git$/, "")}`.toLowerCase();
}

/** Bundles of early 2025 have their outer members in snake_case; what is signed is not touched. */
function camelBundle(value: unknown, depth: number = 0): unknown {
  if (depth > 12) return value;
  if (Array.isArray(value)) return value.map((one) => camelBundle(one, depth + 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelBundle(member, depth + 1),
    ]),
  );
}

export interface SourceGap {
  readonly commit: string;
  readonly kind:
    | "no-attestation"
    | "refused"
    | "no-summary"
    | "no-provenance"
    | "failed"
    | "other-previous"
    | "other-repository"
    | "other-branch"
    | "level-fell"
    | "time-runs-back";
  readonly says: string;
}

export interface SourceContinuity {
  /** Of the tip, "" for an empty line. */
  readonly tip: string;
  /** The level that the tip's own summary states; 0 without one that holds. */
  readonly stated: SourceLevel;
  /** How many commits, from the tip backwards, are attested without a gap; and the last of them. */
  readonly unbroken: number;
  readonly since: string;
  /** Lowest level along that part. */
  readonly level: SourceLevel;
  /** All gaps along the line, newest first. */
  readonly gaps: readonly SourceGap[];
  readonly walked: number;
  /** What is attested of each commit that was walked, newest first. */
  readonly commits: readonly SourceCommit[];
}

export interface SourceCommit {
  readonly commit: string;
  /** Of the summary that counts; 0 without one. */
  readonly level: SourceLevel;
  /** Who says so, and for which verifier; "" where nobody does. */
  readonly signer: string;
  readonly verifier: string;
  /** ISO 8601. */
  readonly signedAt: string;
}

export interface ContinuityOptions {
  /** `refs/heads/main`: the branch whose line it is. Not given: any. */
  readonly branch?: string;
  /** Names of the repository (`host/owner/name`); a renamed one has several. Not given: any, but the same all along. */
  readonly repositories?: readonly string[];
  /** Gaps that make us give up looking further back: history before the track was begun has no attestations at all. */
  readonly stopAfter?: number;
}

/** History from before a repository began with attestations is one long gap; this much of it says so. */
const STOP_AFTER = 20;

/**
 * Walks a line of commits, newest first, each the first parent of the one before it. What is attested of each must hold, and the commit
 * that its provenance names as the one before must be the one that git has there.
 */
export function walkSource(
  line: readonly string[],
  notes: ReadonlyMap<string, SourceNote>,
  options: ContinuityOptions = {},
): SourceContinuity {
  const gaps: SourceGap[] = [];
  const levels: SourceLevel[] = [];
  const commits: SourceCommit[] = [];
  let unbroken = 0;
  let stillUnbroken = true;
  let empty = 0;
  let walked = 0;
  let later: { readonly level: SourceLevel; readonly time: string } | null = null;
  for (const [index, commit] of line.entries()) {
    walked++;
    const here = gapsAt(commit, line[index + 1], notes.get(commit), options);
    const level = here.summary?.level ?? 0;
    const time = here.summary?.signedAt ?? "";
    commits.push({ commit, level, signer: here.summary?.signer ?? "", verifier: here.summary?.verifier ?? "", signedAt: time });
    if (later !== null && here.summary !== null) {
      // The later commit has the lower level: what held before holds no more.
      if (later.level < level)
        here.gaps.push({ commit, kind: "level-fell", says: `level ${level} here, and only ${later.level} at the commit after it` });
      if (later.time !== "" && time !== "" && Date.parse(later.time) < Date.parse(time))
        here.gaps.push({ commit, kind: "time-runs-back", says: `attested on ${time}, after the commit that follows it (${later.time})` });
    }
    later = here.summary === null ? later : { level, time };
    gaps.push(...here.gaps);
    if (here.gaps.some(({ kind }) => kind !== "level-fell" && kind !== "time-runs-back")) stillUnbroken = false;
    if (stillUnbroken) {
      unbroken++;
      levels.push(level);
    }
    empty = notes.has(commit) ? 0 : empty + 1;
    if (empty >= (options.stopAfter ?? STOP_AFTER)) break;
  }
  const tip = line[0] ?? "";
  const tipNote = notes.get(tip);
  return {
    tip,
    stated: tipNote === undefined ? 0 : (summaryOf(tipNote, options)?.level ?? 0),
    unbroken,
    since: unbroken === 0 ? "" : (line[unbroken - 1] ?? ""),
    level: levels.length === 0 ? 0 : (Math.min(...levels) as SourceLevel),
    gaps,
    walked,
    commits,
  };
}

const isForBranch = (record: SourceRecord, branch: string | undefined): boolean =>
  branch === undefined || record.refs.length === 0 || record.refs.includes(branch);

function summaryOf(note: SourceNote, { branch, repositories }: ContinuityOptions): SourceRecord | null {
  const summaries = note.records.filter(
    (record) =>
      record.states === "summary" &&
      record.refusal === undefined &&
      record.passed &&
      isForBranch(record, branch) &&
      // What is said of a tag is not said of a branch.
      (record.refs.length === 0 || record.refs.some((ref) => !ref.startsWith("refs/tags/"))) &&
      (repositories === undefined || repositories.includes(record.repository)),
  );
  return summaries.toSorted((a, b) => b.level - a.level)[0] ?? null;
}

function gapsAt(
  commit: string,
  parent: string | undefined,
  note: SourceNote | undefined,
  options: ContinuityOptions,
): { readonly gaps: SourceGap[]; readonly summary: SourceRecord | null } {
  const gap = (kind: SourceGap["kind"], says: string): SourceGap => ({ commit, kind, says });
  if (note === undefined || note.records.length === 0) return { gaps: [gap("no-attestation", "nothing is attested of it")], summary: null };
  const good = note.records.filter(({ refusal }) => refusal === undefined);
  if (good.length === 0)
    return { gaps: [gap("refused", `nothing that is attested of it holds: ${note.records[0]?.refusal?.message ?? ""}`)], summary: null };
  const gaps: SourceGap[] = [];
  const summary = summaryOf(note, options);
  const summaries = good.filter(({ states }) => states === "summary");
  if (summary === null) {
    if (summaries.length === 0) gaps.push(gap("no-summary", "no summary that holds says which level it has"));
    else if (summaries.every(({ passed }) => !passed)) gaps.push(gap("failed", "its verification failed"));
    else if (
      options.repositories !== undefined &&
      summaries.every(({ repository }) => options.repositories?.includes(repository) === false)
    )
      gaps.push(gap("other-repository", `its summary is about ${summaries[0]?.repository ?? ""}`));
    else gaps.push(gap("other-branch", `its summary is about ${summaries[0]?.refs.join(", ") ?? ""}`));
  }
  const provenances = good.filter((record) => record.states === "provenance" && isForBranch(record, options.branch));
  // Level 1 asks for no provenance (SLSA 1.2, source requirements).
  if (provenances.length === 0 && (summary?.level ?? 0) >= 2)
    gaps.push(gap("no-provenance", "no provenance says how it came onto the branch"));
  const named = provenances.map(({ previous }) => previous).filter((previous) => previous !== "");
  if (parent !== undefined && named.length > 0 && !named.includes(parent))
    gaps.push(
      gap("other-previous", `its provenance names ${(named[0] ?? "").slice(0, 12)} as the commit before, git has ${parent.slice(0, 12)}`),
    );
  return { gaps, summary };
}
