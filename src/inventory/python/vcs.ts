import type { Origin } from "../../model/index.ts";

/** `git+https://host/repo.git@ref#egg=name` (pip's form of a VCS address) as an origin; null where it is none. */
export function vcsOrigin(address: string): { readonly origin: Origin; readonly egg: string } | null {
  const match = /^(?:git|hg|svn|bzr)\+([^#]+)(?:#(.*))?$/.exec(address);
  if (match?.[1] === undefined) return null;
  const egg = /(?:^|&)egg=([^&[]+)/.exec(match[2] ?? "")?.[1] ?? "";
  const at = match[1].lastIndexOf("@");
  // An "@" before the path belongs to the user name: git+ssh://git@host/repo.
  const hasReference = at > match[1].indexOf("/", match[1].indexOf("//") + 2);
  return {
    origin: { kind: "git", url: hasReference ? match[1].slice(0, at) : match[1], commit: hasReference ? match[1].slice(at + 1) : "" },
    egg,
  };
}

/** The project's name in a wheel's or source archive's file name (PEP 427, PEP 625); null where it cannot be told. */
export function archiveName(address: string): { readonly name: string; readonly version: string } | null {
  const file = (address.split(/[?#]/)[0] ?? "").split("/").at(-1) ?? "";
  const wheel = /^([A-Za-z0-9._]+?)-([A-Za-z0-9.!+_]+?)-.*\.whl$/.exec(file);
  if (wheel?.[1] !== undefined && wheel[2] !== undefined) return { name: wheel[1].replaceAll("_", "-"), version: wheel[2] };
  const source = /^(.+)-([0-9][A-Za-z0-9.!+]*)\.(?:tar\.gz|tgz|tar\.bz2|zip)$/.exec(file);
  return source?.[1] !== undefined && source[2] !== undefined ? { name: source[1], version: source[2] } : null;
}
