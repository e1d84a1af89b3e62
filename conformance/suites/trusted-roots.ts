/** Trust roots as published: they are read, the embedded ones are those, and each is held together by its own certificates. */
import { globSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { embeddedRegistryKeys, embeddedTrustRoot, loadRegistryKeys, loadTrustRoot, type TrustRoot } from "../../src/attestation/index.ts";
import { githubRoot, npmKeys, sigstoreRoot } from "../../src/attestation/embedded-roots.ts";
import type { CaseResult, Suite } from "../suite.ts";

export const suite: Suite = {
  name: "trusted-roots",
  archive: "trusted-roots",
  beside: ["root-signing"],
  run: function* (folder): Generator<CaseResult> {
    const text = (file: string): string => readFileSync(join(folder, file), "utf8");
    const production = text("production-trusted_root.json");
    const github = text("github-trusted_root.jsonl");
    yield* sound("production", loadTrustRoot(production), { logs: 2, certificateAuthorities: 2, ctLogs: 2, timestampAuthorities: 1 });
    yield* sound("staging", loadTrustRoot(text("staging-trusted_root.json")), {
      logs: 4,
      certificateAuthorities: 1,
      ctLogs: 4,
      timestampAuthorities: 1,
    });
    yield* sound("github", loadTrustRoot(github));
    yield* sound("embedded", embeddedTrustRoot());
    yield same("the embedded public root is the published one", sigstoreRoot, JSON.parse(production));
    yield same("the embedded root of GitHub is the published one", githubRoot, JSON.parse(github.trim().split("\n").at(-1) ?? ""));
    const keys = JSON.parse(readFileSync(npmKeysFile(folder), "utf8")) as unknown;
    yield same("the embedded registry keys are the published ones", npmKeys, keys);
    yield same("they are read as four uses of two keys", loadRegistryKeys(keys).keys.length, embeddedRegistryKeys().keys.length);
  },
};

/** The one file called keys.json among the targets; its folder bears the registry's name. */
function npmKeysFile(folder: string): string {
  const targets = join(folder, "..", "root-signing", "targets");
  const [file] = globSync("*/keys.json", { cwd: targets });
  return join(targets, file ?? "keys.json");
}

const same = (name: string, actual: unknown, expected: unknown): CaseResult => ({
  name,
  outcome: isDeepStrictEqual(actual, expected) ? "passed" : "failed",
});

type Counts = Readonly<Record<"logs" | "certificateAuthorities" | "ctLogs" | "timestampAuthorities", number>>;

function* sound(name: string, root: TrustRoot, counts?: Counts): Generator<CaseResult> {
  const [first] = root.instances;
  if (counts !== undefined && first !== undefined) {
    const found = Object.fromEntries(Object.keys(counts).map((key) => [key, first[key as keyof Counts].length]));
    yield same(`${name} holds what it should`, found, counts);
  }
  for (const [i, instance] of root.instances.entries())
    for (const [j, authority] of [...instance.certificateAuthorities, ...instance.timestampAuthorities].entries())
      yield same(`${name} ${i}, authority ${j} is one chain`, authority.soundFrom(), 0);
}
