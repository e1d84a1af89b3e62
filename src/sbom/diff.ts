/** What changed from one bill of materials to another, whatever families they are of: components, versions, licences, hashes, dependencies. */
import { byCodeUnit } from "../model/index.ts";
import { readLicence } from "../model/licence.ts";
import type { Bill, Item } from "./bill/bill.ts";

export interface DiffEntry {
  /** The purl, or the name with its version where there is none. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface DiffChange {
  readonly name: string;
  readonly from: DiffEntry;
  readonly to: DiffEntry;
  readonly fields: readonly {
    readonly field: "version" | "licence" | "hashes" | "supplier" | "dependencies";
    readonly from: string;
    readonly to: string;
  }[];
}

export interface SbomDiff {
  readonly added: readonly DiffEntry[];
  readonly removed: readonly DiffEntry[];
  readonly changed: readonly DiffChange[];
  readonly same: number;
}

interface Side {
  readonly item: Item;
  readonly entry: DiffEntry;
  readonly needs: readonly string[];
}

/**
 * Compares two bills. A component that is there in another version has changed, where there is one of it on each side; where
 * several versions stand side by side, the ones on both sides are compared and the others are added or removed.
 */
export function diffBills(before: Bill, after: Bill): SbomDiff {
  const [old, now] = [sides(before), sides(after)];
  const added: DiffEntry[] = [];
  const removed: DiffEntry[] = [];
  const changed: DiffChange[] = [];
  let same = 0;
  const compare = (a: Side, b: Side): void => {
    const fields = fieldsOf(a, b);
    if (fields.length === 0) same += 1;
    else changed.push({ name: b.entry.name, from: a.entry, to: b.entry, fields });
  };
  for (const name of [...new Set([...old.keys(), ...now.keys()])].toSorted(byCodeUnit)) {
    const left = new Map((old.get(name) ?? []).map((side) => [side.entry.version, side]));
    const right = new Map((now.get(name) ?? []).map((side) => [side.entry.version, side]));
    for (const [version, side] of left) {
      const twin = right.get(version);
      if (twin === undefined) continue;
      compare(side, twin);
      left.delete(version);
      right.delete(version);
    }
    const [gone, come] = [[...left.values()], [...right.values()]];
    const [first] = gone;
    const [second] = come;
    if (gone.length === 1 && come.length === 1 && first !== undefined && second !== undefined) compare(first, second);
    else {
      removed.push(...gone.map((side) => side.entry));
      added.push(...come.map((side) => side.entry));
    }
  }
  return { added, removed, changed, same };
}

function sides(bill: Bill): ReadonlyMap<string, readonly Side[]> {
  const names = new Map(bill.items.map((item) => [item.key.value, nameOf(item)]));
  const needs = new Map<string, Set<string>>();
  for (const relation of bill.relations) {
    if (relation.type.value !== "dependsOn") continue;
    const target = names.get(relation.to.value);
    if (target === undefined) continue;
    const list = needs.get(relation.from.value);
    if (list === undefined) needs.set(relation.from.value, new Set([target]));
    else list.add(target);
  }
  const result = new Map<string, Side[]>();
  for (const item of bill.items) {
    if (item.form !== "package") continue;
    const name = nameOf(item);
    const version = item.version?.value ?? "";
    const side: Side = {
      item,
      entry: { id: item.purl?.value ?? `${name}${version === "" ? "" : `@${version}`}`, name, version },
      needs: [...(needs.get(item.key.value) ?? [])].toSorted(byCodeUnit),
    };
    const list = result.get(name);
    if (list === undefined) result.set(name, [side]);
    else list.push(side);
  }
  return result;
}

/** A package's name across versions: its purl without version and what follows, or its group and name. */
function nameOf(item: Item): string {
  if (item.purl !== undefined) {
    const bare = item.purl.value.replace(/[?#].*$/su, "");
    const at = bare.lastIndexOf("@");
    return at > bare.lastIndexOf("/") ? bare.slice(0, at) : bare;
  }
  return item.group === undefined || item.group.value === "" ? item.name.value : `${item.group.value}/${item.name.value}`;
}

function fieldsOf(a: Side, b: Side): DiffChange["fields"] {
  const licence = ({ item }: Side): string =>
    [...new Set(item.licences.map((one) => readLicence(one.value.value).expression))]
      .filter((one) => one !== "NOASSERTION" && one !== "")
      .toSorted(byCodeUnit)
      .join(" AND ");
  const hashes = ({ item }: Side): string =>
    item.hashes
      .map((one) => `${one.algorithm.value}:${one.value.value.toLowerCase()}`)
      .toSorted(byCodeUnit)
      .join(" ");
  const pairs = [
    { field: "version", from: a.entry.version, to: b.entry.version },
    { field: "licence", from: licence(a), to: licence(b) },
    { field: "hashes", from: hashes(a), to: hashes(b) },
    { field: "supplier", from: a.item.supplier?.name.value ?? "", to: b.item.supplier?.name.value ?? "" },
    { field: "dependencies", from: a.needs.join(" "), to: b.needs.join(" ") },
  ] as const;
  // Another version has other bytes: that its hashes differ goes without saying.
  return pairs.filter((pair) => pair.from !== pair.to && !(pair.field === "hashes" && a.entry.version !== b.entry.version));
}
