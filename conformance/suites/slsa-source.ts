/**
 * The SLSA project's own attestations of its sources, as they stand in its git notes. Every bundle must verify under Sigstore's root together with
 * GitHub's, be about the commit that its note belongs to, and be read as what the archive's census says; none may be read so under the
 * public root alone where GitHub's authority stamped it. The lines between them are walked along the commits that they name.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type SourceNote,
  loadTrustRoot,
  mergeTrustRoots,
  readSourceNote,
  type SourceRecord,
  verifyBundle,
  walkSource,
} from "../../src/attestation/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** The archive's census, from its description. */
const census = {
  bundles: 290,
  "summaries in bundles": 145,
  "of them at level 3": 131,
  "of them at level 2": 11,
  "of them at level 1": 3,
  "source provenances": 139,
  "tag provenances": 6,
  "bare envelopes": 17,
  "bare summaries at level 2": 11,
  "bare ones of other forms": 6,
} as const;

export const suite: Suite = {
  name: "slsa-source",
  archive: "slsa-source",
  beside: ["trusted-roots"],
  run: function* run(folder): Generator<CaseResult> {
    const roots = join(folder, "..", "trusted-roots");
    const production = loadTrustRoot(readFileSync(join(roots, "production-trusted_root.json"), "utf8"));
    const root = mergeTrustRoots(production, loadTrustRoot(readFileSync(join(roots, "github-trusted_root.jsonl"), "utf8")));
    const notes = new Map<string, SourceNote>();
    const all: SourceRecord[] = [];
    for (const file of readdirSync(folder).toSorted()) {
      const commit = /([0-9a-f]{40})\.jsonl$/.exec(file)?.[1];
      if (commit === undefined) continue;
      const text = readFileSync(join(folder, file), "utf8");
      const note = readSourceNote(commit, text, { root });
      notes.set(commit, note);
      all.push(...note.records);
      yield* judgeNote(file, note);
      yield* judgeStamps(file, text, production);
      yield* judgeChanged(file, commit, text, root);
    }
    yield* judgeCensus(all);
    yield* judgeLines(notes);
  },
};

const judge = (name: string, right: boolean, detail: string): CaseResult =>
  right ? { name, outcome: "passed" } : { name, outcome: "failed", detail };

function* judgeNote(file: string, { records }: SourceNote): Generator<CaseResult> {
  for (const { line, form, refusal, states, signedAt } of records) {
    const name = `${file}:${line}`;
    // Nothing in a bare envelope proves a time, so it is read and not believed.
    if (form === "envelope") yield judge(`${name} is read, and not believed`, refusal !== undefined, "it was believed");
    else yield judge(`${name} verifies`, refusal === undefined && states !== "other" && signedAt !== "", refusal?.message ?? states);
  }
}

/** With the public root alone a bundle that only GitHub's authority stamped must be rejected. */
function* judgeStamps(file: string, text: string, production: ReturnType<typeof loadTrustRoot>): Generator<CaseResult> {
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith('{"payload')) continue;
    const bundle = JSON.parse(line) as {
      readonly verificationMaterial?: { readonly timestampVerificationData?: { readonly rfc3161Timestamps?: unknown[] } };
    };
    const stamped = (bundle.verificationMaterial?.timestampVerificationData?.rfc3161Timestamps ?? []).length > 0;
    const { ok } = verifyBundle(bundle, { root: production });
    yield judge(`${file}:${index + 1} under the public root alone`, ok !== stamped, ok ? "verifies" : "is rejected");
  }
}

/** The same note beside another commit proves nothing about that one. */
function* judgeChanged(file: string, commit: string, text: string, root: ReturnType<typeof loadTrustRoot>): Generator<CaseResult> {
  const other = `${commit.slice(0, -1)}${commit.endsWith("0") ? "1" : "0"}`;
  const { records } = readSourceNote(other, text, { root });
  yield judge(
    `${file} proves nothing about another commit`,
    records.every(({ refusal }) => refusal !== undefined),
    "it was believed",
  );
}

function* judgeCensus(all: readonly SourceRecord[]): Generator<CaseResult> {
  const bundles = all.filter(({ form }) => form === "bundle");
  const bare = all.filter(({ form }) => form === "envelope");
  const summaries = bundles.filter(({ states }) => states === "summary");
  const found: Record<keyof typeof census, number> = {
    bundles: bundles.length,
    "summaries in bundles": summaries.length,
    "of them at level 3": summaries.filter(({ level }) => level === 3).length,
    "of them at level 2": summaries.filter(({ level }) => level === 2).length,
    "of them at level 1": summaries.filter(({ level }) => level === 1).length,
    "source provenances": bundles.filter(({ states }) => states === "provenance").length,
    "tag provenances": bundles.filter(({ states }) => states === "tag-provenance").length,
    "bare envelopes": bare.length,
    "bare summaries at level 2": bare.filter(({ states, level }) => states === "summary" && level === 2).length,
    "bare ones of other forms": bare.filter(({ states }) => states === "other").length,
  };
  for (const [what, count] of Object.entries(census)) {
    const got = found[what as keyof typeof census];
    yield judge(`census: ${count} ${what}`, got === count, `${got} were read`);
  }
}

/** Follows each provenance to the commit that it names as the one before: no attested neighbours may contradict each other. */
function* judgeLines(notes: ReadonlyMap<string, SourceNote>): Generator<CaseResult> {
  const before = new Map<string, string>();
  for (const { commit, records } of notes.values()) {
    const previous = records.find(
      (record) => record.states === "provenance" && record.refusal === undefined && record.previous !== "",
    )?.previous;
    if (previous !== undefined) before.set(commit, previous);
  }
  const followed = new Set(before.values());
  for (const tip of before.keys()) {
    if (followed.has(tip)) continue;
    const line = [tip];
    for (let next = before.get(tip); next !== undefined && !line.includes(next); next = before.get(next)) line.push(next);
    const { unbroken, gaps } = walkSource(line, notes);
    const first = gaps.find(({ kind }) => kind === "other-previous");
    yield judge(
      `the line from ${tip.slice(0, 12)} (${line.length} commits, ${unbroken} unbroken)`,
      first === undefined && unbroken > 0,
      gaps[0]?.says ?? "",
    );
    // Taking a commit out of the middle must show.
    if (unbroken < 3) continue;
    const cut = walkSource([...line.slice(0, 1), ...line.slice(2)], notes);
    yield judge(
      `a commit taken out of the line from ${tip.slice(0, 12)} is noticed`,
      cut.gaps.some(({ kind }) => kind === "other-previous"),
      "it was not",
    );
  }
}
