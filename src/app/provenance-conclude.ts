/**
 * Concludes what proofs show. What held before, about the same bytes and under the same roots, holds; the rest is verified, on several threads where there is
 * much of it, and as far as it can be while other proofs are still being fetched.
 */
import { sha256 } from "../model/index.ts";
import type { Verdicts } from "../store/verdicts.ts";
import { concluder, type ForeignKeys, type Proof, type ProofClaim } from "./provenance-proof.ts";
import { openPool, type Pool } from "./threads.ts";
import type { Trust } from "./trust.ts";

export interface ConclusionsOptions {
  /** Asked for when the first proof is looked at: reading the roots is not free. */
  readonly trust: () => Trust;
  readonly verdicts: Verdicts;
  /** The user's data folder, which holds the roots that `trust` reads. */
  readonly data: string;
  /** Threads beside this one; as many as the machine has cores for unless given. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export interface Concluded {
  readonly proof: Proof;
  readonly claim: ProofClaim;
}

export interface Conclusions {
  /** Proofs that will be asked about, and that need no key of a registry's own: other threads may begin with them. */
  readonly offer: (proofs: readonly Proof[]) => void;
  /** What each proof shows, by its subject. To be called once. Throws `internal/thread`, and the reason of an aborted signal. */
  readonly all: (proofs: readonly Proof[], foreign: readonly ForeignKeys[]) => Promise<ReadonlyMap<string, readonly Concluded[]>>;
  readonly close: () => Promise<void>;
}

/** Part of a kept verdict's name: goes up when what we conclude from the same bytes changes. */
const CLAIM_VERSION = 1;
/** Proofs from which on other threads are worth their start, which costs as much as some fifty verifications. */
const WORTH_THREADS = 100;

export function openConclusions({ trust, verdicts, data, threads, signal }: ConclusionsOptions): Conclusions {
  let pool: Pool<Proof, ProofClaim> | null = null;
  /** Names of the proofs that the pool has, in their order. */
  const pooled = new Map<string, number>();
  const pinned = new Map<string, ProofClaim>();

  const nameOf = (proof: Proof): string => {
    const { keys, fingerprint } = trust();
    const origin = (source: string): string => (source === "" ? keys.origin.source : source);
    return sha256(JSON.stringify([CLAIM_VERSION, fingerprint, ...partsOf(proof, origin)]));
  };
  /** Takes a proof into the pool unless its conclusion is kept, or it is there already. */
  const offer = (proofs: readonly Proof[]): void => {
    const fresh = proofs.filter((proof) => {
      const name = nameOf(proof);
      if (pooled.has(name) || pinned.has(name)) return false;
      const kept = verdicts.look(name);
      if (kept === null) pooled.set(name, pooled.size);
      else pinned.set(name, JSON.parse(kept) as ProofClaim);
      return kept === null;
    });
    if (fresh.length > 0) opened().add(fresh);
  };
  const opened = (): Pool<Proof, ProofClaim> =>
    (pool ??= openPool({
      worker: "provenance.worker",
      data: { data, fingerprint: trust().fingerprint },
      threads,
      worth: WORTH_THREADS,
      ...(signal === undefined ? {} : { signal }),
    }));

  return {
    offer,
    all: async (proofs, foreign) => {
      const bySubject = new Map<string, Concluded[]>();
      if (proofs.length === 0) return bySubject;
      if (foreign.length > 0) opened().tell(foreign);
      offer(proofs);
      const { root, keys } = trust();
      const conclude = concluder({ root, keys, foreign });
      const found = (await pool?.results(conclude)) ?? [];
      for (const [name, at] of pooled) {
        const claim = found[at];
        if (claim !== undefined && claim.refusal === undefined) verdicts.keep(name, JSON.stringify(claim));
      }
      for (const proof of proofs) {
        const name = nameOf(proof);
        const claim = pinned.get(name) ?? found[pooled.get(name) ?? -1] ?? conclude(proof);
        const list = bySubject.get(proof.subject);
        if (list === undefined) bySubject.set(proof.subject, [{ proof, claim }]);
        else list.push({ proof, claim });
      }
      return bySubject;
    },
    close: async () => await pool?.close(),
  };
}

/** All that a conclusion depends on, but for the roots. */
function partsOf(proof: Proof, keyOrigin: (source: string) => string): readonly string[] {
  if (proof.kind === "file") return ["pep740", proof.file, proof.sha256, proof.content];
  if (proof.kind === "signature") {
    const { name, version, integrity, published, keyid, sig, keys } = proof;
    return ["signature", keyOrigin(keys), name, version, integrity, published, keyid, sig];
  }
  const { name, version, sha512, content, keys } = proof;
  return ["attestation", keys === null ? "" : keyOrigin(keys), name, version, sha512, content];
}
