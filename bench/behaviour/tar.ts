/** Tarballs for benchmarks: POSIX.1-2017 pax, "ustar Interchange Format", with names of up to 255 bytes as npm writes them. */

const BLOCK = 512;

export function tarOf(files: Iterable<{ readonly path: string; readonly bytes: Uint8Array }>): Buffer {
  const blocks: Uint8Array[] = [];
  for (const { path, bytes } of files)
    blocks.push(header(path, bytes.length), bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

export function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const cut = path.length <= 100 ? -1 : path.indexOf("/", path.length - 101);
  block.write(path.slice(cut + 1), 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        0", 148);
  block.write("ustar\x0000", 257);
  if (cut > 0) block.write(path.slice(0, cut), 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
