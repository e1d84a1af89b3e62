/**
 * Replays catalogued incidents from what could be seen when the release came out: the circumstances of this and of the earlier releases, and an inert
 * reconstruction of what changed, made by us: every address is on 127.0.0.1 or a name that cannot exist, nothing is ever run, and the benign
 * package around it is our own. `data/` holds one incident a file, `hosts/` the packages around them.
 *
 * The rhythm of the earlier releases, and who made them, are approximations where the reports give no dates.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { comparePackages } from "../../src/checks/behaviour/analysis/compare.ts";
import { type PackageEntry, packageFacts } from "../../src/checks/behaviour/analysis/files-package.ts";
import { burst } from "../../src/checks/continuity/burst.ts";
import { continuitySignal } from "../../src/checks/continuity/signals.ts";
import { fuse } from "../../src/checks/fusion.ts";
import { ask, manifestOf, releaseOf } from "../../src/checks/testing.ts";
import type {
  Evidence,
  PackageChange,
  RegistryReleaseClaim,
  ReleaseEvent,
  ReleaseHistory,
  ReviewVerdict,
  Signal,
  SignalFamily,
} from "../../src/model/index.ts";
import { historyOf, lineOf } from "../../src/model/index.ts";

type Publication = Partial<Pick<ReleaseEvent, "trusted" | "attested" | "commit" | "tagged" | "key">> & {
  readonly publisher: string;
  readonly domain: string;
};

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly date: string;
  readonly ecosystem: string;
  readonly host: string;
  readonly package: string;
  readonly before: string;
  readonly after: string;
  /** Families that the catalogue names. */
  readonly catalogue: readonly SignalFamily[];
  readonly history: Publication & {
    readonly releases: number;
    readonly everyDays: number;
    /** Day of the last release before, "" for one rhythm before. */
    readonly lastBefore: string;
    /** Somebody who took over before. */
    readonly takeover?: Publication & { readonly releases: number };
  };
  readonly release: Publication;
  /** Releases of other lines within the same hour. */
  readonly together: readonly string[];
  /** Packages of the same owner within the same hour. */
  readonly burst: number;
  readonly observable: string;
  readonly change: {
    readonly manifest?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly add?: Readonly<Record<string, string>>;
    readonly append?: Readonly<Record<string, string>>;
    readonly replace?: Readonly<Record<string, readonly (readonly [string, string])[]>>;
    /** Stand-ins for binaries: a header of their kind, or noise. */
    readonly binary?: Readonly<Record<string, "elf" | "pe" | "noise">>;
  };
}

export interface Replay {
  readonly incident: Incident;
  readonly change: PackageChange;
  readonly history: ReleaseHistory;
  /** From all that was observable. */
  readonly verdict: ReviewVerdict;
  /** From the contents alone, and from the circumstances alone. */
  readonly byContents: ReviewVerdict;
  readonly byHistory: ReviewVerdict;
}

const folder = import.meta.dirname;
const DAY = 86_400_000;

export function incidents(): readonly Incident[] {
  return readdirSync(join(folder, "data"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, "data", name), "utf8")) as Incident);
}

/** The files of the release before and of the one that is replayed. */
export const incidentFiles = (incident: Incident): readonly [ReadonlyMap<string, Uint8Array>, ReadonlyMap<string, Uint8Array>] => [
  hostFiles(incident, incident.before),
  changed(hostFiles(incident, incident.after), incident),
];

export async function replay(incident: Incident): Promise<Replay> {
  const [before, after] = incidentFiles(incident);
  const purl = (version: string): string => `pkg:generic/${encodeURIComponent(incident.package)}@${version}`;
  const change = comparePackages(
    await packageFacts(purl(incident.before), entries(before)),
    await packageFacts(purl(incident.after), entries(after)),
  );
  const history = historyOf(events(incident), incident.after);
  if (history === null) throw new Error(`${incident.id} has no history`);
  const more = burstSignals(incident);
  return {
    incident,
    change,
    history,
    verdict: fuse(change, history, more),
    byContents: fuse(change, null),
    byHistory: fuse(null, history, more),
  };
}

function hostFiles({ host, package: name }: Incident, version: string): Map<string, Uint8Array> {
  const texts = JSON.parse(readFileSync(join(folder, "hosts", `${host}.json`), "utf8")) as Record<string, string>;
  const files = Object.entries(texts).map(([path, text]): [string, Uint8Array] => [
    filled(path, name, version),
    Buffer.from(filled(text, name, version)),
  ]);
  return new Map(files);
}

const filled = (text: string, name: string, version: string): string =>
  text.replaceAll("%NAME%", name).replaceAll("%VERSION%", version).replaceAll("%MODULE%", name.replaceAll(/\W/g, "_"));

