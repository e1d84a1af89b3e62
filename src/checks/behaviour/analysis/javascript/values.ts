/** What an expression may be, and how such values are made and put together. */

export type Meaning =
  | { readonly kind: "text"; readonly text: string; readonly built: boolean }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "ref"; readonly path: string; readonly concealed: boolean }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** An array, object, function or class of the source. */
  | { readonly kind: "node"; readonly node: number };

/** All that an expression may be; empty where nothing is known. */
export type Value = readonly Meaning[];

/** Before a path: its property's descriptor (`Object.getOwnPropertyDescriptor`), whose `value` is what the path names. */
export const DESCRIBED = "descriptor of ";

export const UNKNOWN: Value = [];
/** Alternatives that are followed: `a ? b : c`, several assignments. */
export const MOST_MEANINGS = 4;
/** Characters of a text that is pieced together; names and addresses are shorter, payloads are recognised without being unpacked whole. */
export const LONGEST_TEXT: number = 16 * 1024;
/** Elements of one list. */
export const MOST_ITEMS = 4_096;

export const text = (value: string, built: boolean): Value =>
  value.length > LONGEST_TEXT ? UNKNOWN : [{ kind: "text", text: value, built }];
export const ref = (path: string, concealed = false): Value => [{ kind: "ref", path, concealed }];
export const number = (value: number): Value => (Number.isFinite(value) ? [{ kind: "number", value }] : UNKNOWN);

export const isBuilt = (value: Value): boolean => value.some((meaning) => meaning.kind === "text" && meaning.built);

export function either(a: Value, b: Value): Value {
  if (a.length === 0) return b;
  if (b.length === 0 || a === b) return a;
  return [...a, ...b].slice(0, MOST_MEANINGS);
}
