/**
 * JavaScript and TypeScript: bytes that could not matter are left unread, the rest is parsed, every call, reference and assignment is asked
 * what it means, and what flows into the calls that matter is followed back. Where no tree can be made the tokens are read instead.
 *
 *     text -> may it matter? -> tree -> meanings -> sightings, flows
 *                                └ too large or too deep: tokens
 */
import type { Capability, Spot } from "../../../../model/index.ts";
import { Gatherer, Lines, type Reading, gatherHosts } from "../files-gather.ts";
import { commandCapability, pathCapability, variableCapability } from "../script-sensitive.ts";
import { shellReading } from "../shell.ts";
import { Flows, type Origins } from "./flows.ts";
import { Meanings, type Value, textOfSource } from "./meaning.ts";
import { parse } from "./parse.ts";
import { gatherTokens } from "./reading-tokens.ts";
import { type Tree, TreeLimit, flag, node } from "./tree.ts";
import { callMeaning, hookable, moduleCapability, moduleName, referenceMeaning, referenceNames } from "./vocabulary.ts";

/**
 * Without one of these in the source no rule below can see anything: names that lead to a capability, detours that make such names (escapes,
 * calls of computed members, constructors), addresses, and loops without an end. It only ever spares work.
 */
const mayMatter =
  /require|import|process|eval|Function|global|window|self|\btop\b|frames|document|navigator|fetch|XMLHttp|WebSocket|EventSource|Worker|constructor|Reflect|WebAssembly|localStorage|sessionStorage|indexedDB|ethereum|solana|phantom|_compile|Deno|Bun|ActiveX|\\[ux0-7]|\]\s*\(|:\/\/|setTimeout|setInterval|prototype|while\s*\(|for\s*\(\s*;\s*;|Buffer|atob|console|JSON|Intl|debugger|[A-Za-z0-9+/=_-]{200}|bc1|0x\[|\bthis\s*\[|export\b/;
const mayBeSensitive =
  /npmrc|netrc|pypirc|git-credentials|dockercfg|pgpass|_history|\.ssh|id_(?:rsa|ed25519|ecdsa|dsa)|\.aws|\.docker|\.kube|gcloud|default_credentials|gnupg|\/etc\/|\.cargo|\.gem|keychain|wallet|keystore|nkbih|Exodus|\.solana|\.ethereum|\.electrum|\.bitcoin|Login Data|Cookies|Web Data|Local State|logins\.json|cookies\.sqlite|Chrome|Brave|Firefox|bashrc|zshrc|profile|cron|autostart|systemd|Launch(?:Agents|Daemons)|CurrentVersion|Startup|workflows|registry\.npmjs|upload\.pypi|publish|git push|schtasks|\\[ux]/;
/** Characters of a literal from which it can be a payload, and bits per character above which it is no language (knowledge: 4.2 % of packages have one). */
const ENCODED_FROM = 200;
const ENCODED_BITS = 5;
const wallets = /0x\[a-f(?:A-F)?0-9A?-?F?\]\{40\}|\[13\]\[a-km-zA-HJ-NP-Z1-9\]|bc1\[|\^?T\[A-Za-z1-9\]\{33\}/;
/** Calls of one function that fetches a text by number, from which on it is no table but a disguise. */
const TABLE_CALLS = 20;
const TABLE_TEXTS = 10;
/** Members of members: nothing that a canonical path names lies deeper. */
const LONGEST_CHAIN = 24;
/** Places of texts that are looked at for paths and hosts; a table of a million texts is data. */
const MOST_TEXTS = 200_000;

export const javascriptReading = (text: string, lines: Lines): Reading => read(text, lines, false);
export const typescriptReading = (text: string, lines: Lines): Reading => read(text, lines, true);

function read(text: string, lines: Lines, typed: boolean): Reading {
  const gatherer = new Gatherer();
  if (!mayMatter.test(text)) return gatherer.reading("tree");
  let tree: Tree;
  try {
    tree = parsed(text, typed);
  } catch (error) {
    if (!(error instanceof TreeLimit) && !(error instanceof RangeError)) throw error;
    const because = error instanceof TreeLimit ? error.message : "it is nested too deep";
    gatherer.hide("unparsed", because, lines.spot(0));
    gatherTokens(text, lines, gatherer);
    return gatherer.reading("tokens", because);
  }
  const because = tree.problems === 0 ? "" : `${tree.problems} places are no ${typed ? "TypeScript" : "JavaScript"}`;
  if (because !== "") {
    gatherer.hide("unparsed", because, lines.spot(0));
    gatherTokens(text, lines, gatherer);
  }
  const walk = new Walk(tree, lines, gatherer);
  walk.run();
  const stopped = walk.meanings.exhausted ? "what it means was followed only in part" : "";
  return gatherer.reading("tree", because === "" ? stopped : because);
}

/** As what the name promises, and where that is not understood as what it could be besides: Flow and JSX lie in `.js`, elements in `.ts`. */
function parsed(text: string, typed: boolean): Tree {
  const first = parse(text, { typed, jsx: !typed });
  if (first.problems === 0) return first;
  const second = parse(text, { typed: true, jsx: true });
  return second.problems < first.problems ? second : first;
}

class Walk {
  readonly tree: Tree;
  readonly meanings: Meanings;
  readonly flows: Flows;
  readonly #lines: Lines;
  readonly #gatherer: Gatherer;
  readonly #loads = new Map<number, boolean>();
  /** Names of globals that matter wherever they stand. */
  readonly #named: ReadonlySet<number>;
  #texts = 0;
  readonly #tables = new Map<number, { calls: number; first: number }>();

  constructor(tree: Tree, lines: Lines, gatherer: Gatherer) {
    this.tree = tree;
    this.#lines = lines;
    this.#gatherer = gatherer;
    this.meanings = new Meanings(tree);
    this.#named = new Set(referenceNames.map((name) => tree.names.internText(name)));
    this.flows = new Flows(this.meanings);
  }

  run(): void {
    const { tree } = this;
    const hasAddress = tree.text.includes("://") || tree.text.includes("\\");
    const sensitive = mayBeSensitive.test(tree.text);
    // Nodes that a speculation left behind hang nowhere.
    for (let n = 2; n < tree.count; n++) {
      switch (tree.kind[n]) {
        case node.call:
        case node.new:
          this.#call(n);
          break;
        case node.importCall:
          this.#import(n, this.meanings.of(tree.kid[n]!), "dynamic");
          break;
        case node.import:
        case node.export:
          if (
            tree.kid[n] !== 0 &&
            tree.kind[tree.kid[n]!] === node.text &&
            (tree.kind[n] === node.import || tree.aux[n] === 0 || (tree.aux[n]! & flag.typeOnly) !== 0)
          )
            if (tree.kind[n] === node.import || tree.text.slice(tree.start[tree.kid[n]!]! - 40, tree.start[tree.kid[n]!]!).includes("from"))
              this.#import(n, this.meanings.of(tree.kid[n]!), "static", (tree.aux[n]! & flag.typeOnly) !== 0);
          break;
        case node.member:
        case node.index:
          this.#reference(n);
          break;
        case node.identifier:
          this.#identifier(n);
          break;
        case node.assign:
          this.#assign(n);
          break;
        case node.declarator:
          this.#declarator(n);
          break;
        case node.text:
        case node.quasi:
          this.#text(n, hasAddress, sensitive);
          break;
        case node.regex:
          if (tree.end[n]! - tree.start[n]! < 400 && wallets.test(tree.text.slice(tree.start[n]!, tree.end[n]!)))
            this.#see("wallet", "address", n, "regular expression");
          break;
        case node.while:
        case node.for:
        case node.doWhile:
          this.#loop(n);
          break;
        case node.debugger:
          this.#gatherer.hide("self-inspection", "a trap for debuggers", this.#spot(n));
          break;
        default:
      }
    }
    for (const { calls, first } of this.#tables.values())
      if (calls >= TABLE_CALLS) this.#gatherer.hide("text-array", `${calls} texts fetched by number`, this.#spot(first));
  }

  // ---- places

  #spot(n: number): Spot {
    return this.#lines.spot(this.tree.start[n]!, this.#scope(n));
  }

  /** Names of the functions and classes around it. */
  #scope(n: number): string {
    const { tree } = this;
    const names: string[] = [];
    for (let at = tree.up[n]!; at !== 0 && names.length < 8; at = tree.up[at]!) {
      const kind = tree.kind[at]!;
      if (kind !== node.function && kind !== node.class) continue;
      if ((tree.aux[at]! & flag.static) !== 0) names.push(tree.nameOf(tree.kid[at]!));
      else {
        const up = tree.up[at]!;
        const first = tree.kid[up]!;
        const upKind = tree.kind[up]!;
        if (
          (upKind === node.declarator || upKind === node.assign) &&
          first !== at &&
          (tree.kind[first] === node.identifier || tree.kind[first] === node.member)
        )
          names.push(tree.nameOf(first));
        else if (upKind === node.property && first !== at) names.push(this.meanings.keyOf(up));
      }
    }
    return names.toReversed().join(".");
  }

  /** Whether it runs when the file is loaded: every function around it is called at once, handed to a call, or called by something that is. */
  #when(n: number): "load" | "call" {
    return this.#runsAtLoad(n, 0) ? "load" : "call";
  }

  #runsAtLoad(n: number, depth: number): boolean {
    const { tree } = this;
    let at = tree.up[n]!;
    while (at !== 0 && tree.kind[at] !== node.function) at = tree.up[at]!;
    if (at === 0) return true;
    const known = this.#loads.get(at);
    if (known !== undefined) return known;
    if (depth > 24) return false;
    this.#loads.set(at, false);
    const up = tree.up[at]!;
    const upKind = tree.kind[up]!;
    let loads = false;
    // Called where it stands, handed to a call, or the object of `.call`.
    if (upKind === node.call || upKind === node.new) loads = this.#runsAtLoad(up, depth + 1);
    else if (upKind === node.member && tree.kind[tree.up[up]!] === node.call) loads = this.#runsAtLoad(tree.up[up]!, depth + 1);
    else if (upKind === node.unary || upKind === node.await) loads = this.#runsAtLoad(up, depth + 1);
    for (const call of (this.meanings.callers.get(at) ?? []).slice(0, 32)) loads ||= this.#runsAtLoad(call, depth + 1);
    this.#loads.set(at, loads);
    return loads;
  }

  #see(capability: Capability, subject: string, n: number, through: string, concealed = false): void {
    this.#gatherer.see(capability, subject, this.#spot(n), { through, when: this.#when(n), concealed });
    if (concealed) this.#gatherer.hide("concealed-name", `${through} is not written as what it is`, this.#spot(n));
  }

  // ---- modules

  #import(n: number, specifier: Value, how: "static" | "require" | "dynamic", typeOnly = false): void {
    const name = this.meanings.textOf(specifier);
    const spot = this.#spot(n);
    if (name === null) {
      this.#gatherer.import({ specifier: "", how, typeOnly, spot });
      this.#see("dynamic-import", "", n, how === "dynamic" ? "import" : "require");
      return;
    }
    const concealed = specifier.some((meaning) => meaning.kind === "text" && meaning.built) && !name.startsWith(".");
    this.#gatherer.import({ specifier: name, how, typeOnly, spot });
    if (typeOnly) return;
    const path = moduleName(name);
    const capability = moduleCapability.get(path);
    if (capability !== undefined) this.#see(capability, "", n, path, concealed);
    else if (concealed) this.#gatherer.hide("concealed-name", `${name} is not written as what it is`, spot);
    if (name.endsWith(".node")) this.#see("native", name, n, "require", concealed);
  }

  // ---- calls

  #call(n: number): void {
    const { tree, meanings } = this;
    const callee = tree.kid[n]!;
    if (tree.kind[callee] === node.identifier) this.#tableCall(n, callee);
    let value = meanings.of(callee);
    if (tree.kind[callee] === node.member || tree.kind[callee] === node.index) {
      const name = tree.kind[callee] === node.member ? tree.nameOf(callee) : meanings.textOf(meanings.of(tree.kidAt(callee, 1)));
      if (name === "_compile") value = [{ kind: "ref", path: "module._compile", concealed: false }];
      if (name === "write" || name === "end" || name === "send") this.#send(n, callee);
    }
    const seen = new Set<string>();
    for (const meaning of value) {
      if (meaning.kind !== "ref" || seen.has(meaning.path)) continue;
      seen.add(meaning.path);
      this.#callRef(n, meaning.path, meaning.concealed);
    }
  }

  #callRef(n: number, path: string, concealed: boolean): void {
    const { meanings } = this;
    switch (path) {
      case "require":
      case "process.getBuiltinModule":
      case "require.resolve": {
        const specifier = meanings.of(meanings.argument(n, 0));
        if (meanings.argument(n, 0) === 0) return;
        if (path === "require.resolve") {
          const name = meanings.textOf(specifier);
          if (name !== null) this.#gatherer.import({ specifier: name, how: "resolve", typeOnly: false, spot: this.#spot(n) });
          return;
        }
        this.#import(n, specifier, "require");
        if (concealed) this.#see("dynamic-import", meanings.textOf(specifier) ?? "", n, "require", true);
        return;
      }
      case "setTimeout":
      case "setInterval": {
        const value = meanings.of(meanings.argument(n, 0));
        if (value.some(({ kind }) => kind === "text")) this.#sink(n, "dynamic-code", path, path, concealed, [0]);
        return;
      }
      case "JSON.stringify":
      case "Object.keys":
      case "Object.entries":
      case "Object.values":
        for (const meaning of meanings.of(meanings.argument(n, 0)))
          if (meaning.kind === "ref" && meaning.path === "process.env")
            this.#see("environment-whole", path, n, "process.env", meaning.concealed);
        return;
      case "Object.assign":
        for (const meaning of meanings.of(meanings.argument(n, 1)))
          if (meaning.kind === "ref" && meaning.path === "process.env")
            this.#see("environment-whole", path, n, "process.env", meaning.concealed);
        return;
      case "Object.defineProperty":
      case "Reflect.defineProperty":
      case "Reflect.set":
        this.#hook(
          meanings.member(meanings.of(meanings.argument(n, 0)), meanings.textOf(meanings.of(meanings.argument(n, 1))) ?? "?", false),
          n,
        );
        return;
      case "node:worker_threads.Worker":
      case "Worker": {
        if (
          meanings.of(meanings.argument(n, 0)).some(({ kind }) => kind === "text") &&
          /\beval\s*:\s*(?:true|!0)/.test(this.#source(meanings.argument(n, 1)))
        )
          this.#sink(n, "dynamic-code", path, path, concealed, [0]);
        return;
      }
      case "document.createElement":
        if (meanings.textOf(meanings.of(meanings.argument(n, 0)))?.toLowerCase() === "script")
          this.#see("dynamic-code", "script element", n, "document");
        return;
      default:
    }
    const does = callMeaning(path);
    if (does === null) return;
    const { capability } = does;
    const subjectNode = does.subject < 0 ? 0 : meanings.argument(n, does.subject);
    const written = subjectNode === 0 ? null : meanings.pathOf(subjectNode);
    const through = path.replace(/#?\.\w+$/, "") || path;
    switch (capability) {
      case "network": {
        this.#sink(n, capability, hostOf(written ?? ""), through, concealed, [0, 1, 2]);
        if (written?.includes("://") === true) gatherHosts(written, this.#gatherer, () => this.#spot(n), this.#built(subjectNode));
        return;
      }
      case "process":
        this.#sink(n, capability, programOf(written ?? ""), through, concealed, [0, 1]);
        if (written !== null) this.#command([written, ...this.#words(meanings.argument(n, 1))].join(" "), n);
        return;
      case "dynamic-code":
        this.#sink(n, capability, path, path, concealed, [0, 1]);
        return;
      case "file-read":
      case "file-write":
      case "file-delete": {
        this.#sink(n, capability, written ?? "", through, concealed, capability === "file-write" ? [1] : []);
        const also = written === null ? null : pathCapability(written);
        if (also !== null) this.#see(also, written ?? "", n, through, this.#built(subjectNode) && concealed);
        if (written?.startsWith("~") === true) this.#see("home", written, n, through);
        return;
      }
      case "dns":
        this.#sink(n, capability, written ?? "", through, concealed, [0]);
        return;
      default:
        this.#see(capability, written ?? "", n, path, concealed);
    }
  }

  /** Arguments of a program, as far as they are written down. */
  #words(list: number): readonly string[] {
    if (list === 0) return [];
    return this.meanings
      .items(this.meanings.of(list))
      .slice(0, 64)
      .map((item) => this.meanings.textOf(item) ?? "*");
  }

  #built(n: number): boolean {
    return this.meanings
      .of(n)
      .some(
        (meaning) => meaning.kind === "text" && meaning.built && /^(?:Buffer|atob|String|unescape|decode|\[|\w+\()/.test(this.#source(n)),
      );
  }

  #source(n: number): string {
    return this.tree.text.slice(this.tree.start[n]!, Math.min(this.tree.end[n]!, this.tree.start[n]! + 400));
  }

  /** A capability whose arguments are followed back. */
  #sink(n: number, capability: Capability, subject: string, through: string, concealed: boolean, followed: readonly number[]): void {
    this.#see(capability, subject, n, through, concealed);
    for (const at of followed) {
      const argument = this.meanings.argument(n, at);
      if (argument !== 0) this.#flow(this.flows.into(argument), capability, subject, n, at === 0);
    }
  }

  #flow(origins: Origins, to: Capability, sink: string, n: number, isAddress: boolean): void {
    for (const [from, source] of origins) {
      const leaves = to === "network" || to === "dns" || to === "propagation";
      const wanted = leaves
        ? from !== "network" &&
          from !== "dns" &&
          from !== "encoded-text" &&
          !(isAddress && (from === "environment" || from === "ci" || from === "file-read" || from === "process"))
        : to === "dynamic-code" || to === "process"
          ? from === "network" || from === "dns" || from === "encoded-text" || from === "file-read"
          : to === "file-write" && from === "network";
      if (wanted) this.#gatherer.flow({ from, to, source, sink, spot: this.#spot(n) });
    }
  }

  /** `request.write(data)`, `socket.send(data)`: the object came from a call that connects. */
  #send(n: number, callee: number): void {
    const { meanings, tree } = this;
    for (const meaning of meanings.of(tree.kid[callee]!)) {
      if (meaning.kind !== "ref") continue;
      const path = meaning.path.replace(/(?:\(\)|#)$/, "");
      const connects =
        path === "XMLHttpRequest" ||
        path === "node:dgram.createSocket" ||
        (path !== meaning.path && callMeaning(path)?.capability === "network");
      if (!connects) continue;
      for (const at of [0, 1]) {
        const argument = meanings.argument(n, at);
        if (argument !== 0) this.#flow(this.flows.into(argument), "network", "", n, false);
      }
    }
  }

  /** What the command itself does, as the analysis of shell sees it. */
  #command(command: string, n: number): void {
    const also = commandCapability(command);
    if (also !== null) this.#see(also, command, n, "command");
    if (command.length > 4_000 || !/\s/.test(command)) return;
    for (const sighting of shellReading(command, new Lines(command)).sightings)
      if (sighting.capability !== "process") this.#see(sighting.capability, sighting.subject, n, "command");
  }

  // ---- references

  #reference(n: number): void {
    const { tree, meanings } = this;
    const up = tree.up[n]!;
    if (up === 0) return;
    if (!this.#worthFollowing(n)) return;
    for (const meaning of meanings.of(n)) {
      if (meaning.kind !== "ref") continue;
      const { path, concealed } = meaning;
      if (path.startsWith("process.env.")) {
        const name = path.slice(12);
        if (name.includes(".") || name.endsWith(")")) continue;
        const capability = variableCapability(name);
        this.#see("environment", name, n, "process.env", concealed);
        if (capability !== "environment") this.#see(capability, name, n, "process.env", concealed);
        if (name === "HOME" || name === "USERPROFILE") this.#see("home", "~", n, "process.env");
        if (name === "LANG" || name === "LC_ALL" || name === "TZ") this.#see("locale", name, n, "process.env");
      } else if (path === "process.env") {
        const upKind = tree.kind[up]!;
        if (upKind === node.spread)
          this.#see("environment-whole", this.#isEnvOption(up) ? "env option" : "spread", n, "process.env", concealed);
        else if (upKind === node.index && tree.kid[up] === n && meanings.of(tree.kidAt(up, 1)).length === 0)
          this.#see("environment", "", up, "process.env", concealed);
        else if (upKind === node.forIn) this.#see("environment-whole", "loop", n, "process.env", concealed);
      } else if (tree.kind[up] !== node.call || tree.kid[up] !== n) {
        const capability = referenceMeaning(path);
        if (capability !== null) this.#see(capability, path, n, path, concealed);
      }
    }
  }

  #isEnvOption(spread: number): boolean {
    const { tree } = this;
    const property = tree.up[tree.up[spread]!]!;
    return tree.kind[property] === node.property && this.meanings.keyOf(property) === "env";
  }

  /** Whether the object at the root of a chain of members can mean anything; most cannot, and are left alone. */
  #worthFollowing(n: number): boolean {
    const { tree, meanings } = this;
    let root = tree.kid[n]!;
    for (let links = 0; tree.kind[root] === node.member || tree.kind[root] === node.index; links++) {
      // Each link of a chain asks: without an end to it, a chain of a million would take for ever.
      if (links > LONGEST_CHAIN) return false;
      root = tree.kid[root]!;
    }
    if (tree.kind[root] !== node.identifier) return true;
    for (const meaning of meanings.of(root)) if (meaning.kind === "ref") return true;
    return false;
  }

  #identifier(n: number): void {
    const { tree } = this;
    const up = tree.kind[tree.up[n]!]!;
    if (tree.up[n] === 0 || up === node.specifier) return;
    if (up !== node.spread && up !== node.forIn && !this.#named.has(tree.aux[n]!)) return;
    const name = tree.nameOf(n);
    const capability = referenceMeaning(name);
    if (capability !== null && tree.resolve(tree.scope[n]!, tree.aux[n]!) === 0) this.#see(capability, name, n, name);
    if (up === node.spread || (up === node.forIn && tree.kid[tree.up[n]!] !== n))
      for (const meaning of this.meanings.of(n))
        if (meaning.kind === "ref" && meaning.path === "process.env")
          this.#see("environment-whole", "spread", n, "process.env", meaning.concealed);
  }

  #declarator(n: number): void {
    const { tree, meanings } = this;
    const target = tree.kid[n]!;
    if (tree.kind[target] !== node.object || tree.next[target] === 0) return;
    for (const meaning of meanings.of(tree.next[target]!)) {
      if (meaning.kind !== "ref" || meaning.path !== "process.env") continue;
      for (let kid = tree.kid[target]!; kid !== 0; kid = tree.next[kid]!) {
        if (tree.kind[kid] === node.spread) {
          this.#see("environment-whole", "rest", kid, "process.env");
          continue;
        }
        const name = meanings.keyOf(kid);
        const capability = variableCapability(name);
        this.#see("environment", name, kid, "process.env");
        if (capability !== "environment") this.#see(capability, name, kid, "process.env");
      }
    }
  }

  // ---- hooks

  #assign(n: number): void {
    const { tree, meanings } = this;
    const target = tree.kid[n]!;
    const kind = tree.kind[target]!;
    if (kind !== node.member && kind !== node.index) {
      // fetch = …, of a global that nobody declares.
      if (kind === node.identifier && tree.resolve(tree.scope[target]!, tree.aux[target]!) === 0) this.#hook(meanings.of(target), n);
      return;
    }
    if (!this.#worthFollowing(target)) return;
    this.#hook(meanings.of(target), n);
    const name = kind === node.member ? tree.nameOf(target) : "";
    if (name === "src" || name === "href" || name === "action") {
      const object = meanings.of(tree.kid[target]!);
      if (object.some((meaning) => meaning.kind === "ref" && (meaning.path === "Image#" || meaning.path === "location"))) {
        const value = tree.next[target]!;
        const sink = hostOf(meanings.pathOf(value) ?? "");
        this.#see("network", sink, n, "Image");
        this.#flow(this.flows.into(value), "network", sink, n, false);
      }
    }
  }

  #hook(value: Value, n: number): void {
    for (const meaning of value) {
      if (meaning.kind !== "ref") continue;
      const { path } = meaning;
      const root = /^[^.#(]+/.exec(path)?.[0] ?? "";
      const isModuleMember = path.startsWith("node:") && /^node:\w+\.\w+/.test(path) && !path.includes("(") && !path.includes("#");
      const isGlobal = hookable.has(root) && !path.includes("(") && !path.includes("#");
      const isStream =
        path === "process.stdout.write" || path === "process.stderr.write" || path === "process.emit" || path === "process.exit";
      const isData =
        /^(?:document|navigator|Error)\.(?!cookie$)/.test(path) &&
        !path.includes("prototype") &&
        !path.startsWith("Error.prepareStackTrace");
      if ((isGlobal && !isData) || isModuleMember || isStream) {
        if (path === "document.cookie") continue;
        // What they would themselves shadow, a polyfill or a variable of the name, reads the same: rules weigh the subject.
        this.#see("global-hook", path, n, root, meaning.concealed);
      }
    }
  }

  // ---- texts

  #text(n: number, hasAddress: boolean, sensitive: boolean): void {
    const { tree } = this;
    const start = tree.start[n]!;
    const length = tree.end[n]! - start;
    if (length < 6 || tree.up[n] === 0) return;
    if (length >= ENCODED_FROM) this.#encoded(n);
    if ((!hasAddress && !sensitive) || length > 4_096 || ++this.#texts > MOST_TEXTS) return;
    const raw = tree.text.slice(start, tree.end[n]!);
    const written = raw.includes("\\") ? textOfSource(raw) : raw;
    if (written.includes("://")) gatherHosts(written, this.#gatherer, () => this.#spot(n), !raw.includes("://"));
    if (!sensitive || length > 302) return;
    const plain = tree.kind[n] === node.text ? written.slice(1, -1) : written;
    const capability = pathCapability(plain);
    if (capability !== null) this.#see(capability, plain, n, "text", !raw.includes(plain));
  }

  #encoded(n: number): void {
    const { tree } = this;
    const start = tree.start[n]!;
    const end = tree.end[n]!;
    const head = tree.text.slice(start + 1, Math.min(end - 1, start + 401));
    if (/^(?:data:|https?:|[\w-]+\/[\w.+-]+;)/.test(head)) return;
    if ((head.match(/\s/g)?.length ?? 0) > 2) return;
    const bits = bitsOf(tree.text.slice(start + 1, Math.min(end - 1, start + 4_096)));
    if (bits > ENCODED_BITS)
      this.#gatherer.hide("encoded-text", `${end - start - 2} characters, ${bits.toFixed(1)} bits each`, this.#spot(n));
  }

  // ---- disguise and sabotage

  /** A function that is called with numbers and fetches from a table of texts. */
  #tableCall(n: number, callee: number): void {
    const { tree, meanings } = this;
    const argument = tree.next[callee]!;
    if (argument === 0 || (tree.kind[argument] !== node.number && tree.kind[argument] !== node.text)) return;
    const binding = tree.resolve(tree.scope[callee]!, tree.aux[callee]!);
    if (binding === 0) return;
    const known = this.#tables.get(binding);
    if (known !== undefined) {
      known.calls++;
      return;
    }
    const fetches = meanings
      .ofBinding(binding)
      .some((meaning) => meaning.kind === "node" && tree.kind[meaning.node] === node.function && this.#fetchesText(meaning.node));
    this.#tables.set(binding, { calls: fetches ? 1 : Number.NEGATIVE_INFINITY, first: n });
  }

  #fetchesText(callee: number): boolean {
    const { tree, meanings } = this;
    const open = [callee];
    for (let parts = 0; open.length > 0 && parts < 400; parts++) {
      const n = open.pop()!;
      if (tree.kind[n] === node.index) {
        const items = meanings.items(meanings.of(tree.kid[n]!));
        if (items.length >= TABLE_TEXTS && items.filter((item) => item.some(({ kind }) => kind === "text")).length >= items.length / 2)
          return true;
      }
      for (let kid = tree.kid[n]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
    return false;
  }

  /** `while (true)` and `for (;;)` with nothing within that could leave it. */
  #loop(n: number): void {
    const { tree } = this;
    if (tree.up[n] === 0) return;
    const kind = tree.kind[n]!;
    const test = kind === node.for ? tree.kidAt(n, 1) : kind === node.doWhile ? tree.kidAt(n, 1) : tree.kid[n]!;
    const body = kind === node.for ? tree.kidAt(n, 3) : kind === node.doWhile ? tree.kid[n]! : tree.kidAt(n, 1);
    const source = this.#source(test);
    const endless =
      tree.kind[test] === node.empty ||
      source === "true" ||
      source === "!0" ||
      (tree.kind[test] === node.number && Number(source) !== 0) ||
      // A bound that no counter reaches.
      (kind === node.for && /[<>]=?\s*Infinity$/.test(source));
    if (!endless) return;
    const open = [body];
    while (open.length > 0) {
      const at = open.pop()!;
      const inner = tree.kind[at]!;
      if (inner === node.break || inner === node.return || inner === node.throw || inner === node.yield || inner === node.await) return;
      if (inner === node.function || inner === node.class) continue;
      for (let kid = tree.kid[at]!; kid !== 0; kid = tree.next[kid]!) open.push(kid);
    }
    // Something within may throw or end the process; without any call there is nothing that could.
    this.#see("endless-loop", "", n, "loop");
  }
}

/** Shannon entropy, bits per character. */
function bitsOf(text: string): number {
  const counts = new Map<number, number>();
  for (let at = 0; at < text.length; at++) counts.set(text.charCodeAt(at), (counts.get(text.charCodeAt(at)) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** The host of an address; what is no address is taken as a host where it could be one. */
function hostOf(address: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s]+)/i.exec(address);
  if (match !== null) return match[1]!.toLowerCase();
  return /^[a-z0-9*-]+(?:\.[a-z0-9*-]+)+$/i.test(address) || address === "localhost" ? address.toLowerCase() : "";
}

/** The program that a command line starts. */
function programOf(command: string): string {
  return /^\s*([^\s;&|]+)/.exec(command)?.[1]?.slice(0, 80) ?? "";
}
