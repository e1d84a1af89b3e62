/**
 * `npm run fuzz:behaviour -- [--count 100000] [--seed 1] [--only NUMBER]`
 *
 * Mutated packages and archives through the way that a review takes: facts, comparison, fusion, and for some the whole review with every output.
 * Each must come to a value or to a `Fault`; what must never happen: another error, more than two seconds of CPU for one input (a hang is seen from
 * outside), memory without bound, a changed prototype, another answer the second time. The same seed gives the same inputs; one that fails is
 * named with its number, and `--only` makes it again.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { review, reviewSides } from "../src/app/review/review.ts";
import type { ReviewSide } from "../src/app/review/sides.ts";
import { archiveFacts, packageFacts } from "../src/checks/behaviour/analysis/files-package.ts";
import { keeper } from "../src/checks/behaviour/analysis/files.ts";
import { comparePackages } from "../src/checks/behaviour/analysis/compare.ts";
import { fuse } from "../src/checks/fusion.ts";
import { keepLittle } from "../src/cli/garbage.ts";
import { Fault, type PackageFacts, type Review, type ReviewWord } from "../src/model/index.ts";
import { screenOf } from "../src/report/tones.ts";
import { formatReviewHtml } from "../src/report/review-html.ts";
import { formatReviewJson } from "../src/report/review-json.ts";
import { formatReviewMarkdown } from "../src/report/review-markdown.ts";
import { formatReviewSarif } from "../src/report/review-sarif.ts";
import { formatReviewTerminal } from "../src/report/review-terminal.ts";
import { type FuzzInput, fuzzInput, seedFiles } from "./fuzz-behaviour-inputs.ts";

/** Of CPU; honest files of this size take milliseconds. */
const SLOW_MILLISECONDS = 2_000;
/** Whoever is not done with one input after this time, on whatever machine, hangs. */
const HANGS_MILLISECONDS = 60_000;
/** Inputs have some kilobytes. What piles up from one to the next comes to this sooner or later. */
const HEAP_MEGABYTES = 256;
/** One in so many is reviewed whole, written in all formats, and asked twice. */
const WHOLE_ONE_IN = 50;
const MOST_FAILURES = 10;

interface Job {
  readonly seed: string;
  readonly from: number;
  readonly to: number;
  /** The number under way, for who watches from outside. */
  readonly at: Int32Array;
}
type Count = ReviewWord | "fault" | "whole" | "unread";
interface Told {
  readonly counts: Readonly<Record<Count, number>>;
  readonly failures: readonly { readonly number: number; readonly what: string }[];
  readonly slowest: { readonly number: number; readonly milliseconds: number };
}

const output = { screen: screenOf(false, 100, {}, "linux"), all: true, toolVersion: "0" };
const formats = [formatReviewTerminal, formatReviewJson, formatReviewSarif, formatReviewMarkdown, formatReviewHtml];
const written = (one: Review): string => formats.map((format) => format([one], output)).join("\n");

/** Facts are kept by content, as in a review: of what is not mutated they are worked out once. Thrown away before they fill the memory. */
const KEPT_INPUTS = 2_000;
let kept = keeper();

async function factsOf(input: FuzzInput): Promise<readonly [PackageFacts, PackageFacts]> {
  if (input.kind === "package") return [await packageFacts("", input.before, { kept }), await packageFacts("", input.after, { kept })];
  const { archive: kind } = input;
  return [await archiveFacts("", input.before, { kind, kept }), await archiveFacts("", input.after, { kind, kept })];
}

const extension = { tar: "tar", tgz: "tgz", "tar.zst": "tar.zst", zip: "whl", gem: "gem", deb: "deb" } as const;

async function wholeReview(input: FuzzInput, scratch: string): Promise<string> {
  if (input.kind === "package") {
    const side = (title: string, files: typeof input.before): ReviewSide => ({
      title,
      purl: "",
      sha256: "",
      // oxlint-disable-next-line require-await -- a side is gone through as if it came from afar
      entries: async function* entries() {
        yield* files;
      },
      unread: [],
      history: null,
      historyBecause: "",
    });
    return written(await reviewSides(side("before", input.before), side("after", input.after)));
  }
  const [before, after] = [`before.${extension[input.archive]}`, `after.${extension[input.archive]}`];
  writeFileSync(join(scratch, before), input.before);
  writeFileSync(join(scratch, after), input.after);
  const [one] = await review(
    { kind: "pair", before, after },
    { cwd: scratch, env: { XDG_DATA_HOME: scratch, HOME: scratch }, offline: true },
  );
  return one === undefined ? "" : written(one);
}

