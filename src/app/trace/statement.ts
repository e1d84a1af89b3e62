/**
 * The word of a rebuilder, as an in-toto Statement v1 with SLSA provenance of OSS Rebuild's build type "ArtifactEquivalence": this published
 * artifact and the one that was built here are the same, but for what the named stabilisers take away. Not signed: sign it to pass it on.
 */
import type { Json, Trace } from "../../model/index.ts";

const EQUIVALENCE = "https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1";
/** Who states it: this program, on whatever machine it ran. Nobody but its user vouches for that. */
const BUILDER = "https://tributary.example/rebuild";

/** null where the trace holds no rebuild that is equivalent: nothing is stated then. */
export function equivalenceStatement(trace: Trace): Json | null {
  const { rebuild, artifact, source } = trace;
  const comparison = rebuild?.comparison;
  if (rebuild === null || comparison === null || comparison === undefined || comparison.equal === "no") return null;
  const file = `${trace.name.replace(/^@/, "").replace("/", "-")}-${trace.version}.tgz`;
  const candidate = `rebuild/${file}`;
  const target = artifact.source;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: file, digest: { sha256: artifact.sha256, sha512: artifact.sha512 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: EQUIVALENCE,
        externalParameters: { candidate, target },
        internalParameters: {
          equal: comparison.equal,
          stabilisers: comparison.stabilisers,
          sandbox: rebuild.sandbox,
          commands: rebuild.commands,
          tools: rebuild.tools.map(({ name, version, from }) => ({ name, version, from })),
        },
        resolvedDependencies: [
          { name: candidate, digest: { sha256: rebuild.sha256 } },
          { name: target, digest: { sha256: artifact.sha256 } },
          ...(source === null ? [] : [sourceDependency(source)]),
        ],
      },
      runDetails: {
        builder: { id: BUILDER },
        byproducts: [{ name: `normalized/${file}`, digest: { sha256: comparison.stabilised.published } }],
      },
    },
  };
}

function sourceDependency(source: NonNullable<Trace["source"]>): Json {
  return source.kind === "git" && source.commit !== ""
    ? { uri: `git+${source.name}@${source.commit}`, digest: { gitCommit: source.commit } }
    : { name: source.name };
}
