/** `resolutions` in the package.json of a project: which range stands in for what was asked for. Yarn 1 and Berry differ in the spelling. */

/**
 * The range that a resolution sets for a dependency, or undefined.
 * Patterns: `name`, `**` + `/name`, `parent/name`, `parent/**` + `/name`, and in Berry `name@npm:^1` and `parent@npm:1.0.0/name`.
 * The more a pattern says, the more it weighs.
 * @param asker name of the package that asks, "" for the project
 * @param range what is asked for, for patterns that name it; Berry only
 */
export function resolutionFor(
  resolutions: ReadonlyMap<string, string> | undefined,
  asker: string,
  name: string,
  range?: string,
): string | undefined {
  if (resolutions === undefined || resolutions.size === 0) return undefined;
  let best: string | undefined;
  let weight = -1;
  for (const [pattern, value] of resolutions) {
    const parts = pathOf(pattern);
    const last = parts.at(-1) ?? "";
    const split = last.indexOf("@", 1);
    const lastName = split === -1 ? last : last.slice(0, split);
    if (lastName !== name) continue;
    const wanted = split === -1 ? undefined : last.slice(split + 1);
    if (wanted !== undefined && (range === undefined || !sameRange(wanted, range))) continue;
    const parent = parts.slice(0, -1).findLast((part) => part !== "**" && part !== "*");
    if (parent !== undefined && nameIn(parent) !== asker) continue;
    const own = (parent === undefined ? 0 : 2) + (wanted === undefined ? 0 : 1);
    if (own > weight) {
      best = value;
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
