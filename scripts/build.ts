/**
 * `npm run build`: makes what is published, in `dist/`: our sources as a few files (the start of the program is one, what only some
 * commands need is loaded when asked for), the rules' pages beside them, and the types. Packages stay packages: they are not
 * bundled, so that what a user installs can be seen in the user's own lockfile.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { compileExposureScript } from "./exposure-script.ts";

const repository = resolve(import.meta.dirname, "..");
const dist = join(repository, "dist");
const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { dependencies: Record<string, string> };
const packages = Object.keys(manifest.dependencies);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const bundle = await rolldown({
  cwd: repository,
  input: { main: "src/cli/main.ts", index: "src/index.ts", ...workers() },
  platform: "node",
  external: (id) => id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`)),
  onLog: (level, log) => {
    // What is loaded late in one place and early in another is simply early: that costs nothing and breaks nothing.
    if (level === "warn" && log.code !== "INEFFECTIVE_DYNAMIC_IMPORT") throw new Error(`the bundler warns: ${log.message}`);
  },
});
await bundle.write({ dir: dist, format: "esm", entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js", sourcemap: false });
await bundle.close();

writeFileSync(join(dist, "exposure-page.js"), await compileExposureScript());

for (const page of globSync("src/checks/*/*.md", { cwd: repository })) {
  const target = join(dist, page.replace(/^src[\\/]checks/, "rules"));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(repository, page), target);
}

execFileSync(process.execPath, [join(repository, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"], {
  cwd: repository,
  stdio: "inherit",
});

// Declarations keep the sources' `.ts` in their imports; readers of the package find `.js`, whose `.d.ts` lies beside it.
for (const file of globSync("types/**/*.d.ts", { cwd: dist })) {
  const text = readFileSync(join(dist, file), "utf8");
  writeFileSync(join(dist, file), text.replaceAll(/(from |import\()"(\.{1,2}\/[^"]+)\.ts"/g, '$1"$2.js"'));
}

const bytes = globSync("**/*.js", { cwd: dist }).reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
console.log(`built dist: ${globSync("**/*.js", { cwd: dist }).length} scripts, ${(bytes / 1024).toFixed(0)} KiB`);

/** Worker threads are started by file name, so each is an entry of its own. */
function workers(): Record<string, string> {
  return Object.fromEntries(
    globSync("src/**/*.worker.ts", { cwd: repository }).map((file) => [file.replace(/^.*[\\/]/, "").replace(/\.ts$/, ""), file]),
  );
}
