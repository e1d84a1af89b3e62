/**
 * How much each piece of news weighs, and what a change as a whole comes to from its contents alone. The weights are laid out so that one
 * weak sign never asks for a review and one sign alone never blocks: a block needs two families, one of them strong. What
 * continuity knows is added by the rules that see both.
 */
import {
  type Capability,
  type CapabilityFamily,
  type Flow,
  type HidingKind,
  type HostFact,
  type News,
  type NewsLevel,
  type PackageChange,
  type Sighting,
  capabilities,
} from "../../../model/index.ts";
import { isElsewhere } from "./compare-elsewhere.ts";
import { stepOf } from "./compare-step.ts";
import { connectsAtLoad } from "./compare-whom.ts";

export type Tier = "block" | "review" | "note";

/** Weight at which one sign is strong: it asks for a review by itself. */
const STRONG = 45;
/** Sum over families at which several weaker signs ask for a review. */
const REVIEW_SUM = 40;
/** Sum over families at which, with one strong among at least two, the contents alone block. */
const BLOCK_SUM = 100;
/** What counts as a second family. */
const SECOND = 20;

export type SignFamily = CapabilityFamily | "flow" | "self-run" | "hiding" | "dependency" | "content";

export interface Reason {
  readonly family: SignFamily;
  readonly weight: number;
  readonly news: News;
}

export interface Weighed {
  readonly tier: Tier;
  /** Sum of the heaviest news of each family. */
  readonly weight: number;
  /** The heaviest of each family, heaviest first; weightless ones left out. */
  readonly reasons: readonly Reason[];
}

/** What a capability weighs that no file of the release before had. */
const capabilityWeight: Readonly<Record<Capability, number>> = {
  network: 22,
  dns: 25,
  listen: 12,
  process: 22,
  "file-read": 3,
  "file-write": 8,
  "file-delete": 20,
  home: 18,
  "credential-file": 45,
  "credential-variable": 25,
  environment: 3,
  "environment-whole": 22,
  ci: 6,
  system: 8,
  locale: 8,
  "dynamic-code": 22,
  "dynamic-import": 6,
  native: 12,
  wasm: 10,
  inspector: 20,
  "global-hook": 40,
  clipboard: 25,
  wallet: 45,
  "browser-data": 22,
  "user-input": 35,
  propagation: 45,
  persistence: 45,
  "endless-loop": 45,
};

const levelShare: Readonly<Record<NewsLevel, number>> = { package: 1, file: 0.5, function: 0.2, subject: 0.2, aside: 0.2 };

const hidingWeight: Readonly<Record<HidingKind, number>> = {
  "invisible-characters": 50,
  "bidirectional-characters": 50,
  "off-screen": 50,
  "machine-names": 50,
  "escaped-text": 45,
  "concealed-name": 45,
  "text-array": 45,
  "look-alike-characters": 45,
  "self-inspection": 35,
  "kind-mismatch": 45,
  "encoded-text": 25,
  "executable-content": 25,
  "packed-content": 25,
  "binary-test-data": 15,
  minified: 20,
  unparsed: 5,
  // What grows until nobody can read it is looked at by a person: padding is the oldest way past a scanner.
  unread: 45,
};

/** What nobody sends out for an honest reason without being asked. */
const secrets: ReadonlySet<Flow["from"]> = new Set<Flow["from"]>([
  "credential-file",
  "credential-variable",
  "environment-whole",
  "wallet",
  "clipboard",
  "browser-data",
  "user-input",
]);
const outwards: ReadonlySet<Capability> = new Set<Capability>(["network", "dns"]);
const comesFromOutside: ReadonlySet<Flow["from"]> = new Set<Flow["from"]>(["network", "dns", "encoded-text"]);
const runs: ReadonlySet<Capability> = new Set<Capability>(["dynamic-code", "process", "native"]);

const flowShare: Readonly<Record<NewsLevel, number>> = { package: 1, file: 0.8, function: 0.35, subject: 0.35, aside: 0.2 };

/** What a sighting weighs at least to count where nothing leads to: code that is loaded by a name made at run time is what loads the rest of the tests. */
const COUNTS_CONCEALED = 10;

/**
 * Of what tests do: whether it counts wherever it lies. Secrets carried off and code fetched are no test; a request or a replaced global is, and so is a
 * text that only names a file of secrets: one that is opened is seen where it is.
 */
