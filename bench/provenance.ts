/**
 * Verification of attestations beside the JavaScript Sigstore client, on the same bundles, offline, in one process. First both must give the same
 * verdict on every bundle and on a damaged copy of it; only then is anything timed. Processor time is counted, on one thread.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { attestationKey, embeddedRegistryKeys, embeddedTrustRoot, verifyBundle } from "../src/attestation/index.ts";
import { sigstoreRoot, githubRoot } from "../src/attestation/embedded-roots.ts";
import { sigstoreSigner, statementContent } from "../src/app/sign-sigstore.ts";
import { startSigstore } from "../test/sigstore/services.ts";
import { type RealBundle, realBundles } from "../conformance/bundles.ts";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";

/** Releases of a large lockfile, each with its provenance and the registry's publish attestation. */
const RELEASES = 1000;
const ROUNDS = 5;
/** Bundles verified before anything is timed, so that both are compiled. */
const WARM_UP = 100;
/** Bundles that one round verifies at least: fewer take no longer than the clock's own grain and a collection of garbage. */
const PER_ROUND = 120;

type Verify = (bundle: unknown) => boolean;

interface Contest {
  readonly work: string;
  readonly bundles: readonly RealBundle[];
  readonly goal?: number;
}

export const bench: Bench = {
  name: "provenance",
  title: "attestations verified a second on one core, beside sigstore",
  run: async (context): Promise<readonly BenchRow[]> => {
    const folder = unpack(context);
    if (folder === "") return [];
    const all = [...realBundles(folder)].filter(({ bundle }) => ours(bundle));
    const { verifyUnder: theirsUnder, version } = await peer(context.scratch);
    const theirs = theirsUnder({
      ...(sigstoreRoot as object),
      timestampAuthorities: [...authorities(sigstoreRoot), ...authorities(githubRoot)],
    });
    const provenance = all.filter(({ name, publish }) => !publish && /^(?:npm-cli|slsa-verifier\/testdata\/npm)/.test(name));
    const rows: BenchRow[] = [sameVerdicts(all, theirs, version), await signedHere(context.scratch, theirsUnder, version)];
    const contests: readonly Contest[] = [
      { work: "npm provenance", bundles: provenance, goal: 7 },
      { work: "npm publish attestation", bundles: all.filter(({ publish }) => publish) },
      { work: "source track attestation", bundles: all.filter(({ name }) => name.startsWith("slsa-source")) },
    ];
    for (const contest of contests) rows.push(...measure(contest, theirs, version));
    rows.push(
      lockfile(
        provenance,
        all.filter(({ publish }) => publish),
      ),
    );
    return rows;
  },
};

const publicKey = attestationKey(embeddedRegistryKeys());
const ours: Verify = (bundle) => verifyBundle(bundle, { root: embeddedTrustRoot(), publicKey }).ok;

function unpack({ scratch, conformance }: BenchContext): string {
  if (conformance === "") return "";
  const folder = join(scratch, "attestations");
  for (const archive of ["npm-cli", "slsa-verifier", "slsa-source", "sigstore-js"]) {
    const file = join(conformance, `${archive}.tar.gz`);
    if (!existsSync(file)) continue;
    mkdirSync(join(folder, archive), { recursive: true });
    execFileSync("tar", ["-xzf", file, "-C", join(folder, archive)]);
  }
  return existsSync(folder) ? folder : "";
}

interface PeerModules {
  readonly bundleFromJSON: (json: unknown) => unknown;
  readonly toSignedEntity: (bundle: unknown) => unknown;
  readonly toTrustMaterial: (root: unknown, keys: unknown) => unknown;
  readonly Verifier: new (material: unknown, options: object) => { readonly verify: (entity: unknown) => unknown };
  readonly TrustedRoot: { readonly fromJSON: (json: unknown) => unknown };
}

const key = (hint: string): unknown => ({ publicKey: publicKey(hint)?.key, validFor: () => true });

/** `sigstore`, as npm and pacote use it, but with the roots given instead of fetched. */
async function peer(scratch: string): Promise<{ verifyUnder: (root: unknown) => Verify; version: string }> {
  const home = join(scratch, "peer");
  mkdirSync(home, { recursive: true });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", "--prefix", home, ...quiet, "sigstore@5"], { stdio: ["ignore", "ignore", "inherit"] });
  const require = createRequire(join(home, "node_modules", "sigstore", "package.json"));
  const { version } = require("./package.json") as { readonly version: string };
  const [bundles, verification, formats] = ["bundle", "verify", "protobuf-specs"].map(
    (name) => require(`@sigstore/${name}`) as PeerModules,
  );
  if (bundles === undefined || verification === undefined || formats === undefined) throw new Error("sigstore is not what it was");
  const { bundleFromJSON } = bundles;
  const { toSignedEntity, toTrustMaterial, Verifier } = verification;
  const { TrustedRoot } = formats;
  const verifyUnder = (root: unknown): Verify => {
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root), key), {});
    return (bundle) => {
      try {
        verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
        return true;
      } catch {
        return false;
      }
    };
  };
  return { verifyUnder, version: `sigstore ${version}` };
}

const authorities = (root: unknown): readonly unknown[] =>
  (root as { readonly timestampAuthorities: readonly unknown[] }).timestampAuthorities;

