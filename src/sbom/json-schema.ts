/**
 * A JSON Schema checker for the keywords that the schemas of CycloneDX (draft 7) and SPDX (2019-09, 2020-12) use. A schema is
 * compiled into closures once, in a few milliseconds; checking then costs little more than walking the value. Where a value
 * does not fit any branch of an `anyOf` or `oneOf`, the complaint is that of the branch that came furthest: the one that was meant.
 */
import { type Json, canonicalJson } from "../model/index.ts";
import { pointerTo } from "./text.ts";

export interface SchemaError {
  /** JSON pointer into the document. */
  readonly pointer: string;
  readonly message: string;
}

export type SchemaObject = { readonly [keyword: string]: unknown };
type Schema = boolean | SchemaObject;

/** Where we are; becomes a pointer only when there is something to complain about. */
interface Path {
  readonly parent: Path | null;
  readonly key: string | number;
}

interface Run {
  /** null while a branch is only tried. */
  readonly errors: SchemaError[] | null;
  count: number;
}

/** `seen` collects the members that were looked at, for `unevaluatedProperties`. */
type Check = (value: unknown, path: Path | null, run: Run, seen: Set<string> | null) => boolean;

/** More complaints than this help nobody. */
const MAX_ERRORS = 100;

export interface SchemaSources {
  /** The schema, and the others that it refers to, by the last part of their address. */
  readonly root: SchemaObject;
  readonly others?: Readonly<Record<string, SchemaObject>>;
  /** Values for enumerations that are kept elsewhere: `{"enumOf": "licences"}`. */
  readonly enumerations?: Readonly<Record<string, () => ReadonlySet<string>>>;
}

export type Validator = (value: unknown) => readonly SchemaError[];

/** Compiles a schema. The result returns all complaints, in document order as far as the schema's own order allows; none means valid. */
export function compileSchema(sources: SchemaSources): Validator {
  const check = new Compiler(sources).compile(sources.root, sources.root);
  return (value) => {
    const quick: Run = { errors: null, count: 0 };
    if (check(value, null, quick, null)) return [];
    const errors: SchemaError[] = [];
    check(value, null, { errors, count: 0 }, null);
    return errors;
  };
}

/** Cap on ranking effort: trying branches again for their message is exponential in the nesting of `oneOf` otherwise. */
const MAX_EXPLAINED_DEPTH = 12;

class Compiler {
  readonly #sources: SchemaSources;
  readonly #done = new Map<object, Check>();

  constructor(sources: SchemaSources) {
    this.#sources = sources;
  }

  compile(schema: Schema, root: SchemaObject): Check {
    if (schema === true) return () => true;
    if (schema === false) return (_value, path, run) => complain(run, path, "must not be there");
    const done = this.#done.get(schema);
    if (done !== undefined) return done;
    // Schemas refer to themselves: the reference is filled in once the body is there.
    let body: Check | undefined;
    const indirect: Check = (value, path, run, seen) => (body as Check)(value, path, run, seen);
    this.#done.set(schema, indirect);
    body = this.#body(schema, root);
    this.#done.set(schema, body);
    return body;
  }

