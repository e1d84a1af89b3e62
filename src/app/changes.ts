/**
 * What each exchanged component changes in its contents: for a check against a revision, where the release before is known and its bytes are
 * worth fetching. Contents are a pure function of bytes, so the answer is the same offline once both tarballs were seen.
 */
import { comparePackages } from "../checks/behaviour/analysis/compare.ts";
import { packageFacts } from "../checks/behaviour/analysis/files-package.ts";
import { Fault, type Component, type PackageChange, type Project, type Unavailable } from "../model/index.ts";
import { openFacts } from "../store/facts.ts";
import { userFolders } from "../store/folders.ts";
import type { Sources } from "./npm-evidence.ts";
import { releaseSide, type SideOptions } from "./review-sides.ts";
import type { ProjectChange } from "./since.ts";

export type Changes = (purl: string) => PackageChange | Unavailable;

/** An update of everything at once; the rest says that it was not compared. */
const MOST_PAIRS = 2_000;

const notCompared: Unavailable = {
  unavailable: true,
  code: "not-applicable",
  because: "There is no release before it to compare with in this run.",
};

/** By purl of the new release. Throws only where the signal is aborted. */
export async function gatherChanges(
  projects: { readonly before: Project; readonly after: Project },
  change: ProjectChange,
  sources: Sources,
  options: SideOptions & { readonly onProgress?: (done: number, total: number) => void },
): Promise<Changes> {
  const named = new Map([...projects.before.components, ...projects.after.components].map((component) => [component.purl, component]));
  const pairs = change.changed.flatMap(({ from, to }) => {
    const [old, now] = [named.get(from), named.get(to)];
    return old !== undefined && now !== undefined && fetched(old) && fetched(now) ? [{ old, now }] : [];
  });
  const changes = new Map<string, PackageChange | Unavailable>();
  // A file that did not change, or lies in many packages, is read once.
  const kept = openFacts(userFolders(options.env).cache);
  try {
    for (const [done, { old, now }] of pairs.entries()) {
      options.signal?.throwIfAborted();
      options.onProgress?.(done, pairs.length);
      if (done >= MOST_PAIRS) {
        const because = `Only the first ${MOST_PAIRS} exchanged releases are compared in their contents.`;
        changes.set(now.purl, { unavailable: true, code: "input/too-large", because });
        continue;
      }
      try {
        const [left, right] = [await releaseSide(old, options, sources), await releaseSide(now, options, sources)];
        changes.set(
          now.purl,
          comparePackages(
            await packageFacts(left.purl, left.entries(), { unread: left.unread, kept }),
            await packageFacts(right.purl, right.entries(), { unread: right.unread, kept }),
          ),
        );
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof Fault)) throw error;
        const because = `What ${now.name}@${now.version} changes against ${old.version} could not be compared: ${error.message}`;
        changes.set(now.purl, {
          unavailable: true,
          code: error.code,
          because,
          ...(error.code === "source/offline" ? { cure: "tributary check" } : {}),
        });
      }
    }
  } finally {
    kept.close();
  }
  return (purl) => changes.get(purl) ?? notCompared;
}

const fetched = ({ ecosystem, origin, version }: Component): boolean => ecosystem === "npm" && origin.kind === "registry" && version !== "";
