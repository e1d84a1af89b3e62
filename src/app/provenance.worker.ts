/** A thread that verifies proofs: it opens the same roots, makes sure that they are the same, and answers each batch in its order. */
import { parentPort, workerData } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import { concluder, type ForeignKeys, type Proof } from "./provenance-proof.ts";
import { openTrust } from "./trust.ts";

const { data, fingerprint, foreign } = workerData as {
  readonly data: string;
  readonly fingerprint: string;
  readonly foreign: readonly ForeignKeys[];
};
const trust = openTrust(data);
if (trust.fingerprint !== fingerprint)
  throw new Fault("store/unusable", "the trust roots changed while they were in use", { hint: "run the command again" });
const conclude = concluder({ root: trust.root, keys: trust.keys, foreign });
parentPort?.on("message", (batch: readonly Proof[]) => parentPort?.postMessage(batch.map(conclude), []));
