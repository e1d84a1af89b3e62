/**
 * Gathers, for every PyPI component of a project, what its package index says of the release: one question a project and index. Whatever cannot be had
 * becomes `Unavailable` with its reason, and never stops the rest. Of each release one file is fetched, within bounds: a release is many files, and some of
 * them are larger than all the rest of a project.
 */
import {
  type ArtifactClaim,
  type Component,
  type Evidence,
  Fault,
  isUnavailable,
  type PackageDocument,
  type Project,
  type RegistryReleaseClaim,
  type ReleaseFile,
  type Unavailable,
} from "../model/index.ts";
import { fileToRead } from "./pypi-files.ts";
import type { PypiConfig, PythonIndex } from "./pypi-config.ts";
import type { PypiIndex } from "./pypi-index.ts";
import { projectName } from "./pypi-simple.ts";

export interface PypiGatherOptions {
  readonly index: PypiIndex;
  readonly config: PypiConfig;
  /** What is asked for: without `artifacts` no file is fetched. */
  readonly artifacts: boolean;
  /** Which components are asked about; default: all. */
  readonly wanted?: (component: Component) => boolean;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface PypiEvidence {
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly artifact: (purl: string) => Evidence<ArtifactClaim> | Unavailable;
  readonly document: (purl: string) => PackageDocument | Unavailable;
  /** The file that stands for a release: the one that its lockfile would install; null where there is none. */
  readonly fileOf: (purl: string) => ReleaseFile | null;
  /** The index that answered for a component; null where none did. */
  readonly indexOf: (purl: string) => PythonIndex | null;
}

/** Questions that are under way at once; the client holds each host to its own bound. */
const AT_ONCE = 32;

/** Files that are under way at once: each is held whole. */
const FILES_AT_ONCE = 8;
/**
 * Files, and their bytes, that one check fetches: what a project of some hundred packages has of pure Python, several times over. The smallest first, so
 * that one framework of a gigabyte keeps nobody else from being looked at.
 */
export const MOST_FILES = 1_000;
export const MOST_FILE_BYTES: number = 256 * 1024 * 1024;
/** What a file counts whose size the index does not give, and what is taken of it at most. */
const UNSAID_BYTES = 4 * 1024 * 1024;
const MOST_UNSAID_BYTES = 16 * 1024 * 1024;

interface Answer {
  readonly release: Evidence<RegistryReleaseClaim> | Unavailable;
  readonly index: PythonIndex | null;
}

/** Throws only where the signal is aborted; what was fetched until then is kept. */
export async function gatherPypi(project: Project, options: PypiGatherOptions): Promise<PypiEvidence> {
  const { index, config, onProgress, signal } = options;
  const answers = new Map<string, Answer>();
  const named = namedIndexes(project);
  const groups = new Map<string, { readonly addresses: readonly string[]; readonly components: Component[] }>();
  for (const [at, component] of project.components.entries()) {
    if (component.ecosystem !== "PyPI") continue;
    const reason = unaskable(component, options.wanted);
    if (reason !== null) {
      answers.set(component.purl, { release: notApplicable(reason), index: null });
      continue;
    }
    const addresses = named[at] ?? [];
    const key = JSON.stringify([projectName(component.name), ...addresses]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { addresses, components: [component] });
    else group.components.push(component);
  }

  const total = [...groups.values()].reduce((sum, { components }) => sum + components.length, 0);
  let done = 0;
  const queue = groups.values();
  const worker = async (): Promise<void> => {
    for (const { addresses, components } of queue) {
      signal?.throwIfAborted();
      for (const [component, answer] of await askFor(components, addresses, index, config, signal)) {
        answers.set(component.purl, await withSource(answer, index, signal));
        onProgress?.({ done: ++done, total });
      }
    }
  };
  // All are waited for, also when one fails: the caller closes the store next, and nobody may still be writing then.
  for (const result of await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, groups.size) }, worker)))
    if (result.status === "rejected") throw result.reason;

  const pinned = pinnedHashes(project);
  const files = new Map<string, ReleaseFile>();
  for (const [at, { purl }] of project.components.entries()) {
    const release = answers.get(purl)?.release;
    const file = release === undefined || isUnavailable(release) ? null : fileToRead(release.claim.files ?? [], pinned[at]);
    if (file !== null) files.set(purl, file);
  }
  const artifacts = options.artifacts ? await fetchFiles(files, answers, options, total) : new Map<string, Unavailable>();

  const nobody: Answer = { release: notApplicable("It is no PyPI package."), index: null };
  const names = new Map(project.components.map(({ purl, name }) => [purl, name]));
  return {
    release: (purl) => (answers.get(purl) ?? nobody).release,
    artifact: (purl) => {
      const { release } = answers.get(purl) ?? nobody;
      return isUnavailable(release) ? release : (artifacts.get(purl) ?? (files.has(purl) ? unasked : noFile));
    },
    fileOf: (purl) => files.get(purl) ?? null,
    document: (purl) => {
      const answer = answers.get(purl) ?? nobody;
      const known = answer.index === null ? null : index.document(answer.index, names.get(purl) ?? "");
      if (known !== null) return known;
      return isUnavailable(answer.release) ? answer.release : notKept;
    },
    indexOf: (purl) => answers.get(purl)?.index ?? null,
  };
}

