import type { VerifyOptions } from "../app/verify.ts";
import { Fault } from "../model/fault.ts";
import { toAscii } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import { formatVerification } from "../report/verify.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";

export const verify: Command = {
  name: "verify",
  summary: "say whether a file is what its attestations say, who signed, and from which source it was built",
  positionals: "ARTIFACT",
  minPositionals: 1,
  maxPositionals: 1,
  options: {
    attestation: {
      type: "string",
      short: "a",
      value: "FILE",
      multiple: true,
      summary: "attestations: bundles, a registry's or GitHub's answer, PyPI's, DSSE",
    },
    "source-uri": { type: "string", value: "URI", summary: "the repository that it must be built from: github.com/owner/name" },
    "source-id": { type: "string", value: "ID", summary: "the repository's numeric id, which outlives its name" },
    "source-tag": { type: "string", value: "TAG", summary: "the tag that it must be built from" },
    "source-versioned-tag": { type: "string", value: "TAG", summary: "the same, up to the parts given: v1 is met by v1.2.3" },
    "source-branch": { type: "string", value: "BRANCH", summary: "the branch that it must be built from" },
    "source-commit": { type: "string", value: "COMMIT", summary: "the commit that it must be built from" },
    builder: { type: "string", value: "ID", summary: "the builder that must have built it; with @ref exactly" },
    "build-type": { type: "string", value: "URI", summary: "the build type that the statement must have" },
    identity: {
      type: "string",
      value: "ID",
      summary: "exactly who must have signed: a workflow's address with its ref, an e-mail address",
    },
    issuer: { type: "string", value: "URL", summary: "exactly who must vouch for the identity" },
    "signer-workflow": {
      type: "string",
      value: "PATH",
      summary: "the workflow that must have signed, at any ref: github.com/owner/name/.github/workflows/x.yml",
    },
    "workflow-input": { type: "string", value: "NAME=VALUE", multiple: true, summary: "an input that the workflow must have been given" },
    "deny-self-hosted": { type: "boolean", summary: "refuse what was built on the project's own machines, or nobody knows where" },
    package: { type: "string", value: "NAME[@VERSION]", summary: "the npm package that the statements must name" },
    "predicate-type": { type: "string", value: "URI", summary: "the kind of statement that is wanted" },
    "min-level": { type: "string", value: "LEVEL", choices: ["1", "2", "3"], summary: "the SLSA Build level that must be reached" },
    "trusted-builder": { type: "string", value: "WORKFLOW", multiple: true, summary: "a reusable workflow that may reach level 3" },
    key: { type: "string", value: "FILE", multiple: true, summary: "a public key (PEM) that must have signed" },
    "key-id": { type: "string", value: "ID", summary: "the name by which signatures must call the key" },
    "trusted-root": { type: "string", value: "FILE", multiple: true, summary: "trust this root alone, for a private instance" },
    "verifier-id": { type: "string", value: "ID", summary: "for a verification summary: who must have verified" },
    "resource-uri": { type: "string", value: "URI", summary: "for a verification summary: of what it must speak" },
    "verified-level": {
      type: "string",
      value: "LEVEL",
      multiple: true,
      summary: "for a verification summary: a level that must be reached",
    },
    anyone: { type: "boolean", summary: "be content with whoever signed, and say who it was" },
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
  },
  description:
    "Verifies a file, or the digest of one (sha256:…), with attestations that lie beside it. Nothing is fetched. Identities and sources are compared to the letter. One attestation that holds and is as expected is enough; of a registry's answer all must hold.\n\nThe exit status is 0 where it is verified, 1 where it is not, 2 where it could not be looked at.",
  examples: [
    {
      command: "tributary verify thing-1.0.0.tgz -a attestations.json --source-uri github.com/owner/thing --package thing@1.0.0",
      what: "an npm package, with the registry's answer",
    },
    {
      command: "tributary verify thing.tar.gz -a thing.intoto.jsonl --source-uri github.com/owner/thing --source-tag v1.0.0 --min-level 3",
      what: "a release, as slsa-github-generator makes it",
    },
    {
      command:
        "tributary verify thing.whl -a thing.whl.publish.attestation --identity https://github.com/owner/thing/.github/workflows/release.yml@refs/tags/v1 --issuer https://token.actions.githubusercontent.com",
      what: "a wheel, with PyPI's attestation",
    },
    { command: "tributary verify sha256:0123… -a bundle.json --anyone --format json", what: "who signed for these bytes, as data" },
  ],
  run: async (context) => {
    const { verify: useCase } = await import("../app/verify.ts");
    const report = await useCase(asked(context));
    const screen = screenOf(context.outIsTerminal, context.columns, context.env, process.platform);
    for (const note of report.notes) context.err(`note: ${note}\n`);
    if (context.options["format"] === "json") await context.out(`${JSON.stringify({ schemaVersion: "1.0", ...report }, null, 2)}\n`);
    else {
      const text = formatVerification(report, screen);
      await context.out(screen.unicode ? text : toAscii(text));
    }
    return report.verified ? exitStatus.pass : exitStatus.policySaysNo;
  },
};

/** What the options ask for, in the use case's words. */
function asked({ positionals, options, cwd, env }: CommandContext): VerifyOptions {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const list = (name: string): readonly string[] => {
    const value = options[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  };
  const attestations = list("attestation");
  if (attestations.length === 0)
    throw new Fault("cli/usage", "no attestation is given", { hint: "name the file that came with it: --attestation FILE" });
  const [packageName, packageVersion] = splitPackage(text("package"));
  const level = text("min-level");
  return {
    artifact: positionals[0] ?? "",
    attestations,
    wishes: {
      ...one("sourceUri", text("source-uri")),
      ...one("sourceId", text("source-id")),
      ...one("sourceTag", text("source-tag")),
      ...one("sourceVersionedTag", text("source-versioned-tag")),
      ...one("sourceBranch", text("source-branch")),
      ...one("sourceCommit", text("source-commit")),
      ...one("builder", text("builder")),
      ...one("buildType", text("build-type")),
      ...one("identity", text("identity")),
      ...one("issuer", text("issuer")),
      ...one("signerWorkflow", text("signer-workflow")),
      ...one("packageName", packageName),
      ...one("packageVersion", packageVersion),
      ...(list("workflow-input").length === 0 ? {} : { workflowInputs: inputs(list("workflow-input")) }),
      ...(options["deny-self-hosted"] === true ? { denySelfHosted: true } : {}),
    },
    ...one("predicateType", text("predicate-type")),
    ...one("keyId", text("key-id")),
    keys: list("key"),
    trustedRoots: list("trusted-root"),
    trustedBuilders: list("trusted-builder"),
    ...(level === undefined ? {} : { minimumLevel: Number(level) }),
    summary: {
      ...one("verifier", text("verifier-id")),
      ...one("resource", text("resource-uri")),
      levels: list("verified-level"),
    },
    anyone: options["anyone"] === true,
    cwd,
    env,
  };
}

/** `{}` where it was not given: an option that is not there must not be there as undefined either. */
const one = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: string });

function splitPackage(text: string | undefined): readonly [string | undefined, string | undefined] {
  if (text === undefined) return [undefined, undefined];
  const at = text.lastIndexOf("@");
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, undefined];
}

function inputs(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at <= 0) throw new Fault("cli/usage", `--workflow-input ${pair} is no NAME=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