function changed(files: Map<string, Uint8Array>, { change, package: name, after }: Incident): Map<string, Uint8Array> {
  const text = (path: string): string => Buffer.from(files.get(path) ?? []).toString("utf8");
  const set = (path: string, content: string): void => void files.set(path, Buffer.from(content));
  const at = (path: string): string => filled(path, name, after);
  for (const [path, content] of Object.entries(change.add ?? {})) set(at(path), filled(content, name, after));
  for (const [path, parts] of Object.entries(change.replace ?? {}))
    for (const [old, now] of parts) {
      if (!text(at(path)).includes(old)) throw new Error(`${path} does not hold what is to be replaced`);
      set(
        at(path),
        text(at(path)).replace(old, () => now),
      );
    }
  for (const [path, content] of Object.entries(change.append ?? {})) set(at(path), text(at(path)) + filled(content, name, after));
  for (const [path, kind] of Object.entries(change.binary ?? {})) files.set(at(path), binary(kind));
  if (change.manifest !== undefined) {
    const manifest = JSON.parse(text("package.json")) as Record<string, unknown>;
    for (const [key, members] of Object.entries(change.manifest)) manifest[key] = { ...(manifest[key] as object | undefined), ...members };
    set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  }
  return files;
}

/** Reproducible noise behind a header, so that it looks like what it stands for and is nothing. */
function binary(kind: "elf" | "pe" | "noise"): Uint8Array {
  const bytes = Buffer.alloc(8_192);
  let state = 2_463_534_242;
  for (let at = 0; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  if (kind === "elf") Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]).copy(bytes);
  if (kind === "pe") Buffer.from("MZ").copy(bytes);
  return bytes;
}

function* entries(files: ReadonlyMap<string, Uint8Array>): Generator<PackageEntry> {
  for (const [path, bytes] of files) yield { path, executable: /\.sh$|^bin\//.test(path), bytes };
}

function event(version: string, at: number, how: Publication): ReleaseEvent {
  return {
    version,
    at: new Date(at).toISOString(),
    publisher: { name: how.publisher, email: `${how.publisher.replaceAll(" ", "-")}@${how.domain}` },
    trusted: how.trusted ?? null,
    attested: how.attested ?? null,
    commit: how.commit ?? null,
    tagged: how.tagged ?? null,
    key: how.key ?? null,
    repository: null,
    installs: null,
  };
}

function events(incident: Incident): readonly ReleaseEvent[] {
  const { history, release, before, after, together } = incident;
  const released = Date.parse(incident.date) + 14 * 3_600_000;
  const { takeover } = history;
  const last = history.lastBefore === "" ? released - history.everyDays * DAY : Date.parse(history.lastBefore);
  const line = lineOf(before);
  const older = (count: number, mark: string, until: number, how: Publication): ReleaseEvent[] =>
    Array.from({ length: count }, (_, index) =>
      event(`${line}.0.${mark}.${index}`, until - (count - index) * history.everyDays * DAY, how),
    );
  const began = takeover === undefined ? last : last - takeover.releases * history.everyDays * DAY;
  return [
    ...older(history.releases, "0", began, history),
    ...(takeover === undefined ? [] : older(takeover.releases, "1", last, takeover)),
    event(before, last, takeover ?? history),
    event(after, released, { ...history, ...release }),
    ...together.map((version, index) => event(version, released + (index + 1) * 600_000, { ...history, ...release })),
  ];
}

/** The rule itself says whether the packages of one owner that came together make a burst. */
function burstSignals(incident: Incident): readonly Signal[] {
  if (incident.burst === 0) return [];
  const { history, release, date } = incident;
  const releases = Array.from({ length: incident.burst }, (_, number): Evidence<RegistryReleaseClaim> => {
    const at = Date.parse(date) + number * 45_000;
    const older = Array.from({ length: 8 }, (__, index) =>
      event(`1.${index}.0`, at - (8 - index) * 20 * DAY - number * 7 * 3_600_000, history),
    );
    const told = historyOf([...older, event("1.8.0", at, { ...history, ...release })], "1.8.0");
    const manifest = manifestOf(`@owner/package-${number}`, "1.8.0");
    return releaseOf(manifest, { publisher: { name: release.publisher, email: "" }, ...(told === null ? {} : { history: told }) });
  });
  const packages = Object.fromEntries(releases.map(({ claim }) => [`node_modules/${claim.manifest.name}`, { version: "1.8.0" }]));
  const { findings } = ask(burst, { packages }, { releases });
  return findings.length === 0
    ? []
    : [continuitySignal("continuity/owner-burst", `${findings.length} packages of one owner were released within the hour.`)];
}
