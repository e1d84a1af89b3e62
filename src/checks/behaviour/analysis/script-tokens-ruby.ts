/** Texts that only Ruby writes: `%w[a b]`, `%x(command)`, `:symbol`, `<<~END`, `?c`, and what is no code (`=begin`, `__END__`). */
import { type Token, regexMayStand } from "./script-tokens.ts";

/** Ends of texts that are looked for in vain: each goes through what is left of the file. */
const MAX_LOST = 20;
/** Characters of `%w[…]` and its like. */
const MAX_LITERAL = 20_000;

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** `puts /a/`, `run %w[a b]`: after a name and a blank, and with none behind it, it opens a text. */
export function standsApart(text: string, at: number, tokens: readonly Token[]): boolean {
  const next = text[at + 1] ?? " ";
  return tokens.at(-1)?.kind === "name" && /[ \t]/.test(text[at - 1] ?? "") && !/[\s=]/.test(next);
}

/** For each place: where the text that begins there ends, the place itself where none does. `inner` reads what stands in `#{…}`. */
export function rubyTexts(
  text: string,
  end: number,
  tokens: Token[],
  inner: (from: number, to: number) => void,
): (at: number, deeper: boolean) => number {
  /** Behind the here-documents that were opened on this line. */
  let behind = -1;
  let lost = 0;
  const push = (kind: Token["kind"], value: string, at: number): void => void tokens.push({ kind, text: value, at });
  /** A text with what is put into it: its pieces, joined by `+`. */
  const pieces = (value: string, at: number, deeper: boolean): void => {
    let from = 0;
    for (let open = deeper ? value.indexOf("#{") : -1; open !== -1; open = value.indexOf("#{", from)) {
      const close = value.indexOf("}", open);
      if (close === -1) break;
      push("string", value.slice(from, open), at + from);
      push("punct", "+", at + open);
      push("punct", "(", at + open);
      inner(at + open + 2, at + close);
      push("punct", ")", at + close);
      push("punct", "+", at + close);
      from = close + 1;
    }
    push("string", value.slice(from), at + from);
  };
  const command = (value: string, at: number, from: number, deeper: boolean): void => {
    push("name", "`", at);
    push("punct", "(", at);
    pieces(value, from, deeper);
    push("punct", ")", from + value.length);
  };

  const heredoc = (at: number, deeper: boolean): number => {
    const opening = /^<<([~-]?)(["'`]?)([A-Za-z_]\w*)\2/.exec(text.slice(at, at + 100));
    const [whole = "", indented = "", quote = "", word = ""] = opening ?? [];
    if (whole === "" || (indented === "" && quote === "" && !/^[A-Z]/.test(word)) || lost >= MAX_LOST) return at;
    if (!regexMayStand(tokens) && !(tokens.at(-1)?.kind === "name" && (text[at - 1] === " " || indented !== ""))) return at;
    const line = text.indexOf("\n", at);
    const from = behind > at ? behind : line === -1 ? end : line + 1;
    for (let start = from; start < end;) {
      const stop = text.indexOf("\n", start);
      const last = stop === -1 ? end : stop;
      if (text.slice(start, Math.min(last, start + word.length + 200)).trim() === word) {
        const body = text.slice(from, start);
        behind = Math.min(end, last + 1);
        if (quote === "`") command(body, at, from, deeper);
        else pieces(body, from, deeper && quote !== "'");
        return at + whole.length;
      }
      start = last + 1;
    }
    lost++;
    return at;
  };

  const percent = (at: number, deeper: boolean): number => {
    const kind = /[a-zA-Z]/.test(text[at + 1] ?? "") ? (text[at + 1] ?? "") : "";
    if (kind !== "" && !/[qQwWiIxrs]/.test(kind)) return at;
    const open = text[at + 1 + kind.length] ?? "";
    if (!/[([{<|!/^]/.test(open) || (kind === "" && !/[([{]/.test(open))) return at;
    if (lost >= MAX_LOST || (!regexMayStand(tokens) && !standsApart(text, at, tokens))) return at;
    const close = closers[open] ?? open;
    const from = at + 2 + kind.length;
    let depth = 1;
    let stop = from;
    for (; stop < Math.min(end, from + MAX_LITERAL); stop++) {
      const c = text[stop];
      if (c === "\\") stop++;
      else if (c === close && --depth === 0) break;
      else if (c === open && close !== open) depth++;
    }
    if (depth > 0) {
      lost++;
      return at;
    }
    const value = text.slice(from, stop);
    if (kind === "x") command(value, at, from, deeper);
    else if (kind === "r") push("number", "0", at);
    else if (/[wWiI]/.test(kind)) {
      push("punct", "[", at);
      for (const word of value.split(/\s+/).filter((one) => one !== "")) {
        push("string", word, at);
        push("punct", ",", at);
      }
      push("punct", "]", stop);
    } else pieces(value, from, deeper && kind !== "q" && kind !== "s");
    return stop + 1;
  };

  return (at, deeper) => {
    const c = text[at];
    if (c === "\n" && behind > at) {
      push("newline", "\n", at);
      const stop = behind;
      behind = -1;
      return stop;
    }
    const begins = at === 0 || text[at - 1] === "\n";
    if (begins && c === "=" && text.startsWith("=begin", at)) {
      const stop = text.indexOf("\n=end", at);
      return stop === -1 || stop > end ? end : stop + "\n=end".length;
    }
    if (begins && c === "_" && /^__END__\r?(?:\n|$)/.test(text.slice(at, at + 9))) return end;
    if (c === "<" && text[at + 1] === "<") return heredoc(at, deeper);
    if (c === "@") {
      // What an object or class holds is one name wherever it stands.
      const name = /^@@?[A-Za-z_]\w*/.exec(text.slice(at, at + 100))?.[0] ?? "";
      if (name === "") return at;
      push("name", name, at);
      return at + name.length;
    }
    if (c === "%") return percent(at, deeper);
    if (c === ":" && text[at - 1] !== ":" && /[A-Za-z_]/.test(text[at + 1] ?? "")) {
      const previous = tokens.at(-1);
      // `key: value` and `a ? b : c` have a blank behind the colon; `a ?b :c` nobody writes.
      if (previous?.kind === "punct" && previous.text === "::") return at;
      const name = /^\w+[?!]?/.exec(text.slice(at + 1, at + 101))?.[0] ?? "";
      push("string", name, at);
      return at + 1 + name.length;
    }
    if (c === "?" && /^["'`#]$/.test(text[at + 1] ?? "") && !/\w/.test(text[at + 2] ?? "") && regexMayStand(tokens)) {
      push("string", text[at + 1] ?? "", at);
      return at + 2;
    }
    return at;
  };
}
