import { Fault } from "../model/fault.ts";
import { neutralise } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import type { Command } from "./command.ts";
import { exitStatus } from "./fault.ts";

export const source: Command = {
  name: "source",
  summary: "say how a branch was kept: its SLSA source level, since when, and where the line has gaps",
  positionals: "[DIR|URL]",
  minPositionals: 0,
  maxPositionals: 1,
  options: {
    branch: { type: "string", value: "B", summary: "the branch, or a commit; what HEAD is unless given" },
    since: { type: "string", value: "REV", summary: "look no further back than this revision" },
    minimum: {
      type: "string",
      value: "LEVEL",
      choices: ["1", "2", "3", "4"],
      summary: "exit with 1 below this level, or with a gap after --since",
    },
    verifier: {
      type: "string",
      value: "ID",
      summary: "trust this verifier in place of the SLSA project's own; with --identity and --issuer",
    },
    identity: { type: "string", value: "WHO", summary: "with --verifier: who signs for it, to the letter" },
    issuer: { type: "string", value: "WHO", summary: "with --verifier: who vouches for that identity" },
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
    all: { type: "boolean", summary: "list every gap" },
    offline: { type: "boolean", summary: "fetch nothing" },
  },
  description:
    "Reads the attestations that source-tool keeps in a repository's git notes (refs/notes/commits), verifies each, and walks the branch along its first parents: the commit that a provenance names as the one before must be the one that git has there. A level is only as good as the unbroken line behind it, so gaps are listed with their reasons: nothing attested, a failed verification, another branch or repository, a branch that was moved.\n\nA plain clone has no notes: git fetch origin refs/notes/*:refs/notes/*. With an address they are fetched.\n\nThe exit status is 0 where a level holds (with --minimum: that one, over all that was asked for), 1 where none does, 2 where it could not be looked at.",
  examples: [
    { command: "tributary source", what: "the branch that is checked out here" },
    { command: "tributary source https://github.com/slsa-framework/source-tool --branch main", what: "fetch a repository with its notes" },
    { command: "tributary source --since v1.4.0 --minimum 3", what: "was everything since that release at level 3?" },
  ],
  run: async ({ options, positionals, cwd, env, signal, out, err, outIsTerminal, columns }) => {
    const text = (name: string): string | undefined => {
      const value = options[name];
      return typeof value === "string" ? value : undefined;
    };
    const [verifier, identity, issuer] = [text("verifier"), text("identity"), text("issuer")];
    const given = [verifier, identity, issuer].filter((one) => one !== undefined).length;
    if (given !== 0 && given !== 3)
      throw new Fault("cli/usage", "a verifier is its id, who signs for it, and who vouches for that", {
        hint: "--verifier ID --identity WHO --issuer WHO",
      });
    const [branch, since] = [text("branch"), text("since")];
    const { sourceTrack } = await import("../app/source.ts");
    const { report, notes } = await sourceTrack({
      where: positionals[0] ?? ".",
      cwd,
      env,
      signal,
      offline: options["offline"] === true,
      ...(branch === undefined ? {} : { branch }),
      ...(since === undefined ? {} : { since }),
      ...(verifier === undefined || identity === undefined || issuer === undefined ? {} : { verifiers: [{ verifier, identity, issuer }] }),
    });
    for (const note of notes) err(`note: ${neutralise(note)}\n`);
    if (options["format"] === "json") await out(`${JSON.stringify({ schemaVersion: "1.0", ...report }, null, 2)}\n`);
    else {
      const { sourceText } = await import("../report/source-track.ts");
      await out(sourceText(report, screenOf(outIsTerminal, columns, env, process.platform), { all: options["all"] === true }));
    }
    const minimum = Number(text("minimum") ?? 1);
    // Since a revision, all of it was asked for, be it nothing; else the tip.
    if (since !== undefined && report.walked === 0) return exitStatus.pass;
    const holds = since === undefined ? report.level : report.unbroken < report.walked ? 0 : report.lowest;
    return holds >= minimum ? exitStatus.pass : exitStatus.policySaysNo;
  },
};
