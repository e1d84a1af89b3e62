/** The walls of the house: which room may look into which. A room that is not in this table may not exist. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const repository = resolve(import.meta.dirname, "..");

const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  versions: ["model"],
  artifacts: ["model"],
  attestation: ["model"],
  sbom: ["model", "versions"],
  inventory: ["model", "versions", "artifacts", "sbom"],
  sources: ["model", "versions", "artifacts", "store"],
  store: ["model", "versions"],
  graph: ["model"],
  checks: ["model", "versions", "artifacts", "attestation", "graph"],
  policy: ["model"],
  report: ["model", "sbom", "graph", "checks"],
  app: ["model", "versions", "artifacts", "attestation", "sbom", "inventory", "sources", "store", "graph", "checks", "policy", "report"],
  cli: ["model", "app", "report", "graph", "policy", "checks"],
};

const roomOf = (file: string): string => {
  const parts = relative(join(repository, "src"), file).split(/[\\/]/);
  return parts.length === 1 ? "" : (parts[0] ?? "");
};

const files = globSync("src/**/*.ts", { cwd: repository }).map((file) => join(repository, file));

test("a room imports only what its line in the house allows", () => {
  const broken: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    if (room === "" || file.endsWith(".test.ts")) continue;
    const allowed = mayImport[room];
    assert.ok(allowed !== undefined, `src/${room} is no room of the house`);
    for (const match of readFileSync(file, "utf8").matchAll(/(?:from\s+|import\s*\(\s*|import\s+)"(\.[^"]+)"/g)) {
      const target = roomOf(resolve(dirname(file), match[1] ?? ""));
      if (target !== room && !allowed.includes(target))
        broken.push(`${relative(repository, file)} looks into ${target === "" ? "src" : target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("a check starts without the analysis of code: that is loaded where something is compared", () => {
  const from = new Map<string, string>([[join(repository, "src", "app", "check.ts"), ""]]);
  for (const file of from.keys()) {
    for (const match of readFileSync(file, "utf8").matchAll(/^(?:import|export)\s+(?!type\s)([^;]*?)\s*from\s+"(\.[^"]+)"/gm)) {
      // Types alone load nothing.
      const names = /^\{([^}]*)\}$/
        .exec(match[1] ?? "")?.[1]
        ?.split(",")
        .map((name) => name.trim());
      if (names?.every((name) => name === "" || name.startsWith("type ")) === true) continue;
      const target = resolve(dirname(file), match[2] ?? "");
      if (!from.has(target)) from.set(target, file);
    }
  }
  assert.ok(from.size > 100, `${from.size} files are followed`);
  const loaded = [...from].filter(([file]) => file.startsWith(join(repository, "src", "checks", "behaviour", "analysis", "javascript")));
  assert.deepEqual(
    loaded.map(([file, by]) => `${relative(repository, by)} loads ${relative(repository, file)}`),
    [],
  );
});

test("the checks and the policy do no input or output", () => {
  // zlib and buffer reckon with what they are given: text that is packed into source is unpacked within bounds.
  const allowed = /^node:(?:path|util|assert|crypto|zlib|buffer)/;
  const broken: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    if (
      !["model", "versions", "policy", "checks", "graph"].includes(room) ||
      file.endsWith(".test.ts") ||
      file.endsWith(join("checks", "pages.ts"))
    )
      continue;
    for (const match of readFileSync(file, "utf8").matchAll(/from\s+"(node:[^"]+)"/g)) {
      if (!allowed.test(match[1] ?? "")) broken.push(`${relative(repository, file)} imports ${match[1]}`);
    }
  }
  assert.deepEqual(broken, []);
});
