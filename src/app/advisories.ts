import { join } from "node:path";
import type { AdvisoryBase, AdvisoryClaim, Component, Evidence, OsvRecord, Unavailable } from "../model/index.ts";
import { Fault, baseEcosystem } from "../model/index.ts";
import { type ComponentMatch, advisorySubject, matchComponent } from "../checks/advisories/merge.ts";
import { type Scorer, loadScorer } from "../checks/advisories/severity.ts";
import type { HttpClient } from "../sources/http.ts";
import { askOsv } from "../sources/osv-api.ts";
import { openAdvisoryBase } from "../store/advisories.ts";
import { advisoryBaseOf } from "../store/advisories-memory.ts";

/** Where the base lies, in the user's data folder. */
export const advisoryFolder = (dataFolder: string): string => join(dataFolder, "advisories");

export interface AdvisoryOptions {
  readonly folder: string;
  /** Asked only where the base has nothing; null, or an offline one, means never. */
  readonly client: HttpClient | null;
  /** Base address of OSV's API; default: the public one. */
  readonly api?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface GatheredAdvisories {
  /** For `EvidenceSet.advisories`. */
  readonly advisories: (purl: string) => readonly Evidence<AdvisoryClaim>[] | Unavailable;
  /** Records that name a component and could not be judged for its version: not matched, and not cleared. */
  readonly undecided: readonly { readonly purl: string; readonly id: string; readonly because: string }[];
  /** For `Report.basis.advisories`. */
  readonly basis: { readonly source: string; readonly records: number; readonly asOf: string } | null;
  /** What the user should be told: a damaged base that was passed over, records that could not be had. */
  readonly notes: readonly string[];
}

const SYNC = "tributary sync";

/**
 * What is known against each component: from the synced base; where that has nothing for an ecosystem, from OSV's API; where neither can
 * be asked, `Unavailable` with the command that cures it. Never throws for a base or network that is not there.
 */
export async function gatherAdvisories(components: readonly Component[], options: AdvisoryOptions): Promise<GatheredAdvisories> {
  const notes: string[] = [];
  const base = openBase(options.folder, notes);
  try {
    return await gather(components, base, options, notes);
  } finally {
    base?.close();
  }
}

async function gather(
  components: readonly Component[],
  base: AdvisoryBase | null,
  options: AdvisoryOptions,
  notes: string[],
): Promise<GatheredAdvisories> {
  const found = new Map<string, readonly Evidence<AdvisoryClaim>[] | Unavailable>();
  const undecided: { readonly purl: string; readonly id: string; readonly because: string }[] = [];
  const keep = (component: Component, match: ComponentMatch): void => {
    for (const open of match.undecided) undecided.push({ purl: component.purl, ...open });
    const [first] = match.undecided;
    // Nothing found while something could not be judged is no answer.
    if (match.unavailable !== undefined) found.set(component.purl, match.unavailable);
    else if (first !== undefined && match.found.length === 0) found.set(component.purl, undecidedAnswer(first, match.undecided.length));
    else if (match.found.length > 0) found.set(component.purl, match.found);
  };

  const asked = components.filter(
    (component) => component.ecosystem !== "" && component.version !== "" && component.origin.kind !== "directory",
  );
  const covered = (component: Component): boolean => base?.covers(component.ecosystem) === true;
  const left = asked.filter((component) => !covered(component));
  let score: Scorer | null = null;
  const matchAll = async (from: AdvisoryBase, some: readonly Component[]): Promise<void> => {
    for (const component of some) {
      // The calculator costs 11 ms to load: only once something is named at all.
      if (score === null && from.candidates(component.ecosystem, advisorySubject(component).name).length > 0) score = await loadScorer();
      keep(component, matchComponent(from, component, score ?? noScore));
    }
  };
  // Components that cannot be asked about get their reason from the same place as the others.
  const rest = components.filter((component) => covered(component) || !asked.includes(component));
  try {
    await matchAll(base ?? nothing, base === null ? components.filter((component) => !asked.includes(component)) : rest);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "store/corrupt") throw error;
    notes.push(`${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`);
    const because = "the advisory base is damaged";
    for (const component of rest) found.set(component.purl, { unavailable: true, code: error.code, because, cure: SYNC });
  }
  const info = base?.info() ?? null;
  let basis = info === null ? null : { source: info.source, records: info.records, asOf: info.asOf };
  if (left.length > 0) {
    const online = await askOnline(left, options);
    if ("unavailable" in online) for (const component of left) found.set(component.purl, online);
    else {
      await matchAll(online.base, left);
      for (const component of left) {
        const because = online.incomplete(component);
        if (because === undefined) continue;
        undecided.push({ purl: component.purl, ...because });
        // What was found stays; nothing found is no answer while something is missing.
        if (!Array.isArray(found.get(component.purl))) {
          found.set(component.purl, { unavailable: true, code: "source/status", because: because.because, cure: SYNC });
        }
      }
      const own = online.base.info();
      if (basis === null && own !== null) basis = { source: own.source, records: own.records, asOf: own.asOf };
    }
  }
  const none: readonly Evidence<AdvisoryClaim>[] = [];
  const known = new Set(components.map((component) => component.purl));
  return {
    advisories: (purl) =>
      found.get(purl) ??
      (known.has(purl) ? none : { unavailable: true, code: "not-applicable", because: "it is not part of this project" }),
    undecided,
    basis,
    notes,
  };
}

