#!/usr/bin/env node
// Starts Tributary on a Node that can run it. Written for any Node from 12 on, so that an old one gets a sentence and not a stack trace.
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const major = Number(process.versions.node.split(".")[0]);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (major >= NEEDED) {
  const module = await import("node:module");
  // The compile cache halves the start of the bundled file; it is a folder of its own in the system's temporary place.
  module.enableCompileCache?.();
  // In a checkout the sources themselves run; what is published holds only the compiled form.
  const inCheckout = existsSync(here("../src/cli/main.ts")) && process.env.TRIBUTARY_COMPILED !== "1";
  const { main } = await import(inCheckout ? "../src/cli/main.ts" : "../dist/main.js");
  await main(process.argv.slice(2));
} else {
  const brought = here(process.platform === "win32" ? "../node_modules/.bin/node.cmd" : "../node_modules/.bin/node");
  if (existsSync(brought)) {
    const run = spawnSync(brought, process.argv.slice(1), { stdio: "inherit", shell: process.platform === "win32" });
    process.exitCode = run.status ?? 2;
  } else {
    process.stderr.write(
      "error[cli/node-too-old]: Tributary needs Node " +
        NEEDED +
        " or later; this is Node " +
        process.versions.node +
        ".\n" +
        "hint: install Node " +
        NEEDED +
        " (or run: npx --package=node@" +
        NEEDED +
        " --package=tributary tributary check)\n",
    );
    process.exitCode = 2;
  }
}
