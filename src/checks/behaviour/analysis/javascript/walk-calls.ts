/** Calls and imports: what they do, to what, and what flows into them. */
import type { Capability } from "../../../../model/index.ts";
import { type Gatherer, Lines, gatherHosts } from "../files-gather.ts";
import { commandCapability, onlyWritten, pathCapability } from "../script-sensitive.ts";
import { shellReading } from "../shell.ts";
import type { Origins } from "./flows.ts";
import { argumentOf, calledValue } from "./meaning-calls.ts";
import { itemsOf } from "./meaning-members.ts";
import { pathOf } from "./meaning-paths.ts";
import { knownName } from "./names.ts";
import { node as nodes } from "./tree.ts";
import type { Value } from "./values.ts";
import { callMeaning, moduleCapability, moduleName } from "./vocabulary.ts";
import { type CodeText, codeArgument, codeOfAddress, keepCode, seeCode, seeInlineCode } from "./walk-code.ts";
import { isFixed, seeAside } from "./walk-aside.ts";
import { conditionOf } from "./walk-conditions.ts";
import { isPinned } from "./walk-pinned.ts";
import { seeTableCall } from "./walk-disguises.ts";
import { seeDefinition } from "./walk-references.ts";
import type { Walk } from "./walk.ts";

const node = nodes;

/** A file of a package that ends in `.json` is never run: tests go through such files by number. */
const isData = (name: string): boolean => /^(?:@[^/]+\/)?[^/]+\/.+\.json$/.test(name);

export function seeImport(walk: Walk, n: number, specifier: Value, how: "static" | "require" | "dynamic", typeOnly = false): void {
  const { tree } = walk;
  const name = walk.meanings.textOf(specifier);
  const spot = walk.spot(n);
  if (name === null) {
    walk.gatherer.import({ specifier: "", how, typeOnly, spot });
    walk.see("dynamic-import", "", n, how === "dynamic" ? "import" : "require");
    if (how === "dynamic" && pathOf(walk.meanings, tree.kid[n]!)?.startsWith("data:") === true)
      seeSink(walk, n, "dynamic-code", "import", "import", false, [0]);
    return;
  }
  if (name.startsWith("data:")) {
    const code = codeOfAddress(name);
    if (code === null) return;
    if (how === "dynamic") seeSink(walk, n, "dynamic-code", "import", "import", false, [0]);
    else walk.see("dynamic-code", "import", n, "import");
    keepCode(walk, n, code);
    return;
  }
  const concealed = specifier.some((meaning) => meaning.kind === "text" && meaning.built) && !name.startsWith(".");
  walk.gatherer.import({ specifier: name, how, typeOnly, spot });
  if (typeOnly) return;
  const path = moduleName(name);
  const capability = moduleCapability.get(path);
  if (capability !== undefined) walk.see(capability, "", n, path, concealed);
  else if (concealed && !isData(path))
    walk.gatherer.see("dynamic-import", name, spot, { through: how === "dynamic" ? "import" : "require", concealed });
  if (name.endsWith(".node")) walk.see("native", name, n, "require", concealed);
}

const COMPILE = knownName("_compile");
const sending: ReadonlySet<number> = new Set(["write", "end", "send"].map(knownName));
const callingBack: ReadonlySet<number> = new Set(
  ["then", "catch", "finally", "map", "flatMap", "forEach", "find", "filter", "some", "every"].map(knownName),
);

/** The number of a name that is given as text; 0 where it is not known. */
function nameOfIndex({ tree, meanings }: Walk, n: number): number {
  const name = meanings.textOf(meanings.of(tree.kidAt(n, 1)));
  return name === null ? 0 : tree.names.internText(name);
}

export function seeCall(walk: Walk, n: number): void {
  const { tree, meanings } = walk;
  const callee = tree.kid[n]!;
  if (tree.kind[callee] === node.identifier) seeTableCall(walk, n, callee);
  let value = calledValue(meanings, n);
  if (tree.kind[callee] === node.member || tree.kind[callee] === node.index) {
    const name = tree.kind[callee] === node.member ? tree.aux[callee]! : nameOfIndex(walk, callee);
    if (name === COMPILE) value = [{ kind: "ref", path: "module._compile", concealed: false }];
    if (sending.has(name)) seeSending(walk, n, callee);
    if (callingBack.has(name)) seeCallingBack(walk, n, callee);
  }
  for (const [i, meaning] of value.entries())
    if (meaning.kind === "ref" && value.findIndex((other) => other.kind === "ref" && other.path === meaning.path) === i)
      seeCallOf(walk, n, meaning.path, meaning.concealed);
}

