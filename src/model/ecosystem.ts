/**
 * The bridge between the names of OSV (ecosystem and package name, https://ossf.github.io/osv-schema/#defined-ecosystems) and
 * package URLs. One table, read in both directions.
 */
import { Fault } from "./fault.ts";
import type { Ecosystem } from "./project.ts";
import { type Purl, formatPurl, parsePurl } from "./purl.ts";

/** How a package's name in OSV becomes namespace and name of a purl, and back. */
interface Naming {
  /** Namespace, name and subpath. */
  readonly split: (name: string) => readonly [namespace: string, name: string, subpath?: string];
  readonly join: (purl: Purl) => string;
}

interface Mapping {
  readonly type: string;
  readonly naming: Naming;
  /** For distributions: the purl's namespace; the release goes into the qualifier `distro`. */
  readonly distribution?: string;
  /** Namespaces under which others write the same distribution. */
  readonly aliases?: readonly string[];
}

const asItStands: Naming = { split: (name) => ["", name], join: ({ name }) => name };

/** `group/name`, split at the last separator. */
const byLast = (separator: string): Naming => ({
  split: (name) => {
    const at = name.lastIndexOf(separator);
    return at < 0 ? ["", name] : [separator === "/" ? name.slice(0, at) : name.slice(0, at).replaceAll(separator, "/"), name.slice(at + 1)];
  },
  join: ({ namespace, name }) => (namespace === "" ? name : `${namespace}${separator}${name}`),
});

const bySlash = byLast("/");

/** PEP 503: runs of "-", "_" and "." are one dash. OSV wants the name so, and the purl of a component follows it. */
const pypi: Naming = {
  split: (name) => ["", name.replaceAll(/[-_.]+/g, "-").toLowerCase()],
  join: ({ name }) => name.replaceAll(/[-_.]+/g, "-").toLowerCase(),
};

