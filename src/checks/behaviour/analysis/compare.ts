/**
 * The difference of two releases: what the new one can do, runs, hides or asks for that the old one did not. Files are laid beside each
 * other by path, then by equal bytes, then by a name that differs only in a bundler's hash, then by a base name that is the only one of its kind, so that a
 * file that moved is not news. Every sighting is then looked for in the old release: in its place, in its function, in its file, in the package.
 */
import type {
  ChangeContext,
  ChangedFile,
  Capability,
  DependencyFact,
  FileFacts,
  Flow,
  Hiding,
  HostFact,
  News,
  NewsLevel,
  PackageChange,
  PackageFacts,
  PackageFile,
  SelfRun,
  Sighting,
} from "../../../model/index.ts";
import { connectsAtLoad, runsAtHome } from "./compare-whom.ts";
import { aliased } from "./compare-elsewhere.ts";
import { countsAnywhere, weightOf } from "./compare-weigh.ts";
import { codeLanguages } from "./files-codes.ts";
import { languageOf } from "./files-language.ts";

/**
 * A release that lost this share of what a program loads is not the same software any more (faker 6.6.6 lost all of it). One that was bundled or compressed, or
 * rewritten, needs a seventh of the bytes (ajv-formats 1.0.0, @napi-rs/wasm-runtime 1.2.2).
 */
const COLLAPSE_LOST = 0.95;
/** In packages of at least this many bytes of it: below, a rewrite in a line is honest. */
const COLLAPSE_FROM = 4_096;
/** A new source file of this size is rare (0 of 500 honest pairs, knowledge §3.3) and hard to review. */
const LARGE_SOURCE = 100_000;

/** What `after` changes against `before`. Pure; the same two give the same bytes. */
export function comparePackages(before: PackageFacts, after: PackageFacts): PackageChange {
  const pairs = layBeside(before.files, after.files);
  const old = oldRelease(before, pairs, after);
  const reachedBy = reaching(after.selfRuns);
  const asides = new Set(after.asides);
  const declarations = new Set(after.declarations);
  const idle = new Set(after.idle);
  const unloaded = new Set(after.unloaded);
  const news: News[] = [];
  const context = new Map<Capability, number>();
  const asContext = (capability: Capability): void => void context.set(capability, (context.get(capability) ?? 0) + 1);

  for (const file of after.files) {
    const partner = pairs.partner.get(file.path) ?? null;
    const at = { file: file.path, reachedBy: reachedBy(file.path) };
    if (partner !== null && partner.facts.sha256 === file.facts.sha256) {
      for (const sighting of file.facts.sightings) asContext(sighting.capability);
      // The bytes are the same, but a name may promise something else, and a file may only now be reached.
      if (partner.path === file.path) continue;
    }
    const same = partner !== null && partner.facts.sha256 === file.facts.sha256;
    if (!same && !declarations.has(file.path)) {
      // A loop in a new file to which nothing leads: whoever had the release before does not know its name.
      const unknown = partner === null && idle.has(file.path);
      const placed = (level: NewsLevel, seen: Sighting | Flow | HostFact): NewsLevel =>
        (asides.has(file.path) && !countsAnywhere(seen)) || (unknown && isLoop(seen)) ? "aside" : level;
      const known = partner === null ? null : knownIn(partner);
      for (const one of file.facts.sightings) {
        const sighting: Sighting = unloaded.has(file.path) && connectsAtLoad(one) ? { ...one, when: "call" } : one;
        const level = levelOf(sighting, known, file, old);
        if (level === null) asContext(sighting.capability);
        else news.push({ kind: "capability", sighting, level: placed(level, sighting), ...at });
      }
      const flows = partner === null ? null : flowsIn(partner.facts);
      for (const flow of file.facts.flows) {
        const level = flowLevel(flow, flows, old);
        if (level !== null) news.push({ kind: "flow", flow, level: placed(level, flow), ...at });
      }
      for (const host of file.facts.hosts) {
        if (!old.hosts.has(host.host)) news.push({ kind: "host", host, level: placed("package", host), ...at });
      }
    }
    for (const hiding of file.facts.hidings) {
      // Types that a program printed are dense, and nobody runs them.
      if (declarations.has(file.path) && (hiding.kind === "minified" || hiding.kind === "unparsed")) continue;
      const known = partner?.facts.hidings.find(({ kind }) => kind === hiding.kind);
      if (known !== undefined && known.count >= hiding.count) continue;
      if (partner === null && old.movedHidings.has(exactHiding(hiding))) continue;
      const level: NewsLevel = known !== undefined ? "subject" : old.hidings.has(hiding.kind) ? "file" : "package";
      news.push({ kind: "hiding", hiding, level, ...at });
    }
    const detail = fileNews(file, partner);
    if (detail !== "") news.push({ kind: "file", detail, level: "file", ...at });
  }
  news.push(...selfRunNews(before, after), ...dependencyNews(before, after), ...collapseNews(before, after), ...unreadNews(before, after));
  return {
    before: { purl: before.purl, version: before.version },
    after: { purl: after.purl, version: after.version },
    files: pairs.changed,
    unchanged: pairs.unchanged,
    news: news
      .map((item) => ({ item, weight: weightOf(item), key: sortKey(item) }))
      .toSorted((a, b) => b.weight - a.weight || compareText(a.key, b.key))
      .map(({ item }) => item),
    context: [...context]
      .map(([capability, sightings]): ChangeContext => ({ capability, sightings }))
      .toSorted((a, b) => compareText(a.capability, b.capability)),
    unread: [...new Map([...before.unread, ...after.unread].map((entry) => [`${entry.path}\0${entry.because}`, entry])).values()].toSorted(
      (a, b) => compareText(`${a.path}\0${a.because}`, `${b.path}\0${b.because}`),
    ),
  };
}

