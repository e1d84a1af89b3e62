/**
 * The table of everything that the inventory reads, in the order in which a folder's files are preferred. A format is one file in a
 * folder of its ecosystem and one line here; the file is loaded only when such a file is met, so the table may grow without slowing
 * the start. `matches` looks at the last part of the path unless the format lives in a given folder.
 */
import type { Ecosystem, Format } from "../model/index.ts";
import { ecosystemFormats } from "./ecosystem-formats.ts";
import { sbomFormats } from "./sbom/table.ts";

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
  {
    id: "npm/yarn-lock",
    title: "yarn.lock",
    role: "lockfile",
    ecosystem: "npm",
    matches: named("yarn.lock"),
    begins: (head) => /^# yarn lockfile v1$|^__metadata:/m.test(head),
    load: () => import("./npm/yarn-lock.ts").then((m) => m.yarnLock),
  },
  {
    id: "npm/bun-lock",
    title: "bun.lock",
    role: "lockfile",
    ecosystem: "npm",
    matches: named("bun.lock"),
    begins: (head) => /"lockfileVersion"\s*:/.test(head) && /"workspaces"\s*:\s*\{\s*""/.test(head),
    load: () => import("./npm/bun-lock.ts").then((m) => m.bunLock),
  },
  {
    id: "npm/package-json",
    title: "package.json",
    role: "manifest",
    ecosystem: "npm",
    matches: named("package.json"),
    load: () => import("./npm/package-json.ts").then((m) => m.packageJson),
  },
  {
    id: "npm/deno-json",
    title: "deno.json",
    role: "manifest",
    ecosystem: "",
    matches: named("deno.json", "deno.jsonc"),
    load: () => import("./npm/deno.ts").then((m) => m.denoJson),
  },
  {
    id: "npm/deno-source",
    title: "imports of a Deno source file (deps.ts)",
    role: "manifest",
    ecosystem: "",
    matches: named("deps.ts", "deps.mts", "deps.js", "deps.mjs"),
    load: () => import("./npm/deno.ts").then((m) => m.denoSource),
  },
  {
    id: "npm/vsix",
    title: "packed editor extension (.vsix)",
    role: "installed",
    ecosystem: "npm",
    matches: (path) => path.endsWith(".vsix"),
    load: () => import("./npm/vsix.ts").then((m) => m.vsix),
  },
  ...ecosystemFormats,
  ...sbomFormats,
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