const noScore: Scorer = () => null;
const nothing: AdvisoryBase = advisoryBaseOf([], { source: "", asOf: "", ecosystems: [] });

function undecidedAnswer(first: { readonly id: string; readonly because: string }, count: number): Unavailable {
  const others = count > 1 ? `, and ${count - 1} more` : "";
  return { unavailable: true, code: "version/invalid", because: `${first.id}${others} could not be judged: ${first.because}` };
}

/** A damaged base is said and passed over; the question then goes online, or stays open. */
function openBase(folder: string, notes: string[]): AdvisoryBase | null {
  try {
    const base = openAdvisoryBase(folder);
    if (base.info() !== null) return base;
    base.close();
    return null;
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith("store/")) throw error;
    notes.push(`${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`);
    return null;
  }
}

interface Online {
  readonly base: AdvisoryBase;
  /** Why the answer for a component is not whole; `id` is "" where it is not about one record. */
  readonly incomplete: (component: Component) => { readonly id: string; readonly because: string } | undefined;
}

async function askOnline(components: readonly Component[], options: AdvisoryOptions): Promise<Online | Unavailable> {
  const { client, signal, onProgress, api } = options;
  const ecosystems = [...new Set(components.map((component) => component.ecosystem))].toSorted().join(", ");
  if (client === null || client.offline) {
    const because = `no advisories have been synced for ${ecosystems}, and this run is offline`;
    return { unavailable: true, code: "source/offline", because, cure: SYNC };
  }
  try {
    const answer = await askOsv(client, components.map(advisorySubject), {
      ...(api === undefined ? {} : { api }),
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const records: readonly OsvRecord[] = answer.records;
    const base = advisoryBaseOf(records, { source: "OSV API", asOf: answer.asOf, ecosystems: answer.ecosystems });
    const incomplete: Online["incomplete"] = (component) => {
      const ecosystem = baseEcosystem(component.ecosystem);
      const refused = answer.refused.get(ecosystem);
      if (refused !== undefined) return { id: "", because: `OSV's API does not answer for ${ecosystem}: ${refused}` };
      const missing = answer.missing.find(({ packages }) =>
        packages.some((asked) => asked.name === component.name && asked.version === component.version),
      );
      return missing === undefined
        ? undefined
        : { id: missing.id, because: `OSV's API names ${missing.id}, which could not be read: ${missing.because}` };
    };
    return { base, incomplete };
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith("source/")) throw error;
    const because = `no advisories have been synced for ${ecosystems}, and OSV's API could not be asked: ${error.message}`;
    return { unavailable: true, code: error.code, because, cure: SYNC };
  }
}