export function countsAnywhere(seen: Sighting | Flow | HostFact): boolean {
  if ("capability" in seen)
    return seen.concealed
      ? capabilityWeight[seen.capability] >= COUNTS_CONCEALED
      : capabilityWeight[seen.capability] >= STRONG && seen.through !== "text";
  return "from" in seen ? flowWeight(seen) >= STRONG : seen.concealed || takesIn(seen.host);
}

/** What no program loads: a text, a table, a picture, a declaration. Templates are made into code by those who are asked to. */
const noCode =
  /(?:^|\/)(?:LICEN[CS]E|README|CHANGELOG|NOTICE|AUTHORS|COPYING)(?:\.\w+)?$|\.d\.[cm]?ts$|\.(?!(?:[cm]?[jt]sx?|node|ejs|hbs|handlebars|mustache|pug|jade|tpl|tmpl|njk|liquid|vue|svelte|html?)$)\w+$/i;

function flowWeight({ from, to, source }: Flow): number {
  if (from === "date" || from === "locale") return outwards.has(to) ? 10 : 50;
  if (from === "pinned") return 4;
  if (from === "argument") return 30;
  if (from === "file-read" && to === "dynamic-code" && noCode.test(source)) return 50;
  if (secrets.has(from) && outwards.has(to)) return 70;
  if (comesFromOutside.has(from) && runs.has(to)) return 70;
  if ((from === "network" || from === "dns") && to === "file-write") return 25;
  if ((from === "system" || from === "home" || from === "file-read" || from === "process") && outwards.has(to)) return 25;
  return 10;
}

/** What runs on the machine of whoever installs weighs more than what runs where the package is made. */
const installs: ReadonlySet<string> = new Set(["install", "start", "open"]);
/** Hosts that only take things in: webhooks, request bins, tunnels, pastes, and bare public addresses. */
const dropHost =
  /(?:^|\.)(?:webhook\.site|pipedream\.net|requestbin\.[a-z]+|ngrok\.io|ngrok-free\.app|ngrok\.app|oastify\.com|oast\.[a-z]+|interact\.sh|burpcollaborator\.net|pastebin\.com|paste\.ee|hastebin\.com|transfer\.sh|0x0\.st|trycloudflare\.com|workers\.dev|icp0\.io|api\.telegram\.org|ipinfo\.io|ipify\.org)$/;

/** Where programs keep what is theirs in a home folder (XDG Base Directory, and its like elsewhere); what others keep secret there is told by its own name. */
const ownPlace =
  /^~[/\\](?:\.config|\.cache|\.local[/\\](?:share|state)|Library[/\\](?:Caches|Preferences|Application Support)|AppData[/\\](?:Local|Roaming))[/\\]/;

function weightOfCapability({ capability, subject }: Sighting): number {
  return capability === "home" && ownPlace.test(subject) ? capabilityWeight["file-write"] : capabilityWeight[capability];
}

/** A machine's library under a name that says so hides nothing: it is the native code that the package loads. */
export const isMachineCode = (news: News): boolean =>
  news.kind === "hiding" && news.hiding.kind === "executable-content" && /\.(?:node|so|dylib|dll)(?:\.\d+)*$/i.test(news.file);

/** Weight of one piece of news, by itself: 0 to 120. */
export function weightOf(news: News): number {
  const share = levelShare[news.level];
  const reached = news.reachedBy !== "";
  switch (news.kind) {
    case "flow": {
      const weight = flowWeight(news.flow) * flowShare[news.level];
      return Math.round(weight * (reached ? 1.5 : 1));
    }
    case "capability": {
      const { concealed } = news.sighting;
      // Of 966 honest pairs none began to open a connection as soon as it is loaded, whoever loads it.
      const atOnce = connectsAtLoad(news.sighting) && (news.level === "package" || news.level === "file");
      const weight = atOnce ? STRONG : weightOfCapability(news.sighting) * share;
      // Honest code has no reason to piece together the name of what it uses.
      return Math.round((concealed ? Math.max(weight * 2, 45 * Math.max(share, 0.6)) : weight) * (reached && weight > 8 ? 1.6 : 1));
    }
    case "hiding":
      return Math.round(
        (isMachineCode(news) ? capabilityWeight.native : hidingWeight[news.hiding.kind]) *
          (news.level === "subject" ? 0.5 : news.level === "file" && hidingWeight[news.hiding.kind] < STRONG ? 0.4 : 1),
      );
    case "host": {
      const { host } = news.host;
      return (takesIn(host) ? 40 : news.level === "aside" ? 1 : 4) + (news.host.concealed ? 25 : 0);
    }
    case "self-run": {
      if (!installs.has(news.selfRun.when)) return news.level === "package" ? 6 : 3;
      const does = news.selfRun.sightings.reduce((most, { capability }) => Math.max(most, capabilityWeight[capability]), 0);
      return news.before === null ? (news.level === "package" ? 50 : 35) + (does >= 20 ? 15 : 0) : does >= 20 ? 45 : 20;
    }
    case "dependency": {
      const { from, used } = news.dependency;
      return isElsewhere(news.dependency) ? 50 : used === "no" ? 22 : from === "registry" ? 2 : 8;
    }
    case "collapse":
      return 50;
    case "file":
      return 15;
  }
}

