/**
 * The table of everything that the inventory reads, in the order in which a folder's files are preferred. A format is one file in a
 * folder of its ecosystem and one line here; the file is loaded only when such a file is met, so the table may grow without slowing
 * the start. `matches` looks at the last part of the path unless the format lives in a given folder.
 */
import type { Ecosystem, Format } from "../model/index.ts";

/** What is known of a format before its reader is loaded. */
export interface FormatLine {
  /** `npm/package-lock`: the folder's ecosystem, a slash, the format. */
  readonly id: string;
  readonly title: string;
  readonly role: Format["role"];
  /** As OSV writes it; "" for formats that hold several. Two lockfiles of one ecosystem in one folder are worth a word. */
  readonly ecosystem: Ecosystem;
  /** Is this my file? By its path alone (relative or not, with `/`). */
  readonly matches: (path: string) => boolean;
  /** For a file that was named by hand and that no path fits: does it begin like one of mine? Gets the first few thousand characters. */
  readonly begins?: (head: string) => boolean;
  readonly load: () => Promise<Format>;
}

const named =
  (...names: readonly string[]) =>
  (path: string): boolean =>
    names.includes(lastPart(path));

const lastPart = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Every format, lockfiles before manifests. */
export const formats: readonly FormatLine[] = [
  {
    id: "npm/shrinkwrap",
    title: "npm-shrinkwrap.json",
    role: "lockfile",
    ecosystem: "npm",
    matches: named("npm-shrinkwrap.json"),
    load: () => import("./npm/package-lock.ts").then((m) => m.shrinkwrap),
  },
  {
    id: "npm/package-lock",
    title: "package-lock.json",
    role: "lockfile",
    ecosystem: "npm",
    matches: named("package-lock.json"),
    begins: (head) =>
      head.trimStart().startsWith("{") && /"lockfileVersion"\s*:\s*[1-9]\b/.test(head) && !/"workspaces"\s*:\s*\{\s*""/.test(head),
    load: () => import("./npm/package-lock.ts").then((m) => m.packageLock),
  },
  {
    id: "npm/pnpm-lock",
    title: "pnpm-lock.yaml",
    role: "lockfile",
    ecosystem: "npm",
    matches: named("pnpm-lock.yaml"),
    begins: (head) => /^lockfileVersion:/m.test(head),
    load: () => import("./npm/pnpm-lock.ts").then((m) => m.pnpmLock),
  },
];

/** The format whose file this is by its path, or else by how it begins; undefined where none is. */
export function formatOf(path: string, head?: () => string): FormatLine | undefined {
  const slashes = path.replaceAll("\\", "/");
  const byPath = formats.find((format) => format.matches(slashes));
  if (byPath !== undefined || head === undefined) return byPath;
  const beginning = head();
  return formats.find((format) => format.begins?.(beginning) === true);
}

/** The format with this id, or undefined. */
export function formatById(id: string): FormatLine | undefined {
  return formats.find((format) => format.id === id);
}
