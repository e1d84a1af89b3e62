/**
 * Attacks releases and looks whether the way back shows it. Takes published tarballs and the source archives that they come from (Debian's
 * serve), makes a repository of each source, traces the untouched release, and then attacks it again and again from a seed: in the
 * bytes, in the release itself (published by the attacker, so that every hash agrees), in the tags and commits. As many harmless changes
 * (another gzip layer, another order, later commits) must change nothing.
 *
 *     node scripts/trace-attacks.ts --packages DIR --sources DIR [--count 500] [--seed 1] [--rebuild] [--verbose]
 *
 * DIR holds NAME-VERSION.tgz, and node-NAME_VERSION.orig.tar.gz beside its .dsc.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { readNpmTarball } from "../src/artifacts/index.ts";
import { embeddedTrustRoot } from "../src/attestation/index.ts";
import { compareTarballs } from "../src/app/trace/compare.ts";
import { type PublishedFile, archiveTree, classifyFiles, readPublished } from "../src/app/trace/files.ts";
import { tagLedger } from "../src/app/trace/ledger.ts";
import { type Rebuilt, rebuild } from "../src/app/trace/rebuild.ts";
import { findSource } from "../src/app/trace/source.ts";
import { drawWay } from "../src/app/trace/way.ts";
import type { Evidence, RegistryReleaseClaim, Trace } from "../src/model/index.ts";
import { tar } from "../test/registry/tar.ts";

const { values } = parseArgs({
  options: {
    packages: { type: "string" },
    sources: { type: "string" },
    count: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    rebuild: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
if (values.packages === undefined || values.sources === undefined) {
  process.stderr.write("node scripts/trace-attacks.ts --packages DIR --sources DIR [--count N] [--seed N] [--rebuild] [--verbose]\n");
  process.exit(2);
}

/** mulberry32: small, seeded, the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomFrom(Number(values.seed));
const below = (n: number): number => Math.floor(random() * n);
function one<T>(list: readonly T[]): T {
  const chosen = list[below(list.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}

const scratch = mkdtempSync(join(tmpdir(), "tributary-attacks-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

interface Release {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  readonly files: ReadonlyMap<string, PublishedFile>;
  readonly repository: string;
  readonly head: string;
  readonly git: (...args: string[]) => string;
  /** Contents of the source's files, for attacks that use them. */
  readonly sourceFiles: readonly Buffer[];
  readonly rebuilt: Rebuilt | null;
}

const RELEASED = "2026-02-01T00:00:00.000Z";

/** A repository with the source as its history: a commit before, the release, its tag, and one after. */
async function repositoryOf(
  name: string,
  version: string,
  archive: Buffer,
): Promise<Pick<Release, "repository" | "head" | "git" | "sourceFiles">> {
  const repository = join(scratch, `${name}-${version}`);
  mkdirSync(repository);
  const who = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "a"],
    [`GIT_${role}_EMAIL`, "a@registry.example"],
    [`GIT_${role}_DATE`, "2026-01-01T00:00:00Z"],
  ]);
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", ...Object.fromEntries(who) };
  const git: Release["git"] = (...args) =>
    execFileSync("git", args, { cwd: repository, env, stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28 })
      .toString()
      .trim();
  git("init", "-q", "-b", "main");
  git("commit", "-q", "--allow-empty", "-m", "begin");
  const tree = await archiveTree(archive, "tgz");
  const contents = await tree.read(tree.entries.map(({ id }) => id));
  for (const { path, kind, id } of tree.entries) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), contents.get(id) ?? Buffer.alloc(0), { mode: kind === "executable" ? 0o755 : 0o644 });
  }
  // As they are: no filter of the repository's own may touch the bytes.
  writeFileSync(join(repository, ".git", "info", "attributes"), "* -text -filter -ident -working-tree-encoding\n");
  git("add", "-A", "-f");
  git("commit", "-q", "-m", `release ${version}`);
  git("tag", `v${version}`);
  const head = git("rev-parse", "HEAD");
  git("commit", "-q", "--allow-empty", "-m", "go on");
  return { repository, head, git, sourceFiles: [...contents.values()].filter((bytes) => bytes.length > 20) };
}

/** What is attacked, and what the registry and the repository say while it is. */
interface Scene {
  readonly tarball: Buffer;
  /** What the registry's document promises; the untouched tarball where the attack is on the way to us. */
  readonly promised: Buffer;
  readonly gitHead: string;
  /** Undone afterwards. */
  readonly undo?: () => void;
}