const isLoop = (seen: Sighting | Flow | HostFact): boolean => "capability" in seen && seen.capability === "endless-loop";

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const line = (value: number): string => String(value).padStart(9, "0");

function sortKey(news: News): string {
  const at = `${news.file}\0`;
  switch (news.kind) {
    case "capability":
      return `${at}${line(news.sighting.spots[0]?.line ?? 0)}\0${news.sighting.capability}\0${news.sighting.subject}\0${news.sighting.through}`;
    case "flow":
      return `${at}${line(news.flow.spot.line)}\0${news.flow.from}\0${news.flow.to}\0${news.flow.source}\0${news.flow.sink}`;
    case "hiding":
      return `${at}${line(news.hiding.spots[0]?.line ?? 0)}\0${news.hiding.kind}`;
    case "host":
      return `${at}${line(news.host.spot.line)}\0${news.host.host}`;
    case "self-run":
      return `${at}${line(news.selfRun.line)}\0${news.selfRun.trigger}\0${news.selfRun.name}`;
    case "dependency":
      return `${at}\0${news.dependency.name}\0${news.dependency.group}`;
    default:
      return `${at}\0${news.detail}`;
  }
}

interface Beside {
  /** By path in the new release. */
  readonly partner: ReadonlyMap<string, PackageFile>;
  /** Old files that nothing in the new release continues. */
  readonly gone: readonly PackageFile[];
  readonly changed: readonly ChangedFile[];
  readonly unchanged: number;
}

