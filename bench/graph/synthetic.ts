/** Graphs for speed only, never for findings: written as edge lists, the same on every machine. */
import { closeSync, openSync, writeSync } from "node:fs";

const MASK = (1n << 64n) - 1n;

/** splitmix64 (Steele, Lea, Flood 2014). */
function splitmix64(seed: bigint): () => bigint {
  let state = seed & MASK;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  };
}

/**
 * As many nodes as npm had in 2018, and a mean number of trusted packages like its own: each new package copies targets of earlier edges or
 * takes recent ones. Node count and trust match npm; the number of edges does not.
 */
export function writeNpmLike(file: string, nodes = 676_539): number {
  const next = splitmix64(42n);
  const unit = (): number => Number(next() >> 11n) * 2 ** -53;
  const below = (n: number): number => Number(next() % BigInt(n));
  const from: number[] = [];
  const to: number[] = [];
  for (let t = 0; t < nodes; t++) {
    if (unit() < 0.3 || t < 10) continue;
    const count = Math.min(1000, 1 + Math.floor(1.3 * ((1 - unit()) ** -0.55 - 1) * 2.2));
    const taken = new Set<number>();
    const before = to.length;
    for (let index = 0; index < count; index++) {
      let target: number;
      if (before > 0 && unit() < 0.75) target = to[below(before)] ?? 0;
      else target = t - 1 - below(Math.min(Math.max(10, Math.floor(0.8 * t)), t));
      if (taken.has(target)) continue;
      taken.add(target);
      from.push(t);
      to.push(target);
    }
  }
  for (let index = 0; index < Math.floor(nodes / 1000); index++) {
    const [a, b] = [below(nodes), below(nodes)];
    if (a < b) {
      from.push(a);
      to.push(b);
    }
  }
  return write(file, from.length, (edge) => `${from[edge] ?? 0} ${to[edge] ?? 0}\n`);
}

/** Eight dependencies a node on earlier ones, most of them among the oldest: closures far too large to count one by one. */
export function writeLarge(file: string, nodes = 5_000_000, each = 8): number {
  let state = 7;
  const next = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return write(file, nodes * each, (edge) => {
    const node = Math.max(each, Math.floor(edge / each));
    return `${node} ${next(8) === 0 ? next(node) : next(Math.max(1, Math.floor(node / 100)))}\n`;
  });
}

function write(file: string, count: number, line: (edge: number) => string): number {
  const handle = openSync(file, "w");
  let text = "";
  for (let edge = 0; edge < count; edge++) {
    text += line(edge);
    if (text.length > 4_000_000) {
      writeSync(handle, text);
      text = "";
    }
  }
  writeSync(handle, text);
  closeSync(handle);
  return count;
}
