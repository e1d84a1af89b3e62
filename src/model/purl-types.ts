/**
 * What the types of the package URL specification (https://github.com/package-url/purl-spec, ECMA-427, `types/`) ask beyond the
 * common syntax. A type that is not in the table follows the common rules alone: unknown types are legal.
 */

/** Components of a purl while they are being normalised; "" stands for a component that is not there. */
export interface PurlParts {
  type: string;
  namespace: string;
  name: string;
  version: string;
  qualifiers: Readonly<Record<string, string>>;
  subpath: string;
}

export interface PurlTypeRule {
  /**
   * `required` is enforced only where the specification's own tests enforce it: purls such as `pkg:golang/stdlib@1.22` or
   * `pkg:deb/curl` break the letter of their type's definition and are in use everywhere.
   */
  readonly namespace?: "required" | "prohibited";
  /** Components that are compared without regard to case and so are written in lower case. */
  readonly lower?: readonly ("namespace" | "name" | "version" | "subpath")[];
  /** The first segment is the namespace and all the others are the name. */
  readonly nameHoldsSlashes?: true;
  /** The one qualifier without which a purl of this type does not identify anything. */
  readonly qualifier?: string;
  /** Last normalisation, in place. */
  readonly normalise?: (parts: PurlParts) => void;
  /** What is wrong with the normalised components, or "". */
  readonly refuse?: (parts: PurlParts) => string;
}

const anyName: PurlTypeRule = {};
const noNamespace: PurlTypeRule = { namespace: "prohibited" };
const lowerName: PurlTypeRule = { lower: ["name"], namespace: "prohibited" };
const lowerBoth: PurlTypeRule = { lower: ["namespace", "name"] };
const lowerNamespace: PurlTypeRule = { lower: ["namespace"] };

const CASELESS_GIT_HOSTS: ReadonlySet<string> = new Set(["github", "github.com", "gitlab.com", "bitbucket.org", "codeberg.org"]);
const CHROME_NAME = /^[a-p]{32}$/;
const CHROME_VERSION = /^\d+(?:\.\d+){0,3}$/;

export const purlTypes: ReadonlyMap<string, PurlTypeRule> = new Map<string, PurlTypeRule>([
  ["alpm", lowerBoth],
  ["apk", lowerBoth],
  ["bazel", noNamespace],
  ["bitbucket", lowerBoth],
  ["bitnami", lowerName],
  ["brew", lowerBoth],
  ["cargo", noNamespace],
  [
    "chrome-extension",
    {
      lower: ["name"],
      namespace: "prohibited",
      refuse: ({ name, version }) => {
        if (!CHROME_NAME.test(name)) return "an extension's id is 32 letters from a to p";
        if (version !== "" && !CHROME_VERSION.test(version)) return "an extension's version is one to four numbers";
        return "";
      },
    },
  ],
  ["cocoapods", noNamespace],
  ["composer", lowerBoth],
  ["conan", anyName],
  ["conda", noNamespace],
  [
    "cpan",
    {
      normalise: (parts) => {
        parts.namespace = parts.namespace.toUpperCase();
      },
      refuse: ({ name }) => (name.includes("::") ? "the name is the distribution's, not a module's" : ""),
    },
  ],
  ["cran", noNamespace],
  ["deb", lowerBoth],
  ["docker", anyName],
  ["gem", noNamespace],
  ["generic", anyName],
  [
    "git",
    {
      // The namespace is the host, the name is the path on it. Case counts, but not on hosts that ignore it.
      nameHoldsSlashes: true,
      normalise: (parts) => {
        parts.namespace = parts.namespace.toLowerCase();
        if (CASELESS_GIT_HOSTS.has(parts.namespace)) parts.name = parts.name.toLowerCase();
      },
    },
  ],
  ["github", lowerBoth],
  ["golang", anyName],
  ["hackage", noNamespace],
  ["hex", lowerBoth],
  ["huggingface", { lower: ["version"] }],
  ["julia", { namespace: "prohibited", qualifier: "uuid" }],
  ["luarocks", lowerBoth],
  ["maven", anyName],
  [
    "mlflow",
    {
      namespace: "prohibited",
      // Databricks does not tell upper from lower case in model names; the other servers do.
      normalise: (parts) => {
        const repository = Object.hasOwn(parts.qualifiers, "repository_url") ? (parts.qualifiers["repository_url"] ?? "") : "";
        if (repository.includes("azuredatabricks.net")) parts.name = parts.name.toLowerCase();
      },
    },
  ],
  ["npm", anyName],
  ["nuget", noNamespace],
  ["oci", { lower: ["name", "version"], namespace: "prohibited" }],
  ["opam", noNamespace],
  ["otp", { lower: ["name", "subpath"], namespace: "prohibited" }],
  [
    "pub",
    {
      lower: ["name"],
      namespace: "prohibited",
      normalise: (parts) => {
        parts.name = parts.name.replaceAll(/[^a-z0-9_]/g, "_");
      },
    },
  ],
  [
    "pypi",
    {
      lower: ["name", "version"],
      namespace: "prohibited",
      normalise: (parts) => {
        parts.name = parts.name.replaceAll("_", "-");
      },
    },
  ],
  ["qpkg", lowerNamespace],
  ["rpm", lowerNamespace],
  ["swid", { qualifier: "tag_id" }],
  ["swift", { namespace: "required" }],
  ["vcpkg", noNamespace],
  ["vscode-extension", { lower: ["namespace", "name", "version"], namespace: "required" }],
  ["yocto", lowerNamespace],
]);
