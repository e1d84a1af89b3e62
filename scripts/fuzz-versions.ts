/**
 * `npm run fuzz:versions -- [--pairs N] [--only NAME,…] [--seed N] [--show N]`
 *
 * Holds our version orders against each ecosystem's own comparator, where one is installed: dpkg, rpm, libalpm (Python's ctypes),
 * Ruby's Gem::Version, PHP's version_compare, Python's packaging (pip's copy), Maven's jar, node-semver. Random and mutated pairs go
 * through one process per comparator as lines "a TAB b"; it answers -1, 0, 1, or E where it refuses one of the two. Helper programs
 * are written into a scratch folder. On Debian:
 *
 *     apt-get install ruby php-cli rpm libalpm13 default-jdk-headless libmaven3-core-java gcc libdpkg-dev
 *
 * The exit status is 1 where a difference is left that nobody has explained.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import semver from "semver";
import { orderOf, orderOfScheme } from "../src/versions/index.ts";
import { maven387Order } from "../src/versions/maven.ts";
import type { Order } from "../src/versions/order.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "1000000" },
    only: { type: "string" },
    seed: { type: "string", default: "20261123" },
    show: { type: "string", default: "20" },
  },
});
const PAIRS = Number(values.pairs);
const SHOW = Number(values.show);
/** Pairs per file that goes to a comparator: some ten megabytes. */
const BATCH = 250_000;
/** How many times as many pairs as asked for are made at most, because comparators refuse some. */
const MOST_ATTEMPTS = 8;

const scratch = mkdtempSync(join(tmpdir(), "tributary-fuzz-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** A small generator with a seed (mulberry32): the same seed gives the same pairs on every machine. */
let state = Number(values.seed) >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}
const below = (bound: number): number => Math.floor(random() * bound);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
const maybe = (chance: number, text: () => string): string => (random() < chance ? text() : "");
const times = (most: number, text: () => string): string => Array.from({ length: below(most + 1) }, text).join("");

const SMALL = ["0", "0", "1", "1", "2", "3", "9", "10", "11", "99", "00", "01", "010", "2019"];
const number = (): string => (random() < 0.93 ? pick(SMALL) : String(below(1_000_000_000)));
const plainNumber = (): string => (random() < 0.95 ? String(below(12)) : String(below(1_000_000)));
/** Beyond 64 bits. */
const huge = (): string => (random() < 0.98 ? number() : `${1 + below(9)}${"0123456789".repeat(3).slice(0, 18 + below(8))}`);
const dotted = (part: () => string, most = 4): string => Array.from({ length: 1 + below(most) }, part).join(".");

interface Comparator {
  readonly name: string;
  readonly order: Order;
  /** One version of the ecosystem's kind, right or nearly right. */
  readonly make: () => string;
  /** Characters that a mutation puts in. */
  readonly alphabet: string;
  /** The command that reads pairs and writes answers; null where it is not installed. */
  readonly command: () => readonly string[] | null;
  /** Answers without a process. */
  readonly inProcess?: (a: string, b: string) => string;
  /** Why the two may differ for this pair, or "". */
  readonly explain?: (a: string, b: string) => string;
}

const write = (name: string, text: string): string => {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
};

function runs(command: string, ...parameters: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: "ignore" }).status === 0;
}

const MAVEN_JARS = ["/usr/share/java/maven3-artifact.jar", "/usr/share/java/commons-lang3.jar"];

const MAVEN_PROGRAM = `
import java.io.*;
import java.nio.charset.StandardCharsets;
import org.apache.maven.artifact.versioning.ComparableVersion;
public class Compare {
  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16));
    for (String line; (line = in.readLine()) != null; ) {
      String[] pair = line.split("\\t", -1);
      out.println(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))));
    }
    out.flush();
  }
}
`;

/** dpkg's own library; `dpkg --compare-versions` would need a process for each pair. */
const DPKG_PROGRAM = `
#include <stdio.h>
#include <string.h>
#define LIBDPKG_VOLATILE_API 1
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/error.h>
int main(void) {
  static char line[65536];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\\n")] = 0;
    char *b = strchr(line, '\\t');
    *b++ = 0;
    struct dpkg_version x, y;
    struct dpkg_error err = DPKG_ERROR_INIT;
    int refused = parseversion(&x, line, &err) < 0 && err.type != DPKG_MSG_WARN;
    refused |= parseversion(&y, b, &err) < 0 && err.type != DPKG_MSG_WARN;
    int order = refused ? 0 : dpkg_version_compare(&x, &y);
    puts(refused ? "E" : order < 0 ? "-1" : order > 0 ? "1" : "0");
  }
  return 0;
}
`;

