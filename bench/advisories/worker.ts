/** One measurement in a process of its own: `worker.ts sync ZIP FOLDER`, `open FOLDER`, `look FOLDER`, `match FOLDER`. Prints figures as JSON. */
import { readFileSync } from "node:fs";
import type { AdvisoryBase } from "../../src/model/index.ts";

const [what, first = "", second = ""] = process.argv.slice(2);
const begun = performance.now();

/**
 * The kernel hands `ru_maxrss` down from the process that started this one, so where /proc tells the peak of this program's own memory,
 * that counts.
 */
function peakMebibytes(): number {
  try {
    const own = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (own !== undefined) return Number(own) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}

/** Packages of the base, found through its records: some with flaws, some reported as malware. */
function namesIn(base: AdvisoryBase, records: Iterable<{ readonly name: string }>): readonly string[] {
  return [...new Set([...records].map(({ name }) => name))].filter((name) => base.candidates("npm", name).length > 0);
}

async function packages(folder: string): Promise<{ readonly base: AdvisoryBase; readonly hits: readonly string[] }> {
  const { openAdvisoryBase } = await import("../../src/store/advisories.ts");
  const { readManifest } = await import("../../src/store/advisories-manifest.ts");
  const { openSegment } = await import("../../src/store/advisories-segment.ts");
  const base = openAdvisoryBase(folder);
  const file = readManifest(folder)?.sources[0]?.segments.find(({ ecosystem }) => ecosystem === "npm")?.file ?? "";
  const segment = openSegment(`${folder}/${file}`);
  const records = segment.ids().flatMap((id) => segment.record(id)?.affected?.map((entry) => ({ name: entry.package?.name ?? "" })) ?? []);
  const hits = namesIn(base, records);
  base.close();
  segment.close();
  return { base: openAdvisoryBase(folder), hits };
}

const LOOKS = 1_000_000;

async function measure(): Promise<Readonly<Record<string, number>>> {
  switch (what) {
    case "sync": {
      const { sync } = await import("../../src/app/sync/sync.ts");
      await sync({ folder: second, from: first, ecosystems: "all", client: null, now: "2026-08-05T00:00:00Z" });
      const { userCPUTime } = process.resourceUsage();
      return { seconds: (performance.now() - begun) / 1000, userSeconds: userCPUTime / 1e6, peakMebibytes: peakMebibytes() };
    }
    case "open": {
      const { openAdvisoryBase } = await import("../../src/store/advisories.ts");
      const started = performance.now();
      const base = openAdvisoryBase(first);
      const found = base.candidates("npm", "lodash").length;
      const ended = performance.now();
      if (found === 0) throw new Error("lodash has advisories");
      return { milliseconds: ended - started, withCodeMilliseconds: ended - begun };
    }
    case "look": {
      const { base, hits } = await packages(first);
      const names = Array.from({ length: 20_000 }, (_, index) =>
        index % 10 === 0 ? (hits[index % hits.length] ?? "") : `@project/package-${index}`,
      );
      const firstStarted = performance.now();
      for (const name of names) base.candidates("npm", name);
      const firstEnded = performance.now();
      let found = 0;
      const started = performance.now();
      for (let done = 0; done < LOOKS; done += 1) found += base.candidates("npm", names[done % names.length] ?? "").length;
      const seconds = (performance.now() - started) / 1000;
      if (found < LOOKS / 10) throw new Error("a tenth should be found");
      return { perSecond: LOOKS / seconds, firstPerSecond: (names.length * 1000) / (firstEnded - firstStarted) };
    }
    case "match": {
      const { base, hits } = await packages(first);
      const { matchComponent } = await import("../../src/checks/advisories/merge.ts");
      const { loadScorer } = await import("../../src/checks/advisories/severity.ts");
      const components = Array.from({ length: 1600 }, (_, index) => {
        const name = index % 10 === 0 ? (hits[(index * 13) % hits.length] ?? "") : `@project/package-${index}`;
        const version = index % 10 === 0 ? (base.candidates("npm", name)[0]?.versions()[0] ?? "1.0.0") : "1.0.0";
        return { purl: `pkg:npm/${name}@${version}`, ecosystem: "npm", name, version, origin: { kind: "registry" } } as const;
      });
      base.close();
      const { openAdvisoryBase } = await import("../../src/store/advisories.ts");
      const started = performance.now();
      const fresh = openAdvisoryBase(first);
      const score = await loadScorer();
      let found = 0;
      for (const component of components) found += matchComponent(fresh, component, score).found.length;
      return { milliseconds: performance.now() - started, found };
    }
    default:
      throw new Error(`no such measurement: ${what}`);
  }
}

console.log(JSON.stringify(await measure()));
