/**
 * The script of the exposure page: `exposure-browser.ts` with the engine, compiled. What is published holds it as a file; in a checkout it is
 * compiled when a page is written, so that it can never be older than the engine.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Beside the bundle; beside the bundle's folder of chunks. */
const built: readonly string[] = [join(import.meta.dirname, "exposure-page.js"), join(import.meta.dirname, "..", "exposure-page.js")];

/** The whole script, as text. */
export async function exposureScript(): Promise<string> {
  for (const file of built) {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  // Named at run time: what is published has no scripts and no bundler, and does not come here.
  const compiler: string = new URL("../../scripts/exposure-script.ts", import.meta.url).href;
  const { compileExposureScript } = (await import(compiler)) as { compileExposureScript: () => Promise<string> };
  return compileExposureScript();
}
