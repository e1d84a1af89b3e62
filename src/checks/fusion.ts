/**
 * Puts the families of signals together. Each signal brings the share of honest releases that show it as well; the rarer, the more bits of
 * surprise (-log2). A family counts by its rarest signal and at most so much that no family alone can block; what blocks is several
 * families, or code that runs by itself and carries secrets off or runs what it fetches. A release that is new in many honest ways (a major one)
 * is measured against other such releases.
 *
 *     news of the contents ──> signals ─┐
 *                                       ├─ by family ─> bits ─> nothing, note, review, block
 *     history of the package ─> signals ┘
 */
import type {
  Capability,
  Flow,
  News,
  PackageChange,
  ReleaseHistory,
  ReviewVerdict,
  ReviewWord,
  Signal,
  SignalFamily,
  Spot,
} from "../model/index.ts";
import { byCodeUnit, capabilities, flowOrigins, hidings, signalFamilies } from "../model/index.ts";
import { isElsewhere } from "./behaviour/analysis/compare-elsewhere.ts";
import { type Step, stepOf } from "./behaviour/analysis/compare-step.ts";
import { type Tier, isMachineCode, weighChange } from "./behaviour/analysis/compare-weigh.ts";
import { connectsAtLoad, runsAtHome } from "./behaviour/analysis/compare-whom.ts";
import { continuitySignals } from "./continuity/signals.ts";

/**
 * Shares of honest releases with each kind of news, by the step that the version takes: 500 pairs of consecutive versions of 100 npm
 * packages (287 patch, 164 minor, 49 major). A count of none is taken as one, so that nothing weighs more than was measured.
 */
export const contentRates: Readonly<Record<string, Readonly<Record<Step, number>>>> = {
  "behaviour/new-hook": { patch: 0.0035, minor: 0.006, major: 0.02 },
  "behaviour/new-project-hook": { patch: 0.01, minor: 0.02, major: 0.06 },
  "behaviour/changed-hook": { patch: 0.01, minor: 0.02, major: 0.06 },
  "behaviour/new-capability": { patch: 0.0035, minor: 0.006, major: 0.102 },
  "behaviour/new-capability-in-file": { patch: 0.007, minor: 0.012, major: 0.143 },
  "behaviour/new-secret-access": { patch: 0.0035, minor: 0.006, major: 0.061 },
  "behaviour/new-variable": { patch: 0.007, minor: 0.055, major: 0.061 },
  "behaviour/new-host": { patch: 0.0035, minor: 0.006, major: 0.061 },
  "behaviour/new-flow": { patch: 0.0035, minor: 0.006, major: 0.02 },
  "behaviour/new-hiding": { patch: 0.0035, minor: 0.006, major: 0.02 },
  "behaviour/less-readable": { patch: 0.01, minor: 0.02, major: 0.06 },
  "behaviour/new-dependency": { patch: 0.021, minor: 0.055, major: 0.184 },
  "behaviour/unused-dependency": { patch: 0.007, minor: 0.018, major: 0.041 },
  "behaviour/outside-dependency": { patch: 0.0035, minor: 0.006, major: 0.02 },
  "behaviour/young-dependency": { patch: 0.0035, minor: 0.006, major: 0.02 },
  "behaviour/collapse": { patch: 0.0035, minor: 0.006, major: 0.061 },
};

/** At most one honest release in this many may be blocked, or sent to a person, if the families were independent (-log2 0.05 %, 0.5 %). */
const BLOCK_BITS = 11;
/** One bit more than 0.5 %, because families are not wholly independent. */
const REVIEW_BITS = 8.6;
/** No family weighs more: one sign alone, however rare, is not known well enough to block. */
const MOST_BITS = 9;
/** What is out of line around the contents, in bits, to go with contents that ask for a look by themselves: one rare sign or two common ones. */
const AROUND_BITS = 6.5;
/** Circumstances by themselves ask for a look from here on (a newcomer after a long silence: 0.25 % of honest releases), each of at least so many bits. */
const AROUND_ALONE_BITS = 10;
const SECOND_BITS = 4;
/** From here on something is worth a line. */
const NOTE_BITS = 2;

const core: ReadonlySet<Capability> = new Set(["network", "dns", "listen", "process", "dynamic-code", "environment-whole", "native"]);
const grave: ReadonlySet<Capability> = new Set([
  "credential-file",
  "credential-variable",
  "global-hook",
  "clipboard",
  "wallet",
  "browser-data",
  "user-input",
  "propagation",
  "persistence",
  "endless-loop",
]);
const readable: ReadonlySet<string> = new Set([
  "minified",
  "unparsed",
  "binary-test-data",
  "packed-content",
  "executable-content",
  "kind-mismatch",
]);
/** What a command that only builds has no use for. */
const reachesOut: ReadonlySet<Capability> = new Set([
  "network",
  "dns",
  "credential-file",
  "credential-variable",
  "propagation",
  "persistence",
  "dynamic-code",
]);
const runsUnasked: ReadonlySet<string> = new Set(["install", "build", "start", "open", "ci"]);

