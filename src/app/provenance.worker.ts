/** A thread that verifies proofs: it opens the same roots, makes sure that they are the same, and answers each batch in its order. */
import { parentPort, workerData } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import { concluder, type ForeignKeys, type Proof } from "./provenance-proof.ts";
import type { ToThread } from "./threads.ts";
import { openTrust } from "./trust.ts";

const { data, fingerprint } = workerData as { readonly data: string; readonly fingerprint: string };
const { root, keys, fingerprint: own } = openTrust(data);
if (own !== fingerprint)
  throw new Fault("store/unusable", "the trust roots changed while they were in use", { hint: "run the command again" });
let conclude = concluder({ root, keys, foreign: [] });
parentPort?.on("message", (message: ToThread<Proof>) => {
  // Keys that a registry publishes itself are known only after its answers were read.
  if (message.kind === "news") conclude = concluder({ root, keys, foreign: message.news as readonly ForeignKeys[] });
  else parentPort?.postMessage(message.work.map(conclude), []);
});
