import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where Tributary keeps what it can fetch again (`cache`) and what it cannot (`data`). */
export interface Folders {
  readonly cache: string;
  readonly data: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folders after the XDG Base Directory Specification 0.8: `$XDG_CACHE_HOME/tributary` and `$XDG_DATA_HOME/tributary`, by
 * default under `~/.cache` and `~/.local/share`; on Windows under `%LOCALAPPDATA%`. `TRIBUTARY_CACHE` and `TRIBUTARY_DATA` name the
 * folders themselves and win. Relative values of the XDG variables are ignored, as the specification asks. Creates nothing.
 */
export function userFolders(env: Environment, platform: string = process.platform): Folders {
  const home = env["HOME"] || homedir();
  const local = platform === "win32" ? env["LOCALAPPDATA"] : undefined;
  const base = (variable: string, fallback: string): string => {
    const named = env[variable];
    return named !== undefined && isAbsolute(named) ? named : fallback;
  };
  return {
    cache: env["TRIBUTARY_CACHE"] || join(base("XDG_CACHE_HOME", local ?? join(home, ".cache")), "tributary", ...(local ? ["cache"] : [])),
    data:
      env["TRIBUTARY_DATA"] || join(base("XDG_DATA_HOME", local ?? join(home, ".local", "share")), "tributary", ...(local ? ["data"] : [])),
  };
}
