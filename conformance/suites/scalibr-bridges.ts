/**
 * Which of our formats reads which of osv-scalibr's suites outside npm, and where the two models differ for them. Each bridge says the
 * difference; none of them looks at what a case expects.
 */
import { namedVersion } from "../../src/inventory/python/requirement.ts";
import { type Component, type Listing, type Node, parsePurl } from "../../src/model/index.ts";

/** One package as upstream would state it, made of ours. */
export interface OurPackage {
  readonly name: string;
  readonly version: string;
  readonly purlType: string;
  readonly line: number | undefined;
  readonly commit: string;
  readonly repo: string;
  readonly groups: readonly string[];
  readonly resolved: string;
  readonly node: Node;
  readonly component: Component | undefined;
}

const formatOfSuite: Readonly<Record<string, string>> = {
  "language/cpp/conanlock": "cpp/conan-lock",
  "language/dart/pubspec": "dart/pubspec-lock",
  "language/dotnet/csproj": "dotnet/csproj",
  "language/dotnet/depsjson": "dotnet/deps-json",
  "language/dotnet/nugetcpm": "dotnet/central-packages",
  "language/dotnet/packagesconfig": "dotnet/packages-config",
  "language/dotnet/packageslockjson": "dotnet/packages-lock",
  "language/dotnet/paketdependencies": "dotnet/paket-dependencies",
  "language/dotnet/paketlock": "dotnet/paket-lock",
  "language/elixir/mixlock": "hex/mix-lock",
  "language/erlang/mixlock": "hex/mix-lock",
  "language/gleam/gleamtoml": "hex/gleam-toml",
  "language/golang/gomod": "go/mod",
  "language/golang/vendormodules": "go/vendor-modules",
  "language/haskell/cabal": "haskell/cabal-freeze",
  "language/haskell/stacklock": "haskell/stack-lock",
  "language/java/gradlelockfile": "java/gradle-lock",
  "language/java/gradleverificationmetadataxml": "java/gradle-verification",
  "language/java/gradleversioncatalog": "java/gradle-catalog",
  "language/java/pomxml": "java/pom",
  "language/julia/manifesttoml": "julia/manifest",
  "language/julia/projecttoml": "julia/project",
  "language/ocaml/opam": "ocaml/opam-installed",
  "language/perl/cpan": "perl/cpan-meta",
  "language/php/composerlock": "php/composer-lock",
  "language/python/condameta": "python/conda-meta",
  "language/python/pdmlock": "python/pdm-lock",
  "language/python/pipfilelock": "python/pipfile-lock",
  "language/python/poetrylock": "python/poetry-lock",
  "language/python/pylock": "python/pylock",
  "language/python/pyprojecttoml": "python/pyproject",
  "language/python/requirements": "python/requirements",
  "language/python/setup": "python/setup",
  "language/python/uvlock": "python/uv-lock",
  "language/r/renvlock": "r/renv-lock",
  "language/ruby/gemfilelock": "ruby/gemfile-lock",
  "language/ruby/gemspec": "ruby/gemspec",
  "language/rust/cargolock": "rust/cargo-lock",
  "language/rust/cargotoml": "rust/cargo-toml",
  "language/swift/packageresolved": "swift/package-resolved",
  "language/swift/podfilelock": "swift/podfile-lock",
  "misc/bazelmaven": "bazel/build",
  "misc/githubactions": "github/workflow",
  "os/apk": "os/apk",
  "os/pacman": "os/pacman",
};

/** The id of the format for a suite's file, or undefined. */
export function otherFormatFor(suite: string, file: string): string | undefined {
  if (suite === "language/python/wheelegg") return /\.(?:whl|egg)$/.test(file) ? "python/archive" : "python/metadata";
  if (suite === "os/dpkg") return file.includes("/opkg/") ? "os/opkg" : "os/dpkg";
  return formatOfSuite[suite];
}

/** Types that upstream names otherwise: by its own word, or because it takes every conda package for one of PyPI. */
const typeOfSuite: Readonly<Record<string, string>> = {
  "language/haskell/cabal": "haskell",
  "language/haskell/stacklock": "haskell",
  "language/python/condameta": "pypi",
  "os/pacman": "pacman",
};

/** Upstream leaves out what names neither version nor commit; we list it. */
const onlyWithRelease: ReadonlySet<string> = new Set([
  "language/dotnet/csproj",
  "language/julia/manifesttoml",
  "language/python/setup",
  "language/rust/cargotoml",
]);