function layBeside(before: readonly PackageFile[], after: readonly PackageFile[]): Beside {
  const partner = new Map<string, PackageFile>();
  const oldByPath = new Map(before.map((file) => [file.path, file]));
  const taken = new Set<string>();
  for (const file of after) {
    const old = oldByPath.get(file.path);
    if (old === undefined) continue;
    partner.set(file.path, old);
    taken.add(old.path);
  }
  // Each pass pairs what is left, and only where the name that it goes by stands once on both sides.
  const passes: readonly ((file: PackageFile) => string)[] = [
    ({ facts }) => facts.sha256,
    ({ path }) => withoutHash(path),
    ({ path }) => path.slice(path.lastIndexOf("/") + 1),
  ];
  for (const nameOf of passes) {
    const left = before.filter(({ path }) => !taken.has(path));
    if (left.length === 0) break;
    const olds = Map.groupBy(left, nameOf);
    const news = Map.groupBy(
      after.filter(({ path }) => !partner.has(path)),
      nameOf,
    );
    for (const [name, [file, ...more]] of news) {
      const [old, ...others] = olds.get(name) ?? [];
      if (file === undefined || old === undefined || more.length > 0 || others.length > 0) continue;
      partner.set(file.path, old);
      taken.add(old.path);
    }
  }
  const gone = before.filter(({ path }) => !taken.has(path));
  const changed: ChangedFile[] = gone.map(({ path, facts }) => ({
    path,
    movedFrom: "",
    kind: "removed",
    bytesBefore: facts.size,
    bytesAfter: 0,
  }));
  let unchanged = 0;
  for (const { path, facts } of after) {
    const old = partner.get(path);
    const sizes = { bytesBefore: old?.facts.size ?? 0, bytesAfter: facts.size };
    if (old === undefined) changed.push({ path, movedFrom: "", kind: "added", ...sizes });
    else if (old.path !== path) changed.push({ path, movedFrom: old.path, kind: "moved", ...sizes });
    else if (old.facts.sha256 !== facts.sha256) changed.push({ path, movedFrom: "", kind: "changed", ...sizes });
    else unchanged++;
  }
  return { partner, gone, changed: changed.toSorted((a, b) => compareText(a.path, b.path) || compareText(a.kind, b.kind)), unchanged };
}

/** `chunk-5OKX4RBR.js`, `jiti-D-zwvB-L-Cp-Q6Ij2.js` and `chunk.B1a2c3D4.mjs` by what stays the same from build to build. */
function withoutHash(path: string): string {
  let name = path;
  // Eight characters of base64url or base32 are what bundlers write; what was bundled twice carries two.
  for (let before = ""; before !== name;) {
    before = name;
    name = name.replace(/[-._](?=[\w-]*[\dA-Z])[\w-]{8}#?(?=\.[a-z.]+$)/, "#");
  }
  return name.replace(/[-._](?=[A-Za-z_]*\d)\w{6,}(?=\.[a-z.]+$)/, "#");
}

interface OldRelease {
  readonly capabilities: ReadonlySet<string>;
  /** Of files that are gone or do not have it any more: what stood there may stand elsewhere now. */
  readonly moved: ReadonlySet<string>;
  readonly movedHidings: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly hidings: ReadonlySet<string>;
  readonly flows: ReadonlySet<string>;
  /** Names of variables of the environment that any of it read. */
  readonly variables: ReadonlySet<string>;
}

/** What flows to what in a file, and from which to which. */
const flowsIn = ({ flows }: FileFacts): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...Map.groupBy(flows, flowKind)].map(([kind, those]) => [kind, new Set(those.map(({ source, sink }) => `${source} ${sink}`))]));

const flowKind = ({ from, to }: Flow): string => `${from} ${to}`;

/** null: the release before had it too. `known` is what the file's partner has, null where it has none. */
function flowLevel(flow: Flow, known: ReadonlyMap<string, ReadonlySet<string>> | null, old: OldRelease): NewsLevel | null {
  if (!old.flows.has(flowKind(flow))) return "package";
  const those = known?.get(flowKind(flow));
  if (those === undefined) return "file";
  return those.has(`${flow.source} ${flow.sink}`) ? null : "subject";
}

