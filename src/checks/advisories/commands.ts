/**
 * The commands of the package managers of the npm family. Names and versions come out of lockfiles that anybody may have written, and
 * the commands are made to be copied into a shell: what is not plainly a name or a version gets no command.
 */
import type { Edge, Project } from "../../model/index.ts";

export type Manager = "npm" | "pnpm" | "yarn" | "yarn-berry" | "bun";

const managers: ReadonlyMap<string, Manager> = new Map([
  ["npm/package-lock", "npm"],
  ["npm/shrinkwrap", "npm"],
  ["npm/package-json", "npm"],
  ["npm/pnpm-lock", "pnpm"],
  ["npm/bun-lock", "bun"],
]);

/** Whose lockfile it is; null where it is none of these. */
export function managerOf(project: Project, file: number): Manager | null {
  const { format = "", formatVersion = "" } = project.files[file] ?? {};
  if (format === "npm/yarn-lock") return formatVersion.startsWith("berry") ? "yarn-berry" : "yarn";
  return managers.get(format) ?? null;
}

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name, without what a shell or an option parser would read. */
const safeName = /^(?:@[a-zA-Z0-9_~][\w.~-]*\/)?[a-zA-Z0-9_~][\w.~-]*$/;
const safeVersion = /^[0-9][\w.+-]*$/;
/** A workspace's folder. */
const safePath = /^[a-zA-Z0-9_@][\w./@-]*$/;

const isSafe = (name: string, version = "0"): boolean => safeName.test(name) && safeVersion.test(version);

/** Takes a package to the newest release that the ranges of its dependents admit. null where the manager has no command for that. */
export function updateCommand(manager: Manager, name: string, isDirect: boolean): string | null {
  if (!isSafe(name)) return null;
  switch (manager) {
    case "npm":
      return `npm update ${name}`;
    case "pnpm":
      return `pnpm -r update ${name}`;
    case "yarn-berry":
      return `yarn up -R ${name}`;
    // Both know only the direct ones by name.
    case "yarn":
      return isDirect ? `yarn upgrade ${name}` : null;
    case "bun":
      return isDirect ? `bun update ${name}` : null;
  }
}

export interface DirectUpgrade {
  readonly name: string;
  readonly to: string;
  readonly kind: Edge["kind"];
  /** The folder of the workspace member, "" for the top. */
  readonly workspace: string;
}

/** Raises the range of direct dependencies; several of one workspace and kind in one command. null where there is no safe way to write it. */
export function upgradeCommand(manager: Manager, upgrades: readonly DirectUpgrade[]): string | null {
  if (upgrades.some(({ name, to, workspace }) => !isSafe(name, to) || (workspace !== "" && !safePath.test(workspace)))) return null;
  const groups = new Map<string, string[]>();
  for (const { name, to, kind, workspace } of upgrades) {
    const stem = stemOf(manager, kind, workspace);
    groups.set(stem, [...(groups.get(stem) ?? []), `${name}@^${to}`]);
  }
  return [...groups].map(([stem, specs]) => `${stem} ${specs.join(" ")}`).join(" && ");
}

function stemOf(manager: Manager, kind: Edge["kind"], workspace: string): string {
  const dev = kind === "dev" ? " -D" : kind === "optional" ? " -O" : "";
  switch (manager) {
    case "npm":
      return `npm install${dev}${workspace === "" ? "" : ` -w ${workspace}`}`;
    case "pnpm":
      return workspace === "" ? `pnpm add${dev}` : `pnpm --filter ./${workspace} add${dev}`;
    case "yarn":
      return workspace === "" ? "yarn upgrade" : `yarn --cwd ${workspace} upgrade`;
    case "yarn-berry":
      return workspace === "" ? "yarn up" : `yarn --cwd ${workspace} up`;
    case "bun":
      return `bun add${dev === " -D" ? " -d" : dev === " -O" ? " --optional" : ""}${workspace === "" ? "" : ` --cwd ${workspace}`}`;
  }
}

/** Where a package manager keeps versions that hold whatever dependents ask for. */
export const overrideField: Readonly<Record<Manager, string>> = {
  npm: '"overrides" in package.json',
  pnpm: '"overrides" in pnpm-workspace.yaml (before pnpm 10: "pnpm.overrides" in package.json)',
  yarn: '"resolutions" in package.json',
  "yarn-berry": '"resolutions" in package.json',
  bun: '"overrides" in package.json',
};

/** null where no plain command does it: pnpm keeps overrides in YAML, and a dot in the name would be read as a path into package.json. */
export function overrideCommand(manager: Manager, name: string, version: string): string | null {
  if (!isSafe(name, version) || name.includes(".") || manager === "pnpm") return null;
  const field = manager === "npm" || manager === "bun" ? "overrides" : "resolutions";
  const install = { npm: "npm install", yarn: "yarn install", "yarn-berry": "yarn install", bun: "bun install" }[manager];
  return `npm pkg set "${field}.${name}=${version}" && ${install}`;
}

export function removeCommand(manager: Manager, name: string): string | null {
  if (!isSafe(name)) return null;
  return (
    { npm: "npm uninstall", pnpm: "pnpm -r remove", yarn: "yarn remove", "yarn-berry": "yarn remove", bun: "bun remove" }[manager] +
    ` ${name}`
  );
}
