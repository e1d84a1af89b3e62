/** What decoders make of a text: pure, bounded, and null or the text itself where nothing sensible comes out. */
import { isUtf8 } from "node:buffer";
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** Bytes that a packed text is unpacked to: a page of code, and no bomb. */
const MAX_UNPACKED = 200_000;

/** Bytes as text; where they are none, each as the character of its number, so that they can be unpacked. */
const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");

export const decode64 = (text: string): string => textOf(Buffer.from(text, "base64"));
export const decodeHex = (text: string): string => textOf(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));

/** RFC 4648 §6. */
export function decode32(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.toUpperCase()) {
    const value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character);
    if (value === -1) continue;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((held >> (bits -= 8)) & 0xff);
  }
  return textOf(Buffer.from(bytes));
}

export const decodePercent = (text: string): string =>
  text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

export const rot13 = (text: string): string =>
  text.replaceAll(/[a-zA-Z]/g, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });

/** deflate with or without its header, or gzip; null for what is none of them. */
export function unpacked(text: string): string | null {
  if (text.length < 3) return null;
  const bytes = Buffer.from(text, "latin1");
  for (const unpack of [inflateSync, gunzipSync, inflateRawSync]) {
    try {
      return textOf(unpack(bytes, { maxOutputLength: MAX_UNPACKED }));
    } catch {
      // It is packed in another way, or not at all.
    }
  }
  return null;
}

/** EBCDIC (code pages 037, 500, 1026), as far as they agree: what nobody but a mainframe writes. */
const ebcdic: ReadonlyMap<string, string> = new Map(
  (
    [
      [0x81, "abcdefghi"],
      [0x91, "jklmnopqr"],
      [0xa2, "stuvwxyz"],
      [0xc1, "ABCDEFGHI"],
      [0xd1, "JKLMNOPQR"],
      [0xe2, "STUVWXYZ"],
      [0xf0, "0123456789"],
      [0x40, " "],
      [0x4b, ".<(+"],
      [0x5c, "*);"],
      [0x60, "-/"],
      [0x6b, ",%_>?"],
      [0x7a, ":"],
      [0x7d, "'="],
    ] as const
  ).flatMap(([from, characters]) => [...characters].map((character, index) => [String.fromCharCode(from + index), character] as const)),
);

/** What `text.decode(codec)` comes to: null for codecs that change nothing here. */
export function decodedBy(text: string, codec: string): string | null {
  const name = codec.toLowerCase().replaceAll(/[_-]/g, "");
  if (/^(?:base64|base64codec)$/.test(name)) return decode64(text);
  if (/^(?:hex|hexcodec)$/.test(name)) return decodeHex(text);
  if (/^rot(?:13|13codec)$/.test(name)) return rot13(text);
  if (/^(?:zip|zlib|zlibcodec)$/.test(name)) return unpacked(text);
  if (/^(?:cp|ibm)?(?:037|039|273|500|1026|1140)$/.test(name)) return [...text].map((c) => ebcdic.get(c) ?? c).join("");
  return null;
}

/** The character of a number as it is written; "" for what is none. */
export const characterOf = (number: string): string => {
  const value = Number(number.replaceAll("_", ""));
  return Number.isInteger(value) && value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : "";
};
