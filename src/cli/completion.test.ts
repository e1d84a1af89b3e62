import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Command } from "./command.ts";
import { completionScript, shells } from "./completion.ts";

const command = (name: string, options: Command["options"]): Command => ({
  name,
  summary: `it's ${name} [a:b]`,
  positionals: "",
  minPositionals: 0,
  maxPositionals: 9,
  options,
  description: "",
  examples: [],
  run: async () => 0,
});
const commands = [
  command("check", {
    format: { type: "string", short: "f", choices: ["text", "json"], summary: "how" },
    offline: { type: "boolean", summary: "no network" },
  }),
  command("sbom", {}),
  command("sbom convert", { to: { type: "string", choices: ["spdx", "cyclonedx"], summary: "target" } }),
];

function completeInBash(words: readonly string[]): string[] {
  const script = `${completionScript("bash", commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); cd /; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  return run.stdout.split("\n").filter((line) => line !== "");
}
const bashIsThere = spawnSync("bash", ["--version"]).status === 0;

test("bash completes commands, second words, options and their values", { skip: !bashIsThere }, () => {
  assert.deepEqual(completeInBash(["tributary", "ch"]), ["check"]);
  assert.deepEqual(completeInBash(["tributary", "check", "--o"]), ["--offline"]);
  assert.deepEqual(completeInBash(["tributary", "check", "-f", "j"]), ["json"]);
  assert.deepEqual(completeInBash(["tributary", "sbom", "conv"]), ["convert"]);
  assert.deepEqual(completeInBash(["tributary", "sbom", "convert", "--to", "s"]), ["spdx"]);
});

test("every shell's script names every command and option", () => {
  for (const shell of shells) {
    const script = completionScript(shell, commands);
    for (const word of ["check", "sbom", "convert", "format", "offline", "to", "spdx"])
      assert.ok(script.includes(word), `${shell}: ${word}`);
  }
});