const RUBY_PROGRAM = `
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\\t", -1)
  if Gem::Version.correct?(a) && Gem::Version.correct?(b)
    puts(Gem::Version.new(a) <=> Gem::Version.new(b))
  else
    puts "E"
  end
end
`;

/** Composer takes the leading "v" off before PHP compares. */
const PHP_PROGRAM = `<?php
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\\t", rtrim($line, "\\n"));
  echo version_compare(preg_replace('/^[vV]/', '', $a), preg_replace('/^[vV]/', '', $b)), "\\n";
}
`;

const PYTHON_PROGRAM = `
import sys
try:
    from pip._vendor.packaging.version import Version, InvalidVersion
except ImportError:
    from packaging.version import Version, InvalidVersion
out = []
for line in sys.stdin:
    a, b = line.rstrip("\\n").split("\\t")
    try:
        x, y = Version(a), Version(b)
    except InvalidVersion:
        out.append("E")
        continue
    out.append("-1" if x < y else "1" if x > y else "0")
sys.stdout.write("\\n".join(out) + "\\n")
`;

const ALPM_PROGRAM = `
import sys, ctypes, ctypes.util
alpm = ctypes.CDLL(ctypes.util.find_library("alpm") or "libalpm.so.13")
compare = alpm.alpm_pkg_vercmp
compare.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
if len(sys.argv) > 1:
    sys.exit(0)
out = []
for line in sys.stdin.buffer:
    a, b = line.rstrip(b"\\n").split(b"\\t")
    out.append(str(compare(a, b)))
sys.stdout.write("\\n".join(out) + "\\n")
`;

const RPM_PROGRAM = `%{lua:
for line in io.lines() do
  local at = string.find(line, "\\t", 1, true)
  io.stdout:write(rpm.vercmp(string.sub(line, 1, at - 1), string.sub(line, at + 1)), "\\n")
end
}`;

function required(ecosystem: string): Order {
  const order = orderOf(ecosystem) ?? orderOfScheme(ecosystem);
  if (order === null) throw new Error(`no order for ${ecosystem}`);
  return order;
}

const MAVEN_WORDS = [
  "alpha",
  "beta",
  "a",
  "b",
  "m",
  "milestone",
  "rc",
  "cr",
  "RC",
  "SNAPSHOT",
  "ga",
  "final",
  "release",
  "sp",
  "x",
  "foo",
  "jre",
  "Final",
];
const PHP_WORDS = ["dev", "alpha", "a", "beta", "b", "RC", "rc", "pl", "p", "foo", "x", "patch"];
const PEP_WORDS = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev"];

const pepSuffix = (words: readonly string[]): string =>
  pick(["", ".", "-", "_"]) + pick(words) + maybe(0.2, () => pick([".", "-"])) + maybe(0.8, number);

