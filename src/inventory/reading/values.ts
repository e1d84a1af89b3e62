/** Guards for what a parser gave us: nothing of it is trusted to have a shape. Keys are only ever own keys (`__proto__` is a name like any other). */
export type Table = { readonly [key: string]: unknown };

export const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
export const tableOf = (value: unknown): Table => (isTable(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
export const textsOf = (value: unknown): readonly string[] => listOf(value).filter((item): item is string => typeof item === "string");

/** An own member, never one of the prototype's. */
export const member = (value: unknown, key: string): unknown => (isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined);

/** A version that a parser may have turned into a number: given back as text. */
export const versionText = (value: unknown): string =>
  typeof value === "string" ? value.trim() : typeof value === "number" && Number.isFinite(value) ? String(value) : "";
