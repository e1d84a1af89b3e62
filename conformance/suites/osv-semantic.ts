import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Order, orderOf } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** The archive names its files in its own way. */
const ecosystems: Readonly<Record<string, string>> = {
  alpine: "Alpine",
  cran: "CRAN",
  debian: "Debian",
  hackage: "Hackage",
  maven: "Maven",
  nuget: "NuGet",
  packagist: "Packagist",
  pub: "Pub",
  pypi: "PyPI",
  redhat: "Red Hat",
  rubygems: "RubyGems",
  semver: "npm",
};

const SIGNS: Readonly<Record<string, number>> = { "<": -1, "=": 0, ">": 1 };

/** `A < B` must hold, and the reverse as well. */
function judge(name: string, order: Order | null, a: string, sign: string, b: string): CaseResult {
  const expected = SIGNS[sign];
  if (order === null || expected === undefined) return { name, outcome: "failed", detail: "no order, or no comparison" };
  try {
    const forth = Math.sign(order.compare(a, b));
    const back = Math.sign(order.compare(b, a));
    if (forth === expected && back + expected === 0) return { name, outcome: "passed" };
    return { name, outcome: "failed", detail: `came ${forth}, and ${back} the other way round` };
  } catch (error) {
    return { name, outcome: "failed", detail: String(error) };
  }
}

export const suite: Suite = {
  name: "osv-semantic",
  archive: "osv-semantic",
  *run(folder) {
    for (const file of readdirSync(folder).toSorted()) {
      const kind = /^([a-z]+)-versions(?:-generated)?\.txt$/.exec(file)?.[1];
      if (kind === undefined) continue;
      const order = orderOf(ecosystems[kind] ?? "");
      for (const [index, line] of readFileSync(join(folder, file), "utf8").split("\n").entries()) {
        if (line === "" || line.startsWith("# ") || line.startsWith("// ")) continue;
        const [a = "", sign = "", b = ""] = line.split(" ");
        yield judge(`${file}:${index + 1} ${line}`, order, a, sign, b);
      }
    }
  },
};
