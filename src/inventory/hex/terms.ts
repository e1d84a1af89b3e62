/** A reader for the literals of Elixir and Erlang that lock files are made of: it evaluates nothing. */
export type Term =
  | { readonly kind: "text" | "atom"; readonly text: string; readonly line: number }
  | { readonly kind: "tuple" | "list" | "map"; readonly items: readonly Term[]; readonly line: number };

/** Lock files nest five deep; the reader works by recursion and must end before the stack does. */
const MAX_DEPTH = 64;

export interface TermError {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Reads one term from `at`. Commas, colons and arrows between items count as separators: keys and values alternate in `map`s. */
export function readTerm(text: string, from = 0): { readonly term: Term | null; readonly end: number; readonly error: TermError | null } {
  let at = from;
  let line = 1;
  let lineStart = 0;
  let error: TermError | null = null;
  for (let back = text.indexOf("\n"); back >= 0 && back < from; back = text.indexOf("\n", back + 1)) {
    line += 1;
    lineStart = back + 1;
  }
  const fail = (message: string): null => {
    error ??= { message, line, column: at - lineStart + 1 };
    return null;
  };
  const skip = (): void => {
    for (; at < text.length; at += 1) {
      const char = text[at] ?? "";
      if (char === "\n") {
        line += 1;
        lineStart = at + 1;
      } else if (char === "#" || char === "%") {
        if (char === "%" && text[at + 1] === "{") return;
        const end = text.indexOf("\n", at);
        at = (end < 0 ? text.length : end) - 1;
      } else if (!/[\s,]/.test(char) && !(char === "=" && text[at + 1] === ">")) return;
      else if (char === "=") at += 1;
    }
  };
  const read = (depth: number): Term | null => {
    skip();
    if (depth > MAX_DEPTH) return fail(`it nests deeper than ${MAX_DEPTH}`);
    const start = line;
    const char = text[at] ?? "";
    if (text.startsWith("<<", at)) {
      at += 2;
      const inner = read(depth + 1);
      skip();
      if (!text.startsWith(">>", at)) return fail(">> is missing");
      at += 2;
      return inner;
    }
    const kind = char === "%" && text[at + 1] === "{" ? "map" : char === "{" ? "tuple" : char === "[" ? "list" : null;
    if (kind !== null) {
      at += kind === "map" ? 2 : 1;
      const close = kind === "list" ? "]" : "}";
      const items: Term[] = [];
      for (;;) {
        skip();
        if (at >= text.length) return fail(`${close} is missing`);
        if (text[at] === close) {
          at += 1;
          return { kind, items, line: start };
        }
        const item = read(depth + 1);
        if (item === null) return null;
        items.push(item);
        // `"name": value` and `key: value`: the colon belongs to the key.
        if (text[at] === ":" && text[at + 1] !== ":") at += 1;
      }
    }
    if (char === '"' || (char === ":" && text[at + 1] === '"')) {
      at += char === '"' ? 1 : 2;
      const begin = at;
      while (at < text.length && text[at] !== '"') {
        if (text[at] === "\n") {
          line += 1;
          lineStart = at + 1;
        }
        at += text[at] === "\\" ? 2 : 1;
      }
      if (at >= text.length) return fail("a string is not closed");
      at += 1;
      return { kind: char === '"' ? "text" : "atom", text: text.slice(begin, at - 1), line: start };
    }
    const word = /:?[A-Za-z0-9_@.+-]+[?!]?/y;
    word.lastIndex = at;
    const atom = word.exec(text)?.[0];
    if (atom === undefined) return fail(at >= text.length ? "it ends too early" : `unexpected ${JSON.stringify(char)}`);
    at += atom.length;
    return { kind: "atom", text: atom.replace(/^:/, ""), line: start };
  };
  const term = read(0);
  return { term, end: at, error };
}

export const termText = (term: Term | undefined): string => (term?.kind === "text" || term?.kind === "atom" ? term.text : "");
export const termItems = (term: Term | undefined): readonly Term[] => (term !== undefined && "items" in term ? term.items : []);
