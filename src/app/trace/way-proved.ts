/** The first half of the way: what the registry and the builder signed about these bytes. */
import { repositoryKey } from "../../checks/provenance/repository.ts";
import { type ArchiveHazard, type ArtifactClaim, type AttestationClaim, type TraceStep, isUnavailable } from "../../model/index.ts";
import { type WayFacts, tell } from "./way-facts.ts";
import { runStep } from "./way-run.ts";

/** Hazards with which two readers see two packages: such an archive has no one content that could be traced. */
const ambiguous: ReadonlySet<ArchiveHazard["kind"]> = new Set([
  "duplicate-entry",
  "bad-header",
  "trailing-data",
  "truncated",
  "path-escapes",
  "absolute-path",
  "link-escapes",
  "too-large",
  "too-many-entries",
  "too-dense",
]);

export function bytesStep({ kind, artifact, release, name, version }: WayFacts): TraceStep {
  const tellBytes = tell("bytes", "the bytes");
  const facts = { sha512: artifact.sha512, sha256: artifact.sha256, size: String(artifact.size) };
  const say = (state: TraceStep["state"], says: string): TraceStep => tellBytes(state, says, facts);
  const odd = artifact.hazards.find(({ kind }) => ambiguous.has(kind));
  if (odd !== undefined)
    return say(
      "broken",
      `The archive is not one that an honest packer writes: ${odd.path === "" ? "" : `${odd.path} `}${odd.detail.replace(/\.$/, "")}.`,
    );
  if (kind === "file") return say("observed", "Read from the file. No registry was asked whether it published these bytes.");
  if (artifact.manifest === null) return say("broken", "The archive holds no package.json that can be read.");
  if (artifact.manifest.name !== name || artifact.manifest.version !== version)
    return say("broken", `The package inside calls itself ${artifact.manifest.name}@${artifact.manifest.version}, not ${name}@${version}.`);
  if (isUnavailable(release))
    return say("unknown", `What the registry published is not known (${release.because}), so these bytes were compared with nothing.`);
  const { integrity, shasum } = release.claim;
  const own = { sha512: artifact.sha512, sha256: artifact.sha256, sha1: artifact.sha1 };
  for (const algorithm of ["sha512", "sha256", "sha1"] as const) {
    const promised = integrity.split(/\s+/).filter((hash) => hash.startsWith(`${algorithm}-`));
    if (promised.length === 0) continue;
    const mine = `${algorithm}-${Buffer.from(own[algorithm], "hex").toString("base64")}`;
    return promised.some((hash) => hash.split("?")[0] === mine)
      ? say("verified", `The bytes have the ${algorithm} that the registry published.`)
      : say("broken", `The bytes are not those that the registry published: their ${algorithm} differs.`);
  }
  if (shasum === "") return say("unknown", "The registry published no hash for this release.");
  return shasum.toLowerCase() === artifact.sha1
    ? say("observed", "The bytes have the SHA-1 that the registry published, and it published nothing stronger.")
    : say("broken", "The bytes are not those that the registry published: their SHA-1 differs.");
}

export function signatureStep({ provenance, artifact }: WayFacts): TraceStep {
  const say = tell("registry-signature", "registry signature");
  if (isUnavailable(provenance)) return say("unknown", `Not looked at: ${provenance.because}`);
  const [first] = provenance.signatures;
  if (first === undefined) return say("unknown", "The registry did not sign this release.");
  const good = provenance.signatures.find(({ claim }) => claim.refusal === undefined);
  if (good === undefined) {
    const { code, message } = first.claim.refusal ?? { code: "", message: "" };
    return say(
      code === "key-missing" || code === "artifact-undecidable" ? "unknown" : "broken",
      `The registry's signature does not hold: ${message}.`,
      {
        keyid: first.claim.keyid,
      },
    );
  }
  const facts = { keyid: good.claim.keyid, keyFrom: good.claim.keyFrom };
  if (!covers(good.claim.integrity, artifact)) return say("broken", "The registry signed other bytes under this name and version.", facts);
  return say("verified", "The registry signed the name, the version and the hash of these bytes.", facts);
}

function covers(integrity: string, artifact: ArtifactClaim): boolean {
  return (["sha512", "sha256", "sha1"] as const).some((algorithm) =>
    integrity
      .split(/\s+/)
      .some((hash) => hash.split("?")[0] === `${algorithm}-${Buffer.from(artifact[algorithm], "hex").toString("base64")}`),
  );
}

