import type { EntryBuilder } from "../reading/builder.ts";
import { normalName } from "./requirement.ts";

/** Nodes of a Python lockfile by name. One name may be locked in several versions (for different markers). */
export interface Locked {
  readonly put: (name: string, version: string, node: number) => void;
  /** The node of that name, of that version where several share the name and one is given. */
  readonly find: (name: string, version?: string) => number | undefined;
  readonly all: (name: string) => readonly number[];
}

export function lockedNames(): Locked {
  const byName = new Map<string, { readonly version: string; readonly node: number }[]>();
  return {
    put: (name, version, node) => {
      const key = normalName(name);
      const list = byName.get(key);
      if (list === undefined) byName.set(key, [{ version, node }]);
      else list.push({ version, node });
    },
    find: (name, version) => {
      const list = byName.get(normalName(name)) ?? [];
      return (list.find((one) => one.version === version) ?? list[0])?.node;
    },
    all: (name) => (byName.get(normalName(name)) ?? []).map((one) => one.node),
  };
}

/** An edge that is to be drawn when all nodes are known. */
export interface Wanted {
  readonly from: number;
  readonly name: string;
  readonly range: string;
  readonly version?: string;
  readonly kind: "prod" | "optional" | "dev";
}

/** One name is locked once for each combination of markers that needs its own version: more than this is no lockfile's doing. */
const MAX_VERSIONS = 32;

/** Draws the edges. Where a name is locked in several versions and the file does not say which is meant, all of them are. */
export function drawEdges(builder: EntryBuilder, locked: Locked, wanted: Iterable<Wanted>): void {
  for (const { from, name, range, version, kind } of wanted) {
    const targets = version === undefined ? locked.all(name).slice(0, MAX_VERSIONS) : [locked.find(name, version) ?? -1];
    for (const to of targets.length === 0 ? [-1] : targets)
      builder.edge(from, to, name, range, to === -1 && kind === "prod" ? "optional" : kind);
  }
}