/** Both on every bundle, and on a copy with another signature: agreement before speed. */
function sameVerdicts(all: readonly RealBundle[], theirs: Verify, version: string): BenchRow {
  let same = 0;
  const differing: string[] = [];
  for (const { name, bundle } of all)
    for (const [what, candidate] of [
      ["whole", bundle],
      ["damaged", damaged(bundle)],
    ] as const) {
      const mine = ours(candidate);
      if (mine === theirs(candidate) && mine === (what === "whole")) same += 1;
      else differing.push(`${name} ${what}: ${mine ? "accepted" : "refused"} here`);
    }
  const note = differing.length === 0 ? `against ${version}` : `differs: ${differing.slice(0, 3).join("; ")}`;
  const goal = "identical verdicts";
  return {
    work: "the same verdict",
    who: "tributary",
    figures: { bundles: same, differing: differing.length },
    goal,
    met: differing.length === 0,
    note,
  };
}

/** Statements that we sign by a Sigstore of our own, with logs of both generations, must be what sigstore takes; and damaged ones not. */
async function signedHere(scratch: string, theirsUnder: (root: unknown) => Verify, version: string): Promise<BenchRow> {
  const services = await startSigstore();
  try {
    const theirs = theirsUnder(services.sigstore.rootDocument);
    const home = join(scratch, "signing");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "root.json"), JSON.stringify(services.sigstore.rootDocument));
    let accepted = 0;
    let refused = 0;
    for (const rekor of [1, 2] as const)
      for (const timestamps of [true, rekor === 2]) {
        writeFileSync(join(home, "config.json"), JSON.stringify(services.signingConfig({ rekor, timestamps })));
        const sign = await sigstoreSigner({
          cwd: home,
          env: { HOME: home, SIGSTORE_ID_TOKEN: services.token() },
          stdin: () => Promise.resolve(Buffer.alloc(0)),
          signingConfig: "config.json",
          trustedRoot: "root.json",
        });
        const subject = [{ name: "a", digest: { sha256: "00".repeat(32) } }];
        const statement = { _type: "https://in-toto.io/Statement/v1", subject, predicateType: "https://example/p", predicate: {} };
        const { bundle } = await sign(statementContent(statement));
        accepted += theirs(bundle) ? 1 : 0;
        refused += theirs(damaged(bundle)) ? 0 : 1;
      }
    return {
      work: "bundles signed here",
      who: "tributary",
      figures: { accepted, damagedRefused: refused },
      goal: "4 of 4 accepted, 4 of 4 damaged refused",
      met: accepted === 4 && refused === 4,
      note: `by ${version}, with logs of both generations`,
    };
  } finally {
    await services.close();
  }
}

/** The statement's payload with one byte changed. */
function damaged(bundle: unknown): unknown {
  const copy = structuredClone(bundle) as { dsseEnvelope?: { payload: string }; dsse_envelope?: { payload: string } };
  const envelope = copy.dsseEnvelope ?? copy.dsse_envelope;
  if (envelope === undefined) return copy;
  const payload = Buffer.from(envelope.payload, "base64");
  payload[payload.length >> 1] = (payload[payload.length >> 1] ?? 0) ^ 1;
  envelope.payload = payload.toString("base64");
  return copy;
}

/** Processor seconds, user and system. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function measure({ work, bundles, goal }: Contest, theirs: Verify, version: string): readonly BenchRow[] {
  if (bundles.length === 0) return [];
  const rates = { ours: [] as number[], theirs: [] as number[] };
  const passes = Math.ceil(PER_ROUND / bundles.length);
  const pass = (verify: Verify) => (): void => {
    for (let i = 0; i < passes; i++) for (const { bundle } of bundles) verify(bundle);
  };
  for (let i = 0; i < WARM_UP; i++) {
    const { bundle } = bundles[i % bundles.length] ?? {};
    ours(bundle);
    theirs(bundle);
  }
  // In turns, so that a slow moment of the machine falls on both.
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push((passes * bundles.length) / seconds(pass(ours)));
    rates.theirs.push((passes * bundles.length) / seconds(pass(theirs)));
  }
  const [mine, other] = [median(rates.ours), median(rates.theirs)];
  const aim = goal === undefined ? {} : { goal: `${goal} times as many as sigstore`, met: mine >= goal * other };
  const note = `${bundles.length} different bundles, ${(mine / other).toFixed(1)} times as many`;
  return [
    { work, who: "tributary", figures: { perSecond: mine }, note, ...aim },
    { work, who: version, figures: { perSecond: other } },
  ];
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** What a large lockfile costs, once its attestations are there. */
function lockfile(provenance: readonly RealBundle[], publish: readonly RealBundle[]): BenchRow {
  const started = performance.now();
  for (let i = 0; i < RELEASES; i++) {
    ours(provenance[i % provenance.length]?.bundle);
    ours(publish[i % publish.length]?.bundle);
  }
  const wallSeconds = (performance.now() - started) / 1000;
  return {
    work: `${RELEASES} releases, each with provenance and publish attestation`,
    who: "tributary",
    figures: { wallSeconds },
    goal: "under 3 s",
    met: wallSeconds < 3,
    note: "on one thread",
  };
}
