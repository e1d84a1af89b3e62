/** Writes tar archives for tests: honest ones, and every kind that an honest writer would never write. */
import { gzipSync } from "node:zlib";

const BLOCK = 512;

/** An entry as it shall stand in the archive; nothing of it is checked or repaired. */
export interface TarEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** The type flag: "0" file (default), "1" hard link, "2" symbolic link, "3" device, "5" folder, "x" pax, "g" global pax, "L" GNU long name … */
  readonly type?: string;
  readonly mode?: number;
  readonly link?: string;
  /** What the header says instead of the content's length. */
  readonly size?: number;
  /** Writes the size in base-256. */
  readonly base256?: boolean;
  readonly badChecksum?: boolean;
  readonly prefix?: string;
  /** Records of a pax header that is written before the entry. */
  readonly pax?: Readonly<Record<string, string>>;
}

/** One header and its content, padded. */
export function tarEntry(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.content ?? "");
  const header = Buffer.alloc(BLOCK);
  const put = (text: string, at: number, length: number): number => header.write(text.slice(0, length), at, "utf8");
  const size = entry.size ?? content.length;
  put(entry.path, 0, 100);
  put(`${(entry.mode ?? 0o644).toString(8).padStart(7, "0")}\0`, 100, 8);
  put("0000000\0", 108, 8);
  put("0000000\0", 116, 8);
  if (entry.base256) {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  } else put(`${size.toString(8).padStart(11, "0")}\0`, 124, 12);
  put("00000000000\0", 136, 12);
  put("        ", 148, 8);
  put(entry.type ?? "0", 156, 1);
  put(entry.link ?? "", 157, 100);
  put("ustar\x0000", 257, 8);
  put(entry.prefix ?? "", 345, 155);
  let sum = entry.badChecksum ? 1 : 0;
  for (const byte of header) sum += byte;
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  const before = entry.pax === undefined ? [] : [tarEntry({ path: "PaxHeader", type: "x", content: paxRecords(entry.pax) })];
  return Buffer.concat([...before, header, content, padding]);
}

/** `LENGTH key=value\n`, where the length counts itself. */
export function paxRecords(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const bytes = Buffer.byteLength(rest);
      let length = bytes + 1;
      while (String(length).length + bytes !== length) length = String(length).length + bytes;
      return `${length}${rest}`;
    })
    .join("");
}

/** A whole archive with its two closing blocks. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(2 * BLOCK)]);
}

/** An npm package's tarball: files by their path within the package; a text, bytes, or an object that becomes JSON. */
export function npmTarball(files: Readonly<Record<string, string | Uint8Array | object>>): Buffer {
  const entries = Object.entries(files).map(([path, content]) => ({
    path: `package/${path}`,
    content: typeof content === "string" || content instanceof Uint8Array ? content : `${JSON.stringify(content, null, 2)}\n`,
  }));
  return gzipSync(tar(entries), { level: 6 });
}