/** OSV names the repository; a purl knows no scheme and no `.git`. */
const swift: Naming = {
  split: (name) => bySlash.split(name.replace(/^[a-z+]+:\/\//, "").replace(/\.git$/, "")),
  join: bySlash.join,
};

/** `owner/repository`, with the folder inside it as subpath. */
const action: Naming = {
  split: (name) => {
    const [owner = "", repository, ...folders] = name.split("/");
    return repository === undefined ? ["", owner] : [owner, repository, folders.join("/")];
  },
  join: ({ namespace, name, subpath }) => `${namespace}/${name}${subpath === "" ? "" : `/${subpath}`}`,
};

/** `publisher.name`; neither part may hold a dot. */
const extension: Naming = {
  split: (name) => {
    const at = name.search(/[./]/);
    return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
  },
  join: ({ namespace, name }) => `${namespace}.${name}`,
};

/** Ecosystems for which the purl specification has no type: generic, with a namespace that says which. */
const generic = (namespace: string): Mapping => ({
  type: "generic",
  naming: {
    split: (name) => {
      const [inner, last] = bySlash.split(name);
      return [inner === "" ? namespace : `${namespace}/${inner}`, last];
    },
    join: (purl) => bySlash.join({ ...purl, namespace: purl.namespace.slice(namespace.length + 1) }),
  },
  distribution: namespace,
});

const plain = (type: string, naming: Naming = asItStands): Mapping => ({ type, naming });
const distribution = (type: string, name: string, aliases: readonly string[] = []): Mapping => ({
  type,
  naming: asItStands,
  distribution: name,
  aliases,
});

const mappings: ReadonlyMap<string, Mapping> = new Map<string, Mapping>([
  ["npm", plain("npm", bySlash)],
  ["PyPI", plain("pypi", pypi)],
  ["Maven", plain("maven", { split: (name) => byMavenColon(name), join: byLast(":").join })],
  ["crates.io", plain("cargo")],
  ["Go", plain("golang", bySlash)],
  ["RubyGems", plain("gem")],
  ["NuGet", plain("nuget")],
  ["Packagist", plain("composer", bySlash)],
  ["Hex", plain("hex", bySlash)],
  ["Pub", plain("pub")],
  ["CRAN", plain("cran")],
  ["Bioconductor", plain("bioconductor")],
  ["Hackage", plain("hackage")],
  ["ConanCenter", plain("conan", bySlash)],
  ["SwiftURL", plain("swift", swift)],
  ["GitHub Actions", plain("github", action)],
  ["Julia", plain("julia")],
  ["opam", plain("opam")],
  ["VSCode", plain("vscode-extension", extension)],
  ["Bitnami", plain("bitnami")],
  ["Debian", distribution("deb", "debian")],
  ["Ubuntu", distribution("deb", "ubuntu")],
  ["Echo", distribution("deb", "echo")],
  ["Alpine", distribution("apk", "alpine")],
  ["Alpaquita", distribution("apk", "alpaquita")],
  ["BellSoft Hardened Containers", distribution("apk", "bellsoft-hardened-containers")],
  ["Chainguard", distribution("apk", "chainguard")],
  ["MinimOS", distribution("apk", "minimos")],
  ["Wolfi", distribution("apk", "wolfi")],
  ["CleanStart", distribution("apk", "cleanstart")],
  ["AlmaLinux", distribution("rpm", "almalinux", ["alma"])],
  ["Azure Linux", distribution("rpm", "azurelinux", ["mariner"])],
  ["Mageia", distribution("rpm", "mageia")],
  ["openEuler", distribution("rpm", "openeuler")],
  ["openSUSE", distribution("rpm", "opensuse")],
  ["Photon OS", distribution("rpm", "photon")],
  ["Red Hat", distribution("rpm", "redhat", ["rhel"])],
  ["Rocky Linux", distribution("rpm", "rocky-linux", ["rocky", "rockylinux"])],
  ["SUSE", distribution("rpm", "suse", ["sles"])],
  ["Docker Hardened Images", generic("docker-hardened-images")],
  ["FreeBSD", generic("freebsd")],
  ["Root", generic("root")],
  ["TuxCare", generic("tuxcare")],
  ["GHC", generic("ghc")],
  ["Kubernetes", generic("kubernetes")],
  ["Linux", generic("linux")],
  ["Android", generic("android")],
  ["OSS-Fuzz", generic("oss-fuzz")],
]);

function byMavenColon(name: string): readonly [string, string] {
  const at = name.indexOf(":");
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
}

/** From type to ecosystems; a type with distributions has several, told apart by the namespace. */
const byType = new Map<string, Map<string, string>>();
for (const [ecosystem, mapping] of mappings) {
  const spaces = byType.get(mapping.type) ?? new Map<string, string>();
  byType.set(mapping.type, spaces);
  if (mapping.distribution === undefined) spaces.set("", ecosystem);
  else for (const name of [mapping.distribution, ...(mapping.aliases ?? [])]) spaces.set(name, ecosystem);
}

/** Code names of Debian (distro-info-data); purls carry them as `distro=bookworm`. */
const debianReleases: ReadonlyMap<string, string> = new Map([
  ["sarge", "3.1"],
  ["etch", "4.0"],
  ["lenny", "5.0"],
  ["squeeze", "6.0"],
  ["wheezy", "7"],
  ["jessie", "8"],
  ["stretch", "9"],
  ["buster", "10"],
  ["bullseye", "11"],
  ["bookworm", "12"],
  ["trixie", "13"],
  ["forky", "14"],
]);
const ubuntuReleases: ReadonlyMap<string, string> = new Map([
  ["trusty", "14.04"],
  ["xenial", "16.04"],
  ["bionic", "18.04"],
  ["focal", "20.04"],
  ["jammy", "22.04"],
  ["noble", "24.04"],
  ["questing", "25.10"],
  ["resolute", "26.04"],
]);

/** Splits `Debian:12` into name and release. */
export function splitEcosystem(ecosystem: Ecosystem): readonly [name: string, suffix: string] {
  const colon = ecosystem.indexOf(":");
  return colon < 0 ? [ecosystem, ""] : [ecosystem.slice(0, colon), ecosystem.slice(colon + 1)];
}

/** `12` becomes `debian-12`, as os-release and most producers write it; what has no common spelling stays as OSV has it. */
function distroOf(name: string, suffix: string, id: string): string {
  if (name === "Ubuntu") return `${id}-${suffix.replace(/:LTS$/, "").replace(/^Pro:/, "pro-")}`;
  if (name === "Alpine") return `${id}-${suffix.replace(/^v/, "")}`;
  return /^(?:\d[\w.]*|edge|sid|stream)$/.test(suffix) ? `${id}-${suffix}` : suffix;
}

function suffixOf(name: string, distro: string): string {
  const release = distro.replace(/^[A-Za-z_]+(?:-linux)?-(?=[\d.]|edge|pro-|sid|stream)/, "");
  if (name === "Debian") return debianReleases.get(release) ?? release;
  if (name === "Alpine") return release === "edge" ? release : `v${/^\d+\.\d+/.exec(release)?.[0] ?? release}`;
  if (name !== "Ubuntu") return release;
  const pro = release.startsWith("pro-");
  const number = ubuntuReleases.get(release) ?? (pro ? release.slice(4) : release);
  const year = Number(/^(\d\d)\.04$/.exec(number)?.[1] ?? "1");
  // OSV demands the mark on long-term releases: those of April in even years.
  return `${pro ? "Pro:" : ""}${number}${year % 2 === 0 ? ":LTS" : ""}`;
}

/**
 * The canonical purl of a package as OSV names it. `version` may be "". A release of a distribution (`Debian:12`) becomes the
 * qualifier `distro`; a repository of its own (`Maven:https://…`) becomes `repository_url`. An ecosystem of "" gives `pkg:generic`.
 * Throws `purl/invalid` where OSV defines no such ecosystem, or where the name makes no purl (Julia's need the qualifier `uuid`).
 */
export function purlOf(ecosystem: Ecosystem, name: string, version: string, qualifiers?: Readonly<Record<string, string>>): string {
  if (ecosystem === "npm" && name[0] !== "@" && qualifiers === undefined && !name.includes("/"))
    return formatPurl({ type: "npm", name, version });
  const [base, suffix] = splitEcosystem(ecosystem);
  if (base === "") {
    const [namespace, last] = bySlash.split(name);
    return formatPurl({ type: "generic", namespace, name: last, version, qualifiers: qualifiers ?? null });
  }
  const mapping = mappings.get(base);
  if (mapping === undefined)
    throw new Fault("purl/invalid", `no package URL type is known for the ecosystem ${ecosystem}`, {
      hint: "Ecosystems are written as OSV defines them, with capitals: npm, PyPI, crates.io, Debian:12",
    });
  const [namespace, last, subpath = ""] = mapping.naming.split(name);
  const added: Record<string, string> = {};
  if (suffix !== "") {
    if (mapping.distribution !== undefined) added["distro"] = distroOf(base, suffix, mapping.distribution);
    else added["repository_url"] = suffix;
  }
  return formatPurl({
    type: mapping.type,
    namespace: mapping.type !== "generic" && mapping.distribution !== undefined ? mapping.distribution : namespace,
    name: last,
    version,
    qualifiers: suffix === "" && qualifiers === undefined ? null : { ...added, ...qualifiers },
    subpath,
  });
}

/** A package as OSV names it. */
export interface OsvPackage {
  /** With the release where the purl tells it: `Debian:12`. */
  readonly ecosystem: Ecosystem;
  readonly name: string;
  /** As the purl has it; "" for none. */
  readonly version: string;
}

/**
 * The OSV ecosystem and name of a purl (text or parsed); null where OSV has no ecosystem for it.
 * Throws `purl/invalid` where the text is no purl.
 */
export function ecosystemOf(purl: string | Purl): OsvPackage | null {
  const parsed = typeof purl === "string" ? parsePurl(purl) : purl;
  const spaces = byType.get(parsed.type);
  if (spaces === undefined) return null;
  const space = parsed.namespace.split("/")[0] ?? "";
  const base = spaces.get("") ?? spaces.get(space.toLowerCase());
  if (base === undefined) return null;
  const mapping = mappings.get(base);
  if (mapping === undefined) return null;
  const qualifier = mapping.distribution === undefined ? "" : valueOf(parsed, "distro");
  const suffix = qualifier === "" ? "" : suffixOf(base, qualifier);
  return { ecosystem: suffix === "" ? base : `${base}:${suffix}`, name: mapping.naming.join(parsed), version: parsed.version };
}

const valueOf = (purl: Purl, key: string): string => (Object.hasOwn(purl.qualifiers, key) ? (purl.qualifiers[key] ?? "") : "");
