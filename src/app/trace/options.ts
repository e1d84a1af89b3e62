/** What a trace is asked, and what it answers. */
import type { Json, Trace } from "../../model/index.ts";

export interface TraceOptions {
  /** `name@version` of a package of npm's registry, or a file: an archive of any ecosystem. */
  readonly wanted: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A clone, or an address to fetch one from. */
  readonly git?: string;
  /** A source archive, in place of a repository. */
  readonly archive?: string;
  readonly commit?: string;
  readonly directory?: string;
  /** The package's bytes from a file, in place of those that the registry hands out. */
  readonly tarball?: string;
  /** The registry's answer with the attestations, from a file. */
  readonly attestations?: string;
  readonly rebuild?: { readonly node?: string; readonly npm?: string; readonly build?: string };
  readonly offline?: boolean;
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

export interface TraceResult {
  readonly trace: Trace;
  /** An in-toto statement, where our own build is equivalent to the release; else null. */
  readonly statement: Json | null;
  readonly notes: readonly string[];
}
