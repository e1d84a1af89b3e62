/**
 * Logins by host, out of the file that pip (through requests and Python's `netrc` module) and uv read as well: `$NETRC`, else `~/.netrc`, else `~/_netrc`.
 * https://docs.python.org/3/library/netrc.html, https://docs.astral.sh/uv/concepts/authentication/http/#netrc-files
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Login {
  readonly login: string;
  readonly password: string;
}

export interface Netrc {
  /** The entry for exactly this host; null where there is none. */
  readonly machine: (host: string) => Login | null;
  /** The entry for all others; null where there is none. */
  readonly standard: Login | null;
}

/** Such a file has some lines; what is larger is none. */
const MAX_NETRC_BYTES = 1024 * 1024;

const nobody: Netrc = { machine: () => null, standard: null };

/** Never throws: a file that is not there, or belongs to another user (Python's module refuses that one too), knows nobody. */
export function loadNetrc(env: Readonly<Record<string, string | undefined>>): Netrc {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const named = env["NETRC"] ?? "";
  const files = named !== "" ? [named] : home === "" ? [] : [join(home, ".netrc"), join(home, "_netrc")];
  for (const file of files) {
    try {
      const { size, uid } = statSync(file);
      const own = process.getuid === undefined || uid === process.getuid() || uid === 0;
      return size > MAX_NETRC_BYTES || !own ? nobody : readNetrc(readFileSync(file, "utf8"));
    } catch {
      continue;
    }
  }
  return nobody;
}

/** Words divided by blanks, `#` for the rest of a line, texts in quotes, macros up to an empty line. What has another form ends the reading. */
export function readNetrc(text: string): Netrc {
  const machines = new Map<string, Login>();
  let standard: Login | null = null;
  let entry: { login: string; password: string } | null = null;
  const words = wordsOf(text);
  for (let word = words(); word !== ""; word = words()) {
    switch (word) {
      case "machine":
        entry = { login: "", password: "" };
        machines.set(words().toLowerCase(), entry);
        break;
      case "default":
        standard = entry = { login: "", password: "" };
        break;
      case "login":
      case "user":
        if (entry !== null) entry.login = words();
        break;
      case "account": {
        // Where there is no login, requests takes the account for it.
        const account = words();
        if (entry !== null && entry.login === "") entry.login = account;
        break;
      }
      case "password":
        if (entry !== null) entry.password = words();
        break;
      case "macdef":
        words.skipMacro();
        break;
      default:
        return { machine: (host) => machines.get(host.toLowerCase()) ?? null, standard };
    }
  }
  return { machine: (host) => machines.get(host.toLowerCase()) ?? null, standard };
}

interface Words {
  /** The next word, "" at the end. */
  (): string;
  readonly skipMacro: () => void;
}

function wordsOf(text: string): Words {
  const pattern = /\s*(?:#[^\n]*|"((?:[^"\\]|\\.)*)"|([^\s"]\S*))/y;
  let at = 0;
  const next = (): string => {
    while (at < text.length) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      // A quote that never ends, or nothing but blanks: there are no more words.
      at = found === null ? text.length : pattern.lastIndex;
      const word = found?.[2] ?? found?.[1];
      if (word !== undefined) return word.replaceAll(/\\(.)/gs, "$1");
    }
    return "";
  };
  const skipMacro = (): void => {
    const end = /\n[ \t]*\r?\n/g;
    end.lastIndex = at;
    at = end.exec(text) === null ? text.length : end.lastIndex;
  };
  return Object.assign(next, { skipMacro });
}
