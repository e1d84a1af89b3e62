/**
 * A command is one file in this folder and one line in `commands.ts`. It declares what it takes; the frame in `main.ts` parses,
 * prints help and completions from the same declaration, turns faults into `error[code]: …` with exit status 2, and gives the
 * command its streams. A command parses nothing itself, calls one use case of `app/`, and prints.
 */
export interface OptionSpec {
  readonly type: "boolean" | "string";
  readonly short?: string;
  readonly multiple?: boolean;
  /** For help: `--format FORMAT`. */
  readonly value?: string;
  /** The only values that are taken, where it is a closed set: checked by the frame, offered by completion. */
  readonly choices?: readonly string[];
  readonly summary: string;
}

export interface CommandContext {
  readonly positionals: readonly string[];
  /** By option name; absent where it was not given. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Result. Resolves when the text was taken; a reader that closed the pipe ends the program quietly. */
  readonly out: (text: string) => Promise<void>;
  /** Everything else: notes, progress. */
  readonly err: (text: string) => void;
  readonly stdin: () => Promise<Uint8Array>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  /** Aborted by Ctrl-C (once: finish cleanly; twice: the process ends). */
  readonly signal: AbortSignal;
}

export interface Command {
  /** `check`, or two words: `sbom convert`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** `[PATH]`, `PACKAGE@OLD PACKAGE@NEW`. */
  readonly positionals: string;
  readonly minPositionals: number;
  readonly maxPositionals: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What it does, in a paragraph or two. */
  readonly description: string;
  readonly examples: readonly { readonly command: string; readonly what: string }[];
  /** Returns the exit status: 0 pass, 1 the policy says no. Faults become 2. */
  readonly run: (context: CommandContext) => Promise<number>;
}
