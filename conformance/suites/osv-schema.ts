/**
 * The OSV schema's own examples. The linter's faulty records are named as faulty, the sound ones load without a word, and whatever the JSON
 * Schema refuses we name too. GitHub's pairs say the same flaw twice, as a range in words and as OSV events: both must hold for the same versions.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { matchEntry } from "../../src/checks/advisories/match.ts";
import { readOsvRecord } from "../../src/sources/osv-record.ts";
import { advisoryBaseOf } from "../../src/store/advisories-memory.ts";
import { requireOrder } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

export const suite: Suite = {
  name: "osv-schema",
  archive: "osv-schema",
  run: function* run(folder): Generator<CaseResult> {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
    const isValid = ajv.compile(readJson(join(folder, "validation", "schema.json")) as object);
    const linter = join(folder, "tools", "osv-linter", "testdata");
    for (const file of readdirSync(linter).toSorted()) {
      yield* judgeLinted(file, readJson(join(linter, file)), (value) => isValid(value));
    }
    const redhat = join(folder, "tools", "redhat", "testdata", "OSV");
    for (const file of readdirSync(redhat).toSorted()) yield loads(`redhat ${file}`, readJson(join(redhat, file)));
    const ghsa = join(folder, "tools", "ghsa", "testdata");
    for (const file of readdirSync(ghsa).toSorted()) {
      if (!file.endsWith(".osv.json")) continue;
      yield loads(`ghsa ${file}`, readJson(join(ghsa, file)));
      yield* comparePair(
        file.replace(".osv.json", ""),
        readJson(join(ghsa, file.replace(".osv.json", ".json"))) as Ghsa,
        readJson(join(ghsa, file)),
      );
    }
  },
};

function loads(name: string, value: unknown): CaseResult {
  const { record, problems } = readOsvRecord(value);
  return record !== null && problems.length === 0 ? { name, outcome: "passed" } : { name, outcome: "failed", detail: problems.join("; ") };
}

function* judgeLinted(file: string, value: unknown, isValid: (value: unknown) => boolean): Generator<CaseResult> {
  const name = `linter ${file}`;
  const { record, problems } = readOsvRecord(value);
  if (file.startsWith("nopackage-")) {
    yield { name, outcome: "skipped", detail: "what is wrong is that the registry has no such package: only a registry can say so" };
  } else if (/^(?:nointroduced|nondistinct)-/.test(file)) {
    yield problems.length > 0 ? { name, outcome: "passed" } : { name, outcome: "failed", detail: "is faulty, and no word of it" };
  } else yield loads(name, value);
  if (!isValid(value)) {
    const named = record === null || problems.length > 0;
    yield { name: `${name}, refused by the schema`, outcome: named ? "passed" : "failed", detail: "the schema refuses it, we do not" };
  }
}

interface Ghsa {
  readonly vulnerabilities: {
    readonly nodes: readonly {
      readonly package: { readonly name: string };
      readonly firstPatchedVersion: { readonly identifier: string } | null;
      readonly vulnerableVersionRange: string;
    }[];
  };
}

/** Every bound of the words, judged by the words and by the events. */
function* comparePair(name: string, ghsa: Ghsa, value: unknown): Generator<CaseResult> {
  const { record } = readOsvRecord(value);
  if (record === null) return;
  const { withdrawn: _, ...open } = record;
  for (const affected of new Set((record.affected ?? []).map((entry) => `${entry.package?.ecosystem}\n${entry.package?.name}`))) {
    const [ecosystem = "", packageName = ""] = affected.split("\n");
    const order = requireOrder(ecosystem);
    const nodes = ghsa.vulnerabilities.nodes;
    const ranges = nodes.map((node) => node.vulnerableVersionRange.split(",").map((part) => /^(\S+) (\S+)$/.exec(part.trim()) ?? []));
    const versions = [
      ...ranges.flatMap((range) => range.map((part) => part[2] ?? "")),
      ...nodes.flatMap((node) => node.firstPatchedVersion?.identifier ?? []),
    ];
    const base = advisoryBaseOf([open], { source: "pair", asOf: "", ecosystems: [ecosystem] });
    for (const version of new Set(versions)) {
      const inWords = ranges.some((range) =>
        range.every(([, operator, bound]) => holds(order.compare(version, bound ?? ""), operator ?? "")),
      );
      const inEvents = base.candidates(ecosystem, packageName).some((candidate) => matchEntry(candidate, version).reasons.length > 0);
      const title = `pair ${name}: ${version}`;
      yield inWords === inEvents
        ? { name: title, outcome: "passed" }
        : {
            name: title,
            outcome: "failed",
            detail: `${inWords ? "affected" : "not affected"} in words, ${inEvents ? "affected" : "not affected"} here`,
          };
    }
  }
}

function holds(comparison: number, operator: string): boolean {
  switch (operator) {
    case "<":
      return comparison < 0;
    case "<=":
      return comparison <= 0;
    case ">":
      return comparison > 0;
    case ">=":
      return comparison >= 0;
    default:
      return comparison === 0;
  }
}