/** An IPv4 address that is neither this machine nor a private or documentation network (RFC 1918, RFC 5737). */
const publicAddress = (host: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) &&
  !/^(?:0|10|127|169\.254|192\.168|192\.0\.2|198\.51\.100|203\.0\.113|172\.(?:1[6-9]|2\d|3[01])|2[2-5]\d)\./.test(host);

const familyOf = (news: News): SignFamily => {
  switch (news.kind) {
    case "capability":
      return capabilities[news.sighting.capability].family;
    case "host":
      return "network";
    case "file":
    case "collapse":
      return "content";
    default:
      return news.kind;
  }
};

const takesIn = (host: string): boolean => dropHost.test(host) || publicAddress(host);

/** What the contents alone say of a change. */
export function weighChange(change: PackageChange): Weighed {
  const heaviest = new Map<SignFamily, Reason>();
  const unexplained = unexplainedDependency(change);
  const pinned = new Set(change.news.flatMap((news) => (news.kind === "flow" && news.flow.from === "pinned" ? [news.file] : [])));
  for (const news of change.news) {
    const family = familyOf(news);
    // What is fetched when it is installed, and is always the same, is no more than a dependency that is larger than a package may be.
    const fetches = news.kind === "capability" && news.sighting.capability === "network" && pinned.has(news.file);
    const weight = (fetches ? Math.min(weightOf(news), capabilityWeight.network) : weightOf(news)) + unexplained(news);
    const known = heaviest.get(family);
    if (weight > 0 && (known === undefined || weight > known.weight)) heaviest.set(family, { family, weight, news });
  }
  const reasons = [...heaviest.values()].toSorted((a, b) => b.weight - a.weight || (a.family < b.family ? -1 : 1));
  const weight = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  const strong = reasons.some((reason) => reason.weight >= STRONG);
  const second = reasons.filter((reason) => reason.weight >= SECOND).length >= 2;
  const carrying = reasons.filter((reason) => reason.weight >= SECOND / 2).reduce((sum, reason) => sum + reason.weight, 0);
  const tier: Tier = strong && second && carrying >= BLOCK_SUM ? "block" : strong || carrying >= REVIEW_SUM ? "review" : "note";
  return { tier, weight, reasons };
}

/** What a new dependency weighs besides where nothing in the release explains it: by itself it asks for a look, */
const FOR_ITS_OWN_SAKE = 52;
/** or just so, where it is at least the only one. */
const UNEXPLAINED = 42;

const isNew = (news: News): boolean => news.kind === "dependency" && news.before === null;

/**
 * A new dependency that nothing asks for is there for its own sake (axios, mastra): where no code changed at all, whether or not a name made at
 * run time could load it; and where it is the only one and the release no major one, since what honest releases take in they use (none of 708 honest patches and minor
 * releases here, 5 of 451 in the earlier count; 18.4 % of major releases take in something).
 */
function unexplainedDependency(change: PackageChange): (news: News) => number {
  const quiet = onlyWords(change);
  const lone = stepOf(change.before.version, change.after.version) !== "major" && change.news.filter(isNew).length === 1;
  return (news) => {
    if (news.kind !== "dependency" || news.before !== null || news.dependency.used === "yes") return 0;
    const most = quiet ? FOR_ITS_OWN_SAKE : lone && news.dependency.used === "no" ? UNEXPLAINED : 0;
    return Math.max(0, most - weightOf(news));
  };
}

/** Whether no code changed: manifests, prose and locks only. */
const onlyWords = ({ files }: PackageChange): boolean =>
  files.every(({ path }) =>
    /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|[^/]*\.(?:md|txt|lock)|LICEN[CS]E|PKG-INFO|METADATA|RECORD|Cargo\.toml)$/i.test(
      path,
    ),
  );
