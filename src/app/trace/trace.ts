/**
 * The way of one release of npm's registry back to its source. This module only introduces the rooms to each other:
 *
 *     registry ─ document, tarball ─┐
 *     attestations, signatures ─────┼─> facts ─> drawWay ─> Trace
 *     git or archive ─ tree ─ files ┘      └─ --rebuild: our own build, compared
 */
import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { readNpmTarball } from "../../artifacts/index.ts";
import { type ArtifactClaim, type Evidence, Fault, type RegistryReleaseClaim, type Unavailable, isUnavailable } from "../../model/index.ts";
import { type BuildRecord, readBuildRecord } from "../../sources/npm-build-record.ts";
import { documentAddress } from "../../sources/npm-registry.ts";
import { userFolders } from "../../store/folders.ts";
import { type Sources, openSources } from "../npm-evidence.ts";
import { traceFile } from "./file.ts";
import { classifyFiles, readPublished } from "./files.ts";
import { tagLedger } from "./ledger.ts";
import type { TraceOptions, TraceResult } from "./options.ts";
import { attestedCommit, provenanceOf, readGiven, runRecord } from "./proofs.ts";
import { rebuild } from "./rebuild.ts";
import { findSource } from "./source.ts";
import { equivalenceStatement } from "./statement.ts";
import { drawWay } from "./way.ts";
import { openTrust } from "../trust.ts";

const MAX_TARBALL_BYTES = 512 * 1024 * 1024;

