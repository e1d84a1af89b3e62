import type { Report } from "../model/report.ts";
import type { OnProgress } from "./progress.ts";

export interface CheckOptions {
  /** A folder, a lockfile or an SBOM, relative to `cwd`. */
  readonly path: string;
  /** Only what is in the cache is used. */
  readonly offline?: boolean;
  /** A git revision: speak only of what changed against it. */
  readonly since?: string;
  /** Of which releases the contents are compared with the release before: `recent` unless given, with the days that the policy sets. */
  readonly behaviour?: "all" | "recent" | "none";
  /** Instead of the nearest `tributary.json` upwards. */
  readonly policyFile?: string;
  /** Ask the sources again, whatever the cache holds. */
  readonly fresh?: boolean;
  readonly onProgress?: OnProgress;
  /** Things about the tool itself that the user should be told: a healed cache, an ignore that ran out. One sentence each. */
  readonly onNote?: (note: string) => void;
  readonly signal?: AbortSignal;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The use case: reads the project, gathers evidence, judges. Throws Faults for what kept it from doing so. */
export type Check = (options: CheckOptions) => Promise<Report>;
