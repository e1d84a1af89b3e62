/** The options by which a command signs what it states, and what signs by them. Nothing is signed unless one of them is given. */
import type { Json } from "../model/canonical.ts";
import { Fault } from "../model/fault.ts";
import { neutralise } from "../report/text.ts";
import type { Command, CommandContext } from "./command.ts";

export type SignStatement = (statement: Json) => Promise<Json>;

/** `what` = what is signed, for the help. */
export const signingOptions = (what: string): Command["options"] => ({
  "sign-key": { type: "string", value: "FILE", summary: `the private key (PEM) that signs ${what}` },
  sign: {
    type: "string",
    value: "WITH",
    choices: ["sigstore"],
    summary: `sign ${what} without a key: who you are is then in a public log, for ever`,
  },
  "identity-token": {
    type: "string",
    value: "FILE",
    summary: "with --sign: the OpenID Connect token that says who signs, - for standard input",
  },
  "signing-config": { type: "string", value: "FILE", summary: "with --sign: the services of another Sigstore instance" },
});

/** null where nothing is to be signed. One statement is signed once, however often it is written. Throws `cli/usage` and what the signers throw. */
export async function statementSigner(context: CommandContext): Promise<SignStatement | null> {
  const { options, cwd, env, signal, stdin, err } = context;
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const key = text("sign-key");
  const [identityToken, signingConfig] = [text("identity-token"), text("signing-config")];
  const bySigstore = text("sign") === "sigstore";
  if (key !== undefined && bySigstore) throw new Fault("cli/usage", "it is signed with a key or by Sigstore, not both");
  if (!bySigstore && (identityToken !== undefined || signingConfig !== undefined))
    throw new Fault("cli/usage", "--identity-token and --signing-config are for signing by Sigstore", { hint: "--sign sigstore" });
  if (key !== undefined) {
    const { signerFrom } = await import("../app/sign.ts");
    const sign = await signerFrom(key, cwd);
    return (statement) => Promise.resolve(sign(statement));
  }
  if (!bySigstore) return null;
  const { sigstoreSigner, statementContent } = await import("../app/sign-sigstore.ts");
  const sign = await sigstoreSigner({
    cwd,
    env,
    stdin,
    signal,
    ...(identityToken === undefined ? {} : { identityToken }),
    ...(signingConfig === undefined ? {} : { signingConfig }),
  });
  const done = new Map<string, Promise<Json>>();
  const signOnce = async (statement: Json): Promise<Json> => {
    const { bundle, identity, issuer, log } = await sign(statementContent(statement));
    const place = log.length === 0 ? "" : `; public from now on in ${log.join(" and ")}`;
    err(`note: ${neutralise(`signed by ${identity}, for whom ${issuer} vouches${place}`)}\n`);
    return bundle;
  };
  return async (statement) => {
    const name = JSON.stringify(statement);
    let known = done.get(name);
    if (known === undefined) done.set(name, (known = signOnce(statement)));
    return await known;
  };
}
