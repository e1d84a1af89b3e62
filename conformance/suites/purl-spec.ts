import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type PurlInput, canonicalPurl, formatPurl, parsePurl } from "../../src/model/index.ts";
import type { CaseResult, Suite } from "../suite.ts";

interface Components {
  readonly type: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

interface PurlTest {
  readonly description: string;
  readonly test_group: string;
  readonly test_type: "parse" | "build" | "validate";
  readonly input: string | Components;
  readonly expected_output: string | Components | null;
  readonly expected_failure: boolean;
}

const orNull = (value: string): string | null => (value === "" ? null : value);

function components(text: string): string {
  const purl = parsePurl(text);
  return sorted({
    type: purl.type,
    namespace: orNull(purl.namespace),
    name: purl.name,
    version: orNull(purl.version),
    qualifiers: Object.keys(purl.qualifiers).length === 0 ? null : purl.qualifiers,
    subpath: orNull(purl.subpath),
  });
}

/** The suite does not sort the qualifiers of its expected components. */
function sorted({ qualifiers, ...rest }: Components): string {
  const entries = Object.entries(qualifiers ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([rest.type, rest.namespace, rest.name, rest.version, entries, rest.subpath]);
}

function outcome(test: PurlTest): string {
  if (test.test_type === "parse") return components(test.input as string);
  if (test.test_type === "validate") return canonicalPurl(test.input as string);
  return formatPurl(test.input as PurlInput);
}

function judge(name: string, test: PurlTest): CaseResult {
  const expected = typeof test.expected_output === "string" ? test.expected_output : test.expected_output && sorted(test.expected_output);
  let came: string;
  try {
    came = outcome(test);
  } catch (error) {
    if (test.expected_failure) return { name, outcome: "passed" };
    return { name, outcome: "failed", detail: `expected ${expected}, came an error: ${String(error)}` };
  }
  if (test.expected_failure) return { name, outcome: "failed", detail: `expected an error, came ${came}` };
  return came === expected
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", detail: `${JSON.stringify(test.input)}: expected ${expected}, came ${came}` };
}

export const suite: Suite = {
  name: "purl-spec",
  archive: "purl-spec",
  *run(folder) {
    const files = [
      "spec/specification-test.json",
      ...readdirSync(join(folder, "tests", "types"))
        .toSorted()
        .map((file) => `types/${file}`),
    ];
    for (const file of files) {
      const { tests } = JSON.parse(readFileSync(join(folder, "tests", file), "utf8")) as { tests: readonly PurlTest[] };
      for (const [index, test] of tests.entries())
        yield judge(`${file.replace(/^.*\/|-test\.json$/g, "")}#${index} ${test.test_type}: ${test.description}`, test);
    }
  },
};
