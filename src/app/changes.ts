/**
 * What components change in their contents against the release before them. Which release that is `predecessors` says; here both are read
 * and compared, or a comparison of before is taken out of the store: it is a pure function of bytes. One release that cannot be had is
 * unknown for that one only.
 */
import {
  type ArtifactClaim,
  behaviourVersion,
  changeForm,
  type Component,
  type Evidence,
  Fault,
  isUnavailable,
  type PackageChange,
  type RegistryReleaseClaim,
  type Unavailable,
} from "../model/index.ts";
import { type FactsStore, openFacts } from "../store/facts.ts";
import { userFolders } from "../store/folders.ts";
import type { PypiEvidence } from "../sources/pypi-gather.ts";
import type { Sources } from "./npm-evidence.ts";
import { choosePairs, type Compare, type Pair } from "./predecessors.ts";
import type { ReviewSide } from "./review/sides.ts";

export interface Changes {
  /** By purl of the new release. */
  readonly change: (purl: string) => PackageChange | Unavailable;
  /** What was compared, in this check or before. */
  readonly pairs: readonly Pair[];
}

export interface ChangesInput {
  readonly components: readonly Component[];
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly artifact: (purl: string) => Evidence<ArtifactClaim> | Unavailable;
  /** See `choosePairs`. */
  readonly since: ReadonlyMap<string, string>;
  readonly seen: ReadonlyMap<string, string>;
  readonly compare: Compare;
  /** Of Python's releases: the index that has one, and the file of it that stands for it. */
  readonly pypi: Pick<PypiEvidence, "indexOf" | "fileOf">;
  readonly sources: Sources;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Pairs that are read at once: while one's bytes are read another's are fetched. Each holds both of its tarballs. */
const AT_ONCE = 4;

const unasked: Unavailable = { unavailable: true, code: "not-applicable", because: "It was not asked for in this run." };
const form = `${changeForm}/${behaviourVersion}`;

/** Throws only where the signal is aborted, and the faults of opening the store. */
export async function gatherChanges(input: ChangesInput): Promise<Changes> {
  const kept = openFacts(userFolders(input.env).cache);
  try {
    const known = new Map<string, PackageChange | "outdated" | null>();
    const look = ({ purl, name }: Component, before: string): PackageChange | "outdated" | null => {
      const found = known.get(purl);
      if (found !== undefined) return found;
      const pair = pairName(input.artifact(purl), name, before);
      const looked = pair === null ? null : kept.lookChange(pair, form);
      known.set(purl, looked);
      return looked;
    };
    const { pairs, others } = choosePairs({
      ...input,
      size: (purl) => {
        const artifact = input.artifact(purl);
        return isUnavailable(artifact) ? (input.pypi.fileOf(purl)?.size ?? 0) : artifact.claim.size;
      },
      uploaded: (purl) => input.pypi.fileOf(purl)?.uploaded,
      kept: (component, before) => look(component, before) !== null,
    });
    const changes = new Map<string, PackageChange | Unavailable>(others);
    const missing = pairs.filter(({ component, before }) => {
      const change = look(component, before);
      if (change === null || change === "outdated") return true;
      changes.set(component.purl, change);
      return false;
    });
    if (missing.length > 0) await compareAll(missing, changes, kept, input);
    return { change: (purl) => changes.get(purl) ?? unasked, pairs };
  } finally {
    kept.close();
  }
}

/** The bytes of the new release and the name of the old one, whose bytes no registry changes; null where the new one's are not known. */
function pairName(artifact: Evidence<ArtifactClaim> | Unavailable, name: string, before: string): string | null {
  return isUnavailable(artifact) ? null : `${artifact.claim.sha512} ${name}@${before}`;
}

async function compareAll(
  pairs: readonly Pair[],
  changes: Map<string, PackageChange | Unavailable>,
  kept: FactsStore,
  input: ChangesInput,
): Promise<void> {
  // Loaded only where something is compared: a check that knows everything already must start fast.
  const [{ comparePackages }, { packageFacts }, { pypiSide, releaseSide }] = await Promise.all([
    import("../checks/behaviour/analysis/compare.ts"),
    import("../checks/behaviour/analysis/files-package.ts"),
    import("./review/sides.ts"),
  ]);
  const { signal, sources } = input;
  let done = 0;
  const sides = async ({ component, before }: Pair): Promise<readonly [ReviewSide, ReviewSide]> => {
    const { ecosystem, name, version, purl } = component;
    if (ecosystem === "npm")
      return [await releaseSide({ name, version: before }, input, sources), await releaseSide({ name, version }, input, sources)];
    const index = input.pypi.indexOf(purl);
    const indexes = index === null ? {} : { indexes: [index] };
    const right = await pypiSide({ name, version, ...indexes, choose: () => input.pypi.fileOf(purl) }, sources);
    return [await pypiSide({ name, version: before, ...indexes }, sources, right.release?.file), right];
  };
  const compare = async (pair: Pair): Promise<PackageChange | Unavailable> => {
    const { component, before } = pair;
    const { purl, name, version } = component;
    try {
      const [left, right] = await sides(pair);
      const change = comparePackages(
        await packageFacts(left.purl, left.entries(), { unread: left.unread, kept }),
        await packageFacts(right.purl, right.entries(), { unread: right.unread, kept }),
      );
      const key = pairName(input.artifact(purl), name, before);
      if (key !== null) kept.keepChange(key, form, change);
      return change;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      return {
        unavailable: true,
        code: error.code,
        because: `what ${name}@${version} changes against ${before} could not be compared: ${error.message}`,
        ...(error.code === "source/offline" ? { cure: "tributary check" } : {}),
      };
    }
  };
  const queue = pairs[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const pair of { [Symbol.iterator]: () => queue }) {
      signal?.throwIfAborted();
      changes.set(pair.component.purl, await compare(pair));
      input.onProgress?.(++done, pairs.length);
    }
  };
  // All of them are waited for, also when one is stopped: the store is closed next.
  for (const result of await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, pairs.length) }, worker)))
    if (result.status === "rejected") throw result.reason;
}
