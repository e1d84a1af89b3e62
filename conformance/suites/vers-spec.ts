import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { canonicalVers, canonicalVersion, formatVers, orderOfScheme, parseVers, versContains, versOf } from "../../src/versions/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

type VersTest = { readonly description: string; readonly expected_failure?: boolean; readonly expected_output?: unknown } & (
  | {
      readonly test_type: "comparison" | "equality";
      readonly input: { readonly input_scheme: string; readonly versions: readonly string[] };
    }
  | { readonly test_type: "containment"; readonly input: { readonly vers: string; readonly version: string } }
  | { readonly test_type: "from_native"; readonly input: { readonly native_range: string; readonly scheme: string } }
  | { readonly test_type: "parse" | "validate"; readonly input: string }
);

function outcome(test: VersTest): unknown {
  switch (test.test_type) {
    case "comparison":
    case "equality": {
      const { input_scheme: scheme, versions } = test.input;
      const order = orderOfScheme(scheme);
      if (order === null) throw new Error(`no order for ${scheme}`);
      if (test.test_type === "equality") return order.compare(versions[0] ?? "", versions[1] ?? "") === 0;
      return versions.toSorted((a, b) => order.compare(a, b)).map((version) => canonicalVersion(scheme, version));
    }
    case "containment":
      return versContains(test.input.vers, test.input.version);
    case "from_native":
      return formatVers(versOf(test.input.scheme, test.input.native_range));
    case "parse": {
      const { scheme, constraints } = parseVers(test.input);
      return { scheme, version_constraints: constraints.map(({ comparator, version }) => [comparator, version]) };
    }
    case "validate":
      return canonicalVers(test.input);
  }
}

function judge(name: string, test: VersTest): CaseResult {
  let came: string;
  try {
    came = JSON.stringify(outcome(test));
  } catch (error) {
    if (test.expected_failure === true) return { name, outcome: "passed" };
    return { name, outcome: "failed", detail: `${JSON.stringify(test.input)}: ${String(error)}` };
  }
  const expected = JSON.stringify(test.expected_output);
  if (test.expected_failure === true) return { name, outcome: "failed", detail: `expected an error, came ${came}` };
  return came === expected
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", detail: `${JSON.stringify(test.input)}: expected ${expected}, came ${came}` };
}

export const suite: Suite = {
  name: "vers-spec",
  archive: "vers-spec",
  *run(folder) {
    for (const file of readdirSync(join(folder, "tests")).toSorted()) {
      const { tests } = JSON.parse(readFileSync(join(folder, "tests", file), "utf8")) as { tests: readonly VersTest[] };
      for (const [index, test] of tests.entries()) yield judge(`${file.replace(/[_-]test\.json$/, "")}#${index} ${test.test_type}`, test);
    }
  },
};