/** Throws the faults of the registry, of git and of files that cannot be read; what is wrong with the release is in the trace. */
export async function trace(options: TraceOptions): Promise<TraceResult> {
  if (isFile(options)) return await traceFile(options);
  const { name, version } = splitWanted(options.wanted);
  const sources = await openSources({
    cwd: options.cwd,
    env: options.env,
    offline: options.offline ?? false,
    fresh: options.fresh ?? false,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    return await traceWith(sources, name, version, options);
  } finally {
    await sources.close();
  }
}

async function traceWith(sources: Sources, name: string, version: string, options: TraceOptions): Promise<TraceResult> {
  const purl = `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
  const say = options.onProgress ?? (() => undefined);
  say("asking the registry");
  const release = await releaseOf(sources, purl, name, version, options);
  const { bytes, artifact } = await bytesOf(sources, name, version, release, options);
  say("verifying signatures");
  const { provenance, notes } = await provenanceOf(sources, purl, name, version, release, artifact, options);
  const record: BuildRecord = isUnavailable(release) ? {} : await recordOf(sources, name, version);
  const attested = attestedCommit(provenance);
  const run = await runRecord(sources, provenance, options);
  say("reading the source");
  const found = await findSource({
    name,
    version,
    cwd: options.cwd,
    offline: options.offline ?? false,
    attested,
    stated: record.gitHead === undefined ? null : { commit: record.gitHead, by: "registry" },
    root: () => openTrust(userFolders(options.env).data).root,
    ledger: tagLedger(userFolders(options.env).data),
    ...pick(options, "git", "archive", "commit", "signal"),
    ...directoryOf(options, record),
  });
  try {
    const published = await readPublished(bytes);
    const { tree, source } = found;
    let files = tree === null || source === null ? [] : await classifyFiles(published, tree, { directory: source.directory });
    let built: Awaited<ReturnType<typeof rebuild>> | null = null;
    if (options.rebuild !== undefined && tree !== null && source !== null) {
      const { node, npm, build } = options.rebuild;
      const from = "the registry's document";
      built = await rebuild({
        tree,
        directory: source.directory,
        published: bytes,
        builds: files.some(({ state }) => state === "generated" || state === "unexplained"),
        env: options.env,
        onProgress: say,
        ...tool("node", node, record.node, from),
        ...tool("npm", npm, record.npm, from),
        ...(build === undefined ? {} : { build }),
        ...(isUnavailable(release) || release.claim.published === undefined ? {} : { publishedAt: release.claim.published }),
        ...(found.repository === null ? {} : { committed: found.repository.committed }),
        ...pick(options, "signal"),
      });
      if (built.tarball !== null) {
        const rebuilt = (await readPublished(built.tarball)).files;
        files = await classifyFiles(published, tree, { directory: source.directory, rebuilt });
      }
    }
    const way = drawWay({
      kind: "package",
      purl,
      name,
      version,
      artifact,
      release,
      provenance,
      run,
      gitHead: record.gitHead ?? "",
      attested,
      repository: found.repository,
      source,
      archive: found.archive,
      noSource: found.why,
      files,
      rebuild: built?.result ?? null,
    });
    return { trace: way, statement: equivalenceStatement(way), notes: [...sources.notes(), ...notes] };
  } finally {
    await found.close();
  }
}

const isFile = ({ cwd, wanted }: TraceOptions): boolean => statSync(resolve(cwd, wanted), { throwIfNoEntry: false })?.isFile() === true;

/** Members that are there, so that what is absent stays absent. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Partial<Pick<T, K>>;
}

function tool<N extends "node" | "npm">(name: N, given: string | undefined, recorded: string | undefined, from: string): object {
  if (given !== undefined) return { [name]: { version: given, from: "given" } };
  return recorded === undefined ? {} : { [name]: { version: recorded, from } };
}

/** `@scope/name@1.2.3`. Throws `cli/usage`. */
function splitWanted(wanted: string): { name: string; version: string } {
  const at = wanted.lastIndexOf("@");
  const [name, version] = [wanted.slice(0, at), wanted.slice(at + 1)];
  // A tag or a range would mean another release tomorrow.
  if (at <= 0 || !/^(?:@[\w.~-]+\/)?[\w.~-]+$/.test(name) || !/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version))
    throw new Fault("cli/usage", `"${wanted}" names no release, and is no file here.`, {
      hint: "name@version, or an archive: tributary trace semver@7.7.2",
    });
  return { name, version };
}

type Release = Evidence<RegistryReleaseClaim> | Unavailable;

async function releaseOf(sources: Sources, purl: string, name: string, version: string, options: TraceOptions): Promise<Release> {
  try {
    const seen = await sources.registry.releases(name, [version]);
    const claim = seen.claims[0];
    if (claim === null || claim === undefined) {
      const because = `The registry has no ${name}@${version}.`;
      if (options.tarball === undefined) throw new Fault("source/not-found", because);
      return { unavailable: true, code: "source/not-found", because };
    }
    return { subject: { purl }, claim, source: seen.source, observedAt: new Date(seen.observedAt).toISOString(), strength: "asserted" };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof Fault) || options.tarball === undefined) throw error;
    return { unavailable: true, code: error.code, because: error.message };
  }
}

interface Bytes {
  readonly bytes: Buffer;
  readonly artifact: ArtifactClaim;
}

async function bytesOf(sources: Sources, name: string, version: string, release: Release, options: TraceOptions): Promise<Bytes> {
  if (options.tarball !== undefined) {
    const bytes = await readGiven(resolve(options.cwd, options.tarball), options.tarball, MAX_TARBALL_BYTES);
    return { bytes, artifact: await readNpmTarball(basename(options.tarball), bytes) };
  }
  if (isUnavailable(release)) throw new Fault("source/not-found", release.because);
  const { tarball, integrity, shasum } = release.claim;
  const seen = await sources.registry.artifact(name, tarball, { integrity, shasum }, 0);
  const kept = sources.cache.artifact(seen.claim.sha512);
  if (kept !== null) return { bytes: kept, artifact: seen.claim };
  if (sources.client.offline)
    throw new Fault("source/offline", `The bytes of ${name}@${version} are not kept here.`, {
      hint: "Run it once without --offline, or give --tarball FILE.",
    });
  // They were looked at before, and not kept or thrown out since.
  const answer = await sources.client.get(tarball, {
    credentials: sources.config.credentialsFor(tarball, sources.config.registryFor(name)),
    cache: "none",
    expect: "bytes",
    maxBytes: MAX_TARBALL_BYTES,
  });
  return { bytes: answer.body, artifact: await readNpmTarball(tarball, answer.body) };
}

/** What the document says of how the release was made; it has been fetched a moment ago, so this is out of the cache. */
async function recordOf(sources: Sources, name: string, version: string): Promise<BuildRecord> {
  const registry = sources.config.registryFor(name);
  const address = documentAddress(registry, name);
  try {
    const answer = await sources.client.get(address, {
      accept: "application/json",
      credentials: sources.config.credentialsFor(address, registry),
    });
    return readBuildRecord(answer.body, version);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {};
  }
}

function directoryOf(options: TraceOptions, record: BuildRecord): { directory?: string } {
  const directory = options.directory ?? record.directory;
  return directory === undefined ? {} : { directory };
}
