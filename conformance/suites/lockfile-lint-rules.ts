/**
 * What the rules say of lockfile-lint's good and poisoned lockfiles, from the files alone. The expectations are what each file's name and
 * upstream's own tests (`packages/…/__tests__`) say is wrong with it. Hosts are tried both ways: allowed, nothing may be said of them; not
 * allowed, every package that comes from there must be told.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { checks } from "../../src/checks/list.ts";
import { runChecks } from "../../src/checks/run.ts";
import { evidenceOf } from "../../src/checks/testing.ts";
import { formatById, inputFile, mergeListings, readListing } from "../../src/inventory/index.ts";
import type { Finding, Project } from "../../src/model/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** By file: the rules that must speak, as `rule package`; every other of the judged rules must be silent. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "lockfile-lint/fixtures/yarn-incorrect-package-name.lock": ["identity/name-mismatch ms"],
  "lockfile-lint/fixtures/yarn-only-http.lock": ["integrity/insecure-transport debug", "integrity/insecure-transport ms"],
  "lockfile-lint/fixtures/package-lock-sha1.json": ["integrity/weak-hash typescript"],
  "lockfile-lint/fixtures/package-lock-git-scheme.json": ["identity/outside-registry ms"],
  "lockfile-lint/fixtures/package-lock-empty-hostname.json": ["identity/outside-registry substitute"],
  "lockfile-lint/fixtures/package-lock-v3-package-name-aliases.json": [],
  "lockfile-lint/fixtures/yarn-only-https.lock": [],
  "lockfile-lint/fixtures/yarn-only-yarnpkg-host.lock": [],
  "lockfile-lint/fixtures/yarn-lock-schemes.lock": [],
  "lockfile-lint-api/__fixtures__/package-lock.json": [],
  "lockfile-lint-api/__fixtures__/yarn.lock": [],
  "lockfile-lint-api/__fixtures__/yarnberry.lock": [],
  "lockfile-lint-api/__fixtures__/package-lock-v3-empty.json": [],
  "lockfile-lint-api/__fixtures__/package-lock-v3.json": [
    "integrity/insecure-transport @ampproject/remapping",
    "integrity/missing-hash cliui",
  ],
  "lockfile-lint-api/__fixtures__/nested-package-lock.json": ["integrity/weak-hash escape-html", "integrity/weak-hash ms"],
};

export const suite: Suite = {
  name: "lockfile-lint-rules",
  archive: "lockfile-lint",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    for (const [path, rules] of Object.entries(expected)) {
      if (!existsSync(join(folder, path))) {
        yield { name: `${path} content`, outcome: "skipped", detail: "the file is not in the archive" };
        continue;
      }
      const project = await projectAt(join(folder, path));
      yield result(`${path} content`, rules, told(project, run(project, ["*"])));
      const hosts = hostsOf(project);
      const fetched = fromHosts(project);
      if (fetched.length === 0) continue;
      yield result(`${path} hosts allowed`, [], told(project, run(project, hosts)).filter(isAboutHosts));
      yield result(
        `${path} hosts not allowed`,
        fetched.map((name) => `integrity/unexpected-host ${name}`),
        byPackage(project, run(project, [])),
      );
    }
  },
};

async function projectAt(path: string): Promise<Project> {
  const id = path.endsWith(".lock") ? "npm/yarn-lock" : "npm/package-lock";
  return mergeListings([await readListing(inputFile(basename(path), readFileSync(path)), undefined, formatById(id))]);
}

/** `hosts` are allowed; the configured registry is one that no file names. `*` turns the rule about hosts off. */
function run(project: Project, hosts: readonly string[]): readonly Finding[] {
  const evidence = evidenceOf({ registry: "https://registry.example/", ...(hosts.includes("*") ? { replacedHosts: ["*"] } : {}) });
  return runChecks({ project, evidence, settings: () => ({ options: { hosts } }), now: "2026-11-23T00:00:00Z" }, checks).findings;
}

const nameOf = (project: Project, subject: string): string => project.components.find(({ purl }) => purl === subject)?.name ?? "(project)";

const told = (project: Project, findings: readonly Finding[]): readonly string[] =>
  findings.map(({ rule, subject }) => `${rule} ${nameOf(project, subject)}`).toSorted();

const isAboutHosts = (line: string): boolean => line.startsWith("integrity/unexpected-host");

/** A file that as a whole comes from elsewhere is told once: that stands for each of its packages. */
function byPackage(project: Project, findings: readonly Finding[]): readonly string[] {
  const lines = told(project, findings).filter(isAboutHosts);
  return lines.includes("integrity/unexpected-host (project)")
    ? fromHosts(project).map((name) => `integrity/unexpected-host ${name}`)
    : lines;
}

const fromRegistry = (project: Project): Project["nodes"] =>
  project.nodes.filter((node) => project.components[node.component]?.origin.kind === "registry" && /^https?:/.test(node.resolved));

const fromHosts = (project: Project): readonly string[] =>
  [...new Set(fromRegistry(project).map((node) => project.components[node.component]?.name ?? ""))].toSorted();

const hostsOf = (project: Project): readonly string[] => [...new Set(fromRegistry(project).map(({ resolved }) => new URL(resolved).host))];

function result(name: string, wanted: readonly string[], got: readonly string[]): CaseResult {
  const same = JSON.stringify(wanted.toSorted()) === JSON.stringify(got);
  return same
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", detail: `expected ${wanted.join(", ") || "nothing"}, got ${got.join(", ") || "nothing"}` };
}
