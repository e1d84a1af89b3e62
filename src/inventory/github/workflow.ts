import type { Format } from "../../model/index.ts";
import { baseName, type EntryBuilder, entryBuilder } from "../reading/builder.ts";
import { Fault } from "../../model/index.ts";
import { readYaml, type Yaml, yamlItems, yamlMember, yamlMembers, yamlText } from "../reading/yaml.ts";

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Actions and reusable workflows that a workflow, or an action of its own, uses (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses). */
export const githubWorkflow: Format = {
  id: "github/workflow",
  title: ".github/workflows/*.yml",
  role: "manifest",
  matches: (path) =>
    /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || (/^action\.ya?ml$/.test(baseName(path)) && !path.includes("node_modules/")),
  read: (file) => {
    const builder = entryBuilder(file, "github/workflow", "GitHub Actions");
    let document: Yaml;
    try {
      document = readYaml(file);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      // GitHub would not run it, so it uses nothing; that it could not be read is said.
      builder.problem(cause.message, cause.place?.line === undefined ? {} : { line: cause.place.line });
      return builder.finish({ graph: "flat" });
    }
    const root = builder.root({ name: yamlText(yamlMember(document, "name")) });
    for (const job of yamlMembers(yamlMember(document, "jobs"))) {
      take(builder, root, yamlMember(job.value, "uses"), job.key);
      for (const step of yamlItems(yamlMember(job.value, "steps"))) take(builder, root, yamlMember(step, "uses"), job.key);
    }
    for (const step of yamlItems(yamlMember(yamlMember(document, "runs"), "steps"))) take(builder, root, yamlMember(step, "uses"), "");
    return builder.finish({ graph: "flat", name: yamlText(yamlMember(document, "name")), knowsDirect: true });
  },
};

function take(builder: EntryBuilder, root: number, uses: Yaml | undefined, job: string): void {
  const text = yamlText(uses).trim();
  const line = uses?.line;
  if (uses === undefined || text.startsWith("./") || text.startsWith("../")) return;
  if (text.startsWith("docker://")) {
    builder.problem(`${text} is an image, not an action`, { line, entry: true });
    return;
  }
  const match = /^([A-Za-z0-9][\w.-]*)\/([\w.-]+)((?:\/[^@\s]+)?)@(\S+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || match[4] === undefined) {
    builder.problem(`${JSON.stringify(text.slice(0, 120))} names no action at a version`, { line, entry: true });
    return;
  }
  const [, owner, repository, folder = "", reference] = match;
  const pinned = COMMIT.test(reference);
  const node = builder.add({
    name: `${owner}/${repository}`,
    version: reference,
    line,
    purl: { type: "github", namespace: owner, name: repository, version: reference, subpath: folder.replace(/^\//, "") },
    origin: { kind: "git", url: `https://github.com/${owner}/${repository}`, commit: pinned ? reference : "" },
    direct: true,
    ...(job === "" ? {} : { path: job }),
  });
  builder.edge(root, node, `${owner}/${repository}${folder}`, reference);
}
