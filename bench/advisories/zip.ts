import { closeSync, openSync, writeSync } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";
import { advisoryDocuments } from "../../src/sources/osv-files.ts";
import { fromNative } from "../../src/sources/osv-native.ts";

/** Writes the first `count` OSV records of a folder as one zip, an entry each, as OSV publishes them. */
export async function writeRecordsZip(folder: string, path: string, count: number): Promise<void> {
  const fd = openSync(path, "w");
  const directory: Buffer[] = [];
  let at = 0;
  let entries = 0;
  const put = (...parts: readonly Buffer[]): void => {
    const bytes = Buffer.concat(parts);
    writeSync(fd, bytes);
    at += bytes.length;
  };
  for await (const batch of advisoryDocuments(folder)) {
    for (const { json, value, place } of batch) {
      if (json === null || entries >= count || fromNative(value) !== null) continue;
      const name = Buffer.from(`${(value as { id: string }).id}-${place.replaceAll("/", "_")}.json`);
      const packed = deflateRawSync(json);
      const fields = Buffer.alloc(22);
      fields.writeUInt16LE(20, 0);
      fields.writeUInt16LE(8, 4);
      fields.writeUInt32LE(crc32(json), 10);
      fields.writeUInt32LE(packed.length, 14);
      fields.writeUInt32LE(json.length, 18);
      const nameLength = Buffer.alloc(4);
      nameLength.writeUInt16LE(name.length, 0);
      const tail = Buffer.alloc(14);
      tail.writeUInt32LE(at, 10);
      directory.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), fields, nameLength, tail, name]));
      put(signature(0x04034b50), fields, nameLength, name, packed);
      entries += 1;
    }
  }
  if (entries !== count) throw new Error(`the archive gave ${entries} records, not ${count}`);
  const start = at;
  put(...directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Math.min(entries, 0xffff), 4);
  end.writeUInt16LE(Math.min(entries, 0xffff), 6);
  end.writeUInt32LE(at - start, 8);
  end.writeUInt32LE(start, 12);
  put(signature(0x06054b50), end);
  closeSync(fd);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
