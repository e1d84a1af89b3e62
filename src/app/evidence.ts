/** Gathers all the evidence that the enabled rules need, once, and answers for it by purl. What could not be had is part of the answer. */
import { resolve } from "node:path";
import { Fault, baseEcosystem, byCodeUnit, isUnavailable } from "../model/index.ts";
import type {
  Component,
  Evidence,
  EvidenceSet,
  Finding,
  LockfileEntryClaim,
  Need,
  Node,
  Project,
  ProvenanceExpectation,
  Report,
  Unanswered,
  Unavailable,
} from "../model/index.ts";
import type { PypiConfig } from "../sources/pypi-config.ts";
import { userFolders } from "../store/folders.ts";
import { type Memory, type MemoryEntry, openMemory } from "../store/memory.ts";
import { orderOf } from "../versions/index.ts";
import { advisoryFolder, gatherAdvisories } from "./advisories.ts";
import { gatherChanges } from "./changes.ts";
import type { CheckOptions } from "./check-options.ts";
import { openSources } from "./npm-evidence.ts";
import { type Origins, gatherOrigins } from "./origins.ts";
import { originsBefore } from "./origins-before.ts";
import type { ProjectBefore } from "./since-git.ts";
import { type Compare, replacements } from "./predecessors.ts";
import type { ProjectChange } from "./since.ts";
import { tagsOf } from "./tags.ts";

export interface GatherInput {
  readonly project: Project;
  /** The folder whose npm configuration holds. */
  readonly folder: string;
  readonly needs: readonly Need[];
  readonly before: ProjectBefore | null;
  readonly change: ProjectChange | null;
  /** How far contents are compared where only the registry says what came before. */
  readonly compare: Compare;
  readonly options: CheckOptions;
}

export interface Gathered {
  readonly evidence: EvidenceSet;
  /** What no rule can say: records that name a component and could not be judged. */
  readonly unanswered: readonly Unanswered[];
  readonly advisories: Report["basis"]["advisories"];
  /** Asked for when the rules have run: what nobody asks about is not verified. */
  readonly trust: () => NonNullable<Report["basis"]["trust"]>;
  /** Times of the oldest and the newest evidence, ISO 8601, "" where there is none. */
  readonly oldest: string;
  readonly newest: string;
  /** What the user should be told about the tool itself: healed entries, a full disk. */
  readonly notes: () => readonly string[];
  /** Keeps what was promised and found to be true, so that a later change is news. Returns what the user should be told. */
  readonly remember: (findings: readonly Finding[]) => readonly string[];
  readonly close: () => Promise<void>;
}

