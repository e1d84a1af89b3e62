/**
 * What could stand in for a package, and where that is written. A table, curated by hand: an entry is here because the package's own
 * makers, its platform's documentation, a community list or a thread say so, and `sources` are where; each was opened on the day that
 * `SEEN` says and found to say it (docs/exposure-page.md, "Alternatives"). It claims nothing about quality; whether a switch is worth it
 * depends on what the switch changes, which `effectOfRemoval` computes on the user's own graph.
 */
import type { Project } from "../model/index.ts";
import { type ProjectGraph, projectGraph } from "./project-graph.ts";

/**
 * `platform`: the language or its standard library does it by now. `successor`: the makers point there and have ended this one.
 * `drop-in`: same interface. `same-job`: another interface, so code changes.
 */
type AlternativeKind = "platform" | "successor" | "drop-in" | "same-job";

interface Alternative {
  /** Package of the same ecosystem; for `platform` what to use instead, in words. */
  readonly name: string;
  readonly kind: AlternativeKind;
}

/**
 * `makers`: those who make the package, or what is to replace it. `platform`: documentation of the language or runtime. `list`: a list that a
 * community keeps. `user`: somebody who can be built with either. `thread`: a discussion that quotes the makers.
 */
type SourceKind = "makers" | "platform" | "list" | "user" | "thread";

interface Source {
  readonly kind: SourceKind;
  readonly address: string;
}

/** The day on which all sources of the table were last opened. */
export const SEEN = "2026-11-29";

export interface Replaceable {
  /** Purl type: `npm`, `maven`, `pypi`, `deb`, `conan`. */
  readonly type: string;
  /** As the ecosystem writes it: `group:artifact` for Maven. */
  readonly name: string;
  readonly instead: readonly Alternative[];
  /** What to mind, one sentence; "" where there is nothing. */
  readonly mind: string;
  /** At least one. */
  readonly sources: readonly Source[];
}

const platform = (name: string): Alternative => ({ name, kind: "platform" });
const successor = (name: string): Alternative => ({ name, kind: "successor" });
const dropIn = (name: string): Alternative => ({ name, kind: "drop-in" });
const sameJob = (name: string): Alternative => ({ name, kind: "same-job" });
const says = (kind: SourceKind, address: string): Source => ({ kind, address });
const row = (type: string, name: string, sources: Source | readonly Source[], instead: readonly Alternative[], mind = ""): Replaceable => ({
  type,
  name,
  instead,
  mind,
  sources: "kind" in sources ? [sources] : sources,
});

const LIST = "https://github.com/es-tooling/module-replacements/blob/main";
const PREFERRED = says("list", `${LIST}/manifests/preferred.json`);
const listed = (name: string, ...instead: readonly Alternative[]): Replaceable => row("npm", name, PREFERRED, instead);
const TLS = says("user", "https://github.com/curl/everything-curl/blob/master/build/tls.md");

