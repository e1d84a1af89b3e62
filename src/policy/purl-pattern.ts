/**
 * Does a purl fit a pattern? `*` stands for any run of characters, everything else for itself. A pattern without a version fits every
 * version; the purl's qualifiers and subpath count only where the pattern has some.
 */
export function matchesPackage(pattern: string, purl: string): boolean {
  const bare = pattern.includes("?") || pattern.includes("#") ? purl : withoutQualifiers(purl);
  return fits(pattern, bare) || (!hasVersion(pattern) && fits(pattern, withoutVersion(bare)));
}

const withoutQualifiers = (purl: string): string => purl.replace(/[?#].*$/s, "");

/** In a canonical purl `@` is written as `%40` everywhere but before the version. A scope that was typed as `@scope/` is meant too. */
const versionAt = (purl: string): number => {
  const at = purl.lastIndexOf("@");
  return at > purl.lastIndexOf("/") ? at : -1;
};
const hasVersion = (purl: string): boolean => versionAt(purl) > 0;
const withoutVersion = (purl: string): string => (hasVersion(purl) ? purl.slice(0, versionAt(purl)) : purl);

/** Two fingers, going back to the last star only: linear in practice, never exponential. */
function fits(pattern: string, text: string): boolean {
  const wanted = pattern.replace("/@", "/%40");
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (wanted[p] === "*") [star, mark] = [p++, t];
    else if (p < wanted.length && wanted[p] === text[t]) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, t] = [star + 1, ++mark];
    else return false;
  }
  while (wanted[p] === "*") p++;
  return p === wanted.length;
}
