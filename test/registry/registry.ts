/**
 * An npm registry on this machine for tests and benchmarks: serves documents and tarballs made from files in memory, and misbehaves on
 * request, in every way that real ones do.
 */
import { createHash } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { npmTarball } from "./tar.ts";

/** One release; what is not given is derived from the rest. */
export interface FakeRelease {
  readonly version: string;
  /** The files of the tarball; a package.json is added where there is none. */
  readonly files?: Readonly<Record<string, string | Uint8Array | object>>;
  /** The tarball itself, in place of `files`. */
  readonly tarball?: Uint8Array;
  /** Members of the package.json, in the tarball and in the document. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Members that only the document has (manifest confusion), laid over the manifest. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Laid over the document's `dist`. */
  readonly dist?: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly published?: string;
}

export interface FakePackage {
  readonly name: string;
  readonly releases: readonly FakeRelease[];
  readonly distTags?: Readonly<Record<string, string>>;
}

/** What happens to a request in place of its answer. */
export type Behaviour =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly kind: "html" }
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** Says nothing at all. */
  | { readonly kind: "silent" }
  /** Half of the body, then the connection ends. */
  | { readonly kind: "half" }
  /** A content-length that is this much larger (or smaller) than the body. */
  | { readonly kind: "length"; readonly by: number }
  | { readonly kind: "redirect"; readonly to: string }
  /** Closes the connection before any answer. */
  | { readonly kind: "reset" }
  | { readonly kind: "body"; readonly body: string | Uint8Array; readonly headers?: Readonly<Record<string, string>> };

/** Called for every request with how often its path was asked for before; null answers it as it should be. */
export type Misbehave = (path: string, count: number, request: IncomingMessage) => Behaviour | null;

export interface RegistryOptions {
  readonly packages?: readonly FakePackage[];
  readonly misbehave?: Misbehave;
  /** Refuses requests without this token. */
  readonly token?: string;
  /** Cache-Control of documents; default `public, max-age=300`. */
  readonly cacheControl?: string;
}

export interface RunningRegistry {
  /** With a slash at its end. */
  readonly url: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
  }[];
  /** Adds or replaces packages. */
  readonly publish: (...packages: readonly FakePackage[]) => void;
  readonly misbehave: (behaviour: Misbehave | null) => void;
  /** What a lockfile would hold for a release. */
  readonly lockEntry: (name: string, version: string) => { readonly resolved: string; readonly integrity: string };
  readonly close: () => Promise<void>;
}

interface Served {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Packed for clients that take it, so that the server's own work is small beside theirs. */
  readonly gzip: Buffer | null;
}

const serve = (body: Buffer, type: string): Served => ({
  body,
  type,
  etag: `"${createHash("sha1").update(body).digest("hex")}"`,
  gzip: type === "application/json" ? gzipSync(body, { level: 1 }) : null,
});

export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const served = new Map<string, Served>();
  const locks = new Map<string, { resolved: string; integrity: string }>();
  const requests: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let misbehave = options.misbehave ?? null;
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ method: request.method ?? "", path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
        response.writeHead(401, { "content-type": "application/json" }).end('{"error":"unauthorized"}');
        return;
      }
      const file = served.get(decodeURIComponent(path)) ?? null;
      const behaviour = misbehave?.(path, count, request) ?? null;
      if (behaviour === null) answer(request, response, file, options.cacheControl);
      else behave(behaviour, request, response, file, options.cacheControl);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await listen(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const publish = (...packages: readonly FakePackage[]): void => {
    for (const fake of packages) {
      const { document, tarballs } = packageDocument(fake, url);
      served.set(`/${fake.name}`, serve(Buffer.from(JSON.stringify(document)), "application/json"));
      for (const tarball of tarballs) {
        served.set(new URL(tarball.address).pathname, serve(tarball.bytes, "application/octet-stream"));
        locks.set(`${fake.name}@${tarball.version}`, { resolved: tarball.address, integrity: tarball.integrity });
      }
    }
  };
  publish(...(options.packages ?? []));

  return {
    url,
    requests,
    publish,
    misbehave: (next) => {
      misbehave = next;
    },
    lockEntry: (name, version) => {
      const entry = locks.get(`${name}@${version}`);
      if (entry === undefined) throw new Error(`${name}@${version} is not published here`);
      return entry;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The document of a package, and its tarballs with their addresses. */
export function packageDocument(
  fake: FakePackage,
  registry: string,
): { document: object; tarballs: readonly { version: string; address: string; bytes: Buffer; integrity: string }[] } {
  const versions: [string, object][] = [];
  const tarballs: { version: string; address: string; bytes: Buffer; integrity: string }[] = [];
  const time: Record<string, string> = { created: "2020-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z" };
  for (const release of fake.releases) {
    const { version } = release;
    const manifest = { name: fake.name, version, ...release.manifest };
    const bytes = Buffer.from(release.tarball ?? npmTarball({ "package.json": manifest, ...release.files }));
    const address = `${registry}${fake.name}/-/${fake.name.replace(/^.*\//, "")}-${version}.tgz`;
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    tarballs.push({ version, address, bytes, integrity });
    time[version] = release.published ?? "2024-01-01T00:00:00.000Z";
    const dist = { integrity, shasum: createHash("sha1").update(bytes).digest("hex"), tarball: address, signatures: [], ...release.dist };
    const by = { _npmUser: { name: "keeper", email: "keeper@registry.example" } };
    versions.push([version, { ...manifest, _id: `${fake.name}@${version}`, ...by, ...release.document, dist }]);
  }
  const latest = fake.releases.at(-1)?.version ?? "";
  const document = {
    _id: fake.name,
    name: fake.name,
    "dist-tags": { latest, ...fake.distTags },
    maintainers: [{ name: "keeper", email: "keeper@registry.example" }],
    versions: Object.fromEntries(versions),
    time,
  };
  return { document, tarballs };
}

function answer(request: IncomingMessage, response: ServerResponse, file: Served | null, cacheControl = "public, max-age=300"): void {
  if (file === null) {
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not_found"}');
    return;
  }
  const { etag, gzip } = file;
  const headers = { "content-type": file.type, etag, "cache-control": cacheControl };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  if (gzip !== null && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
    response.writeHead(200, { ...headers, "content-encoding": "gzip", "content-length": gzip.length }).end(gzip);
    return;
  }
  response.writeHead(200, { ...headers, "content-length": file.body.length }).end(file.body);
}

function behave(
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
  file: Served | null,
  cacheControl: string | undefined,
): void {
  const body = file?.body ?? Buffer.from("{}");
  const type = file?.type ?? "application/json";
  switch (behaviour.kind) {
    case "status":
      response.writeHead(behaviour.status, { "content-type": "text/plain", ...behaviour.headers }).end(behaviour.body ?? "");
      return;
    case "html":
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Sign in</title>");
      return;
    case "slow":
      setTimeout(() => answer(request, response, file, cacheControl), behaviour.milliseconds);
      return;
    case "silent":
      return;
    case "half":
      response.writeHead(200, { "content-type": type, "content-length": body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    case "length":
      // Written by hand: the server's own library would refuse to lie.
      response.socket?.end(
        Buffer.concat([
          Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length + behaviour.by}\r\n\r\n`),
          body,
        ]),
      );
      return;
    case "redirect":
      response.writeHead(302, { location: behaviour.to }).end();
      return;
    case "reset":
      response.socket?.destroy();
      return;
    case "body":
      response.writeHead(200, { "content-type": type, ...behaviour.headers }).end(behaviour.body);
  }
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}
