/** Chains of names: what `a.b(c).d` is called in full. */
import { argumentEnd, fold } from "./script-fold.ts";
import type { Chain, FileWalk } from "./script-walk.ts";
import type { Entry } from "./script.ts";

/** Characters of a dotted name. */
const MAX_PATH = 2_000;

export function chainAt(file: FileWalk, from: number): Chain {
  const tokens = file.tokens;
  const first = tokens[from];
  if (first?.kind !== "name") return { path: "", args: null, concealed: false, end: from, head: "" };
  const known = file.names.get(first.text);
  let path = known !== undefined && known.path !== "" ? known.path : first.text;
  let concealed = known?.concealed ?? false;
  let args: Chain["args"] = null;
  let at = from + 1;
  for (;;) {
    const token = tokens[at];
    if (token?.kind !== "punct") break;
    if ((token.text === "." || token.text === "?." || token.text === "::" || token.text === "->") && tokens[at + 1]?.kind === "name") {
      // A chain that long names nothing that anybody wrote; its end alone is kept.
      if (path.length > MAX_PATH) path = "";
      path = `${args === null ? path : `${path}()`}.${tokens[at + 1]?.text ?? ""}`;
      args = null;
      at += 2;
    } else if (token.text === "[" && tokens[at - 1]?.kind !== "newline") {
      const close = file.close(at);
      const key = fold(file, at + 1, close, 0);
      if (key === null || key.value.length > 200) {
        path = `${args === null ? path : `${path}()`}[]`;
      } else {
        path = `${args === null ? path : `${path}()`}.${key.value}`;
        concealed ||= key.made && isWorthHiding(file, path);
      }
      args = null;
      at = close + 1;
    } else if (token.text === "(" || (token.text === "!" && tokens[at + 1]?.text === "(")) {
      const open = token.text === "(" ? at : at + 1;
      const close = file.close(open);
      if (args !== null) path = `${path}()`;
      args = [open + 1, close];
      at = close + 1;
      path = file.canonical(path);
      const made = madeBy(file, path, args);
      if (made !== null) {
        path = made.path;
        concealed ||= made.concealed;
        args = null;
      }
    } else if (token.text === "?" && tokens[at + 1]?.text === ".") at++;
    else break;
  }
  return { path: file.canonical(path), args, concealed, end: at, head: first.text };
}

/** Whether a name that was put together is one that anybody would want to hide. */
function isWorthHiding(file: FileWalk, path: string): boolean {
  const canonical = file.canonical(path);
  return (
    entryOf(file, canonical) !== undefined ||
    file.dialect.environment.has(canonical) ||
    file.dialect.modules.has(canonical) ||
    file.dialect.members.has(canonical)
  );
}

/** What a call of `require`, `getattr` and their like stands for. */
function madeBy(
  file: FileWalk,
  path: string,
  args: readonly [number, number],
): { readonly path: string; readonly concealed: boolean } | null {
  const { modules, members } = file.dialect;
  const canonical = (name: string): string => file.canonical(name);
  if (modules.has(path)) {
    const name = fold(file, args[0], argumentEnd(file, args[0], args[1]), 0);
    if (file.telling) {
      const at = file.tokens[args[0]]?.at ?? 0;
      file.gatherer.import({
        specifier: name?.value ?? "",
        how: name === null ? "dynamic" : "require",
        typeOnly: false,
        spot: file.spot(at),
      });
      if (name === null) file.see("dynamic-import", "", at, path, false);
    }
    return name === null ? null : { path: canonical(name.value), concealed: name.made && isSensitiveModule(file, canonical(name.value)) };
  }
  if (members.has(path)) {
    const end = argumentEnd(file, args[0], args[1]);
    const object = chainAt(file, args[0]);
    const name = fold(file, end + 1, argumentEnd(file, end + 1, args[1]), 0);
    if (object.path === "" || name === null) return null;
    const whole = canonical(`${object.path}.${name.value}`);
    return { path: whole, concealed: object.concealed || isWorthHiding(file, whole) };
  }
  return null;
}

function isSensitiveModule(file: FileWalk, path: string): boolean {
  for (const name of file.dialect.table.keys()) if (name === path || name.startsWith(`${path}.`)) return true;
  return false;
}

export function entryOf(file: FileWalk, path: string): Entry | undefined {
  const { table } = file.dialect;
  const exact = table.get(path);
  if (exact !== undefined) return exact;
  // `open().read`: what the call did was told where it was made; what follows it does no more.
  if (path.includes("()")) return undefined;
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const below = table.get(`${path.slice(0, dot)}.*`);
    if (below !== undefined) return below;
  }
  return undefined;
}
