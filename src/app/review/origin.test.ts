import assert from "node:assert/strict";
import { test } from "node:test";
import { originSignals } from "../../checks/continuity/signals.ts";
import { attested, claim, origin } from "../../checks/provenance/testing.ts";
import type { OriginDifference, ProvenanceEvidence, Unavailable } from "../../model/index.ts";
import { manifestOf, npmPurl, releaseOf } from "../../checks/testing.ts";
import { differenceOf } from "./origin.ts";

const side = (version: string): Parameters<typeof differenceOf>[0] => ({
  title: `a@${version}`,
  purl: npmPurl("a", version),
  release: { name: "a", version, evidence: releaseOf(manifestOf("a", version)) },
});

const compare = (before: ProvenanceEvidence | Unavailable, after: ProvenanceEvidence | Unavailable): OriginDifference =>
  differenceOf(side("1.0.0"), side("1.0.1"), (purl) => (purl.endsWith("1.0.0") ? before : after));

const built = (who: Parameters<typeof claim>[0] = {}, how: Parameters<typeof claim>[1] = {}): ProvenanceEvidence =>
  origin({ attestations: [attested(claim(who, how))] });

test("two releases by one workflow have no change, and what is proved of them is told", () => {
  const difference = compare(built(), built());
  assert.deepEqual([difference.changes, difference.because, originSignals(difference)], [[], "", []]);
  assert.deepEqual(difference.after?.slice(0, 2), [
    { about: "repository", value: "https://github.com/owner/thing (id 11)" },
    { about: "commit", value: "c0ffee" },
  ]);
});

test("a valid statement from another event and kind of ref is told with old and new", () => {
  const hijacked = built(
    { trigger: "pull_request_target", ref: "refs/heads/fix" },
    { trigger: "pull_request_target", ref: "refs/heads/fix" },
  );
  const difference = compare(built(), hijacked);
  assert.deepEqual(difference.changes, [
    { about: "ref", before: "tag", now: "branch" },
    { about: "trigger", before: "release", now: "pull_request_target" },
  ]);
  assert.deepEqual(
    originSignals(difference).map(({ id, family }) => [id, family]),
    [
      ["continuity/built-otherwise", "method"],
      ["continuity/built-otherwise", "method"],
    ],
  );
});

test("a repository is told apart by its id, however it is called", () => {
  const [moved] = originSignals(compare(built(), built({ sourceId: "99" }, { sourceId: "99" })));
  assert.equal(moved?.id, "continuity/built-elsewhere");
  const renamed = "https://github.com/owner/renamed";
  const workflow = `${renamed}/.github/workflows/release.yml@refs/tags/v1.0.0`;
  const same = built({ source: renamed, identity: workflow, workflow, config: workflow }, { source: renamed });
  assert.deepEqual(compare(built(), same).changes, []);
});

test("a statement that does not hold proves nothing and is told; one that could not be fetched leaves it open", () => {
  const refused = origin({ attestations: [attested(claim({}, {}, { refusal: { code: "artifact-mismatch", message: "other bytes" } }))] });
  const difference = compare(built(), refused);
  assert.equal(difference.after, null);
  assert.match(difference.refused.join(), /^A statement on a@1\.0\.1 \(build\) does not hold: other bytes$/);
  assert.deepEqual(
    originSignals(difference).map(({ id }) => id),
    ["continuity/statement-refused"],
  );
  const gone = compare(built(), { unavailable: true, code: "source/offline", because: "this run is offline" });
  assert.match(gone.because, /could not be asked: this run is offline/);
  assert.deepEqual(originSignals(gone), []);
});
