/** Holds every transformation against what is flagged and against what is honest: an attack must stay flagged, an honest release must not become it. */
import { gzipSync } from "node:zlib";
import type { ReviewSide } from "../../src/app/review/sides.ts";
import { keeper } from "../../src/checks/behaviour/analysis/files.ts";
import type { PackageEntry } from "../../src/checks/behaviour/analysis/files-package.ts";
import type { ReviewWord } from "../../src/model/index.ts";
import { tar } from "../../test/registry/tar.ts";
import { zip } from "../../test/registry/zip.ts";
import { seenFamilies } from "../attacks/families.ts";
import { heldOutFamilies } from "../attacks/families-held-out.ts";
import { changeManifest, entriesOf, hostOf, randomFrom } from "../attacks/host.ts";
import { type Pair, unpack } from "../attacks/hosts.ts";
import { isFlagged, judge, sideOfArchive, sideOfFiles } from "../attacks/judge.ts";
import { hostsOf } from "../attacks/variants.ts";
import { incidentFiles, incidents } from "../incidents/replay.ts";
import { type Files, type Transformation, large, shuffled, transformations } from "./transformations.ts";

export interface Told {
  readonly kind: "attack" | "honest";
  readonly transformation: string;
  readonly subject: string;
  /** What was said before the transformation and after it. */
  readonly plain: ReviewWord;
  readonly changed: ReviewWord;
  readonly passed: boolean;
}

interface Subject {
  readonly kind: Told["kind"];
  readonly name: string;
  readonly before: Files;
  readonly after: Files;
  readonly versions: readonly [string, string];
  /** Whether it is asked of those that cost seconds, too. */
  readonly large: boolean;
}

/** Hosts that carry each family here, from small to large: all of them are asked by the suite `attacks`. */
const HOSTS = 5;
/** Larger hosts make the same thing slow. */
const HOST_BYTES = 400_000;

const filesOf = (entries: Iterable<PackageEntry>): Files => new Map([...entries].map(({ path, bytes }) => [path, Buffer.from(bytes)]));
const listed = (files: Files): readonly PackageEntry[] => [...files].map(([path, bytes]) => ({ path, executable: false, bytes }));

function* replays(): Generator<Subject> {
  for (const incident of incidents()) {
    const [before, after] = incidentFiles(incident).map((files) =>
      filesOf([...files].map(([path, bytes]) => ({ path, executable: false, bytes }))),
    );
    if (before !== undefined && after !== undefined)
      yield { kind: "attack", name: `incident ${incident.id}`, before, after, versions: [incident.before, incident.after], large: false };
  }
}

async function* variants(pairs: readonly Pair[]): AsyncGenerator<Subject> {
  const hosts = hostsOf(pairs)
    .filter(({ after }) => after.length < HOST_BYTES)
    .toSorted((a, b) => a.after.length - b.after.length);
  const step = Math.max(1, Math.floor(hosts.length / HOSTS));
  for (const [number, pair] of hosts
    .filter((_, at) => at % step === 0)
    .slice(0, HOSTS)
    .entries()) {
    const before = await unpack(pair.before);
    for (const family of [...seenFamilies, ...heldOutFamilies]) {
      const host = hostOf(pair.name, before, `1 ${family.name} ${pair.name}`);
      changeManifest(host, (manifest) => {
        manifest["version"] = `${pair.from}0`;
      });
      family.change(host);
      yield {
        kind: "attack",
        name: `${family.name} on ${pair.name}`,
        before: filesOf(before),
        after: filesOf(entriesOf(host)),
        versions: [pair.from, `${pair.from}0`],
        large: number === 1,
      };
    }
  }
}

async function* honest(pairs: readonly Pair[]): AsyncGenerator<Subject> {
  for (const { name, from, to, before, after } of pairs)
    yield {
      kind: "honest",
      name: `${name} ${from} to ${to}`,
      before: filesOf(await unpack(before)),
      after: filesOf(await unpack(after)),
      versions: [from, to],
      large: false,
    };
}

const packed = (files: Files, random: (below: number) => number): Buffer =>
  gzipSync(tar(shuffled([...files], random).map(([path, content]) => ({ path: `package/${path}`, content }))), { level: 1 });
const zipped = (files: Files, random: (below: number) => number): Buffer =>
  zip(shuffled([...files], random).map(([path, content]) => ({ path, content, method: 0 })));

/** The same files as members of an archive, in another order. */
const archives: readonly {
  readonly name: string;
  readonly side: (title: string, files: Files, random: (below: number) => number) => ReviewSide;
}[] = [
  {
    name: "members of a tarball in another order",
    side: (title, files, random) => sideOfArchive(title, packed(files, random), "tgz"),
  },
  {
    name: "members of a zip in another order",
    side: (title, files, random) => sideOfArchive(title, zipped(files, random), "zip"),
  },
];

/** Whether it is no weaker for an attack, no stronger for an honest release. What was not flagged, or was, before is no matter of the transformation. */
async function* judgeSubject(subject: Subject): AsyncGenerator<Told> {
  const kept = keeper();
  const { kind, name, before, after, versions } = subject;
  const oldSide = (files: Files): ReviewSide => sideOfFiles(versions[0], listed(files));
  const newSide = (files: Files): ReviewSide => sideOfFiles(versions[1], listed(files));
  const word = async (old: ReviewSide, now: ReviewSide): Promise<ReviewWord> => (await judge(old, now, kept)).verdict.verdict;
  const old = oldSide(before);
  const plain = await word(old, newSide(after));
  if (isFlagged(plain) !== (kind === "attack")) return;
  const tell = (transformation: string, changed: ReviewWord): Told => ({
    kind,
    transformation,
    subject: name,
    plain,
    changed,
    passed: isFlagged(changed) === (kind === "attack"),
  });
  const differing = new Set([...after].filter(([path, bytes]) => before.get(path)?.equals(bytes) !== true).map(([path]) => path));
  const apply = async ({ name: title, both, change }: Transformation): Promise<Told | null> => {
    const random = randomFrom(`${title} ${name}`);
    const now = change(after, differing, random);
    if (now === null) return null;
    const was = both === true ? change(before, differing, random) : null;
    return tell(title, await word(was === null ? old : oldSide(was), newSide(now)));
  };
  for (const transformation of [...transformations, ...(subject.large ? large : [])]) {
    const told = await apply(transformation);
    if (told !== null) yield told;
  }
  for (const { name: title, side } of archives)
    yield tell(title, await word(old, side(versions[1], after, randomFrom(`${title} ${name}`))));
}

/** `pairs`: honest releases after honest ones, which carry the attacks as well; without any only the incidents' replays are asked. */
export async function* judgeAll(pairs: readonly Pair[]): AsyncGenerator<Told> {
  for (const subject of replays()) yield* judgeSubject(subject);
  for await (const subject of variants(pairs)) yield* judgeSubject(subject);
  for await (const subject of honest(pairs)) yield* judgeSubject(subject);
}
