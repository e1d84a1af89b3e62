/**
 * What a registry's names for releases (dist-tags: `latest`, `next`) stand for, against what they stood for when they were last seen here. Whoever holds
 * an account can have old, vulnerable code handed out without publishing anything: he moves a name. The document of today does not show it.
 */
import {
  type Component,
  lineOf,
  type Node,
  type PackageDocument,
  type Project,
  type Signal,
  STANDARD_TAG,
  type TagSeen,
} from "../../model/index.ts";
import { orderOf, satisfies } from "../../versions/index.ts";
import { continuitySignal } from "./signals.ts";

/** One name that does not stand for what it stood for. */
export interface TagMove {
  readonly tag: string;
  readonly from: string;
  readonly to: string;
  /** What is odd about the move; none for one that only went on. */
  readonly signals: readonly Signal[];
}

/** A new line alone is what every larger release is. */
export const isDoubt = ({ id }: Pick<Signal, "id">): boolean => id !== "continuity/tag-other-line";

/** The ranges by which the project asks for each component, by the number of the component; null where its files do not hold them. */
export function rangesOf(project: Project): (nodes: readonly Node[]) => readonly string[] | null {
  const known = new Map<Node, string[]>();
  for (const { edges } of project.nodes)
    for (const { to, range } of edges) {
      const node = project.nodes[to];
      if (node === undefined) continue;
      const ranges = known.get(node);
      if (ranges === undefined) known.set(node, [range]);
      else ranges.push(range);
    }
  return (nodes) => {
    const ranges = nodes.flatMap((node) => known.get(node) ?? []);
    return ranges.length === 0 || ranges.includes("") ? null : ranges;
  };
}

/**
 * The names that matter to a project: those that a range of its own names; those that stood or stand for the very release that it has; and `latest`, which
 * npm prefers within every range that admits it (npm-pick-manifest), so that it decides what the next install or update brings.
 */
export function tagMoves(
  component: Pick<Component, "ecosystem" | "version">,
  ranges: readonly string[] | null,
  seen: ReadonlyMap<string, TagSeen>,
  document: PackageDocument,
): readonly TagMove[] {
  return [...seen].flatMap(([tag, { version: from, seenAt }]): readonly TagMove[] => {
    const to = Object.hasOwn(document.distTags, tag) ? document.distTags[tag] : undefined;
    if (to === undefined || to === from || !reliedOn(tag, from, to, component, ranges)) return [];
    // A new line is news only for those whose range lets it in.
    const lets = tag !== STANDARD_TAG || ranges === null || ranges.some((range) => range === tag || admits(component.ecosystem, range, to));
    return [{ tag, from, to, signals: signalsOf({ tag, from, to, seenAt, lets }, component, document) }];
  });
}

function reliedOn(
  tag: string,
  from: string,
  to: string,
  { ecosystem, version }: Pick<Component, "ecosystem" | "version">,
  ranges: readonly string[] | null,
): boolean {
  if (version === from || version === to || ranges?.includes(tag) === true) return true;
  return (
    tag === STANDARD_TAG && (ranges === null || ranges.some((range) => admits(ecosystem, range, from) || admits(ecosystem, range, to)))
  );
}

function admits(ecosystem: string, range: string, version: string): boolean {
  try {
    return satisfies(ecosystem, version, range);
  } catch {
    // A name, an address or an alias is no range of versions.
    return false;
  }
}

interface Moved {
  readonly tag: string;
  readonly from: string;
  readonly to: string;
  readonly seenAt: string;
  readonly lets: boolean;
}

function signalsOf(
  { tag, from, to, seenAt, lets }: Moved,
  { ecosystem }: Pick<Component, "ecosystem">,
  document: PackageDocument,
): readonly Signal[] {
  const { time } = document;
  const timeOf = (version: string): number => Date.parse(Object.hasOwn(time, version) ? (time[version] ?? "") : "");
  const order = orderOf(ecosystem);
  const lower = order !== null && order.valid(from) && order.valid(to) && order.compare(to, from) < 0;
  const older = timeOf(to) <= timeOf(from);
  const moved = `The registry's name "${tag}" stands for ${to}; when it was last seen here (${seenAt.slice(0, 10)}) it stood for ${from}`;
  const signals: Signal[] = [];
  if (lower || older)
    signals.push(
      continuitySignal(
        "continuity/tag-went-back",
        document.release(from) === undefined
          ? `${moved}, which the registry does not have any more.`
          : `${moved}, ${lower ? "a higher version" : "which came out after it"}.`,
      ),
    );
  else if (lets && lineOf(from) !== lineOf(to)) signals.push(continuitySignal("continuity/tag-other-line", `${moved}, of another line.`));
  const publisher = document.release(to)?.publisher;
  if (publisher !== undefined && document.release(from)?.publisher !== undefined) {
    const who = nameOf(publisher);
    const at = timeOf(to);
    const before = document.versions.filter((version) => version !== to && timeOf(version) < at);
    const known = before.flatMap((version) => document.release(version)?.publisher ?? []);
    if (known.length > 0 && !known.some((one) => nameOf(one) === who))
      signals.push(
        continuitySignal(
          "continuity/tag-other-publisher",
          `${moved}; ${who} published ${to}, and none of the ${known.length} releases before it.`,
        ),
      );
  }
  return signals;
}

const nameOf = ({ name, email }: { readonly name: string; readonly email: string }): string => name || email;