/** The signals of what is new in the contents. */
export function contentSignals(change: PackageChange): readonly Signal[] {
  const step = stepOf(change.before.version, change.after.version);
  return change.news.flatMap((news): Signal[] => {
    const told = tellNews(news);
    const rate = told === null ? undefined : contentRates[told.id]?.[step];
    if (told === null || rate === undefined) return [];
    return [{ ...told, rate, file: news.file }];
  });
}

/** A dependency whose first release is younger than this when it is taken in: what is made for an attack is some days old then. */
const YOUNG_DAYS = 30;
const DAY = 24 * 60 * 60 * 1000;

/**
 * New dependencies that were born shortly before. `at`: when the release came out; `born`: when the first release of a package did; both ISO 8601,
 * "" where nobody says, which gives no signal.
 */
export function youngDependencySignals(change: PackageChange, at: string, born: (name: string) => string): readonly Signal[] {
  const rate = contentRates["behaviour/young-dependency"]?.[stepOf(change.before.version, change.after.version)] ?? 1;
  return newDependencies(change).flatMap((name): Signal[] => {
    const age = (Date.parse(at) - Date.parse(born(name))) / DAY;
    if (!(age >= 0 && age < YOUNG_DAYS)) return [];
    const message = `New dependency ${name}, whose own first release was ${age < 1 ? "less than a day" : `${Math.floor(age)} ${age < 2 ? "day" : "days"}`} before.`;
    return [{ id: "behaviour/young-dependency", family: "dependency", message, rate, file: "package.json", spots: [] }];
  });
}

/** Packages of a registry that it newly takes in where it is installed, by name. */
export function newDependencies({ news }: PackageChange): readonly string[] {
  const names = news.flatMap((one) => {
    if (one.kind !== "dependency" || one.before !== null || one.dependency.from !== "registry") return [];
    return one.dependency.group === "runtime" || one.dependency.group === "optional" ? [one.dependency.name] : [];
  });
  return [...new Set(names)].toSorted(byCodeUnit);
}

type Told = Pick<Signal, "id" | "family" | "message" | "spots">;

/** What flows, and what becomes of it, in words; those that are left out are told by what the code can do there. */
const flowSources: Readonly<Partial<Record<Capability, string>> & Record<keyof typeof flowOrigins, string>> = {
  "encoded-text": "Encoded text",
  argument: "What a function is given that answers with something else",
  date: "A date that the source names",
  pinned: "What is fetched, and held against a digest that the release names,",
  network: "What comes from the network",
  dns: "What comes from the DNS",
  environment: "The environment",
  "environment-whole": "The whole environment",
  "credential-variable": "A credential out of the environment",
  "credential-file": "A file that holds credentials",
  "file-read": "A file",
  home: "What lies in the home folder",
  system: "What is known of the machine",
  locale: "The country, language or time zone",
  clipboard: "The clipboard",
  wallet: "A wallet",
  "browser-data": "What the browser keeps",
  "user-input": "What the user types or shows",
};
/** What does not go anywhere, but says whether something is done. */
const decides: ReadonlySet<Flow["from"]> = new Set<Flow["from"]>(["date", "locale"]);
const flowSinks: Readonly<Partial<Record<Capability, string>>> = {
  network: "goes out to the network",
  dns: "goes out with names that are looked up",
  process: "goes into a command that is run",
  "dynamic-code": "is run as code",
  "file-write": "is written to a file",
  native: "is loaded as native code",
  wasm: "is run as WebAssembly",
  propagation: "goes into what it publishes or pushes",
  persistence: "goes into what is started again",
};

