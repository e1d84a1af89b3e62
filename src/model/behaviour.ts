/**
 * What code can do, in words that every language shares. A file's facts are a pure function of its bytes and its language, so they are kept
 * by content hash; a package's facts add what only the whole package shows (what runs by itself, which files that reaches, which
 * dependencies no code asks for); a package's change is the difference of two, and the difference is the product: what the release before
 * could do as well is context, what is new is news.
 *
 *     bytes -> FileFacts -> PackageFacts -> PackageChange -> findings
 *
 * Nothing here depends on the order in which files are met, and no list is cut in silence: where there are more places than are kept, the
 * count says so.
 */
import type { PackageManifest } from "./evidence.ts";

/** Stands in every key under which facts are kept: one more whenever the analysis of any language sees something else in the same bytes. */
export const behaviourVersion = 12;

/** Stands beside every kept change: one more whenever the comparison of the same facts comes to something else. */
export const changeForm = 3;

export type Capability =
  | "network"
  | "dns"
  | "listen"
  | "process"
  | "file-read"
  | "file-write"
  | "file-delete"
  | "home"
  | "credential-file"
  | "credential-variable"
  | "environment"
  | "environment-whole"
  | "ci"
  | "system"
  | "locale"
  | "dynamic-code"
  | "dynamic-import"
  | "native"
  | "wasm"
  | "inspector"
  | "global-hook"
  | "clipboard"
  | "wallet"
  | "browser-data"
  | "user-input"
  | "propagation"
  | "persistence"
  | "endless-loop";

/** What rules and reports group capabilities by. */
export type CapabilityFamily =
  | "network"
  | "process"
  | "files"
  | "credentials"
  | "environment"
  | "code"
  | "hooks"
  | "user"
  | "propagation"
  | "sabotage";

/** Every capability, with the family that rules and reports group by, and what it lets code do. */
export const capabilities: Readonly<Record<Capability, { readonly family: CapabilityFamily; readonly title: string }>> = {
  network: { family: "network", title: "opens network connections" },
  dns: { family: "network", title: "looks names up in the DNS" },
  listen: { family: "network", title: "accepts network connections" },
  process: { family: "process", title: "starts other programs" },
  "file-read": { family: "files", title: "reads files" },
  "file-write": { family: "files", title: "writes files" },
  "file-delete": { family: "files", title: "deletes files" },
  home: { family: "files", title: "looks into the user's home folder" },
  "credential-file": { family: "credentials", title: "names files that hold credentials" },
  "credential-variable": { family: "credentials", title: "reads environment variables that hold credentials" },
  environment: { family: "environment", title: "reads environment variables" },
  "environment-whole": { family: "environment", title: "takes the whole environment" },
  ci: { family: "environment", title: "asks whether it runs in continuous integration" },
  system: { family: "environment", title: "asks who and where the machine is" },
  locale: { family: "environment", title: "asks for the country, language or time zone" },
  "dynamic-code": { family: "code", title: "runs text as code" },
  "dynamic-import": { family: "code", title: "loads modules whose name is made at run time" },
  native: { family: "code", title: "loads native code" },
  wasm: { family: "code", title: "runs WebAssembly" },
  inspector: { family: "code", title: "drives the debugger or the engine's internals" },
  "global-hook": { family: "hooks", title: "replaces functions that others rely on" },
  clipboard: { family: "user", title: "uses the clipboard" },
  wallet: { family: "user", title: "reaches for cryptocurrency wallets" },
  "browser-data": { family: "user", title: "reads cookies, storage or browser profiles" },
  "user-input": { family: "user", title: "records keys, the screen, the camera or the microphone" },
  propagation: { family: "propagation", title: "publishes packages, pushes commits or writes workflow files" },
  persistence: { family: "propagation", title: "arranges to be started again" },
  "endless-loop": { family: "sabotage", title: "loops without an end" },
};

