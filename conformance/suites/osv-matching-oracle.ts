/**
 * What api.osv.dev answered on 5 August 2026, row by row, against what our base matches. Compared are the records that both may know:
 * those of the OSV databases of the archive (Go, RustSec, PyPA, OSSF malicious packages, five of GitHub), published by that day. Left out:
 * VulnerableCode, which is noisy and not in OSV, and the three databases in forms of their own, whose ids OSV does not know.
 *
 * The Go database as it lies in git does not date its records. One that no recorded row names and whose number lies above all named ones
 * cannot be shown to be older than the recording; each such extra hit is a skipped case of its own, never a passed one.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sync } from "../../src/app/sync/sync.ts";
import { matchComponent } from "../../src/checks/advisories/merge.ts";
import { loadScorer } from "../../src/checks/advisories/severity.ts";
import type { AdvisoryBase } from "../../src/model/index.ts";
import { byCodeUnit } from "../../src/model/index.ts";
import { openAdvisoryBase } from "../../src/store/advisories.ts";
import type { CaseResult, Suite } from "../suite.ts";

const RECORDED = "2026-08-05";
const TRUSTED = ["ghsa-sample", "golang-vulndb", "ossf-malicious-2025-06", "ossf-withdrawn-2025-06", "pypa", "rustsec"];

interface Row {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly commit?: string;
  readonly ids: readonly string[];
}

export const suite: Suite = {
  name: "osv-matching-oracle",
  archive: "osv-matching-oracle",
  beside: ["osv"],
  run: async function* run(folder): AsyncGenerator<CaseResult> {
    const scratch = mkdtempSync(join(tmpdir(), "tributary-oracle-"));
    try {
      for (const part of TRUSTED) {
        await sync({
          folder: scratch,
          from: join(folder, "..", "osv", part),
          ecosystems: "all",
          client: null,
          now: "2026-08-05T00:00:00Z",
        });
      }
      const base = openAdvisoryBase(scratch);
      yield* compare(base, JSON.parse(readFileSync(join(folder, "osv-scanner-querybatch.json"), "utf8")) as readonly Row[]);
      base.close();
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

async function* compare(base: AdvisoryBase, rows: readonly Row[]): AsyncGenerator<CaseResult> {
  const score = await loadScorer();
  const named = new Set(rows.flatMap((row) => row.ids));
  const newestNamed =
    [...named]
      .filter((id) => id.startsWith("GO-"))
      .toSorted(byCodeUnit)
      .at(-1) ?? "";
  const seen = new Map<string, number>();
  for (const row of rows) {
    const title = `${row.ecosystem || "commit"} ${row.name || row.commit || ""}@${row.version}`;
    const times = (seen.get(title) ?? 0) + 1;
    seen.set(title, times);
    const name = times === 1 ? title : `${title} (${times})`;
    if (row.ecosystem === "" || row.ecosystem === "GIT") {
      yield { name, outcome: "skipped", detail: "needs the commit graph of a repository" };
      continue;
    }
    const { ecosystem, version } = row;
    const component = { purl: "pkg:generic/row", ecosystem, name: row.name, version, origin: { kind: "registry" } } as const;
    const match = matchComponent(base, component, score);
    const expected = row.ids.filter((id) => base.record(id)?.record.id === id);
    if (match.unavailable !== undefined) {
      const known = expected.length === 0;
      yield known
        ? { name, outcome: "skipped", detail: `no source of the archive holds ${ecosystem}` }
        : { name, outcome: "failed", detail: match.unavailable.because };
      continue;
    }
    const found = new Set(match.found.flatMap(({ claim }) => claim.records.map((record) => record.id)));
    const missing = expected.filter((id) => !found.has(id));
    const extra = [...found].filter((id) => !row.ids.includes(id));
    const undecided = match.undecided.map(({ id, because }) => `${id} undecided: ${because}`);
    const details = [...missing.map((id) => `misses ${id}`), ...undecided];
    yield details.length === 0 ? { name, outcome: "passed" } : { name, outcome: "failed", detail: details.join("; ") };
    for (const id of extra) yield judgeExtra(base, name, id, named, newestNamed);
  }
}

function judgeExtra(base: AdvisoryBase, row: string, id: string, named: ReadonlySet<string>, newestNamed: string): CaseResult {
  const name = `${row}: ${id}`;
  const published = base.record(id)?.record.published ?? "";
  const isDated = published !== "" && !published.startsWith("0001-");
  if (isDated && published.slice(0, 10) > RECORDED)
    return { name, outcome: "skipped", detail: `published ${published}, after the recording` };
  if (!isDated && !named.has(id) && byCodeUnit(id, newestNamed) > 0) {
    return { name, outcome: "skipped", detail: `not dated, and newer by its number than ${newestNamed}, the newest that was recorded` };
  }
  return { name, outcome: "failed", detail: "matches, and the recorded answer does not have it" };
}
