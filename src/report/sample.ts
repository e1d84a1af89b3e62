/** A hand-made report with one of everything, for this folder's tests and for looking at the formats (`node src/report/sample.ts html`). */
import type { AdvisoryClaim, Evidence } from "../model/evidence.ts";
import { questions } from "../model/questions.ts";
import type { Component, Node } from "../model/project.ts";
import type { JudgedFinding, Report } from "../model/report.ts";

const lockfile = "package-lock.json";
const direct = new Set(["express", "mkdirp", "left-padding", "@shop/ui", "chalk-tables"]);

const entries: readonly (readonly [name: string, version: string, line: number])[] = [
  ["@shop/ui", "3.2.0", 40],
  ["accepts", "1.3.7", 61],
  ["body-parser", "1.19.0", 72],
  ["chalk-tables", "0.4.1", 90],
  ["express", "4.17.1", 120],
  ["left-padding", "1.3.0", 160],
  ["minimist", "0.0.8", 181],
  ["mkdirp", "0.5.1", 196],
  ["ms", "2.0.0", 207],
  ["qs", "6.7.0", 219],
  ["send", "0.17.1", 231],
  ["tiny-colors-fast", "1.0.9", 250],
];

const purl = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;

const components: readonly Component[] = entries.map(([name, version]) => ({
  purl: purl(name, version),
  ecosystem: "npm",
  name,
  version,
  origin: { kind: "registry" },
  licence: "MIT",
}));

const root: Node = {
  kind: "root",
  component: -1,
  name: "shop",
  version: "1.2.0",
  file: 0,
  place: { file: lockfile, line: 6 },
  path: "",
  integrity: [],
  resolved: "",
  edges: [],
  scope: "prod",
  direct: null,
};

