/**
 * Reads JSON (RFC 8259) into a tree that knows where each value and key stands, because a message about a policy file should name the
 * line that is wrong. Stricter than `JSON.parse` in one point: the same key twice in one object is a fault, since RFC 8259 section 4
 * leaves open which of the two counts. Member names never become properties of an object here, so `__proto__` is a name like any other.
 */
import type { Place } from "../model/index.ts";
import { Fault } from "../model/index.ts";

export interface JsonMember {
  readonly name: string;
  /** Offset of the name in the text. */
  readonly at: number;
  readonly value: JsonNode;
}

export type JsonNode =
  | { readonly kind: "scalar"; readonly at: number; readonly value: string | number | boolean | null }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly at: number; readonly members: readonly JsonMember[] };

/** A policy is three or four levels deep; the limit keeps a hostile file from exhausting the stack. */
const MAX_DEPTH = 64;
/** Hand-written files are a few kilobytes; a thousand ignores are some hundred. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** Line and column, both from 1, of an offset in a text. */
export function placeAt(file: string, text: string, at: number): Place {
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  return { file, line: before.split("\n").length, column: at - start + 1 };
}

/** Throws Fault `policy/invalid` with the place where the text is not JSON, holds a key twice, or is too deep or too long. */
export function parseJson(text: string, file: string): JsonNode {
  if (text.length > MAX_LENGTH) throw new Fault("policy/invalid", `${file} is longer than ${MAX_LENGTH} characters`, { place: { file } });
  return new Reader(text, file).document();
}

class Reader {
  private at = 0;
  private readonly text: string;
  private readonly file: string;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  document(): JsonNode {
    const node = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.wrong("there is something after the end of the JSON value");
    return node;
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw this.wrong(`more than ${MAX_DEPTH} levels deep`);
    this.space();
    const at = this.at;
    const character = this.text[at];
    if (character === "{") return { kind: "object", at, members: this.members(depth) };
    if (character === "[") return { kind: "array", at, items: this.items(depth) };
    if (character === '"') return { kind: "scalar", at, value: this.string() };
    for (const [word, value] of words) {
      if (this.text.startsWith(word, at)) {
        this.at += word.length;
        return { kind: "scalar", at, value };
      }
    }
    numberPattern.lastIndex = at;
    const number = numberPattern.exec(this.text);
    if (number === null) throw this.wrong(character === undefined ? "the file ends too early" : "this is not JSON");
    this.at += number[0].length;
    return { kind: "scalar", at, value: Number(number[0]) };
  }

  private members(depth: number): readonly JsonMember[] {
    const members: JsonMember[] = [];
    const seen = new Set<string>();
    this.at++;
    if (this.next("}")) return members;
    do {
      this.space();
      const at = this.at;
      if (this.text[at] !== '"') throw this.wrong("here a name in double quotes is expected");
      const name = this.string();
      if (seen.has(name)) throw this.wrong(`${JSON.stringify(name)} stands here a second time`, at);
      seen.add(name);
      if (!this.next(":")) throw this.wrong('here ":" is expected');
      members.push({ name, at, value: this.value(depth + 1) });
    } while (this.next(","));
    if (!this.next("}")) throw this.wrong('here "," or "}" is expected');
    return members;
  }

  private items(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = [];
    this.at++;
    if (this.next("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.next(","));
    if (!this.next("]")) throw this.wrong('here "," or "]" is expected');
    return items;
  }

  private string(): string {
    const start = this.at;
    for (let end = start + 1; end < this.text.length; end++) {
      const character = this.text[end];
      if (character === "\\") end++;
      else if (character === '"') {
        this.at = end + 1;
        try {
          return JSON.parse(this.text.slice(start, end + 1)) as string;
        } catch {
          throw this.wrong("this text holds a character or an escape that JSON does not allow", start);
        }
      } else if (character === "\n") break;
    }
    throw this.wrong("this text has no closing quote", start);
  }

  private next(character: string): boolean {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private space(): void {
    spacePattern.lastIndex = this.at;
    this.at += spacePattern.exec(this.text)?.[0].length ?? 0;
  }

  private wrong(message: string, at = this.at): Fault<"policy/invalid"> {
    return new Fault("policy/invalid", `${this.file} is not valid JSON: ${message}`, {
      place: placeAt(this.file, this.text, at),
      hint: "a policy file is plain JSON: no comments, no comma after the last entry",
    });
  }
}

const words = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const spacePattern = /[ \t\r\n]*/y;
