/**
 * Validation of one CycloneDX BOM of 1,357 components (the size of a middling application), beside the reference library with ajv: whole
 * processes, user CPU and peak memory as the operating system counts them. The BOM is made here; the peer is installed into the
 * scratch folder at run time.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Bench, BenchContext, BenchRow } from "./bench.ts";

const repository = resolve(import.meta.dirname, "..");
const COMPONENTS = 1357;
const PEERS = { "@cyclonedx/cyclonedx-library": "10.3.0", ajv: "8.20.0", "ajv-formats": "3.0.1", "ajv-formats-draft2019": "1.6.1" };
const OUR_RUNS = 7;
const PEER_RUNS = 3;
/** The goal of the issue, for the work of a whole process. */
const GOAL_SECONDS = 0.15;

export const bench: Bench = {
  name: "sbom",
  title: `validate and convert a CycloneDX 1.6 BOM of ${COMPONENTS.toLocaleString("en-US")} components, whole processes, median`,
  run: async (context) => {
    if (!existsSync("/usr/bin/time")) throw new Error("this benchmark needs GNU time as /usr/bin/time");
    execFileSync(process.execPath, [join(repository, "scripts", "build.ts")], { cwd: repository, stdio: ["ignore", "ignore", "inherit"] });
    const file = join(context.scratch, "bom.json");
    writeFileSync(file, makeBom());
    const ours = join(repository, "bin", "tributary.js");
    const peer = installPeer(context);
    const validate = measure([ours, "sbom", "validate", file], OUR_RUNS);
    const work = "validate";
    const rows: BenchRow[] = [
      {
        work,
        who: "tributary",
        figures: validate.figures,
        goal: `user CPU at most ${GOAL_SECONDS} s`,
        met: (validate.figures["userSeconds"] ?? Infinity) <= GOAL_SECONDS,
        ...(validate.ok ? {} : { note: "fails" }),
      },
    ];
    const library = measure([peer, file], PEER_RUNS);
    rows.push({
      work,
      who: `@cyclonedx/cyclonedx-library ${PEERS["@cyclonedx/cyclonedx-library"]} with ajv`,
      figures: library.figures,
      ...(library.ok ? {} : { note: "fails" }),
    });
    for (const to of ["cyclonedx-xml", "spdx-json", "spdx-tag", "spdx3-json"]) {
      const converted = measure([ours, "sbom", "convert", file, "--to", to, "-o", join(context.scratch, `out.${to}`)], OUR_RUNS);
      rows.push({ work: `convert to ${to}`, who: "tributary", figures: converted.figures, ...(converted.ok ? {} : { note: "fails" }) });
    }
    return rows;
  },
};

const purl = (index: number): string => `pkg:npm/package-${index}@${1 + (index % 9)}.${index % 17}.${index % 5}`;

/** A BOM with what npm's components have: hash, licence, purl, references, a property, three dependencies each. */
function makeBom(): string {
  const components = Array.from({ length: COMPONENTS }, (_, index) => ({
    type: "library",
    "bom-ref": purl(index),
    name: `package-${index}`,
    version: purl(index).split("@")[1],
    scope: index % 3 === 0 ? "optional" : "required",
    hashes: [
      {
        alg: "SHA-512",
        content: Array.from({ length: 64 }, (_unused, byte) => ((index * 31 + byte * 7) % 256).toString(16).padStart(2, "0")).join(""),
      },
    ],
    licenses: [{ license: { id: ["MIT", "ISC", "Apache-2.0", "BSD-3-Clause"][index % 4] } }],
    purl: purl(index),
    externalReferences: [
      { type: "distribution", url: `https://registry.example/package-${index}/-/package-${index}.tgz` },
      { type: "vcs", url: `git+https://git.example/package-${index}.git` },
      { type: "website", url: `https://package-${index}.example` },
    ],
    properties: [{ name: "cdx:npm:package:path", value: `node_modules/package-${index}` }],
  }));
  const dependencies = components.map((component, index) => ({
    ref: component["bom-ref"],
    dependsOn: [...new Set([1, 2, 3].map((step) => (index * 7 + step * 13) % COMPONENTS))].filter((other) => other !== index).map(purl),
  }));
  const head = { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", version: 1 };
  return `${JSON.stringify({ ...head, components, dependencies }, null, 2)}\n`;
}

function installPeer(context: BenchContext): string {
  const npm = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "npm"))
    .find((file) => existsSync(file));
  if (npm === undefined) throw new Error("there is no npm in the PATH");
  const folder = join(context.scratch, "sbom-peer");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: PEERS }));
  const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync(process.execPath, [realpathSync(npm), "install", ...options], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const script = join(folder, "validate.js");
  writeFileSync(
    script,
    `import { readFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
const error = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(readFileSync(process.argv[2], "utf8"));
if (error !== null) { console.error(error); process.exitCode = 1; }
`,
  );
  return script;
}

interface Measured {
  readonly figures: Readonly<Record<string, number>>;
  readonly ok: boolean;
}

function measure(args: readonly string[], runs: number): Measured {
  const user: number[] = [];
  const wall: number[] = [];
  const memory: number[] = [];
  let ok = true;
  for (let run = 0; run < runs; run += 1) {
    const done = spawnSync("/usr/bin/time", ["-f", "measured %e %U %M", process.execPath, ...args], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, TRIBUTARY_COMPILED: "1", NODE_OPTIONS: "" },
    });
    const [, seconds = "NaN", cpu = "NaN", kibibytes = "NaN"] = /measured ([\d.]+) ([\d.]+) (\d+)\s*$/u.exec(done.stderr ?? "") ?? [];
    wall.push(Number(seconds));
    user.push(Number(cpu));
    memory.push(Number(kibibytes) / 1024);
    ok &&= done.status === 0;
  }
  return { figures: { userSeconds: median(user), wallSeconds: median(wall), peakMebibytes: median(memory) }, ok };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
