/**
 * What-if in the page itself: opens an exposure page in headless Chromium through the DevTools protocol, asks, and prints as JSON how many
 * milliseconds the page says that each kind of question took. Not a benchmark by itself; nothing is printed where there is no Chromium.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const [page = "", scratch = ""] = process.argv.slice(2);
const PACKAGES = ["libssl3", "liblzma5", "libc6", "perl-base", "libsystemd0"];
const KINDS = ["remove", "add-alternative", "replace", "pin"];
/** Asked this often, of which the middle counts: the first answers come from code that the engine has not optimised yet. */
const ASKED = 7;
/** A page that has not opened in this time never will. */
const PATIENCE = 120_000;

const browser = spawn(
  "chromium",
  ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${scratch}`, "--remote-debugging-port=0", "about:blank"],
  { stdio: ["ignore", "ignore", "pipe"] },
);
const timer = setTimeout(() => browser.kill(), PATIENCE);
try {
  console.log(JSON.stringify(await ask(await addressOf(browser))));
} finally {
  clearTimeout(timer);
  browser.kill();
}

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const match = /DevTools listening on (ws:\S+)/.exec(line);
    if (match !== null) return match[1]!;
  }
  throw new Error("the browser ended before it listened");
}

async function ask(address: string): Promise<Readonly<Record<string, number>>> {
  const socket = new WebSocket(address);
  await once(socket, "open");
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  let count = 0;
  const call = (method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const id = ++count;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    });
  const { targetId } = await call("Target.createTarget", { url: page });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }, sessionId as string);
    return (result as { readonly value?: unknown } | undefined)?.value;
  };
  // What is asked before the page is there is asked of an empty one.
  while ((await evaluate(`document.readyState === "complete" && document.querySelector("#ask") !== null`)) !== true) await pause(200);
  const figures = await evaluate(
    `${pause.toString()}(${inPage.toString()})(${JSON.stringify({ packages: PACKAGES, kinds: KINDS, asked: ASKED })})`,
  );
  socket.close();
  return figures as Readonly<Record<string, number>>;
}

/** Also sent into the page, before what uses it. */
function pause(time: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, time));
}

/** Runs in the page: uses its form as a reader would, and reads the milliseconds where the page shows them. */
async function inPage(what: { readonly packages: readonly string[]; readonly kinds: readonly string[]; readonly asked: number }) {
  const { document } = globalThis as unknown as { readonly document: Page };
  const form = document.querySelector("#ask")!;
  const worst: Record<string, number> = {};
  for (const kind of what.kinds) {
    for (const name of what.packages) {
      const times: number[] = [];
      for (let time = 0; time < what.asked; time++) {
        form.elements.namedItem("kind")!.value = kind;
        form.elements.namedItem("package")!.value = name;
        form.elements.namedItem("by")!.value = "libgnutls30";
        document.querySelector("#answer")!.replaceChildren();
        form.requestSubmit();
        let match: RegExpExecArray | null = null;
        while (match === null) {
          await pause(5);
          match = /Answered in this page in (less than )?(\d+) ms/.exec(document.querySelector("#answer")!.textContent);
        }
        times.push(Number(match[2]));
      }
      times.sort((a, b) => a - b);
      worst[kind] = Math.max(worst[kind] ?? 0, times[times.length >> 1]!);
    }
  }
  return worst;
}

/** As much of a page's document as is used: the benches are not compiled for a browser. */
interface Page {
  readonly querySelector: (selector: string) => Piece | null;
}
interface Piece {
  readonly textContent: string;
  readonly replaceChildren: () => void;
  readonly requestSubmit: () => void;
  readonly elements: { readonly namedItem: (name: string) => { value: string } | null };
}