/** Throws where the store or the configuration cannot be opened, or the signal is aborted. */
export async function gatherEvidence(input: GatherInput): Promise<Gathered> {
  const { project, needs, change, options } = input;
  const { env, signal, onProgress } = options;
  const notes: string[] = [...(input.before?.notes ?? [])];
  const sources = await openSources({
    cwd: input.folder,
    env,
    offline: options.offline ?? false,
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
    ...(signal === undefined ? {} : { signal }),
  });
  let memory: Memory | null = null;
  let origins: Origins | null = null;
  const close = async (): Promise<void> => {
    memory?.close();
    origins?.close();
    await sources.close();
  };
  try {
    memory = memoryOrNone(userFolders(env).data, notes);
    const asked = change === null ? null : change.touched;
    const wanted = (component: Component): boolean => asked === null || asked.has(component.purl);
    const [npm, pypi, advisories] = await Promise.all([
      sources.gatherNpm(project, {
        artifacts: needs.includes("artifact"),
        wanted,
        onProgress: ({ done, total }) => onProgress?.({ work: "asking the registry about releases and their contents", done, total }),
      }),
      sources.gatherPypi(project, {
        artifacts: needs.includes("artifact"),
        wanted,
        onProgress: ({ done, total }) => onProgress?.({ work: "asking the package index about releases and their contents", done, total }),
      }),
      gatherAdvisories(project.components.filter(wanted), {
        folder: advisoryFolder(userFolders(env).data),
        client: sources.client,
        ...(env["TRIBUTARY_OSV_API"] === undefined ? {} : { api: env["TRIBUTARY_OSV_API"] }),
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => onProgress?.({ work: "asking what is known against them", done, total }),
      }),
    ]);
    notes.push(...advisories.notes);

    const unchanged: Unavailable = {
      unavailable: true,
      code: "not-applicable",
      because: `It is as it was at ${input.before?.revision ?? ""}.`,
    };
    const unlessUnchanged =
      <T>(answer: (purl: string) => T | Unavailable) =>
      (purl: string): T | Unavailable =>
        asked === null || asked.has(purl) ? answer(purl) : unchanged;
    const others = otherRegistries(project);
    const isPypi = new Set(project.components.flatMap(({ ecosystem, purl }) => (ecosystem === "PyPI" ? [purl] : [])));
    const release = unlessUnchanged((purl) => others.get(purl) ?? (isPypi.has(purl) ? pypi : npm).release(purl));
    if (needs.includes("provenance"))
      origins = await gatherOrigins({
        project,
        wanted,
        release,
        client: sources.client,
        config: sources.config,
        pypi: { source: sources.pypi, indexOf: pypi.indexOf },
        fresh: options.fresh ?? false,
        ...userFolders(env),
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => onProgress?.({ work: "asking where they were built", done, total }),
      });
    const artifact = unlessUnchanged((purl) => others.get(purl) ?? (isPypi.has(purl) ? pypi : npm).artifact(purl));
    const held = releasesHeld(project);
    const projectKey = resolve(options.cwd, options.path);
    const changes = !needs.includes("change")
      ? null
      : await gatherChanges({
          components: project.components.filter(wanted),
          release,
          artifact,
          since: replacedSince(input),
          seen: memory === null ? new Map() : replacements(project.components, memory.replaced(projectKey, held), packageKey, orderFor),
          compare: input.compare,
          pypi,
          sources,
          cwd: input.folder,
          env,
          offline: options.offline ?? false,
          ...(signal === undefined ? {} : { signal }),
          onProgress: (done, total) => onProgress?.({ work: "comparing contents with the releases before", done, total }),
        });
    const proved = origins?.provenance;
    const expected =
      proved === undefined || changes === null || isPypi.size === 0
        ? null
        : await originsBefore({
            pairs: changes.pairs,
            provenance: proved,
            pypi,
            sources,
            how: { fresh: options.fresh ?? false, ...userFolders(env), ...(signal === undefined ? {} : { signal }) },
          });
    const document: EvidenceSet["document"] = (purl) => (isPypi.has(purl) ? pypi : npm).document(purl);
    const tags = tagsOf(project, { release, document }, memory);
    const evidence: EvidenceSet = {
      release,
      artifact,
      advisories: unlessUnchanged(advisories.advisories),
      document,
      tagsSeen: tags.seen,
      ...(changes === null ? {} : { change: changes.change }),
      earlier: earlierPromises(input.before, memory),
      ...(proved === undefined ? {} : { provenance: expected === null ? proved : expecting(proved, expected) }),
      registryOf: (name, ecosystem) => (ecosystem === "PyPI" ? standardIndex(sources.pypiConfig) : npm.registryOf(name)),
      declaredHosts: (ecosystem) => (ecosystem === "PyPI" ? sources.pypiConfig.hosts() : new Set()),
      replacedHosts: npm.replacedHosts,
    };
    const { oldest, newest } = ages(project, evidence, advisories.basis?.asOf);
    const known = memory;
    const built = origins;
    return {
      evidence,
      unanswered: undecided(advisories.undecided),
      advisories: advisories.basis,
      trust: () => built?.trusted() ?? [],
      oldest,
      newest,
      notes: () => [...new Set([...notes, ...sources.notes(), ...(built?.notes() ?? [])])],
      remember: (findings) =>
        keeping(() => {
          known?.remember(provenPromises(project, evidence, findings, newest));
          known?.keepTags(tags.looks(findings));
          // Against a revision the other revision is what counts; only a check of the whole says what the project has.
          if (input.change === null) known?.keepReleases(projectKey, held, doubtedPackages(project, findings));
          built?.learn(findings);
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is known of the origins, with what the release before proves where nothing was learnt here. */
function expecting(
  provenance: NonNullable<EvidenceSet["provenance"]>,
  expected: (purl: string) => ProvenanceExpectation | null,
): NonNullable<EvidenceSet["provenance"]> {
  const known = new Map<string, ReturnType<typeof provenance>>();
  return (purl) => {
    let found = known.get(purl);
    if (found === undefined) {
      const evidence = provenance(purl);
      const before = isUnavailable(evidence) ? null : expected(purl);
      found = isUnavailable(evidence) || before === null ? evidence : { ...evidence, expectations: [before, ...evidence.expectations] };
      known.set(purl, found);
    }
    return found;
  };
}

const packageKey = ({ ecosystem, name }: Component): string => `${ecosystem} ${name}`;

/** The versions of each package that a project has. */
function releasesHeld(project: Project): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, string[]>();
  for (const component of project.components) {
    if (component.version === "" || component.origin.kind !== "registry") continue;
    const known = held.get(packageKey(component));
    if (known === undefined) held.set(packageKey(component), [component.version]);
    else if (!known.includes(component.version)) known.push(component.version);
  }
  return held;
}

const orderFor = (ecosystem: string): ((a: string, b: string) => number) => {
  const order = orderOf(ecosystem);
  return (a, b) => (order !== null && order.valid(a) && order.valid(b) ? order.compare(a, b) : byCodeUnit(a, b));
};

/** By purl: which version it took the place of since the revision. */
function replacedSince({ before, change }: GatherInput): ReadonlyMap<string, string> {
  const versions = new Map((before?.project.components ?? []).map(({ purl, version }) => [purl, version]));
  return new Map((change?.changed ?? []).flatMap(({ from, to }) => [[to, versions.get(from) ?? ""] as const]).filter(([, v]) => v !== ""));
}

/** Packages of which a release asks for a look by what it changed: the next release is held to the one before it. */
function doubtedPackages(project: Project, findings: readonly Finding[]): ReadonlySet<string> {
  const doubted = new Set(
    findings
      .filter(
        ({ question, severity }) => (question === "behaviour" || question === "continuity") && severity !== "low" && severity !== "info",
      )
      .map(({ subject }) => subject),
  );
  return new Set(project.components.filter(({ purl }) => doubted.has(purl)).map(packageKey));
}

/** The index that is asked where nobody names another; "" where there is none. */
function standardIndex({ indexes }: PypiConfig): string {
  const known = indexes();
  return isUnavailable(known) ? "" : (known[0]?.url ?? "");
}

/**
 * Releases of registries that are not asked. That nobody was asked must not look like nothing being wrong: it leaves the questions that
 * need a registry's word or the bytes open.
 */
function otherRegistries(project: Project): ReadonlyMap<string, Unavailable> {
  const reasons = new Map<string, Unavailable>();
  const known = new Map<string, Unavailable>();
  for (const { purl, ecosystem, origin } of project.components) {
    if (ecosystem === "npm" || ecosystem === "PyPI" || ecosystem === "" || origin.kind !== "registry") continue;
    const name = baseEcosystem(ecosystem);
    let reason = reasons.get(name);
    if (reason === undefined) {
      const because = `what ${name} published is not asked about yet; only the words of your own files were judged`;
      reasons.set(name, (reason = { unavailable: true, code: "source/not-asked", because }));
    }
    known.set(purl, reason);
  }
  return known;
}

/** A disk without room for the memory costs the memory, not the check. */
function memoryOrNone(folder: string, notes: string[]): Memory | null {
  try {
    const memory = openMemory(folder);
    notes.push(...memory.notes);
    return memory;
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith("store/")) throw error;
    notes.push(`What was promised before is not known in this run: ${error.message}`);
    return null;
  }
}

/** What cannot be kept is said; what was found out is right all the same. */
function keeping(keep: () => void): readonly string[] {
  try {
    keep();
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith("store/")) throw error;
    return [`What was seen in this run is not remembered: ${error.message}`];
  }
}

/** A record that may or may not speak of a component leaves the question open for it. */
function undecided(open: readonly { readonly purl: string; readonly id: string; readonly because: string }[]): readonly Unanswered[] {
  const byReason = Map.groupBy(open, ({ id, because }) => `${id} could not be judged: ${because}`);
  return [...byReason]
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .map(([because, records]) => ({
      question: "advisories",
      rule: "advisories/known-vulnerability",
      subjects: [...new Set(records.map(({ purl }) => purl))].toSorted(byCodeUnit),
      because,
    }));
}

/** What the lockfile promised at the other revision, and what was promised when the release was first seen here. */
function earlierPromises(before: ProjectBefore | null, memory: Memory | null): (purl: string) => readonly Evidence<LockfileEntryClaim>[] {
  const nodes = new Map<string, Node[]>();
  for (const node of before?.project.nodes ?? []) {
    const purl = before?.project.components[node.component]?.purl;
    if (purl === undefined || node.integrity.length === 0) continue;
    const known = nodes.get(purl);
    if (known === undefined) nodes.set(purl, [node]);
    else known.push(node);
  }
  return (purl) => {
    const promises = (nodes.get(purl) ?? []).map((node): Evidence<LockfileEntryClaim> => ({
      subject: { purl },
      claim: { kind: "lockfile-entry", place: node.place, integrity: node.integrity, resolved: node.resolved },
      source: `${node.place.file} at ${before?.revision ?? ""}`,
      // A commit's own date can be set at will; the content is what its hash says.
      observedAt: "",
      strength: "observed",
    }));
    const first = memory?.first(purl) ?? null;
    if (first === null) return promises;
    return [
      ...promises,
      {
        subject: { purl },
        claim: { kind: "lockfile-entry", place: { file: first.file }, integrity: first.integrity, resolved: "" },
        source: `first seen in ${first.file}`,
        observedAt: first.seenAt,
        strength: "observed",
      },
    ];
  };
}

/**
 * The promises that may be kept as the first: of releases from the registry, agreeing with what the registry publishes, and with no
 * finding about their bytes. A poisoned lockfile must not become the measure for an honest one.
 */
function provenPromises(project: Project, evidence: EvidenceSet, findings: readonly Finding[], seenAt: string): readonly MemoryEntry[] {
  const doubted = new Set(findings.filter(({ question }) => question === "integrity").map(({ subject }) => subject));
  const entries = new Map<string, MemoryEntry>();
  for (const node of project.nodes) {
    const component = project.components[node.component];
    if (component === undefined || component.origin.kind !== "registry" || entries.has(component.purl) || doubted.has(component.purl))
      continue;
    const strong = node.integrity.filter((hash) => hash.startsWith("sha512-"));
    if (strong.length === 0) continue;
    const release = evidence.release(component.purl);
    if ("unavailable" in release || !strong.every((hash) => release.claim.integrity.includes(hash))) continue;
    entries.set(component.purl, { purl: component.purl, integrity: strong, seenAt: release.observedAt || seenAt, file: node.place.file });
  }
  return [...entries.values()];
}

function ages(
  project: Project,
  evidence: EvidenceSet,
  advisoriesAsOf: string | undefined,
): { readonly oldest: string; readonly newest: string } {
  let oldest = "";
  let newest = "";
  const take = (time: string): void => {
    if (time === "") return;
    if (oldest === "" || time < oldest) oldest = time;
    if (time > newest) newest = time;
  };
  for (const { purl } of project.components) {
    const release = evidence.release(purl);
    if (!("unavailable" in release)) take(release.observedAt);
    const artifact = evidence.artifact(purl);
    if (!("unavailable" in artifact)) take(artifact.observedAt);
  }
  take(advisoriesAsOf ?? "");
  return { oldest, newest };
}
