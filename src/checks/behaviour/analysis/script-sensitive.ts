/** Names that mean the same in every language: variables and files that hold credentials, places that start programs again, commands that publish. */
import type { Capability } from "../../../model/index.ts";

const credentialVariable =
  /^(?:NPM_TOKEN|NODE_AUTH_TOKEN|NPM_CONFIG__?AUTH\w*|GITHUB_TOKEN|GH_TOKEN|GITHUB_PAT|GITLAB_TOKEN|CI_JOB_TOKEN|ACTIONS_(?:ID_TOKEN_REQUEST|RUNTIME)_TOKEN|AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|GOOGLE_APPLICATION_CREDENTIALS|AZURE_\w*SECRET|PYPI_TOKEN|TWINE_PASSWORD|CARGO_REGISTRY_TOKEN|RUBYGEMS_API_KEY|GEM_HOST_API_KEY|DOCKER_(?:AUTH_CONFIG|PASSWORD)|VAULT_TOKEN|SLACK_TOKEN|HF_TOKEN|OPENAI_API_KEY|ANTHROPIC_API_KEY|SSH_AUTH_SOCK|\w+_(?:SECRET|PASSWORD|PASSWD|PRIVATE_KEY|API_KEY|ACCESS_TOKEN|AUTH_TOKEN|SECRET_KEY|MNEMONIC))$/;
const ciVariable = /^(?:CI|GITHUB_ACTIONS|GITLAB_CI|TRAVIS|CIRCLECI|JENKINS_URL|BUILDKITE|APPVEYOR|TEAMCITY_VERSION|TF_BUILD|DRONE)$/;

const files: readonly (readonly [Capability, RegExp])[] = [
  [
    "credential-file",
    /(?:^|[/\\~"'])\.(?:npmrc|netrc|pypirc|git-credentials|dockercfg|pgpass|my\.cnf|bash_history|zsh_history|node_repl_history|yarnrc\.yml)\b|\.ssh(?:[/\\]|$)|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|(?<![\w-])\.aws[/\\]?(?:credentials|config)?$|\.aws[/\\]credentials|\.docker[/\\]config|\.kube[/\\]config|\.config[/\\]gcloud|application_default_credentials|\.gnupg|\/etc\/(?:passwd|shadow)\b|\.cargo[/\\]credentials|\.gem[/\\]credentials|\.config[/\\]gh[/\\]hosts|\.terraform\.d[/\\]credentials|keychain-db/i,
  ],
  [
    "browser-data",
    /\b(?:Login Data|Cookies|Web Data|Local State|key[34]\.db|logins\.json|cookies\.sqlite)$|(?:Google[/\\]Chrome|BraveSoftware|Mozilla[/\\]Firefox|Microsoft[/\\]Edge)[/\\]/,
  ],
  [
    "wallet",
    /\bwallet\.dat\b|\bkeystore[/\\]UTC--|nkbihfbeogaeaoehlefnkodbefgpgknn|\.(?:ethereum|electrum|exodus|solana|bitcoin)[/\\]|Exodus[/\\]exodus\.wallet|\.config[/\\]solana[/\\]id\.json/i,
  ],
  [
    "persistence",
    /\.(?:bashrc|bash_profile|zshrc|zprofile|profile)$|\/etc\/(?:cron\.|crontab|rc\.local|systemd|init\.d)|\.config[/\\](?:autostart|systemd)|Library[/\\]Launch(?:Agents|Daemons)|CurrentVersion\\+Run\b|Start Menu[/\\]Programs[/\\]Startup/,
  ],
  ["propagation", /\.github[/\\]workflows(?:[/\\]|$)|registry\.npmjs\.org\/-\/(?:npm|user|package)|upload\.pypi\.org/],
];

/** Any of them: most texts are of no kind, and are asked once. */
const anyFile = new RegExp(files.map(([, { source }]) => `(?:${source})`).join("|"), "i");

/** Every pattern of a place needs one of `.` `/` `\` `_` `-`, but for names of files that end in a letter of these: `Login Data`, `Local State`, `Cookies`; */
const places: Uint8Array = new Uint8Array(128);
for (const character of "./\\_-") places[character.charCodeAt(0)] = 1;
const lastLetters: ReadonlySet<number> = new Set([..."aes"].map((letter) => letter.charCodeAt(0)));
/** and for the name of one wallet, which is as long as this. */
const LONG_NAME = 32;

/**
 * Whether a text in quotes or without, given by its code units, may be a path that matters or hold an address or an escape: false of most,
 * for which no text need be made.
 */
export function mayReach(codes: Uint16Array, from: number, to: number): boolean {
  if (to - from >= LONG_NAME) return true;
  for (let at = from; at < to; at++) if (codes[at]! < 128 && places[codes[at]!] === 1) return true;
  return lastLetters.has(codes[to - 1]! | 32) || lastLetters.has(codes[to - 2]! | 32);
}

/** What a variable of the environment stands for. */
export function variableCapability(name: string): Capability {
  return credentialVariable.test(name.toUpperCase()) ? "credential-variable" : ciVariable.test(name) ? "ci" : "environment";
}

/** Words of it follow each other as in a sentence: it tells of a file, and is none. */
export const isSentence = (text: string): boolean => /[a-z,.:] [a-z]{2,} [a-z]{2,}|^(?:Usage|Error|Warning)\b/i.test(text);

/** What a path or address in a text reaches for; null for most texts. Texts of code only: prose names such files too. */
export function pathCapability(text: string): Capability | null {
  // Long texts are content, no paths; and no pattern has to run over them.
  if (text.length > 300 || text.length < 4 || !anyFile.test(text)) return null;
  for (const [capability, pattern] of files) if (pattern.test(text)) return capability;
  return null;
}

const publishing =
  /(?:^|[\s;&|/"'])(?:(?:npm|pnpm|yarn)(?:\.cmd)?\s+(?:npm\s+)?publish\b|twine\s+upload\b|cargo\s+publish\b|gem\s+push\b|git\s+push\b|gh\s+(?:repo|secret|workflow|api)\s|vsce\s+publish\b)/;
const persisting =
  /(?:^|[\s;&|])(?:crontab\s+-(?!l\b)|systemctl\s+(?:--user\s+)?enable\b|launchctl\s+(?:load|bootstrap)\b|schtasks(?:\.exe)?\s+\/create\b|reg(?:\.exe)?\s+add\s+\S*\\Run\b)/i;

/** A place that is only wrong to write to: tools read workflows, and name them in patterns. */
export const onlyWritten = (path: string): boolean => /\.github[/\\]workflows/i.test(path);

/** What a whole command line does besides starting a program. */
export function commandCapability(command: string): Capability | null {
  if (command.length > 4_000) return null;
  if (publishing.test(command)) return "propagation";
  return persisting.test(command) ? "persistence" : null;
}