async function traceScene(release: Release, scene: Scene): Promise<Trace> {
  const { name, version } = release;
  const purl = `pkg:npm/${name}@${version}`;
  const [artifact, promised] = [await readNpmTarball("tarball", scene.tarball), await readNpmTarball("tarball", scene.promised)];
  const claim: RegistryReleaseClaim = {
    kind: "registry-release",
    manifest: promised.manifest ?? {
      name,
      version,
      dependencies: {},
      optionalDependencies: {},
      peerDependencies: {},
      bundleDependencies: [],
      scripts: {},
      bin: {},
    },
    tarball: "tarball",
    integrity: `sha512-${Buffer.from(promised.sha512, "hex").toString("base64")}`,
    shasum: promised.sha1,
    signatures: [],
    published: RELEASED,
  };
  const evidence: Evidence<RegistryReleaseClaim> = {
    subject: { purl },
    claim,
    source: "registry",
    observedAt: RELEASED,
    strength: "asserted",
  };
  const found = await findSource({
    name,
    version,
    git: release.repository,
    attested: "",
    stated: scene.gitHead === "" ? null : { commit: scene.gitHead, by: "registry" },
    cwd: scratch,
    offline: true,
    root: embeddedTrustRoot,
    ledger: tagLedger(join(scratch, "data", `${name}-${version}`)),
  });
  const published = await readPublished(scene.tarball);
  const tarballBuilt = release.rebuilt?.tarball ?? null;
  const rebuilt = tarballBuilt === null ? {} : { rebuilt: (await readPublished(tarballBuilt)).files };
  const files =
    found.tree === null || found.source === null
      ? []
      : await classifyFiles(published, found.tree, { directory: found.source.directory, ...rebuilt });
  const result = release.rebuilt?.result ?? null;
  return drawWay({
    kind: "package",
    purl,
    name,
    version,
    artifact,
    release: evidence,
    provenance: { signatures: [], attestations: [], expectations: [] },
    run: null,
    gitHead: scene.gitHead,
    attested: "",
    repository: found.repository,
    source: found.source,
    archive: null,
    noSource: found.why,
    files,
    rebuild:
      result === null || tarballBuilt === null ? result : { ...result, comparison: await compareTarballs(scene.tarball, tarballBuilt) },
  });
}

/** Everything that a reader would be alarmed by: broken steps, and files that are not explained. */
function alarms(way: Trace): ReadonlySet<string> {
  return new Set([
    ...way.steps.filter(({ state }) => state === "broken").map(({ id, says }) => `${id}: ${says}`),
    ...way.files
      .filter(({ state }) => ["unexplained", "missing", "generated"].includes(state))
      .map(({ path, state }) => `${state} ${path}`),
  ]);
}

const pack = (files: Iterable<readonly [string, Uint8Array]>, level: number = 9): Buffer =>
  gzipSync(tar([...files].map(([path, content]) => ({ path: `package/${path}`, content }))), { level });

const contentsOf = (release: Release): Map<string, Uint8Array> => new Map([...release.files].map(([path, { bytes }]) => [path, bytes]));

/** Files whose origin is known: an attack on what is not explained anyway changes nothing that could be seen. */
type Explained = readonly string[];

/** Published by the attacker himself: the registry's hashes are those of the attacked bytes. */
const released = (release: Release, files: Map<string, Uint8Array>): Scene => {
  const tarball = pack(files);
  return { tarball, promised: tarball, gitHead: release.head };
};

const HIDDEN = [
  "m4/build-to-host.m4",
  "lib/.cache.js",
  "postinstall.js",
  "test/files/bad-3-corrupt_lzma2.xz",
  "dist/vendor.min.js",
  "node_modules/left/index.js",
  "index.d.ts.js",
  "LICENSE.js",
];

