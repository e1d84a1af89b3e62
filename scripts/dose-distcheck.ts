/**
 * Asks `dose-distcheck` (Debian's package of that name), a SAT solver for installability, what cannot be installed once a package is gone from
 * an index. It takes half a minute for a whole archive; most of that is spent on packages that the removal cannot touch. So it is handed two
 * files: in the *foreground*, which it judges, all that can reach the removed package by any alternative, and in the *background* what these
 * and the essential packages can reach. Nothing else can stand in an installation of them, or make a difference to one.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The fields that installability depends on: the rest of an index is two thirds of its bytes. */
const FIELDS = /^(?:Package|Version|Architecture|Multi-Arch|Essential|Pre-Depends|Depends|Provides|Conflicts|Breaks): /;
/** dose prints a few lines for each broken package. */
const MAX_REPORT = 2 ** 31 - 1;

interface Stanza {
  readonly name: string;
  readonly version: string;
  readonly text: string;
  readonly essential: boolean;
  /** Names that its relations mention, whichever alternative. */
  readonly asks: readonly string[];
  readonly provides: readonly string[];
}

/** An index as dose is asked about it. All versions of a name stand in it. */
export interface DoseIndex {
  readonly stanzas: readonly Stanza[];
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** By stanza: stanzas that could satisfy one of its relations, and the other way round. */
  readonly down: readonly (readonly number[])[];
  readonly up: readonly (readonly number[])[];
}

const namesIn = (field: string): readonly string[] =>
  field
    .split(/[,|]/)
    .map((term) => term.trim().split(/[\s:(]/, 1)[0] ?? "")
    .filter((name) => name !== "");

/** Reads an index (latin1) into what dose needs of it. */
export function doseIndex(text: string): DoseIndex {
  const stanzas: Stanza[] = [];
  for (const block of text.split(/\n{2,}/)) {
    const lines = block.split("\n").filter((line) => FIELDS.test(line));
    const field = (name: string): string =>
      lines
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
        .trim() ?? "";
    const name = field("Package");
    if (name === "") continue;
    stanzas.push({
      name,
      version: field("Version"),
      text: `${lines.join("\n")}\n\n`,
      essential: field("Essential") === "yes",
      asks: [...namesIn(field("Pre-Depends")), ...namesIn(field("Depends"))],
      provides: namesIn(field("Provides")),
    });
  }
  const byName = new Map<string, number[]>();
  const offered = new Map<string, number[]>();
  stanzas.forEach(({ name, provides }, stanza) => {
    note(byName, name, stanza);
    for (const one of new Set([name, ...provides])) note(offered, one, stanza);
  });
  const up: number[][] = stanzas.map(() => []);
  const down = stanzas.map(({ asks }, stanza) => {
    const targets = [...new Set(asks.flatMap((name) => offered.get(name) ?? []))];
    for (const target of targets) up[target]!.push(stanza);
    return targets;
  });
  return { stanzas, byName, down, up };
}

function note(table: Map<string, number[]>, key: string, stanza: number): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [stanza]);
  else list.push(stanza);
}

function closure(starts: Iterable<number>, rows: DoseIndex["down"]): Set<number> {
  const seen = new Set(starts);
  for (const stanza of seen) for (const next of rows[stanza]!) seen.add(next);
  return seen;
}

/** What dose said: `name version` of all that cannot be installed. */
export interface DoseAnswer {
  readonly broken: readonly string[];
  /** Packages judged, and in the whole universe. */
  readonly judged: number;
  readonly universe: number;
}