/** Where in a file, with the evidence itself. */
export interface Spot {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
  /** The source at that place, one line, clipped to what a person can read; control and invisible characters escaped (`\u{202e}`). */
  readonly text: string;
  /** The nearest named functions and classes around it, outermost first, joined by `.`; "" at the top of the file. */
  readonly scope: string;
}

/** One thing that a file can do. Two with the same capability and subject are one sighting with two spots. */
export interface Sighting {
  readonly capability: Capability;
  /**
   * To what, as far as the code says it: the host (`api.example`), the program (`curl`), the variable (`NPM_TOKEN`), the path
   * (`~/.ssh/id_rsa`), the function (`eval`, `fetch`). "" where it is decided at run time.
   */
  readonly subject: string;
  /** Through what: the module or global, in its canonical spelling (`node:child_process`, `fetch`, `process.env`). */
  readonly through: string;
  /** Runs when the file is loaded (`load`), or only when somebody calls a function of it (`call`). `load` where any spot does. */
  readonly when: "load" | "call";
  /** The name was not written down: it was pieced together, decoded, or taken through a detour that honest code has no use for. */
  readonly concealed: boolean;
  /** How many there are; `spots` holds the first of them in the order of the file. */
  readonly count: number;
  readonly spots: readonly Spot[];
}

/** What flows besides what a capability yields. */
export const flowOrigins = {
  "encoded-text": "encoded text",
  argument: "what a function is given that answers with something else",
  date: "a date that the source names",
  pinned: "what is fetched and held against a digest that the release names",
} as const;

/**
 * What one capability yields reaches another: the environment goes to the network, a download is run. The strongest sign there
 * is, since honest releases seldom have it.
 */
export interface Flow {
  readonly from: Capability | keyof typeof flowOrigins;
  readonly to: Capability;
  /** What flows and where to, in words of the sightings: `NPM_TOKEN`, `api.example`. "" where unknown. */
  readonly source: string;
  readonly sink: string;
  readonly spot: Spot;
}

export type HidingKind =
  | "encoded-text"
  | "escaped-text"
  | "machine-names"
  | "text-array"
  | "off-screen"
  | "invisible-characters"
  | "bidirectional-characters"
  | "look-alike-characters"
  | "concealed-name"
  | "self-inspection"
  | "minified"
  | "kind-mismatch"
  | "executable-content"
  | "binary-test-data"
  | "packed-content"
  | "unparsed"
  | "unread";

/** Ways to keep a reader from seeing what code does. */
export const hidings: Readonly<Record<HidingKind, string>> = {
  "encoded-text": "a long text of high entropy, as encoded or encrypted payloads are",
  "escaped-text": "text written as escapes though its characters could be written",
  "machine-names": "names as obfuscators make them",
  "text-array": "texts moved into a table and fetched from it by number, as obfuscators do",
  "off-screen": "code behind so many blanks that it lies beyond the screen's edge",
  "invisible-characters": "characters that are not shown",
  "bidirectional-characters": "characters that reorder what is shown",
  "look-alike-characters": "letters of another script within a name",
  "concealed-name": "the name of a capability pieced together or decoded",
  "self-inspection": "code that reads its own source or sets traps for debuggers",
  minified: "source that a person cannot read",
  "kind-mismatch": "a file that is not of the kind that its name says",
  "executable-content": "an executable or library for a machine",
  "binary-test-data": "binary data among tests or samples",
  "packed-content": "content of such entropy that it is packed or encrypted",
  unparsed: "source that no parser understands",
  unread: "source that was not read",
};

export interface Hiding {
  readonly kind: HidingKind;
  /** The measure behind it, in words: "1,204 characters, 5.9 bits each". */
  readonly detail: string;
  readonly count: number;
  readonly spots: readonly Spot[];
}

