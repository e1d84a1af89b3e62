/**
 * `node scripts/mutate-bundles.ts FOLDER [--most 400] [--seed 1] [--verbose]`
 *
 * Changes real bundles one leaf at a time (another value, no value, one bit inside a Base64 value) and counts how many of the changes a
 * verification notices. FOLDER holds the unpacked archives. What is accepted is listed by its place: nothing but what is unsigned by design,
 * and told as unsigned by the verification itself, may be there. The choice is by seed: the same call gives the same figures.
 */
import { parseArgs } from "node:util";
import { attestationKey, embeddedRegistryKeys, embeddedTrustRoot, verifyBundle } from "../src/attestation/index.ts";
import { realBundles } from "../conformance/bundles.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error("error: give the folder with the unpacked archives");
  process.exit(2);
}

type Change = "changed" | "deleted" | "bit";
type Path = readonly (string | number)[];

const root = embeddedTrustRoot();
const publicKey = attestationKey(embeddedRegistryKeys());
const verify = (bundle: unknown): ReturnType<typeof verifyBundle> => verifyBundle(bundle, { root, publicKey });

let state = Number(values.seed) >>> 0;
/** Mulberry32: small, seeded, good enough to choose places. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
}

function* leaves(value: unknown, path: Path = []): Generator<{ path: Path; value: unknown }> {
  if (typeof value === "object" && value !== null)
    for (const [key, child] of Object.entries(value)) yield* leaves(child, [...path, Array.isArray(value) ? Number(key) : key]);
  else yield { path, value };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Another value of the same kind; undefined where there is none. */
function another(value: unknown, change: Change): unknown {
  if (change === "deleted") return undefined;
  if (typeof value === "number") return value + 1;
  if (typeof value !== "string") return undefined;
  if (change === "bit") {
    if (!BASE64.test(value)) return undefined;
    const bytes = Buffer.from(value, "base64");
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes.toString("base64");
  }
  if (/^\d+$/.test(value)) return String(Number(value) + 1);
  const at = random(Math.max(1, value.length));
  const old = value[at] ?? "";
  const letter = LETTERS[(LETTERS.indexOf(old) + 1 + random(LETTERS.length - 1)) % LETTERS.length] ?? "A";
  return value.slice(0, at) + letter + value.slice(at + 1);
}

function changed(bundle: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(bundle);
  let here = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) here = here[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (value !== undefined) here[last] = value;
  else if (Array.isArray(here)) here.splice(Number(last), 1);
  else delete here[last];
  return copy;
}

let bundles = 0;
let total = 0;
let refused = 0;
let crashes = 0;
const accepted = new Map<string, { count: number; told: number }>();
for (const { name, bundle } of realBundles(folder)) {
  if (bundles >= Number(values.most)) break;
  const before = verify(bundle);
  if (!before.ok) continue;
  bundles += 1;
  for (const { path, value } of leaves(bundle))
    for (const change of ["changed", "deleted", "bit"] as const) {
      const other = another(value, change);
      if (other === undefined && change !== "deleted") continue;
      // Protobuf's JSON takes an absent member, null and an empty text for the same: to delete those changes nothing.
      if (change === "deleted" && (value === null || value === "")) continue;
      total += 1;
      try {
        const after = verify(changed(bundle, path, other));
        if (!after.ok) {
          refused += 1;
          continue;
        }
        const place = path.map((key) => (typeof key === "number" ? "[]" : `.${key}`)).join("");
        const group = `${place.replaceAll(".[", "[").slice(1)} ${change}`;
        const entry = accepted.get(group) ?? { count: 0, told: 0 };
        const written = path
          .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
          .join("")
          .slice(1);
        const told = [...before.unsigned, ...after.unsigned].some((part) => written.startsWith(part));
        accepted.set(group, { count: entry.count + 1, told: entry.told + (told ? 1 : 0) });
        if (values.verbose) console.log(`accepted: ${name} ${written} ${change}: ${JSON.stringify(value).slice(0, 80)}`);
      } catch (error) {
        crashes += 1;
        console.log(`crash: ${name} ${path.join(".")} ${change}: ${String(error)}`);
      }
    }
}
console.log(
  `${bundles} bundles, ${total} changes of one leaf: ${refused} refused (${((100 * refused) / Math.max(1, total)).toFixed(2)} %), ${crashes} crashes`,
);
for (const [group, { count, told }] of [...accepted].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`  accepted ${count} × ${group} (${told} told as unsigned)`);
process.exitCode = crashes > 0 || refused < 0.995 * total ? 1 : 0;
