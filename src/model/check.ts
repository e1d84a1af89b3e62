import type { PackageChange } from "./behaviour.ts";
import type {
  AdvisoryClaim,
  ArtifactClaim,
  Evidence,
  LockfileEntryClaim,
  RegistryReleaseClaim,
  SummaryClaim,
  Unavailable,
} from "./evidence.ts";
import type { Finding, Severity, Unanswered } from "./finding.ts";
import type { PackageDocument } from "./package-document.ts";
import type { Ecosystem, Project } from "./project.ts";
import type { ProvenanceEvidence } from "./provenance.ts";
import type { QuestionId } from "./questions.ts";

/** What a check may ask for. The core gathers it beforehand, or says why it is not there. */
export type Need = "release" | "artifact" | "advisories" | "document" | "earlier" | "provenance" | "change";

/** The gathered evidence. Keyed by a component's purl; looking up never does I/O that can fail: what is not there is `Unavailable`. */
export interface EvidenceSet {
  readonly release: (purl: string) => Evidence<RegistryReleaseClaim> | Unavailable;
  readonly artifact: (purl: string) => Evidence<ArtifactClaim> | Unavailable;
  /** All advisories that match, merged by alias, withdrawn ones left out. */
  readonly advisories: (purl: string) => readonly Evidence<AdvisoryClaim>[] | Unavailable;
  readonly document: (purl: string) => PackageDocument | Unavailable;
  /**
   * What the registry's names for releases of this package (dist-tags) stood for when they were last seen here, by name: only those that were seen
   * at another time than now. Absent, and null, where nothing is remembered.
   */
  readonly tagsSeen?: (purl: string) => ReadonlyMap<string, TagSeen> | null;
  /** What was promised for the same purl before: by an earlier revision of the lockfile, or when we first saw it. */
  readonly earlier: (purl: string) => readonly Evidence<LockfileEntryClaim>[];
  /** What is known of its origin: signatures and attestations, each verified or refused. Absent where a caller gathers none. */
  readonly provenance?: (purl: string) => ProvenanceEvidence | Unavailable;
  /** What verifiers whom the policy trusts say of the locked bytes. Absent where the policy names none. */
  readonly summaries?: (purl: string) => readonly Evidence<SummaryClaim>[];
  /**
   * What the release changes in its contents against the one before it. `not-compared` where it could be and was not in this run, with a reason
   * that finishes "releases that …". Absent where a caller compares none.
   */
  readonly change?: (purl: string) => PackageChange | Unavailable;
  /** Base address of the registry that the user's configuration names for this package (of npm, unless said); "" where none is known. */
  readonly registryOf: (packageName: string, ecosystem?: Ecosystem) => string;
  /** Hosts, with port, of further registries that the configuration or the project's own manifests name for an ecosystem. */
  readonly declaredHosts?: (ecosystem: Ecosystem) => ReadonlySet<string>;
  /**
   * Hosts that the package manager replaces by the configured registry when it installs (npm's `replace-registry-host`): an address
   * in a lockfile that names one of them is as good as the configured one. `*` stands for every host. Absent where none is known.
   */
  readonly replacedHosts?: readonly string[];
}

/** What one of a registry's names for releases stood for at an earlier look. */
export interface TagSeen {
  readonly version: string;
  /** ISO 8601: when the registry last said so. */
  readonly seenAt: string;
}

/** What the policy file sets for one rule, already checked against the rule's own schema by the policy room. */
export interface RuleSettings {
  readonly severity?: Severity;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface CheckInput {
  readonly project: Project;
  readonly evidence: EvidenceSet;
  readonly settings: (rule: string) => RuleSettings;
  /** ISO 8601 date of the newest evidence: the only clock that a check may use. */
  readonly now: string;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly unanswered: readonly Unanswered[];
  /** How many subjects were judged: `answered` of `asked`. */
  readonly asked: number;
  readonly answered: number;
  /** Subjects that could have been judged and that nobody asked about in this run: the question is not fine for them. Absent for none. */
  readonly notAsked?: number;
  /** What the rule can say of the project as a whole, a sentence for the question's answer. */
  readonly summary?: string;
}

/** One option that a rule takes from the policy file. The policy room checks values against it, the documentation is made from it. */
export interface RuleOption {
  readonly type: "boolean" | "number" | "strings";
  readonly summary: string;
  /** What holds when it is not set, in words. */
  readonly standard: string;
}

/** A rule: one file in `checks/<question>/`, its test, its page `<rule>.md`, one line in the list. */
export interface Check {
  /** `integrity/lockfile-mismatch`. */
  readonly id: string;
  readonly question: QuestionId;
  /** As a yes/no question: "Does the lockfile promise the bytes that the registry publishes?" */
  readonly title: string;
  readonly severity: Severity;
  readonly needs: readonly Need[];
  /** CWE ids and other taxonomies for SARIF, where they fit: `CWE-494`. */
  readonly tags: readonly string[];
  /** By name; absent where the rule takes none. */
  readonly options?: Readonly<Record<string, RuleOption>>;
  readonly run: (input: CheckInput) => CheckResult;
}
