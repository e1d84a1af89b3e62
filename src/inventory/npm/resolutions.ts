/** `resolutions` in the package.json of a project: which range stands in for what was asked for. Yarn 1 and Berry differ in the spelling. */

/** Resolutions, cut apart once: by the name of the package that they are about. */
export type Resolutions = ReadonlyMap<string, readonly Resolution[]>;

interface Resolution {
  /** The name of who has to ask, where the pattern says. */
  readonly asker: string | undefined;
  /** The range that has to be asked for, where the pattern says. */
  readonly range: string | undefined;
  readonly value: string;
}

/** Longest pattern that is read. Names end at 214 characters, and nobody names three parents. */
const MAX_PATTERN = 1000;

/**
 * Reads `resolutions`. Patterns: `name`, `**` + `/name`, `parent/name`, `parent/**` + `/name`, and in Berry `name@npm:^1` and
 * `parent@npm:1.0.0/name`.
 */
export function readResolutions(resolutions: ReadonlyMap<string, string>): Resolutions {
  const byName = new Map<string, Resolution[]>();
  for (const [pattern, value] of resolutions) {
    if (pattern.length > MAX_PATTERN) continue;
    const parts = pathOf(pattern);
    const last = parts.at(-1) ?? "";
    const name = nameIn(last);
    const parent = parts.slice(0, -1).findLast((part) => part !== "**" && part !== "*");
    const range = name.length < last.length ? last.slice(name.length + 1) : undefined;
    const list = byName.get(name) ?? [];
    list.push({ asker: parent === undefined ? undefined : nameIn(parent), range, value });
    byName.set(name, list);
  }
  return byName;
}

/**
 * The range that a resolution sets for a dependency, or undefined. The more a pattern says, the more it weighs.
 * @param asker name of the package that asks, "" for the project
 * @param range what is asked for, for patterns that name it; Berry only
 */
export function resolutionFor(resolutions: Resolutions, asker: string, name: string, range?: string): string | undefined {
  let best: string | undefined;
  let weight = -1;
  for (const one of resolutions.get(name) ?? []) {
    if (one.asker !== undefined && one.asker !== asker) continue;
    if (one.range !== undefined && (range === undefined || !sameRange(one.range, range))) continue;
    const own = (one.asker === undefined ? 0 : 2) + (one.range === undefined ? 0 : 1);
    if (own > weight) {
      best = one.value;
      weight = own;
    }
  }
  return best;
}

const nameIn = (part: string): string => {
  const at = part.indexOf("@", 1);
  return at === -1 ? part : part.slice(0, at);
};

const sameRange = (a: string, b: string): boolean => a.replace(/^npm:/, "") === b.replace(/^npm:/, "");

/** Splits at slashes, keeping `@scope/name` together; a range may hold slashes of its own, which end the path. */
function pathOf(pattern: string): readonly string[] {
  const parts: string[] = [];
  let rest = pattern;
  while (rest !== "") {
    const from = rest.startsWith("@") ? rest.indexOf("/") + 1 : 0;
    const slash = rest.indexOf("/", from);
    const at = rest.indexOf("@", 1);
    const address = at !== -1 && slash > at && /^(?:patch|git|https?|file|portal|link)[:+]/.test(rest.slice(at + 1));
    if (slash === -1 || address) {
      parts.push(rest);
      break;
    }
    parts.push(rest.slice(0, slash));
    rest = rest.slice(slash + 1);
  }
  return parts;
}
