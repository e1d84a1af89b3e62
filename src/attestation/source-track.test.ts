import assert from "node:assert/strict";
import { test } from "node:test";
import { embeddedTrustRoot } from "./embedded.ts";
import { type SourceNote, type SourceRecord, readSourceNote, walkSource } from "./source-track.ts";

const id = (n: number): string => n.toString(16).padStart(40, "0");
const main = "refs/heads/main";

function record(over: Partial<SourceRecord>): SourceRecord {
  const none = {
    predicateType: "",
    signer: "",
    signedAt: "",
    verifier: "",
    levels: [],
    previous: "",
    actor: "",
    activity: "",
    controls: [],
  };
  return { line: 1, form: "bundle", states: "summary", refs: [main], repository: "host/a/b", level: 3, passed: true, ...none, ...over };
}

/** Commits 5 to 1, each attested as it should be, the first without a predecessor. */
function sound(): { line: string[]; notes: Map<string, SourceNote> } {
  const line = [5, 4, 3, 2, 1].map(id);
  const notes = line.map((commit, index): [string, SourceNote] => {
    const signedAt = new Date(Date.UTC(2026, 0, 10 - index)).toISOString();
    const previous = line[index + 1] ?? "";
    return [commit, { commit, records: [record({ signedAt }), record({ states: "provenance", previous, signedAt })] }];
  });
  return { line, notes: new Map(notes) };
}

const options = { branch: main, repositories: ["host/a/b"] };

test("a line in which every commit is attested is unbroken to its end", () => {
  const { line, notes } = sound();
  const walk = walkSource(line, notes, options);
  assert.deepEqual([walk.unbroken, walk.level, walk.stated, walk.gaps, walk.since], [5, 3, 3, [], id(1)]);
});

test("every way to break the line has its name, and ends the unbroken part there", () => {
  const breaks: readonly (readonly [string, Partial<SourceRecord> | null, Partial<SourceRecord> | null])[] = [
    ["no-summary", null, {}],
    ["no-provenance", {}, null],
    ["failed", { passed: false }, {}],
    ["other-previous", {}, { previous: id(99) }],
    ["other-repository", { repository: "host/evil/b" }, {}],
    ["other-branch", { refs: ["refs/heads/side"] }, {}],
    ["other-branch", { refs: ["refs/tags/v1"] }, {}],
    ["refused", { refusal: { code: "signature-invalid", message: "wrong" } }, { refusal: { code: "signature-invalid", message: "wrong" } }],
  ];
  for (const [kind, summary, provenance] of breaks) {
    const { line, notes } = sound();
    const records = [
      ...(summary === null ? [] : [record({ signedAt: "2026-01-08T00:00:00.000Z", ...summary })]),
      ...(provenance === null ? [] : [record({ states: "provenance", previous: id(2), ...provenance })]),
    ];
    notes.set(id(3), { commit: id(3), records });
    const walk = walkSource(line, notes, options);
    assert.deepEqual([walk.gaps.map((gap) => gap.kind), walk.unbroken], [[kind], 2], kind);
  }
});

test("a commit that was slipped in or taken out shows at its neighbour", () => {
  const { line, notes } = sound();
  const without = line.filter((commit) => commit !== id(3));
  assert.equal(walkSource(without, notes, options).gaps[0]?.kind, "other-previous");
  const slipped = [...line.slice(0, 2), id(77), ...line.slice(2)];
  assert.deepEqual(
    walkSource(slipped, notes, options).gaps.map(({ kind }) => kind),
    ["other-previous", "no-attestation"],
  );
});

test("a level that fell and a clock that runs back are named, and the lowest level counts", () => {
  const { line, notes } = sound();
  notes.set(id(4), {
    commit: id(4),
    records: [record({ level: 2, signedAt: "2025-01-01T00:00:00.000Z" }), record({ states: "provenance", previous: id(3) })],
  });
  const walk = walkSource(line, notes, options);
  assert.deepEqual(new Set(walk.gaps.map(({ kind }) => kind)), new Set(["level-fell", "time-runs-back"]));
  assert.equal(walk.level, 2);
});

test("history from before the track is not walked to its end", () => {
  const line = Array.from({ length: 1000 }, (_, index) => id(index + 10));
  assert.equal(walkSource(line, new Map(), options).walked, 20);
});

test("whatever stands in a note, it is read as records, and nothing unsigned is believed", () => {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { gitCommit: id(1) } }],
    predicateType: "https://slsa.dev/verification_summary/v1",
    predicate: { verificationResult: "PASSED", verifiedLevels: ["SLSA_SOURCE_LEVEL_3"] },
  };
  const envelope = {
    payloadType: "application/vnd.in-toto+json",
    payload: Buffer.from(JSON.stringify(statement)).toString("base64"),
    signatures: [{ sig: "AAAA" }],
  };
  const lines = [
    "",
    "{",
    "null",
    "[]",
    '{"__proto__":{"payload":"x"}}',
    JSON.stringify(envelope),
    JSON.stringify({ dsse_envelope: envelope }),
    "x".repeat(2_000_000),
    "[".repeat(100_000),
  ];
  const { records } = readSourceNote(id(1), lines.join("\n"), { root: embeddedTrustRoot() });
  assert.equal(records.length, lines.length - 1);
  assert.ok(records.every(({ refusal }) => refusal !== undefined));
  const read = records.find(({ form, states }) => form === "envelope" && states === "summary");
  assert.equal(read?.level, 3);
  assert.equal(readSourceNote(id(1), "{}\n".repeat(5_000), { root: embeddedTrustRoot() }).records.length, 1_001);
});
