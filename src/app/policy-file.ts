import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Fault } from "../model/index.ts";
import { POLICY_FILE, type Policy, type RuleShape, defaultPolicy, readPolicy } from "../policy/index.ts";

/** A policy is written by hand: some kilobytes. */
const MAX_POLICY_BYTES = 1024 * 1024;

/**
 * The policy that holds for a folder: the named file, or the nearest `tributary.json` upwards, or the standard one. Throws
 * `input/not-found` where the named file is not there, and `policy/invalid`.
 */
export async function findPolicy(folder: string, cwd: string, named: string | undefined, rules: readonly RuleShape[]): Promise<Policy> {
  if (named !== undefined) {
    const file = resolve(cwd, named);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new Fault("input/not-found", `the policy ${named} is not there`, { place: { file: named } });
    }
    return read(file, cwd, rules);
  }
  for (let at = resolve(folder); ; at = dirname(at)) {
    const file = join(at, POLICY_FILE);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return read(file, cwd, rules);
    if (dirname(at) === at) return defaultPolicy;
  }
}

function read(file: string, cwd: string, rules: readonly RuleShape[]): Policy {
  const shown = relative(cwd, file).replaceAll("\\", "/");
  if (statSync(file).size > MAX_POLICY_BYTES) {
    throw new Fault("input/too-large", `${shown} is larger than a policy can be`, { place: { file: shown } });
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("input/unreadable", `${shown} cannot be read`, { place: { file: shown }, cause });
  }
  return readPolicy(text, shown, rules);
}
