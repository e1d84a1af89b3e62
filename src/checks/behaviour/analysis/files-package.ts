/** All that is said of one release: its files one after the other, what runs by itself, and what it depends on. Bytes are let go as soon as they were read, so that a package of 60 MB needs no 60 MB. */
import { type ArchiveKind, archiveKindOf, gemSpecification, installedPath, openArchive } from "../../../artifacts/index.ts";
import {
  Fault,
  type Hiding,
  type PackageFacts,
  type PackageFile,
  type PackageManifest,
  packageManifest,
  parsePurl,
} from "../../../model/index.ts";
import { asidesOf } from "./asides.ts";
import { selfRunsOf } from "./autorun.ts";
import { isTelling } from "./autorun-files.ts";
import { dependenciesOf } from "./files-dependencies.ts";
import { type FactsKeeper, fileFacts } from "./files.ts";
import { codeLanguages } from "./files-codes.ts";
import { sharedWith, sharingTexts } from "./files-share.ts";

/** One file of a release, as it would lie on disk. */
export interface PackageEntry {
  /** Relative to the package, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  /** Only until the next file is asked for: then others may lie there. */
  readonly bytes: Uint8Array;
}

/** Files that say what runs by itself are kept as text, up to this size: a manifest or recipe of a megabyte is absurd. */
const TELLING_BYTES = 1024 * 1024;

/**
 * Facts of the files of one release. `purl` is "" for a folder that says no name; of two entries with one path the later one counts,
 * as package managers have it. What could not be read is in `unread`. `like`: a release that is held beside this one; what is the same in
 * both takes memory once. Throws only what going through `entries` throws.
 */
export async function packageFacts(
  purl: string,
  entries: Iterable<PackageEntry> | AsyncIterable<PackageEntry>,
  options: { readonly kept?: FactsKeeper; readonly unread?: PackageFacts["unread"]; readonly like?: PackageFacts } = {},
): Promise<PackageFacts> {
  const files = new Map<string, PackageFile>();
  const texts = new Map<string, string>();
  const packed: string[] = [];
  const before = new Map(options.like?.files.map(({ path, facts }) => [path, facts]));
  const sharing = sharingTexts();
  for await (const { path, executable, bytes } of entries) {
    const read = sharedWith(before.get(path), fileFacts(path, bytes, options.kept, sharing));
    const telling = isTelling(path);
    const absurd = telling && bytes.length > TELLING_BYTES;
    const facts = absurd ? { ...read, hidings: [...read.hidings.filter(({ kind }) => kind !== "unread"), tooLarge(bytes.length)] } : read;
    files.set(path, { path, executable, facts });
    const text = telling && !absurd ? tellingText(path, bytes) : null;
    if (text === null && telling && !absurd) packed.push(path);
    if (text === null) texts.delete(path);
    else texts.set(path, text);
  }
  const sorted = [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const unread = [...(options.unread ?? []), ...packed.map((path) => ({ path, because: "It cannot be unpacked." }))];
  for (const { path, facts } of sorted) {
    if (facts.because !== "" && codeLanguages.has(facts.language)) unread.push({ path, because: facts.because });
    if (facts.size > TELLING_BYTES && isTelling(path)) unread.push({ path, because: tooLarge(facts.size).detail });
  }
  const manifest = manifestIn(texts, unread);
  const selfRuns = selfRunsOf({ manifest, files: sorted, texts });
  const parsed = purl === "" ? null : parsePurl(purl);
  return {
    purl,
    name: manifest?.name ?? (parsed === null ? "" : [parsed.namespace, parsed.name].filter((part) => part !== "").join("/")),
    version: manifest?.version ?? parsed?.version ?? "",
    manifest,
    files: sorted,
    selfRuns,
    dependencies: dependenciesOf({ manifest, files: sorted, texts, selfRuns }),
    ...asidesOf(sorted, selfRuns, manifest === null ? withoutManifest(texts) : texts),
    unread,
  };
}

/** The text of a file that says something of the package; null for a gem's specification that cannot be unpacked, or is a bomb. */
function tellingText(path: string, bytes: Uint8Array): string | null {
  if (path === "metadata.gz") return gemSpecification(bytes, TELLING_BYTES);
  return Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\ufeff/, "");
}

/** A manifest that cannot be read says nothing. */
const withoutManifest = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...texts].filter(([path]) => path !== "package.json"));

/** What runs by itself is not known then: padding must not hide it. */
const tooLarge = (size: number): Hiding => ({
  kind: "unread",
  detail: `it says what runs by itself, and has ${size} bytes`,
  count: 1,
  spots: [],
});

function manifestIn(texts: ReadonlyMap<string, string>, unread: { path: string; because: string }[]): PackageManifest | null {
  const text = texts.get("package.json");
  if (text === undefined) return null;
  try {
    return packageManifest(JSON.parse(text), { bindingGyp: texts.has("binding.gyp") });
  } catch {
    unread.push({ path: "package.json", because: "it is no JSON" });
    return null;
  }
}

/** What an archive is where nobody says: told by its first bytes. */
export const kindByBytes = (bytes: Uint8Array): ArchiveKind =>
  bytes[0] === 0x50 && bytes[1] === 0x4b ? "zip" : bytes[0] === 0x1f && bytes[1] === 0x8b ? "tgz" : "tar";

/**
 * The files of a release (those that are `wanted`: all unless given) as they would lie on disk; what cannot be read of it goes to `unread`. Going
 * through it throws `artifact/format` for what is no archive.
 */
export async function* archiveEntries(
  bytes: Uint8Array,
  kind: ArchiveKind,
  unread: { path: string; because: string }[],
  wanted: (path: string) => boolean = () => true,
): AsyncGenerator<PackageEntry> {
  const reading = openArchive(bytes, kind);
  // One place for all files one after the other: V8 lets tens of megabytes of Buffers that nobody needs any more pile up.
  let place = Buffer.alloc(0);
  const room = (size: number): Buffer => {
    if (place.length < size) place = Buffer.allocUnsafeSlow(size);
    return place.subarray(0, size);
  };
  // A wheel, a gem's data and a deb lie as they are; everything else stands in one folder that whoever unpacks takes off.
  const strips = kind === "tgz" || kind === "tar" || kind === "tar.zst";
  for await (const entry of reading) {
    if (entry.kind !== "file") continue;
    const path = strips ? installedPath(entry.path) : entry.path.replace(/^(?:\.?\/)+/, "");
    if (path === "" || !wanted(path)) continue;
    try {
      yield { path, executable: (entry.mode & 0o111) !== 0, bytes: await entry.bytes(undefined, room) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      unread.push({ path, because: error.message });
    }
  }
  if (!reading.complete())
    unread.push({ path: "", because: reading.hazards().at(-1)?.detail ?? "The archive could not be read to its end." });
}

/** Facts of a release as it is published: a tarball, wheel, crate or gem. `kind` defaults to what `name` ends in. Throws `artifact/format` for what is no archive. */
export async function archiveFacts(
  purl: string,
  bytes: Uint8Array,
  options: { readonly name?: string; readonly kind?: ArchiveKind; readonly kept?: FactsKeeper } = {},
): Promise<PackageFacts> {
  const kind = options.kind ?? (archiveKindOf(options.name ?? "") || kindByBytes(bytes));
  const unread: { path: string; because: string }[] = [];
  return await packageFacts(purl, archiveEntries(bytes, kind, unread), {
    unread,
    ...(options.kept === undefined ? {} : { kept: options.kept }),
  });
}
