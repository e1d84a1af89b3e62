/**
 * Opens any artifact as a list of entries: never writes to disk, never runs anything, stops at the limits. What is wrong with an archive is
 * an outcome (a hazard), not a fault; only what is no archive of its kind at all is one.
 */
import { Fault } from "../model/index.ts";
import { readAr } from "./ar.ts";
import type { ArchiveEntry, ArchiveReading } from "./entry.ts";
import { Hazards } from "./hazards.ts";
import { Budget, Stop, gunzip, unzstd } from "./inflate.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";
import { readTar } from "./tar.ts";
import { readZip } from "./zip.ts";

/** `tgz` also for npm packages and crates, `zip` also for wheels and jars. A gem is a tar with a tar.gz in it, a deb an ar with two tars. */
export type ArchiveKind = "tar" | "tgz" | "tar.zst" | "zip" | "gem" | "deb";

/** By a file's name, or "" where the name says nothing that is read here. */
export function archiveKindOf(name: string): ArchiveKind | "" {
  const lower = name.toLowerCase();
  const by: readonly (readonly [RegExp, ArchiveKind])[] = [
    [/\.(tgz|tar\.gz|crate)$/, "tgz"],
    [/\.(tar\.zst|tzst)$/, "tar.zst"],
    [/\.tar$/, "tar"],
    [/\.(zip|whl|egg|jar|war|ear|aar|nupkg|vsix)$/, "zip"],
    [/\.gem$/, "gem"],
    [/\.deb$/, "deb"],
  ];
  return by.find(([pattern]) => pattern.test(lower))?.[1] ?? "";
}

/**
 * Reads `bytes` as an archive of the given kind. Going through it throws `artifact/format` where it is none. A limit, a cut or other
 * damage ends it early: then `complete()` stays false and `hazards()` says why.
 */
export function openArchive(bytes: Uint8Array, kind: ArchiveKind, limits: ArchiveLimits = archiveLimits): ArchiveReading {
  const hazards = new Hazards();
  const budget = new Budget(limits, bytes.length, hazards);
  let complete = false;
  async function* entries(): AsyncGenerator<ArchiveEntry> {
    try {
      yield* read(bytes, kind, limits, hazards, budget);
      // What a consumer met while reading an entry (a limit, damage) ends the archive for it too.
      complete = !hazards.has("too-large") && !hazards.has("too-dense") && !hazards.has("truncated");
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
  }
  return { [Symbol.asyncIterator]: entries, hazards: () => hazards.all(), complete: () => complete };
}

/** What the archives within one archive share. */
interface Within {
  readonly limits: ArchiveLimits;
  readonly hazards: Hazards;
  readonly budget: Budget;
  readonly tar: (source: AsyncIterable<Uint8Array>, container: string, linksExpected: boolean) => AsyncIterable<ArchiveEntry>;
}

function read(bytes: Uint8Array, kind: ArchiveKind, limits: ArchiveLimits, hazards: Hazards, budget: Budget): AsyncIterable<ArchiveEntry> {
  const within: Within = {
    limits,
    hazards,
    budget,
    tar: (source, container, linksExpected) => readTar(source, { hazards, limits, container, linksExpected }),
  };
  switch (kind) {
    case "tar":
      return within.tar(counted(bytes, budget), "", false);
    case "tgz":
      return within.tar(gunzip(bytes, hazards, budget), "", false);
    case "tar.zst":
      return within.tar(unzstd(bytes, hazards, budget), "", false);
    case "zip":
      return readZip(bytes, { hazards, limits, budget, container: "" });
    case "gem":
      return gem(bytes, within);
    case "deb":
      return deb(bytes, within);
  }
}

async function* gem(bytes: Uint8Array, { limits, hazards, budget, tar }: Within): AsyncGenerator<ArchiveEntry> {
  for await (const entry of tar(counted(bytes, budget), "", false)) {
    // The packed content counts against the same budget as all else; what is larger than that is no gem.
    if (entry.path === "data.tar.gz") yield* tar(gunzip(await entry.bytes(limits.unpackedBytes), hazards, budget), entry.path, false);
    else yield entry;
  }
}

async function* deb(bytes: Uint8Array, { hazards, budget, tar }: Within): AsyncGenerator<ArchiveEntry> {
  for (const { name, data } of readAr(bytes, hazards)) {
    if (!/^(control|data)\.tar(\.|$)/.test(name)) continue;
    if (name.endsWith(".tar")) yield* tar(counted(data, budget), name, true);
    else if (name.endsWith(".gz")) yield* tar(gunzip(data, hazards, budget), name, true);
    else if (name.endsWith(".zst")) yield* tar(unzstd(data, hazards, budget), name, true);
    else throw new Fault("artifact/format", `${name} is packed in a way that is not read here.`, { hint: "Repack it: dpkg-deb -Zgzip" });
  }
}

/** Bytes that are not packed, in pieces, against the budget. */
async function* counted(bytes: Uint8Array, budget: Budget): AsyncGenerator<Uint8Array> {
  const PIECE = 1024 * 1024;
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    budget.spend(piece.length);
    yield await Promise.resolve(piece);
  }
}
