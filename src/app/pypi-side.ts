/** A release of a Python package index as one side of a review: which of its files is read, and what the index says of it. */
import { archiveKindOf } from "../artifacts/index.ts";
import { type Evidence, Fault, isUnavailable, purlOf, type RegistryReleaseClaim, type ReleaseFile } from "../model/index.ts";
import type { PythonIndex } from "../sources/pypi-config.ts";
import type { Sources } from "./npm-evidence.ts";

export interface PypiRelease {
  readonly purl: string;
  /** The file that is read: `name-1.0-py3-none-any.whl`. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly kind: ReturnType<typeof archiveKindOf>;
  readonly evidence: Evidence<RegistryReleaseClaim>;
}

/** Throws `source/*`. The index is the first of those configured that has the release. */
export async function pypiRelease(
  { name, version }: { readonly name: string; readonly version: string },
  sources: Sources,
): Promise<PypiRelease> {
  const { index, evidence } = await releaseOf(name, version, sources);
  const file = fileToRead(evidence.claim.files ?? []);
  if (file === null)
    throw new Fault("source/not-found", `${evidence.source} has no wheel and no source distribution of ${name} ${version}.`);
  const bytes = await sources.pypi.file(index, file);
  return { purl: evidence.subject.purl, file: file.name, bytes, kind: archiveKindOf(file.name), evidence };
}

async function releaseOf(
  name: string,
  version: string,
  { pypi, pypiConfig }: Sources,
): Promise<{ readonly index: PythonIndex; readonly evidence: Evidence<RegistryReleaseClaim> }> {
  const indexes = pypiConfig.indexes();
  if (isUnavailable(indexes))
    throw new Fault("source/configuration", indexes.because, indexes.cure === undefined ? {} : { hint: indexes.cure });
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

/**
 * What an installer would take on any machine: the wheel of pure Python, else the source distribution, from which all others are built, else the first
 * wheel by name. A release is several files; those that are not read are named beside it.
 */
function fileToRead(files: readonly ReleaseFile[]): ReleaseFile | null {
  const pure = files.find(({ name }) => /-none-any\.whl$/i.test(name));
  const source = files.find(({ name }) => /\.(?:tar\.gz|tgz|zip)$/i.test(name));
  return pure ?? source ?? files.find(({ name }) => /\.whl$/i.test(name)) ?? null;
}