  #body(schema: SchemaObject, root: SchemaObject): Check {
    const checks: Check[] = [];
    const add = (check: Check | null): void => {
      if (check !== null) checks.push(check);
    };
    if (typeof schema["$ref"] === "string") {
      add(this.#reference(schema["$ref"], root));
      // Draft 7 ignores what stands beside `$ref` (section 8.3); SPDX's schemas are newer and do not.
      if (String(root["$schema"] ?? "").includes("draft-07")) return checks[0] as Check;
    }
    add(typeCheck(schema));
    add(valueChecks(schema, this.#sources.enumerations ?? {}));
    add(stringChecks(schema));
    add(numberChecks(schema));
    add(this.#arrayChecks(schema, root));
    add(this.#objectChecks(schema, root));
    add(this.#combinations(schema, root));
    if (schema["unevaluatedProperties"] === false) return unevaluated(checks);
    if (checks.length === 1) return checks[0] as Check;
    return (value, path, run, seen) => {
      let good = true;
      for (const check of checks) {
        if (!check(value, path, run, seen)) {
          if (run.errors === null) return false;
          good = false;
        }
      }
      return good;
    };
  }

  #reference(reference: string, root: SchemaObject): Check {
    const hash = reference.indexOf("#");
    const file = hash < 0 ? reference : reference.slice(0, hash);
    const target = file === "" ? root : this.#sources.others?.[file.slice(file.lastIndexOf("/") + 1)];
    if (target === undefined) throw new Error(`the schema refers to ${reference}, which is not there`);
    let node: unknown = target;
    for (const part of (hash < 0 ? "" : reference.slice(hash + 1)).split("/").slice(1)) {
      node = (node as Record<string, unknown> | undefined)?.[decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    if (node === undefined) throw new Error(`the schema refers to ${reference}, which is not there`);
    return this.compile(node as Schema, target);
  }

  #arrayChecks(schema: SchemaObject, root: SchemaObject): Check | null {
    const { items, minItems, maxItems, uniqueItems } = schema as {
      items?: Schema | readonly Schema[];
      minItems?: number;
      maxItems?: number;
      uniqueItems?: boolean;
    };
    if (items === undefined && minItems === undefined && maxItems === undefined && uniqueItems !== true) return null;
    // Draft 7: a list of schemas is for the first entries, `additionalItems` for the rest.
    const tuple = Array.isArray(items) ? (items as readonly Schema[]).map((one) => this.compile(one, root)) : [];
    const rest = Array.isArray(items) ? (schema["additionalItems"] as Schema | undefined) : (items as Schema | undefined);
    const others = rest === undefined ? null : this.compile(rest, root);
    const itemAt = (index: number): Check | null => tuple[index] ?? others;
    return (value, path, run) => {
      if (!Array.isArray(value)) return true;
      let good = true;
      if (minItems !== undefined && value.length < minItems)
        good = complain(run, path, `must have at least ${minItems} ${minItems === 1 ? "entry" : "entries"}`);
      if (maxItems !== undefined && value.length > maxItems) good = complain(run, path, `must have at most ${maxItems} entries`);
      if (uniqueItems === true && value.length > 1) {
        const twin = firstTwin(value);
        if (twin >= 0) good = complain(run, { parent: path, key: twin }, "is the same as an entry before it");
      }
      for (let index = 0; index < value.length; index += 1) {
        const item = itemAt(index);
        if (item !== null && !item(value[index], below(run, path, index), run, null)) {
          good = false;
          if (run.errors === null) return false;
        }
      }
      return good;
    };
  }

  #objectChecks(schema: SchemaObject, root: SchemaObject): Check | null {
    const required = (schema["required"] ?? []) as readonly string[];
    const properties = new Map(
      Object.entries((schema["properties"] ?? {}) as Record<string, Schema>).map(([key, one]) => [key, this.compile(one, root)]),
    );
    const patterns = Object.entries((schema["patternProperties"] ?? {}) as Record<string, Schema>).map(
      ([pattern, one]) => [expression(pattern), this.compile(one, root)] as const,
    );
    const rest = schema["additionalProperties"] as Schema | undefined;
    const others = rest === undefined || rest === true ? null : rest === false ? false : this.compile(rest, root);
    const dependencies = Object.entries((schema["dependencies"] ?? {}) as Record<string, readonly string[]>);
    if (required.length === 0 && properties.size === 0 && patterns.length === 0 && others === null && dependencies.length === 0)
      return null;
    return (value, path, run, seen) => {
      if (!isObject(value)) return true;
      let good = true;
      for (const key of required) if (!Object.hasOwn(value, key)) good = complain(run, path, `needs “${key}”`);
      for (const [key, needed] of dependencies) {
        if (!Object.hasOwn(value, key)) continue;
        for (const other of needed) if (!Object.hasOwn(value, other)) good = complain(run, path, `needs “${other}”, since it has “${key}”`);
      }
      for (const key of Object.keys(value)) {
        let known = false;
        const check = properties.get(key);
        if (check !== undefined) {
          known = true;
          seen?.add(key);
          if (!check(value[key], below(run, path, key), run, null)) good = false;
        }
        for (const [pattern, matched] of patterns) {
          if (!pattern.test(key)) continue;
          known = true;
          seen?.add(key);
          if (!matched(value[key], below(run, path, key), run, null)) good = false;
        }
        if (!known && others !== null) {
          seen?.add(key);
          if (others === false) good = complain(run, { parent: path, key }, `“${key}” is not known here${closest(key, properties)}`);
          else if (!others(value[key], below(run, path, key), run, null)) good = false;
        }
        if (!good && run.errors === null) return false;
      }
      return good;
    };
  }

  #combinations(schema: SchemaObject, root: SchemaObject): Check | null {
    const checks: Check[] = [];
    const list = (keyword: string): readonly Schema[] => (schema[keyword] ?? []) as readonly Schema[];
    for (const one of list("allOf")) checks.push(this.compile(one, root));
    if (list("anyOf").length > 0)
      checks.push(this.#byType(list("anyOf"), root) ?? anyOf(list("anyOf").map((one) => this.compile(one, root))));
    if (list("oneOf").length > 0)
      checks.push(
        oneOf(
          list("oneOf").map((one) => this.compile(one, root)),
          list("oneOf"),
        ),
      );
    if (schema["not"] !== undefined) {
      const no = this.compile(schema["not"] as Schema, root);
      const members = (schema["not"] as { required?: readonly string[] }).required;
      const message =
        members === undefined
          ? "has a form that is not allowed here"
          : `must not have ${members.map((one) => `“${one}”`).join(" and ")} here`;
      checks.push((value, path, run) => !no(value, path, { errors: null, count: 0 }, null) || complain(run, path, message));
    }
    if (schema["if"] !== undefined) {
      const condition = this.compile(schema["if"] as Schema, root);
      const yes = schema["then"] === undefined ? null : this.compile(schema["then"] as Schema, root);
      const no = schema["else"] === undefined ? null : this.compile(schema["else"] as Schema, root);
      checks.push((value, path, run, seen) => {
        const branch = condition(value, path, { errors: null, count: 0 }, seen) ? yes : no;
        return branch === null || branch(value, path, run, seen);
      });
    }
    if (checks.length <= 1) return checks[0] ?? null;
    return (value, path, run, seen) => {
      let good = true;
      for (const check of checks) if (!check(value, path, run, seen)) good = false;
      return good;
    };
  }

  /** SPDX 3 lists every class in an `anyOf`, each guarded by its `type`: looked up rather than tried one after the other. */
  #byType(branches: readonly Schema[], root: SchemaObject): Check | null {
    const byType = new Map<string, Check>();
    const rest: Check[] = [];
    for (const branch of branches) {
      const target = this.#follow(branch, root);
      const type = guardedType(target);
      if (type === null) rest.push(this.compile(branch, root));
      else byType.set(type, this.compile((target as SchemaObject)["then"] as Schema, root));
    }
    if (byType.size < 2) return null;
    const others = rest.length === 0 ? null : anyOf(rest);
    return (value, path, run, seen) => {
      const type = isObject(value) ? value["type"] : undefined;
      const check = typeof type === "string" ? byType.get(type) : undefined;
      if (check !== undefined) return check(value, path, run, seen);
      if (others !== null && others(value, path, { errors: null, count: 0 }, seen)) return true;
      if (typeof type === "string")
        return complain(run, { parent: path, key: "type" }, `“${type}” is no class that can stand here${closest(type, byType)}`);
      return complain(run, path, isObject(value) ? "needs “type”" : "is not what can stand here");
    };
  }

  #follow(schema: Schema, root: SchemaObject): Schema {
    if (typeof schema === "boolean" || typeof schema["$ref"] !== "string" || !schema["$ref"].startsWith("#/")) return schema;
    let node: unknown = root;
    for (const part of schema["$ref"].split("/").slice(1))
      node = (node as Record<string, unknown>)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    return node as Schema;
  }
}

function guardedType(schema: Schema): string | null {
  if (typeof schema === "boolean") return null;
  const condition = schema["if"] as { properties?: { type?: { const?: unknown } } } | undefined;
  const type = condition?.properties?.type?.const;
  return typeof type === "string" && schema["then"] !== undefined ? type : null;
}

function unevaluated(checks: readonly Check[]): Check {
  return (value, path, run, seen) => {
    const mine = new Set<string>();
    let good = true;
    for (const check of checks) if (!check(value, path, run, mine)) good = false;
    if (isObject(value) && good) {
      for (const key of Object.keys(value)) if (!mine.has(key)) good = complain(run, { parent: path, key }, `“${key}” is not known here`);
    }
    if (seen !== null) for (const key of mine) seen.add(key);
    return good;
  };
}

function anyOf(checks: readonly Check[]): Check {
  return (value, path, run, seen) => {
    let good = false;
    for (const check of checks) {
      const mine = seen === null ? null : new Set<string>();
      if (!check(value, path, { errors: null, count: 0 }, mine)) continue;
      good = true;
      if (mine === null || seen === null) break;
      for (const key of mine) seen.add(key);
    }
    return good || explainBest(checks, value, path, run);
  };
}

function oneOf(checks: readonly Check[], schemas: readonly Schema[]): Check {
  return (value, path, run, seen) => {
    let fitting = 0;
    for (const check of checks) if (check(value, path, { errors: null, count: 0 }, seen)) fitting += 1;
    if (fitting === 1) return true;
    if (fitting === 0) return explainBest(checks, value, path, run);
    const names = schemas.flatMap((one) => (typeof one === "object" ? ((one["required"] as readonly string[] | undefined) ?? []) : []));
    const choice = [...new Set(names)].filter((name) => isObject(value) && Object.hasOwn(value, name));
    return complain(
      run,
      path,
      choice.length > 1
        ? `must have only one of ${choice.map((one) => `“${one}”`).join(", ")}`
        : "fits more than one of the forms of which exactly one is allowed",
    );
  };
}

/** Complains with the words of the branch whose complaints lie deepest, then of the one with the fewest. */
function explainBest(checks: readonly Check[], value: unknown, path: Path | null, run: Run): boolean {
  if (run.errors === null) return false;
  if (run.count >= MAX_EXPLAINED_DEPTH) return complain(run, path, "does not have any of the allowed forms");
  let best: SchemaError[] | null = null;
  let bestDepth = -1;
  for (const check of checks) {
    const errors: SchemaError[] = [];
    check(value, path, { errors, count: run.count + 1 }, null);
    if (errors.length === 0) continue;
    const depth = Math.min(...errors.map((error) => error.pointer.split("/").length));
    if (best === null || depth > bestDepth || (depth === bestDepth && errors.length < best.length)) {
      best = errors;
      bestDepth = depth;
    }
  }
  for (const error of best ?? []) if (run.errors.length < MAX_ERRORS) run.errors.push(error);
  return false;
}

function typeCheck(schema: SchemaObject): Check | null {
  const given = schema["type"];
  if (given === undefined) return null;
  const types = (Array.isArray(given) ? given : [given]) as readonly string[];
  const fits = (value: unknown): boolean =>
    types.some((type) => {
      switch (type) {
        case "object":
          return isObject(value);
        case "array":
          return Array.isArray(value);
        case "integer":
          return Number.isInteger(value);
        case "null":
          return value === null;
        default:
          return typeof value === type;
      }
    });
  const words: Readonly<Record<string, string>> = {
    object: "an object",
    array: "a list",
    string: "a text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    null: "null",
  };
  const expected = types.map((type) => words[type] ?? type).join(" or ");
  return (value, path, run) => fits(value) || complain(run, path, `must be ${expected}, not ${describe(value)}`);
}

function valueChecks(schema: SchemaObject, enumerations: Readonly<Record<string, () => ReadonlySet<string>>>): Check | null {
  if ("const" in schema) {
    const only = schema["const"];
    return (value, path, run) => value === only || complain(run, path, `must be ${JSON.stringify(only)}, not ${describe(value)}`);
  }
  const named = schema["enumOf"];
  if (typeof named === "string") {
    const source = enumerations[named];
    if (source === undefined) throw new Error(`no enumeration is called ${named}`);
    return (value, path, run) =>
      (typeof value === "string" && source().has(value)) || complain(run, path, `${describe(value)} is not on the list of ${named}`);
  }
  const values = schema["enum"] as readonly unknown[] | undefined;
  if (values === undefined) return null;
  const set = new Set(values);
  const listed = values.length > 12 ? `${values.slice(0, 12).join(", ")}, …` : values.join(", ");
  return (value, path, run) => set.has(value) || complain(run, path, `must be one of ${listed}; it is ${describe(value)}`);
}

function stringChecks(schema: SchemaObject): Check | null {
  const { minLength, maxLength } = schema as { minLength?: number; maxLength?: number };
  const source = schema["pattern"] as string | undefined;
  const pattern = source === undefined ? null : expression(source);
  const format = formats.get(String(schema["format"]));
  if (minLength === undefined && maxLength === undefined && pattern === null && format === undefined) return null;
  return (value, path, run) => {
    if (typeof value !== "string") return true;
    if (minLength !== undefined && value.length < minLength)
      return complain(run, path, minLength === 1 ? "must not be empty" : `must have at least ${minLength} characters`);
    if (maxLength !== undefined && value.length > maxLength) return complain(run, path, `must have at most ${maxLength} characters`);
    if (pattern !== null && !pattern.test(value)) return complain(run, path, `${describe(value)} does not have the form ${source}`);
    if (format !== undefined && !format.test(value)) return complain(run, path, `${describe(value)} is not ${format.words}`);
    return true;
  };
}

function numberChecks(schema: SchemaObject): Check | null {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  if (minimum === undefined && maximum === undefined) return null;
  return (value, path, run) => {
    if (typeof value !== "number") return true;
    if (minimum !== undefined && value < minimum) return complain(run, path, `must be at least ${minimum}`);
    if (maximum !== undefined && value > maximum) return complain(run, path, `must be at most ${maximum}`);
    return true;
  };
}

interface Form {
  readonly test: (text: string) => boolean;
  readonly words: string;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/u;

/** RFC 3339 section 5.6, with the days that each month has. */
export function isDateTime(text: string): boolean {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return false;
  const [, year = "", month = "", day = "", hour, minute, second] = parts;
  return isDate(`${year}-${month}-${day}`) && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/u.exec(text);
  if (parts === null) return false;
  const [, year, month, day] = parts.map(Number) as [number, number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** What RFC 3987 lets stand in a reference: no spaces, quotes, angle brackets or braces, and `%` only before two hexadecimal digits. */
const IRI_REFERENCE = /^(?:[^\s<>"{}|\\^`%\u0000-\u001f]|%[0-9A-Fa-f]{2})*$/u;

const formats: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["date-time", { test: isDateTime, words: "a date with time and zone (2026-11-23T10:00:00Z)" }],
  ["date", { test: isDate, words: "a date (2026-11-23)" }],
  ["iri-reference", { test: (text) => IRI_REFERENCE.test(text), words: "an address (RFC 3987)" }],
  ["uri", { test: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/u.test(text) && IRI_REFERENCE.test(text), words: "an absolute address" }],
  ["idn-email", { test: (text) => /^[^\s@]+@[^\s@]+$/u.test(text), words: "an e-mail address" }],
  ["email", { test: (text) => /^[^\s@]+@[^\s@]+$/u.test(text), words: "an e-mail address" }],
]);

function expression(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch {
    // Some published patterns escape characters that need none, which the `u` flag does not take.
    return new RegExp(source);
  }
}

/** Index of the first entry that equals one before it, or -1. Entries are told apart cheaply first: most lists hold no twins. */
function firstTwin(values: readonly unknown[]): number {
  const groups = new Map<string, number[]>();
  for (const [index, value] of values.entries()) {
    const key = typeof value === "string" ? `s${value}` : isObject(value) ? hint(value) : canonicalJson(value as Json);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else if (typeof value !== "object") return index;
    else group.push(index);
  }
  let first = -1;
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const seen = new Set<string>();
    for (const index of group) {
      const key = canonicalJson(values[index] as Json);
      if (seen.has(key)) {
        if (first < 0 || index < first) first = index;
        break;
      }
      seen.add(key);
    }
  }
  return first;
}

/** Equal objects have equal hints; few others do. */
function hint(value: Record<string, unknown>): string {
  let text = "o";
  for (const key of ["bom-ref", "ref", "purl", "id", "name", "version", "url", "content", "value", "location", "text"]) {
    const member = Object.hasOwn(value, key) ? value[key] : undefined;
    text += typeof member === "string" || typeof member === "number" ? `\0${member}` : "\0";
  }
  return text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (typeof value === "string") return `“${value.length > 60 ? `${value.slice(0, 57)}…` : value}”`;
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

function closest(key: string, known: ReadonlyMap<string, unknown>): string {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/gu, "");
  for (const candidate of known.keys())
    if (candidate !== key && candidate.toLowerCase().replace(/[^a-z0-9]/gu, "") === plain) return ` (“${candidate}”?)`;
  return "";
}

/** While a value is only tried there is nothing to complain about, and no path is kept. */
function below(run: Run, path: Path | null, key: string | number): Path | null {
  return run.errors === null ? null : { parent: path, key };
}

function complain(run: Run, path: Path | null, message: string): false {
  if (run.errors !== null && run.errors.length < MAX_ERRORS) run.errors.push({ pointer: pointerOf(path), message });
  return false;
}

function pointerOf(path: Path | null): string {
  const keys: (string | number)[] = [];
  for (let step = path; step !== null; step = step.parent) keys.push(step.key);
  let pointer = "";
  for (const key of keys.toReversed()) pointer = pointerTo(pointer, key);
  return pointer;
}