/** A module, package or file that source asks for. */
export interface ImportFact {
  /** As written, or as far as it could be worked out: `./lib/a.js`, `node:fs`, `@scope/name/sub`. "" where it is made at run time. */
  readonly specifier: string;
  readonly how: "static" | "require" | "dynamic" | "resolve" | "include";
  /** For types only, gone at run time. */
  readonly typeOnly: boolean;
  readonly spot: Spot;
}

/** How well a file was read: `tree` by a parser, `tokens` by a tokenizer, `bytes` only as a row of bytes, `none` not at all. */
export type Depth = "tree" | "tokens" | "bytes" | "none";

export type Language =
  | "javascript"
  | "typescript"
  | "json"
  | "python"
  | "ruby"
  | "shell"
  | "powershell"
  | "batch"
  | "rust"
  | "php"
  | "perl"
  | "lua"
  | "go"
  | "c"
  | "java"
  | "css"
  | "html"
  | "xml"
  | "yaml"
  | "toml"
  | "make"
  | "autoconf"
  | "cmake"
  | "gyp"
  | "markdown"
  | "text"
  | "binary"
  | "other";

/** Figures that show what kind of text it is; they say nothing alone, their change between two releases does. */
export interface FileShape {
  readonly lines: number;
  /** UTF-16 units. */
  readonly longestLine: number;
  /** Bits per byte, 0 to 8, to two places. */
  readonly entropy: number;
  readonly minified: boolean;
}

/** Everything that is said of a file from its bytes alone. Lists are sorted, so that the same bytes give the same facts. */
export interface FileFacts {
  /** Hexadecimal, of the bytes. */
  readonly sha256: string;
  readonly size: number;
  readonly language: Language;
  /** What the bytes themselves say they are, where they say it: `elf`, `pe`, `mach-o`, `wasm`, `zip`, `gzip`, `png`; "" for text and unknown. */
  readonly magic: string;
  readonly depth: Depth;
  /** Why it was not read as well as its language could be; "" where it was. */
  readonly because: string;
  readonly shape: FileShape;
  /** By capability, subject, through. */
  readonly sightings: readonly Sighting[];
  readonly flows: readonly Flow[];
  readonly hidings: readonly Hiding[];
  /** Hosts of the addresses that stand in texts of the code, whether or not a call uses them; sorted, once each. */
  readonly hosts: readonly HostFact[];
  readonly imports: readonly ImportFact[];
}

export interface HostFact {
  /** Lower case, without port; IPv6 in brackets. */
  readonly host: string;
  /** The address was pieced together or decoded. */
  readonly concealed: boolean;
  readonly spot: Spot;
}

/** Code that nobody calls and that runs all the same. */
export interface SelfRun {
  readonly trigger:
    | "npm-script"
    | "binding-gyp"
    | "bin-shadow"
    | "pth"
    | "setup-py"
    | "build-backend"
    | "build-script"
    | "proc-macro"
    | "gem-extension"
    | "make"
    | "configure"
    | "cmake"
    | "workflow"
    | "action"
    | "editor-task"
    | "manager-settings"
    | "git-hook"
    | "maintainer-script";
  /** What sets it off: installing the package, building it, starting the language at all, opening the folder, pushing to a repository. */
  readonly when: "install" | "build" | "start" | "open" | "ci" | "publish";
  /** `postinstall`, `targets[0].actions[0]`; "" where the file is all there is. */
  readonly name: string;
  /** The command or source as it stands there, clipped. */
  readonly command: string;
  /** The package's file that says so, relative to the package. */
  readonly file: string;
  readonly line: number;
  /** Files of the package that it reaches, through imports as well; sorted. */
  readonly reaches: readonly string[];
  /** What the command itself can do, without the files that it reaches. */
  readonly sightings: readonly Sighting[];
}

