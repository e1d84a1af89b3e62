/**
 * What the engine of `exposure` finds: who is leaned on, how hard, and what would change that. Plain data, the same for the terminal,
 * for JSON and for the page.
 *
 * An edge u -> v says "u depends on v". Three readings of "depends" run through everything:
 *
 * - **first**: one target a clause, what a fresh installation takes. Who is *exposed* to a compromise?
 * - **all**: every alternative and every provider. Who could be?
 * - **hard**: what cannot stand without it, alternatives honoured. What *breaks* if it is gone?
 *
 * **Substitutability** is 1 - hard/all. Shares can look diverse while everybody carries everything: only an alternative removes a
 * single point of failure, so the two always stand side by side.
 */

/** One file that a graph was made from. */
export interface GraphInput {
  readonly file: string;
  /** Of the bytes before decompression was undone: of the text that was read. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What kind of thing a graph describes, and what it can therefore answer. */
export interface GraphDescription {
  /** The name under which it is kept, or what it was read from. */
  readonly name: string;
  readonly kind: "debian" | "project" | "portfolio" | "packages" | "edges";
  readonly inputs: readonly GraphInput[];
  readonly nodes: number;
  readonly edges: { readonly first: number; readonly all: number };
  readonly clauses: number;
  /** Clauses that nothing in the graph satisfies. */
  readonly unsatisfiable: number;
  /** Self-loops, repetitions and edges to nothing that were left out. */
  readonly dropped: { readonly selfLoops: number; readonly duplicates: number; readonly dangling: number };
  /** Packages that everything needs without saying so, and whether they were made edges. */
  readonly essential: { readonly count: number; readonly asEdges: boolean };
  /** Where version relations were read: pairs of packages that exclude each other. Absent where relations were read by name. */
  readonly versions?: { readonly conflicts: number };
  /** Layers beside the run-time one. */
  readonly layers: { readonly builds: boolean; readonly accounts: boolean; readonly builders: boolean };
  /** What this graph does not model: one sentence each. */
  readonly notModelled: readonly string[];
}

/** One package. A package never counts itself. */
export interface NodeExposure {
  readonly name: string;
  /** Others that reach it: transitive dependents. */
  readonly first: number;
  readonly all: number;
  readonly hard: number;
  /** Others that it reaches (first): what it has to trust. */
  readonly trusts: number;
  /** Others that ask for it themselves (first). */
  readonly direct: number;
  /** first / nodes, 0 to 1. */
  readonly share: number;
  /** 1 - hard/all, 0 to 1; null where nobody depends on it. */
  readonly substitutability: number | null;
}

/** Hill numbers of the shares (Hill 1973): effective number of equal ones. q = 0 richness, 1 e^Shannon, 2 1/Simpson, infinity 1/largest share. */
export interface Hill {
  readonly q0: number;
  readonly q1: number;
  readonly q2: number;
  readonly qInfinity: number;
}

/** How unequally something is spread over all nodes, those with none included. Percentiles by nearest rank. */
export interface Concentration {
  readonly sum: number;
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly zeros: number;
  readonly gini: number;
  /** Share of the sum that the floor(n/100) largest hold. */
  readonly topPercentShare: number;
  readonly hill: Hill;
}

/** How many packages are reached by at least this share of all others. */
export interface PImpact {
  readonly percent: number;
  readonly first: number;
  readonly hard: number;
}

/** Packages with the same job: does the job have one provider or several? `users` counts the member and all that reach it. */
export interface FamilyExposure {
  readonly id: string;
  readonly title: string;
  /** Largest first; a member of several packages (library, tool) counts their union. */
  readonly members: readonly {
    readonly name: string;
    readonly packages: readonly string[];
    readonly users: number;
    readonly share: number;
  }[];
  /** Users of at least one. */
  readonly union: number;
  /** Largest member's users / union: near 1 says that nearly everybody carries it, whatever the Hill numbers look like. */
  readonly largestShare: number;
  /** Users of the largest member that use no other. */
  readonly exclusive: number;
  /** Users that carry two or more: diversity that adds attack surface. */
  readonly several: number;
  /** 1 - hard/all of the largest member's packages. */
  readonly substitutability: number | null;
  readonly hill: Hill;
}

/** What builds rest on. A build environment is the closure (first) of what a source asks for to be built. */
export interface BuildExposure {
  readonly sources: number;
  readonly mean: number;
  readonly max: number;
  /** Packages that stand in every build environment, by name. */
  readonly inEvery: readonly string[];
  /** Packages by the number of build environments they stand in, largest first. */
  readonly most: readonly { readonly name: string; readonly environments: number }[];
}

/** The recursive build graph: binaries, their sources, and what those ask for to be built. */
export interface CoreExposure {
  readonly nodes: number;
  readonly edges: number;
  readonly components: number;
  readonly nontrivialComponents: number;
  /** Size of the largest set that can only be built with itself ("trusting trust"). */
  readonly core: number;
  /** Nodes that reach the core. */
  readonly standOnCore: number;
  /** Sum of reach; the sum of what is trusted is the same. */
  readonly reachSum: number;
  /** Largest component among sources alone (build edges through binaries to their sources). */
  readonly sourceCore: number;
}

/**
 * Accounts that can change packages, as counts only. Nothing here names or orders persons; teams and lists that say so in their address
 * may be named, because they are roles.
 */
export interface PeopleExposure {
  /** Accounts with at least one package, and how many of them look like teams or lists. */
  readonly accounts: number;
  readonly teams: number;
  readonly reach: { readonly mean: number; readonly median: number; readonly p95: number; readonly max: number };
  /** Accounts that reach at least so many packages. */
  readonly atLeast: readonly { readonly packages: number; readonly accounts: number; readonly individuals: number }[];
  /** Accounts that reach at least half of all. */
  readonly reachHalf: number;
  /** How much the k accounts that reach most together would reach, chosen greedily. */
  readonly together: readonly { readonly accounts: number; readonly packages: number }[];
  /** Distinct accounts behind what a package trusts. */
  readonly trusted: { readonly mean: number; readonly median: number; readonly max: number };
  /** Packages with exactly one account. */
  readonly single: number;
  readonly teamsByReach: readonly { readonly team: string; readonly packages: number; readonly reach: number }[];
}

/** A package whose loss takes others out of reach of the project's roots: every way to them leads through it. */
export interface SinglePoint {
  readonly name: string;
  /** Others that only it leads to. */
  readonly dominates: number;
}

/** What cannot be installed any more, exactly, where a graph knows versions, conflicts and essential packages. */
export interface Uninstallable {
  /** Packages that could be installed before, those that are gone left out. */
  readonly count: number;
  readonly share: number;
  /** The first of them: those that are themselves leaned on most. */
  readonly names: readonly string[];
  /** Of all: how many fall by their requirements alone. What excludes what, and essential packages, take the others. */
  readonly byRequirements: number;
  /** The essential package that cannot be installed any more. Where one falls, everything does. */
  readonly essential: string | null;
  /** Packages that nothing could install before either. */
  readonly before: number;
  /** Packages for which the search was given up. 0 means that the count is proven. */
  readonly undecided: number;
}

/** What cannot be installed as a graph stands, and how far hard reach is off for those that are leaned on most. */
export interface Installability {
  readonly broken: readonly string[];
  readonly undecided: number;
  readonly top: readonly { readonly name: string; readonly hard: number; readonly gone: Omit<Uninstallable, "names"> }[];
}

/** The whole answer of `tributary exposure`. */
export interface Exposure {
  readonly schemaVersion: "1.0";
  readonly graph: GraphDescription;
  /** The most leaned on, by reach (first), then name. */
  readonly top: readonly NodeExposure[];
  /** Large reach with hardly a direct dependent. */
  readonly invisibleGiants: readonly NodeExposure[];
  /** Where alternatives take most weight off: all - hard, largest first. */
  readonly alternativesWork: readonly NodeExposure[];
  readonly concentration: {
    readonly first: Concentration;
    readonly all: Concentration;
    readonly hard: Concentration;
    readonly trusts: Concentration;
  };
  readonly components: { readonly count: number; readonly nontrivial: number; readonly largest: number };
  readonly isolated: number;
  readonly meanDirectDependencies: number;
  /** Largest n such that n packages have at least n direct dependents (Decan, Mens, Grosjean 2019). */
  readonly reusability: number;
  /** The same on transitive dependents. */
  readonly transitiveReusability: number;
  readonly pImpact: readonly PImpact[];
  readonly families: readonly FamilyExposure[];
  readonly builds: BuildExposure | null;
  readonly core: CoreExposure | null;
  readonly people: PeopleExposure | null;
  /** Only where the graph knows versions and conflicts (Debian's, with `versions`). */
  readonly installability?: Installability;
  /** Only where the graph has roots (a project, a portfolio). */
  readonly singlePoints: readonly SinglePoint[];
  /** Reach is exact, or estimated with this relative standard error. */
  readonly exact: boolean;
  readonly relativeError: number;
}

/** Several graphs side by side: releases of a distribution, months of a portfolio. */
export interface ExposureTrend {
  readonly schemaVersion: "1.0";
  readonly points: readonly {
    readonly graph: GraphDescription;
    readonly concentration: Exposure["concentration"];
    readonly pImpact: readonly PImpact[];
    readonly core: CoreExposure | null;
  }[];
  /** Packages whose figures changed most between the first and the last graph; `lost` ones had alternatives that are gone. */
  readonly changes: readonly {
    readonly name: string;
    readonly points: readonly (NodeExposure | null)[];
    readonly lostAlternative: boolean;
  }[];
}

/** One question of the kind "what if". Names are packages of the graph. */
export type Change =
  | { readonly kind: "remove"; readonly packages: readonly string[] }
  | { readonly kind: "replace"; readonly package: string; readonly by: string }
  | { readonly kind: "add-alternative"; readonly package: string; readonly by: string }
  | { readonly kind: "pin"; readonly package: string; readonly by: readonly string[] }
  | { readonly kind: "merge"; readonly packages: readonly string[] }
  | { readonly kind: "lose-account"; readonly account: string }
  | { readonly kind: "lose-platform"; readonly platform: string };

/** A way from a package down to what hit it, both ends included. */
export type ExposurePath = readonly string[];

/** How much falls with, or is exposed to, what a change hits. */
export interface Impact {
  readonly count: number;
  /** count / nodes. */
  readonly share: number;
  /** The first of them: those that are themselves leaned on most. */
  readonly names: readonly string[];
  /** By distance: how many are hit one, two, three … steps away. */
  readonly waves: readonly number[];
  /** Of the project's own roots, where there are any. */
  readonly roots: readonly string[];
}

/** Before and after, of one package that a change touches. */
export interface NodeChange {
  readonly name: string;
  readonly before: Omit<NodeExposure, "name" | "trusts">;
  /** null where the package is gone. */
  readonly after: Omit<NodeExposure, "name" | "trusts"> | null;
}

export interface WhatIf {
  readonly schemaVersion: "1.0";
  readonly graph: GraphDescription;
  readonly change: Change;
  /** One sentence. */
  readonly answer: string;
  /** Packages that the change hits itself, by name. */
  readonly hit: readonly string[];
  /** Cannot stand any more. */
  readonly breaks: Impact;
  /** Carry it, directly or not: exposed if it is malicious rather than gone. */
  readonly exposed: Impact;
  /** For a removal in a graph that knows versions and conflicts: what cannot be installed any more. */
  readonly uninstallable?: Uninstallable;
  /** For a platform: what comes out of builds with it, and who carries that. */
  readonly built: Impact | null;
  /** Sum of hard reach over all packages: expected damage of one random loss, times nodes. null where the change alters no relation. */
  readonly expectedDamage: { readonly before: number; readonly after: number } | null;
  /** Figures that the change alters, largest alteration first. */
  readonly changes: readonly NodeChange[];
  /** Why: a shortest way for some of those hit. */
  readonly paths: readonly ExposurePath[];
  /** What the answer assumes. */
  readonly assumptions: readonly string[];
}

/** A Monte-Carlo answer, with how sure it is. */
export interface Estimate {
  readonly mean: number;
  /** Standard deviation of single runs. */
  readonly deviation: number;
  /** Of the mean: deviation / sqrt(runs). */
  readonly standardError: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Cascades from one or more packages: each dependency passes the failure on with a probability. */
export interface Cascade {
  readonly schemaVersion: "1.0";
  readonly graph: GraphDescription;
  readonly starts: readonly string[];
  /** Probability that one dependency passes a failure on. */
  readonly transmission: number;
  /**
   * 0: the edges of a dependent fail independently; 1: a run is good or bad for all at once (a common cause). Between: a share of the
   * chance is common.
   */
  readonly correlation: number;
  readonly runs: number;
  readonly seed: number;
  readonly hit: Estimate;
  /** With q = 1: what transmission could reach at most. */
  readonly reach: number;
  /** Still vulnerable so many days after a fix, when dependents update with the lag that was measured for Log4j; by day. */
  readonly stillExposed: readonly { readonly days: number; readonly share: number; readonly packages: number }[];
}

/** Which k to work on first, and how good that choice is at least. */
export interface Selection {
  readonly schemaVersion: "1.0";
  readonly graph: GraphDescription;
  /**
   * `protect`: the k packages on which most others stand (their dependents together). `duplicate`: the k packages for which an independent
   * alternative takes most expected damage away.
   */
  readonly goal: "protect" | "duplicate";
  readonly steps: readonly { readonly name: string; readonly gain: number; readonly total: number }[];
  /** Of what the best possible k would reach, this selection reaches at least this share (0 to 1): computed from this graph. */
  readonly atLeastOfBest: number;
  /** What the proof says for every graph: 1 - 1/e for `protect`, nothing (0) for `duplicate`. */
  readonly guarantee: number;
  /** What is there to be reached at all. */
  readonly whole: number;
}
