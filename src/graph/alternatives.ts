/**
 * What could stand in for a package, and where that is written. A table, curated by hand: an entry is here because the package's own
 * makers, its platform's documentation or a community list say so, and `source` is where. It claims nothing about quality; whether a
 * switch is worth it depends on what the switch changes, which `effectOfRemoval` computes on the user's own graph.
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

export interface Replaceable {
  /** Purl type: `npm`, `maven`, `pypi`, `deb`, `conan`. */
  readonly type: string;
  /** As the ecosystem writes it: `group:artifact` for Maven. */
  readonly name: string;
  readonly instead: readonly Alternative[];
  /** What to mind, one sentence; "" where there is nothing. */
  readonly mind: string;
  readonly source: string;
}

const NPM_LIST = "https://github.com/es-tooling/module-replacements";
const platform = (name: string): Alternative => ({ name, kind: "platform" });
const successor = (name: string): Alternative => ({ name, kind: "successor" });
const dropIn = (name: string): Alternative => ({ name, kind: "drop-in" });
const sameJob = (name: string): Alternative => ({ name, kind: "same-job" });
const row = (type: string, name: string, source: string, instead: readonly Alternative[], mind = ""): Replaceable => ({
  type,
  name,
  instead,
  mind,
  source,
});
const npm = (name: string, instead: readonly Alternative[], source: string = NPM_LIST, mind = ""): Replaceable =>
  row("npm", name, source, instead, mind);

