/** What the SPDX 2.3 JSON schema says about each place, for the readers of the forms that do not tell a list from a single value. */
import { text as schemaText } from "../schemas/spdx-2.3-json.ts";

export interface SpdxShape {
  readonly type: "object" | "array" | "string" | "boolean" | "integer";
  readonly members: ReadonlyMap<string, SpdxShape>;
  readonly items: SpdxShape | null;
  readonly values: readonly string[];
}

interface RawSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, RawSchema>>;
  readonly items?: RawSchema;
  readonly enum?: readonly string[];
}

let loaded: SpdxShape | undefined;

/** The shape of a whole document. */
export function documentShape(): SpdxShape {
  loaded ??= shape(JSON.parse(schemaText) as RawSchema);
  return loaded;
}

function shape(raw: RawSchema): SpdxShape {
  return {
    type: (raw.type ?? "string") as SpdxShape["type"],
    members: new Map(Object.entries(raw.properties ?? {}).map(([name, member]) => [name, shape(member)])),
    items: raw.items === undefined ? null : shape(raw.items),
    values: raw.enum ?? [],
  };
}

/** Text as the value that the shape wants; text that is none stays text, so that the schema can complain about it. */
export function spdxScalar(text: string, wanted: SpdxShape): unknown {
  if (wanted.type === "boolean" && /^\s*(?:true|false)\s*$/iu.test(text)) return text.trim().toLowerCase() === "true";
  if (wanted.type === "integer" && /^\s*-?\d{1,15}\s*$/u.test(text)) return Number(text);
  return text;
}
