/**
 * Several bills of materials as one. Each comes in CycloneDX's form (others are converted first, with their losses listed); a component
 * that several name is listed once, with what each knows of it, and where they contradict each other the first one's word stands
 * and the contradiction is reported. References are renamed where two documents use one name for two things.
 */
import { type Json, canonicalJson, sha256 } from "../model/index.ts";
import type { SbomData } from "./document.ts";

type Data = Record<string, unknown>;

export interface MergeInput {
  /** For messages: the file. */
  readonly name: string;
  /** CycloneDX data. */
  readonly data: SbomData;
}

export interface MergeConflict {
  readonly component: string;
  readonly member: string;
  readonly kept: { readonly value: Json; readonly from: string };
  readonly other: { readonly value: Json; readonly from: string };
}

export interface Merged {
  readonly data: SbomData;
  readonly conflicts: readonly MergeConflict[];
}

/** Members whose texts are references to a bom-ref. */
const REFERENCES: ReadonlySet<string> = new Set([
  "ref",
  "dependsOn",
  "provides",
  "assemblies",
  "dependencies",
  "vulnerabilities",
  "subjects",
  "attributedTo",
  "process",
  "target",
  "targets",
  "claims",
  "requirement",
  "requirements",
  "signatories",
  "claim",
  "algorithmRef",
  "securedBy",
]);
/** Lists at the top of a document that are simply put together. */
const LISTS = [
  "services",
  "externalReferences",
  "compositions",
  "vulnerabilities",
  "annotations",
  "formulation",
  "properties",
  "citations",
] as const;

