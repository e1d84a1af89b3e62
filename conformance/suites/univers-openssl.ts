import { readFileSync } from "node:fs";
import { join } from "node:path";
import { orderOfScheme } from "../../src/versions/index.ts";
import type { Suite } from "../suite.ts";

/** All OpenSSL releases that univers knows: each must be below the one after it, and sorting them must give their order back. */
export const suite: Suite = {
  name: "univers-openssl",
  archive: "vers-spec",
  *run(folder) {
    const read = (file: string): string => readFileSync(join(folder, "univers-openssl", file), "utf8");
    const expected = (JSON.parse(read("openssl_versort_expected.json")) as readonly { readonly string: string }[]).map(
      ({ string }) => string,
    );
    const order = orderOfScheme("openssl");
    if (order === null) return;
    const sorted = read("openssl_all_versions.txt")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .toSorted(order.compare);
    for (const [index, version] of expected.entries()) {
      const before = expected[index - 1];
      const ascending = before === undefined || order.compare(before, version) <= 0;
      const name = `#${index} ${version}`;
      if (sorted[index] === version && ascending) yield { name, outcome: "passed" };
      else yield { name, outcome: "failed", detail: `came ${sorted[index]}; above ${before}: ${ascending}` };
    }
  },
};
