/**
 * DER (X.690), as little of it as certificates and timestamps need: definite lengths in their shortest form, tags below 31. A value is a
 * window on the bytes that it was read from, nothing is copied.
 */
import { type RejectCode, reject } from "./reject.ts";

export interface Der {
  readonly tag: number;
  /** Tag, length and content. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_ID = 0x06;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;
/** Constructed, context specific: `[n]`. */
export const context = (n: number): number => 0xa0 + n;

/** Members of one sequence that we are ready to look at. Fulcio writes some 20 extensions; 1,000 is far beyond and bounds the work. */
const MAX_MEMBERS = 1000;

/** Reads DER and refuses with one code, so that a broken certificate and a broken timestamp can be told apart. */
export class DerReader {
  readonly #code: RejectCode;
  readonly #what: string;

  constructor(what: string, code: RejectCode) {
    this.#what = what;
    this.#code = code;
  }

  bad(why: string): never {
    reject(this.#code, `${this.#what}: ${why}`);
  }

  /** The one value that fills the bytes; what follows it is refused. */
  only(bytes: Buffer, tag: number): Der {
    const value = this.#at(bytes, 0);
    if (value.whole.length !== bytes.length) this.bad("bytes after the end");
    return this.expect(value, tag);
  }

  expect(value: Der | undefined, tag: number): Der {
    if (value === undefined) this.bad("a part is missing");
    if (value.tag !== tag) this.bad(`tag ${value.tag} where ${tag} was expected`);
    return value;
  }

  members(value: Der): Der[] {
    const members: Der[] = [];
    for (let at = 0; at < value.content.length;) {
      const member = this.#at(value.content, at);
      members.push(member);
      if (members.length > MAX_MEMBERS) this.bad(`more than ${MAX_MEMBERS} members`);
      at += member.whole.length;
    }
    return members;
  }

  #at(bytes: Buffer, at: number): Der {
    const tag = bytes[at];
    const first = bytes[at + 1];
    if (tag === undefined || first === undefined) this.bad("cut short");
    if ((tag & 0x1f) === 0x1f) this.bad("a tag beyond 30");
    let length = first;
    let start = at + 2;
    if (first > 0x7f) {
      const count = first & 0x7f;
      // Four bytes address 4 GB, beyond any certificate; zero would be the indefinite form that DER forbids.
      if (count === 0 || count > 4 || start + count > bytes.length) this.bad("a length that DER does not allow");
      length = bytes.readUIntBE(start, count);
      start += count;
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) this.bad("a length that is not in its shortest form");
    }
    if (start + length > bytes.length) this.bad("cut short");
    return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
  }

  objectId(value: Der | undefined): string {
    const { content } = this.expect(value, OBJECT_ID);
    const first = content[0];
    if (first === undefined || (content.at(-1) ?? 0x80) > 0x7f) this.bad("a broken object identifier");
    let text = "";
    let arc = 0;
    for (const byte of content) {
      if (arc > 2 ** 40) this.bad("an object identifier with too large an arc");
      arc = arc * 128 + (byte & 0x7f);
      if (byte > 0x7f) continue;
      text += text === "" ? `${Math.min(2, Math.floor(arc / 40))}.${arc - 40 * Math.min(2, Math.floor(arc / 40))}` : `.${arc}`;
      arc = 0;
    }
    return text;
  }

  /** Milliseconds since 1970. UTCTime as RFC 5280 §4.1.2.5.1 reads it, GeneralizedTime with an optional fraction (RFC 3161 §2.4.2). */
  time(value: Der | undefined): number {
    const text = value?.content.toString("latin1") ?? "";
    const match =
      value?.tag === UTC_TIME
        ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()Z$/.exec(text)
        : value?.tag === GENERALIZED_TIME
          ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text)
          : null;
    if (match === null) this.bad("a broken time");
    const [, years = "", month = "", day = "", hour = "", minute = "", second = "", fraction = ""] = match;
    const year = years.length === 4 ? Number(years) : Number(years) + (Number(years) < 50 ? 2000 : 1900);
    const time = Date.parse(
      `${String(year).padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}.${`${fraction}000`.slice(0, 3)}Z`,
    );
    if (Number.isNaN(time)) this.bad("a time that does not exist");
    return time;
  }

  boolean(value: Der): boolean {
    const byte = value.content[0];
    if (value.content.length !== 1 || (byte !== 0 && byte !== 0xff)) this.bad("a broken boolean");
    return byte === 0xff;
  }
}

/** Writes one value. */
export function encodeDer(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const count = length < 0x100 ? 1 : length < 0x1_00_00 ? 2 : length < 0x1_00_00_00 ? 3 : 4;
  const head = Buffer.alloc(2 + count);
  head[0] = tag;
  head[1] = 0x80 | count;
  head.writeUIntBE(length, 2, count);
  return Buffer.concat([head, content]);
}
