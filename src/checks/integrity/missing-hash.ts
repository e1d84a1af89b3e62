import type { Check, CheckInput, CheckResult, Finding, Node } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { pinsOwnArchive, shouldHoldHashes } from "./formats.ts";
import { indexOf, projectPurl } from "../subjects.ts";

export const missingHash: Check = {
  id: "integrity/missing-hash",
  question: "integrity",
  title: "Does the lockfile hold a hash for everything that could have one?",
  severity: "moderate",
  needs: [],
  tags: ["CWE-353"],
  run,
};

/**
 * Asked only where the file's format writes hashes. A package from git has its commit, a bundled one stands in its parent's tarball,
 * and a folder has no bytes of its own: none of them could have a hash. What Yarn pins by hashes of its own archives is pinned.
 */
function run(input: CheckInput): CheckResult {
  const { project } = input;
  const bare = filesWithoutAny(input);
  const result = eachComponent(input, missingHash, ({ component, purl, title, nodes, gaps, find }) => {
    if (component.origin.kind !== "registry" && component.origin.kind !== "url") return false;
    const could = nodes.filter((node) => !node.bundled && !pinsOwnArchive(project, node.file));
    if (could.length === 0) return false;
    const expected = could.filter((node) => shouldHoldHashes(project, node.file) || filesWithSome(input).has(node.file));
    if (expected.length === 0) {
      const file = project.files[could[0]?.file ?? -1]?.path ?? "the file";
      gaps.add(purl, {
        unavailable: true,
        code: "no-hash",
        because: `${file} holds no hashes, so nothing pins the bytes that it brings in`,
      });
      return true;
    }
    const missing = expected.filter((node) => node.integrity.length === 0 && !bare.has(node.file));
    if (missing.length === 0) return true;
    find({
      message: `${missing[0]?.place.file ?? "The lockfile"} pins the version of ${title} but holds no hash of its bytes.`,
      evidence: [],
      places: missing.map(({ place }) => place),
      remedy: {
        text: "Let your package manager write this entry anew. npm leaves hashes out when it makes a lockfile from a node_modules folder: remove both and install again.",
      },
    });
    return true;
  });
  return { ...result, findings: [...result.findings, ...[...bare].map((file) => wholeFile(input, file))] };
}

/** A lockfile in which not one entry has a hash is one thing to cure, not a thousand. */
function wholeFile(input: CheckInput, file: number): Finding {
  const { path = "", format = "" } = input.project.files[file] ?? {};
  const count = hashable(input, file).length;
  return {
    rule: missingHash.id,
    question: "integrity",
    subject: projectPurl(input.project),
    severity: missingHash.severity,
    message: `${path} holds no hash for any of its ${count} packages, so nothing pins their bytes.`,
    evidence: [],
    places: [{ file: path }],
    remedy: { text: "Let a current version of your package manager write the lockfile anew: every one of them writes hashes by now." },
    key: path,
    references: format === "" ? [] : [format],
  };
}

function hashable(input: CheckInput, file: number): readonly Node[] {
  return input.project.nodes.filter((node) => {
    const origin = input.project.components[node.component]?.origin.kind;
    return node.file === file && !node.bundled && (origin === "registry" || origin === "url");
  });
}

function filesWithSome(input: CheckInput): ReadonlySet<number> {
  let files = withSome.get(indexOf(input.project));
  if (files === undefined) {
    files = new Set(input.project.nodes.filter(({ integrity }) => integrity.length > 0).map(({ file }) => file));
    withSome.set(indexOf(input.project), files);
  }
  return files;
}

const withSome = new WeakMap<object, ReadonlySet<number>>();

/** Fewer entries than this without a hash are named one by one. */
const MIN_FOR_WHOLE_FILE = 3;

function filesWithoutAny(input: CheckInput): ReadonlySet<number> {
  const some = filesWithSome(input);
  return new Set(
    input.project.files.flatMap((_, file) =>
      shouldHoldHashes(input.project, file) && !some.has(file) && hashable(input, file).length >= MIN_FOR_WHOLE_FILE ? [file] : [],
    ),
  );
}
