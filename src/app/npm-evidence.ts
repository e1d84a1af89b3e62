/** Introduces the rooms that evidence from registries needs to each other: the client, the cache, the registries, the reader of tarballs. */
import { readNpmTarball, readPythonFile } from "../artifacts/index.ts";
import type { Project } from "../model/index.ts";
import { type HttpClient, type HttpStats, httpClient } from "../sources/http.ts";
import { type NpmConfig, loadNpmConfig } from "../sources/npm-config.ts";
import { type GatherOptions, type NpmEvidence, gatherNpm } from "../sources/npm-gather.ts";
import { type NpmRegistry, npmRegistry } from "../sources/npm-registry.ts";
import { type PypiConfig, loadPypiConfig } from "../sources/pypi-config.ts";
import { type PypiEvidence, type PypiGatherOptions, gatherPypi } from "../sources/pypi-gather.ts";
import { type PypiIndex, pypiIndex } from "../sources/pypi-index.ts";
import { type Cache, openCache } from "../store/cache.ts";
import { openDocuments } from "../store/documents.ts";
import { userFolders } from "../store/folders.ts";

export interface SourcesOptions {
  /** The project's folder: decides which npm configuration holds. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  /** Ask the registry again, however young the kept answers are. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onBytes?: (count: number) => void;
  readonly userAgent?: string;
}

/** One run's way to everything outside. */
export interface Sources {
  readonly cache: Cache;
  readonly client: HttpClient;
  readonly config: NpmConfig;
  readonly registry: NpmRegistry;
  readonly pypi: PypiIndex;
  readonly pypiConfig: PypiConfig;
  /** See `gatherNpm`: throws only where the signal is aborted. */
  readonly gatherNpm: (project: Project, options: Pick<GatherOptions, "artifacts" | "wanted" | "onProgress">) => Promise<NpmEvidence>;
  /** See `gatherPypi`: throws only where the signal is aborted. */
  readonly gatherPypi: (project: Project, options: Pick<PypiGatherOptions, "artifacts" | "wanted" | "onProgress">) => Promise<PypiEvidence>;
  readonly stats: () => HttpStats;
  /** What a user should be told: damaged entries, a full disk. */
  readonly notes: () => readonly string[];
  /** Keeps what is not kept yet and lets everything go. To be called also when the run was stopped. */
  readonly close: () => Promise<void>;
}

/** Throws the faults of `openCache` and `loadNpmConfig`. */
export async function openSources(options: SourcesOptions): Promise<Sources> {
  const config = await loadNpmConfig({
    cwd: options.cwd,
    env: options.env,
    ...(options.userAgent === undefined ? {} : { userAgent: options.userAgent }),
  });
  const cache = openCache(userFolders(options.env).cache);
  const client = httpClient({
    cache,
    config: config.http,
    offline: options.offline,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onBytes === undefined ? {} : { onBytes: options.onBytes }),
  });
  const documents = openDocuments(cache);
  const store = { ...documents, keepArtifact: cache.keepArtifact };
  const fresh = options.fresh ?? false;
  const pypi = pypiIndex({ client, store, readFile: readPythonFile, fresh });
  const pypiConfig = loadPypiConfig({ cwd: options.cwd, env: options.env });
  const registry = npmRegistry({
    client,
    config,
    store,
    readTarball: readNpmTarball,
    fresh,
  });
  return {
    cache,
    client,
    config,
    registry,
    pypi,
    pypiConfig,
    gatherNpm: async (project, asked) =>
      await gatherNpm(project, {
        registry,
        config,
        ...asked,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    gatherPypi: async (project, asked) =>
      await gatherPypi(project, {
        index: pypi,
        config: pypiConfig,
        ...asked,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    stats: client.stats,
    notes: () => [...cache.notes],
    close: async () => {
      cache.close();
      await client.close();
    },
  };
}
