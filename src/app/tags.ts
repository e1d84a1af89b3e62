/**
 * What a registry's names for releases (dist-tags) stood for at earlier looks, out of the memory and into it. Only those that somebody relies on are kept:
 * `latest`, those that a range of the project gives, and those that stand for a release that it has.
 */
import {
  type Evidence,
  type EvidenceSet,
  Fault,
  type Finding,
  isUnavailable,
  type Node,
  type PackageDocument,
  type Project,
  type RegistryReleaseClaim,
  type Signal,
  STANDARD_TAG,
  type TagSeen,
} from "../model/index.ts";
import { tagMoved } from "../checks/continuity/tag-moved.ts";
import { isDoubt, rangesOf, tagMoves } from "../checks/continuity/tags.ts";
import { userFolders } from "../store/folders.ts";
import { type Memory, openMemory, type TagLook } from "../store/memory.ts";

export interface Tags {
  /** See `EvidenceSet.tagsSeen`. */
  readonly seen: (purl: string) => ReadonlyMap<string, TagSeen> | null;
  /** What is to be remembered of this look. */
  readonly looks: (findings: readonly Finding[]) => readonly TagLook[];
}

/** Of one package. Some have hundreds of names, nearly all for one trial release each. */
const MOST_TAGS = 16;

type Look = Pick<TagLook, "document" | "at" | "tags">;

/** The names of a package that somebody relies on who asks for it by these ranges, with their versions; `latest` first. */
export function tagsReliedOn(
  distTags: Readonly<Record<string, string>>,
  ranges: readonly string[] | null,
  version: string,
): ReadonlyMap<string, string> {
  const named = Object.keys(distTags).filter((tag) => ranges?.includes(tag) === true || distTags[tag] === version);
  const wanted = [STANDARD_TAG, ...named.toSorted()].filter((tag) => Object.hasOwn(distTags, tag));
  return new Map([...new Set(wanted)].slice(0, MOST_TAGS).map((tag) => [tag, distTags[tag] ?? ""]));
}

/** Remembers nothing where there is no memory. */
export function tagsOf(project: Project, evidence: Pick<EvidenceSet, "release" | "document">, memory: Memory | null): Tags {
  const npm = project.components.flatMap(({ ecosystem, purl }, at) => (ecosystem === "npm" ? [[purl, at] as const] : []));
  const numbers = new Map(npm);
  let nodesOf: ReadonlyMap<number, readonly Node[]> | undefined;
  let ranges: ReturnType<typeof rangesOf> | undefined;
  const looked = new Map<string, Look | null>();
  const seen = new Map<string, ReadonlyMap<string, TagSeen> | null>();
  const look = (purl: string): Look | null => {
    let found = looked.get(purl);
    if (found === undefined) looked.set(purl, (found = lookAt(purl)));
    return found;
  };
  const lookAt = (purl: string): Look | null => {
    const at = numbers.get(purl);
    const component = project.components[at ?? -1];
    const release = evidence.release(purl);
    if (at === undefined || component === undefined || isUnavailable(release)) return null;
    const document = evidence.document(purl);
    if (isUnavailable(document)) return null;
    nodesOf ??= Map.groupBy(project.nodes, (node) => node.component);
    ranges ??= rangesOf(project);
    const tags = tagsReliedOn(document.distTags, ranges(nodesOf.get(at) ?? []), component.version);
    return { document: release.source, at: release.observedAt, tags };
  };
  return {
    // Two rules ask, and the memory is asked once.
    seen: (purl) => {
      let found = seen.get(purl);
      if (found === undefined) {
        const now = memory === null ? null : look(purl);
        const before = memory === null || now === null ? null : memory.tagsBefore(now.document, now.tags, now.at);
        seen.set(purl, (found = before === null || before.size === 0 ? null : before));
      }
      return found;
    },
    looks: (findings) => {
      const doubted = Map.groupBy(
        findings.filter(({ rule, severity }) => rule === tagMoved.id && severity !== "low"),
        ({ subject }) => subject,
      );
      const looks = npm.flatMap(([purl]) => {
        const now = look(purl);
        return now === null ? [] : [{ ...now, doubted: new Set((doubted.get(purl) ?? []).map(({ key }) => key)) }];
      });
      // Of two releases of one package in the project one may lean on a name that the other does not.
      return [...Map.groupBy(looks, ({ document }) => document)].map(([address, all]) => ({
        document: address,
        at: all[0]?.at ?? "",
        tags: new Map(all.flatMap(({ tags }) => [...tags])),
        doubted: new Set(all.flatMap((one) => [...one.doubted])),
      }));
    },
  };
}

/**
 * The signals of names that now stand for one release and stood for another one when they were last seen here, and takes note of this look. The disk's and
 * the memory's faults cost the memory, not the review, and are said.
 */
export function releaseTagSignals(
  release: { readonly version: string; readonly evidence: Evidence<RegistryReleaseClaim> },
  document: PackageDocument | null,
  { env, onNote }: { readonly env: Readonly<Record<string, string | undefined>>; readonly onNote?: (note: string) => void },
): readonly Signal[] {
  if (document === null) return [];
  const { version, evidence } = release;
  const look = { document: evidence.source, at: evidence.observedAt, tags: tagsReliedOn(document.distTags, null, version) };
  let memory: Memory | null = null;
  try {
    memory = openMemory(userFolders(env).data);
    const moves = tagMoves({ ecosystem: "npm", version }, null, memory.tagsBefore(look.document, look.tags, look.at), document);
    const doubted = moves.filter(({ signals }) => signals.some(isDoubt)).map(({ tag }) => tag);
    memory.keepTags([{ ...look, doubted: new Set(doubted) }]);
    return moves.filter(({ to }) => to === version).flatMap(({ signals }) => signals);
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith("store/")) throw error;
    onNote?.(`What the registry's names stood for before is not known in this run: ${error.message}`);
    return [];
  } finally {
    memory?.close();
  }
}
