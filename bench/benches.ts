import type { Bench } from "./bench.ts";

/** All benchmarks, in the order in which they run. */
export const benches: readonly (() => Promise<Bench>)[] = [
  () => import("./versions.ts").then((m) => m.bench),
  () => import("./cold-check.ts").then((m) => m.bench),
  () => import("./advisories.ts").then((m) => m.bench),
  () => import("./inventory-tree.ts").then((m) => m.bench),
  () => import("./checks.ts").then((m) => m.bench),
  () => import("./check.ts").then((m) => m.bench),
  () => import("./inventory.ts").then((m) => m.bench),
  () => import("./sbom.ts").then((m) => m.bench),
  () => import("./provenance.ts").then((m) => m.bench),
  () => import("./origins.ts").then((m) => m.bench),
  () => import("./graph.ts").then((m) => m.bench),
  () => import("./behaviour.ts").then((m) => m.bench),
];