/** An index is asked until one has all; what an earlier one had counts before a later one's. */
async function askFor(
  group: readonly Component[],
  [first = "", ...extra]: readonly string[],
  source: PypiIndex,
  config: PypiConfig,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Component, Answer>> {
  const answers = new Map<Component, Answer>();
  const name = group[0]?.name ?? "";
  const chosen = [first === "" ? config.indexes() : config.named(first), ...extra.map(config.named)];
  const refused = chosen.find(isUnavailable);
  for (const index of chosen.flatMap((one) => (isUnavailable(one) ? [] : "url" in one ? [one] : one))) {
    const open = group.filter((component) => isUnavailable(answers.get(component)?.release ?? unasked));
    if (open.length === 0) break;
    try {
      const seen = await source.releases(
        index,
        name,
        open.map(({ version }) => version),
      );
      for (const [at, component] of open.entries()) {
        const claim = seen.claims[at] ?? null;
        const { purl } = component;
        const release: Answer["release"] =
          claim === null
            ? { unavailable: true, code: "source/not-found", because: `${seen.source} has no release ${component.version}.` }
            : { subject: { purl }, claim, source: seen.source, observedAt: new Date(seen.observedAt).toISOString(), strength: "asserted" };
        answers.set(component, { release, index });
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      const reason = unavailable(error, index);
      for (const component of open) {
        const known = answers.get(component)?.release;
        // That an index has the project, but not this release, or cannot be asked, says more than that another one has not heard of it.
        if (known === undefined || reason.code !== "source/not-found")
          answers.set(component, { release: reason, index: answers.get(component)?.index ?? null });
      }
    }
  }
  // Where one of them was not asked, that the others do not have it means nothing.
  if (refused !== undefined)
    for (const component of group) {
      const known = answers.get(component)?.release;
      if (known === undefined || (isUnavailable(known) && known.code === "source/not-found"))
        answers.set(component, { release: refused, index: null });
    }
  return answers;
}

/**
 * The repository that the release's own metadata names, where there are attestations that it could be held against. What cannot be had is left out: a
 * release that names no repository is one.
 */
async function withSource(answer: Answer, source: PypiIndex, signal: AbortSignal | undefined): Promise<Answer> {
  const { release, index } = answer;
  if (isUnavailable(release) || index === null) return answer;
  const { files = [], manifest } = release.claim;
  const file = files.find(({ metadata = "" }) => metadata !== "");
  if (file === undefined || !files.some(({ attestationsUrl = "" }) => attestationsUrl !== "")) return answer;
  try {
    const said = await source.metadata(index, file);
    return { index, release: { ...release, claim: { ...release.claim, manifest: { ...manifest, ...said } } } };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return answer;
  }
}

const unasked: Unavailable = { unavailable: true, code: "not-applicable", because: "It was not asked for in this run." };

function unavailable(fault: Fault, index: PythonIndex): Unavailable {
  const cures: Readonly<Record<string, string>> = {
    "source/offline": "tributary check",
    "source/status": "tributary check",
    "source/unreachable": `pip index versions pip --index-url ${index.url}`,
    "source/denied": "pip config list",
    "source/body": "pip config list",
  };
  const cure = cures[fault.code];
  const because =
    fault.code === "source/offline" ? "what the package index says of it is not in the cache, and this run is offline" : fault.message;
  return { unavailable: true, code: fault.code, because, ...(cure === undefined ? {} : { cure }) };
}

/** The indexes that the project's files name for each component; the first is "" where that is the configuration's. */
function namedIndexes(project: Project): readonly (readonly string[])[] {
  const named = project.components.map((): readonly string[] => []);
  for (const { component, resolved, extraIndexes = [] } of project.nodes) {
    if (component < 0 || (named[component] ?? []).length > 0) continue;
    const own = /^https?:/i.test(resolved) ? resolved : "";
    if (own !== "" || extraIndexes.length > 0) named[component] = [own, ...extraIndexes];
  }
  return named;
}

function unaskable({ name, origin, version, ...component }: Component, wanted: PypiGatherOptions["wanted"]): string | null {
  if (wanted?.({ name, origin, version, ...component }) === false) return "It was not asked for in this run.";
  if (origin.kind !== "registry" && origin.kind !== "unknown") return `${name} does not come from a package index.`;
  return version === "" ? `No version of ${name} is known.` : null;
}

const notApplicable = (because: string): Unavailable => ({ unavailable: true, code: "not-applicable", because });

/** What is in the files, by purl; those beyond the bounds are left out, and that is said. The same ones each time: what is kept counts as well. */
async function fetchFiles(
  files: ReadonlyMap<string, ReleaseFile>,
  answers: ReadonlyMap<string, Answer>,
  { index: source, onProgress, signal }: PypiGatherOptions,
  asked: number,
): Promise<ReadonlyMap<string, Evidence<ArtifactClaim> | Unavailable>> {
  const found = new Map<string, Evidence<ArtifactClaim> | Unavailable>();
  const chosen: { readonly purl: string; readonly file: ReleaseFile; readonly index: PythonIndex; readonly asOf: number }[] = [];
  let bytes = 0;
  const bySize = [...files].toSorted(
    ([a, { size: m = UNSAID_BYTES }], [b, { size: n = UNSAID_BYTES }]) => m - n || (a < b ? -1 : a > b ? 1 : 0),
  );
  for (const [purl, file] of bySize) {
    const answer = answers.get(purl);
    if (answer === undefined || answer.index === null || isUnavailable(answer.release)) continue;
    bytes += file.size ?? UNSAID_BYTES;
    if (chosen.length < MOST_FILES && bytes <= MOST_FILE_BYTES)
      chosen.push({ purl, file, index: answer.index, asOf: Date.parse(answer.release.observedAt) });
    else found.set(purl, tooMany);
  }
  const queue = chosen.values();
  let done = asked;
  const worker = async (): Promise<void> => {
    for (const { purl, file, index, asOf } of queue) {
      signal?.throwIfAborted();
      try {
        const { claim, observedAt } = await source.artifact(index, file, { asOf, mostBytes: MOST_UNSAID_BYTES });
        const { sha512, sha256, sha1, url } = claim;
        const subject = { purl, digest: { sha512, sha256, sha1 } };
        found.set(purl, { subject, claim, source: url, observedAt: new Date(observedAt).toISOString(), strength: "observed" });
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Fault)) throw error;
        found.set(purl, unavailable(error, index));
      }
      onProgress?.({ done: ++done, total: asked + chosen.length });
    }
  };
  for (const result of await Promise.allSettled(Array.from({ length: Math.min(FILES_AT_ONCE, chosen.length) }, worker)))
    if (result.status === "rejected") throw result.reason;
  return found;
}

/** The hashes that the project's files pin for each component, by its number. */
function pinnedHashes(project: Project): readonly ReadonlySet<string>[] {
  const pinned = project.components.map(() => new Set<string>());
  for (const { component, integrity } of project.nodes) for (const hash of integrity) pinned[component]?.add(hash);
  return pinned;
}

const tooMany: Unavailable = {
  unavailable: true,
  code: "source/not-asked",
  because: `of Python's releases ${MOST_FILES} files and ${MOST_FILE_BYTES / 1024 / 1024} MiB are fetched in a check, the smallest first; of the others the hashes were compared, not the contents`,
};

const noFile: Unavailable = {
  unavailable: true,
  code: "source/not-found",
  because: "the package index has no wheel and no source distribution of it that is read here",
};

const notKept: Unavailable = {
  unavailable: true,
  code: "store/corrupt",
  because: "What the package index said cannot be read any more.",
  cure: "tributary check",
};