export function mergeCycloneDx(
  inputs: readonly MergeInput[],
  about: { readonly name: string; readonly version?: string; readonly specVersion: "1.6" | "1.7" },
): Merged {
  const conflicts: MergeConflict[] = [];
  const components = new Map<string, { data: Data; from: string }>();
  const byIdentity = new Map<string, string>();
  const rootRef = "merged";
  const taken = new Set<string>([rootRef]);
  const dependencies = new Map<string, { dependsOn: Set<string>; provides: Set<string> }>();
  const roots: string[] = [];
  const lists = new Map<string, Map<string, unknown>>();
  const tools = new Map<string, unknown>();
  const authors = new Map<string, unknown>();
  let newest: string | undefined;

  for (const input of inputs) {
    const metadata = (isData(input.data["metadata"]) ? input.data["metadata"] : {}) as Data;
    const own = [metadata["component"], ...arrayOf(input.data["components"])].filter(isData);
    const renamed = new Map<string, string>();
    for (const component of own) assign(component);
    for (const component of arrayOf(input.data["services"]).filter(isData)) assign(component);

    for (const [index, component] of own.entries()) {
      const ref = renamed.get(refOf(component)) ?? rename(identityOf(component));
      const data = rewrite({ ...component, "bom-ref": ref }) as Data;
      if (index === 0 && component === metadata["component"]) roots.push(ref);
      const before = components.get(ref);
      if (before === undefined) components.set(ref, { data, from: input.name });
      else unite(ref, before, data, input.name);
    }
    for (const dependency of arrayOf(input.data["dependencies"]).filter(isData)) {
      const { ref, dependsOn, provides } = rewrite(dependency) as { ref?: unknown; dependsOn?: unknown; provides?: unknown };
      const entry = dependencies.get(String(ref)) ?? { dependsOn: new Set<string>(), provides: new Set<string>() };
      for (const one of arrayOf(dependsOn)) entry.dependsOn.add(String(one));
      for (const one of arrayOf(provides)) entry.provides.add(String(one));
      dependencies.set(String(ref), entry);
    }
    for (const name of LISTS) {
      const list = lists.get(name) ?? new Map<string, unknown>();
      for (const one of arrayOf(input.data[name])) {
        const moved = rewrite(one);
        list.set(canonicalJson(moved as Json), moved);
      }
      lists.set(name, list);
    }
    for (const tool of isData(metadata["tools"]) ? arrayOf(metadata["tools"]["components"]) : arrayOf(metadata["tools"])) {
      const known = isData(tool)
        ? tool["type"] === undefined
          ? { type: "application", name: tool["name"], ...(tool["version"] !== undefined && { version: tool["version"] }) }
          : withoutRef(tool)
        : tool;
      tools.set(canonicalJson(known as Json), known);
    }
    for (const author of arrayOf(metadata["authors"])) authors.set(canonicalJson(author as Json), author);
    const time = metadata["timestamp"];
    if (typeof time === "string" && (newest === undefined || Date.parse(time) > Date.parse(newest))) newest = time;

    /** Gives a component its reference in the merged document: one per purl, else its own, numbered where it is taken. */
    function assign(component: Data): void {
      const ref = refOf(component);
      const identity = identityOf(component);
      const known = byIdentity.get(identity);
      const chosen = known ?? rename(ref === "" ? identity : ref);
      byIdentity.set(identity, chosen);
      if (ref !== "") renamed.set(ref, chosen);
      for (const inner of arrayOf(component["components"]).filter(isData)) assign(inner);
    }

    function rewrite(value: unknown, key = ""): unknown {
      if (typeof value === "string") return REFERENCES.has(key) ? (renamed.get(value) ?? value) : value;
      if (Array.isArray(value)) return value.map((one) => rewrite(one, key));
      if (!isData(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [
          name,
          name === "bom-ref" && typeof member === "string" ? (renamed.get(member) ?? member) : rewrite(member, name),
        ]),
      );
    }
  }

  /** A reference that nothing else has yet. */
  function rename(wanted: string): string {
    let ref = wanted;
    for (let number = 2; taken.has(ref); number += 1) ref = `${wanted}#${number}`;
    taken.add(ref);
    return ref;
  }

  function unite(ref: string, before: { data: Data; from: string }, other: Data, from: string): void {
    for (const [member, value] of Object.entries(other)) {
      if (!Object.hasOwn(before.data, member)) {
        before.data[member] = value;
        continue;
      }
      const kept = before.data[member];
      if (canonicalJson(kept as Json) === canonicalJson(value as Json)) continue;
      if (Array.isArray(kept) && Array.isArray(value) && member !== "licenses" && member !== "hashes") {
        const all = new Map([...kept, ...value].map((one: unknown) => [canonicalJson(one as Json), one]));
        before.data[member] = [...all.values()];
      } else if (member === "hashes" && Array.isArray(kept) && Array.isArray(value))
        uniteHashes(ref, before, kept as Data[], value as Data[], from);
      else
        conflicts.push({ component: ref, member, kept: { value: kept as Json, from: before.from }, other: { value: value as Json, from } });
    }
  }

  /** Hashes of several algorithms add up; two of one algorithm contradict each other. */
  function uniteHashes(
    ref: string,
    before: { data: Data; from: string },
    kept: readonly Data[],
    others: readonly Data[],
    from: string,
  ): void {
    const result = [...kept];
    for (const hash of others) {
      const twin = kept.find((one) => one["alg"] === hash["alg"]);
      if (twin === undefined) result.push(hash);
      else if (String(twin["content"]).toLowerCase() !== String(hash["content"]).toLowerCase()) {
        conflicts.push({
          component: ref,
          member: `hashes/${String(hash["alg"])}`,
          kept: { value: String(twin["content"]), from: before.from },
          other: { value: String(hash["content"]), from },
        });
      }
    }
    before.data["hashes"] = result;
  }

  const rootDependency = { ref: rootRef, ...(roots.length > 0 && { dependsOn: [...new Set(roots)] }) };
  const needs: Data[] = [];
  for (const [ref, { dependsOn, provides }] of dependencies) {
    needs.push({ ref, ...(dependsOn.size > 0 && { dependsOn: [...dependsOn] }), ...(provides.size > 0 && { provides: [...provides] }) });
  }
  const body: Data = {
    version: 1,
    metadata: {
      ...(newest !== undefined && { timestamp: newest }),
      ...(tools.size > 0 && { tools: { components: [...tools.values()] } }),
      ...(authors.size > 0 && { authors: [...authors.values()] }),
      component: {
        type: "application",
        "bom-ref": rootRef,
        name: about.name,
        ...(about.version !== undefined && { version: about.version }),
      },
    },
    components: [...components.values()].map((one) => one.data),
    dependencies: [rootDependency, ...needs],
    ...Object.fromEntries([...lists].filter(([, list]) => list.size > 0).map(([name, list]) => [name, [...list.values()]])),
  };
  const hash = sha256(canonicalJson(body as Json));
  const data = {
    $schema: `http://cyclonedx.org/schema/bom-${about.specVersion}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: about.specVersion,
    serialNumber: `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-9${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
    ...body,
  };
  return { data: data as unknown as SbomData, conflicts };
}

function identityOf(component: Data): string {
  const purl = component["purl"];
  if (typeof purl === "string" && purl !== "") return purl;
  return ["type", "group", "name", "version"].map((key) => String(component[key] ?? "")).join("|");
}

function refOf(component: Data): string {
  return typeof component["bom-ref"] === "string" ? component["bom-ref"] : "";
}

function withoutRef(tool: Data): Data {
  const { "bom-ref": _, ...rest } = tool;
  return rest;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
