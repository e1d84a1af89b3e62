/**
 * A fault is something that kept us from doing our work: a file that is no lockfile, a registry that cannot be reached, a full disk.
 * What we found out by working ("the signature is wrong", "there is no provenance") is an outcome and is returned, never thrown.
 */

/** Every fault there is. The part before the slash names the room, or the thing at its edge. */
export type FaultCode =
  | "cli/usage"
  | "cli/output"
  | "input/not-found"
  | "input/unreadable"
  | "input/too-large"
  | "input/not-understood"
  | "inventory/no-lockfile"
  | "inventory/syntax"
  | "inventory/format"
  | "inventory/depth"
  | "sbom/syntax"
  | "sbom/invalid"
  | "purl/invalid"
  | "version/invalid"
  | "version/unknown-ecosystem"
  | "vers/invalid"
  | "policy/invalid"
  | "artifact/format"
  | "artifact/limit"
  | "artifact/truncated"
  | "source/unreachable"
  | "source/status"
  | "source/not-found"
  | "source/denied"
  | "source/body"
  | "source/offline"
  | "source/too-large"
  | "source/configuration"
  | "advisory/format"
  | "store/corrupt"
  | "store/busy"
  | "store/full"
  | "store/newer"
  | "store/unusable"
  | "git/failed"
  | "sign/identity"
  | "sign/unverified"
  | "internal/thread"
  | "internal/bug";

/** Where in which of the user's files. `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The key or JSON pointer at that place, where there is one: `packages/node_modules/ms`. */
  readonly key?: string;
}

export interface FaultDetails {
  /** One sentence with what the reader can do about it. */
  readonly hint?: string;
  readonly place?: Place;
  readonly cause?: unknown;
}

/** Thrown by every room, printed by the command line as `error[code]: message`, a place and a hint. */
export class Fault<C extends FaultCode = FaultCode> extends Error {
  override readonly name = "Fault";
  readonly code: C;
  readonly hint: string | undefined;
  readonly place: Place | undefined;

  constructor(code: C, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.place = details.place;
  }
}

/** Writes a place as editors understand it: `package-lock.json:12:5`. */
export function formatPlace(place: Place): string {
  const line = place.line === undefined ? "" : `:${place.line}${place.column === undefined ? "" : `:${place.column}`}`;
  return `${place.file}${line}`;
}
