/** The repository that a package's manifest names, in whichever of npm's spellings (https://docs.npmjs.com/cli/configuring-npm/package-json#repository). */

const hosts: Readonly<Record<string, string>> = {
  github: "github.com",
  gitlab: "gitlab.com",
  bitbucket: "bitbucket.org",
};

/** `host/owner/name` in lower case (the hosts do not tell case apart), or "" where the text names no repository on a host. */
export function repositoryKey(text: string): string {
  const trimmed = text.trim();
  const short = /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+?)(?:\.git)?(?:#.*)?$/i.exec(trimmed);
  if (short !== null) return `${hosts[(short[1] ?? "github").toLowerCase()] ?? ""}/${short[2] ?? ""}`.toLowerCase();
  const scp = /^(?:[\w.-]+@)([\w.-]+):([^\s#?]+)/.exec(trimmed);
  if (scp !== null && !trimmed.includes("://")) return key(scp[1] ?? "", scp[2] ?? "");
  const plain = trimmed.replace(/^git\+/i, "");
  if (!URL.canParse(plain)) return "";
  const { host, hostname, pathname, protocol } = new URL(plain);
  // An ssh or git address may carry a port that says nothing about which repository it is.
  return key(/^https?:$/.test(protocol) ? host : hostname, pathname);
}

/** Addresses of a folder or file inside a repository name the repository as well. */
function key(host: string, path: string): string {
  const clean = path
    .replace(/^\/+|\/+$/g, "")
    .replace(/(?:\/-)?\/(?:tree|blob|src|raw|issues|wiki|releases)(?:\/.*)?$/, "")
    .replace(/\.git$/, "");
  const name = host.toLowerCase().replace(/^www\./, "");
  const parts = clean.split("/");
  if (parts.length < 2 || parts.some((part) => part === "")) return "";
  // GitHub and Bitbucket have two levels; GitLab's groups nest.
  const levels = name === "github.com" || name === "bitbucket.org" ? 2 : parts.length;
  return `${name}/${parts
    .slice(0, levels)
    .join("/")
    .replace(/\.git$/, "")}`.toLowerCase();
}