function oldRelease(before: PackageFacts, { gone, partner }: Beside, after: PackageFacts): OldRelease {
  const all = before.files.map(({ facts }) => facts);
  // What a declaration names the release could not do.
  const idle = new Set(before.declarations);
  const running = before.files.filter(({ path }) => !idle.has(path)).map(({ facts }) => facts);
  const lost = <Item>(of: (facts: FileFacts) => readonly Item[], key: (item: Item) => string): ReadonlySet<string> => {
    const found = new Set(gone.flatMap(({ facts }) => of(facts).map(key)));
    for (const { path, facts } of after.files) {
      const old = partner.get(path)?.facts;
      if (old === undefined || old.sha256 === facts.sha256 || of(old).length === 0) continue;
      const still = new Set(of(facts).map(key));
      for (const item of of(old)) if (!still.has(key(item))) found.add(key(item));
    }
    return found;
  };
  return {
    capabilities: new Set(running.flatMap(({ sightings }) => sightings.map(kindOf))),
    moved: lost(({ sightings }) => sightings, exactly),
    movedHidings: lost(({ hidings }) => hidings, exactHiding),
    hosts: new Set(all.flatMap(({ hosts }) => hosts.map(({ host }) => host))),
    hidings: new Set(all.flatMap(({ hidings }) => hidings.map(({ kind }) => kind))),
    flows: new Set(all.flatMap(({ flows }) => flows.map(flowKind))),
    variables: new Set(
      running.flatMap(({ sightings }) => sightings.flatMap(({ capability, subject }) => (capability === "environment" ? [subject] : []))),
    ),
  };
}

/** The same thing hidden as often, and of the same measure. */
const exactHiding = ({ kind, detail, count }: Hiding): string => `${kind}\0${detail}\0${count}`;

/** What is replaced, or which secrets are read, is the matter: who fills in a symbol does not thereby replace `fetch`, nor who reads `.npmrc` a key. */
const kindOf = ({ capability, subject }: Sighting): string =>
  capability === "global-hook"
    ? `${capability} ${/^[^.#(]*/.exec(subject)?.[0] ?? ""}`
    : capability === "credential-file"
      ? `${capability} ${subject.slice(subject.lastIndexOf("/") + 1)}`
      : capability;

const exactly = ({ capability, subject, through }: Sighting): string => `${capability}\0${subject}\0${through}`;

/** The sightings of one file of one capability, by what they are looked for: a file may have tens of thousands, each of which is looked for. */
interface Known {
  readonly exact: ReadonlyMap<string, Sighting>;
  readonly scopes: ReadonlySet<string>;
}

function knownIn({ facts }: PackageFile): ReadonlyMap<Capability, Known> {
  return new Map(
    [...Map.groupBy(facts.sightings, ({ capability }) => capability)].map(([capability, those]) => [
      capability,
      {
        exact: new Map(those.map((sighting) => [exactly(sighting), sighting])),
        scopes: new Set(those.flatMap(({ spots }) => spots.map(({ scope }) => scope))),
      },
    ]),
  );
}

/** null: the release before had it too, in this very place. `known` is what the file's partner has, null where it has none. */
function levelOf(sighting: Sighting, known: ReadonlyMap<Capability, Known> | null, file: PackageFile, old: OldRelease): NewsLevel | null {
  const { capability } = sighting;
  if (!old.capabilities.has(kindOf(sighting))) return "package";
  if (old.moved.has(exactly(sighting))) return null;
  // One and the same variable means the same wherever it is read.
  if (capability === "environment" && sighting.subject !== "" && old.variables.has(sighting.subject) && !sighting.concealed) return null;
  const those = known?.get(capability);
  if (those === undefined) return "file";
  const twin = those.exact.get(exactly(sighting));
  if (twin !== undefined && sighting.concealed && !twin.concealed) return "subject";
  // Names of functions mean nothing where a program chose them.
  const readable = !file.facts.shape.minified;
  const elsewhere = readable && sighting.spots.some(({ scope }) => scope !== "" && !those.scopes.has(scope));
  if (twin !== undefined) return elsewhere && sighting.count > twin.count ? "function" : null;
  return elsewhere ? "function" : "subject";
}

function reaching(selfRuns: readonly SelfRun[]): (path: string) => string {
  const by = new Map<string, string>();
  // Messages and weights tell what reaches its users.
  for (const run of selfRuns.filter((one) => !runsAtHome(one))) {
    const name = [run.trigger, run.name].filter((part) => part !== "").join(" ");
    for (const path of [run.file, ...run.reaches]) if (!by.has(path)) by.set(path, name);
  }
  // The manifest names what runs, it is not run itself.
  return (path) => (path === "package.json" ? "" : (by.get(path) ?? ""));
}

