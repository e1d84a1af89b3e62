/**
 * Reads what a Python package index says of one project: the simple API as JSON (PEP 691, 700, 740, 792) or, where a server has only that, as HTML
 * (PEP 503, 592, 740). https://packaging.python.org/en/latest/specifications/simple-repository-api/
 */
import { Fault, type PackageManifest, type RegistryReleaseClaim, type ReleaseFile } from "../model/index.ts";
import { normalPep440, requireOrder } from "../versions/index.ts";
import type { DocumentData } from "./npm-document.ts";

/** JSON first; pages of HTML are taken from servers that know no better. */
export const SIMPLE_API = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

/** Name after PEP 503: under it an index keeps a project. */
export const projectName = (name: string): string => name.replaceAll(/[-_.]+/g, "-").toLowerCase();

/** The largest projects have some ten thousand files; what is beyond is no project that we know how to read. */
const MOST_FILES = 200_000;

type Loose = Readonly<Record<string, unknown>>;

interface Page {
  readonly name: string;
  readonly files: readonly ReleaseFile[];
  readonly versions: readonly string[];
  readonly status: DocumentData["status"];
}

/**
 * The project's releases, their versions written as PEP 440 has them. `address` is where the answer came from: relative addresses are relative to
 * it. Throws `source/body` where the answer is no page of this project.
 */
export function readSimplePage(name: string, address: string, contentType: string, body: Buffer): DocumentData {
  const text = body.toString("utf8");
  const json = /[/+]json\b/i.test(contentType) || text.trimStart().startsWith("{");
  const page = json ? fromJson(address, text, body.length) : fromHtml(address, text);
  if (page.name !== "" && projectName(page.name) !== projectName(name))
    throw new Fault("source/body", `${address} answered with another project, ${JSON.stringify(page.name).slice(0, 100)}.`);
  if (page.files.length > MOST_FILES) throw new Fault("source/too-large", `${address} names more than ${MOST_FILES} files.`);
  return documentOf(projectName(name), page);
}

function fromJson(address: string, text: string, length: number): Page {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("source/body", `${address} answered with what is no whole JSON text (${length} bytes).`, { cause });
  }
  const files = isObject(value) ? value["files"] : undefined;
  if (!isObject(value) || !Array.isArray(files))
    throw new Fault("source/body", `${address} answered with JSON that is no page of a package index (PEP 691).`);
  const versions = Array.isArray(value["versions"]) ? value["versions"].filter((one): one is string => typeof one === "string") : [];
  const status = isObject(value["project-status"]) ? value["project-status"] : {};
  return {
    name: textOf(value["name"]),
    files: files.flatMap((file: unknown) => (isObject(file) ? jsonFile(address, file) : [])),
    versions,
    status: textOf(status["status"]) === "" ? undefined : { name: textOf(status["status"]), reason: textOf(status["reason"]) },
  };
}

function jsonFile(address: string, file: Loose): readonly ReleaseFile[] {
  const name = textOf(file["filename"]);
  const url = resolved(textOf(file["url"]), address);
  if (name === "" || url === "") return [];
  const hashes = isObject(file["hashes"]) ? file["hashes"] : {};
  const { yanked, provenance, size } = file;
  const uploaded = textOf(file["upload-time"]);
  return [
    {
      name,
      url,
      integrity: Object.entries(hashes)
        .flatMap(([algorithm, hex]) => sriOf(algorithm, textOf(hex)))
        .join(" "),
      ...(typeof size === "number" && Number.isFinite(size) ? { size } : {}),
      ...(uploaded === "" ? {} : { uploaded }),
      ...(typeof yanked === "string" ? { yanked } : yanked === true ? { yanked: "" } : {}),
      ...metadataOf(file["core-metadata"] ?? file["dist-info-metadata"] ?? file["data-dist-info-metadata"]),
      ...(Object.hasOwn(file, "provenance") ? { attestationsUrl: provenanceAddress(textOf(provenance), url, address) } : {}),
    },
  ];
}

/** PEP 658 and 714: the hashes of the metadata that is served beside the file, or only that it is. */
function metadataOf(value: unknown): Pick<ReleaseFile, "metadata"> {
  if (value === true) return { metadata: "" };
  if (!isObject(value)) return {};
  return {
    metadata: Object.entries(value)
      .flatMap(([algorithm, hex]) => sriOf(algorithm, textOf(hex)))
      .join(" "),
  };
}

