import type { Capability } from "../../../model/index.ts";
import type { Entry } from "./script.ts";

/** `what` holds names separated by blanks; an `@n` says which argument names the subject, `!` that only calls count. */
export function tableOf(rows: readonly (readonly [capability: Capability, what: string])[]): ReadonlyMap<string, Entry> {
  const table = new Map<string, Entry>();
  for (const [capability, what] of rows) {
    for (const word of what.split(/\s+/)) {
      const [, name = "", argument, called] = /^([^@!]+)(?:@(\d))?(!?)$/.exec(word) ?? [];
      if (name !== "")
        table.set(name, {
          capability,
          ...(argument === undefined ? {} : { argument: Number(argument) }),
          ...(called === "!" ? { called: true } : {}),
        });
    }
  }
  return table;
}
