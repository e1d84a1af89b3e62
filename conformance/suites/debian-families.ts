/**
 * Families of Debian bookworm 12.15 against figures that another program computed (users, Hill numbers, largest share, exclusive users), and
 * the graph as it goes into the page: packed and unpacked it must be the same, and answer the same.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { debianSuite } from "../../src/graph/debian.ts";
import { exposureOfDebian } from "../../src/graph/exposure-graph.ts";
import { type Family, familyExposures } from "../../src/graph/families.ts";
import { measure } from "../../src/graph/measure.ts";
import { whatIfs } from "../../src/graph/what-if.ts";
import { packGraph, unpackGraph } from "../../src/report/exposure-pack.ts";
import { unpackIndex } from "../../src/sources/debian.ts";
import { compareVersions } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = { name: "debian-families", archive: "", data: "debian", run };

interface Expected {
  readonly family: Family;
  /** In the order of the members. */
  readonly users: readonly number[];
  readonly q1: string;
  readonly q2: string;
  readonly largest: string;
  readonly exclusive: number;
}

const family = (id: string, packages: readonly string[]): Family => ({
  id,
  title: id,
  members: packages.map((name) => ({ name, packages: [name] })),
});

/** Members by exactly the binaries that the figures were computed with; the standard families know more. */
const FAMILIES: readonly Expected[] = [
  {
    family: family("tls", ["libssl3", "libgnutls30", "libnss3", "libmbedtls14", "libwolfssl35"]),
    users: [29_155, 12_822, 2297, 206, 4],
    q1: "2.26",
    q2: "1.941",
    largest: "0.968",
    exclusive: 17_053,
  },
  {
    family: family("compression", ["zlib1g", "libzstd1", "liblzma5", "libbz2-1.0", "libbrotli1", "liblz4-1"]),
    users: [39_159, 34_414, 33_704, 29_622, 14_607, 12_667],
    q1: "5.56",
    q2: "5.28",
    largest: "0.978",
    exclusive: 2681,
  },
  {
    family: family("java-logging", [
      "libcommons-logging-java",
      "libslf4j-java",
      "liblog4j1.2-java",
      "liblog4j2-java",
      "liblogback-java",
      "libjboss-logging-java",
    ]),
    users: [397, 357, 100, 37, 36, 13],
    q1: "3.60",
    q2: "2.97",
    largest: "0.669",
    exclusive: 179,
  },
];

/** Figures are compared with as many places as they were published with. */
const places = (text: string): number => text.length - text.indexOf(".") - 1;

function* run(folder: string): Generator<CaseResult> {
  const file = "bookworm-main-amd64-Packages.xz";
  const debian = debianSuite(unpackIndex(readFileSync(join(folder, file)), file), null, {
    compareVersions: (a, b) => compareVersions("Debian", a, b),
  });
  const graph = exposureOfDebian(debian, { name: "bookworm", inputs: [], essential: false });
  const found = familyExposures(
    graph,
    FAMILIES.map((one) => one.family),
  );
  for (const { family: asked, users, q1, q2, largest, exclusive } of FAMILIES) {
    const one = found.find(({ id }) => id === asked.id);
    const of = (name: string): number => one?.members.find((member) => member.name === name)?.users ?? -1;
    yield same(
      `${asked.id}: users of each member`,
      asked.members.map(({ name }) => of(name)),
      users,
    );
    yield same(`${asked.id}: Hill number of order 1`, one?.hill.q1.toFixed(places(q1)), q1);
    yield same(`${asked.id}: Hill number of order 2`, one?.hill.q2.toFixed(places(q2)), q2);
    yield same(`${asked.id}: largest of the union`, one?.largestShare.toFixed(places(largest)), largest);
    yield same(`${asked.id}: users of the largest alone`, one?.exclusive, exclusive);
  }
  const standard = new Map(familyExposures(graph).map((one) => [one.id, one]));
  const member = (id: string, name: string): number => standard.get(id)?.members.find((one) => one.name === name)?.users ?? -1;
  yield same("xml: users of Expat and libxml2", [member("xml", "Expat"), member("xml", "libxml2")], [19_410, 13_633]);
  yield same("init: users of systemd, and of it alone", [member("init", "systemd"), standard.get("init")?.exclusive], [4242, 4242]);
  yield same("tls: who could do without libssl3", standard.get("tls")?.substitutability?.toFixed(4), (1 - 28_718 / 29_433).toFixed(4));

  const page = unpackGraph(packGraph(graph), graph.about);
  const [there, back] = [measure(graph), measure(page)];
  for (const reading of ["first", "all", "hard", "trusts", "direct"] as const) {
    let other = 0;
    there[reading].forEach((value, node) => (other += back[reading][node] === value ? 0 : 1));
    yield same(`in the page: packages with another figure, ${reading}`, other, 0);
  }
  const [here, inPage] = [whatIfs(graph, there), whatIfs(page, back)];
  for (const name of ["libssl3", "liblzma5", "perl-base", "libsystemd0", "liblog4j2-java"]) {
    const answers = [here, inPage].map((ask) => ask({ kind: "remove", packages: [name] }));
    const [one, other] = answers.map(({ breaks, exposed, paths }) => ({ breaks, exposed, paths }));
    yield same(`in the page: what if ${name} is gone`, other, one);
  }
}

function same(name: string, found: unknown, expected: unknown): CaseResult {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  return a === b
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", detail: `expected ${b.slice(0, 200)}, found ${a?.slice(0, 200)}` };
}
