/**
 * How many entries a lockfile of the npm family holds, counted by other means than our readers use: to be held against what they say.
 * Members of the workspace and links are counted apart, since a reader makes roots and edges of them.
 */
import { parseAllDocuments } from "yaml";

export interface EntryCount {
  /** Every key that is not the project itself. */
  readonly entries: number;
  /** Those of them that need not become nodes: links, and entries that a reader may take for members of the workspace. */
  readonly apart: number;
}

type Loose = Record<string, unknown>;

const loose = (value: unknown): Loose => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {});

/** null where the text cannot be taken apart by these means: then no claim is made. */
export function countEntries(format: string, text: string): EntryCount | null {
  try {
    switch (format) {
      case "npm/package-lock":
      case "npm/shrinkwrap":
        return countPackageLock(loose(JSON.parse(text)));
      case "npm/bun-lock":
        return countBun(loose(JSON.parse(text.replaceAll(/,(\s*[}\]])/g, "$1"))));
      case "npm/pnpm-lock":
        return countPnpm(documents(text));
      case "npm/yarn-lock":
        return /^__metadata:/m.test(text)
          ? countBerry(documents(text))
          : { entries: (text.match(/^[^\s#].*:[ \t\r]*$/gm) ?? []).length, apart: 0 };
      default:
        return null;
    }
  } catch {
    return null;
  }
}

function documents(text: string): readonly Loose[] {
  const parsed = parseAllDocuments(text, { logLevel: "silent", schema: "failsafe" });
  return Array.isArray(parsed) ? parsed.map((document) => loose(document.toJS({ maxAliasCount: 0 }))) : [];
}

function countPackageLock(lock: Loose): EntryCount {
  if (lock["packages"] === undefined) return { entries: countNested(loose(lock["dependencies"])), apart: 0 };
  const entries = Object.entries(loose(lock["packages"])).filter(([key]) => key !== "");
  const hasMembers = loose(loose(lock["packages"])[""])["workspaces"] !== undefined;
  const apart = entries.filter(([key, value]) => loose(value)["link"] === true || (hasMembers && !key.includes("node_modules/")));
  return { entries: entries.length, apart: apart.length };
}

function countNested(dependencies: Loose): number {
  const names = Object.values(dependencies);
  return names.reduce((sum: number, value) => sum + 1 + countNested(loose(loose(value)["dependencies"])), 0);
}

function countBun(lock: Loose): EntryCount {
  const tuples = Object.values(loose(lock["packages"]));
  const members = tuples.filter((tuple) => Array.isArray(tuple) && /.@(?:workspace|root):/.test(String(tuple[0])));
  return { entries: tuples.length, apart: members.length };
}

function countPnpm(all: readonly Loose[]): EntryCount {
  let entries = 0;
  for (const document of all) {
    const packages = Object.keys(loose(document["packages"]));
    const snapshots = Number.parseInt(String(document["lockfileVersion"]), 10) >= 9 ? Object.keys(loose(document["snapshots"])) : [];
    const instances = new Set(snapshots.map((key) => key.split("(")[0]));
    entries += snapshots.length + packages.filter((key) => !instances.has(key.split("(")[0])).length;
  }
  return { entries, apart: 0 };
}

function countBerry(all: readonly Loose[]): EntryCount {
  const entries = all.flatMap((document) => Object.entries(document)).filter(([key]) => key !== "__metadata");
  const members = entries.filter(([, value]) => /.@workspace:/.test(String(loose(value)["resolution"])));
  return { entries: entries.length, apart: members.length };
}
