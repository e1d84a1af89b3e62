import type { Suite } from "./suite.ts";

/** All suites, in the order in which they run. */
export const suites: readonly (() => Promise<Suite>)[] = [
  () => import("./suites/purl-spec.ts").then((m) => m.suite),
  () => import("./suites/scalibr-lockfiles.ts").then((m) => m.suite),
  () => import("./suites/osv-semantic.ts").then((m) => m.suite),
  () => import("./suites/vers-spec.ts").then((m) => m.suite),
  () => import("./suites/univers-openssl.ts").then((m) => m.suite),
  () => import("./suites/dep-graphs.ts").then((m) => m.suite),
  () => import("./suites/semver.ts").then((m) => m.suite),
  () => import("./suites/osv.ts").then((m) => m.suite),
  () => import("./suites/osv-matching-oracle.ts").then((m) => m.suite),
  () => import("./suites/osv-schema.ts").then((m) => m.suite),
  () => import("./suites/lockfile-lint.ts").then((m) => m.suite),
  () => import("./suites/lockfile-lint-rules.ts").then((m) => m.suite),
  () => import("./suites/cyclonedx.ts").then((m) => m.suite),
  () => import("./suites/spdx.ts").then((m) => m.suite),
  () => import("./suites/root-signing.ts").then((m) => m.suite),
  () => import("./suites/trusted-roots.ts").then((m) => m.suite),
  () => import("./suites/sigstore-conformance.ts").then((m) => m.suite),
  () => import("./suites/sigstore-js.ts").then((m) => m.suite),
  () => import("./suites/npm-provenance.ts").then((m) => m.suite),
  () => import("./suites/npm-cli.ts").then((m) => m.suite),
  () => import("./suites/pypi-attestations.ts").then((m) => m.suite),
  () => import("./suites/slsa-source.ts").then((m) => m.suite),
  () => import("./suites/slsa-verifier.ts").then((m) => m.suite),
  () => import("./suites/slsa-verifier-unit.ts").then((m) => m.suite),
];
