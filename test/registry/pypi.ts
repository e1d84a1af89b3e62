/**
 * A Python package index on this machine for tests: the simple API as JSON (or HTML), and provenance objects (PEP 740) made of whatever bundles it is
 * given.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface FakeFile {
  readonly name: string;
  /** A check only ever sees its hash. */
  readonly content: string | Uint8Array;
  /** Hexadecimal, where the index lies about the content's SHA-256. */
  readonly hash?: string;
  readonly yanked?: string | boolean;
  readonly uploaded?: string;
  /** The provenance object; absent: the index says that there is none. */
  readonly provenance?: object;
  /** What the index serves as its metadata (PEP 658). */
  readonly metadata?: string;
}

export interface FakeProject {
  readonly name: string;
  readonly files: readonly FakeFile[];
  readonly status?: { readonly status: string; readonly reason?: string };
}

export interface FakeIndexOptions {
  readonly html?: boolean;
  /** Leaves out what PEP 740 adds, as older indexes do. */
  readonly withoutProvenance?: boolean;
  /** `user:password` that requests must bring. */
  readonly login?: string;
  /** Where provenance addresses lead, in place of the index itself. */
  readonly provenanceBase?: string;
}

export interface FakeIndex {
  /** Address of the simple API, with a slash at its end. */
  readonly url: string;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  readonly publish: (...projects: readonly FakeProject[]) => void;
  readonly close: () => Promise<void>;
}

export const sha256Of = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** A bundle as PEP 740 writes it. */
export function pep740(bundle: {
  readonly verificationMaterial: { readonly certificate?: { readonly rawBytes: string }; readonly tlogEntries: readonly unknown[] };
  readonly dsseEnvelope?: { readonly payload: string; readonly signatures: readonly { readonly sig: string }[] };
}): object {
  return {
    version: 1,
    verification_material: {
      certificate: bundle.verificationMaterial.certificate?.rawBytes,
      transparency_entries: bundle.verificationMaterial.tlogEntries,
    },
    envelope: { statement: bundle.dsseEnvelope?.payload, signature: bundle.dsseEnvelope?.signatures[0]?.sig },
  };
}

export const provenanceObject = (publisher: object | null, ...attestations: readonly object[]): object => ({
  version: 1,
  attestation_bundles: [{ ...(publisher === null ? {} : { publisher }), attestations }],
});

export async function startIndex(options: FakeIndexOptions = {}): Promise<FakeIndex> {
  const projects = new Map<string, FakeProject>();
  const requests: { path: string; headers: IncomingMessage["headers"] }[] = [];
  const sockets = new Set<Socket>();
  let base = "";
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    requests.push({ path, headers: request.headers });
    const send = (status: number, type: string, body: string): void => {
      const etag = `"${sha256Of(body).slice(0, 16)}"`;
      if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
      else response.writeHead(status, { "content-type": type, etag }).end(body);
    };
    if (options.login !== undefined && request.headers.authorization !== `Basic ${Buffer.from(options.login).toString("base64")}`)
      return send(401, "text/plain", "no");
    const project = projects.get(/^\/simple\/([^/]+)\/$/.exec(path)?.[1] ?? "");
    if (project !== undefined) {
      return options.html === true
        ? send(200, "text/html", pageOf(project, base, options))
        : send(200, "application/vnd.pypi.simple.v1+json", JSON.stringify(detailOf(project, base, options)));
    }
    const served = [...projects.values()].flatMap(({ files }) => files).find((one) => path === `/files/${one.name}`);
    const described = [...projects.values()].flatMap(({ files }) => files).find((one) => path === `/files/${one.name}.metadata`);
    if (described?.metadata !== undefined) return send(200, "text/plain", described.metadata);
    if (served !== undefined) return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(served.content);
    const [, name = "", file = ""] = /^\/integrity\/([^/]+)\/([^/]+)\/provenance$/.exec(path) ?? [];
    const object = projects.get(name)?.files.find((one) => one.name === file)?.provenance;
    return object === undefined
      ? send(404, "text/plain", "not here")
      : send(200, "application/vnd.pypi.integrity.v1+json", JSON.stringify(object));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${base}/simple/`,
    requests,
    publish: (...more) => {
      for (const project of more) projects.set(project.name.replaceAll(/[-_.]+/g, "-").toLowerCase(), project);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const provenanceAddress = (project: FakeProject, file: FakeFile, base: string): string =>
  `${base}/integrity/${project.name.replaceAll(/[-_.]+/g, "-").toLowerCase()}/${file.name}/provenance`;

function detailOf(project: FakeProject, base: string, options: FakeIndexOptions): object {
  return {
    meta: { "api-version": "1.4" },
    name: project.name.replaceAll(/[-_.]+/g, "-").toLowerCase(),
    ...(project.status === undefined ? {} : { "project-status": project.status }),
    files: project.files.map((file) => ({
      filename: file.name,
      url: `../../files/${file.name}`,
      hashes: { sha256: file.hash ?? sha256Of(file.content) },
      size: file.content.length,
      "upload-time": file.uploaded ?? "2026-03-04T05:06:07.000000Z",
      yanked: file.yanked ?? false,
      ...(file.metadata === undefined ? {} : { "core-metadata": { sha256: sha256Of(file.metadata) } }),
      ...(options.withoutProvenance === true
        ? {}
        : { provenance: file.provenance === undefined ? null : provenanceAddress(project, file, options.provenanceBase ?? base) }),
    })),
  };
}

function pageOf(project: FakeProject, base: string, options: FakeIndexOptions): string {
  const links = project.files.map((file) => {
    const yanked = file.yanked === undefined || file.yanked === false ? "" : ` data-yanked="${file.yanked === true ? "" : file.yanked}"`;
    const provenance =
      options.withoutProvenance === true || file.provenance === undefined
        ? ""
        : ` data-provenance="${provenanceAddress(project, file, base)}"`;
    return `<a href="../../files/${file.name}#sha256=${sha256Of(file.content)}" data-requires-python="&gt;=3.8"${yanked}${provenance}>${file.name}</a><br/>`;
  });
  return `<!DOCTYPE html><html><head><title>Links for ${project.name}</title></head><body>${links.join("\n")}</body></html>`;
}
