/**
 * A child of the benchmark: serves packages of the usual size, and says its address and its lockfile as one line of JSON. Ends with its parent.
 * With `signed` as its second argument the locked release of each package is signed by the registry, and has its publish attestation and a
 * build provenance by a Sigstore of our own, whose root is part of what it says.
 */
import { type FakePackage, startRegistry } from "../../test/registry/registry.ts";
import { npmTarball } from "../../test/registry/tar.ts";
import { signPackages } from "./proofs.ts";

const PACKAGES = Number(process.argv[2] ?? 1600);
/** The middle of what projects depend on: some dozens of releases, documents of about 80 kB, tarballs of about 30 kB. */
const RELEASES = 40;
const README_BYTES = 8_000;
const FILES = 25;
const FILE_BYTES = 4_000;

/** The same words in the same order in every run, and about as compressible as source text. */
function words(seed: number, bytes: number): string {
  const vocabulary = [
    "const",
    "return",
    "function",
    "=>",
    "await",
    "module",
    "exports",
    "value",
    "index",
    "this",
    "if",
    "else",
    "(",
    ")",
    "{",
    "}",
    ";",
    "\n",
    "length",
    "null",
  ];
  let state = (seed + 1) * 2_654_435_761;
  let text = "";
  while (text.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += (state & 3) === 0 ? `${state.toString(36)} ` : `${vocabulary[(state >>> 8) % vocabulary.length] ?? ""} `;
  }
  return text;
}

const version = (n: number): string => `1.${n}.0`;

/** One package in ten was released lately, as in lockfiles that are kept up to date: those are compared with the release before. */
const YOUNG = 10;
const lately = new Date(Date.now() - 20 * 24 * 60 * 60 * 1000).toISOString();

const small = npmTarball({});
const packages = Array.from({ length: PACKAGES }, (_, at): FakePackage => {
  const name = at % 5 === 0 ? `@scope-${at % 40}/package-${at}` : `package-${at}`;
  const manifest = {
    description: words(at, 80),
    license: "MIT",
    repository: { type: "git", url: `git+https://git.example/${name}.git` },
    dependencies: Object.fromEntries(Array.from({ length: 5 }, (_unused, n) => [`package-${(at * 7 + n) % PACKAGES}`, "^1.0.0"])),
    devDependencies: Object.fromEntries(Array.from({ length: 20 }, (_unused, n) => [`dev-${n}`, "^1.0.0"])),
    scripts: { test: "node --test", build: "tsc" },
  };
  const files = Object.fromEntries(Array.from({ length: FILES }, (_unused, n) => [`lib/${n}.js`, words(at * 100 + n, FILE_BYTES)]));
  return {
    name,
    releases: Array.from({ length: RELEASES }, (_unused, n) => {
      const release = { version: version(n), manifest };
      const packed = (more: Readonly<Record<string, string>>): Uint8Array =>
        npmTarball({ "package.json": { name, version: version(n), ...manifest }, ...files, ...more });
      if (n < RELEASES - 2) return { ...release, tarball: small };
      // The last but one differs in one file of the twenty-five.
      if (n === RELEASES - 2) return { ...release, tarball: packed({ "lib/0.js": words(at * 100 + 50, FILE_BYTES) }) };
      return {
        ...release,
        document: { readme: words(at, README_BYTES) },
        tarball: packed({}),
        ...(at % YOUNG === 0 ? { published: lately } : {}),
      };
    }),
  };
});

const last = version(RELEASES - 1);
const proofs = process.argv[3] === "signed" ? signPackages(packages, last) : null;
const registry = await startRegistry({
  packages: proofs?.packages ?? packages,
  misbehave: (path) => {
    const body = proofs?.answers.get(decodeURIComponent(path));
    return body === undefined ? null : { kind: "body", body, headers: { "content-type": "application/json" } };
  },
});
const lock = packages.map(({ name }) => Object.assign({ name, version: last }, registry.lockEntry(name, last)));
process.stdout.write(`${JSON.stringify({ url: registry.url, lock, ...(proofs === null ? {} : { root: proofs.root }) })}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
