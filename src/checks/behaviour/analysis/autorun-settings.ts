/**
 * Settings of package managers that lie in a package. npm leaves `.npmrc` out of what it packs (https://docs.npmjs.com/cli/v11/commands/npm-publish, "Files
 * included in package"), so that one in a release was put there otherwise; whoever runs a package manager in the folder follows it.
 */
import type { RunCommand } from "./autorun-commands.ts";

/** Files of the package's own folder that steer a package manager, with what of them decides what is run and where it comes from. */
const settings: readonly (readonly [file: RegExp, line: RegExp])[] = [
  [
    /^\.npmrc$/,
    /^\s*((?:@[^\s:=]+:)?registry|git|script-shell|shell|node-options|onload-script|init-module|userconfig|globalconfig|cafile|https?-proxy|proxy|(?:ignore-scripts|strict-ssl)(?=\s*=\s*false))\s*=/,
  ],
  [/^\.yarnrc$/, /^\s*"?((?:yarn-path|registry|script-shell|@[^\s:]+:registry|strict-ssl(?="?\s+false)))"?\s/],
  [
    /^\.yarnrc\.ya?ml$/,
    /^\s*-?\s*"?(yarnPath|npmRegistryServer|path|spec|unsafeHttpWhitelist|(?:enableStrictSsl|enableImmutableInstalls)(?="?:\s*false)|enableScripts(?="?:\s*true))"?\s*:/,
  ],
  [/^bunfig\.toml$/, /^\s*(preload|registry|shell)\s*=/],
];

/** Whether a file of the package steers a package manager. */
export const isSetting = (path: string): boolean => path === ".pnpmfile.cjs" || settings.some(([file]) => file.test(path));

/** The lines of it that decide what is run and where it comes from. */
export function commandsOfSettings(path: string, text: string): readonly RunCommand[] {
  // pnpm runs this file before every installation (https://pnpm.io/pnpmfile).
  if (path === ".pnpmfile.cjs") return [{ name: "", command: `node ${path}`, line: 1, language: "shell" }];
  const [, telling] = settings.find(([file]) => file.test(path)) ?? [];
  if (telling === undefined) return [];
  return text.split("\n").flatMap((line, index): RunCommand[] => {
    const name = telling.exec(line)?.[1];
    return name === undefined ? [] : [{ name, command: line.trim(), line: index + 1, language: "shell" }];
  });
}
