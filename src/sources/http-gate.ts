/**
 * One gate for each host. It bounds how many requests are under way, holds all of them back while the host asks for a pause
 * (Retry-After), gets narrower when it is overloaded, and closes when the host is plainly not there, so that
 * 1,600 questions to a dead registry fail in a moment and not after 1,600 rounds of waiting.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../model/index.ts";

/** A host that failed this many requests in a row, each with all its retries, and never answered in between, is taken as down. */
const FAILURES_UNTIL_DOWN = 4;
/** Under overload the gate never gets narrower than this: less would not be more polite, only slower. */
const NARROWEST = 2;
/** After this many good answers a narrowed gate opens by one. */
const ANSWERS_PER_STEP = 10;

export class HostGate {
  readonly #widest: number;
  #limit: number;
  #active = 0;
  #good = 0;
  #failures = 0;
  #resumeAt = 0;
  #down: Fault | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#widest = Math.max(1, limit);
    this.#limit = this.#widest;
  }

  /** Waits for a turn, runs, and lets the next one in. Throws the fault that closed the gate, if it is closed. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#active >= this.#limit) await new Promise<void>((turn) => this.#waiting.push(turn));
    else this.#active++;
    try {
      if (this.#down !== undefined) throw this.#down;
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Waits until the pause that the host asked for is over. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    for (let wait = this.#resumeAt - Date.now(); wait > 0; wait = this.#resumeAt - Date.now()) await sleep(wait, undefined, { signal });
  }

  overloaded(pauseMilliseconds: number): void {
    this.#limit = Math.max(Math.min(NARROWEST, this.#widest), Math.floor(this.#limit / 2));
    this.#good = 0;
    this.#resumeAt = Math.max(this.#resumeAt, Date.now() + pauseMilliseconds);
  }

  answered(): void {
    this.#failures = 0;
    if (this.#limit < this.#widest && ++this.#good >= ANSWERS_PER_STEP) {
      this.#good = 0;
      this.#limit++;
    }
  }

  failed(fault: Fault): void {
    if (++this.#failures >= FAILURES_UNTIL_DOWN) this.#down = fault;
  }

  /** Lets nobody in for the rest of the run; gives the fault back, to be thrown. */
  close(fault: Fault): Fault {
    this.#down = fault;
    return fault;
  }

  #leave(): void {
    this.#active--;
    while (this.#active < this.#limit) {
      const turn = this.#waiting.shift();
      if (turn === undefined) return;
      this.#active++;
      turn();
    }
  }
}
