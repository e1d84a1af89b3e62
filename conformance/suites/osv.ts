/**
 * Every advisory of the archive loads, found again under its own id with every package that it names; a withdrawn one matches nothing.
 * The count comes from the archive's description, so that a file which is not read at all cannot pass unnoticed.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sync } from "../../src/app/sync/sync.ts";
import { matchEntry } from "../../src/checks/advisories/match.ts";
import type { AdvisoryBase, AdvisoryCandidate, OsvRecord } from "../../src/model/index.ts";
import { type AdvisoryDocument, advisoryDocuments } from "../../src/sources/osv-files.ts";
import { fromNative } from "../../src/sources/osv-native.ts";
import { openAdvisoryBase } from "../../src/store/advisories.ts";
import type { CaseResult, Suite } from "../suite.ts";

const RECORDS = 74_802;
/** 269 of PyPI, 56 of OSSF, 17 of Go, 13 of RustSec. */
const WITHDRAWN_AT_LEAST = 269 + 56;

export const suite: Suite = {
  name: "osv",
  archive: "osv",
  run: async function* run(folder): AsyncGenerator<CaseResult> {
    const scratch = mkdtempSync(join(tmpdir(), "tributary-osv-"));
    try {
      // One source a part, as a user would sync them: they stay apart, and share ids.
      for (const part of readdirSync(folder).toSorted()) {
        await sync({ folder: scratch, from: join(folder, part), ecosystems: "all", client: null, now: "2026-08-05T00:00:00Z" });
      }
      const base = openAdvisoryBase(scratch);
      let records = 0;
      let withdrawn = 0;
      for await (const batch of advisoryDocuments(folder)) {
        for (const document of batch) {
          records += 1;
          const result = judge(base, document);
          if (result.withdrawn) withdrawn += 1;
          yield result.failure === undefined
            ? { name: document.place, outcome: "passed" }
            : { name: document.place, outcome: "failed", detail: result.failure };
        }
      }
      base.close();
      yield count(`the archive holds ${RECORDS} records`, records === RECORDS, records);
      yield count(`at least ${WITHDRAWN_AT_LEAST} of them are withdrawn`, withdrawn >= WITHDRAWN_AT_LEAST, withdrawn);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

const count = (name: string, holds: boolean, found: number): CaseResult => ({
  name,
  outcome: holds ? "passed" : "failed",
  detail: `found ${found}`,
});

function judge(base: AdvisoryBase, document: AdvisoryDocument): { readonly failure?: string; readonly withdrawn: boolean } {
  if (document.problem !== undefined) return { failure: document.problem, withdrawn: false };
  const record = (fromNative(document.value) ?? document.value) as OsvRecord;
  const withdrawn = typeof record.withdrawn === "string";
  if (base.record(record.id)?.record.id !== record.id) return { failure: `${record.id} is not in the base`, withdrawn };
  for (const [index, entry] of (record.affected ?? []).entries()) {
    if (entry.package === undefined) continue;
    const candidate = base
      .candidates(entry.package.ecosystem, entry.package.name)
      .find((found) => found.id === record.id && found.affected === index && found.modified === record.modified);
    if (candidate === undefined) return { failure: `${record.id} is not filed under ${entry.package.name}`, withdrawn };
    if ((entry.versions ?? []).some((version) => !candidate.lists(version)))
      return { failure: `${record.id} has lost versions`, withdrawn };
    const reached = versionsOf(candidate).some((version) => matchEntry(candidate, version).reasons.length > 0);
    if (withdrawn && reached) return { failure: `${record.id} is withdrawn and matches`, withdrawn };

    const says = candidate.versions().length > 0 || candidate.ranges.length > 0;
    if (!withdrawn && says && !reached && !isEmpty(candidate))
      return { failure: `${record.id} matches none of its own versions`, withdrawn };
  }
  return { withdrawn };
}

/** Versions that the entry itself names: each enumerated one, and where a range begins; "0" stands for the first there can be. */
function versionsOf(candidate: AdvisoryCandidate): readonly string[] {
  const begins = candidate.ranges.flatMap(({ type, events }) =>
    events.flatMap(({ introduced, last_affected: last }) => (introduced === "0" ? firstOf(type) : (introduced ?? last ?? []))),
  );
  return [...candidate.versions(), ...begins];
}

/** Go's pseudo-versions are prereleases of 0.0.0. */
const firstOf = (type: string): string => (type === "SEMVER" ? "0.0.0-0" : "0.0.0");

/** A range that ends where it begins holds nothing. */
const isEmpty = (candidate: AdvisoryCandidate): boolean =>
  candidate.versions().length === 0 &&
  candidate.ranges.every((range) =>
    range.events.every((event) => range.events.some((other) => other.fixed === (event.introduced ?? event.fixed))),
  );
