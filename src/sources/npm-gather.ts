/**
 * Gathers, for every npm component of a project, what its registry says of the release and what is in its tarball. All at once but within
 * the client's bounds; whatever cannot be had becomes `Unavailable` with its reason, and never stops the rest.
 */
import {
  type ArtifactClaim,
  type Component,
  type Evidence,
  Fault,
  type PackageDocument,
  type Project,
  type RegistryReleaseClaim,
  type Unavailable,
} from "../model/index.ts";
import type { NpmConfig } from "./npm-config.ts";
import type { NpmRegistry } from "./npm-registry.ts";

export interface GatherProgress {
  /** Releases and artifacts that are settled, one way or the other. */
  readonly done: number;
  readonly total: number;
}

export interface GatherOptions {
  readonly registry: NpmRegistry;
  readonly config: NpmConfig;
  /** What is asked for: without `artifacts` no tarball is fetched. */
  readonly artifacts: boolean;
  /** Which components are asked about; default: all. The others are answered with "was not asked for in this run". */
  readonly wanted?: (component: Component) => boolean;
  readonly onProgress?: (progress: GatherProgress) => void;
  readonly signal?: AbortSignal;
}

export interface NpmEvidence {
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly artifact: (purl: string) => Evidence<ArtifactClaim> | Unavailable;
  readonly document: (purl: string) => PackageDocument | Unavailable;
  readonly registryOf: (packageName: string) => string;
  /** `*` stands for all. */
  readonly replacedHosts: readonly string[];
}

/** Packages whose documents and tarballs are under way at once. Twice the connections to a host: while one package's bytes are read, another's are fetched. */
const PACKAGES_AT_ONCE = 32;