/** True where one of the subjects is these bytes, by a hash that is not broken, and none of its strong hashes says otherwise. */
const isAbout = (claim: AttestationClaim, artifact: ArtifactClaim): boolean =>
  claim.subjects.some(({ digest }) => {
    const shared = (["sha512", "sha256"] as const).filter((algorithm) => Object.hasOwn(digest, algorithm));
    return shared.length > 0 && shared.every((algorithm) => digest[algorithm]?.toLowerCase() === artifact[algorithm]);
  });

export function publishStep({ provenance, artifact, name, version }: WayFacts): TraceStep {
  const say = tell("publish-attestation", "publish attestation");
  if (isUnavailable(provenance)) return say("unknown", `Not looked at: ${provenance.because}`);
  const claim = provenance.attestations.find((one) => one.claim.states === "publish")?.claim;
  if (claim === undefined) return say("unknown", "The registry attests no publishing of this release.");
  if (claim.refusal !== undefined) return say(refusalState(claim), `The publish attestation does not hold: ${claim.refusal.message}.`);
  if (!isAbout(claim, artifact)) return say("broken", "The publish attestation is about other bytes.");
  if (claim.publish !== null && (claim.publish.name !== name || claim.publish.version !== version))
    return say("broken", `The publish attestation is about ${claim.publish.name}@${claim.publish.version}.`);
  return say("verified", `The registry attests that it took these bytes in${claim.signedAt === "" ? "" : ` (${claim.signedAt})`}.`, {
    signedAt: claim.signedAt,
    key: claim.signer?.identity ?? "",
  });
}

/** A key or root that is not here proves nothing either way; whatever else refuses it contradicts it. */
const refusalState = (claim: AttestationClaim): "unknown" | "broken" =>
  ["key-missing", "certificate-untrusted", "log-untrusted", "timestamp-untrusted", "artifact-undecidable"].includes(
    claim.refusal?.code ?? "",
  )
    ? "unknown"
    : "broken";

/** Build provenance and the run that it names. */
export function buildSteps({ provenance, artifact, release, run }: WayFacts): readonly TraceStep[] {
  const provenanceStep = tell("provenance", "build provenance");
  const tellRun = tell("run", "workflow run");
  const both = (state: TraceStep["state"], says: string, run: string): readonly TraceStep[] => [
    provenanceStep(state, says),
    tellRun("unknown", run),
  ];
  if (isUnavailable(provenance)) return both("unknown", `Not looked at: ${provenance.because}`, "Not looked at.");
  const builds = provenance.attestations.filter(({ claim }) => claim.states === "build").map(({ claim }) => claim);
  const claim = builds.find((one) => one.refusal === undefined) ?? builds[0];
  if (claim === undefined) return both("unknown", "Nobody attests where this release was built.", "No run is named.");
  if (claim.refusal !== undefined)
    return both(
      refusalState(claim),
      `The build provenance does not hold: ${claim.refusal.message}.`,
      "No run is named that could be believed.",
    );
  if (!isAbout(claim, artifact))
    return both("broken", "The build provenance is about other bytes.", "The run named there made other bytes.");
  const { build, signer } = claim;
  const [difference] = claim.disagreements;
  if (difference !== undefined)
    return both(
      "broken",
      `The provenance contradicts its certificate about the ${difference.about}: ${difference.statement} there, ${difference.certificate} here.`,
      "No run is named that could be believed.",
    );
  if ((build?.contradictions.length ?? 0) > 1)
    return both(
      "broken",
      `The provenance names several sources: ${build?.contradictions.join(", ") ?? ""}.`,
      "No run is named that could be believed.",
    );
  const source = signer?.source !== "" && signer !== null ? signer.source : (build?.source ?? "");
  const stated = isUnavailable(release) ? "" : (release.claim.manifest.repository ?? "");
  const other = stated !== "" && source !== "" && repositoryKey(stated) !== "" && repositoryKey(stated) !== repositoryKey(source);
  const way = provenanceStep(
    other ? "broken" : "verified",
    other
      ? `Built from ${source}, while the package names ${stated} as its repository; a repository that was renamed looks like this too.`
      : `Signed by ${signer?.workflow === "" || signer === null ? (signer?.identity ?? "an unnamed signer") : signer.workflow}: built from ${source}${build?.ref ? ` at ${build.ref}` : ""}.`,
    { source, ref: build?.ref ?? "", commit: build?.commit ?? "", builder: build?.builder ?? "", signedAt: claim.signedAt },
  );
  return [way, runStep(claim, run)];
}