/** What only prints: no other command, substitution, variable or redirection. */
const printing = /^\s*(?:echo|printf)\b[^;&|`$<>\n]*$/;
const harmlessness = (command: string): string => (printing.test(command) ? " (it prints a text and does nothing else)" : "");

function tellNews(news: News): Told | null {
  const where = news.file === "" ? "" : ` in ${news.file}`;
  const reached = news.reachedBy === "" ? "" : `, which ${news.reachedBy} runs`;
  // It weighs a little in the contents as a whole, and is rare nowhere.
  if (news.level === "aside") return null;
  switch (news.kind) {
    case "capability": {
      const { capability, subject, through, concealed, spots } = news.sighting;
      const what = `${capabilities[capability].title}${subject === "" ? "" : ` (${subject})`}`;
      const by = through === "" || through === "text" ? "" : ` through ${through}`;
      const atOnce = connectsAtLoad(news.sighting) && reached === "" ? ", as soon as it is loaded" : "";
      const message = `${concealed ? "Concealed, new " : "New "}${news.level === "package" ? "to the package" : `to this ${news.level}`}: ${what}${by}${where}${reached}${atOnce}.`;
      if (concealed) return { id: "behaviour/new-hiding", family: "hiding", message, spots };
      if (grave.has(capability)) return { id: "behaviour/new-secret-access", family: "capability", message, spots };
      if (!core.has(capability))
        return capability === "environment" && news.level !== "function"
          ? { id: "behaviour/new-variable", family: "capability", message, spots }
          : null;
      if (news.level === "package") return { id: "behaviour/new-capability", family: "capability", message, spots };
      return news.level === "file" ? { id: "behaviour/new-capability-in-file", family: "capability", message, spots } : null;
    }
    case "flow": {
      const { from, to, source, sink, spot } = news.flow;
      const what = flowSources[from] ?? `What it yields where it ${capabilities[from as Capability].title}`;
      const goes =
        decides.has(from) && !(from === "locale" && to === "network")
          ? `decides whether it ${capabilities[to].title}`
          : (flowSinks[to] ?? `goes to where it ${capabilities[to].title}`);
      const message = `${what}${source === "" ? "" : ` (${source})`} ${goes}${sink === "" ? "" : ` (${sink})`}${where}${reached}.`;
      return {
        id: news.level === "package" ? "behaviour/new-flow" : "behaviour/new-capability-in-file",
        family: "capability",
        message,
        spots: [spot],
      };
    }
    case "hiding": {
      const { kind, detail, spots } = news.hiding;
      // One more file that a person cannot read says little of a package that had such files: bundlers cut anew with every release.
      if (readable.has(kind) && news.level !== "package") return null;
      const message = `Newly${where}: ${hidings[kind]}${detail === "" ? "" : ` (${detail})`}${reached}.`;
      if (isMachineCode(news)) return { id: "behaviour/new-capability", family: "capability", message, spots };
      return { id: readable.has(kind) ? "behaviour/less-readable" : "behaviour/new-hiding", family: "hiding", message, spots };
    }
    case "host":
      return {
        id: "behaviour/new-host",
        family: "capability",
        message: `New address: ${news.host.host}${where}.`,
        spots: [news.host.spot],
      };
    case "self-run": {
      const { trigger, name, command, file, line, when } = news.selfRun;
      if (!runsUnasked.has(when)) return null;
      const spot: Spot = { line, column: 1, text: command, scope: "" };
      const title = `${trigger}${name === "" ? "" : ` ${name}`}`;
      // Of its users only those meet it who take it from its repository: that the way to build is another says nothing against it, what the command itself reaches out for does.
      const atHome = runsAtHome(news.selfRun);
      if (atHome && !news.selfRun.sightings.some(({ capability }) => reachesOut.has(capability))) return null;
      return news.before === null
        ? {
            id: atHome ? "behaviour/new-project-hook" : "behaviour/new-hook",
            family: "hook",
            message: `Newly runs by itself (${when}): ${title} of ${file}: ${command}${harmlessness(command)}`,
            spots: [spot],
          }
        : {
            id: "behaviour/changed-hook",
            family: "hook",
            message: `What runs by itself changed (${when}): ${title} of ${file}: ${command}${harmlessness(command)}`,
            spots: [spot],
          };
    }
    case "dependency": {
      const { name, wanted, used, group, file, line } = news.dependency;
      if (group === "development" || group === "peer") return null;
      const outside = isElsewhere(news.dependency);
      if (news.before !== null && !outside) return null;
      const message = `${news.before === null ? "New dependency" : "Dependency"} ${name} (${wanted})${outside ? (news.dependency.from === "alias" ? ", which is another package than its name says" : ", from outside the registry") : ""}${used === "no" ? ", which no code of the package names" : ""}.`;
      const id = outside ? "behaviour/outside-dependency" : used === "no" ? "behaviour/unused-dependency" : "behaviour/new-dependency";
      const spots = file === "" ? [] : [{ line, column: 1, text: `${name}: ${wanted}`, scope: "" }];
      return { id, family: "dependency", message, spots };
    }
    case "collapse":
      return { id: "behaviour/collapse", family: "capability", message: `Most of what it was is gone: ${news.detail}`, spots: [] };
    case "file":
      return null;
  }
}

/**
 * Fuses all that is known of a release. `change` null: its contents were not compared; `history` null: nobody tells what came before. Neither
 * makes it look better than it is: what was not looked at brings no bits, and the caller says that it was not looked at.
 */
export function fuse(change: PackageChange | null, history: ReleaseHistory | null, more: readonly Signal[] = []): ReviewVerdict {
  const signals = [...(change === null ? [] : contentSignals(change)), ...(history === null ? [] : continuitySignals(history)), ...more];
  const best = new Map<SignalFamily, Signal>();
  for (const signal of signals) {
    const known = best.get(signal.family);
    if (known === undefined || signal.rate < known.rate) best.set(signal.family, signal);
  }
  const weighty = [...best.values()].filter((signal) => bitsOf(signal) >= NOTE_BITS).toSorted(rarer);
  const bits = Math.round([...best.values()].reduce((sum, signal) => sum + bitsOf(signal), 0) * 10) / 10;
  const families = weighty.map(({ family }) => family);
  const contents = change === null ? "note" : weighChange(change).tier;
  const around = [...best.values()].filter((signal) => !signalFamilies[signal.family].content && bitsOf(signal) >= SECOND_BITS);
  const isMajor = change !== null && stepOf(change.before.version, change.after.version) === "major";
  const verdict = decide(bits, families, contents, around, isMajor);
  const reasons = verdict === "nothing" ? [] : weighty.flatMap((first) => rarestOf(first, signals));
  const context = signals.filter((signal) => !reasons.includes(signal)).toSorted(rarer);
  return {
    verdict,
    because: sentenceOf(verdict, families, contents, { contents: change !== null, people: (history?.self.publisher ?? null) !== null }),
    bits,
    families,
    reasons,
    context,
  };
}

/** A family is shown by its rarest signals: what is as rare as the first of them, a few. News comes heaviest first, and so do these. */
const SHOWN_OF_FAMILY = 3;
const rarestOf = (first: Signal, signals: readonly Signal[]): readonly Signal[] =>
  signals.filter(({ family, rate }) => family === first.family && rate <= first.rate).slice(0, SHOWN_OF_FAMILY);

export const bitsOf = ({ rate }: Pick<Signal, "rate">): number => Math.min(MOST_BITS, -Math.log2(Math.max(rate, 1e-6)));

const rarer = (a: Signal, b: Signal): number =>
  a.rate - b.rate ||
  byCodeUnit(a.id, b.id) ||
  byCodeUnit(a.file, b.file) ||
  (a.spots[0]?.line ?? 0) - (b.spots[0]?.line ?? 0) ||
  byCodeUnit(a.message, b.message);

function decide(bits: number, families: readonly SignalFamily[], contents: Tier, around: readonly Signal[], isMajor: boolean): ReviewWord {
  const content = families.some((family) => signalFamilies[family].content);
  const aroundBits = around.reduce((sum, signal) => sum + bitsOf(signal), 0);
  if (contents === "block" || (contents === "review" && aroundBits >= AROUND_BITS)) return "block";
  // In a major release one cause changes all contents at once (a package in JavaScript becomes a native one): there their families are not independent.
  const together = isMajor && families.every((family) => signalFamilies[family].content);
  if (!together && families.length >= 2 && content && bits >= BLOCK_BITS + (families.length === 2 ? MOST_BITS / 2 : 0)) return "block";
  if (contents === "review" || (content && families.length >= 2 && bits >= REVIEW_BITS)) return "review";
  // Circumstances alone: two that are each rare.
  if (around.length >= 2 && aroundBits >= AROUND_ALONE_BITS) return "review";
  return families.length > 0 ? "note" : "nothing";
}

/** What was looked at: of the rest nobody may say that nothing is wrong with it. */
interface Looked {
  readonly contents: boolean;
  readonly people: boolean;
}

function sentenceOf(verdict: ReviewWord, families: readonly SignalFamily[], contents: Tier, looked: Looked): string {
  const of = listed(families.map((family) => signalFamilies[family].title));
  switch (verdict) {
    case "block":
      return contents === "block"
        ? `Honest releases have no use for what is new in its contents: ${of}.`
        : `Honest releases nearly never change all of this at once: ${of}.`;
    case "review":
      return contents === "review"
        ? `What is new in its contents is worth a look: ${of}.`
        : `Few honest releases change all of this at once: ${of}.`;
    case "note":
      return `It is not as before in ${of}; many honest releases are not either.`;
    case "nothing":
      if (!looked.contents) return "Its contents were not compared, and nothing around them is out of line.";
      return looked.people
        ? "Nothing about it is out of line with the release before."
        : "Nothing in its contents is out of line with the release before; who released it is not told.";
  }
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
