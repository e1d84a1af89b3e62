/** package.json, as far as an inventory needs it. Fields that are not what they should be are taken as absent: npm does the same. */
import type { Edge, InputFile, ReadContext } from "../../model/index.ts";
import { type KeyLines, keyLines, parseJson } from "../lines.ts";

/** One dependency that a manifest asks for. */
export interface Ask {
  readonly name: string;
  readonly range: string;
  readonly kind: Edge["kind"];
  readonly optionalPeer: boolean;
}

export interface Manifest {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Optional ones override plain ones of the same name, as npm has it. */
  readonly asks: readonly Ask[];
  /** Globs of the workspace's folders. */
  readonly workspaces: readonly string[];
  /** Yarn's `resolutions`. */
  readonly resolutions: ReadonlyMap<string, string>;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type PlainObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is PlainObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** An own member of an object; never one that it inherits (a key may be called `constructor`). */
export function member(object: PlainObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function textMember(object: PlainObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

/** Name and text of each own member whose value is a text. */
export function textEntries(value: unknown): readonly (readonly [string, string])[] {
  if (!isObject(value)) return [];
  const out: (readonly [string, string])[] = [];
  for (const key of Object.keys(value)) {
    const text = value[key];
    if (typeof text === "string") out.push([key, text]);
  }
  return out;
}

/**
 * The dependencies of a package as npm's files write them: `dependencies`, `optionalDependencies`, `peerDependencies` with
 * `peerDependenciesMeta`, and `devDependencies` where `withDev`. A name stands once: optional before prod before dev before peer.
 */
export function asksOf(object: PlainObject, withDev: boolean): readonly Ask[] {
  const asks: Ask[] = [];
  let seen: Set<string> | undefined;
  const dependencies = member(object, "dependencies");
  const optional = member(object, "optionalDependencies");
  const peer = member(object, "peerDependencies");
  const dev = withDev ? member(object, "devDependencies") : undefined;
  const sections =
    Number(dependencies !== undefined) + Number(optional !== undefined) + Number(peer !== undefined) + Number(dev !== undefined);
  if (sections === 0) return asks;
  if (sections > 1) seen = new Set();
  const add = (value: unknown, kind: Edge["kind"]): void => {
    if (!isObject(value)) return;
    const meta = kind === "peer" ? member(object, "peerDependenciesMeta") : undefined;
    for (const name of Object.keys(value)) {
      const range = value[name];
      if (typeof range !== "string" || seen?.has(name) === true) continue;
      seen?.add(name);
      const about = isObject(meta) ? member(meta, name) : undefined;
      asks.push({ name, range, kind, optionalPeer: isObject(about) && about["optional"] === true });
    }
  };
  add(optional, "optional");
  add(dependencies, "prod");
  add(dev, "dev");
  add(peer, "peer");
  return asks;
}

/** @throws Fault `inventory/syntax`, `inventory/depth` */
export function parseManifest(file: InputFile): { readonly manifest: Manifest; readonly lines: KeyLines } {
  const lines = keyLines(file.text, file.path, ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "imports"]);
  const value = parseJson(file.text, file.path);
  const raw: PlainObject = isObject(value) ? value : {};
  return { manifest: manifestOf(raw, file.path), lines };
}

function manifestOf(raw: PlainObject, path: string): Manifest {
  return {
    path,
    name: textMember(raw, "name"),
    version: textMember(raw, "version"),
    licence: textMember(raw, "license"),
    asks: asksOf(raw, true),
    workspaces: workspaceGlobs(member(raw, "workspaces")),
    resolutions: new Map(textEntries(member(raw, "resolutions"))),
    raw,
  };
}

/** `workspaces` is a list, or an object with a list under `packages`. */
export function workspaceGlobs(value: unknown): readonly string[] {
  const list = isObject(value) ? member(value, "packages") : value;
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}

/**
 * The package.json in a folder beside the file that is being read; null where there is none that can be read. The folder's name comes
 * from the file, so one that leads out of the project is not followed.
 */
export function manifestBeside(context: ReadContext, folder = ""): Manifest | null {
  if (/^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)|\0/.test(folder)) return null;
  const file = context.beside(folder === "" || folder === "." ? "package.json" : `${folder}/package.json`);
  if (file === null) return null;
  try {
    return parseManifest(file).manifest;
  } catch {
    return null;
  }
}
