/**
 * Why a verification said no. The union is closed, so that a caller can decide by code and a test can name the reason. A rejection
 * is an outcome: inside this room it is thrown to leave a step early, and every public function catches it and returns it.
 */
export type RejectCode =
  | "bundle-malformed"
  | "bundle-version"
  | "bundle-material"
  | "envelope-malformed"
  | "envelope-payload-type"
  | "statement-malformed"
  | "certificate-malformed"
  | "certificate-untrusted"
  | "certificate-root-in-bundle"
  | "certificate-purpose"
  | "certificate-expired"
  | "sct-missing"
  | "sct-invalid"
  | "key-missing"
  | "key-unsupported"
  | "key-expired"
  | "signature-invalid"
  | "log-entry-missing"
  | "log-entry-unsupported"
  | "log-entry-mismatch"
  | "log-untrusted"
  | "log-expired"
  | "log-promise-missing"
  | "log-promise-invalid"
  | "log-proof-missing"
  | "log-proof-invalid"
  | "log-checkpoint-malformed"
  | "log-checkpoint-invalid"
  | "timestamp-missing"
  | "timestamp-malformed"
  | "timestamp-untrusted"
  | "timestamp-invalid"
  | "timestamp-expired"
  | "timestamp-future"
  | "artifact-mismatch"
  | "artifact-undecidable"
  | "identity-mismatch"
  | "issuer-mismatch";

/** The steps of a verification, in their order. */
export type Step =
  | "read"
  | "artifact"
  | "signature"
  | "log-entry"
  | "log-promise"
  | "log-proof"
  | "timestamps"
  | "certificate"
  | "sct"
  | "identity";

export interface Rejected {
  readonly ok: false;
  readonly code: RejectCode;
  /** One sentence for people. */
  readonly message: string;
  /** The step that said no. */
  readonly step: Step;
}

/** Leaves a step; never leaves this room. */
export class Rejection extends Error {
  readonly code: RejectCode;

  constructor(code: RejectCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function reject(code: RejectCode, message: string): never {
  throw new Rejection(code, message);
}

/** Runs a verification that knows its current step, and turns a rejection into an outcome. Anything else is a bug of ours and passes on. */
export function outcome<T extends { readonly ok: true }>(run: (at: (step: Step) => void) => T): T | Rejected {
  let step: Step = "read";
  try {
    return run((next) => {
      step = next;
    });
  } catch (error) {
    if (error instanceof Rejection) return { ok: false, code: error.code, message: error.message, step };
    throw error;
  }
}