export interface DependencyFact {
  readonly name: string;
  /** As declared. */
  readonly wanted: string;
  readonly group: "runtime" | "optional" | "peer" | "build" | "development" | "bundled";
  /** A registry's release, or code from elsewhere. */
  readonly from: "registry" | "git" | "address" | "folder" | "alias";
  /** Whether code of the package, or a command that runs by itself, names it; `unknown` where not all source could be read. */
  readonly used: "yes" | "no" | "unknown";
  /** Where it is declared: a file of the package, "" where nobody knows, and its line from 1. */
  readonly file: string;
  readonly line: number;
}

export interface PackageFile {
  /** Relative to the package, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly facts: FileFacts;
}

/** Everything that is said of one release from its contents alone. */
export interface PackageFacts {
  /** purl, "" for a folder that says no name. */
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  /** npm only; null where there is none. */
  readonly manifest: PackageManifest | null;
  /** By path. */
  readonly files: readonly PackageFile[];
  readonly selfRuns: readonly SelfRun[];
  readonly dependencies: readonly DependencyFact[];
  /** Paths of tests, examples and what builds the package, to which nothing in it leads; sorted. */
  readonly asides: readonly string[];
  /** Paths of declarations of types that nothing loads as code; sorted. */
  readonly declarations: readonly string[];
  /** Paths of code with a loop without an end to which neither the package's own name, nor a program of it, nor an import leads; sorted. */
  readonly idle: readonly string[];
  /** Paths of code that opens a connection as soon as it is loaded, which nothing but its own name or that of a program loads; sorted. */
  readonly unloaded: readonly string[];
  /** What could not be read, and why: never dropped in silence. */
  readonly unread: readonly { readonly path: string; readonly because: string }[];
}

/**
 * How far news reaches: nothing in the package did it, nothing in this file, nothing in this function, or only not to this subject; `aside`: it
 * is new, but where nothing leads to, among tests, examples and what builds the package.
 */
export type NewsLevel = "package" | "file" | "function" | "subject" | "aside";

interface NewsBase {
  /** Path of the file in the new release; "" where it concerns the package as a whole. */
  readonly file: string;
  /** The self-run (trigger and name) that reaches the file, "" where none does. */
  readonly reachedBy: string;
  readonly level: NewsLevel;
}

/** One thing that the new release has and the old one has not. */
export type News = NewsBase &
  (
    | { readonly kind: "capability"; readonly sighting: Sighting }
    | { readonly kind: "flow"; readonly flow: Flow }
    | { readonly kind: "hiding"; readonly hiding: Hiding }
    | { readonly kind: "host"; readonly host: HostFact }
    | { readonly kind: "self-run"; readonly selfRun: SelfRun; readonly before: SelfRun | null }
    | { readonly kind: "dependency"; readonly dependency: DependencyFact; readonly before: DependencyFact | null }
    | { readonly kind: "file"; readonly detail: string }
    | { readonly kind: "collapse"; readonly detail: string }
  );

/** What stays out of the news because the release before had it too, counted by capability. */
export interface ChangeContext {
  readonly capability: Capability;
  readonly sightings: number;
}

export interface ChangedFile {
  readonly path: string;
  /** Where the same bytes, or nearly, lay before; "" where the path is the same or the file is new. */
  readonly movedFrom: string;
  readonly kind: "added" | "removed" | "changed" | "moved";
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What one release changes against another. */
export interface PackageChange {
  readonly before: { readonly purl: string; readonly version: string };
  readonly after: { readonly purl: string; readonly version: string };
  /** By path; unchanged ones are only counted. */
  readonly files: readonly ChangedFile[];
  readonly unchanged: number;
  /** The heaviest first, then by file and line. */
  readonly news: readonly News[];
  readonly context: readonly ChangeContext[];
  /** Files of either release that could not be read well enough to compare. */
  readonly unread: readonly { readonly path: string; readonly because: string }[];
}

/** The key under which a file's facts are kept. */
export const factsKey = (sha256: string, language: Language): string => `${behaviourVersion}/${language}/${sha256}`;