const scratch = mkdtempSync(join(tmpdir(), "tributary-dose-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

function run(index: DoseIndex, foreground: Iterable<number>, background: Iterable<number>, more: readonly string[]): string {
  const files = [
    ["--fg", join(scratch, "foreground"), foreground],
    ["--bg", join(scratch, "background"), background],
  ] as const;
  const flags: string[] = [];
  for (const [flag, file, chosen] of files) {
    const text = [...chosen]
      .toSorted((a, b) => a - b)
      .map((stanza) => index.stanzas[stanza]!.text)
      .join("");
    if (text === "") continue;
    writeFileSync(file, text, "latin1");
    flags.push(flag, `deb://${file}`);
  }
  // Nobody to judge: dose takes a background alone for no input at all.
  if (flags[0] !== "--fg") return "";
  try {
    return execFileSync("dose-distcheck", ["--quiet", "--deb-native-arch=amd64", "--failures", ...more, ...flags], {
      encoding: "latin1",
      maxBuffer: MAX_REPORT,
      stdio: ["ignore", "pipe", "inherit"],
    });
  } catch (error) {
    // It ends with 1 where something is broken: that is an answer.
    const { stdout, status } = error as { readonly stdout?: string; readonly status?: number };
    if (status !== 1 || stdout === undefined) throw error;
    return stdout;
  }
}

/** One reported package: from `package:` to the next. */
const reported = (report: string): readonly string[] => report.split(/^ {2}package: /m).slice(1);
const keyOf = (entry: string): string => `${/^\S+/.exec(entry)?.[0] ?? ""} ${/^ {2}version: (\S+)/m.exec(entry)?.[1] ?? ""}`;

/** What cannot be installed of the whole index. */
export function doseOfAll(index: DoseIndex): DoseAnswer {
  const all = index.stanzas.keys();
  const report = run(index, all, [], []);
  return { broken: reported(report).map(keyOf), judged: index.stanzas.length, universe: index.stanzas.length };
}

/** What a removal can touch: who is judged, and who can stand in their installations. */
export function touched(index: DoseIndex, name: string): { readonly judged: ReadonlySet<number>; readonly universe: ReadonlySet<number> } {
  const gone = index.byName.get(name) ?? [];
  const essentials = index.stanzas.flatMap(({ essential }, stanza) => (essential ? [stanza] : []));
  let judged = closure(gone, index.up);
  // Where an essential package may fall, everything may: dose installs those that there are with every package.
  if (essentials.some((stanza) => judged.has(stanza))) judged = new Set(index.stanzas.keys());
  const universe = closure([...judged, ...essentials], index.down);
  for (const stanza of gone) {
    judged.delete(stanza);
    universe.delete(stanza);
  }
  return { judged, universe };
}

/** What cannot be installed, among all that could need it, when a package is gone in all versions. */
export function doseWithout(index: DoseIndex, name: string): DoseAnswer {
  const { judged, universe } = touched(index, name);
  const report = run(
    index,
    judged,
    [...universe].filter((stanza) => !judged.has(stanza)),
    [],
  );
  return { broken: reported(report).map(keyOf), judged: judged.size, universe: universe.size };
}

/** The same question put to the whole index: half a minute, and a check of the short way. */
export function doseWithoutInFull(index: DoseIndex, name: string): DoseAnswer {
  const gone = new Set(index.byName.get(name));
  const rest = [...index.stanzas.keys()].filter((stanza) => !gone.has(stanza));
  return { broken: reported(run(index, rest, [], [])).map(keyOf), judged: rest.length, universe: rest.length };
}

/** dose's own reason for each of a few packages: what is missing, or which two conflict. */
export function doseReasons(index: DoseIndex, name: string, of: readonly string[]): ReadonlyMap<string, string> {
  const wanted = new Set(of);
  const { universe } = touched(index, name);
  const asked = [...universe].filter((stanza) => wanted.has(index.stanzas[stanza]!.name));
  const rest = [...universe].filter((stanza) => !wanted.has(index.stanzas[stanza]!.name));
  const report = run(index, asked, rest, ["--explain", "--explain-minimal"]);
  return new Map(
    reported(report).map((entry) => {
      const missing = /^\s+unsat-dependency: (.+)$/m.exec(entry)?.[1];
      const conflict = /^\s+pkg1:\n\s+package: (\S+)[^]*?^\s+pkg2:\n\s+package: (\S+)/m.exec(entry);
      const why =
        missing !== undefined
          ? `nothing satisfies ${missing}`
          : conflict === null
            ? "no reason"
            : `${conflict[1]} conflicts with ${conflict[2]}`;
      return [/^\S+/.exec(entry)?.[0] ?? "", why];
    }),
  );
}