/** Throws only where the signal is aborted; what was fetched until then is kept. */
export async function gatherNpm(project: Project, options: GatherOptions): Promise<NpmEvidence> {
  const { registry, config, onProgress, signal } = options;
  const releases = new Map<string, Evidence<RegistryReleaseClaim> | Unavailable>();
  const artifacts = new Map<string, Evidence<ArtifactClaim> | Unavailable>();
  const nameOf = new Map<string, string>();
  const facts = nodeFacts(project);
  const byName = new Map<string, { component: Component; facts: NodeFacts }[]>();
  let total = 0;
  let done = 0;
  const settled = (): void => onProgress?.({ done: ++done, total });

  for (const [at, component] of project.components.entries()) {
    if (component.ecosystem !== "npm") continue;
    nameOf.set(component.purl, component.name);
    if (options.wanted?.(component) === false) continue;
    total += options.artifacts ? 2 : 1;
    const asked = { component, facts: facts[at] ?? { resolved: "", bundled: false } };
    const listed = byName.get(component.name);
    if (listed === undefined) byName.set(component.name, [asked]);
    else listed.push(asked);
  }

  const artifact = async (component: Component, known: NodeFacts, release: RegistryReleaseClaim | null, asOf: number): Promise<void> => {
    artifacts.set(
      component.purl,
      await orUnavailable(signal, component.name, config, async () => {
        const address = tarballOf(component, known, release, releases.get(component.purl), config);
        if (typeof address !== "string") return address;
        const expected = release !== null ? { integrity: release.integrity, shasum: release.shasum } : { integrity: "", shasum: "" };
        const { claim, observedAt } = await registry.artifact(component.name, address, expected, asOf);
        const digest = { sha512: claim.sha512, sha256: claim.sha256, sha1: claim.sha1 };
        return {
          subject: { purl: component.purl, digest },
          claim,
          source: claim.url,
          observedAt: isoTime(observedAt),
          strength: "observed",
        };
      }),
    );
    settled();
  };

  const gatherPackage = async (name: string, asked: readonly { component: Component; facts: NodeFacts }[]): Promise<void> => {
    const fromRegistry = asked.filter(({ component }) => component.origin.kind === "registry" || component.origin.kind === "unknown");
    for (const { component } of asked) {
      if (fromRegistry.some((other) => other.component === component)) continue;
      releases.set(component.purl, notApplicable(`${name} comes from ${originInWords(component)}, not from a registry.`));
      settled();
    }
    const usable = fromRegistry.filter(({ component }) => component.version !== "");
    for (const { component } of fromRegistry) {
      if (component.version !== "") continue;
      releases.set(component.purl, notApplicable(`No version of ${name} is known.`));
      settled();
    }
    const claims = new Map<string, RegistryReleaseClaim>();
    let asOf = Number.NEGATIVE_INFINITY;
    if (usable.length > 0) {
      const seen = await orUnavailable(signal, name, config, () =>
        registry.releases(
          name,
          usable.map(({ component }) => component.version),
        ),
      );
      for (const [at, { component }] of usable.entries()) {
        const { purl } = component;
        if ("unavailable" in seen) releases.set(purl, seen);
        else {
          asOf = seen.observedAt;
          const claim = seen.claims[at] ?? null;
          if (claim === null)
            releases.set(purl, {
              unavailable: true,
              code: "source/not-found",
              because: `${seen.source} has no release ${component.version}.`,
            });
          else {
            claims.set(purl, claim);
            releases.set(purl, {
              subject: { purl },
              claim,
              source: seen.source,
              observedAt: isoTime(seen.observedAt),
              strength: "asserted",
            });
          }
        }
        settled();
      }
    }
    if (options.artifacts)
      await settleAll(asked.map(({ component, facts }) => artifact(component, facts, claims.get(component.purl) ?? null, asOf)));
  };

  const queue = [...byName].values();
  let broken = false;
  const worker = async (): Promise<void> => {
    for (const [name, asked] of queue) {
      signal?.throwIfAborted();
      if (broken) return;
      try {
        await gatherPackage(name, asked);
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };
  await settleAll(Array.from({ length: PACKAGES_AT_ONCE }, worker));

  const unasked = (purl: string): Unavailable =>
    notApplicable(nameOf.has(purl) ? "It was not asked for in this run." : "It is no npm package.");
  const documents = new Map<string, PackageDocument | Unavailable>();
  return {
    release: (purl) => releases.get(purl) ?? unasked(purl),
    artifact: (purl) => artifacts.get(purl) ?? unasked(purl),
    document: (purl) => {
      const release = releases.get(purl);
      const name = nameOf.get(purl);
      if (release === undefined || name === undefined) return unasked(purl);
      let document = documents.get(name);
      if (document === undefined) {
        document = registry.document(name) ?? ("unavailable" in release ? release : notKept(name));
        // One component's reason (a release that is missing) is not another's: only what was found is remembered for the name.
        if (!("unavailable" in document)) documents.set(name, document);
      }
      return document;
    },
    registryOf: config.registryFor,
    replacedHosts: config.replacedHosts ?? ["*"],
  };
}

/** Waits for all, also when one fails: the caller closes the store next, and nobody may still be writing then. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === "rejected") throw result.reason;
}

/** What the project's files say of one component: the address that its lockfile gives, and whether another package's tarball brings it. */
interface NodeFacts {
  readonly resolved: string;
  readonly bundled: boolean;
}

function nodeFacts(project: Project): readonly NodeFacts[] {
  const facts: { resolved: string; bundled: boolean; seen: boolean }[] = project.components.map(() => ({
    resolved: "",
    bundled: true,
    seen: false,
  }));
  for (const node of project.nodes) {
    const fact = facts[node.component];
    if (fact === undefined) continue;
    fact.seen = true;
    if (node.bundled !== true) fact.bundled = false;
    if (fact.resolved === "" && /^https?:/i.test(node.resolved)) fact.resolved = node.resolved;
  }
  return facts.map(({ resolved, bundled, seen }) => ({ resolved, bundled: bundled && seen }));
}

/** Where the bytes are to be had, or why they are not fetched. */
function tarballOf(
  component: Component,
  facts: NodeFacts,
  release: RegistryReleaseClaim | null,
  seen: Evidence<RegistryReleaseClaim> | Unavailable | undefined,
  config: NpmConfig,
): string | Unavailable {
  const { origin, name } = component;
  if (facts.bundled) return notApplicable(`${name} is delivered inside another package's tarball.`);
  const registry = config.registryFor(name);
  if (origin.kind === "registry" || origin.kind === "unknown") {
    // The registry's own word on where its tarball is; the lockfile's only where there is no such word.
    if (release !== null && release.tarball !== "") return config.tarballAddress(release.tarball, registry);
    // Nobody could be asked where it is: that leaves the bytes unknown, which is something else than there being none.
    if (facts.resolved === "" && seen !== undefined && "unavailable" in seen && seen.code !== "not-applicable") return seen;
    if (facts.resolved === "") return notApplicable(`Neither the registry nor the lockfile says where the tarball of ${name} is.`);
    return ifConfigured(config.tarballAddress(facts.resolved, registry), config);
  }
  if (origin.kind === "url") return ifConfigured(origin.url, config);
  return notApplicable(`${name} comes from ${originInWords(component)}, not as a published tarball.`);
}

/** A lockfile may name any host. Only those that the user's configuration names are asked: a pull request must not make us call on a stranger. */
function ifConfigured(address: string, config: NpmConfig): string | Unavailable {
  const host = URL.canParse(address) ? new URL(address).host : "";
  if (config.hosts.has(host)) return address;
  return {
    unavailable: true,
    code: "source/configuration",
    because: `The lockfile names ${host === "" ? "no web address" : host} for its tarball, a host that the npm configuration does not name; it was not fetched.`,
  };
}

async function orUnavailable<T extends object>(
  signal: AbortSignal | undefined,
  name: string,
  config: NpmConfig,
  work: () => Promise<T | Unavailable>,
): Promise<T | Unavailable> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Fault) return unavailable(error, name, config);
    throw error;
  }
}

function unavailable(fault: Fault, name: string, config: NpmConfig): Unavailable {
  const cure = cureOf(fault, name, config);
  // The same words for all of them: a thousand packages that were never fetched are one thing to read, not a thousand.
  const because =
    fault.code === "source/offline" ? "what the registry says of it is not in the cache, and this run is offline" : fault.message;
  return { unavailable: true, code: fault.code, because, ...(cure === "" ? {} : { cure }) };
}

/** A command to copy, where there is one that helps. */
function cureOf(fault: Fault, name: string, config: NpmConfig): string {
  const registry = config.registryFor(name);
  switch (fault.code) {
    case "source/offline":
      return "tributary check";
    case "source/denied":
      return `npm login --registry ${registry}`;
    case "source/unreachable":
    case "source/body":
      return `npm ping --registry ${registry}`;
    case "source/status":
      return "tributary check";
    case "source/configuration":
      return "npm config list";
    default:
      return "";
  }
}

const notApplicable = (because: string): Unavailable => ({ unavailable: true, code: "not-applicable", because });

const notKept = (name: string): Unavailable => ({
  unavailable: true,
  code: "store/corrupt",
  because: `The kept document of ${name} cannot be read any more.`,
  cure: "tributary check",
});

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

function originInWords(component: Component): string {
  const { origin } = component;
  switch (origin.kind) {
    case "git":
      return "a git repository";
    case "url":
      return "an address of its own";
    case "file":
      return "a file on disk";
    case "directory":
      return "a folder on disk";
    default:
      return "an unknown place";
  }
}
