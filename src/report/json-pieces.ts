/** JSON in pieces, for what is too large to stand in memory as one text beside what it was made of. */

/** Pieces of about this many characters: large enough to be written cheaply, small enough not to count. */
const PIECE = 64 * 1024;
/** Lists and objects within each other that are gone into; what is below is written in one go. */
const DEPTH = 6;

/** What `JSON.stringify(value, null, 2)` makes of plain data, to the letter. */
export function* jsonPieces(value: object): Generator<string> {
  let waiting = "";
  for (const part of parts(value, "", 0)) {
    waiting += part;
    if (waiting.length < PIECE) continue;
    yield waiting;
    waiting = "";
  }
  yield waiting;
}

function* parts(value: unknown, indent: string, depth: number): Generator<string> {
  if (typeof value !== "object" || value === null || depth === DEPTH) {
    // A line break in a text is written as an escape, so that those that are there are the layout's.
    yield (JSON.stringify(value, null, 2) ?? "null").replaceAll("\n", `\n${indent}`);
    return;
  }
  const isList = Array.isArray(value);
  // Members without a value are left out; in a list they are null.
  const members = isList
    ? value.map((one: unknown) => ["", one] as const)
    : Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[`${JSON.stringify(key)}: `, one] as const]));
  if (members.length === 0) {
    yield isList ? "[]" : "{}";
    return;
  }
  const inner = `${indent}  `;
  yield isList ? "[" : "{";
  for (const [at, [key, one]] of members.entries()) {
    yield `${at === 0 ? "" : ","}\n${inner}${key}`;
    yield* parts(one, inner, depth + 1);
  }
  yield `\n${indent}${isList ? "]" : "}"}`;
}
