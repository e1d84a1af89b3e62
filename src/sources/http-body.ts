/** Takes in the body of an answer within bounds, undoes its content coding, and notices when it is not what the headers promise. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { Fault } from "../model/index.ts";
import { withoutPassword } from "./http-transport.ts";

const decoders: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** The content codings that we ask for. */
export const ACCEPTED_CODINGS = "br, gzip";

export interface BodyHeaders {
  readonly contentLength: number | undefined;
  readonly contentEncoding: string;
  readonly contentType: string;
}

/** Reads at most `maxBytes`, on the wire and decoded. Throws `source/too-large`, or `source/body` for fewer bytes than promised and for a coding that does not decode. */
export async function takeBody(
  url: string,
  chunks: AsyncIterable<Uint8Array>,
  headers: BodyHeaders,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<Buffer> {
  if (headers.contentLength !== undefined && headers.contentLength > maxBytes) throw tooLarge(url, maxBytes);
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(url, maxBytes);
      onBytes(chunk.length);
      parts.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Fault || (cause instanceof Error && cause.name === "AbortError")) throw cause;
    const promised = headers.contentLength === undefined ? "" : ` of ${headers.contentLength}`;
    throw new Fault("source/body", `The answer of ${withoutPassword(url)} breaks off after ${size}${promised} bytes.`, { cause });
  }
  if (headers.contentLength !== undefined && headers.contentLength !== size)
    throw new Fault("source/body", `${withoutPassword(url)} promised ${headers.contentLength} bytes and sent ${size}.`);
  const raw = parts.length === 1 && Buffer.isBuffer(parts[0]) ? parts[0] : Buffer.concat(parts);
  return await decode(url, raw, headers.contentEncoding, maxBytes);
}

async function decode(url: string, raw: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  // The last coding applied stands last (RFC 9110, section 8.4).
  const codings = encoding
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity")
    .toReversed();
  /** More than two codings on top of each other is no honest server. */
  const MOST_CODINGS = 2;
  if (codings.length > MOST_CODINGS) throw new Fault("source/body", `${withoutPassword(url)} is encoded ${codings.length} times over.`);
  let bytes = raw;
  for (const coding of codings) {
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decoder === undefined)
      throw new Fault("source/body", `${withoutPassword(url)} is encoded as "${coding}", which was not asked for.`);
    try {
      bytes = await decoder(bytes, { maxOutputLength: maxBytes });
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(url, maxBytes);
      throw new Fault("source/body", `The answer of ${withoutPassword(url)} is cut off or damaged (${coding}).`, { cause });
    }
  }
  return bytes;
}

/** Throws `source/body` where an answer that should be JSON is a page of HTML (a login page, a proxy's error) or is no whole JSON text. */
export function requireJson(url: string, contentType: string, body: Buffer): void {
  const start = body.subarray(0, 256).toString("latin1").trimStart();
  if (/^text\/html\b|^application\/xhtml/i.test(contentType) || /^<(!doctype|html|head|body|\?xml)/i.test(start))
    throw new Fault("source/body", `${withoutPassword(url)} answered with a web page where JSON was expected.`, {
      hint: "A login page, a proxy or a wrong registry address is usual; open the address in a browser, and compare with: npm config get registry",
    });
  // The last character tells a text that was cut off, at no cost; whoever parses it says what else is wrong.
  const end = body.subarray(-64).toString("latin1").trimEnd().at(-1) ?? "";
  if (start.startsWith("{") ? end !== "}" : start.startsWith("[") ? end !== "]" : true)
    throw new Fault("source/body", `${withoutPassword(url)} answered with what is no whole JSON text (${body.length} bytes).`);
}

const tooLarge = (url: string, maxBytes: number): Fault =>
  new Fault("source/too-large", `The answer of ${withoutPassword(url)} is larger than ${maxBytes} bytes, the most that is taken in.`);
