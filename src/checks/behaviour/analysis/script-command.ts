/** Command lines as far as they are known, and files by what their paths are known by: what was fetched into a file is followed to where it is run. */
import { argumentEnd, fold } from "./script-fold.ts";
import type { FileWalk } from "./script-walk.ts";

/** Characters of a command line: beyond, it is content. */
const MAX_COMMAND = 4_000;

/** Places of one command line from which the rest of it is put together: each goes through what is left. */
const MAX_TRIES = 8;

/** Where the argument of that number (from 0), or of that name, stands; null where there is none. */
export function argumentAt(
  file: FileWalk,
  args: readonly [number, number],
  number: number,
  name: string = "",
): readonly [number, number] | null {
  for (let at = args[0], index = 0; at < args[1]; index++) {
    const end = argumentEnd(file, at, args[1]);
    const named = file.tokens[at]?.kind === "name" && ["=", ":"].includes(file.tokens[at + 1]?.text ?? "");
    if (named && name !== "" && file.tokens[at]?.text === name) return [at + 2, end];
    if (!named && index === number) return [at, end];
    at = end + 1;
  }
  return null;
}

/** What a command line says, with `$name` for what a variable would put there and `$` for all else that is not known; a list is its words. */
export function commandText(file: FileWalk, from: number, to: number): string {
  if (file.tokens[from]?.text !== "[" || file.tokens[from]?.kind !== "punct") return textWith(file, from, to);
  const end = Math.min(to, file.close(from));
  let text = "";
  for (let at = from + 1; at < end && text.length < MAX_COMMAND;) {
    const stop = argumentEnd(file, at, end);
    text += `${text === "" ? "" : " "}${quoted(textWith(file, at, stop))}`;
    at = stop + 1;
  }
  return text.slice(0, MAX_COMMAND);
}

/** A word of a list is one word to the shell as well. */
const quoted = (word: string): string => (/[\s;&|<>()'"`]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word);

function textWith(file: FileWalk, from: number, to: number): string {
  const { tokens } = file;
  let text = "";
  let tries = MAX_TRIES;
  for (let at = from; at < to && text.length < MAX_COMMAND; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === "string") text += token.text;
    // `"%s" % name` and `"{}".format(name)`: what is put in is at its end, what stands is what matters.
    else if (token.kind === "punct" && token.text === "%") break;
    else if (token.kind === "name" && tokens[at - 1]?.text === ".") {
      if (tokens[at + 1]?.text === "(") at = file.close(at + 1);
    } else if (token.kind === "name") {
      const known = file.look(token.text)?.text;
      const calls = tokens[at + 1]?.text === "(";
      const made = tries-- > 0 ? fold(file, at, to, 0) : null;
      if (made !== null) return (text + made.value).slice(0, MAX_COMMAND);
      text += known != null && !calls ? known.value : `$${calls ? "" : token.text}`;
      // What a chain goes on to says nothing more of the file that it begins with.
      while (tokens[at + 1]?.text === "." && tokens[at + 2]?.kind === "name") at += 2;
      if (tokens[at + 1]?.text === "(") at = file.close(at + 1);
    }
  }
  return text.slice(0, MAX_COMMAND);
}

/** What a path is known by: as written, its last part, or the variable that holds it. */
export function filesAt(file: FileWalk, from: number, to: number): readonly string[] {
  if (from >= to) return [];
  const known = fold(file, from, to, 0);
  const keys = new Set<string>();
  if (known !== null) addPath(keys, known.value);
  const { tokens } = file;
  // `name`, or `name.path`
  const only = tokens[from];
  if (only?.kind === "name" && (to === from + 1 || (to === from + 3 && tokens[from + 1]?.text === "."))) keys.add(`$${only.text}`);
  if (known === null && to - from > 1) {
    // A folder that is not known, and a name within it that is.
    for (let at = to - 1; at > from; at--) {
      const token = tokens[at];
      if (token?.kind === "string" && /\w\.\w{1,5}$/.test(token.text)) addPath(keys, token.text);
      if (token?.kind === "string") break;
    }
  }
  return [...keys];
}

function addPath(keys: Set<string>, path: string): void {
  if (path.length < 2 || path.length > 300) return;
  keys.add(path);
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  if (name.length > 3) keys.add(name);
}

/** What a machine runs or loads without being asked what it is. */
export const runnable = (files: readonly string[]): "process" | "native" | null =>
  files.some((name) => /\.(?:exe|scr|msi|com|bat|cmd|vbs|ps1)$/i.test(name))
    ? "process"
    : files.some((name) => /\.(?:dll|so|dylib|pyd)$/i.test(name))
      ? "native"
      : null;

/** Whether a mode lets a file be run: `0o755`, `st.st_mode | stat.S_IEXEC`. */
export function letsRun(file: FileWalk, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const token = file.tokens[at];
    if (token?.kind === "name" && /^S_I(?:EXEC|X|RWX)/.test(token.text)) return true;
    // An octal mode; `777` was meant as one.
    if (token?.kind === "number" && /^(?:0[oO]?)?[0-7]{3,4}$/.test(token.text) && /[1357]/.test(token.text.slice(-3))) return true;
  }
  return false;
}
