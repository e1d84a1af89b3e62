/** What was fetched into a file is followed by the file's name: to where it is made a program, moved, or run. */
import type { Capability } from "../../../model/index.ts";
import { chainAt } from "./script-chains.ts";
import { argumentAt, filesAt, letsRun, runnable } from "./script-command.ts";
import { gatherEmbedded } from "./script-embedded.ts";
import { foldedArgument } from "./script-fold.ts";
import type { Chain, FileWalk, Sources } from "./script-walk.ts";

const openers: ReadonlySet<string> = new Set([
  "open",
  "io.open",
  "codecs.open",
  "os.fdopen",
  "File.open",
  "File.new",
  "tempfile.NamedTemporaryFile",
  "tempfile.TemporaryFile",
  "Tempfile.new",
  "Tempfile.create",
]);
const writes: ReadonlySet<string> = new Set(["write", "writelines", "write_bytes", "write_text", "binwrite", "puts", "print"]);
const writers: ReadonlySet<string> = new Set(["File.write", "File.binwrite", "IO.write", "IO.binwrite"]);
const copiers: ReadonlySet<string> = new Set(["shutil.copyfileobj", "IO.copy_stream", "FileUtils.copy_stream"]);
const movers: ReadonlySet<string> = new Set([
  "os.rename",
  "os.replace",
  "shutil.move",
  "shutil.copy",
  "shutil.copy2",
  "shutil.copyfile",
  "File.rename",
  "FileUtils.mv",
  "FileUtils.cp",
]);
const modes: ReadonlySet<string> = new Set(["os.chmod", "File.chmod", "FileUtils.chmod"]);

/** `with open(path) as f`, `f = open(path)`, `File.open(path) do |f|`: the name is the file from there on. */
export function noteHandle(file: FileWalk, name: string, chain: Chain): void {
  if (chain.args === null || !openers.has(chain.path)) return;
  const path = argumentAt(file, chain.args, 0);
  const files = path === null ? [] : filesAt(file, ...path);
  file.holding(name).files = [...files, `$${name}`];
}

/** `File.open(path, "wb") { |f|` */
export function noteBlock(file: FileWalk, chain: Chain): void {
  for (let at = chain.end; at < Math.min(chain.end + 3, file.tokens.length); at++) {
    const name = file.tokens[at + 1];
    if (file.tokens[at]?.text === "|" && name?.kind === "name" && file.tokens[at + 2]?.text === "|") noteHandle(file, name.text, chain);
  }
}

/** `first`: the arguments of the chain's first call; `given`: what it is handed. */
export function followFiles(file: FileWalk, chain: Chain, at: number, first: Chain["args"], given: Sources): void {
  const { path, args } = chain;
  if (args === null) return;
  if (openers.has(path)) noteBlock(file, chain);
  const method = path.slice(path.lastIndexOf(".") + 1);
  const flow = (to: Capability, sink: string): void => {
    if (file.telling) file.gatherer.flow({ from: "network", to, source: "", sink, spot: file.spot(at) });
  };
  const keep = (files: readonly string[]): void => {
    for (const name of files) file.fetched.add(name);
    const as = runnable(files);
    if (as !== null) flow(as, files[0] ?? "");
  };
  const keysOf = (number: number, name = ""): readonly string[] => {
    const range = argumentAt(file, args, number, name);
    return range === null ? [] : filesAt(file, ...range);
  };
  if (method === "urlretrieve" || path === "wget.download") keep(keysOf(1, "filename"));
  else if (movers.has(path)) {
    if (keysOf(0).some((name) => file.fetched.has(name))) keep(keysOf(1));
  } else if (modes.has(path)) {
    const [mode, files] = path === "os.chmod" ? [argumentAt(file, args, 1), keysOf(0)] : [argumentAt(file, args, 0), keysOf(1)];
    if (mode !== null && letsRun(file, ...mode) && files.some((name) => file.fetched.has(name))) flow("process", "chmod");
  } else if (given.has("network") && (path === "os.dup2" || method === "reopen")) {
    // What a connection stands in for as input or output is spoken to over the network.
    flow("process", method);
  } else if (!given.has("network")) {
    if (writes.has(method) || writers.has(path)) readWritten(file, args, at);
  } else if (writers.has(path)) keep(keysOf(0));
  else if (copiers.has(path)) {
    const target = argumentAt(file, args, 1);
    if (target === null) return;
    const { head } = chainAt(file, target[0]);
    keep(file.look(head)?.files ?? filesAt(file, ...target));
  } else if (writes.has(method)) {
    const files = file.look(chain.head)?.files ?? [];
    const opened = path.indexOf("()");
    const inline = opened !== -1 && (openers.has(path.slice(0, opened)) || path.startsWith("pathlib.Path()"));
    const target = files.length === 0 && inline && first !== null ? argumentAt(file, first, 0) : null;
    keep(target === null ? files : filesAt(file, ...target));
  }
}

/** Text that is written to a file and is code that runs what it fetches: whoever runs the file, it was written here. */
function readWritten(file: FileWalk, args: readonly [number, number], at: number): void {
  if (!file.telling) return;
  const text = foldedArgument(file, args, 0) ?? foldedArgument(file, args, 1);
  if (text !== null && /\b(?:exec|eval|system|Popen|subprocess|spawn|popen)\b/.test(text.value))
    gatherEmbedded(file.dialect.language, text.value, file.gatherer, file.spot(at), { nesting: file.nesting + 1, only: "flows" });
}
