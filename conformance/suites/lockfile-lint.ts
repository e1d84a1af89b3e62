/**
 * Good and poisoned lockfiles of lockfile-lint. What is wrong with their addresses is for the integrity rules to say; here every file
 * must be read with every entry that it holds, or refused with a place.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { formatById, inputFile, readListing } from "../../src/inventory/index.ts";
import { Fault } from "../../src/model/index.ts";
import { countEntries } from "../entries.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = {
  name: "lockfile-lint",
  archive: "lockfile-lint",
  run: async function* (folder): AsyncGenerator<CaseResult> {
    for (const path of globSync("**/*.{json,lock}", { cwd: folder }).toSorted()) {
      yield { name: path.replaceAll("\\", "/"), ...(await judge(join(folder, path))) };
    }
  },
};

async function judge(path: string): Promise<Omit<CaseResult, "name">> {
  const id = path.endsWith(".lock") ? "npm/yarn-lock" : "npm/package-lock";
  const bytes = readFileSync(path);
  try {
    const { listing } = await readListing(inputFile(basename(path), bytes), undefined, formatById(id));
    const counted = countEntries(id, bytes.toString());
    const lost = listing.problems.reduce((sum, problem) => sum + (problem.entry ? (problem.count ?? 1) : 0), 0);
    const nodes = listing.nodes.filter((node) => node.kind === "component").length;
    if (nodes + lost !== listing.listed) return { outcome: "failed", detail: `lists ${listing.listed}, accounts for ${nodes + lost}` };
    if (counted !== null && (listing.listed > counted.entries || listing.listed < counted.entries - counted.apart)) {
      return { outcome: "failed", detail: `the file holds ${counted.entries} entries, ${listing.listed} are listed` };
    }
    return { outcome: "passed" };
  } catch (cause) {
    if (cause instanceof Fault && cause.place !== undefined && cause.code.startsWith("inventory/")) return { outcome: "passed" };
    return { outcome: "failed", detail: String(cause) };
  }
}
