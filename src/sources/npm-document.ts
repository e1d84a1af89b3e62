/** Reads a registry's document of one package (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md) into what is kept of it. */
import { Fault, type PackageDocument, type PublisherClaim, type RegistryReleaseClaim, packageManifest } from "../model/index.ts";

/** A package document as plain data. */
export interface DocumentData {
  readonly name: string;
  readonly status?: PackageDocument["status"];
  readonly distTags: Readonly<Record<string, string>>;
  /** ISO 8601 by version, and under `created` and `modified`. */
  readonly time: Readonly<Record<string, string>>;
  /** In the document's order. */
  readonly releases: readonly (readonly [version: string, claim: RegistryReleaseClaim])[];
}

type Loose = Readonly<Record<string, unknown>>;

/** Throws `source/body` where the text is no document of this package. Releases that have no form are left out: nobody could install them. */
export function readPackageDocument(name: string, address: string, body: Buffer): DocumentData {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new Fault("source/body", `${address} answered with what is no whole JSON text (${body.length} bytes).`, { cause });
  }
  if (!isObject(value)) throw new Fault("source/body", `${address} answered with JSON that is no package document.`);
  const stated = value["name"];
  if (stated !== undefined && stated !== name)
    throw new Fault("source/body", `${address} answered with the document of another package, ${JSON.stringify(stated).slice(0, 100)}.`);
  const time = texts(value["time"]);
  const releases: [string, RegistryReleaseClaim][] = [];
  if (isObject(value["versions"]))
    for (const [version, release] of Object.entries(value["versions"])) {
      const claim = releaseClaim(release, Object.hasOwn(time, version) ? time[version] : undefined);
      if (claim !== null) releases.push([version, claim]);
    }
  return { name, distTags: texts(value["dist-tags"]), time, releases };
}

function releaseClaim(release: unknown, published: string | undefined): RegistryReleaseClaim | null {
  const manifest = packageManifest(release);
  if (manifest === null || !isObject(release)) return null;
  const dist = isObject(release["dist"]) ? release["dist"] : {};
  const attestations = isObject(dist["attestations"]) ? text(dist["attestations"]["url"]) : "";
  const deprecated = release["deprecated"] === true ? "deprecated" : text(release["deprecated"]);
  return {
    kind: "registry-release",
    manifest,
    ...(typeof release["hasInstallScript"] === "boolean" ? { hasInstallScript: release["hasInstallScript"] } : {}),
    tarball: text(dist["tarball"]),
    integrity: text(dist["integrity"]),
    shasum: text(dist["shasum"]),
    signatures: signaturesOf(dist["signatures"]),
    ...(attestations === "" ? {} : { attestationsUrl: attestations }),
    ...(deprecated === "" ? {} : { deprecated }),
    ...(published === undefined ? {} : { published }),
    ...publication(release),
  };
}

/** Who published it and how. Whole registries leave all of this out, so that nothing follows from what is missing. */
function publication(release: Loose): Pick<RegistryReleaseClaim, "publisher" | "maintainers" | "trustedPublisher" | "commit"> {
  const publisher = accountOf(release["_npmUser"]);
  const maintainers = Array.isArray(release["maintainers"]) ? release["maintainers"].map(accountOf).filter((one) => one !== null) : [];
  const user = isObject(release["_npmUser"]) ? release["_npmUser"] : {};
  const trusted = isObject(user["trustedPublisher"]) ? text(user["trustedPublisher"]["id"]) : "";
  const commit = text(release["gitHead"]);
  return {
    ...(publisher === null ? {} : { publisher }),
    ...(maintainers.length === 0 ? {} : { maintainers: maintainers.slice(0, MOST_MAINTAINERS) }),
    ...(trusted === "" ? {} : { trustedPublisher: trusted }),
    ...(/^[0-9a-f]{40,64}$/i.test(commit) ? { commit: commit.toLowerCase() } : {}),
  };
}

/** The largest teams have some dozens; what is kept of every release stays small. */
const MOST_MAINTAINERS = 100;

/** Both forms in which accounts are written: an object, and `name <mail>`. */
function accountOf(value: unknown): PublisherClaim | null {
  if (typeof value === "string") {
    const match = /^([^<]{0,200})(?:<([^>]{0,200})>)?/.exec(value.slice(0, LONGEST_ACCOUNT));
    return account(match?.[1]?.trim() ?? "", match?.[2]?.trim() ?? "");
  }
  return isObject(value) ? account(text(value["name"]), text(value["email"])) : null;
}

const LONGEST_ACCOUNT = 400;

const account = (name: string, email: string): PublisherClaim | null =>
  name === "" && email === "" ? null : { name: name.slice(0, LONGEST_ACCOUNT), email: email.slice(0, LONGEST_ACCOUNT) };

const signaturesOf = (value: unknown): readonly { keyid: string; sig: string }[] =>
  Array.isArray(value) ? value.filter(isObject).map((entry) => ({ keyid: text(entry["keyid"]), sig: text(entry["sig"]) })) : [];

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const texts = (value: unknown): Record<string, string> =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter((member): member is [string, string] => typeof member[1] === "string"))
    : {};
