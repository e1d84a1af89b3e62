import type { WhyComponent } from "../app/why.ts";
import { formatPlace } from "../model/fault.ts";
import { count, counted } from "../report/groups.ts";
import { block, sentence, toAscii } from "../report/text.ts";
import { type Screen, screenOf } from "../report/tones.ts";
import { formatTree } from "../report/tree.ts";
import type { Command } from "./command.ts";

/** More ways than this answer no question at a glance; `--all` shows them. */
const SHOWN_WAYS = 12;
/** For `--all`: a hostile graph has more ways than memory. */
const MOST_WAYS = 10_000;

export const why: Command = {
  name: "why",
  summary: "show which ways lead to a package, the shortest first",
  positionals: "PACKAGE[@VERSION] [PATH]",
  minPositionals: 1,
  maxPositionals: 2,
  options: {
    format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" },
    all: { type: "boolean", summary: "show every way, not the shortest ones" },
  },
  description:
    "Says why a package is in a project: every dependant that asks for it, with the shortest way from the project to that dependant, as a tree. Without a version, each release that is in use is shown. It reads the lockfile only; no network.",
  examples: [
    { command: "tributary why ms", what: "every release of ms in this folder's project" },
    { command: "tributary why ms@2.0.0 packages/web", what: "one release, in a folder of a monorepo" },
    { command: "tributary why @scope/name --format json", what: "the ways as data" },
  ],
  run: async ({ positionals, options, cwd, env, out, outIsTerminal, columns }) => {
    const [wanted = "", path = "."] = positionals;
    const useCase = await import("../app/why.ts");
    const limit = options["all"] === true || options["format"] === "json" ? MOST_WAYS : SHOWN_WAYS;
    const { project, components } = await useCase.why({ path, cwd, wanted, limit });
    if (options["format"] === "json") {
      const document = {
        schemaVersion: "1.0",
        project: { name: project.name, version: project.version },
        components: components.map(({ component, nodes, paths, count: ways }) => ({
          purl: component.purl,
          name: component.name,
          version: component.version,
          places: nodes.map(({ place, path: installed, scope }) => ({ ...place, installed, scope })),
          paths,
          pathCount: ways,
        })),
      };
      await out(`${JSON.stringify(document, null, 2)}\n`);
      return 0;
    }
    const screen = screenOf(outIsTerminal, columns, env, process.platform);
    const text = `${components.map((one) => section(one, screen)).join("\n\n")}\n`;
    await out(screen.unicode ? text : toAscii(text));
    return 0;
  },
};

function section({ component, nodes, paths, count: ways }: WhyComponent, screen: Screen): string {
  const title = sentence(`${component.name}@${component.version}`);
  const scope = nodes.some((node) => node.scope === "prod")
    ? "production"
    : nodes.some((node) => node.scope === "optional")
      ? "optional"
      : "development only";
  const direct = nodes.some((node) => node.direct === true) ? ", asked for by the project itself" : "";
  const first = nodes[0];
  const places =
    first === undefined
      ? ""
      : `, ${sentence(formatPlace(first.place))}${nodes.length > 1 ? ` and ${counted(nodes.length - 1, "other place")}` : ""}`;
  const lines = block(`${title}: ${counted(ways, "way")} in, ${scope}${direct}${places}`, screen.columns, "");
  lines[0] = (lines[0] ?? "").replace(title, () => screen.paint("strong", title));
  lines.push("", ...formatTree(paths, screen));
  if (ways > paths.length) lines.push("", screen.paint("quiet", `and ${count(ways - paths.length)} more: --all`));
  return lines.join("\n");
}