const attacks: Readonly<Record<string, (release: Release, explained: Explained, others: readonly Release[]) => Scene>> = {
  "a byte of a file": (release, explained) => {
    const files = contentsOf(release);
    const path = one(explained.filter((name) => (files.get(name)?.length ?? 0) > 0));
    const bytes = Buffer.from(files.get(path) ?? []);
    const at = below(bytes.length);
    bytes[at] = ((bytes[at] ?? 0) ^ (1 << below(8))) & 0xff;
    return released(release, files.set(path, bytes));
  },
  "a line slipped into a file": (release, explained) => {
    const files = contentsOf(release);
    const path = one(explained.filter((name) => /\.[cm]?js$/.test(name)).concat("package.json"));
    const text = Buffer.from(files.get(path) ?? []).toString("utf8");
    const lines = text.split("\n");
    // White space in JSON is nothing to anybody.
    const slipped =
      path === "package.json"
        ? ['"main": "evil.js",', "\u202e"]
        : ["require('https').get('https://registry.example/x');", "\u202e", "/* */", "\u200b", " "];
    lines.splice(below(lines.length), 0, one(slipped));
    return released(release, files.set(path, Buffer.from(lines.join("\n"))));
  },
  "a file added": (release) => {
    const files = contentsOf(release);
    const path = one(HIDDEN.filter((name) => !files.has(name)));
    return released(release, files.set(path, Buffer.from(`module.exports = ${random()};\n`)));
  },
  "a file taken out": (release, explained) => {
    const files = contentsOf(release);
    // npm packed change logs whatever `files` said until version 6, and has not since: that one is not there says nothing.
    const path = one(explained.filter((name) => name !== "package.json" && !/^(?:change|history)/i.test(name)));
    files.delete(path);
    return released(release, files);
  },
  "a file replaced by another of the source": (release, explained) => {
    const files = contentsOf(release);
    const path = one(explained);
    const own = Buffer.from(files.get(path) ?? []);
    const other = one(release.sourceFiles.filter((bytes) => !bytes.equals(own)));
    return released(release, files.set(path, other));
  },
  "a script or dependency in package.json": (release) => {
    const files = contentsOf(release);
    const manifest = JSON.parse(Buffer.from(files.get("package.json") ?? []).toString("utf8")) as Record<string, Record<string, string>>;
    if (random() < 0.5) manifest["scripts"] = { ...manifest["scripts"], [one(["preinstall", "install", "postinstall"])]: "node x.js" };
    else manifest["dependencies"] = { ...manifest["dependencies"], [one(["lodahs", "flatmap-stream", "chalk-next"])]: "^1.0.0" };
    return released(release, files.set("package.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)));
  },
  "a second entry of the same name": (release, explained) => {
    const entries = [...contentsOf(release)];
    const path = one(explained);
    const tarball = pack([...entries, [path, Buffer.from("evil\n")]]);
    return { tarball, promised: tarball, gitHead: release.head };
  },
  "a byte of the tarball, on the way": (release) => {
    const bytes = Buffer.from(release.tarball);
    const at = below(bytes.length);
    bytes[at] = ((bytes[at] ?? 0) ^ (1 << below(8))) & 0xff;
    return { tarball: bytes, promised: release.tarball, gitHead: release.head };
  },
  "another package's tarball, on the way": (release, _, others) => ({
    tarball: one(others.filter(({ name }) => name !== release.name)).tarball,
    promised: release.tarball,
    gitHead: release.head,
  }),
  "another package's tarball, published": (release, _, others) => {
    const { tarball } = one(others.filter(({ name }) => name !== release.name));
    return { tarball, promised: tarball, gitHead: release.head };
  },
  "the tag moved, and the release remade from it": (release, explained) => {
    const files = contentsOf(release);
    const path = one(explained.filter((name) => name !== "package.json"));
    const evil = Buffer.concat([Buffer.from(files.get(path) ?? []), Buffer.from(`\n// ${random()}\n`)]);
    const commit = side(release, path, evil);
    release.git("tag", "-f", `v${release.version}`, commit);
    const scene = released(release, files.set(path, evil));
    // The commit is then known by the tag alone, and where it was is remembered.
    const gitHead = random() < 0.5 ? "" : release.head;
    return { ...scene, gitHead, undo: () => release.git("tag", "-f", `v${release.version}`, release.head) };
  },
  "an impostor's commit": (release, explained) => {
    const files = contentsOf(release);
    const path = one(explained.filter((name) => name !== "package.json"));
    const evil = Buffer.concat([Buffer.from(files.get(path) ?? []), Buffer.from(`\n// ${random()}\n`)]);
    const commit = side(release, path, evil);
    return { ...released(release, files.set(path, evil)), gitHead: commit };
  },
  "a commit that is nowhere": (release) => ({
    tarball: release.tarball,
    promised: release.tarball,
    gitHead: Array.from({ length: 40 }, () => below(16).toString(16)).join(""),
  }),
};

/** A commit beside the branch that holds one other file, as a fork's commit lies in the same store of objects. */
function side(release: Release, path: string, content: Buffer): string {
  const { git, repository, head } = release;
  const file = join(scratch, "side");
  writeFileSync(file, content);
  const blob = git("hash-object", "-w", "--no-filters", file);
  const index = join(repository, ".git", "side-index");
  const withIndex = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, env: { ...process.env, GIT_INDEX_FILE: index }, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  withIndex("read-tree", head);
  withIndex("update-index", "--add", "--cacheinfo", `100644,${blob},${path}`);
  return git("commit-tree", withIndex("write-tree"), "-p", head, "-m", "side");
}

/** What an honest packer, mirror or maintainer may do: none of it may be an alarm. */
const harmless: Readonly<Record<string, (release: Release) => Scene>> = {
  "packed again with another compressor": (release) => repacked(release, pack(contentsOf(release), 1 + below(9))),
  "entries in another order": (release) => repacked(release, pack([...contentsOf(release)].toSorted(() => random() - 0.5))),
  "lines ended as on Windows": (release) =>
    repacked(
      release,
      pack(
        [...contentsOf(release)].map(([path, bytes]) => [
          path,
          isPlain(bytes) ? Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1") : bytes,
        ]),
      ),
    ),
  "the branch went on": (release) => {
    release.git("commit", "-q", "--allow-empty", "-m", `later ${random()}`);
    return repacked(release, release.tarball);
  },
  "the tag alone names the commit": (release) => ({ ...repacked(release, release.tarball), gitHead: "" }),
};

const repacked = (release: Release, tarball: Buffer): Scene => ({ tarball, promised: tarball, gitHead: release.head });
const isPlain = (bytes: Uint8Array): boolean => !bytes.includes(0) && !bytes.includes(13);

const releases: Release[] = [];
const { packages, sources } = values;
for (const file of readdirSync(sources).toSorted()) {
  const [, name = "", version = ""] = /^node-(.+)_(.+)\.orig\.tar\.gz$/.exec(file) ?? [];
  const tarball = readdirSync(packages).includes(`${name}-${version}.tgz`) ? readFileSync(join(packages, `${name}-${version}.tgz`)) : null;
  if (name === "" || tarball === null) continue;
  const archive = readFileSync(join(sources, file));
  const made = await repositoryOf(name, version, archive);
  const tree = await archiveTree(archive, "tgz");
  const published = await readPublished(tarball);
  const before = await classifyFiles(published, tree, { directory: "" });
  const builds = before.some(({ state }) => state === "generated" || state === "unexplained");
  const rebuilt = values.rebuild ? await rebuild({ tree, directory: "", published: tarball, builds, env: process.env }) : null;
  releases.push({ name, version, tarball, files: published.files, ...made, rebuilt });
}

const baseline = new Map<Release, { readonly alarms: ReadonlySet<string>; readonly explained: Explained }>();
for (const release of releases) {
  const way = await traceScene(release, { tarball: release.tarball, promised: release.tarball, gitHead: release.head });
  const explained = way.files.filter(({ state }) => ["in-tree", "copied", "derived", "reproduced"].includes(state)).map(({ path }) => path);
  baseline.set(release, { alarms: alarms(way), explained });
  const counts = Object.entries(way.counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
  const built = release.rebuilt === null ? "" : `; rebuild: ${release.rebuilt.result.comparison?.equal ?? release.rebuilt.result.outcome}`;
  process.stdout.write(`${release.name}@${release.version}: ${way.verdict}; ${counts}${built}\n`);
}

const tally = new Map<string, { found: number; tried: number }>();
const missed: string[] = [];
const kinds = Object.entries(attacks);
const started = performance.now();
for (let round = 0; round < Number(values.count); round++) {
  const [kind, attack] = kinds[round % kinds.length] ?? one(kinds);
  const release = one(releases);
  const known = baseline.get(release);
  if (known === undefined) continue;
  const scene = attack(release, known.explained, releases);
  const way = await traceScene(release, scene);
  scene.undo?.();
  const fresh = [...alarms(way)].filter((alarm) => !known.alarms.has(alarm));
  const line = tally.get(kind) ?? { found: 0, tried: 0 };
  tally.set(kind, { found: line.found + (fresh.length > 0 ? 1 : 0), tried: line.tried + 1 });
  if (fresh.length === 0) missed.push(`${kind}: ${release.name}@${release.version} (round ${round})`);
  if (values.verbose) process.stdout.write(`  ${kind}: ${release.name}: ${fresh[0] ?? "NOT FOUND"}\n`);
}
let calm = 0;
let tried = 0;
const alarmed: string[] = [];
for (const release of releases)
  for (const [kind, change] of Object.entries(harmless)) {
    const known = baseline.get(release);
    const way = await traceScene(release, change(release));
    const fresh = [...alarms(way)].filter((alarm) => known?.alarms.has(alarm) === false);
    tried++;
    if (fresh.length === 0) calm++;
    else alarmed.push(`${kind}: ${release.name}@${release.version}: ${fresh[0] ?? ""}`);
  }
for (const [kind, { found, tried: all }] of tally)
  process.stdout.write(`${String(found).padStart(4)} of ${String(all).padStart(4)}  ${kind}\n`);
for (const line of [...missed.map((text) => `not found: ${text}`), ...alarmed.map((text) => `false alarm: ${text}`)])
  process.stdout.write(`${line}\n`);
const total = [...tally.values()].reduce((sum, { tried: all }) => sum + all, 0);
const files = releases.reduce((sum, { files: list }) => sum + list.size, 0);
process.stdout.write(
  `${releases.length} releases, ${files} files; attacks found ${total - missed.length} of ${total}; harmless changes without alarm ${calm} of ${tried}; ${Math.round((performance.now() - started) / (total + tried))} ms each\n`,
);
process.exitCode = missed.length + alarmed.length > 0 ? 1 : 0;