/** Sorted by type, then name. */
export const replaceables: readonly Replaceable[] = [
  row("conan", "openssl", TLS, [sameJob("libressl"), sameJob("mbedtls"), sameJob("wolfssl")]),
  row(
    "conan",
    "zlib",
    says("makers", "https://github.com/zlib-ng/zlib-ng/blob/develop/PORTING.md"),
    [dropIn("zlib-ng")],
    "In its compatible mode only, and users may have to be compiled again.",
  ),
  row(
    "deb",
    "libssl3",
    TLS,
    [sameJob("libgnutls30"), sameJob("libmbedtls14"), sameJob("libwolfssl35")],
    "Another interface: each user has to be built against it, as curl can be.",
  ),
  row(
    "deb",
    "libsystemd0",
    says("makers", "https://github.com/elogind/elogind/blob/main/README.md"),
    [dropIn("libelogind0")],
    "What needs systemd itself is an empty stub in it.",
  ),
  row(
    "maven",
    "commons-lang:commons-lang",
    says("makers", "https://github.com/apache/commons-lang/blob/master/src/site/xdoc/article3_0.xml"),
    [successor("org.apache.commons:commons-lang3")],
  ),
  row("maven", "commons-logging:commons-logging", says("makers", "https://slf4j.org/legacy.html"), [
    dropIn("org.slf4j:jcl-over-slf4j"),
    sameJob("org.slf4j:slf4j-api"),
  ]),
  row("maven", "joda-time:joda-time", says("makers", "https://github.com/JodaOrg/joda-time/blob/main/src/site/markdown/index.md"), [
    platform("java.time (Java 8)"),
  ]),
  row("maven", "junit:junit", says("makers", "https://docs.junit.org/6.1.0-M1/migrating-from-junit4.html"), [
    successor("org.junit.jupiter:junit-jupiter"),
  ]),
  row(
    "maven",
    "log4j:log4j",
    [
      says("makers", "https://blogsarchive.apache.org/foundation/entry/apache_logging_services_project_announces"),
      says("makers", "https://github.com/qos-ch/reload4j/blob/master/README.md"),
    ],
    [successor("org.apache.logging.log4j:log4j-core"), dropIn("ch.qos.reload4j:reload4j")],
  ),
  row(
    "maven",
    "org.apache.logging.log4j:log4j-core",
    says("makers", "https://logging.apache.org/log4j/log4j-2.17.0/manual/installation.html"),
    [sameJob("ch.qos.logback:logback-classic"), platform("java.util.logging")],
    "With a bridge the interface stays log4j-api; only what writes the log changes.",
  ),
  listed("axios", platform("fetch"), sameJob("ky"), sameJob("ofetch")),
  listed("bluebird", platform("Promise"), sameJob("nativebird")),
  listed("body-parser", sameJob("milliparsec")),
  listed("chalk", platform("util.styleText"), sameJob("picocolors"), sameJob("ansis")),
  listed("core-util-is", platform("util.types")),
  listed("cross-fetch", platform("fetch"), sameJob("ky"), sameJob("ofetch")),
  listed("crypto-js", platform("node:crypto, Web Crypto")),
  listed("deep-equal", sameJob("dequal"), sameJob("fast-deep-equal")),
  listed("dotenv", platform("node --env-file")),
  listed("eslint-plugin-import", sameJob("eslint-plugin-import-x")),
  listed("eslint-plugin-node", sameJob("eslint-plugin-n")),
  listed("execa", sameJob("tinyexec"), sameJob("nanoexec")),
  listed("faker", sameJob("@faker-js/faker")),
  listed("fast-glob", sameJob("tinyglobby")),
  listed("find-up", sameJob("empathic"), sameJob("pkg-types")),
  listed("fs-extra", platform("node:fs")),
  listed("glob", sameJob("tinyglobby"), sameJob("fdir"), platform("fs.glob")),
  listed("globby", sameJob("tinyglobby")),
  listed("grapheme-splitter", platform("Intl.Segmenter"), sameJob("unicode-segmenter")),
  row("npm", "inflight", says("makers", "https://github.com/isaacs/inflight-DEPRECATED-DO-NOT-USE/blob/main/README.md"), [
    platform("promises"),
    sameJob("lru-cache"),
  ]),
  listed("lodash", platform("the language's own arrays and objects"), sameJob("es-toolkit")),
  row("npm", "mkdirp", says("list", `${LIST}/docs/modules/mkdirp.md`), [platform("fs.mkdir with recursive (Node 10.12)")]),
  row("npm", "moment", says("list", `${LIST}/docs/modules/moment.md`), [sameJob("dayjs"), sameJob("date-fns"), sameJob("luxon")]),
  row("npm", "node-fetch", says("list", `${LIST}/docs/modules/node-fetch.md`), [
    platform("fetch (Node 18)"),
    sameJob("ky"),
    sameJob("ofetch"),
  ]),
  row("npm", "request", says("thread", "https://github.com/request/request/issues/3143"), [
    sameJob("got"),
    sameJob("axios"),
    sameJob("make-fetch-happen"),
  ]),
  row("npm", "rimraf", says("list", `${LIST}/docs/modules/rimraf.md`), [platform("fs.rm with recursive and force (Node 14.14)")]),
  row("npm", "tslint", says("makers", "https://github.com/palantir/tslint/issues/4534"), [successor("eslint")]),
  row(
    "npm",
    "uuid",
    says("platform", "https://github.com/nodejs/node/blob/main/doc/api/crypto.md"),
    [platform("crypto.randomUUID (Node 14.17)")],
    "For version 4 only.",
  ),
  row("pypi", "importlib-metadata", says("platform", "https://github.com/python/cpython/blob/main/Doc/library/importlib.metadata.rst"), [
    platform("importlib.metadata (Python 3.8)"),
  ]),
  row("pypi", "mock", says("makers", "https://github.com/testing-cabal/mock/blob/master/README.rst"), [
    platform("unittest.mock (Python 3.3)"),
  ]),
  row("pypi", "nose", says("thread", "https://github.com/hyde/hyde/issues/331"), [
    sameJob("nose2"),
    sameJob("pytest"),
    platform("unittest"),
  ]),
  row("pypi", "pathlib2", says("makers", "https://github.com/jazzband/pathlib2/blob/develop/README.rst"), [platform("pathlib")]),
  row(
    "pypi",
    "pycrypto",
    says("makers", "https://github.com/Legrandin/pycryptodome/blob/master/README.rst"),
    [dropIn("pycryptodome")],
    "Never both at once: they install the same modules.",
  ),
  row("pypi", "pytz", says("makers", "https://github.com/stub42/pytz/blob/master/src/README.rst"), [platform("zoneinfo (Python 3.9)")]),
  row("pypi", "requests", says("makers", "https://github.com/encode/httpx/blob/master/docs/compatibility.md"), [sameJob("httpx")]),
  row("pypi", "simplejson", says("makers", "https://github.com/simplejson/simplejson/blob/master/README.rst"), [platform("json")]),
  row("pypi", "toml", says("platform", "https://peps.python.org/pep-0680/"), [platform("tomllib (Python 3.11)"), sameJob("tomli")]),
];

