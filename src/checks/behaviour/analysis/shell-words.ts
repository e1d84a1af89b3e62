/** Takes shell text apart into pipelines of commands of words. Tolerant: what is no shell gives odd words, never a fault. */

export interface ShellWord {
  /** Offset in the text. */
  readonly at: number;
  readonly raw: string;
  /** Without quotes; variables as they stand. */
  readonly value: string;
  readonly variables: readonly string[];
  /** Pipelines within `$( )`, backticks and `<( )`. */
  readonly substitutions: readonly (readonly Command[])[];
}

export interface Command {
  readonly words: readonly ShellWord[];
  /** What it writes to, or to and from. */
  readonly redirects: readonly ShellWord[];
  /** What it reads instead of what was piped to it: `< file`, `<<< text`. */
  readonly inputs: readonly ShellWord[];
  /** Name of the function around it. */
  readonly scope: string;
  /** Another command reads what it writes. */
  readonly piped: boolean;
}

/** Substitutions within substitutions: people write two or three. */
const MAX_DEPTH = 12;

interface Reader {
  readonly text: string;
  at: number;
  readonly end: number;
  readonly depth: number;
  scope: string;
}

/** Every pipeline of the text, in its order; those within words hang on the words. */
export function commandsOf(text: string): readonly (readonly Command[])[] {
  return pipelines({ text, at: 0, end: text.length, depth: 0, scope: "" });
}

interface OpenCommand {
  words: ShellWord[];
  redirects: ShellWord[];
  inputs: ShellWord[];
}

