import { type Ecosystem, ecosystemOf, formatPurl, type ReadContext } from "../../model/index.ts";
import { linesOf } from "../reading/positions.ts";

/** Which system a package database belongs to (https://www.freedesktop.org/software/systemd/man/latest/os-release.html). */
export interface System {
  /** `ID`: `debian`; "" where it is not known. */
  readonly id: string;
  /** `debian-12`; "" where it is not known. */
  readonly distro: string;
  /** As OSV names it: `Debian:12`; "" where it has no such ecosystem. */
  readonly ecosystem: Ecosystem;
}

/** The database lies at most this many folders below the root of its system (`var/lib/pacman/local/<name>/desc`). */
const MAX_UP = 5;

/** Reads the `os-release` of the system in which the file lies, by the folders above it. `type` is the purl type of its packages. */
export function systemOf(context: ReadContext, type: string): System {
  for (let up = 3; up <= MAX_UP; up += 1) {
    for (const path of ["usr/lib/os-release", "etc/os-release"]) {
      const file = context.beside(`${"../".repeat(up)}${path}`);
      if (file !== null) return parse(file.text, type);
    }
  }
  return { id: "", distro: "", ecosystem: "" };
}

function parse(text: string, type: string): System {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined) values.set(match[1], (match[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));
  }
  const id = (values.get("ID") ?? "").toLowerCase();
  // Rolling and unreleased systems have a code name only.
  const version = values.get("VERSION_ID") ?? values.get("VERSION_CODENAME") ?? "";
  if (id === "") return { id: "", distro: "", ecosystem: "" };
  const distro = version === "" ? id : `${id}-${version}`;
  return { id, distro, ecosystem: ecosystemOf(formatPurl({ type, namespace: id, name: "x", qualifiers: { distro } }))?.ecosystem ?? "" };
}