/** Sorted by type, then name. */
export const replaceables: readonly Replaceable[] = [
  row("conan", "openssl", "https://curl.se/docs/ssl-compared.html", [sameJob("libressl"), sameJob("mbedtls"), sameJob("wolfssl")]),
  row("conan", "zlib", "https://github.com/zlib-ng/zlib-ng/blob/develop/PORTING.md", [dropIn("zlib-ng")], "In compatible mode only."),
  row(
    "deb",
    "libssl3",
    "https://curl.se/docs/ssl-compared.html",
    [sameJob("libgnutls30"), sameJob("libnss3"), sameJob("libmbedtls14"), sameJob("libwolfssl35")],
    "Another interface: each user has to be built against it, as curl's packages are.",
  ),
  row("deb", "libsystemd0", "https://packages.debian.org/bookworm/libelogind0", [dropIn("libelogind0")], "It excludes systemd itself."),
  row("maven", "commons-lang:commons-lang", "https://commons.apache.org/proper/commons-lang/article3_0.html", [
    successor("org.apache.commons:commons-lang3"),
  ]),
  row("maven", "commons-logging:commons-logging", "https://www.slf4j.org/legacy.html", [
    dropIn("org.slf4j:jcl-over-slf4j"),
    sameJob("org.slf4j:slf4j-api"),
  ]),
  row("maven", "joda-time:joda-time", "https://www.joda.org/joda-time/", [platform("java.time (Java 8)")]),
  row("maven", "junit:junit", "https://docs.junit.org/current/user-guide/#migrating-from-junit4", [
    successor("org.junit.jupiter:junit-jupiter"),
  ]),
  row("maven", "log4j:log4j", "https://logging.apache.org/log4j/1.x/", [
    successor("org.apache.logging.log4j:log4j-core"),
    dropIn("ch.qos.reload4j:reload4j"),
    sameJob("ch.qos.logback:logback-classic"),
  ]),
  row(
    "maven",
    "org.apache.logging.log4j:log4j-core",
    "https://logging.apache.org/log4j/2.x/manual/installation.html",
    [sameJob("ch.qos.logback:logback-classic"), platform("java.util.logging")],
    "Through log4j-to-slf4j the interface stays log4j-api; only what writes the log changes.",
  ),
  npm("axios", [platform("fetch"), sameJob("ky"), sameJob("ofetch")]),
  npm("bluebird", [platform("Promise")], "https://github.com/petkaantonov/bluebird#note"),
  npm("body-parser", [sameJob("milliparsec")]),
  npm("chalk", [platform("util.styleText (Node 20.12)"), sameJob("picocolors"), sameJob("ansis")]),
  npm("core-util-is", [platform("util.types")]),
  npm("cross-fetch", [platform("fetch")]),
  npm("crypto-js", [platform("node:crypto, Web Crypto")], "https://github.com/brix/crypto-js#discontinued"),
  npm("deep-equal", [sameJob("dequal"), sameJob("fast-deep-equal")]),
  npm("dotenv", [platform("node --env-file (Node 20.6)")]),
  npm("eslint-plugin-import", [sameJob("eslint-plugin-import-x")]),
  npm("eslint-plugin-node", [dropIn("eslint-plugin-n")]),
  npm("execa", [sameJob("tinyexec")]),
  npm("faker", [successor("@faker-js/faker")]),
  npm("fast-glob", [sameJob("tinyglobby")]),
  npm("find-up", [sameJob("empathic")]),
  npm("fs-extra", [platform("node:fs")]),
  npm("glob", [sameJob("tinyglobby"), sameJob("fdir"), platform("fs.glob (Node 22)")]),
  npm("globby", [sameJob("tinyglobby")]),
  npm("grapheme-splitter", [platform("Intl.Segmenter")]),
  npm("inflight", [sameJob("lru-cache")], "https://www.npmjs.com/package/inflight"),
  npm("lodash", [sameJob("es-toolkit"), platform("the language's own arrays and objects")]),
  npm("mkdirp", [platform("fs.mkdir with recursive")], "https://nodejs.org/api/fs.html#fsmkdirpath-options-callback"),
  npm("moment", [sameJob("luxon"), sameJob("dayjs"), sameJob("date-fns")], "https://momentjs.com/docs/#/-project-status/"),
  npm("node-fetch", [platform("fetch (Node 18)")], "https://nodejs.org/api/globals.html#fetch"),
  npm("node-uuid", [successor("uuid")], "https://www.npmjs.com/package/node-uuid"),
  npm("querystring", [platform("URLSearchParams")], "https://www.npmjs.com/package/querystring"),
  npm("request", [platform("fetch"), sameJob("undici"), sameJob("got")], "https://github.com/request/request/issues/3142"),
  npm("rimraf", [platform("fs.rm with recursive and force")], "https://nodejs.org/api/fs.html#fsrmpath-options-callback"),
  npm("tslint", [successor("eslint")], "https://github.com/palantir/tslint/issues/4534"),
  npm("uuid", [platform("crypto.randomUUID")], "https://nodejs.org/api/crypto.html#cryptorandomuuidoptions", "For version 4 only."),
  row("pypi", "importlib-metadata", "https://docs.python.org/3/library/importlib.metadata.html", [
    platform("importlib.metadata (Python 3.8)"),
  ]),
  row("pypi", "mock", "https://docs.python.org/3/library/unittest.mock.html", [platform("unittest.mock")]),
  row("pypi", "nose", "https://nose.readthedocs.io/en/latest/", [sameJob("pytest"), sameJob("nose2")]),
  row("pypi", "pathlib2", "https://docs.python.org/3/library/pathlib.html", [platform("pathlib")]),
  row(
    "pypi",
    "pycrypto",
    "https://www.pycryptodome.org/src/introduction",
    [dropIn("pycryptodome"), sameJob("cryptography")],
    "Never both pycrypto and pycryptodome: they install the same modules.",
  ),
  row("pypi", "pytz", "https://peps.python.org/pep-0615/", [platform("zoneinfo (Python 3.9)")]),
  row("pypi", "requests", "https://www.python-httpx.org/compatibility/", [sameJob("httpx"), sameJob("urllib3")]),
  row("pypi", "simplejson", "https://docs.python.org/3/library/json.html", [platform("json")]),
  row("pypi", "six", "https://six.readthedocs.io/", [platform("Python 3 alone")]),
  row("pypi", "toml", "https://docs.python.org/3/library/tomllib.html", [platform("tomllib (Python 3.11)"), sameJob("tomli")]),
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
