/// <reference lib="dom" />
/**
 * The page's side of `exposure-html.ts`: unpacks the graph, answers "what if" with the engine of `src/graph`, and keeps the question in the
 * address. `exposureScript()` is it, compiled. Names are set as text, never as markup.
 */
import type { Change, GraphDescription, Impact, WhatIf } from "../model/exposure.ts";
import { measure } from "../graph/measure.ts";
import { whatIfs } from "../graph/what-if.ts";
import { unpackGraph } from "./exposure-pack.ts";

interface Engine {
  readonly names: readonly string[];
  readonly ask: (change: Change) => WhatIf;
}

const SUGGESTIONS = 12;

const one = <E extends Element>(selector: string): E | null => document.querySelector<E>(selector);
const group = (value: number): string => value.toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ",");

async function load(): Promise<Engine> {
  const about = JSON.parse(one("#graph-about")?.textContent ?? "{}") as GraphDescription;
  const text = atob((one("#graph-packed")?.textContent ?? "").trim());
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const graph = unpackGraph(new Uint8Array(await new Response(stream).arrayBuffer()), about);
  return { names: graph.names, ask: whatIfs(graph, measure(graph)) };
}

let engine: Promise<Engine> | undefined;
const ready = (): Promise<Engine> => (engine ??= load());

const element = (tag: string, text = "", kind = ""): HTMLElement => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind !== "") made.className = kind;
  return made;
};

function listOf(title: string, impact: Impact): readonly HTMLElement[] {
  if (impact.names.length === 0) return [];
  const names = element("p", "", "names");
  impact.names.forEach((name, index) => names.append(index === 0 ? "" : ", ", packageButton(name)));
  const rest = impact.count - impact.names.length;
  if (rest > 0) names.append(` and ${group(rest)} more`);
  return [element("h3", title), names];
}

/** So many are hit one step away, two, three …: a bar for each, as long as its share of the largest. */
function waveList(waves: readonly number[]): HTMLElement {
  const list = element("ol", "", "waves");
  const most = Math.max(...waves);
  for (const wave of waves) {
    const item = element("li");
    const bar = document.createElement("meter");
    bar.max = most;
    bar.value = wave;
    bar.setAttribute("aria-hidden", "true");
    item.append(bar, element("span", group(wave)));
    list.append(item);
  }
  return list;
}

function packageButton(name: string): HTMLElement {
  const button = element("button", name, "package mono") as HTMLButtonElement;
  button.type = "button";
  button.addEventListener("click", () => void choose(name));
  return button;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const made = element("table") as HTMLTableElement;
  const titles = made.createTHead().insertRow();
  for (const [index, title] of head.entries()) {
    const cell = element("th", title, index === 0 ? "" : "number") as HTMLTableCellElement;
    cell.scope = "col";
    titles.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, index) => line.append(element("td", text, index === 0 ? "name" : "number")));
  }
  const box = element("div", "", "scroll");
  box.append(made);
  return box;
}

function show(answer: WhatIf, took: number): void {
  const place = one<HTMLElement>("#answer");
  if (place === null) return;
  const parts: HTMLElement[] = [element("p", answer.answer, "said")];
  const falls = answer.breaks.waves.length > 0;
  const { waves } = falls ? answer.breaks : answer.exposed;
  if (waves.length > 0) parts.push(element("h3", falls ? "How far the fall goes" : "How far the exposure goes"), waveList(waves));
  // Where nothing names an alternative, the two lists are one.
  const same = answer.breaks.count === answer.exposed.count;
  if (same) parts.push(...listOf("Stand on it, most leaned on first", answer.breaks));
  else parts.push(...listOf("Fall with it, most leaned on first", answer.breaks), ...listOf("Carry it", answer.exposed));
  if (answer.paths.length > 0) {
    const list = element("ul", "", "ways");
    for (const path of answer.paths) list.append(element("li", path.join(" › "), "way mono"));
    parts.push(element("h3", "Why"), list);
  }
  if (answer.changes.some(({ after }) => after !== null)) {
    parts.push(
      element("h3", "What changes"),
      table(
        ["package", "carry it, before", "after", "fall with it, before", "after"],
        answer.changes.map(({ name, before, after }) => [
          name,
          group(before.first),
          after === null ? "gone" : group(after.first),
          group(before.hard),
          after === null ? "gone" : group(after.hard),
        ]),
      ),
    );
  }
  if (answer.expectedDamage !== null) {
    const { before, after } = answer.expectedDamage;
    parts.push(
      element(
        "p",
        `Damage of one random loss, over all packages: ${(before / answer.graph.nodes).toFixed(3)} before, ${(after / answer.graph.nodes).toFixed(3)} after (packages, on average).`,
      ),
    );
  }
  parts.push(element("p", `Assumed: ${answer.assumptions.join(" ")}`, "meta"));
  parts.push(element("p", `Answered in this page in ${took < 1 ? "less than 1" : took.toFixed(0)} ms.`, "meta"));
  place.replaceChildren(...parts);
}

