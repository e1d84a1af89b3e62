/**
 * All rules over a project as large as a usual web application's, all evidence at hand: what the rules themselves cost. There is no peer
 * to measure beside: no other tool holds lockfile, registry and bytes against each other, so this stands beside its own goal.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { checks } from "../src/checks/list.ts";
import { runChecks } from "../src/checks/run.ts";
import { advisoryOf, artifactOf, documentOf, inputOf, manifestOf, releaseOf } from "../src/checks/testing.ts";
import type { CheckInput } from "../src/model/index.ts";
import type { Bench } from "./bench.ts";

const COMPONENTS = 1601;
/** Every twentieth has an advisory, so that cures are looked for as well. */
const FLAWED_EVERY = 20;
const ROUNDS = 25;
const GOAL_MS = 30;

export const bench: Bench = {
  name: "checks",
  title: "All rules over gathered evidence",
  run: () => {
    // What making a project leaves behind is cleared away before the clock starts: it is not the rules' cost.
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const times = Array.from({ length: ROUNDS }, () => {
      // Each round gets a project of its own: what is computed once a project is part of the cost.
      const input = project();
      collect();
      // Of this process alone: what else the machine does is not the rules' cost.
      const before = process.cpuUsage();
      runChecks(input);
      return process.cpuUsage(before).user / 1000;
    });
    const [first = 0] = times;
    const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    const { findings } = runChecks(project());
    return Promise.resolve([
      {
        work: `${checks.length} rules, ${COMPONENTS} components, ${findings.length} findings`,
        who: "tributary",
        figures: { firstUserMilliseconds: first, medianUserMilliseconds: median },
        goal: `at most ${GOAL_MS} ms, once warm`,
        met: median <= GOAL_MS,
      },
    ]);
  },
};

/** A tree in which each package asks for up to three others, four levels deep as most are. */
function project(): CheckInput {
  const names = Array.from({ length: COMPONENTS }, (_, n) => `${n % 5 === 0 ? "@scope/" : ""}package-of-usual-length-${n}`);
  const dependencies = (n: number): Record<string, string> =>
    Object.fromEntries(
      [4 * n + 1, 4 * n + 2, 4 * n + 3, 4 * n + 4].flatMap((child) => (child < COMPONENTS ? [[names[child] ?? "", "^1.0.0"]] : [])),
    );
  const manifests = names.map((name, n) => manifestOf(name, "1.0.0", { dependencies: dependencies(n) }));
  const flawed = names.filter((_, n) => n % FLAWED_EVERY === 0);
  return inputOf(
    {
      dependencies: { [names[0] ?? ""]: "^1.0.0" },
      packages: Object.fromEntries(names.map((name, n) => [`node_modules/${name}`, { dependencies: dependencies(n) }])),
    },
    {
      releases: manifests.map((manifest) => releaseOf(manifest)),
      artifacts: manifests.map((manifest) => artifactOf(manifest)),
      documents: names.map((name, n) => documentOf(name, { "1.0.0": dependencies(n), "1.0.1": dependencies(n), "2.0.0": {} })),
      advisories: Object.fromEntries(
        flawed.map((name, n) => [`${name}@1.0.0`, [advisoryOf(`X-${n}`, { fixed: [n % 2 === 0 ? "1.0.1" : "2.0.0"] })]]),
      ),
    },
  );
}
