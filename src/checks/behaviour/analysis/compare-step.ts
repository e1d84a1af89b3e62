/** How large a step of the version is: what is rare in a patch is common in a major release. */
export type Step = "patch" | "minor" | "major";

/**
 * Which part of the number goes up. What follows no such form is held to the strictest measure. Before 1.0 the second number is what the first is
 * after it: anything may change (Semantic Versioning 2.0.0, section 4), and package managers take 0.4.0 for incompatible with 0.3.9.
 */
export function stepOf(before: string, after: string): Step {
  const [a, b] = [partsOf(before), partsOf(after)];
  if (a === null || b === null) return "patch";
  if (Number(a[1]) !== Number(b[1])) return "major";
  if (Number(a[2] ?? 0) === Number(b[2] ?? 0)) return "patch";
  return Number(a[1]) === 0 ? "major" : "minor";
}

const partsOf = (version: string): readonly string[] | null => /^[vV]?(\d{1,9})(?:\.(\d{1,9}))?/.exec(version);
