import type { Command } from "./command.ts";

/**
 * All commands, in the order in which help shows them; each is loaded only when it is asked for. A command's file imports its use
 * case inside `run` (`await import("../app/…")`), so that help and completion, which load them all, stay fast.
 */
export const commands: readonly { readonly name: string; readonly load: () => Promise<Command> }[] = [
  {
    name: "check",
    load: () => import("./check.ts").then((m) => m.checkCommand(() => import("../app/check.ts").then((app) => app.check))),
  },
  { name: "review", load: () => import("./review.ts").then((m) => m.review) },
  { name: "verify", load: () => import("./verify.ts").then((m) => m.verify) },
  { name: "trace", load: () => import("./trace.ts").then((m) => m.trace) },
  { name: "source", load: () => import("./source.ts").then((m) => m.source) },
  { name: "exposure", load: () => import("./exposure.ts").then((m) => m.exposure) },
  { name: "exposure what-if", load: () => import("./exposure-what-if.ts").then((m) => m.exposureWhatIf) },
  { name: "exposure cascade", load: () => import("./exposure-cascade.ts").then((m) => m.exposureCascade) },
  { name: "exposure choose", load: () => import("./exposure-choose.ts").then((m) => m.exposureChoose) },
  { name: "why", load: () => import("./why.ts").then((m) => m.why) },
  { name: "explain", load: () => import("./explain.ts").then((m) => m.explain) },
  { name: "inventory", load: () => import("./inventory.ts").then((m) => m.inventory) },
  { name: "sbom", load: () => import("./sbom.ts").then((m) => m.sbom) },
  { name: "sbom convert", load: () => import("./sbom-convert.ts").then((m) => m.sbomConvert) },
  { name: "sbom validate", load: () => import("./sbom-validate.ts").then((m) => m.sbomValidate) },
  { name: "sbom diff", load: () => import("./sbom-diff.ts").then((m) => m.sbomDiff) },
  { name: "sbom merge", load: () => import("./sbom-merge.ts").then((m) => m.sbomMerge) },
  { name: "sync", load: () => import("./sync.ts").then((m) => m.sync) },
  { name: "trust show", load: () => import("./trust.ts").then((m) => m.trustShow) },
  { name: "trust update", load: () => import("./trust.ts").then((m) => m.trustUpdate) },
  { name: "trust add", load: () => import("./trust.ts").then((m) => m.trustAdd) },
  { name: "graph load", load: () => import("./graph.ts").then((m) => m.graphLoad) },
  { name: "graph list", load: () => import("./graph.ts").then((m) => m.graphList) },
  { name: "graph forget", load: () => import("./graph.ts").then((m) => m.graphForget) },
  { name: "complete", load: () => import("./complete.ts").then((m) => m.complete) },
];
