/** Between an exposure graph and what the store keeps of it: a description and named arrays. */
import { type Graph } from "../../graph/csr.ts";
import { type ExposureGraph, type Rows, clausesOfEdges } from "../../graph/exposure-graph.ts";
import { Fault, type GraphDescription } from "../../model/index.ts";
import type { Section, StoredGraph } from "../../store/graphs.ts";

interface About {
  readonly description: GraphDescription;
  /** Arrays that are not there because they are the same as others. */
  readonly same: { readonly all: boolean; readonly clauses: boolean };
  /** Absent from graphs that were kept before there was such a thing. */
  readonly constrained?: boolean;
  readonly builds: { readonly indexed: number } | null;
  readonly accounts: { readonly count: number; readonly teams: readonly string[]; readonly keys: readonly string[] } | null;
  readonly builders: { readonly names: readonly string[] } | null;
}

export function sectionsOf(graph: ExposureGraph): { readonly about: About; readonly sections: ReadonlyMap<string, Section> } {
  const sections = new Map<string, Section>();
  const put = (name: string, { offsets, values }: Rows): void => {
    sections.set(`${name}.offsets`, offsets);
    sections.set(`${name}.values`, values);
  };
  const putNames = (name: string, names: readonly string[]): void => {
    const parts = names.map((one) => Buffer.from(one, "utf8"));
    const offsets = new Int32Array(parts.length + 1);
    parts.forEach((part, at) => (offsets[at + 1] = offsets[at]! + part.length));
    sections.set(`${name}.offsets`, offsets);
    sections.set(`${name}.text`, Buffer.concat(parts));
  };
  const { first, all, clauses, constraints, builds, accounts, builders } = graph;
  const same = { all: all === first, clauses: clauses.satisfiers === all.targets };
  putNames("names", graph.names);
  put("first", { offsets: first.offsets, values: first.targets });
  if (!same.all) put("all", { offsets: all.offsets, values: all.targets });
  if (!same.clauses) {
    sections.set("clauses.owner", clauses.owner);
    put("clauses", { offsets: clauses.offsets, values: clauses.satisfiers });
  }
  if (constraints !== null) {
    put("conflicts", constraints.conflicts);
    sections.set("unsatisfied", constraints.unsatisfied);
    sections.set("essential", constraints.essential);
  }
  sections.set("roots", graph.roots);
  if (builds !== null) {
    putNames("builds.names", builds.names);
    sections.set("builds.of", builds.of);
    put("builds.asks", builds.asks);
  }
  if (accounts !== null) {
    put("accounts.owns", accounts.owns);
    sections.set("accounts.isTeam", accounts.isTeam);
  }
  if (builders !== null) sections.set("builders.of", builders.of);
  const about: About = {
    description: graph.about,
    same,
    constrained: constraints !== null,
    builds: builds === null ? null : { indexed: builds.indexed },
    accounts: accounts === null ? null : { count: accounts.count, teams: accounts.teams, keys: accounts.keys },
    builders: builders === null ? null : { names: builders.names },
  };
  return { about, sections };
}

/** The graph that was kept. Throws `store/corrupt` where it is none: what comes from the disk is looked at before it is trusted. */
export function graphFromSections(kept: StoredGraph, name: string): ExposureGraph {
  const damaged = (why: string): Fault =>
    new Fault("store/corrupt", `the kept graph ${name} is damaged: ${why}`, { hint: `load it again: tributary graph load … --as ${name}` });
  if (typeof kept.about !== "object" || kept.about === null || !("description" in kept.about)) throw damaged("it does not say what it is");
  const about = kept.about as About;
  const numbers = (section: string): Int32Array => {
    const values = kept.sections.get(section);
    if (!(values instanceof Int32Array)) throw damaged(`it has no ${section}`);
    return values;
  };
  const bytes = (section: string): Uint8Array => {
    const values = kept.sections.get(section);
    if (!(values instanceof Uint8Array)) throw damaged(`it has no ${section}`);
    return values;
  };
  const rows = (section: string, count: number, below: number, values: Int32Array = numbers(`${section}.values`)): Rows => {
    const offsets = numbers(`${section}.offsets`);
    if (offsets.length !== count + 1 || offsets[0] !== 0 || offsets[count] !== values.length) throw damaged(`${section} does not fit`);
    for (let at = 0; at < count; at++) if (offsets[at]! > offsets[at + 1]!) throw damaged(`${section} runs backwards`);
    for (const value of values) if (value < 0 || value >= below) throw damaged(`${section} names no node`);
    return { offsets, values };
  };
  const names = (section: string): readonly string[] => {
    const offsets = numbers(`${section}.offsets`);
    const text = bytes(`${section}.text`);
    const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
    return Array.from({ length: offsets.length - 1 }, (_, at) => buffer.toString("utf8", offsets[at], offsets[at + 1]));
  };
  const packages = names("names");
  const n = packages.length;
  const graphOf = (section: string): Graph => {
    const { offsets, values } = rows(section, n, n);
    return { n, offsets, targets: values };
  };
  const within = (values: Int32Array, least: number, below: number, length: number): Int32Array => {
    if (values.length !== length || values.some((value) => value < least || value >= below)) throw damaged("a layer does not fit");
    return values;
  };
  const first = graphOf("first");
  const all = about.same.all ? first : graphOf("all");
  const owner = about.same.clauses ? null : numbers("clauses.owner");
  const clauses =
    owner === null
      ? clausesOfEdges(all)
      : (({ offsets, values }) => ({ n, owner: within(owner, 0, n, owner.length), offsets, satisfiers: values }))(
          rows("clauses", owner.length, n),
        );
  const sourceNames = about.builds === null ? [] : names("builds.names");
  const nodes = (section: string): Int32Array => ((values) => within(values, 0, n, values.length))(numbers(section));
  return {
    about: { ...about.description, name },
    names: packages,
    first,
    all,
    clauses,
    constraints:
      about.constrained === true
        ? { conflicts: rows("conflicts", n, n), unsatisfied: nodes("unsatisfied"), essential: nodes("essential") }
        : null,
    roots: nodes("roots"),
    builds:
      about.builds === null
        ? null
        : {
            names: sourceNames,
            of: within(numbers("builds.of"), 0, sourceNames.length, n),
            asks: rows("builds.asks", about.builds.indexed, n),
            indexed: about.builds.indexed,
          },
    accounts:
      about.accounts === null
        ? null
        : { ...about.accounts, owns: rows("accounts.owns", about.accounts.count, n), isTeam: bytes("accounts.isTeam") },
    builders:
      about.builders === null
        ? null
        : { names: about.builders.names, of: within(numbers("builders.of"), -1, about.builders.names.length, n) },
  };
}
