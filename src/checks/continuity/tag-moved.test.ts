import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackageDocument, PublisherClaim, TagSeen } from "../../model/index.ts";
import { ask, documentOf, manifestOf, onlyFinding, releaseOf } from "../testing.ts";
import { tagMoved } from "./tag-moved.ts";

const anna: PublisherClaim = { name: "anna", email: "anna@a.example" };
const bert: PublisherClaim = { name: "bert", email: "bert@b.example" };

/** A release a month, in this order. */
const VERSIONS = ["1.0.0", "1.1.0", "1.2.0", "1.1.1", "2.0.0", "2.0.1"];

function document(distTags: Readonly<Record<string, string>>, publishers: Readonly<Record<string, PublisherClaim>> = {}): PackageDocument {
  const time = Object.fromEntries(VERSIONS.map((version, at) => [version, new Date(Date.UTC(2026, at, 3)).toISOString()]));
  const made = documentOf("a", Object.fromEntries(VERSIONS.map((version) => [version, {}])), { time });
  return {
    ...made,
    distTags,
    release: (version) => {
      const claim = made.release(version);
      return claim === undefined ? undefined : { ...claim, publisher: publishers[version] ?? anna };
    },
  };
}

const seen = (version: string): TagSeen => ({ version, seenAt: "2026-08-09T10:11:12.000Z" });

interface Given {
  readonly has?: string;
  readonly range?: string;
  readonly before: Readonly<Record<string, string>> | null;
  readonly now: Readonly<Record<string, string>>;
  readonly publishers?: Readonly<Record<string, PublisherClaim>>;
}

function asked({ has = "1.2.0", range = "^1.0.0", before, now, publishers }: Given): ReturnType<typeof ask> {
  const tagsSeen = before === null ? {} : { [`a@${has}`]: Object.fromEntries(Object.entries(before).map(([tag, at]) => [tag, seen(at)])) };
  return ask(
    tagMoved,
    { dependencies: { a: range }, packages: { "node_modules/a": { version: has } } },
    { releases: [releaseOf(manifestOf("a", has))], documents: [document(now, publishers)], tagsSeen },
  );
}

test("a name that was never seen before is not asked about, and one that went on is fine", () => {
  const nothing = asked({ before: null, now: { latest: "1.0.0" } });
  assert.deepEqual([nothing.asked, nothing.findings.length], [0, 0]);
  const on = asked({ before: { latest: "1.1.0" }, now: { latest: "1.2.0" } });
  assert.deepEqual([on.asked, on.findings.length], [1, 0]);
});

test("a name that goes back to a lower version, or to one that came out earlier, is told with both and with the day", () => {
  const back = onlyFinding(asked({ before: { latest: "1.2.0" }, now: { latest: "1.1.0" } }));
  assert.equal(back.severity, "moderate");
  assert.equal(
    back.message,
    'a@1.2.0: The registry\'s name "latest" stands for 1.1.0; when it was last seen here (2026-08-09) it stood for 1.2.0, a higher version.',
  );
  assert.equal(back.remedy.command, "tributary review a@1.2.0 a@1.1.0");
  const earlier = onlyFinding(asked({ before: { latest: "1.1.1" }, now: { latest: "1.2.0" } }));
  assert.match(earlier.message, /stood for 1\.1\.1, which came out after it\.$/);
  const gone = onlyFinding(asked({ before: { latest: "1.3.0" }, now: { latest: "1.2.0" } }));
  assert.match(gone.message, /stood for 1\.3\.0, which the registry does not have any more\.$/);
});

test("a new line is told of a name that lets it in, and only noted", () => {
  assert.equal(asked({ before: { latest: "1.2.0" }, now: { latest: "2.0.0" } }).findings.length, 0, "^1.0.0 keeps it out");
  const open = onlyFinding(asked({ range: ">=1", before: { latest: "1.2.0" }, now: { latest: "2.0.0" } }));
  assert.deepEqual([open.severity, open.references], ["low", ["continuity/tag-other-line"]]);
  const named = onlyFinding(asked({ range: "lts", before: { lts: "1.2.0", latest: "2.0.0" }, now: { lts: "2.0.0", latest: "2.0.1" } }));
  assert.deepEqual([named.key, named.severity], ["lts", "low"]);
});

test("a name that moves to the first release of a stranger is told", () => {
  const publishers = { "2.0.1": bert };
  const finding = onlyFinding(asked({ range: "*", before: { latest: "2.0.0" }, now: { latest: "2.0.1" }, publishers }));
  assert.equal(finding.severity, "moderate");
  assert.match(finding.message, /; bert published 2\.0\.1, and none of the 5 releases before it\.$/);
  const known = { "1.0.0": bert, ...publishers };
  assert.equal(asked({ range: "*", before: { latest: "2.0.0" }, now: { latest: "2.0.1" }, publishers: known }).findings.length, 0);
});

test("names on which the project does not lean are left alone", () => {
  assert.equal(asked({ before: { old: "1.1.0" }, now: { old: "1.0.0" } }).findings.length, 0);
  const leans = asked({ has: "1.1.0", range: "1.1.0", before: { old: "1.1.0" }, now: { old: "1.0.0" } });
  assert.equal(onlyFinding(leans).key, "old", "it stood for the very release that the project has");
});
