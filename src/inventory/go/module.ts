import type { PurlInput } from "../../model/index.ts";

/** A module's version as OSV has it: without the `v` that Go itself writes. */
export const goVersion = (version: string): string => (/^v\d/.test(version) ? version.slice(1) : version);

/** The purl of a module: its version keeps the `v`, as the tools of Go and most producers of SBOMs write it. */
export function goPurl(path: string, version: string): PurlInput {
  const at = path.lastIndexOf("/");
  return { type: "golang", namespace: at < 0 ? "" : path.slice(0, at), name: path.slice(at + 1), version };
}