const comparators: readonly Comparator[] = [
  {
    name: "debian",
    order: required("Debian"),
    alphabet: "0019azAZ.+~-:",
    make: () =>
      maybe(0.2, () => `${number()}:`) +
      huge() +
      times(4, () => pick([".", "~", "+", "a", "rc", "-", "dfsg", "~~", "git"]) + maybe(0.8, number)) +
      maybe(0.5, () => `-${number()}${maybe(0.4, () => pick(["ubuntu1", "+deb12u1", "~bpo", ".1"]))}`),
    command: () => {
      const program = join(scratch, "compare-dpkg");
      return runs("cc", "-o", program, write("compare.c", DPKG_PROGRAM), "-ldpkg") ? [program] : null;
    },
  },
  {
    name: "rpm",
    order: required("Red Hat"),
    alphabet: "0019azAZ.+~^-:_",
    make: () =>
      maybe(0.2, () => `${number()}:`) +
      huge() +
      times(4, () => pick([".", "~", "^", "a", "rc", "_", "git", "~~", "+"]) + maybe(0.8, number)) +
      maybe(0.5, () => `-${number()}.${pick(["el8", "fc39", "el8_5", "module+el8"])}`),
    command: () => (runs("rpm", "--eval", "%{lua:print(rpm.vercmp('1','2'))}") ? ["rpm", "--eval", RPM_PROGRAM] : null),
  },
  {
    name: "alpm",
    order: required("alpm"),
    alphabet: "0019azAZ.+-:_",
    make: () =>
      maybe(0.2, () => `${number()}:`) +
      huge() +
      times(4, () => pick([".", "a", "rc", "_", "git", "+", "..", "beta"]) + maybe(0.8, number)) +
      maybe(0.5, () => `-${number()}`),
    command: () => {
      const program = write("alpm.py", ALPM_PROGRAM);
      return runs("python3", program, "probe") ? ["python3", program] : null;
    },
  },
  {
    name: "rubygems",
    order: required("RubyGems"),
    alphabet: "0019abz.-",
    make: () =>
      dotted(huge) +
      times(2, () => pick([".", "."]) + pick(["a", "b", "rc", "pre", "beta", "alpha", "x", "B"]) + maybe(0.6, number)) +
      maybe(0.1, () => `-${pick(["1", "java", "x86"])}`),
    command: () => (runs("ruby", "-e", "Gem::Version") ? ["ruby", write("compare.rb", RUBY_PROGRAM)] : null),
  },
  {
    name: "packagist",
    order: required("Packagist"),
    alphabet: "0019abpv.-_+",
    make: () =>
      maybe(0.2, () => "v") +
      dotted(number) +
      times(2, () => pick(["-", ".", "", "_", "+"]) + pick(PHP_WORDS) + maybe(0.3, () => ".") + maybe(0.7, number)),
    explain: (a, b) =>
      [a, b].some((version) => /^[vV]?(?:[^0-9A-Za-z]|$)|[^0-9A-Za-z]$/.test(version))
        ? "a separator at an end: PHP has no order there (version_compare puts '1.' below itself); nothing but 'v': we refuse it"
        : "",
    command: () => (runs("php", "-r", "version_compare('1','2');") ? ["php", write("compare.php", PHP_PROGRAM)] : null),
  },
  {
    name: "pypi",
    order: required("PyPI"),
    alphabet: "0019abcrv.-_+!",
    make: () =>
      maybe(0.1, () => "v") +
      maybe(0.1, () => `${number()}!`) +
      dotted(huge) +
      (random() < 0.9
        ? maybe(0.4, () => pepSuffix(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"])) +
          maybe(0.3, () => pepSuffix(["post", "rev", "r"])) +
          maybe(0.3, () => pepSuffix(["dev"]))
        : times(3, () => pepSuffix(PEP_WORDS))) +
      maybe(0.05, () => `-${number()}`) +
      maybe(0.15, () => `+${pick(["local", "ubuntu", "1", "abc.1", "1.abc", "a-1_2"])}`),
    command: () =>
      runs("python3", "-c", "import pip._vendor.packaging.version") || runs("python3", "-c", "import packaging.version")
        ? ["python3", write("compare.py", PYTHON_PROGRAM)]
        : null,
  },
  {
    name: "maven",
    // The jar that Debian has follows other rules for ".X" than the specification and the tests of OSV and VERS; ours is compared
    // under those rules. What the two sets of rules share is the whole of the parser and of the comparison.
    order: maven387Order,
    alphabet: "0019abmx.-_",
    make: () =>
      dotted(huge) +
      times(
        3,
        () =>
          pick(["-", ".", "", "_", "--"]) + pick([...MAVEN_WORDS, "1", "0", "2"]) + maybe(0.3, () => pick(["-", "."])) + maybe(0.6, number),
      ),
    command: () => {
      if (!MAVEN_JARS.every((jar) => existsSync(jar)) || !runs("javac", "-version")) return null;
      write("Compare.java", MAVEN_PROGRAM);
      const classpath = [...MAVEN_JARS, scratch].join(":");
      execFileSync("javac", ["-cp", classpath, join(scratch, "Compare.java")], { stdio: "inherit" });
      return ["java", "-cp", classpath, "Compare"];
    },
  },
  {
    name: "npm",
    order: required("npm"),
    alphabet: "0019abv.-+",
    make: () =>
      maybe(0.1, () => "v") +
      [plainNumber(), plainNumber(), plainNumber()].join(".") +
      maybe(0.5, () => `-${dotted(() => pick(["0", "1", "10", "a", "alpha", "beta", "rc", "x-y", "A", "-", "1a"]))}`) +
      maybe(0.1, () => `+${pick(["build", "1.2"])}`),
    command: () => null,
    explain: (a, b) =>
      [a, b].some((version) => /^[v=\s]*\d+\.\d+\.\d+\./.test(version))
        ? "a fourth number: node-semver, read loosely, cuts the third one in two (1.2.13.4 is 1.2.1-3.4 to it); we compare the fourth"
        : "",
    inProcess: (a, b) => {
      try {
        return String(semver.compare(a, b, true));
      } catch {
        return "E";
      }
    },
  },
];

/** One to three small changes: neighbours are where comparisons go wrong. */
function mutate(version: string, alphabet: string): string {
  let text = version;
  for (let round = 1 + below(3); round > 0; round -= 1) {
    const at = below(text.length + 1);
    const kind = below(4);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + 1);
    else if (kind === 1) text = text.slice(0, at) + pick([...alphabet]) + text.slice(at);
    else if (kind === 2) text = text.slice(0, at) + pick([...alphabet]) + text.slice(at + 1);
    else text = text.slice(0, at) + text.slice(Math.max(0, at - 2), at) + text.slice(at);
  }
  return text;
}

function pair(comparator: Comparator): readonly [string, string] {
  for (;;) {
    const a = random() < 0.85 ? comparator.make() : mutate(comparator.make(), comparator.alphabet);
    const b = random() < 0.55 ? mutate(a, comparator.alphabet) : comparator.make();
    if (a !== "" && b !== "" && a.length < 200 && b.length < 200) return [a, b];
  }
}

function ours(order: Order, a: string, b: string): string {
  if (!order.valid(a) || !order.valid(b)) return "E";
  return String(Math.sign(order.compare(a, b)));
}

function answers(command: readonly string[], pairs: readonly (readonly [string, string])[]): readonly string[] {
  const input = write("pairs.txt", pairs.map(([a, b]) => `${a}\t${b}\n`).join(""));
  const from = openSync(input, "r");
  const to = openSync(join(scratch, "answers.txt"), "w");
  const { status, stderr } = spawnSync(command[0] ?? "", command.slice(1), { stdio: [from, to, "pipe"], maxBuffer: 1 << 28 });
  closeSync(from);
  closeSync(to);
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${stderr.toString().slice(0, 500)}`);
  return readFileSync(join(scratch, "answers.txt"), "utf8").split("\n");
}

interface Tally {
  compared: number;
  refusedByBoth: number;
  refusedByTheirs: number;
  explained: number;
  unexplained: number;
}

function compareAll(comparator: Comparator, command: readonly string[] | null): Tally {
  const tally: Tally = { compared: 0, refusedByBoth: 0, refusedByTheirs: 0, explained: 0, unexplained: 0 };
  // Pairs that the comparator refuses do not count, but there is an end to it.
  for (let made = 0; tally.compared < PAIRS && made < PAIRS * MOST_ATTEMPTS;) {
    const pairs = Array.from({ length: Math.min(BATCH, PAIRS - tally.compared) }, () => pair(comparator));
    made += pairs.length;
    const theirs = command === null ? pairs.map(([a, b]) => comparator.inProcess?.(a, b) ?? "E") : answers(command, pairs);
    for (const [index, [a, b]] of pairs.entries()) {
      const answer = theirs[index] ?? "";
      const mine = ours(comparator.order, a, b);
      if (answer !== "E") tally.compared += 1;
      if (answer === mine) tally.refusedByBoth += answer === "E" ? 1 : 0;
      // We read more than most comparators do: what they refuse still needs a place.
      else if (answer === "E") tally.refusedByTheirs += 1;
      else if ((comparator.explain?.(a, b) ?? "") !== "") {
        tally.explained += 1;
        reasons.add(comparator.explain?.(a, b) ?? "");
      } else {
        tally.unexplained += 1;
        if (tally.unexplained <= SHOW)
          console.log(`  ${comparator.name}: ${JSON.stringify(a)} ${JSON.stringify(b)}: ours ${mine}, theirs ${answer.slice(0, 40)}`);
      }
    }
  }
  return tally;
}

const reasons = new Set<string>();
let unexplained = 0;
const only = values.only?.split(",");
for (const comparator of comparators) {
  if (only !== undefined && !only.includes(comparator.name)) continue;
  const command = comparator.command();
  if (command === null && comparator.inProcess === undefined) {
    console.log(`${comparator.name}: not run, its comparator is not installed`);
    continue;
  }
  const started = performance.now();
  const tally = compareAll(comparator, command);
  unexplained += tally.unexplained;
  const notes = [
    `${tally.refusedByBoth} refused by both`,
    `${tally.refusedByTheirs} refused by theirs only`,
    ...(tally.explained > 0 ? [`${tally.explained} explained`] : []),
    `${((performance.now() - started) / 1000).toFixed(1)} s`,
  ];
  console.log(`${comparator.name}: ${tally.compared} pairs compared, ${tally.unexplained} unexplained differences (${notes.join(", ")})`);
}
for (const reason of reasons) console.log(`explained: ${reason}`);
process.exitCode = unexplained > 0 ? 1 : 0;