function fileNews({ path, executable, facts }: PackageFile, partner: PackageFile | null): string {
  if (partner === null && codeLanguages.has(facts.language) && facts.size > LARGE_SOURCE && facts.language !== "html")
    return `a new source file of ${Math.round(facts.size / 1000)} kB`;
  if (partner !== null && !partner.executable && executable && facts.magic !== "" && path.length > 0) return "made executable";
  return "";
}

const keyOf = ({ trigger, name, file }: SelfRun): string => `${trigger}\0${name}\0${trigger === "npm-script" ? "" : file}`;

function selfRunNews(before: PackageFacts, after: PackageFacts): News[] {
  const old = new Map(before.selfRuns.map((run) => [keyOf(run), run]));
  const triggers = new Set(before.selfRuns.map(({ trigger, when }) => `${trigger} ${when}`));
  const news: News[] = [];
  for (const selfRun of after.selfRuns) {
    const known = old.get(keyOf(selfRun)) ?? null;
    if (known !== null && known.command === selfRun.command) continue;
    const level: NewsLevel = known !== null ? "subject" : triggers.has(`${selfRun.trigger} ${selfRun.when}`) ? "file" : "package";
    news.push({
      kind: "self-run",
      selfRun,
      before: known,
      level,
      file: selfRun.file,
      reachedBy: [selfRun.trigger, selfRun.name].filter((part) => part !== "").join(" "),
    });
  }
  return news;
}

/** What a shrinkwrap says of a package stands beside what the manifest says of it. */
const placeOf = ({ name, group }: DependencyFact): string => (group === "bundled" ? `${name} bundled` : name);

function dependencyNews(before: PackageFacts, after: PackageFacts): News[] {
  const old = new Map(before.dependencies.map((dependency) => [placeOf(dependency), dependency]));
  const news: News[] = [];
  for (const dependency of after.dependencies) {
    if (dependency.group === "development" || dependency.group === "peer") continue;
    const known = old.get(placeOf(dependency)) ?? null;
    const came = known !== null && known.group !== "development" && known.group !== "peer";
    const asBefore =
      dependency.from === "registry" ||
      known?.wanted === dependency.wanted ||
      (dependency.from === "alias" && known !== null && aliased(known.wanted) === aliased(dependency.wanted));
    if (came && known.from === dependency.from && asBefore) continue;
    news.push({
      kind: "dependency",
      dependency,
      before: known,
      level: known === null ? "package" : "subject",
      file: dependency.file,
      reachedBy: "",
    });
  }
  return news;
}

/** Code that the archive did not give: too large, damaged. What is there to be run and cannot be read is never taken for nothing. */
function unreadNews(before: PackageFacts, after: PackageFacts): News[] {
  const known = new Set(before.unread.map(({ path }) => path));
  const read = new Set(after.files.map(({ path }) => path));
  return (
    after.unread
      .filter(({ path }) => !known.has(path) && !read.has(path))
      // Without a path it is the rest of the archive.
      .filter(({ path }) => path === "" || codeLanguages.has(languageOf(path, new Uint8Array())))
      .map(({ path, because }) => ({
        kind: "hiding",
        hiding: { kind: "unread", detail: because, count: 1, spots: [] },
        level: "package",
        file: path,
        reachedBy: "",
      }))
  );
}

/** Bytes of code; where a package is a list that `require` gives (https://nodejs.org/api/modules.html, LOAD_INDEX), those of the list as well. */
function loadableBytes({ files }: PackageFacts): number {
  const isList = files.every(({ path }) => path !== "index.js");
  return files
    .filter(({ path, facts: { language } }) => (codeLanguages.has(language) && language !== "html") || (isList && path === "index.json"))
    .reduce((sum, { facts: { size } }) => sum + size, 0);
}

function collapseNews(before: PackageFacts, after: PackageFacts): News[] {
  const [was, is] = [loadableBytes(before), loadableBytes(after)];
  if (was < COLLAPSE_FROM || is > was * (1 - COLLAPSE_LOST)) return [];
  return [{ kind: "collapse", detail: `${was} bytes of code became ${is}`, level: "package", file: "", reachedBy: "" }];
}