const nodes: readonly Node[] = [
  root,
  ...entries.map(([name, version, line], index): Node => ({
    kind: "component",
    component: index,
    name,
    version,
    file: 0,
    place: { file: lockfile, line, column: 5, key: `packages/node_modules/${name}` },
    path: `node_modules/${name}`,
    integrity: ["sha512-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
    resolved: `https://registry.example/${name}/-/${name}-${version}.tgz`,
    edges: [],
    scope: name === "chalk-tables" ? "dev" : "prod",
    direct: direct.has(name),
  })),
];

function advisory(
  name: string,
  version: string,
  claim: Partial<AdvisoryClaim> & Pick<AdvisoryClaim, "id" | "summary">,
): Evidence<AdvisoryClaim> {
  return {
    subject: { purl: purl(name, version) },
    claim: {
      kind: "advisory",
      ids: [claim.id],
      type: "vulnerability",
      details: `${claim.summary}. In detail.`,
      severity: { level: "high", score: 7.5, vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", from: "CVSS:3.1" },
      cwes: ["CWE-1321"],
      fixed: [],
      reasons: [{ affected: 0, by: { kind: "range", type: "SEMVER", introduced: "0" } }],
      openEnded: false,
      published: "2026-03-01T00:00:00Z",
      modified: "2026-04-01T00:00:00Z",
      references: ["https://advisories.example/one"],
      records: [{ id: claim.id, modified: "2026-04-01T00:00:00Z", source: "GHSA" }],
      ...claim,
    },
    source: "OSV",
    observedAt: "2026-11-20T06:00:00Z",
    strength: "asserted",
  };
}

type Given = Pick<JudgedFinding, "rule" | "severity" | "effect" | "message" | "remedy"> & Partial<JudgedFinding> & { readonly of: string };

/** A finding about one of the sample's components (by name), with what is not given filled in. */
export function findingOf({ of, ...given }: Given): JudgedFinding {
  const [, version = "", line = 1] = entries.find(([name]) => name === of) ?? [];
  return {
    question: questions.find(({ id }) => given.rule.startsWith(`${id}/`))?.id ?? "identity",
    subject: purl(of, version),
    evidence: [],
    places: [{ file: lockfile, line, column: 5 }],
    key: "",
    references: [],
    through: [],
    paths: [],
    pathCount: 1,
    ...given,
  };
}

const findings: readonly JudgedFinding[] = [
  findingOf({
    of: "tiny-colors-fast",
    rule: "advisories/known-malware",
    severity: "critical",
    effect: "block",
    message: "tiny-colors-fast 1.0.9 is reported as malware (MAL-2026-101): it sends environment variables to a server.",
    remedy: {
      text: "Remove chalk-tables, which alone brings it in, and change every secret that this machine knew.",
      command: "npm uninstall chalk-tables",
    },
    key: "MAL-2026-101",
    references: ["MAL-2026-101", "CWE-506"],
    through: ["chalk-tables@0.4.1"],
    paths: [["chalk-tables@0.4.1", "tiny-colors-fast@1.0.9"]],
    evidence: [
      advisory("tiny-colors-fast", "1.0.9", {
        id: "MAL-2026-101",
        type: "malware",
        summary: "Malicious code in tiny-colors-fast",
        severity: { level: "critical" },
        cwes: ["CWE-506"],
      }),
    ],
  }),
  findingOf({
    of: "left-padding",
    rule: "integrity/lockfile-mismatch",
    severity: "critical",
    effect: "block",
    message: "package-lock.json promises other bytes for left-padding 1.3.0 (sha512-AAAA…) than the registry publishes (sha512-BBBB…).",
    remedy: {
      text: "Find out who changed the lockfile, then write it anew from the registry.",
      command: "npm install left-padding@1.3.0 --package-lock-only",
    },
    through: ["left-padding@1.3.0"],
    paths: [["left-padding@1.3.0"]],
    evidence: [
      {
        subject: { purl: purl("left-padding", "1.3.0"), digest: { sha512: "aa".repeat(64) } },
        claim: {
          kind: "lockfile-entry",
          place: { file: lockfile, line: 160 },
          integrity: ["sha512-AAAA"],
          resolved: "https://registry.example/left-padding-1.3.0.tgz",
        },
        source: lockfile,
        observedAt: "2026-11-22T10:00:00Z",
        strength: "observed",
      },
    ],
  }),
  findingOf({
    of: "qs",
    rule: "advisories/known-vulnerability",
    severity: "high",
    effect: "review",
    message: "qs 6.7.0 has a prototype poisoning flaw (GHSA-aaaa-bbbb-0001): a request can stop the server.",
    remedy: {
      text: "express 4.17.3 and later bring a qs without it.",
      command: "npm install express@4.17.3",
      change: { kind: "upgrade-direct", name: "express", from: "4.17.1", to: "4.17.3" },
    },
    key: "GHSA-aaaa-bbbb-0001",
    references: ["CVE-2026-0001", "GHSA-aaaa-bbbb-0001", "CWE-1321"],
    through: ["express@4.17.1"],
    paths: [
      ["express@4.17.1", "qs@6.7.0"],
      ["express@4.17.1", "body-parser@1.19.0", "qs@6.7.0"],
    ],
    pathCount: 2,
    evidence: [
      advisory("qs", "6.7.0", {
        id: "GHSA-aaaa-bbbb-0001",
        ids: ["CVE-2026-0001", "GHSA-aaaa-bbbb-0001"],
        summary: "qs prototype poisoning",
        fixed: ["6.7.3"],
      }),
    ],
  }),
  findingOf({
    of: "send",
    rule: "advisories/known-vulnerability",
    severity: "low",
    effect: "note",
    message: "send 0.17.1 lets a template inject markup (GHSA-aaaa-bbbb-0002).",
    remedy: {
      text: "express 4.17.3 and later bring a send without it.",
      command: "npm install express@4.17.3",
      change: { kind: "upgrade-direct", name: "express", from: "4.17.1", to: "4.17.3" },
    },
    key: "GHSA-aaaa-bbbb-0002",
    references: ["GHSA-aaaa-bbbb-0002"],
    through: ["express@4.17.1"],
    paths: [["express@4.17.1", "send@0.17.1"]],
    evidence: [
      advisory("send", "0.17.1", {
        id: "GHSA-aaaa-bbbb-0002",
        summary: "Template injection in send",
        severity: { level: "low" },
        cwes: ["CWE-79"],
      }),
    ],
  }),
  findingOf({
    of: "ms",
    rule: "integrity/unexpected-host",
    severity: "moderate",
    effect: "review",
    message: "ms 2.0.0 is fetched from mirror.example, not from the registry that is configured for it (registry.example).",
    remedy: { text: "If the mirror is yours, name it in tributary.json; otherwise write the entry anew." },
    key: "mirror.example",
    through: ["@shop/ui@3.2.0", "express@4.17.1"],
    paths: [
      ["@shop/ui@3.2.0", "ms@2.0.0"],
      ["express@4.17.1", "ms@2.0.0"],
      ["express@4.17.1", "send@0.17.1", "ms@2.0.0"],
    ],
    pathCount: 3,
  }),
  findingOf({
    of: "minimist",
    rule: "advisories/known-vulnerability",
    severity: "critical",
    effect: "ignored",
    ignore: { reason: "only reads our own arguments | see decision 12", expires: "2027-02-01", expired: false },
    message: "minimist 0.0.8 has a prototype pollution flaw (GHSA-aaaa-bbbb-0003).",
    remedy: { text: "mkdirp 0.5.2 brings a minimist without it.", command: "npm update mkdirp" },
    key: "GHSA-aaaa-bbbb-0003",
    references: ["GHSA-aaaa-bbbb-0003"],
    through: ["mkdirp@0.5.1"],
    paths: [["mkdirp@0.5.1", "minimist@0.0.8"]],
    evidence: [
      advisory("minimist", "0.0.8", {
        id: "GHSA-aaaa-bbbb-0003",
        summary: "Prototype pollution in minimist",
        severity: { level: "critical", score: 9.8 },
      }),
    ],
  }),
  findingOf({
    of: "mkdirp",
    rule: "advisories/known-vulnerability",
    severity: "moderate",
    effect: "review",
    ignore: { reason: "waits for the next release", expires: "2026-10-01", expired: true },
    message: "mkdirp 0.5.1 follows links (GHSA-aaaa-bbbb-0004); no release cures it.",
    remedy: { text: "No release cures it; fs.mkdir with recursive: true does the same." },
    key: "GHSA-aaaa-bbbb-0004",
    references: ["GHSA-aaaa-bbbb-0004"],
    through: ["mkdirp@0.5.1"],
    paths: [["mkdirp@0.5.1"]],
    evidence: [
      advisory("mkdirp", "0.5.1", {
        id: "GHSA-aaaa-bbbb-0004",
        summary: "Link following in mkdirp",
        severity: { level: "moderate", score: 5.3 },
        cwes: ["CWE-59"],
      }),
    ],
  }),
];

const answers: Readonly<
  Record<string, Pick<Report["answers"][number], "state" | "outcome" | "sentence" | "answered" | "asked" | "findings">>
> = {
  identity: { state: "asked", outcome: "pass", sentence: "12 of 12 are what they are called", answered: 12, asked: 12, findings: 0 },
  integrity: {
    state: "asked",
    outcome: "block",
    sentence: "1 is not what was published, 1 comes from elsewhere, 1 is not known",
    answered: 11,
    asked: 12,
    findings: 2,
  },
  advisories: { state: "asked", outcome: "block", sentence: "1 is malware, 3 have known flaws", answered: 12, asked: 12, findings: 5 },
  upkeep: { state: "asked", outcome: "unknown", sentence: "no source could be reached", answered: 0, asked: 12, findings: 0 },
};

const notAsked = { outcome: "not-asked", sentence: "not asked yet", answered: 0, asked: 0, findings: 0 } as const;

export const sampleReport: Report = {
  tool: { name: "tributary", version: "0.1.0" },
  project: {
    name: "shop",
    version: "1.2.0",
    files: [
      {
        path: lockfile,
        format: "npm/package-lock",
        formatVersion: "3",
        sha256: "cd".repeat(32),
        ecosystem: "npm",
        listed: 13,
        graph: "full",
        problems: [{ place: { file: lockfile, line: 300 }, message: "the entry node_modules/odd has no version", entry: true }],
      },
    ],
    components,
    nodes,
    roots: [0],
  },
  verdict: {
    verdict: "block",
    because: "tiny-colors-fast 1.0.9 is malware and left-padding 1.3.0 is not what was published.",
    counts: { block: 2, review: 3, note: 1, ignored: 1 },
    unanswered: [
      {
        question: "integrity",
        rule: "integrity/lockfile-mismatch",
        subjects: [purl("@shop/ui", "3.2.0")],
        because: "registry.example answers 401 for @shop/ui: it wants a token",
        cure: "npm login --scope=@shop",
      },
      { question: "upkeep", rule: "", subjects: [], because: "the network was not asked (--offline)", cure: "tributary check" },
    ],
  },
  answers: questions.map(({ id, title }) => Object.assign({ question: id, title, state: "not-asked" as const }, notAsked, answers[id])),
  findings,
  next: [
    { command: "npm uninstall chalk-tables", why: "takes the malware out" },
    { command: "npm install express@4.17.3", why: "cures 2 of 6 findings" },
    { command: "tributary explain integrity/lockfile-mismatch", why: "what to do about left-padding" },
  ],
  basis: {
    policy: "tributary.json",
    advisories: { source: "OSV", records: 61_234, asOf: "2026-11-20T06:00:00Z" },
    oldest: "2026-11-01T08:00:00Z",
    newest: "2026-11-22T10:00:00Z",
    offline: true,
    trust: [
      { source: "Sigstore public good instance", date: "2026-08-21", expires: "2026-11-20" },
      { source: "npm registry keys", date: "2026-11-01", expires: "2027-02-01" },
    ],
  },
};
