import type { Check, CheckInput, CheckResult, Component, Ecosystem, Finding, Node } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { askersOf, entryEvidence, projectPurl } from "../subjects.ts";

export const unexpectedHost: Check = {
  id: "integrity/unexpected-host",
  question: "integrity",
  title: "Does every package come from the registry that is configured for it?",
  severity: "high",
  needs: [],
  tags: ["CWE-829", "CWE-494"],
  options: {
    hosts: {
      type: "strings",
      summary: 'Further hosts that packages may come from; "*.example.com" stands for every host below example.com.',
      standard: "none",
    },
  },
  run,
};

/**
 * These hosts are expected: the one that the user's configuration names for the package, those that npm replaces by it
 * (`replace-registry-host`), further ones that configuration and manifests declare (Python), and those that the policy allows. A lockfile that as a whole was made against another registry is told
 * once and lightly; a single entry that differs from all the others is the thing to look at.
 */
function run(input: CheckInput): CheckResult {
  const allowed = optionHosts(input);
  const replaced = new Set(input.evidence.replacedHosts ?? []);
  const isReplaced = (ecosystem: Ecosystem, host: string): boolean => ecosystem === "npm" && (replaced.has(host) || replaced.has("*"));
  let usual: ReadonlyMap<number, string> | undefined;
  const hosts = new Map<string, string>();
  const foreignFiles = new Map<number, { readonly configured: string; count: number; readonly first: Node; readonly purl: string }>();
  const result = eachComponent(input, unexpectedHost, ({ component, purl, title, nodes, find, gaps }) => {
    const { ecosystem } = component;
    if (!isAsked(ecosystem)) return false;
    const registry = input.evidence.registryOf(component.name, ecosystem);
    let configured = hosts.get(registry);
    if (configured === undefined) hosts.set(registry, (configured = hostOf(registry)));
    let asked = false;
    const strange: Node[] = [];
    for (const node of nodes) {
      if (!isFromRegistry(input, component, node)) continue;
      // What nearly every address begins with needs no taking apart.
      if (configured !== "" && node.resolved.startsWith(`https://${configured}/`)) {
        asked = true;
        continue;
      }
      const host = hostOf(node.resolved);
      if (host === "") continue;
      asked = true;
      if (
        host === configured ||
        isReplaced(ecosystem, host) ||
        input.evidence.declaredHosts?.(ecosystem).has(host) === true ||
        isAllowed(host, allowed)
      )
        continue;
      usual ??= usualHosts(input);
      const usualHere = usual.get(node.file);
      if (host !== usualHere) strange.push(node);
      else if (configured !== "") {
        const file = foreignFiles.get(node.file);
        if (file === undefined) foreignFiles.set(node.file, { configured, count: 1, first: node, purl });
        else file.count++;
      }
    }
    const [first] = strange;
    if (first === undefined) return asked;
    const expected = [...new Set([configured, usual?.get(first.file) ?? ""])].filter((host) => host !== "");
    if (expected.length === 0) {
      gaps.add(purl, {
        unavailable: true,
        code: "no-registry",
        because: "neither the configuration nor the lockfile says which registry is expected",
      });
      return true;
    }
    find({
      message: `${title} is fetched from ${hostOf(first.resolved)}, while ${expected.join(" and ")} ${expected.length === 1 ? "is" : "are"} expected.`,
      evidence: [entryEvidence(input, purl, first)],
      places: strange.map(({ place }) => place),
      remedy: {
        text: "If you know this host, allow it in the policy (rules › integrity/unexpected-host › options › hosts). If not, find out who changed this entry before anyone installs it.",
      },
    });
    return true;
  });
  return { ...result, findings: [...result.findings, ...[...foreignFiles].map(([file, about]) => wholeFile(input, file, about))] };
}

function wholeFile(
  input: CheckInput,
  file: number,
  about: { readonly configured: string; readonly count: number; readonly first: Node; readonly purl: string },
): Finding {
  const { path = "" } = input.project.files[file] ?? {};
  const host = hostOf(about.first.resolved);
  return {
    rule: unexpectedHost.id,
    question: "integrity",
    subject: projectPurl(input.project),
    severity: "info",
    message: `${path} was made against ${host} (${about.count} packages), while ${about.configured} is configured here.`,
    evidence: [entryEvidence(input, about.purl, about.first)],
    places: [about.first.place],
    remedy: {
      text: `If ${host} is meant, configure it as the registry or allow it in the policy; if not, let your package manager write the lockfile anew.`,
    },
    key: path,
    references: [],
  };
}

/** Whose lockfiles name an address for what comes from a registry: npm's that of the tarball, Python's that of the index. */
const isAsked = (ecosystem: Ecosystem): boolean => ecosystem === "npm" || ecosystem === "PyPI";

/** `host:port`, lower case; "" where the text is no http(s) address. */
function hostOf(address: string): string {
  return /^https?:\/\/(?:[^/?#\\]*@)?([^/?#\\]+)/i.exec(address)?.[1]?.toLowerCase() ?? "";
}

/** A range, a tag or an alias asks the registry; an address does not. */
const asksRegistry = /^(?:npm:|[\d^~<>=*vxX]|[A-Za-z][\w.-]*$|$)/;

/**
 * Does whoever asks for this node mean the registry? An entry whose dependents ask for `^1.2.0` and whose address is some host's
 * tarball came from a registry or pretends to.
 */
function isFromRegistry(input: CheckInput, component: Component, node: Node): boolean {
  if (node.bundled) return false;
  if (component.origin.kind === "registry") return true;
  if (component.origin.kind !== "url") return false;
  const askers = askersOf(input.project, node);
  return askers.length > 0 && askers.every(({ edge }) => asksRegistry.test(edge.range));
}

/** The host that more than half of a file's packages come from, where there are enough to speak of a habit. */
function usualHosts(input: CheckInput): ReadonlyMap<number, string> {
  const counts = new Map<number, Map<string, number>>();
  for (const node of input.project.nodes) {
    const component = input.project.components[node.component];
    const host =
      component !== undefined && isAsked(component.ecosystem) && component.origin.kind === "registry" ? hostOf(node.resolved) : "";
    if (host === "") continue;
    let hosts = counts.get(node.file);
    if (hosts === undefined) counts.set(node.file, (hosts = new Map()));
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  const usual = new Map<number, string>();
  for (const [file, hosts] of counts) {
    const total = [...hosts.values()].reduce((sum, n) => sum + n, 0);
    for (const [host, n] of hosts) if (n * 2 > total && n >= (oneForAll(input, file) ? 1 : MIN_FOR_HABIT)) usual.set(file, host);
  }
  return usual;
}

/** A requirements file names its index once, for all that stands in it. */
const oneForAll = (input: CheckInput, file: number): boolean => input.project.files[file]?.format === "python/requirements";

/** Two of three are no habit yet. */
const MIN_FOR_HABIT = 3;

function optionHosts(input: CheckInput): readonly string[] {
  const { hosts } = input.settings(unexpectedHost.id).options;
  return Array.isArray(hosts) ? hosts.filter((host) => typeof host === "string").map((host) => host.toLowerCase()) : [];
}

function isAllowed(host: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => (pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern));
}
