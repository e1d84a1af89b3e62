/**
 * Families: packages that do the same job. A job with one provider that nearly everybody carries is a single point, however many others
 * there are to choose from: when users carry several at once, more of them add attack surface and take nothing away. So a family's figures
 * stand in two columns: how the users are spread (Hill numbers, largest share) and whether anybody could do without (substitutability).
 */
import { Fault } from "../model/index.ts";
import type { FamilyExposure } from "../model/exposure.ts";
import { hillNumbers } from "./concentration.ts";
import type { Graph } from "./csr.ts";
import { reversed } from "./csr.ts";
import { type Clauses, failing } from "./hard.ts";
import { searching } from "./search.ts";

interface FamilyMember {
  /** What people call it: `OpenSSL`. */
  readonly name: string;
  /**
   * Its packages, as their ecosystems write them; a version at the end of a node's name does not count. `#` stands for a number as
   * libraries carry it (`libssl#` is `libssl3`, `libssl1.1`, `libssl3t64`).
   */
  readonly packages: readonly string[];
}

export interface Family {
  /** Small letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly members: readonly FamilyMember[];
}

const member = (name: string, ...packages: readonly string[]): FamilyMember => ({ name, packages });

/** Debian, npm, PyPI, Maven (`group:artifact`) and Conan names stand side by side: a graph has those of its own ecosystem. */
export const standardFamilies: readonly Family[] = [
  {
    id: "tls",
    title: "TLS",
    members: [
      member("OpenSSL", "libssl#", "openssl-libs"),
      member("GnuTLS", "libgnutls#"),
      member("NSS", "libnss#", "nss"),
      member("Mbed TLS", "libmbedtls#", "mbedtls"),
      member("wolfSSL", "libwolfssl#", "wolfssl"),
      member("LibreSSL", "libtls#", "libressl"),
      member("s2n", "libs2n#", "s2n"),
      member("Forge", "node-forge"),
      member("Bouncy Castle", "org.bouncycastle:bctls-jdk18on", "libbctls-java"),
      member("rustls", "rustls"),
    ],
  },
  {
    id: "crypto",
    title: "Cryptographic primitives",
    members: [
      member("OpenSSL libcrypto", "libssl#", "openssl", "cryptography"),
      member("Libgcrypt", "libgcrypt#"),
      member("Nettle", "libnettle#"),
      member("libsodium", "libsodium#", "pynacl", "sodium-native"),
      member("Botan", "libbotan-2-#", "botan"),
      member("Mbed TLS", "libmbedcrypto#"),
      member("Bouncy Castle", "org.bouncycastle:bcprov-jdk18on", "org.bouncycastle:bcprov-jdk15on", "libbcprov-java"),
      member("noble", "@noble/hashes", "@noble/curves", "@noble/ciphers"),
      member("elliptic", "elliptic"),
      member("CryptoJS", "crypto-js"),
      member("TweetNaCl", "tweetnacl"),
      member("PyCryptodome", "pycryptodome", "pycryptodomex", "python3-pycryptodome"),
    ],
  },
  {
    id: "compression",
    title: "Compression",
    members: [
      member("zlib", "zlib#g", "zlib"),
      member("zlib-ng", "libz-ng#", "zlib-ng"),
      member("Zstandard", "libzstd#", "zstd", "zstandard", "com.github.luben:zstd-jni"),
      member("XZ", "liblzma#", "xz_utils", "org.tukaani:xz"),
      member("bzip2", "libbz2-#", "bzip2"),
      member("Brotli", "libbrotli#", "brotli"),
      member("LZ4", "liblz4-#", "lz4", "org.lz4:lz4-java"),
      member("Snappy", "libsnappy#v5", "libsnappy#", "org.xerial.snappy:snappy-java"),
      member("pako", "pako"),
      member("fflate", "fflate"),
      member("Commons Compress", "org.apache.commons:commons-compress", "libcommons-compress-java"),
    ],
  },
  {
    id: "xml",
    title: "XML parsers",
    members: [
      member("Expat", "libexpat#", "expat"),
      member("libxml2", "libxml2", "libxml#", "lxml", "libxmljs", "libxmljs2"),
      member("Xerces", "xerces:xercesImpl", "libxerces2-java", "libxerces-c#", "xerces-c"),
      member("Woodstox", "com.fasterxml.woodstox:woodstox-core", "libwoodstox-java"),
      member("sax", "sax"),
      member("fast-xml-parser", "fast-xml-parser"),
      member("xmldom", "@xmldom/xmldom", "xmldom"),
      member("TinyXML-2", "libtinyxml2-#", "tinyxml2"),
      member("pugixml", "libpugixml#v5", "pugixml"),
    ],
  },
  {
    id: "java-logging",
    title: "Logging in Java",
    members: [
      member("Commons Logging", "commons-logging:commons-logging", "libcommons-logging-java"),
      member("SLF4J", "org.slf4j:slf4j-api", "libslf4j-java"),
      member("Log4j 1", "log4j:log4j", "liblog4j1.2-java"),
      member("Log4j 2", "org.apache.logging.log4j:log4j-core", "liblog4j2-java"),
      member("Logback", "ch.qos.logback:logback-classic", "liblogback-java"),
      member("JBoss Logging", "org.jboss.logging:jboss-logging", "libjboss-logging-java"),
    ],
  },
  {
    id: "logging",
    title: "Logging in JavaScript and Python",
    members: [
      member("debug", "debug", "node-debug"),
      member("pino", "pino"),
      member("winston", "winston"),
      member("bunyan", "bunyan"),
      member("log4js", "log4js"),
      member("loglevel", "loglevel"),
      member("structlog", "structlog", "python3-structlog"),
      member("Loguru", "loguru", "python3-loguru"),
    ],
  },
  {
    id: "init",
    title: "Init systems",
    members: [
      member("systemd", "systemd"),
      member("sysvinit", "sysvinit-core"),
      member("runit", "runit-init"),
      member("OpenRC", "openrc"),
      member("s6", "s6"),
      member("finit", "finit-sysv"),
    ],
  },
  {
    id: "http-client",
    title: "HTTP clients",
    members: [
      member("curl", "libcurl#", "libcurl#-gnutls", "libcurl"),
      member("libsoup", "libsoup-3.0-0", "libsoup2.4-1"),
      member("neon", "libneon#-gnutls", "libneon#"),
      member("axios", "axios"),
      member("node-fetch", "node-fetch"),
      member("undici", "undici"),
      member("got", "got"),
      member("request", "request"),
      member("urllib3", "urllib3", "python3-urllib3"),
      member("HTTPX", "httpx", "python3-httpx"),
      member("aiohttp", "aiohttp", "python3-aiohttp"),
      member(
        "Apache HttpClient",
        "org.apache.httpcomponents:httpclient",
        "org.apache.httpcomponents.client5:httpclient5",
        "libhttpclient-java",
      ),
      member("OkHttp", "com.squareup.okhttp3:okhttp", "libokhttp-java"),
    ],
  },
  {
    id: "yaml",
    title: "YAML parsers",
    members: [
      member("libyaml", "libyaml-0-2", "libyaml", "python3-yaml", "pyyaml"),
      member("yaml-cpp", "libyaml-cpp#"),
      member("js-yaml", "js-yaml", "node-js-yaml"),
      member("yaml", "yaml", "node-yaml"),
      member("ruamel.yaml", "ruamel.yaml", "ruamel-yaml", "python3-ruamel.yaml"),
      member("SnakeYAML", "org.yaml:snakeyaml", "libyaml-snake-java"),
    ],
  },
  {
    id: "json",
    title: "JSON parsers",
    members: [
      member("Jansson", "libjansson#"),
      member("json-c", "libjson-c#"),
      member("JSON-GLib", "libjson-glib-1.0-0"),
      member("JsonCpp", "libjsoncpp#"),
      member("Jackson", "com.fasterxml.jackson.core:jackson-databind", "libjackson2-databind-java"),
      member("Gson", "com.google.code.gson:gson", "libgoogle-gson-java"),
      member("simplejson", "simplejson", "python3-simplejson"),
      member("orjson", "orjson", "python3-orjson"),
    ],
  },
  {
    id: "regex",
    title: "Regular expressions",
    members: [
      member("PCRE2", "libpcre2-8-0", "pcre2"),
      member("PCRE", "libpcre3", "pcre"),
      member("Oniguruma", "libonig#"),
      member("RE2", "libre2-#", "re2"),
    ],
  },
  {
    id: "dates",
    title: "Dates and times",
    members: [
      member("Moment", "moment", "node-moment"),
      member("Luxon", "luxon"),
      member("Day.js", "dayjs"),
      member("date-fns", "date-fns"),
      member("pytz", "pytz", "python3-tz"),
      member("python-dateutil", "python-dateutil", "python3-dateutil"),
      member("Joda-Time", "joda-time:joda-time", "libjoda-time-java"),
    ],
  },
  { id: "libc", title: "C libraries", members: [member("glibc", "libc#"), member("musl", "musl")] },
  {
    id: "python",
    title: "Interpreters that packages run on",
    members: [
      member("Python", "python3"),
      member("Perl", "perl-base"),
      member("Ruby", "ruby"),
      member("Node.js", "nodejs"),
      member("PHP", "php-common"),
      member("Java", "default-jre-headless", "openjdk-#-jre-headless"),
    ],
  },
];

/** More families than a page can show, members than a job has providers, names than a member has packages: a mistake or an attack. */
const LIMITS = { families: 200, members: 100, packages: 200, letters: 200 } as const;

/**
 * Reads a user's families, `{"families": [{"id", "title", "members": [{"name", "packages": ["libssl#"]}]}]}`; an id of the standard ones
 * replaces that. Throws `input/not-understood` and says which entry is wrong.
 * @param file its name, for messages
 */
export function readFamilies(text: string, file: string): readonly Family[] {
  const wrong = (where: string, what: string): never => {
    throw new Fault("input/not-understood", `${file}: ${where} ${what}`, {
      hint: "docs/exposure-page.md shows the form of a families file",
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("input/not-understood", `${file} is no JSON`, { cause });
  }
  const listOf = (holder: unknown, key: string, most: number, where: string): readonly unknown[] => {
    const list =
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, key) ? (holder as Record<string, unknown>)[key] : null;
    if (!Array.isArray(list)) return wrong(where, `has no list "${key}"`);
    return list.length > most ? wrong(where, `lists more than ${most} ${key}`) : list;
  };
  const textOf = (holder: unknown, key: string, where: string): string => {
    const found =
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, key) ? (holder as Record<string, unknown>)[key] : null;
    return typeof found === "string" && found !== "" && found.length <= LIMITS.letters ? found : wrong(where, `has no text "${key}"`);
  };
  return listOf(value, "families", LIMITS.families, "the file").map((family, at): Family => {
    const where = `family ${at + 1}`;
    const id = textOf(family, "id", where);
    if (!/^[a-z][a-z0-9-]*$/.test(id)) wrong(where, `has an id that is not of small letters, digits and hyphens`);
    const members = listOf(family, "members", LIMITS.members, where).map((one, number): FamilyMember => {
      const place = `${where}, member ${number + 1}`;
      const packages = listOf(one, "packages", LIMITS.packages, place);
      if (!packages.every((name): name is string => typeof name === "string" && name !== "" && name.length <= LIMITS.letters))
        wrong(place, "lists a package that is no text");
      return { name: textOf(one, "name", place), packages: packages as readonly string[] };
    });
    return { id, title: textOf(family, "title", where), members };
  });
}

/** The standard families with a user's own: same id, the user's holds; others come after. */
export function mergeFamilies(own: readonly Family[], standard: readonly Family[] = standardFamilies): readonly Family[] {
  const mine = new Map(own.map((family) => [family.id, family]));
  const merged = standard.map((family) => mine.get(family.id) ?? family);
  const known = new Set(standard.map(({ id }) => id));
  return [...merged, ...[...mine.values()].filter(({ id }) => !known.has(id))];
}

/** What a family's figures are computed on. */
export interface FamilyGraph {
  readonly names: readonly string[];
  readonly first: Graph;
  readonly all: Graph;
  readonly clauses: Clauses;
}

/**
 * The figures of each family that has a member in the graph, in the families' order. `users` counts a member's packages and all that reach
 * them (first); `share` is of the union; exclusive and several count users of one and of two or more.
 */
export function familyExposures(graph: FamilyGraph, families: readonly Family[] = standardFamilies): readonly FamilyExposure[] {
  const find = finder(graph.names);
  const users = searching(reversed(graph.first));
  const could = searching(reversed(graph.all));
  const { fail } = failing(graph.clauses);
  const found: FamilyExposure[] = [];
  for (const family of families) {
    const carried = new Uint8Array(graph.names.length);
    const members = family.members.flatMap(({ name, packages }) => {
      const nodes = [...new Set(packages.flatMap(find))].toSorted((a, b) => a - b);
      if (nodes.length === 0) return [];
      const carriers = users.from(nodes);
      for (const node of carriers) if (carried[node]! < 2) carried[node]!++;
      return [{ name, nodes, carriers }];
    });
    const [first, ...rest] = members;
    if (first === undefined) continue;
    const largest = rest.reduce((best, one) => (one.carriers.length > best.carriers.length ? one : best), first);
    let union = 0;
    let several = 0;
    for (const times of carried) {
      if (times > 0) union++;
      if (times > 1) several++;
    }
    let exclusive = 0;
    for (const node of largest.carriers) if (carried[node] === 1) exclusive++;
    const all = could.from(largest.nodes).length - largest.nodes.length;
    found.push({
      id: family.id,
      title: family.title,
      members: members
        .map(({ name, nodes, carriers }) => ({
          name,
          packages: nodes.map((node) => graph.names[node]!),
          users: carriers.length,
          share: carriers.length / union,
        }))
        .toSorted((a, b) => b.users - a.users || (a.name < b.name ? -1 : 1)),
      union,
      largestShare: largest.carriers.length / union,
      exclusive,
      several,
      substitutability: all === 0 ? null : 1 - fail(largest.nodes) / all,
      hill: hillNumbers(members.map(({ carriers }) => carriers.length)),
    });
  }
  return found;
}

function note(table: Map<string, number[]>, key: string, node: number): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [node]);
  else list.push(node);
}

/** Finds the nodes that a family's word means: a table for plain names, one pass over the names for those with a number in them. */
function finder(names: readonly string[]): (word: string) => readonly number[] {
  const byName = new Map<string, number[]>();
  const numbered = new Map<string, number[]>();
  names.forEach((name, node) => {
    const plain = withoutVersion(name);
    note(byName, plain, node);
    // Every number may be the one that `#` stands for: few names have more than two.
    for (const match of plain.matchAll(NUMBER)) {
      const rest = `${plain.slice(0, match.index)}#${plain.slice(match.index + match[0].length)}`;
      note(numbered, rest, node);
    }
  });
  return (word) => (word.includes("#") ? numbered.get(word) : byName.get(word)) ?? [];
}

/** `3`, `1.1`, `3t64` (Debian's libraries with 64-bit time), `5a`: what follows a library's name. */
const NUMBER = /[0-9]+(?:\.[0-9]+)*(?:t64|[a-d](?![a-z]))?/g;

/** `name@version` as lockfiles' graphs have it; a scope's `@` stands at the beginning. */
function withoutVersion(name: string): string {
  const at = name.lastIndexOf("@");
  return at > 0 ? name.slice(0, at) : name;
}
