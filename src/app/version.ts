import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version in our own package.json: the first one above this file that carries our name (sources and compiled form lie at different depths). */
export function ownVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
      if (manifest.name === "tributary") return manifest.version ?? "";
    }
    if (folder === dirname(folder)) return "";
  }
}
