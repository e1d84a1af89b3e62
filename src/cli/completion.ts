/** Shell completion, written from the commands' own declarations: a new command or option is completed without a line here. */
import type { Command, OptionSpec } from "./command.ts";
import { commonOptions } from "./parse.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly (readonly [string, OptionSpec])[];
}

/** The script that the shell reads: `source <(tributary complete bash)`. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const entries = commands.map(({ name, summary, options }) => ({
    name,
    summary,
    options: Object.entries({ ...options, ...commonOptions }),
  }));
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](entries);
}

/** Single quotes for a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const flags = ([name, spec]: readonly [string, OptionSpec]): string[] => [
  `--${name}`,
  ...(spec.short === undefined ? [] : [`-${spec.short}`]),
];
const firstWords = (entries: readonly Entry[]): string[] => [...new Set(entries.map((entry) => entry.name.split(" ")[0] ?? ""))];
const secondWords = (entries: readonly Entry[], first: string): string[] =>
  entries.filter((entry) => entry.name.startsWith(`${first} `)).map((entry) => entry.name.slice(first.length + 1));

function bashScript(entries: readonly Entry[]): string {
  const groups = firstWords(entries).filter((word) => secondWords(entries, word).length > 0);
  const values = entries.flatMap((entry) =>
    entry.options
      .filter(([, spec]) => spec.type === "string")
      .map((option) => {
        const pattern = flags(option)
          .map((flag) => quote(`${entry.name} ${flag}`))
          .join("|");
        const choices = option[1].choices;
        return `    ${pattern}) ${choices === undefined ? 'COMPREPLY=( $(compgen -f -- "$word") )' : `COMPREPLY=( $(compgen -W ${quote(choices.join(" "))} -- "$word") )`}; return;;`;
      }),
  );
  return `# Completion of tributary for bash: source <(tributary complete bash)
_tributary() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" name="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=( $(compgen -W ${quote([...firstWords(entries), "help", "--help", "--version"].join(" "))} -- "$word") ); return
  fi
  case "$name \${COMP_WORDS[2]}" in
    ${["-", ...entries.filter((entry) => entry.name.includes(" ")).map((entry) => entry.name)].map(quote).join("|")}) [ "$COMP_CWORD" -gt 2 ] && name="$name \${COMP_WORDS[2]}";;
  esac
  case "$name $before" in
${values.join("\n")}
  esac
  local words=""
  case "$name" in
${entries.map((entry) => `    ${quote(entry.name)}) words=${quote(entry.options.map(([name]) => `--${name}`).join(" "))};;`).join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "$name" in
${groups.map((word) => `      ${quote(word)}) words="$words ${secondWords(entries, word).join(" ")}";;`).join("\n")}
      help) words=${quote(firstWords(entries).join(" "))};;
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$word") )
  case "$word" in -*) ;; *) COMPREPLY+=( $(compgen -f -- "$word") );; esac
}
complete -o filenames -F _tributary tributary
`;
}

/** In zsh's `_arguments` a colon ends a field and brackets hold the text. */
const zshText = (value: string): string => value.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);

function zshScript(entries: readonly Entry[]): string {
  const spec = ([name, option]: readonly [string, OptionSpec]): string => {
    const value =
      option.type === "boolean"
        ? ""
        : `:${zshText(option.value ?? "value")}:${option.choices === undefined ? "_files" : `(${option.choices.join(" ")})`}`;
    return quote(`${option.multiple === true ? "*" : ""}--${name}[${zshText(option.summary)}]${value}`);
  };
  const cases = entries.map((entry) => `    ${quote(entry.name)}) _arguments ${entry.options.map(spec).join(" ")} '*:file:_files';;`);
  return `#compdef tributary
# Completion of tributary for zsh: source <(tributary complete zsh)
_tributary() {
  local name="$words[2]"
  if (( CURRENT == 2 )); then
    local -a list=(${firstWords(entries)
      .map((word) =>
        quote(`${word}:${zshText(entries.find((entry) => entry.name === word)?.summary ?? secondWords(entries, word).join(", "))}`),
      )
      .join(" ")})
    _describe command list
    return
  fi
  case "$name $words[3]" in
    ${["-", ...entries.filter((entry) => entry.name.includes(" ")).map((entry) => entry.name)].map(quote).join("|")}) (( CURRENT > 3 )) && name="$name $words[3]";;
  esac
  if (( CURRENT == 3 )); then
    case "$name" in
${firstWords(entries)
  .filter((word) => secondWords(entries, word).length > 0)
  .map((word) => `      ${quote(word)}) compadd ${secondWords(entries, word).join(" ")};;`)
  .join("\n")}
      help) compadd ${firstWords(entries).join(" ")};;
    esac
  fi
  case "$name" in
${cases.join("\n")}
  esac
}
compdef _tributary tributary
`;
}

function fishScript(entries: readonly Entry[]): string {
  const lines = ["# Completion of tributary for fish: tributary complete fish | source"];
  for (const word of firstWords(entries)) {
    const summary = entries.find((entry) => entry.name === word)?.summary ?? secondWords(entries, word).join(", ");
    lines.push(`complete -c tributary -n __fish_use_subcommand -a ${word} -d ${quote(summary)}`);
  }
  for (const { name, summary, options } of entries) {
    const [first = "", second] = name.split(" ");
    if (second !== undefined)
      lines.push(`complete -c tributary -n ${quote(`__fish_seen_subcommand_from ${first}`)} -a ${second} -d ${quote(summary)}`);
    const seen =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    for (const [option, spec] of options) {
      const short = spec.short === undefined ? "" : ` -s ${spec.short}`;
      const value = spec.type === "boolean" ? "" : spec.choices === undefined ? " -r" : ` -x -a ${quote(spec.choices.join(" "))}`;
      lines.push(`complete -c tributary -n ${quote(seen)} -l ${option}${short}${value} -d ${quote(spec.summary)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
