import { findInventoryFiles } from "../../inventory/index.ts";
import { Fault, byCodeUnit } from "../../model/index.ts";
import { userFolders } from "../../store/folders.ts";
import { orderedEcosystems } from "../../versions/index.ts";
import { advisoryFolder } from "../advisories.ts";
import { openSources } from "../npm-evidence.ts";
import type { OnProgress } from "../progress.ts";
import { type SyncOptions, type SyncProgress, type SyncResult, sync } from "./sync.ts";

export interface RunSyncOptions {
  /** An address, a folder or a file; default: OSV's public export. */
  readonly from?: string;
  /** As the user wrote them, in any case; none: those of the project in `cwd`, else npm. `all` among them means all. */
  readonly ecosystems: readonly string[];
  readonly offline?: boolean;
  readonly whole?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** `tributary sync`: chooses the ecosystems, opens the way to the network where it is needed, and syncs. */
export async function runSync(options: RunSyncOptions): Promise<SyncResult> {
  const fromFiles = options.from !== undefined && !/^https?:\/\//i.test(options.from);
  const named = options.ecosystems
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "");
  const ecosystems = named.includes("all")
    ? "all"
    : named.length > 0
      ? named.map(asOsvWrites)
      : fromFiles
        ? "all"
        : ecosystemsIn(options.cwd);
  const { onProgress, signal } = options;
  const request: Omit<SyncOptions, "client"> = {
    folder: advisoryFolder(userFolders(options.env).data),
    ecosystems,
    now: new Date().toISOString(),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.whole === undefined ? {} : { whole: options.whole }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress: (progress: SyncProgress) => onProgress(eventOf(progress)) }),
  };
  if (fromFiles) return await sync({ ...request, client: null });
  const sources = await openSources({
    cwd: options.cwd,
    env: options.env,
    offline: options.offline === true,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return await sync({ ...request, client: sources.client });
  } finally {
    await sources.close();
  }
}

function eventOf({ doing, ecosystem, done, total }: SyncProgress): {
  readonly work: string;
  readonly done: number;
  readonly total?: number;
} {
  const about = ecosystem === "" ? "advisories" : `advisories of ${ecosystem}`;
  return { work: `${doing} ${about}`, done, ...(total === undefined ? {} : { total }) };
}

/** OSV's spelling of an ecosystem that was written in another case; what we do not know is passed on as it is. */
function asOsvWrites(name: string): string {
  return orderedEcosystems.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

/** The ecosystems of the project in a folder, by its files; npm where there is none. */
function ecosystemsIn(folder: string): readonly string[] {
  try {
    const found = new Set(
      findInventoryFiles(folder)
        .files.map((file) => file.format.ecosystem)
        .filter((ecosystem) => ecosystem !== ""),
    );
    return found.size === 0 ? ["npm"] : [...found].toSorted(byCodeUnit);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return ["npm"];
  }
}
