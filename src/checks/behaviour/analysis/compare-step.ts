/** How large a step of the version is: what is rare in a patch is common in a major release. */
export type Step = "patch" | "minor" | "major";

/** Which part of the number goes up. What follows no such form is held to the strictest measure. */
export function stepOf(before: string, after: string): Step {
  const [a, b] = [partsOf(before), partsOf(after)];
  if (a === null || b === null) return "patch";
  if (Number(a[1]) !== Number(b[1])) return "major";
  return Number(a[2] ?? 0) === Number(b[2] ?? 0) ? "patch" : "minor";
}

const partsOf = (version: string): readonly string[] | null => /^[vV]?(\d{1,9})(?:\.(\d{1,9}))?/.exec(version);
