/** One line on standard error that says what is being done, how far it is and how long it will take; gone when the work is done. */
import type { OnProgress, ProgressEvent } from "../app/progress.ts";
import { count } from "../report/groups.ts";
import { displayWidth, sentence } from "../report/text.ts";

export interface Progress {
  readonly on: OnProgress;
  /** Writes a line of its own; the progress stands below it again with the next event. */
  readonly say: (line: string) => void;
  /** Clears the line. Nothing is drawn afterwards. */
  readonly end: () => void;
}

interface ProgressHost {
  readonly err: (text: string) => void;
  readonly errIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns: number;
}

/** More often than this is not read, and costs a system call each. */
const MILLISECONDS_BETWEEN_DRAWS = 100;
/** What is done sooner needs no line. */
const MILLISECONDS_BEFORE_FIRST = 300;
/** An estimate from less than this is a guess. */
const MILLISECONDS_BEFORE_ESTIMATE = 2_000;

interface Work {
  readonly startedAt: number;
  event: ProgressEvent;
}

/** Silent where standard error is no terminal, is a dumb one, or the run is in CI. `now` gives milliseconds. */
export function progressOn(host: ProgressHost, now: () => number = () => performance.now()): Progress {
  const { CI, TERM } = host.env;
  if (!host.errIsTerminal || TERM === "dumb" || (CI !== undefined && CI !== "" && CI !== "false")) {
    return { on: () => undefined, say: (line) => host.err(`${line}\n`), end: () => undefined };
  }
  const works = new Map<string, Work>();
  const begun = now();
  let drawnAt = -Infinity;
  let drawn = false;
  let ended = false;
  const clear = (): void => {
    if (drawn) host.err("\r\u001b[K");
    drawn = false;
  };
  return {
    on: (event) => {
      if (ended) return;
      const at = now();
      const work = works.get(event.work);
      if (work === undefined) works.set(event.work, { startedAt: at, event });
      else work.event = event;
      if (event.ended === true) works.delete(event.work);
      if (at - begun < MILLISECONDS_BEFORE_FIRST || at - drawnAt < MILLISECONDS_BETWEEN_DRAWS) return;
      drawnAt = at;
      const line = progressLine([...works.values()], at, host.columns);
      clear();
      if (line === "") return;
      host.err(line);
      drawn = true;
    },
    say: (line) => {
      clear();
      host.err(`${line}\n`);
    },
    end: () => {
      ended = true;
      clear();
    },
  };
}

/** `fetching package documents 812/1,600, fetching tarballs 90, 12 s left`, cut to the window. */
function progressLine(works: readonly Work[], now: number, columns: number): string {
  const parts = works.map(({ event }) => {
    const total = event.total === undefined ? "" : `/${count(event.total)}`;
    const numbers = event.done === 0 && total === "" ? "" : ` ${count(event.done)}${total}`;
    return sentence(event.work) + numbers;
  });
  const left = Math.max(0, ...works.map((work) => millisecondsLeft(work, now)));
  if (left > 0) parts.push(`${formatDuration(left)} left`);
  const line = parts.join(", ");
  // The last column stays free: some terminals wrap when it is written.
  return displayWidth(line) < columns ? line : `${[...line].slice(0, Math.max(0, columns - 4)).join("")}...`;
}

function millisecondsLeft({ event, startedAt }: Work, now: number): number {
  const elapsed = now - startedAt;
  const { done, total } = event;
  if (total === undefined || done <= 0 || done >= total || elapsed < MILLISECONDS_BEFORE_ESTIMATE) return 0;
  return (elapsed / done) * (total - done);
}

/** `4 s`, `2 min`, `1 h 5 min`, rounded up: better early than late. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
