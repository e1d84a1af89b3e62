/**
 * Tributary as a library: the same engine as the command line, typed. Everything that is exported from here keeps its form within a major
 * version; what is not, does not.
 */
import { check as runCheck } from "./app/check.ts";
import type { CheckOptions } from "./app/check-options.ts";
import { readProject as readProjectAt } from "./inventory/index.ts";
import type { Project, Report } from "./model/index.ts";

/**
 * Checks a project, as `tributary check` does: inventory, evidence, rules, verdict.
 *
 * @param options `path`: a folder, a lockfile or an SBOM, by default the current folder; the rest as on the command line
 * @returns the report; a verdict of `block` is a result, no error
 * @throws Fault with a code, a place and a hint where the check could not be done
 *
 * @example
 * ```ts
 * const report = await check({ path: ".", offline: true });
 * console.log(report.verdict.verdict, report.verdict.because);
 * ```
 */
export async function check(options: Partial<CheckOptions> = {}): Promise<Report> {
  return await runCheck({ path: ".", cwd: process.cwd(), env: process.env, ...options });
}

/**
 * Reads what is in use: lockfiles, manifests and SBOMs of a folder, or one such file.
 *
 * @param path relative to `cwd`, by default the current folder of the process
 * @throws Fault `input/*` and `inventory/*` with the place in the file
 *
 * @example
 * ```ts
 * const project = await readProject("package-lock.json");
 * for (const { purl } of project.components) console.log(purl);
 * ```
 */
export async function readProject(path: string, cwd: string = process.cwd()): Promise<Project> {
  return await readProjectAt(path, { cwd });
}

export type { CheckOptions } from "./app/check-options.ts";
export type { OnProgress, ProgressEvent } from "./app/progress.ts";
export { checks as rules } from "./checks/list.ts";
export { type Paths, directsThrough, pathsTo } from "./graph/index.ts";
export * from "./model/index.ts";
export { type Policy, defaultPolicy, readPolicy } from "./policy/index.ts";
export { type CycloneDxVersion, projectToCycloneDx, reportToCycloneDx } from "./report/cyclonedx.ts";
export { formatJson } from "./report/json.ts";
export { type Order, compareVersions, orderOf, parseVers, satisfies, versContains, versFrom } from "./versions/index.ts";
