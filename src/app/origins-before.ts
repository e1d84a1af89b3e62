/**
 * Where the releases before Python's come from, by what their index still attests: a release that takes another's place is held to it also where nobody
 * here has seen the other one. What it proves becomes an expectation, as if the project had been checked with it; it is not kept.
 */
import { expectationOf, releaseLine } from "../checks/provenance/expectations.ts";
import { isFromKnownSource, validOrigins } from "../checks/provenance/evidence.ts";
import {
  type Component,
  type Evidence,
  Fault,
  isUnavailable,
  type ProvenanceEvidence,
  type ProvenanceExpectation,
  purlOf,
  type RegistryReleaseClaim,
  type Unavailable,
} from "../model/index.ts";
import { fileLike } from "../sources/pypi-files.ts";
import type { PypiEvidence } from "../sources/pypi-gather.ts";
import { gatherOrigins, type OriginsOptions } from "./origins.ts";
import type { Pair } from "./predecessors.ts";
import type { Sources } from "./npm-evidence.ts";

export interface OriginsBeforeInput {
  /** What is compared in this check. */
  readonly pairs: readonly Pair[];
  readonly provenance: (purl: string) => ProvenanceEvidence | Unavailable;
  readonly pypi: Pick<PypiEvidence, "indexOf" | "fileOf">;
  readonly sources: Sources;
  /** The user's folders, and whether everything is asked for again. */
  readonly how: Pick<OriginsOptions, "fresh" | "data" | "cache" | "signal">;
}

const unknown: Unavailable = { unavailable: true, code: "not-applicable", because: "It was not asked about." };

/**
 * By purl of the new release: what the release before it came from; null where nobody proves it, or where more is known of the line already. Throws only
 * where the signal is aborted, and the faults of opening what is kept.
 */
export async function originsBefore(input: OriginsBeforeInput): Promise<(purl: string) => ProvenanceExpectation | null> {
  const { pypi, sources, how } = input;
  const asked = new Map<string, { readonly component: Component; readonly evidence: Evidence<RegistryReleaseClaim> }>();
  for (const { component, before } of input.pairs.filter((pair) => pair.component.ecosystem === "PyPI" && isOpen(pair, input))) {
    const index = pypi.indexOf(component.purl);
    const file = pypi.fileOf(component.purl);
    if (index === null || file === null) continue;
    try {
      const { claims, source, observedAt } = await sources.pypi.releases(index, component.name, [before]);
      const claim = claims[0] ?? null;
      // Of a release that is many files the one that is compared stands for all.
      const like = fileLike(claim?.files ?? [], file.name);
      if (claim === null || like === null || (like.attestationsUrl ?? "") === "") continue;
      const purl = purlOf("PyPI", component.name, before);
      asked.set(component.purl, {
        component: { ...component, purl, version: before },
        evidence: {
          subject: { purl },
          claim: { ...claim, files: [like] },
          source,
          observedAt: new Date(observedAt).toISOString(),
          strength: "asserted",
        },
      });
    } catch (error) {
      how.signal?.throwIfAborted();
      // What cannot be had of the release before says nothing of the new one; that its contents are not compared is said elsewhere.
      if (!(error instanceof Fault)) throw error;
    }
  }
  if (asked.size === 0) return () => null;
  const evidence = new Map([...asked.values()].map((one) => [one.component.purl, one.evidence]));
  const indexes = new Map([...asked].map(([purl, { component }]) => [component.purl, pypi.indexOf(purl)]));
  const origins = await gatherOrigins({
    ...how,
    project: { name: "", version: "", files: [], components: [...asked.values()].map(({ component }) => component), nodes: [], roots: [] },
    wanted: () => true,
    release: (purl) => evidence.get(purl) ?? unknown,
    client: sources.client,
    config: sources.config,
    pypi: { source: sources.pypi, indexOf: (purl) => indexes.get(purl) ?? null },
  });
  try {
    const found = new Map(
      [...asked].flatMap(([purl, { component }]) => {
        const proved = expected(component, origins.provenance(component.purl));
        return proved === null ? [] : [[purl, proved] as const];
      }),
    );
    return (purl) => found.get(purl) ?? null;
  } finally {
    origins.close();
  }
}

/** Nobody has seen a release of its line here: what was seen counts for more. That the new release proves nothing where the one before did is news as well. */
function isOpen({ component }: Pair, { provenance }: OriginsBeforeInput): boolean {
  const evidence = provenance(component.purl);
  return !isUnavailable(evidence) && !evidence.expectations.some(({ line }) => line === releaseLine(component.version));
}

function expected({ purl, version }: Component, evidence: ProvenanceEvidence | Unavailable): ProvenanceExpectation | null {
  const origin = isUnavailable(evidence) || !isFromKnownSource(evidence) ? undefined : validOrigins(evidence)[0];
  return origin === undefined ? null : expectationOf(purl, version, origin.claim, origin.observedAt);
}
