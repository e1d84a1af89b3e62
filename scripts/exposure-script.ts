/** Compiles the script of the exposure page, engine and all. `scripts/build.ts` puts it into what is published. */
import { resolve } from "node:path";
import { rolldown } from "rolldown";

const repository = resolve(import.meta.dirname, "..");

/** One classic script that fetches nothing. */
export async function compileExposureScript(): Promise<string> {
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
  const [{ code }] = output;
  if (code.includes("</script") || code.includes("node:")) throw new Error("the script cannot stand in a page");
  return code.trim();
}
