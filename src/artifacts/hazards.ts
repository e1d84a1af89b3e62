/** Collects what an honest archive does not have, and judges paths. Bounded, and what is left out is counted. */
import type { ArchiveHazard } from "../model/index.ts";
import type { ArchiveLimits } from "./limits.ts";

/** Of one kind this many are listed; a million of them would say no more. */
const LISTED_OF_A_KIND = 20;

export class Hazards {
  readonly #listed: ArchiveHazard[] = [];
  readonly #counts = new Map<ArchiveHazard["kind"], number>();

  add(kind: ArchiveHazard["kind"], path: string, detail: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= LISTED_OF_A_KIND) this.#listed.push({ kind, path: shown(path), detail });
  }

  has(kind: ArchiveHazard["kind"]): boolean {
    return this.#counts.has(kind);
  }

  /** In the order in which they were met; where a kind was met more often than is listed, a last one says how often. */
  all(): readonly ArchiveHazard[] {
    const more = [...this.#counts]
      .filter(([, count]) => count > LISTED_OF_A_KIND)
      .map(([kind, count]): ArchiveHazard => ({ kind, path: "", detail: `and ${count - LISTED_OF_A_KIND} more of this kind` }));
    return [...this.#listed, ...more];
  }
}

/** A path as it may stand in a report: control characters are written as escapes, and it is not endless. */
function shown(path: string): string {
  const LONGEST_SHOWN = 300;
  const visible = path.replace(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return visible.length > LONGEST_SHOWN ? `${visible.slice(0, LONGEST_SHOWN)}…` : visible;
}

/** Watches the paths of one archive: where they point, and whether two of them are one. */
export class PathWatch {
  readonly #hazards: Hazards;
  readonly #limits: ArchiveLimits;
  readonly #exact = new Set<string>();
  readonly #folded = new Map<string, string>();

  constructor(hazards: Hazards, limits: ArchiveLimits) {
    this.#hazards = hazards;
    this.#limits = limits;
  }

  see(path: string, isDirectory: boolean): void {
    const hazards = this.#hazards;
    // A drive further in counts as well: what unpacks may take off the folders before it.
    if (/^[/\\]|(^|[/\\])[a-z]:([/\\]|$)|^[a-z]:/i.test(path)) hazards.add("absolute-path", path, "begins at the root of the disk");
    if (/[\u0000-\u001f\u007f]/.test(path)) hazards.add("bad-header", path, "the path holds control characters");
    const length = Buffer.byteLength(path);
    if (length > this.#limits.pathBytes) hazards.add("bad-header", path, `the path has ${length} bytes`);
    const parts = segments(path);
    if (parts.length > this.#limits.depth) hazards.add("bad-header", path, `the path is ${parts.length} folders deep`);
    if (climbs(parts)) hazards.add("path-escapes", path, "leads out of the folder that it is unpacked into");
    else if (parts.includes("..")) hazards.add("bad-header", path, 'the path holds ".."');
    if (isDirectory) return;
    const plain = parts.filter((part) => part !== ".").join("/");
    if (this.#exact.has(plain)) {
      hazards.add("duplicate-entry", path, "stands in the archive more than once");
      return;
    }
    this.#exact.add(plain);
    const folded = plain.normalize("NFC").toLowerCase();
    const other = this.#folded.get(folded);
    if (other === undefined) this.#folded.set(folded, plain);
    else hazards.add("case-collision", path, `is the same file as ${shown(other)} where letter case does not count`);
  }

  /** A link's target is read from the folder that holds the link; a hard link's from the top. */
  seeLink(path: string, target: string, hard: boolean, expected: boolean): void {
    const from = hard ? [] : segments(path).slice(0, -1);
    if (/^([/\\]|[a-z]:)/i.test(target) || climbs([...from, ...segments(target)]))
      this.#hazards.add("link-escapes", path, `links to ${shown(target)}`);
    else if (!expected) this.#hazards.add("link", path, `links to ${shown(target)}`);
  }
}

/** Backslashes separate too: Windows unpacks them as folders. */
const segments = (path: string): string[] => path.split(/[/\\]+/).filter((part) => part !== "");

function climbs(parts: readonly string[]): boolean {
  let depth = 0;
  for (const part of parts) {
    if (part === "..") depth--;
    else if (part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}