const index: ReadonlyMap<string, Replaceable> = new Map(replaceables.map((entry) => [`${entry.type}/${entry.name.toLowerCase()}`, entry]));

/** What could stand in for a package; undefined where the table knows nothing. PyPI names are compared without case and `_` (PEP 503). */
export function alternativesTo(type: string, name: string): Replaceable | undefined {
  const plain = type === "pypi" ? name.replaceAll(/[-_.]+/g, "-") : name;
  return index.get(`${type}/${plain.toLowerCase()}`);
}

/** `luxon, dayjs or date-fns; the platform's own fetch`. */
export function instead({ instead: alternatives }: Replaceable): string {
  const names = alternatives.map(({ name, kind }) => (kind === "platform" ? `what the platform has (${name})` : name));
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}

/** Addresses where a row is written, one after the other. */
export const whereWritten = ({ sources }: Replaceable): string => sources.map(({ address }) => address).join(", ");

/** What a project would no longer take in if nobody asked for a component any more. */
export interface RemovalEffect {
  /** Indices of the other components that only it leads to: they go with it. Ascending. */
  readonly leave: readonly number[];
  /** Indices of components that ask for it themselves. Ascending. */
  readonly askers: readonly number[];
  /** Whether some root asks for it itself, so that the switch is the user's own to make. */
  readonly own: boolean;
}

/**
 * The effect of taking a component (all places where it is installed) out of the project's graph: in terms of dominators, the others
 * whose every way from a root leads through it. Exact; one walk over the graph.
 */
export function effectOfRemoval(project: Project, component: number, known?: ProjectGraph): RemovalEffect {
  const { nodes } = project;
  const { graph, roots, directs } = known ?? projectGraph(project);
  const { offsets, targets, n } = graph;
  const seen = new Uint8Array(n);
  const queue = new Int32Array(n);
  const walk = (without: number): void => {
    let tail = 0;
    const begin = (node: number): void => {
      if (seen[node] === 1 || nodes[node]?.component === without) return;
      seen[node] = 1;
      queue[tail++] = node;
    };
    for (const root of roots) begin(root);
    for (const direct of directs) begin(direct);
    for (let head = 0; head < tail; head++) {
      const node = queue[head]!;
      for (let at = offsets[node]!; at < offsets[node + 1]!; at++) begin(targets[at]!);
    }
  };
  walk(component);
  const kept = new Uint8Array(project.components.length);
  for (let node = 0; node < n; node++) if (seen[node] === 1 && nodes[node]!.component >= 0) kept[nodes[node]!.component] = 1;
  // What no root leads to even now (a circle of its own, a file without a graph) does not leave with it.
  seen.fill(0);
  walk(NOTHING);
  const there = new Uint8Array(project.components.length);
  for (let node = 0; node < n; node++) if (seen[node] === 1 && nodes[node]!.component >= 0) there[nodes[node]!.component] = 1;

  const askers = new Set<number>();
  let own = false;
  nodes.forEach((node) => {
    if (node.component === component || !node.edges.some(({ to }) => nodes[to]?.component === component)) return;
    if (node.kind === "root") own = true;
    else askers.add(node.component);
  });
  const leave: number[] = [];
  for (let other = 0; other < kept.length; other++) if (other !== component && there[other] === 1 && kept[other] === 0) leave.push(other);
  return { leave, askers: [...askers].toSorted((a, b) => a - b), own };
}

/** No component has this number; a root's is -1. */
const NOTHING = -2;
