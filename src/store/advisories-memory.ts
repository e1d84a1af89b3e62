import {
  type AdvisoryBase,
  type AdvisoryCandidate,
  type OsvRecord,
  baseEcosystem,
  byCodeUnit,
  packageKey,
  sameRelease,
} from "../model/index.ts";
import { modifiedTime, packRecord, unpackCandidate } from "./advisories-format.ts";

/**
 * A base of records in memory: what an API answered, or a few records at hand. Of two records with one id the newer counts.
 * It covers the ecosystems that are named (without release), whether or not a record speaks of them: whoever builds it knows what was asked.
 *
 * @example
 * const base = advisoryBaseOf([{ id: "X-1", modified: "2026-01-01T00:00:00Z", affected: [] }], { source: "mine", asOf: "2026-01-01T00:00:00Z", ecosystems: ["npm"] });
 * base.candidates("npm", "left-pad"); // []
 */
export function advisoryBaseOf(
  records: Iterable<OsvRecord>,
  about: { readonly source: string; readonly asOf: string; readonly ecosystems: readonly string[] },
): AdvisoryBase {
  const byId = new Map<string, OsvRecord>();
  for (const record of records) {
    const known = byId.get(record.id);
    if (known === undefined || modifiedTime(known) <= modifiedTime(record)) byId.set(record.id, record);
  }
  const byPackage = new Map<string, AdvisoryCandidate[]>();
  const ecosystems = new Set(about.ecosystems.map(baseEcosystem));
  for (const record of byId.values()) {
    const named = new Set((record.affected ?? []).map((entry) => baseEcosystem(entry.package?.ecosystem ?? "")));
    for (const ecosystem of named) {
      for (const [key, packed] of packRecord(record, ecosystem)) {
        const place = `${ecosystem}\n${key}`;
        const candidate = unpackCandidate(packed, about.source, () => record);
        const list = byPackage.get(place);
        if (list === undefined) byPackage.set(place, [candidate]);
        else list.push(candidate);
      }
    }
  }
  return {
    covers: (ecosystem) => ecosystems.has(baseEcosystem(ecosystem)),
    candidates: (ecosystem, name) =>
      (byPackage.get(`${baseEcosystem(ecosystem)}\n${packageKey(ecosystem, name)}`) ?? [])
        .filter((candidate) => sameRelease(candidate.ecosystem, ecosystem))
        .toSorted((a, b) => byCodeUnit(a.id, b.id) || a.affected - b.affected),
    record: (id) => {
      const record = byId.get(id) ?? [...byId.values()].find((other) => other.aliases?.includes(id) === true);
      return record === undefined ? null : { record, source: about.source };
    },
    info: () => {
      const info = { records: byId.size, asOf: about.asOf, ecosystems: [...ecosystems].toSorted(byCodeUnit) };
      return { source: about.source, ...info, sources: [{ name: about.source, ...info }] };
    },
    close: () => undefined,
  };
}
