/**
 * Glob patterns as .gitignore has them (https://git-scm.com/docs/gitignore#_pattern_format): `*`, `?` and `[a-z]` within a path's part,
 * `**` over parts. Matched without regular expressions made from the pattern, so that no pattern takes long.
 */

type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "set"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** One part of a pattern; null stands for `**`. */
export type Part = readonly Token[] | null;

/** Reads one part of a pattern. */
function parsePart(text: string): Part {
  if (text === "**") return null;
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "*") {
      // Further stars of the same part mean no more than one.
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "\\" && at + 1 < text.length) {
      at += 1;
      tokens.push({ kind: "char", char: text[at] ?? "" });
    } else if (char === "[") {
      const close = text.indexOf("]", text[at + 1] === "!" || text[at + 1] === "^" ? at + 3 : at + 2);
      if (close < 0) {
        tokens.push({ kind: "char", char });
        continue;
      }
      const negated = text[at + 1] === "!" || text[at + 1] === "^";
      const body = text.slice(at + (negated ? 2 : 1), close);
      const ranges: (readonly [string, string])[] = [];
      for (let index = 0; index < body.length; index += 1) {
        const from = body[index] ?? "";
        const to = body[index + 1] === "-" && index + 2 < body.length ? (body[index + 2] ?? "") : from;
        ranges.push([from, to]);
        if (to !== from || body[index + 1] === "-") index += index + 2 < body.length && body[index + 1] === "-" ? 2 : 0;
      }
      tokens.push({ kind: "set", negated, ranges });
      at = close;
    } else tokens.push({ kind: "char", char });
  }
  return tokens;
}

/** Reads a pattern into its parts. */
export const parseGlob = (pattern: string): readonly Part[] => pattern.split("/").map(parsePart);

/** Does one part of a path match? Linear but for going back to the last star: at most pattern times text. */
export function matchPart(part: readonly Token[], text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const wanted = part[token];
    if (wanted?.kind === "star") {
      star = token;
      resume = at;
      token += 1;
    } else if (wanted !== undefined && fits(wanted, text[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      token = star + 1;
    } else return false;
  }
  while (part[token]?.kind === "star") token += 1;
  return token === part.length;
}

function fits(token: Token, char: string): boolean {
  if (token.kind === "any") return true;
  if (token.kind === "char") return token.char === char;
  if (token.kind === "set") return token.ranges.some(([from, to]) => char >= from && char <= to) !== token.negated;
  return false;
}

/** Does a whole path match? `**` takes any number of parts; again only the last one is gone back to. */
export function matchGlob(parts: readonly Part[], path: readonly string[]): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let resume = 0;
  while (at < path.length) {
    const wanted = parts[part];
    if (wanted === null) {
      star = part;
      resume = at;
      part += 1;
    } else if (wanted !== undefined && matchPart(wanted, path[at] ?? "")) {
      part += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      part = star + 1;
    } else return false;
  }
  // A `**` at the end stands for something, never for nothing: `a/**` is what is in `a`, not `a`.
  while (parts[part] === null && part < parts.length - 1) part += 1;
  return part === parts.length;
}
