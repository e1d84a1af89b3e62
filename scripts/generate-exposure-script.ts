/**
 * `node scripts/generate-exposure-script.ts`: compiles the script of the exposure page, engine and all, into `src/report/exposure-script.ts`,
 * so that a page can be written without a bundler at hand. A test says whether it is current.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

const repository = resolve(import.meta.dirname, "..");
const target = "src/report/exposure-script.ts";

/** What there should be in the file. */
export async function exposureScriptFile(): Promise<string> {
  const bundle = await rolldown({
    cwd: repository,
    input: "src/report/exposure-browser.ts",
    platform: "browser",
    plugins: [
      {
        name: "no node in a page",
        // Digests of accounts are not computed in a page: it holds none.
        resolveId: (id) => (id === "node:crypto" ? { id: "\0crypto", moduleSideEffects: false } : null),
        load: (id) => (id === "\0crypto" ? 'export const createHash = () => { throw new Error("a page computes no digests"); };' : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "iife", minify: true });
  await bundle.close();
  const [script] = output;
  if (script.code.includes("</script") || script.code.includes("node:")) throw new Error("the script cannot stand in a page");
  return `/** Generated from exposure-browser.ts by \`node scripts/generate-exposure-script.ts\`. */
// oxfmt-ignore
export const exposureScript: string = ${JSON.stringify(script.code.trim())};
`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(repository, target), await exposureScriptFile());
  console.log(`wrote ${target}`);
}
