/** A release of a Python package index as one side of a comparison: which of its files is read, and what the index says of it. */
import { archiveKindOf } from "../artifacts/index.ts";
import { type Evidence, Fault, isUnavailable, purlOf, type RegistryReleaseClaim, type ReleaseFile } from "../model/index.ts";
import type { PythonIndex } from "../sources/pypi-config.ts";
import { fileLike, fileToRead } from "../sources/pypi-files.ts";
import { fits } from "../sources/npm-registry.ts";
import type { Sources } from "./npm-evidence.ts";

export interface PypiRelease {
  readonly purl: string;
  /** The file that is read: `name-1.0-py3-none-any.whl`. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly kind: ReturnType<typeof archiveKindOf>;
  readonly index: PythonIndex;
  readonly evidence: Evidence<RegistryReleaseClaim>;
}

export interface PypiWanted {
  readonly name: string;
  readonly version: string;
  /** Where it is looked for; those that are configured unless given. */
  readonly indexes?: readonly PythonIndex[];
  /** Which of its files is read; the one that would be installed on any machine unless given. */
  readonly choose?: (files: readonly ReleaseFile[]) => ReleaseFile | null;
}

/** The file to hold another release's file against. */
export const likeFile =
  (name: string): NonNullable<PypiWanted["choose"]> =>
  (files) =>
    fileLike(files, name);

/** Throws `source/*`. The index is the first of those asked that has the release. */
export async function pypiRelease({ name, version, indexes, choose = fileToRead }: PypiWanted, sources: Sources): Promise<PypiRelease> {
  const { index, evidence } = await releaseOf(name, version, indexes ?? configured(sources), sources);
  const file = choose(evidence.claim.files ?? []);
  if (file === null)
    throw new Fault("source/not-found", `${evidence.source} has no wheel and no source distribution of ${name} ${version}.`);
  const bytes = await bytesOf(index, file, Date.parse(evidence.observedAt), sources);
  return { purl: evidence.subject.purl, file: file.name, bytes, kind: archiveKindOf(file.name), index, evidence };
}

function configured({ pypiConfig }: Sources): readonly PythonIndex[] {
  const indexes = pypiConfig.indexes();
  if (!isUnavailable(indexes)) return indexes;
  throw new Fault("source/configuration", indexes.because, indexes.cure === undefined ? {} : { hint: indexes.cure });
}

async function releaseOf(
  name: string,
  version: string,
  indexes: readonly PythonIndex[],
  { pypi }: Sources,
): Promise<{ readonly index: PythonIndex; readonly evidence: Evidence<RegistryReleaseClaim> }> {
  let missing: Fault | null = null;
  for (const index of indexes) {
    try {
      const { claims, source, observedAt } = await pypi.releases(index, name, [version]);
      const claim = claims[0] ?? null;
      const subject = { purl: purlOf("PyPI", name, version) };
      if (claim !== null)
        return { index, evidence: { subject, claim, source, observedAt: new Date(observedAt).toISOString(), strength: "asserted" } };
      missing ??= new Fault("source/not-found", `${source} has no release ${version}.`);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "source/not-found") throw error;
      missing ??= error;
    }
  }
  throw missing ?? new Fault("source/not-found", `No package index has ${name}.`);
}

/** The bytes of a file, which are those of the index's hash. */
async function bytesOf(index: PythonIndex, file: ReleaseFile, asOf: number, { pypi, cache, client }: Sources): Promise<Buffer> {
  const { claim } = await pypi.artifact(index, file, { asOf });
  if (!fits(claim, { integrity: file.integrity, shasum: "" }))
    throw new Fault(
      "source/body",
      `The bytes served for ${file.name} have not the SHA-256 that the index gives (they have ${claim.sha256}).`,
    );
  let bytes = cache.artifact(claim.sha512);
  // What was seen in it is kept for longer than the bytes are.
  if (bytes === null && !client.offline) bytes = cache.artifact((await pypi.artifact(index, file, { asOf, again: true })).claim.sha512);
  if (bytes === null)
    throw new Fault(client.offline ? "source/offline" : "store/corrupt", `The kept bytes of ${file.name} are gone.`, {
      hint: "tributary check --fresh",
    });
  return bytes;
}
