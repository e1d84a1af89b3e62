/**
 * Tributary as a library: the same engine as the command line, typed.
 *
 * @example
 * ```ts
 * import { check, defaultPolicy } from "tributary";
 * const report = await check({ path: ".", offline: true });
 * console.log(report.verdict.verdict, report.verdict.because);
 * ```
 */
export * from "./model/index.ts";
