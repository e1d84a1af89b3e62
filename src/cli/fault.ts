/** How the command line says that it could not do its work. */
import { Fault, formatPlace } from "../model/fault.ts";
import { block, sentence } from "../report/text.ts";
import type { Screen } from "../report/tones.ts";

/** The exit statuses; the first three are an agreement with CI scripts. */
export const exitStatus = {
  pass: 0,
  policySaysNo: 1,
  fault: 2,
  /** 128 + SIGINT, as shells count. */
  stopped: 130,
  /** 128 + SIGPIPE: never taken for a pass by a script with `pipefail`. */
  pipeClosed: 141,
} as const;

/** Faults stay; errors of the system that a user can cure get a fault's code and a hint; the rest is a bug of ours. */
export function toFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Fault("store/full", `the disk is full: ${message}`, {
      hint: "make room and run it again; what was fetched is kept",
      cause: thrown,
    });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new Fault("input/unreadable", `the system refuses access: ${message}`, { cause: thrown });
  }
  return new Fault("internal/bug", `${message || "something was thrown that is no error"}`, {
    hint: "this is a bug in Tributary; please report it with what TRIBUTARY_DEBUG=1 prints",
    cause: thrown,
  });
}

/** `error[code]: message`, the place, `hint: …`; with the stack where `debug` is given. */
export function formatFault(fault: Fault, screen: Screen, debug?: unknown): string {
  const { paint, columns } = screen;
  const head = `error[${fault.code}]:`;
  const lines = block(`${head} ${sentence(fault.message)}`, columns, "", "  ");
  lines[0] = (lines[0] ?? "").replace(head, () => paint("bad", head));
  if (fault.place !== undefined) {
    const key = fault.place.key === undefined ? "" : ` (${sentence(fault.place.key)})`;
    // A place is for editors to open: one line, never broken.
    lines.push(`  at ${sentence(formatPlace(fault.place))}${key}`);
  }
  if (fault.hint !== undefined) {
    const hint = block(`hint: ${sentence(fault.hint)}`, columns, "", "  ");
    hint[0] = (hint[0] ?? "").replace("hint:", () => paint("strong", "hint:"));
    lines.push(...hint);
  }
  if (debug instanceof Error && debug.stack !== undefined) lines.push(debug.stack, ...causesOf(debug));
  return `${lines.join("\n")}\n`;
}

function causesOf(error: Error): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  // A cause that is its own cause would not end.
  for (let depth = 0; depth < 8 && cause instanceof Error; depth++) {
    lines.push(`caused by ${cause.stack ?? cause.message}`);
    cause = cause.cause;
  }
  return lines;
}

/** The fault as one JSON document, for `--format json`: a reader of standard output always gets JSON. */
export function formatFaultJson(fault: Fault): string {
  const { code, message, place, hint } = fault;
  return `${JSON.stringify({ schemaVersion: "1.0", error: { code, message, place, hint } }, null, 2)}\n`;
}
