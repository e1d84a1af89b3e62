import type { Check, CheckInput, CheckResult, Node, Severity } from "../../model/index.ts";
import { eachComponent } from "../each.ts";
import { entryEvidence } from "../subjects.ts";
import { hashesOf, isStrong } from "./hashes.ts";

export const insecureTransport: Check = {
  id: "integrity/insecure-transport",
  question: "integrity",
  title: "Is everything fetched over a connection that nobody can alter?",
  severity: "moderate",
  needs: [],
  tags: ["CWE-319", "CWE-494"],
  run,
};

/** Protocols that neither encrypt nor prove who answers. */
const insecure = /^(?:git\+)?(?:http|git|ftp|svn):\/\//i;
/** The machine itself is no network. */
const local = /^[a-z+]+:\/\/(?:[^/@]*@)?(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$)/i;

function run(input: CheckInput): CheckResult {
  return eachComponent(input, insecureTransport, ({ component, purl, title, nodes, find }) => {
    const fetched = nodes.filter((node) => addressOf(node, component.origin) !== "");
    if (fetched.length === 0) return false;
    const bad = fetched.filter(
      (node) => insecure.test(addressOf(node, component.origin)) && !local.test(addressOf(node, component.origin)),
    );
    const [first] = bad;
    if (first === undefined) return true;
    const address = addressOf(first, component.origin);
    const [severity, pinned] = weight(first, component.origin.kind === "git" ? component.origin.commit : "");
    find({
      severity,
      message: `${title} is fetched from ${address}, over ${scheme(address)}: ${pinned}.`,
      evidence: [entryEvidence(input, purl, first)],
      places: bad.map(({ place }) => place),
      remedy: {
        text: `Use the same address with ${address.startsWith("http") ? "https" : "git+https"}:// and let your package manager write the entry anew.`,
      },
    });
    return true;
  });
}

const addressOf = (node: Node, origin: { readonly kind: string; readonly url?: string }): string =>
  node.resolved === "" ? (origin.url ?? "") : node.resolved;

const scheme = (address: string): string => address.slice(0, address.indexOf("://"));

/** What a listener on the way could do depends on what the lockfile pins. */
function weight(node: Node, commit: string): readonly [Severity, string] {
  if (hashesOf(node.integrity).some(isStrong))
    return ["low", "its hash is pinned, so it cannot be altered on the way unseen, but it can be withheld and watched"];
  if (node.integrity.length > 0 || commit !== "") return ["moderate", "what pins it is a SHA-1 at most"];
  return ["high", "nothing pins its bytes, so whoever sits on the way decides what is installed"];
}
