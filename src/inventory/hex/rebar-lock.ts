import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, syntaxFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { readTerm, type Term, termItems, termText } from "./terms.ts";

/** Rebar3's lock file (https://rebar3.org/docs/configuration/dependencies/#lock-files): the locks with their level, then the hashes. */
export const rebarLock: Format = {
  id: "hex/rebar-lock",
  title: "rebar.lock",
  role: "lockfile",
  matches: (path) => baseName(path) === "rebar.lock",
  read: (file) => {
    const builder = entryBuilder(file, "hex/rebar-lock", "Hex");
    const first = readTerm(file.text);
    if (first.term === null) {
      if (file.text.trim() === "") return builder.finish({ graph: "flat" });
      throw syntaxFault(file, `not a term of Erlang: ${first.error?.message ?? ""}`, first.error ?? { line: 1, column: 1 });
    }
    // Since version 1.1 the locks are wrapped: {"1.2.0", [locks]}.
    const wrapped = first.term.kind === "tuple";
    const locks = wrapped ? first.term.items[1] : first.term;
    const hashes = hashesOf(file.text, first.end);
    for (const lock of termItems(locks)) {
      const [key, source, level] = termItems(lock);
      const name = termText(key);
      const [kind, second, third] = termItems(source);
      const direct = /^\d+$/.test(termText(level)) ? termText(level) === "0" : null;
      const place = { line: key?.line, direct };
      if (termText(kind) === "pkg" && termText(third) !== "") {
        const packageName = termText(second) || name;
        builder.add({
          ...place,
          name: packageName,
          version: termText(third),
          as: name,
          integrity: sriSet([hexToSri("sha256", hashes.get(name) ?? "")]),
        });
      } else if (termText(kind) === "git") {
        const commit = termText(termItems(third)[1]);
        builder.add({ ...place, name, version: "", origin: { kind: "git", url: termText(second), commit }, resolved: termText(second) });
      } else builder.problem(`${name === "" ? "an entry" : name} is no lock that can be read`, { line: lock.line, entry: true });
    }
    return builder.finish({ graph: "flat", formatVersion: wrapped ? termText(termItems(first.term)[0]) : "" });
  },
};

/** Hashes over the tarballs (`pkg_hash_ext`), by name. */
function hashesOf(text: string, from: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const dot = text.indexOf(".", from);
  const second: Term | null = dot < 0 ? null : readTerm(text, dot + 1).term;
  for (const part of termItems(second ?? undefined)) {
    const [kind, list] = termItems(part);
    if (termText(kind) !== "pkg_hash_ext") continue;
    for (const pair of termItems(list)) found.set(termText(termItems(pair)[0]), termText(termItems(pair)[1]));
  }
  return found;
}