const said = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function work({ seed, from, to, at }: Job): Promise<Told> {
  const scratch = mkdtempSync(join(tmpdir(), "tributary-fuzz-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const counts: Record<Count, number> = { block: 0, review: 0, note: 0, nothing: 0, fault: 0, whole: 0, unread: 0 };
  const failures: { number: number; what: string }[] = [];
  let slowest = { number: from, milliseconds: 0 };
  for (let number = from; number < to && failures.length < MOST_FAILURES; number++) {
    Atomics.store(at, 0, number);
    if (number % KEPT_INPUTS === 0) kept = keeper();
    const input = fuzzInput(seed, number);
    const began = process.threadCpuUsage();
    try {
      const [before, after] = await factsOf(input);
      const change = comparePackages(before, after);
      const { verdict, bits } = fuse(change, null);
      if (!Number.isFinite(bits)) failures.push({ number, what: `${bits} bits` });
      counts[verdict] += 1;
      if (after.unread.length > 0) counts.unread += 1;
      if (number % WHOLE_ONE_IN === 0) {
        counts.whole += 1;
        const first = await wholeReview(input, scratch);
        if ((await wholeReview(input, scratch)) !== first) failures.push({ number, what: "the second review says something else" });
      }
    } catch (error) {
      if (error instanceof Fault) counts.fault += 1;
      else failures.push({ number, what: said(error) });
    }
    const { user, system } = process.threadCpuUsage(began);
    const milliseconds = (user + system) / 1000;
    if (milliseconds > slowest.milliseconds) slowest = { number, milliseconds };
    if (milliseconds > SLOW_MILLISECONDS) failures.push({ number, what: `it took ${Math.round(milliseconds)} ms` });
    if (Object.keys(Object.prototype).length > 0) failures.push({ number, what: "the prototype of all objects was changed" });
  }
  return { counts, failures, slowest };
}

/** Runs a stretch in a thread of its own, and watches it: what hangs does not come back to say so. */
async function watched(job: Job): Promise<Told> {
  const worker = new Worker(new URL(import.meta.url), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES } });
  const none: Told["counts"] = { block: 0, review: 0, note: 0, nothing: 0, fault: 0, whole: 0, unread: 0 };
  const failed = (what: string): Told => ({
    counts: none,
    failures: [{ number: Atomics.load(job.at, 0), what }],
    slowest: { number: job.from, milliseconds: 0 },
  });
  let last = -1;
  return await new Promise((resolve) => {
    const watch = setInterval(() => {
      const number = Atomics.load(job.at, 0);
      if (number === last) {
        resolve(failed(`it was not done after ${HANGS_MILLISECONDS} ms`));
        void worker.terminate();
      }
      last = number;
    }, HANGS_MILLISECONDS);
    worker
      .on("message", resolve)
      .on("error", (error) => resolve(failed(said(error))))
      .on("exit", () => clearInterval(watch));
  });
}

if (!isMainThread) parentPort?.postMessage(await work(workerData as Job), []);
else {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "100000" }, seed: { type: "string", default: "1" }, only: { type: "string" } },
  });
  const from = values.only === undefined ? 0 : Number(values.only);
  const to = values.only === undefined ? Number(values.count) : from + 1;
  const began = performance.now();
  // As the command does that is thrown at here.
  keepLittle();
  const { counts, failures, slowest } = await watched({ seed: values.seed, from, to, at: new Int32Array(new SharedArrayBuffer(4)) });
  for (const { number, what } of failures) console.log(`input ${number} of seed ${values.seed}: ${what}`);
  const words = (["block", "review", "note", "nothing"] as const).map((word) => `${word} ${counts[word]}`).join(", ");
  console.log(
    `${to - from} mutated packages and archives of ${seedFiles} files, seed ${values.seed}, in ${((performance.now() - began) / 1000).toFixed(1)} s: ${words}, ${counts.fault} faults; ${counts.unread} with something unread that says so; ${counts.whole} reviewed whole, twice, in five formats; slowest ${Math.round(slowest.milliseconds)} ms of CPU (input ${slowest.number}), at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB; ${failures.length} failures`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}