/** `promise.then(eval)`, `commands.forEach(exec)`: a function that is handed on gets what the promise or the list holds. */
function seeCallingBack(walk: Walk, n: number, callee: number): void {
  const { tree, meanings } = walk;
  for (const meaning of meanings.of(argumentOf(meanings, n, 0))) {
    if (meaning.kind !== "ref") continue;
    const capability = callMeaning(meaning.path)?.capability;
    if (capability !== "dynamic-code" && capability !== "process") continue;
    walk.see(capability, meaning.path, n, meaning.path, meaning.concealed);
    seeFlows(walk, walk.flows.into(tree.kid[callee]!, true), capability, meaning.path, n, true);
  }
}

function seeCallOf(walk: Walk, n: number, path: string, concealed: boolean): void {
  const { meanings } = walk;
  switch (path) {
    case "require":
    case "process.getBuiltinModule":
    case "require.resolve": {
      const specifier = meanings.of(argumentOf(meanings, n, 0));
      if (argumentOf(meanings, n, 0) === 0) return;
      if (path === "require.resolve") {
        const name = meanings.textOf(specifier);
        if (name !== null) walk.gatherer.import({ specifier: name, how: "resolve", typeOnly: false, spot: walk.spot(n) });
        return;
      }
      seeImport(walk, n, specifier, "require");
      if (concealed) walk.see("dynamic-import", meanings.textOf(specifier) ?? "", n, "require", true);
      return;
    }
    case "setTimeout":
    case "setInterval": {
      const value = meanings.of(argumentOf(meanings, n, 0));
      if (value.some(({ kind }) => kind === "text")) {
        seeSink(walk, n, "dynamic-code", path, path, concealed, [0]);
        seeCode(walk, n, argumentOf(meanings, n, 0));
      }
      return;
    }
    case "JSON.stringify":
    case "Object.keys":
    case "Object.entries":
    case "Object.values":
      for (const meaning of meanings.of(argumentOf(meanings, n, 0)))
        if (meaning.kind === "ref" && meaning.path === "process.env")
          walk.see("environment-whole", path, n, "process.env", meaning.concealed);
      return;
    case "Object.assign":
      for (const meaning of meanings.of(argumentOf(meanings, n, 1)))
        if (meaning.kind === "ref" && meaning.path === "process.env")
          walk.see("environment-whole", path, n, "process.env", meaning.concealed);
      return;
    case "Object.defineProperty":
    case "Reflect.defineProperty":
    case "Reflect.set":
      seeDefinition(walk, n);
      return;
    case "node:worker_threads.Worker":
    case "Worker":
    case "SharedWorker":
      seeThread(walk, n, path, concealed);
      return;
    case "document.createElement":
      if (meanings.textOf(meanings.of(argumentOf(meanings, n, 0)))?.toLowerCase() === "script")
        walk.see("dynamic-code", "script element", n, "document");
      return;
    default:
  }
  const does = callMeaning(path);
  if (does === null) return;
  const { capability } = does;
  const subjectNode = does.subject < 0 ? 0 : argumentOf(meanings, n, does.subject);
  const written = subjectNode === 0 ? null : pathOf(meanings, subjectNode);
  const through = path.replace(/#?\.\w+$/, "") || path;
  switch (capability) {
    case "network": {
      seeSink(walk, n, capability, hostOf(written ?? ""), through, concealed, [0, 1, 2]);
      if (written?.includes("://") === true) gatherHosts(written, walk.gatherer, () => walk.spot(n), isPiecedTogether(walk, subjectNode));
      return;
    }
    case "process": {
      seeSink(walk, n, capability, programOf(written ?? ""), through, concealed, [0, 1]);
      seeCondition(walk, n, capability, programOf(written ?? ""));
      const words = wordsOf(walk, argumentOf(meanings, n, 1));
      seeInlineCode(walk, n, written ?? (isOwnProgram(walk, subjectNode) ? "node" : ""), words);
      if (written !== null) seeCommand(walk, [written, ...words].join(" "), n);
      return;
    }
    case "dynamic-code":
      seeSink(walk, n, capability, path, path, concealed, [0, 1]);
      seeCondition(walk, n, capability, path);
      seeCode(walk, n, codeArgument(walk, n, path));
      return;
    case "file-read":
    case "file-write":
    case "file-delete": {
      seeSink(walk, n, capability, written ?? "", through, concealed, capability === "file-write" ? [1] : []);
      // What a file is emptied with, or filled with that stands there, keeps nothing of it.
      if (capability === "file-delete" || (capability === "file-write" && isWritten(walk, argumentOf(meanings, n, 1))))
        seeCondition(walk, n, capability, written ?? "");
      const also = written === null ? null : pathCapability(written);
      if (also !== null && !(capability === "file-read" && onlyWritten(written ?? "")))
        walk.see(also, written ?? "", n, through, isPiecedTogether(walk, subjectNode) && concealed);
      if (written?.startsWith("~") === true) walk.see("home", written, n, through);
      return;
    }
    case "dns":
      seeSink(walk, n, capability, written ?? "", through, concealed, [0]);
      return;
    case "home":
      walk.see(capability, placeOf(walk, n), n, path, concealed);
      return;
    default:
      walk.see(capability, written ?? "", n, path, concealed);
  }
}

/** The path that a folder is the beginning of where it stands: `homedir() + "/.cache/a"`; "" where it is none. */
function placeOf({ tree, meanings }: Walk, n: number): string {
  let place = "";
  for (let at = tree.up[n]!; joining.has(tree.kind[at]!); at = tree.up[at]!) {
    const longer = pathOf(meanings, at);
    if (longer === null) break;
    place = longer;
  }
  return place;
}

/** What puts a path together: `a + b`, a template, `join(a, b)`. */
const joining: ReadonlySet<number> = new Set([node.binary, node.template, node.call]);

const EXEC_PATH = knownName("execPath");

/** The program that runs this very code, whatever `process` is called there. */
const isOwnProgram = ({ tree, meanings }: Walk, n: number): boolean =>
  (tree.kind[n] === node.member && tree.aux[n] === EXEC_PATH) ||
  meanings.of(n).some((meaning) => meaning.kind === "ref" && /^process\.(?:execPath|argv\.0|argv0)$/.test(meaning.path));

/** A thread that is given code instead of a file. */
function seeThread(walk: Walk, n: number, path: string, concealed: boolean): void {
  const { meanings } = walk;
  const first = argumentOf(meanings, n, 0);
  const value = meanings.of(first);
  const written = meanings.textOf(value) ?? pathOf(meanings, first) ?? "";
  const isText = /\beval\s*:\s*(?:true|!0)/.test(walk.source(argumentOf(meanings, n, 1)));
  const isAddress =
    written.startsWith("data:") || value.some((meaning) => meaning.kind === "ref" && meaning.path === "URL.createObjectURL()");
  if (!isText && !isAddress) return;
  seeSink(walk, n, "dynamic-code", path, path, concealed, [0]);
  if (isText) seeCode(walk, n, first);
  else keepCode(walk, n, codeOfAddress(written) ?? "");
}

const isWritten = ({ meanings }: Walk, n: number): boolean => n !== 0 && meanings.of(n).some(({ kind }) => kind === "text");

/** Arguments of a program, as far as they are written down. */
function wordsOf(walk: Walk, list: number): readonly string[] {
  if (list === 0) return [];
  return itemsOf(walk.meanings, walk.meanings.of(list))
    .slice(0, 64)
    .map((item) => walk.meanings.textOf(item) ?? "*");
}

function isPiecedTogether(walk: Walk, n: number): boolean {
  return walk.meanings
    .of(n)
    .some((meaning) => meaning.kind === "text" && meaning.built && /^(?:Buffer|atob|String|unescape|decode|\[|\w+\()/.test(walk.source(n)));
}

/** A capability whose arguments are followed back. */
function seeSink(
  walk: Walk,
  n: number,
  capability: Capability,
  subject: string,
  through: string,
  concealed: boolean,
  followed: readonly number[],
): void {
  walk.see(capability, subject, n, through, concealed);
  for (const at of followed) {
    const argument = argumentOf(walk.meanings, n, at);
    if (argument === 0) continue;
    seeFlows(walk, walk.flows.into(argument, at === 0 || capability === "dynamic-code"), capability, subject, n, at === 0);
    // What is added to an address that stands there is carried off as well.
    if (capability === "network" && isFixed(subject)) seeAside(walk, argument, subject, n);
  }
}

/** What is deleted or run on a day that the source names, or in one country only. */
function seeCondition(walk: Walk, n: number, to: Capability, sink: string): void {
  const from = conditionOf(walk, n);
  if (from !== null) walk.gatherer.flow({ from, to, source: "", sink, spot: walk.spot(n) });
}

export function seeFlows(walk: Walk, origins: Origins, to: Capability, sink: string, n: number, isAddress: boolean): void {
  for (const [from, source] of origins) {
    const leaves = to === "network" || to === "dns" || to === "propagation";
    const wanted = leaves
      ? from !== "network" &&
        from !== "dns" &&
        from !== "encoded-text" &&
        from !== "locale" &&
        !(isAddress && (from === "environment" || from === "argument" || from === "ci" || from === "file-read" || from === "process"))
      : to === "dynamic-code" || to === "process"
        ? from === "network" || from === "dns" || from === "encoded-text" || from === "file-read"
        : to === "file-write" && from === "network";
    const isKept = from === "network" && to === "file-write" && wanted && isPinned(walk);
    if (wanted) walk.gatherer.flow({ from: isKept ? "pinned" : from, to, source, sink, spot: walk.spot(n) });
  }
}

/** `request.write(data)`, `socket.send(data)`: the object came from a call that connects. */
function seeSending(walk: Walk, n: number, callee: number): void {
  const { meanings, tree } = walk;
  for (const meaning of meanings.of(tree.kid[callee]!)) {
    if (meaning.kind !== "ref") continue;
    const path = meaning.path.replace(/(?:\(\)|#)$/, "");
    const connects =
      path === "XMLHttpRequest" ||
      path === "node:dgram.createSocket" ||
      (path !== meaning.path && callMeaning(path)?.capability === "network");
    if (!connects) continue;
    for (const at of [0, 1]) {
      const argument = argumentOf(meanings, n, at);
      if (argument === 0) continue;
      seeFlows(walk, walk.flows.into(argument), "network", "", n, false);
      seeAside(walk, argument, "", n);
    }
  }
}

/** Characters of a command that is read. */
const LONGEST_COMMAND = 4_000;
/** Commands of one file that are read. */
const MOST_COMMANDS = 2_000;

/** What the command itself does is asked of the analysis of shell, once the tree of this file is done with: a command may hold a script of its own. */
function seeCommand(walk: Walk, command: string, n: number): void {
  const also = commandCapability(command);
  if (also !== null) walk.see(also, command, n, "command");
  if (command.length > LONGEST_COMMAND || !/\s/.test(command) || walk.commands.length >= MOST_COMMANDS) return;
  walk.commands.push({ text: command, spot: walk.spot(n), when: walk.when(n) });
}

/** What commands do, as the analysis of shell sees it, where they are started. */
export function readCommand({ text, spot, when }: CodeText, gatherer: Gatherer): void {
  const { sightings, flows } = shellReading(text, new Lines(text));
  for (const { capability, subject } of sightings)
    if (capability !== "process") gatherer.see(capability, subject, spot, { through: "command", when });
  for (const flow of flows) gatherer.flow({ ...flow, spot });
}

/** The host of an address; what is no address is taken as a host where it could be one. */
export function hostOf(address: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s]+)/i.exec(address);
  if (match !== null) return match[1]!.toLowerCase();
  return /^[a-z0-9*-]+(?:\.[a-z0-9*-]+)+$/i.test(address) || address === "localhost" ? address.toLowerCase() : "";
}

/** The program that a command line starts. */
function programOf(command: string): string {
  return /^\s*([^\s;&|]+)/.exec(command)?.[1]?.slice(0, 80) ?? "";
}
