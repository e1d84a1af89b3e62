/** What every language's reading gathers, merged and ordered so that the same text gives the same facts in whatever order it was met. */
import type { Capability, FileFacts, Flow, Hiding, HidingKind, HostFact, ImportFact, Sighting, Spot } from "../../../model/index.ts";
import { onlyWritten } from "./script-sensitive.ts";

/** What one language's analysis says of a text; the rest of the facts is the same for all. */
export type Reading = Pick<FileFacts, "depth" | "because" | "sightings" | "flows" | "hidings" | "hosts" | "imports">;

/** Places that are kept of one sighting; its count says how many there were. A person looks at no more. */
const MAX_SPOTS = 4;
/** Characters of a line that are shown: two lines of a terminal. */
const SHOWN = 160;

/** Finds lines and columns of offsets, and what stands there. */
export class Lines {
  readonly text: string;
  /** Characters of the longest line. */
  readonly longest: number;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    let [start, longest] = [0, 0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", start)) {
      if (at - start > longest) longest = at - start;
      start = at + 1;
      this.#starts.push(start);
    }
    this.longest = Math.max(longest, text.length - start);
  }

  get count(): number {
    return this.#starts.length;
  }

  line(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** From 0. */
  column(offset: number): number {
    return offset - (this.#starts[this.line(offset) - 1] ?? 0);
  }

  spot(offset: number, scope = ""): Spot {
    const line = this.line(offset);
    const start = this.#starts[line - 1] ?? 0;
    const next = this.#starts[line];
    const end = next === undefined ? this.text.length : next - 1;
    // A long line is cut around the place, so that the evidence itself is always in it.
    const from = offset - start > SHOWN - 40 ? offset - 40 : start;
    return { line, column: offset - start + 1, text: shown(this.text.slice(from, Math.min(end, from + SHOWN))), scope };
  }
}

/** Source as it may be shown to a person: one line, what is not seen or reorders what is seen written out. */
export function shown(source: string): string {
  const trimmed = source.trim();
  // As nearly every line is.
  if (/^[ -~]*$/.test(trimmed)) return trimmed;
  return trimmed
    .replace(/\t+/g, " ")
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const earlier = (a: Spot, b: Spot): number => a.line - b.line || a.column - b.column || compare(a.text, b.text);

interface OpenSighting {
  capability: Capability;
  subject: string;
  through: string;
  when: "load" | "call";
  concealed: boolean;
  count: number;
  spots: Spot[];
}

export interface SightingOptions {
  readonly through: string;
  readonly when?: "load" | "call";
  readonly concealed?: boolean;
}

/** Gathers what one text shows. */
export class Gatherer {
  readonly #sightings = new Map<string, OpenSighting>();
  readonly #flows = new Map<string, Flow>();
  readonly #hidings = new Map<HidingKind, { detail: string; count: number; spots: Spot[] }>();
  readonly #hosts = new Map<string, HostFact>();
  readonly #imports = new Map<string, ImportFact>();

  see(capability: Capability, subject: string, spot: Spot, { through, when = "load", concealed = false }: SightingOptions): void {
    const clipped = shown(subject.slice(0, SHOWN));
    const key = `${capability}\0${clipped}\0${through}`;
    const known = this.#sightings.get(key);
    if (known === undefined) {
      this.#sightings.set(key, { capability, subject: clipped, through, when, concealed, count: 1, spots: [spot] });
      return;
    }
    known.count++;
    if (when === "load") known.when = "load";
    known.concealed ||= concealed;
    keep(known.spots, spot);
  }

  flow(flow: Flow): void {
    const key = [flow.from, flow.to, flow.source, flow.sink, flow.spot.line].join("\0");
    if (!this.#flows.has(key)) this.#flows.set(key, flow);
  }

  hide(kind: HidingKind, detail: string, spot: Spot | null): void {
    const known = this.#hidings.get(kind);
    if (known === undefined) {
      this.#hidings.set(kind, { detail, count: 1, spots: spot === null ? [] : [spot] });
      return;
    }
    known.count++;
    if (spot !== null) keep(known.spots, spot);
  }

  host(host: string, spot: Spot, concealed = false): void {
    const known = this.#hosts.get(host);
    if (known === undefined || earlier(spot, known.spot) < 0)
      this.#hosts.set(host, { host, spot, concealed: concealed || known?.concealed === true });
    else if (concealed && !known.concealed) this.#hosts.set(host, { ...known, concealed });
  }

  import(fact: ImportFact): void {
    const key = `${fact.specifier}\0${fact.how}\0${fact.typeOnly}`;
    const known = this.#imports.get(key);
    if (known === undefined || earlier(fact.spot, known.spot) < 0) this.#imports.set(key, fact);
  }

  has(capability: Capability): boolean {
    for (const sighting of this.#sightings.values()) if (sighting.capability === capability) return true;
    return false;
  }

  /** The path of a workflow by itself publishes nothing: not in a pattern, nor in a file that neither writes files nor starts programs. */
  #isOnlyRead({ capability, subject, through }: OpenSighting): boolean {
    if (capability !== "propagation" || (through !== "text" && through !== "path") || !onlyWritten(subject)) return false;
    return subject.includes("*") || !(this.has("file-write") || this.has("process"));
  }

  reading(depth: FileFacts["depth"], because = ""): Reading {
    return {
      depth,
      because,
      sightings: [...this.#sightings.values()].filter((sighting) => !this.#isOnlyRead(sighting)).toSorted(bySighting),
      flows: [...this.#flows.values()].toSorted(
        (a, b) => earlier(a.spot, b.spot) || compare(`${a.from} ${a.to} ${a.source} ${a.sink}`, `${b.from} ${b.to} ${b.source} ${b.sink}`),
      ),
      hidings: [...this.#hidings]
        .map(([kind, { detail, count, spots }]): Hiding => ({ kind, detail, count, spots }))
        .toSorted((a, b) => compare(a.kind, b.kind)),
      hosts: [...this.#hosts.values()].toSorted((a, b) => compare(a.host, b.host)),
      imports: [...this.#imports.values()].toSorted(
        (a, b) => compare(a.specifier, b.specifier) || compare(a.how, b.how) || Number(a.typeOnly) - Number(b.typeOnly),
      ),
    };
  }
}

const bySighting = (a: Sighting, b: Sighting): number =>
  compare(a.capability, b.capability) || compare(a.subject, b.subject) || compare(a.through, b.through);

/** Keeps the first places of the text, in whatever order they come. */
function keep(spots: Spot[], spot: Spot): void {
  const last = spots.at(-1);
  if (spots.length >= MAX_SPOTS && last !== undefined && earlier(spot, last) >= 0) return;
  spots.push(spot);
  spots.sort(earlier);
  if (spots.length > MAX_SPOTS) spots.pop();
}

/** Hosts of addresses that stand in a text, as sighted from `offset`. */
export function gatherHosts(text: string, gatherer: Gatherer, spotOf: (index: number) => Spot, concealed = false): void {
  for (const match of text.matchAll(
    /\b(?:https?|wss?|ftps?|sftp|tcp|udp):\/\/(?:[^\s/@"'`<>]{0,100}@)?(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]{0,252}[a-z0-9])?)/gi,
  ))
    gatherer.host((match[1] ?? "").toLowerCase(), spotOf(match.index), concealed);
}
