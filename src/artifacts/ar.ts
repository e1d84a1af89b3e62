/** Reads the ar archives that Debian packages are (deb(5)): a magic line, then members with a header of 60 bytes, padded to even length. */
import { Fault } from "../model/index.ts";
import type { Hazards } from "./hazards.ts";
import { Stop } from "./inflate.ts";

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

export interface ArMember {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Throws `artifact/format` where it is no ar archive, `Stop` where it is damaged (its hazard is then noted). */
export function* readAr(source: Uint8Array, hazards: Hazards): Generator<ArMember> {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.length);
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Fault("artifact/format", "This is no ar archive.");
  for (let at = MAGIC.length; at < bytes.length;) {
    const header = bytes.toString("latin1", at, at + HEADER_BYTES);
    const size = /^(\d{1,10}) *$/.exec(header.slice(48, 58))?.[1];
    if (header.length < HEADER_BYTES || size === undefined || !header.endsWith("`\n")) {
      hazards.add("bad-header", "", "a member's header is damaged");
      throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
    }
    const start = at + HEADER_BYTES;
    const end = start + Number(size);
    const name = header.slice(0, 16).trimEnd().replace(/\/$/, "");
    if (end > bytes.length) {
      hazards.add("truncated", name, "the archive ends within it");
      throw new Stop("artifact/truncated", "The archive is cut off or damaged.");
    }
    yield { name, data: bytes.subarray(start, end) };
    at = end + (end % 2);
  }
}