/** Two forms of HTML's attributes, and no more of HTML than links: names and values of what an index says. */
function fromHtml(address: string, text: string): Page {
  if (!/<a\s|<html|<!doctype/i.test(text.slice(0, HEAD)) || /<input\b[^>]*type=["']?password/i.test(text))
    throw new Fault("source/body", `${address} answered with neither JSON nor the page of a package index.`, {
      hint: "A login page or a proxy is usual; open the address in a browser.",
    });
  const files: ReleaseFile[] = [];
  for (const [, written = "", label = ""] of text.matchAll(/<a\s([^<]{1,8192}?)>\s*([^<]{1,1024}?)\s*<\/a\s*>/gi)) {
    if (files.length > MOST_FILES) break;
    const attributes = new Map<string, string>();
    for (const [, key = "", , double, single] of written.matchAll(/([\w-]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g))
      if (!attributes.has(key.toLowerCase())) attributes.set(key.toLowerCase(), unescaped(double ?? single ?? ""));
    const url = resolved(attributes.get("href") ?? "", address);
    const name = unescaped(label);
    if (url === "" || !/\.(?:whl|zip|egg|tar\.\w+|tgz)$/i.test(name)) continue;
    const [, algorithm = "", hex = ""] = /#(\w+)=([0-9a-f]+)/i.exec(url) ?? [];
    const provenance = attributes.get("data-provenance");
    const metadata = attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata");
    const [, metadataAlgorithm = "", metadataHex = ""] = /^(\w+)=([0-9a-f]+)$/i.exec(metadata ?? "") ?? [];
    const plain = url.replace(/#.*$/s, "");
    files.push({
      name,
      url: plain,
      integrity: sriOf(algorithm, hex).join(" "),
      ...(attributes.has("data-yanked") ? { yanked: attributes.get("data-yanked") ?? "" } : {}),
      ...(metadata === undefined ? {} : { metadata: sriOf(metadataAlgorithm, metadataHex).join(" ") }),
      ...(provenance === undefined ? {} : { attestationsUrl: provenanceAddress(provenance, plain, address) }),
    });
  }
  const status = /<meta\s+name="pypi:project-status"\s+content="([^"<>]{1,40})"/i.exec(text)?.[1];
  return { name: "", files, versions: [], status: status === undefined ? undefined : { name: status, reason: "" } };
}

/** Where a page of HTML says that it is one. */
const HEAD = 8192;

/** PEP 740 first had the provenance's hash there, and the object beside the file. */
function provenanceAddress(value: string, file: string, address: string): string {
  if (/^[0-9a-f]{64}$/i.test(value)) return `${file}.provenance`;
  return value === "" ? "" : resolved(value, address);
}

/** An address of the web, "" for any other. */
function resolved(reference: string, base: string): string {
  if (reference === "" || !URL.canParse(reference, base)) return "";
  const url = new URL(reference, base);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
}

const HEX_DIGITS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 };

function sriOf(algorithm: string, hex: string): readonly string[] {
  const name = algorithm.toLowerCase();
  return Object.hasOwn(HEX_DIGITS, name) && HEX_DIGITS[name] === hex.length && /^[0-9a-f]+$/i.test(hex)
    ? [`${name}-${Buffer.from(hex, "hex").toString("base64")}`]
    : [];
}

const order = requireOrder("PyPI");

function documentOf(name: string, page: Page): DocumentData {
  const byVersion = new Map<string, ReleaseFile[]>();
  for (const version of page.versions) byVersion.set(normalPep440(version), []);
  // A page that names attestations of some files says of the others that they have none; one that never does says nothing.
  const told = page.files.some(({ attestationsUrl }) => attestationsUrl !== undefined);
  for (const given of page.files) {
    const file = told && given.attestationsUrl === undefined ? { ...given, attestationsUrl: "" } : given;
    const version = versionOfFile(name, file.name);
    if (version === null) continue;
    const known = byVersion.get(version);
    if (known === undefined) byVersion.set(version, [file]);
    else known.push(file);
  }
  const time: Record<string, string> = {};
  const releases = [...byVersion]
    .toSorted(([a], [b]) => order.compare(a, b))
    .map(([version, files]): readonly [string, RegistryReleaseClaim] => {
      // Files may be added to a release for years: it was published when the first one was.
      const first = files.flatMap(({ uploaded }) => (uploaded === undefined ? [] : [uploaded])).toSorted()[0];
      if (first !== undefined) time[version] = first;
      return [version, releaseOf(name, version, files, first)];
    });
  const latest =
    releases.findLast(([version, { yanked }]) => yanked === undefined && /^[\d.!]+(?:\.post\d+)?$/.test(version)) ?? releases.at(-1);
  return {
    name,
    ...(page.status === undefined ? {} : { status: page.status }),
    distTags: latest === undefined ? {} : { latest: latest[0] },
    time,
    releases,
  };
}

function releaseOf(name: string, version: string, unsorted: readonly ReleaseFile[], published: string | undefined): RegistryReleaseClaim {
  const files = unsorted.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const yanked = files.length > 0 && files.every((file) => file.yanked !== undefined);
  return {
    kind: "registry-release",
    manifest: { ...nothingSaid, name, version },
    // No index of Python's says what is run at install; a source distribution may run anything.
    hasInstallScript: false,
    tarball: "",
    integrity: files
      .map(({ integrity }) => integrity)
      .filter((one) => one !== "")
      .join(" "),
    shasum: "",
    signatures: [],
    files,
    ...(yanked ? { yanked: files.find((file) => file.yanked !== "")?.yanked ?? "" } : {}),
    ...(published === undefined ? {} : { published }),
  };
}

/** The simple API speaks of files alone. */
const nothingSaid: Omit<PackageManifest, "name" | "version"> = {
  dependencies: {},
  optionalDependencies: {},
  peerDependencies: {},
  bundleDependencies: [],
  scripts: {},
  bin: {},
};

/**
 * The version in the name of a wheel, an egg or a source distribution of a project; null where the name has another form or is another project's.
 * Old source distributions have dashes in their names and versions, so that only the project's own name tells where the version begins.
 */
export function versionOfFile(project: string, file: string): string | null {
  const built = /^(.+?)\.(?:whl|egg)$/i.exec(file)?.[1];
  if (built !== undefined) {
    const [name = "", version = ""] = built.split("-");
    return projectName(name) === projectName(project) && version !== "" ? normalPep440(version.replaceAll("_", "-")) : null;
  }
  const stem = /^(.+?)\.(?:tar\.(?:gz|bz2|xz|z|lzma)|tgz|tbz|zip|tar)$/i.exec(file)?.[1];
  if (stem === undefined) return null;
  for (let dash = stem.indexOf("-"); dash > 0; dash = stem.indexOf("-", dash + 1))
    if (projectName(stem.slice(0, dash)) === projectName(project)) return normalPep440(stem.slice(dash + 1));
  return null;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'", "#34": '"' };
const unescaped = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|apos|#39|#34);/g, (whole, name: string) => ENTITIES[name] ?? whole);

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