/** For a range upstream states the release that it begins with; we state the range on the edge, and no version. */
const stated: Readonly<Record<string, (range: string) => string>> = {
  "language/dotnet/paketdependencies": (range) => range.replace(/^(?:~>|>=|<=|==|=|>|<)\s*/, "").split(" ")[0] ?? "",
  "language/gleam/gleamtoml": (range) => range,
  "language/java/pomxml": (range) => /^[[(]\s*([^,\s\])]+)/.exec(range)?.[1] ?? range,
  "language/python/pyprojecttoml": namedVersion,
  "language/python/requirements": namedVersion,
  "language/python/setup": namedVersion,
  "language/rust/cargotoml": (range) => range,
};

/** Our packages as upstream's extractor for that suite would state them. */
export function bridge(suite: string, listing: Listing, ours: readonly OurPackage[]): readonly OurPackage[] {
  const ranges = new Map<Node, string>();
  for (const root of listing.roots) {
    for (const edge of listing.nodes[root]?.edges ?? []) {
      const target = listing.nodes[edge.to];
      if (target !== undefined) ranges.set(target, edge.range);
    }
  }
  const state = stated[suite];
  let packages = ours.map((one): OurPackage => {
    const version = one.version === "" && one.commit === "" && state !== undefined ? state(ranges.get(one.node) ?? "") : one.version;
    // A name that makes no purl of its type (an artefact without a group) has one of type generic with us.
    const purlType = one.purlType === "generic" && one.component?.ecosystem === "Maven" ? "maven" : one.purlType;
    return { ...one, version, purlType: typeOfSuite[suite] ?? purlType };
  });
  if (onlyWithRelease.has(suite)) packages = packages.filter((one) => one.version !== "" || one.commit !== "");
  switch (suite) {
    case "language/python/pipfilelock":
      // Upstream leaves out entries that are locked to a commit rather than to a version.
      return packages.filter((one) => one.version !== "");
    case "language/golang/gomod":
      // Upstream names a module that a folder stands in for by that folder.
      return packages.map((one) => (one.component?.origin.kind === "directory" ? { ...one, name: one.component.origin.path } : one));
    case "language/java/pomxml":
      // Upstream keeps one dependency of each name, the last.
      return [...new Map(packages.map((one) => [one.name, one])).values()];
    case "language/r/renvlock":
      // Upstream reads only what comes from CRAN.
      return packages.filter((one) => one.component?.ecosystem === "CRAN" && one.component.origin.kind === "registry");
    case "misc/bazelmaven":
      // Upstream reads the Maven artefacts of a Bazel file and leaves its modules to others.
      return packages.filter((one) => one.purlType === "maven");
    case "language/rust/cargotoml":
    case "language/ruby/gemspec":
      // Upstream states the package whose file it is.
      return [...(suite === "language/ruby/gemspec" ? [] : packages), ...listing.roots.flatMap((root) => ownPackage(listing, root, suite))];
    default:
      return packages;
  }
}

function ownPackage(listing: Listing, root: number, suite: string): readonly OurPackage[] {
  const node = listing.nodes[root];
  if (node === undefined || node.name === "" || node.version === "") return [];
  const purlType = suite === "language/ruby/gemspec" ? "gem" : "cargo";
  return [
    {
      name: node.name,
      version: node.version,
      purlType,
      line: node.place.line,
      commit: "",
      repo: "",
      groups: [],
      resolved: "",
      node,
      component: undefined,
    },
  ];
}

/**
 * What upstream calls a commit and is none: Hex's inner checksum, the reference of an archive that Composer's registry points at, the
 * hash of a registered Julia package's tree. Our model has no place for them; they are compared only where the origin is a repository.
 */
export function statesCommit(suite: string, one: OurPackage): boolean {
  const elsewhere = ["language/elixir/mixlock", "language/erlang/mixlock", "language/php/composerlock", "language/julia/manifesttoml"];
  return !elsewhere.includes(suite) || one.component?.origin.kind === "git";
}

/** Upstream's metadata that our model holds in another form, beyond npm's. */
export const otherMetadata: Readonly<Record<string, (one: OurPackage) => unknown>> = {
  Classifier: (one) => qualifier(one, "classifier"),
  Type: (one) => (one.purlType === "maven" ? qualifier(one, "type") : one.component?.origin.kind === "directory" ? "project" : "package"),
  Architecture: (one) => qualifier(one, "arch"),
  Name: (one) => one.name,
  Version: (one) => one.version,
};

const qualifier = (one: OurPackage, key: string): string | undefined =>
  one.component === undefined ? undefined : parsePurl(one.component.purl).qualifiers[key];
