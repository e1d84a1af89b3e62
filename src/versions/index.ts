/** Version order and ranges of every ecosystem. */
import { type Ecosystem, Fault } from "../model/index.ts";
import { orderOf } from "./ecosystems.ts";
import type { Order } from "./order.ts";

export { orderOf, orderOfScheme, orderedEcosystems } from "./ecosystems.ts";
export { versOf } from "./native.ts";
export { normalPep440 } from "./pep440.ts";
export type { Order } from "./order.ts";
export { type SatisfiesOptions, satisfies } from "./satisfies.ts";
export {
  type Comparator,
  type Constraint,
  type Vers,
  canonicalVers,
  canonicalVersion,
  formatVers,
  parseVers,
  versContains,
  versFrom,
} from "./vers.ts";

/**
 * Below, at or above 0, as `a` is below, equal to or above `b` in the ecosystem's own order.
 * Throws `version/unknown-ecosystem` where we know no order for it and `version/invalid` where one is no version of it.
 */
export function compareVersions(ecosystem: Ecosystem, a: string, b: string): number {
  return requireOrder(ecosystem).compare(a, b);
}

/** The order of an ecosystem; throws `version/unknown-ecosystem` where we know none. */
export function requireOrder(ecosystem: Ecosystem): Order {
  const order = orderOf(ecosystem);
  if (order === null)
    throw new Fault("version/unknown-ecosystem", `no version order is known for the ecosystem ${JSON.stringify(ecosystem)}`, {
      hint: "Ecosystems are written as OSV defines them: npm, PyPI, crates.io, Debian:12",
    });
  return order;
}
