/**
 * `node scripts/trace-data.ts DIR [NAME…]`
 *
 * Fetches what `trace-attacks.ts` works on: the published tarballs of some npm packages (npm's own client, from the registry that is configured) and the
 * source archives that Debian keeps of the same versions (apt's own client, signatures checked, its lists in a folder of their own). Writes
 * DIR/packages and DIR/sources. A package whose Debian version npm does not have is said and left out.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Released as they lie in their repositories, or built by a few: both kinds have to be there. */
const usual =
  "commander eventemitter3 fast-deep-equal hosted-git-info iconv-lite ini jsonfile lru-cache minimatch nopt object-assign picocolors q redux through2 tslib";

const [given, ...names] = process.argv.slice(2);
if (given === undefined) {
  process.stderr.write("usage: node scripts/trace-data.ts DIR [NAME…]\n");
  process.exit(2);
}
const [packages, sources] = ["packages", "sources"].map((name) => join(resolve(given), name)) as [string, string];
for (const folder of [packages, sources]) mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), "tributary-trace-data-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000, maxBuffer: 2 ** 26 }).toString();

/** The machine's own sources of packages, asked for sources instead. */
function sourceList(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(folder).map((name) => join(folder, name))];
  const stanzas = files.flatMap((file) => {
    try {
      return file.endsWith(".sources") ? readFileSync(file, "utf8").split(/\n\s*\n/) : [];
    } catch {
      return [];
    }
  });
  return stanzas
    .filter((stanza) => /^Signed-By:.*debian-archive/m.test(stanza))
    .map((stanza) => stanza.replace(/^Types:.*$/m, "Types: deb-src"))
    .join("\n\n");
}

const list = join(scratch, "debian.sources");
writeFileSync(list, `${sourceList()}\n`);
mkdirSync(join(scratch, "lists", "partial"), { recursive: true });
const apt = (...args: string[]): string =>
  run(
    "apt-get",
    [
      "-q",
      "-o",
      `Dir::Etc::sourcelist=${list}`,
      "-o",
      "Dir::Etc::sourceparts=-",
      "-o",
      `Dir::State::lists=${join(scratch, "lists")}`,
      ...args,
    ],
    sources,
  );
apt("update");
/** The error, where there was one. */
function attempt(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

let missing = 0;
for (const name of names.length > 0 ? names : usual.split(" ")) {
  try {
    // A mirror may lack Debian's own part, which nobody asks for here.
    const problem = attempt(() => apt("source", "--download-only", `node-${name}`));
    const found = readdirSync(sources).filter((file) => file.startsWith(`node-${name}_`));
    const dsc = found.find((file) => file.endsWith(".dsc"));
    if (dsc === undefined || !found.some((file) => file.includes(".orig.tar."))) throw problem ?? new Error("Debian has no such source");
    // 7.14.1+~cs1.2-1: what stands behind + or ~ is Debian's own.
    const version = /_([0-9.]+)/.exec(dsc ?? "")?.[1] ?? "";
    run("npm", ["pack", `${name}@${version}`, "--ignore-scripts", "--silent", "--pack-destination", packages], scratch);
    process.stdout.write(`${name}@${version}\n`);
  } catch (error) {
    missing++;
    process.stdout.write(`${name}: not there: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}\n`);
  }
}
process.exitCode = missing > 0 ? 1 : 0;
