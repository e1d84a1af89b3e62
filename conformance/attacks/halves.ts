import { createHash } from "node:crypto";

/**
 * Whether what the second writer wrote under this name may be looked at while rules are changed. The other half of the names, by their hash, stays
 * closed: what becomes of it says whether a change was general.
 */
export const isOpen = (name: string): boolean => (createHash("sha256").update(name).digest()[0] ?? 0) % 2 === 0;
