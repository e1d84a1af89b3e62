import type { Check, CheckInput, CheckResult } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence } from "../subjects.ts";

export const nameMismatch: Check = {
  id: "identity/name-mismatch",
  question: "identity",
  title: "Does each lockfile entry point at the archive of the package that it names?",
  severity: "critical",
  needs: [],
  tags: ["CWE-345", "CWE-494"],
  run,
};

function run(input: CheckInput): CheckResult {
  return eachComponent(input, nameMismatch, ({ component, purl, title, nodes, find }) => {
    if (component.ecosystem !== "npm" || component.origin.kind !== "registry") return false;
    // What nearly every address ends in; only the others are taken apart.
    const usual = `/${component.name}/-/${component.name.slice(component.name.indexOf("/") + 1)}-${component.version}.tgz`;
    const scoped = component.name.startsWith("@");
    let asked = false;
    for (const node of nodes) {
      if (node.resolved.endsWith(usual) && (scoped || !node.resolved.includes("@"))) {
        asked = true;
        continue;
      }
      const points = tarballOf(node.resolved);
      if (points === null) continue;
      asked = true;
      const right = points.names.includes(component.name) && (component.version === "" || points.file.endsWith(`-${component.version}`));
      if (right) continue;
      find({
        message: `The entry for ${title} in ${node.place.file} points at ${points.names[0] ?? ""} (${points.file}.tgz).`,
        evidence: [entryEvidence(input, purl, node)],
        places: [node.place],
        remedy: {
          text: "Do not install from this lockfile: it installs one package under the name of another. Find the commit that brought the entry in, then let your package manager write it anew.",
        },
      });
      break;
    }
    return asked;
  });
}

/**
 * What an address of the registry's usual shape names: `…/<name>/-/<file>-<version>.tgz`. The path before the name belongs to the
 * registry, so with `a/b/-/` both `b` and, with a scope, `@a/b` are possible. null for any other shape, which says nothing.
 */
function tarballOf(address: string): { readonly names: readonly string[]; readonly file: string } | null {
  const at = address.indexOf("/-/");
  if (at === -1 || !/^https?:\/\//i.test(address)) return null;
  const before = decoded(address.slice(0, at)).split("/");
  const file = decoded(address.slice(at + 3).replace(/[?#].*$/, ""));
  const archive = file.slice(file.lastIndexOf("/") + 1);
  const [scope = "", name = ""] = before.slice(-2);
  if (!archive.endsWith(".tgz") || name === "") return null;
  return { names: scope.startsWith("@") ? [`${scope}/${name}`] : [name], file: archive.slice(0, -".tgz".length) };
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