const form = one<HTMLFormElement>("#ask");
const field = <E extends Element>(name: string): E => form?.elements.namedItem(name) as unknown as E;

function question(): Change | null {
  const name = field<HTMLInputElement>("package").value.trim();
  const by = field<HTMLInputElement>("by").value.trim();
  const kind = field<HTMLSelectElement>("kind").value;
  if (name === "") return null;
  if (kind === "replace" || kind === "add-alternative") return by === "" ? null : { kind, package: name, by };
  return kind === "pin" ? { kind, package: name, by: [] } : { kind: "remove", packages: [name] };
}

async function answer(): Promise<void> {
  const place = one<HTMLElement>("#answer");
  const asked = question();
  if (form === null || place === null || asked === null) return;
  const kind = field<HTMLSelectElement>("kind").value;
  const words = [kind, field<HTMLInputElement>("package").value.trim(), field<HTMLInputElement>("by").value.trim()].filter(
    (word) => word !== "",
  );
  history.replaceState(null, "", `#what-if=${words.map(encodeURIComponent).join(":")}`);
  if (engine === undefined) place.replaceChildren(element("p", "Unpacking the graph …", "quiet"));
  try {
    const { ask } = await ready();
    const started = performance.now();
    const given = ask(asked);
    show(given, performance.now() - started);
  } catch (error) {
    const { message, hint } = error as { message?: string; hint?: string };
    place.replaceChildren(element("p", message ?? String(error), "said"), element("p", hint ?? "", "meta"));
  }
}

async function choose(name: string): Promise<void> {
  field<HTMLInputElement>("package").value = name;
  field<HTMLSelectElement>("kind").value = "remove";
  sync();
  await answer();
  one("#what-if")?.scrollIntoView({ block: "start" });
}

/** Only two of the questions name a second package. */
function sync(): void {
  const kind = field<HTMLSelectElement>("kind").value;
  const second = field<HTMLInputElement>("by");
  const label = second.closest("label");
  if (label !== null) label.hidden = kind !== "replace" && kind !== "add-alternative";
  second.required = label?.hidden === false;
}

/** A few names that begin with what was typed, then some that hold it: tens of thousands of options would stop a browser. */
async function suggest(typed: string): Promise<void> {
  const list = one<HTMLDataListElement>("#package-names");
  if (list === null) return;
  const { names } = await ready();
  const begin = names.filter((name) => name.startsWith(typed));
  const found =
    begin.length >= SUGGESTIONS ? begin : [...begin, ...names.filter((name) => !name.startsWith(typed) && name.includes(typed))];
  list.replaceChildren(
    ...found.slice(0, SUGGESTIONS).map((name) => {
      const option = document.createElement("option");
      option.value = name;
      return option;
    }),
  );
}

async function warm(): Promise<void> {
  const { names, ask } = await ready();
  const [name, by] = names;
  if (name === undefined) return;
  for (let time = 0; time < 3; time++) {
    ask({ kind: "remove", packages: [name] });
    if (by !== undefined) ask({ kind: "replace", package: name, by });
  }
}

function begin(): void {
  if (form === null || one("#graph-packed") === null) return;
  form.hidden = false;
  const place = one<HTMLElement>("#answer");
  if (place !== null) place.hidden = false;
  sync();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void answer();
  });
  field<HTMLSelectElement>("kind").addEventListener("change", () => {
    sync();
    void answer();
  });
  // Unpacked while the name is being typed, and asked once, so that the first answer is as quick as the others.
  form.addEventListener("focusin", () => void warm(), { once: true });
  for (const name of ["package", "by"]) {
    const input = field<HTMLInputElement>(name);
    input.addEventListener("input", () => void suggest(input.value.trim()));
  }
  for (const code of document.querySelectorAll<HTMLElement>("code[data-package]"))
    code.replaceWith(packageButton(code.dataset["package"] ?? ""));
  const [kind, name, by] = location.hash.startsWith("#what-if=")
    ? location.hash.slice("#what-if=".length).split(":").map(decodeURIComponent)
    : [];
  if (kind !== undefined && name !== undefined && [...field<HTMLSelectElement>("kind").options].some(({ value }) => value === kind)) {
    field<HTMLSelectElement>("kind").value = kind;
    field<HTMLInputElement>("package").value = name;
    field<HTMLInputElement>("by").value = by ?? "";
    sync();
    void answer();
  }
}

// A details that is closed would be closed on paper as well.
const closed: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  closed.splice(0, closed.length, ...document.querySelectorAll<HTMLDetailsElement>("details:not([open])"));
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
begin();
