import type { Family } from "./families.ts";

export const heldOutFamilies: readonly Family[] = [];
