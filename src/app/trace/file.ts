/**
 * The way of a release that is a file: the tarball beside a project's tags, a source distribution, a crate, a wheel, a gem. No registry is asked; what is
 * attested comes from a file as well. The release of xz that opened a door was such a tarball, with a file that the repository never had.
 */
import { resolve } from "node:path";
import { Fault, type ProvenanceEvidence, type Unavailable } from "../../model/index.ts";
import { userFolders } from "../../store/folders.ts";
import { openSources } from "../npm-evidence.ts";
import { readReleaseArchive } from "./archive.ts";
import { classifyFiles } from "./files.ts";
import { tagLedger } from "./ledger.ts";
import type { TraceOptions, TraceResult } from "./options.ts";
import { attestedCommit, givenAttestations, readGiven, runRecord } from "./proofs.ts";
import { findSource } from "./source.ts";
import { drawWay } from "./way.ts";
import { openTrust } from "../trust.ts";

/** As for packages of a registry. */
const MAX_RELEASE_BYTES = 512 * 1024 * 1024;

const nobodyAsked: Unavailable = {
  unavailable: true,
  code: "source/not-asked",
  because: "It was given as a file, and no registry was asked about it.",
};

/** Throws `input/*` for files that cannot be read, the faults of git, `cli/usage` for what only a registry's packages have. */
export async function traceFile(options: TraceOptions): Promise<TraceResult> {
  for (const [name, value] of [
    ["--rebuild", options.rebuild],
    ["--tarball", options.tarball],
  ] as const)
    if (value !== undefined) throw new Fault("cli/usage", `${name} is for packages of npm's registry, and ${options.wanted} is a file.`);
  const say = options.onProgress ?? (() => undefined);
  say("opening the archive");
  const bytes = await readGiven(resolve(options.cwd, options.wanted), options.wanted, MAX_RELEASE_BYTES);
  const { published, packer, artifact, purl, name, version, commit, directory } = await readReleaseArchive(options.wanted, bytes);
  const provenance = await provenanceOf(options, purl, artifact);
  const attested = attestedCommit(provenance);
  const sources = await openSources({ cwd: options.cwd, env: options.env, offline: options.offline ?? false, ...signalOf(options) });
  const { data } = userFolders(options.env);
  try {
    const run = await runRecord(sources, provenance, options);
    say("reading the source");
    const found = await findSource({
      name,
      version,
      cwd: options.cwd,
      offline: options.offline ?? false,
      attested,
      stated: commit === "" ? null : { commit, by: "package" },
      root: () => openTrust(data).root,
      ledger: tagLedger(data),
      ...(options.git === undefined ? {} : { git: options.git }),
      ...(options.archive === undefined ? {} : { archive: options.archive }),
      ...(options.commit === undefined ? {} : { commit: options.commit }),
      directory: options.directory ?? directory,
      ...signalOf(options),
    });
    try {
      const { tree, source } = found;
      const files =
        tree === null || source === null
          ? []
          : await classifyFiles(published, tree, { directory: source.directory, packer, commit: source.commit });
      const way = drawWay({
        kind: "file",
        purl,
        name,
        version,
        artifact,
        release: nobodyAsked,
        provenance,
        run,
        gitHead: commit,
        attested,
        repository: found.repository,
        source,
        archive: found.archive,
        noSource: found.why,
        files,
        rebuild: null,
      });
      return { trace: way, statement: null, notes: [] };
    } finally {
      await found.close();
    }
  } finally {
    await sources.close();
  }
}

const signalOf = ({ signal }: TraceOptions): { readonly signal?: AbortSignal } => (signal === undefined ? {} : { signal });

async function provenanceOf(
  options: TraceOptions,
  purl: string,
  artifact: Awaited<ReturnType<typeof readReleaseArchive>>["artifact"],
): Promise<ProvenanceEvidence | Unavailable> {
  if (options.attestations === undefined)
    return { ...nobodyAsked, because: "No attestation was given for the file.", cure: "--attestations FILE" };
  return { signatures: [], expectations: [], attestations: await givenAttestations(options.attestations, { purl, artifact, options }) };
}
