/**
 * The names of Python's distribution files. PEP 740 wants a statement's subject and the file compared by parsing both, because the statement may
 * hold the normal form of a name that the index spells otherwise.
 * https://packaging.python.org/en/latest/specifications/binary-distribution-format/, …/source-distribution-format/
 */
import { normalPep440 } from "../../versions/index.ts";

interface Distribution {
  readonly kind: "wheel" | "tar.gz" | "zip";
  /** After PEP 503. */
  readonly project: string;
  /** As PEP 440 writes it, without zeros at the end of the release. */
  readonly version: string;
  /** A wheel's build and tags, each set sorted: `-py2.py3-none-any` is `-py3.py2-none-any`. "" for a source distribution. */
  readonly tags: string;
}

/** null for what is no name of a wheel or source distribution. */
function parseDistribution(file: string): Distribution | null {
  if (file.endsWith(".whl")) {
    const parts = file.slice(0, -".whl".length).split("-");
    if ((parts.length !== 5 && parts.length !== 6) || parts.includes("")) return null;
    const [name = "", version = "", ...rest] = parts;
    const build = rest.length === 4 ? (rest[0] ?? "") : "";
    // A build's tag begins with a digit.
    if (rest.length === 4 && !/^\d/.test(build)) return null;
    const tags = rest.slice(-3).map((set) => [...new Set(set.toLowerCase().split("."))].toSorted().join("."));
    return { kind: "wheel", ...release(name, version), tags: [build, ...tags].join("-") };
  }
  const kind = file.endsWith(".tar.gz") ? "tar.gz" : file.endsWith(".zip") ? "zip" : null;
  if (kind === null) return null;
  const stem = file.slice(0, -`.${kind}`.length);
  const dash = stem.lastIndexOf("-");
  return dash <= 0 || dash === stem.length - 1 ? null : { kind, ...release(stem.slice(0, dash), stem.slice(dash + 1)), tags: "" };
}

const release = (name: string, version: string): Pick<Distribution, "project" | "version"> => ({
  project: name.replaceAll(/[-_.]+/g, "-").toLowerCase(),
  version: normalPep440(version).replace(/^((?:\d+!)?\d+(?:\.\d+)*?)(?:\.0)+(?=$|[^.\d]|\.(?:post|dev))/, "$1"),
});

/** Whether two names are of one file; false where either is no name of a distribution. */
export function sameDistribution(a: string, b: string): boolean {
  const [left, right] = [parseDistribution(a), parseDistribution(b)];
  return (
    left !== null &&
    right !== null &&
    left.kind === right.kind &&
    left.project === right.project &&
    left.version === right.version &&
    left.tags === right.tags
  );
}
