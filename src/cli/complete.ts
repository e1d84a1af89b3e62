import { Fault } from "../model/fault.ts";
import type { Command } from "./command.ts";
import { completionScript, shells } from "./completion.ts";
import { didYouMean, listChoices } from "./parse.ts";

export const complete: Command = {
  name: "complete",
  summary: "print the completion script for a shell",
  positionals: "SHELL",
  minPositionals: 1,
  maxPositionals: 1,
  options: {},
  description: "Prints a script for bash, zsh or fish that completes commands, options and the values that an option takes.",
  examples: [
    { command: "source <(tributary complete bash)", what: "in this shell; add the line to ~/.bashrc to keep it" },
    { command: "tributary complete fish > ~/.config/fish/completions/tributary.fish", what: "for fish, once" },
  ],
  run: async ({ positionals, out }) => {
    const [asked = ""] = positionals;
    const shell = shells.find((name) => name === asked);
    if (shell === undefined) {
      throw new Fault("cli/usage", `complete knows ${listChoices(shells)}, not "${asked}"`, {
        hint: didYouMean(asked, shells) ?? "tributary complete bash",
      });
    }
    // The table is loaded here, not above: this command stands in it itself.
    const { commands } = await import("./commands.ts");
    await out(completionScript(shell, await Promise.all(commands.map((entry) => entry.load()))));
    return 0;
  },
};
