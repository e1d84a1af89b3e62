/** Writes zip archives for tests. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** 0 stored, 8 deflated (default). */
  readonly method?: number;
  /** POSIX mode with its type bits. */
  readonly mode?: number;
  /** The name in the entry's own header, where it shall differ from the directory's. */
  readonly localPath?: string;
  /** What the headers say instead of the content's length. */
  readonly size?: number;
  /** Left out of the directory. */
  readonly hidden?: boolean;
  /** Points at the data of the entry before instead of writing its own. */
  readonly overlaps?: boolean;
}

/** A whole archive; `before` and `after` stand around it. */
export function zip(entries: readonly ZipEntry[], around: { readonly before?: Uint8Array; readonly after?: Uint8Array } = {}): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  let last = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    const method = entry.method ?? 8;
    const data = method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(entry.path);
    const localName = Buffer.from(entry.localPath ?? entry.path);
    const common = (buffer: Buffer, at: number): void => {
      buffer.writeUInt16LE(20, at);
      buffer.writeUInt16LE(0x800, at + 2);
      buffer.writeUInt16LE(method, at + 4);
      buffer.writeUInt32LE(crc32(content), at + 10);
      buffer.writeUInt32LE(data.length, at + 14);
      buffer.writeUInt32LE(entry.size ?? content.length, at + 18);
    };
    const start = entry.overlaps ? last : offset;
    if (!entry.overlaps) {
      const local = Buffer.alloc(30);
      local.writeUInt32LE(0x04034b50, 0);
      common(local, 4);
      local.writeUInt16LE(localName.length, 26);
      body.push(local, localName, data);
      last = offset;
      offset += local.length + localName.length + data.length;
    }
    if (entry.hidden) continue;
    const listed = Buffer.alloc(46);
    listed.writeUInt32LE(0x02014b50, 0);
    listed.writeUInt16LE((3 << 8) | 20, 4);
    common(listed, 6);
    listed.writeUInt16LE(name.length, 28);
    listed.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    listed.writeUInt32LE(start, 42);
    directory.push(listed, name);
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  const count = entries.filter((entry) => !entry.hidden).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([around.before ?? Buffer.alloc(0), ...body, listing, end, around.after ?? Buffer.alloc(0)]);
}