function pipelines(reader: Reader): readonly (readonly Command[])[] {
  const { text } = reader;
  const all: (readonly Command[])[] = [];
  let pipeline: Command[] = [];
  let command: OpenCommand = { words: [], redirects: [], inputs: [] };
  const heredocs: string[] = [];
  let braces = 0;
  const endCommand = (piped: boolean): void => {
    if (command.words.length > 0 || command.redirects.length > 0 || command.inputs.length > 0)
      pipeline.push({ ...command, scope: reader.scope, piped });
    command = { words: [], redirects: [], inputs: [] };
    if (piped) return;
    if (pipeline.length > 0) all.push(pipeline);
    pipeline = [];
  };
  while (reader.at < reader.end) {
    const c = text[reader.at] ?? "";
    if (c === " " || c === "\t" || c === "\r") reader.at++;
    else if (c === "\\" && text[reader.at + 1] === "\n") reader.at += 2;
    else if (c === "#" && command.words.length === 0) {
      const stop = text.indexOf("\n", reader.at);
      reader.at = stop === -1 ? reader.end : stop;
    } else if (c === "#" && /\s/.test(text[reader.at - 1] ?? " ")) {
      const stop = text.indexOf("\n", reader.at);
      reader.at = stop === -1 ? reader.end : stop;
    } else if (c === "\n") {
      endCommand(false);
      reader.at++;
      for (const mark of heredocs.splice(0)) skipHeredoc(reader, mark);
    } else if (c === "|" && text[reader.at + 1] !== "|") {
      reader.at += text[reader.at + 1] === "&" ? 2 : 1;
      endCommand(true);
    } else if (c === ";" || c === "&" || c === "|") {
      if (c === "&" && text[reader.at + 1] === ">") {
        reader.at += 2;
        continue;
      }
      endCommand(false);
      while (reader.at < reader.end && ";&|".includes(text[reader.at] ?? "")) reader.at++;
    } else if (c === "(" || c === ")") {
      // `name()` opens a function, anything else a subshell.
      const word = command.words[0];
      if (c === "(" && text[reader.at + 1] === ")" && command.words.length === 1 && word !== undefined) {
        if (/^[\w.-]+$/.test(word.value)) reader.scope = word.value;
        command = { words: [], redirects: [], inputs: [] };
        reader.at += 2;
      } else {
        endCommand(false);
        reader.at++;
      }
    } else if (c === "{" && command.words.length === 0 && /\s/.test(text[reader.at + 1] ?? "")) {
      braces++;
      reader.at++;
    } else if (c === "}" && command.words.length === 0) {
      braces--;
      if (braces <= 0) reader.scope = "";
      reader.at++;
    } else if (c === "<" || c === ">") {
      const here = /^<<-?\s*(['"]?)([\w.-]+)\1/.exec(text.slice(reader.at, reader.at + 100));
      if (here !== null && text[reader.at + 2] !== "<") {
        heredocs.push(here[2] ?? "");
        reader.at += here[0].length;
      } else if ((c === "<" || c === ">") && text[reader.at + 1] === "(") command.words.push(readWord(reader));
      else {
        const from = reader.at;
        while (reader.at < reader.end && "<>&|".includes(text[reader.at] ?? "")) reader.at++;
        const writes = text.slice(from, reader.at).includes(">");
        while (text[reader.at] === " ") reader.at++;
        const target = readWord(reader);
        if (target.raw !== "") (writes ? command.redirects : command.inputs).push(target);
      }
    } else {
      const word = readWord(reader);
      if (word.raw === "") reader.at++;
      else if (word.raw === "function" && command.words.length === 0) {
        while (text[reader.at] === " ") reader.at++;
        reader.scope = readWord(reader).value;
      } else command.words.push(word);
    }
  }
  endCommand(false);
  return all;
}

function skipHeredoc(reader: Reader, mark: string): void {
  while (reader.at < reader.end) {
    const stop = reader.text.indexOf("\n", reader.at);
    const line = reader.text.slice(reader.at, stop === -1 ? reader.end : stop);
    reader.at = stop === -1 ? reader.end : stop + 1;
    if (line.trim() === mark) return;
  }
}

function readWord(reader: Reader): ShellWord {
  const { text } = reader;
  const start = reader.at;
  const variables: string[] = [];
  const substitutions: (readonly Command[])[] = [];
  let value = "";
  const within = (from: number, to: number): void => {
    if (reader.depth >= MAX_DEPTH) return;
    substitutions.push(...pipelines({ text, at: from, end: to, depth: reader.depth + 1, scope: reader.scope }));
  };
  const dollar = (): void => {
    const next = text[reader.at + 1] ?? "";
    if (next === "(") {
      const stop = closing(text, reader.at + 1, reader.end);
      within(reader.at + 2, stop);
      value += text.slice(reader.at, stop + 1);
      reader.at = stop + 1;
      return;
    }
    const name = /^\$\{?[#!]?([A-Za-z_]\w*)/.exec(text.slice(reader.at, reader.at + 120))?.[1];
    if (name !== undefined) variables.push(name);
    const length =
      next === "{" ? Math.max(1, Math.min(braceEnd(text, reader.at + 1, reader.end), reader.end) - reader.at + 1) : (name?.length ?? 0) + 1;
    value += text.slice(reader.at, reader.at + length);
    reader.at += length;
  };
  const backtick = (): void => {
    const stop = text.indexOf("`", reader.at + 1);
    const to = stop === -1 || stop > reader.end ? reader.end : stop;
    within(reader.at + 1, to);
    reader.at = to + 1;
  };
  while (reader.at < reader.end) {
    const c = text[reader.at] ?? "";
    if (c === "'") {
      const stop = text.indexOf("'", reader.at + 1);
      const to = stop === -1 || stop > reader.end ? reader.end : stop;
      value += text.slice(reader.at + 1, to);
      reader.at = to + 1;
    } else if (c === '"') {
      reader.at++;
      while (reader.at < reader.end && text[reader.at] !== '"') {
        if (text[reader.at] === "\\") {
          value += text[reader.at + 1] ?? "";
          reader.at += 2;
        } else if (text[reader.at] === "$") dollar();
        else if (text[reader.at] === "`") backtick();
        else value += text[reader.at++] ?? "";
      }
      reader.at++;
    } else if (c === "\\") {
      if (text[reader.at + 1] !== "\n") value += text[reader.at + 1] ?? "";
      reader.at += 2;
    } else if (c === "$") dollar();
    else if (c === "`") backtick();
    else if ((c === "<" || c === ">") && text[reader.at + 1] === "(" && reader.at === start) {
      const stop = closing(text, reader.at + 1, reader.end);
      within(reader.at + 2, stop);
      value += text.slice(reader.at, stop + 1);
      reader.at = stop + 1;
    } else if (" \t\r\n;&|<>()".includes(c)) break;
    else {
      value += c;
      reader.at++;
    }
  }
  if (reader.at > reader.end) reader.at = reader.end;
  return { at: start, raw: text.slice(start, reader.at), value, variables, substitutions };
}

/** Offset of the parenthesis that closes the one at `open`; the end where none does. */
function closing(text: string, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end; at++) {
    const c = text[at];
    if (c === "\\") at++;
    else if (c === "'") {
      const stop = text.indexOf("'", at + 1);
      if (stop === -1 || stop >= end) return end;
      at = stop;
    } else if (c === "(") depth++;
    else if (c === ")" && --depth === 0) return at;
  }
  return end;
}

/** Characters of `${…}`: people write some dozens, and looking further from each of many that are never closed would be quadratic. */
const MAX_EXPANSION = 300;

function braceEnd(text: string, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end && at < open + MAX_EXPANSION; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return open;
}
