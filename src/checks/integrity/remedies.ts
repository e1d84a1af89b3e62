import type { Remedy } from "../../model/index.ts";

/** Letting the package manager write an entry anew is no single command that fits all of them, so it stays a sentence. */
export const relockRemedy = (text: string): Remedy => ({ text });
