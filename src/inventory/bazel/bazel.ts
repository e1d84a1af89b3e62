import type { Format } from "../../model/index.ts";
import { baseName, type EntryBuilder, entryBuilder, formatFault } from "../reading/builder.ts";
import { hexToSri, sriSet } from "../reading/integrity.ts";
import { jsonLineIndex, jsonPlaces, readJson, repeatedKeys } from "../reading/json.ts";
import { isTable, member, tableOf, textOf, textsOf, versionText } from "../reading/values.ts";
import { mavenPurl } from "../java/maven.ts";
import { type Call, readStarlark, type Value } from "./starlark.ts";

const text = (value: Value | undefined): string => (value?.kind === "text" ? value.text : "");

/** Maven artefacts (https://github.com/bazel-contrib/rules_jvm_external) and modules (https://bazel.build/rules/lib/globals/module) that a Bazel file asks for. */
export const bazelFile: Format = {
  id: "bazel/build",
  title: "MODULE.bazel, WORKSPACE, BUILD",
  role: "manifest",
  matches: (path) =>
    /^(?:MODULE|WORKSPACE|BUILD)(?:\.bazel)?$/.test(baseName(path)) || path.endsWith(".MODULE.bazel") || path.endsWith("/maven.bzl"),
  read: (file) => {
    const { calls, variables } = readStarlark(file);
    const builder = entryBuilder(file, "bazel/build", "Maven");
    const moduleCall = calls.find((call) => call.name === "module");
    const about = { name: text(moduleCall?.named.get("name")), version: text(moduleCall?.named.get("version")) };
    const root = builder.root({ ...about, line: moduleCall?.line });

    const installers = new Set<string>();
    for (const call of calls) {
      if (call.name !== "load" || !text(call.positional[0]).includes("rules_jvm_external")) continue;
      for (const name of call.positional.slice(1)) if (text(name) === "maven_install") installers.add("maven_install");
      for (const [alias, name] of call.named) if (text(name) === "maven_install") installers.add(alias);
    }
    const extensions = new Set<string>();
    for (const [name, value] of variables) {
      if (value.kind === "call" && value.name === "use_extension" && text(value.positional[0]).includes("rules_jvm_external"))
        extensions.add(name);
    }
    for (const call of calls) {
      const [owner = "", method = ""] = call.name.split(".");
      if (installers.has(call.name) || (extensions.has(owner) && method === "install")) addArtifacts(builder, root, call);
      else if (extensions.has(owner) && method === "artifact") addArtifact(builder, root, call);
      else if (call.name === "bazel_dep") {
        const name = text(call.named.get("name") ?? call.positional[0]);
        const version = text(call.named.get("version") ?? call.positional[1]);
        if (name === "") builder.problem("a bazel_dep without a name", { line: call.line, entry: true });
        else
          builder.edge(
            root,
            builder.add({ name, version, line: call.line, ecosystem: "", purl: { type: "bazel", name, version }, direct: true }),
            name,
            version,
          );
      }
    }
    return builder.finish({ graph: "flat", ...about, knowsDirect: true });
  },
};

function addArtifacts(builder: EntryBuilder, root: number, call: Call): void {
  const artifacts = call.named.get("artifacts");
  if (artifacts === undefined) return;
  if (artifacts.kind !== "list") {
    builder.problem("the artefacts are computed: what they are is not known without running the build", { line: artifacts.line });
    return;
  }
  for (const item of artifacts.items) {
    if (item.kind === "call" && item.name.endsWith(".artifact")) addArtifact(builder, root, item);
    else if (item.kind === "text") {
      // group:artifact:version, group:artifact:packaging:version or group:artifact:packaging:classifier:version.
      const parts = item.text.split(":");
      const [group = "", artifact = ""] = parts;
      if (parts.length < 2 || group === "" || artifact === "")
        builder.problem(`${JSON.stringify(item.text)} names no artefact`, { line: item.line, entry: true });
      else
        add(
          builder,
          root,
          group,
          artifact,
          parts.length > 2 ? (parts.at(-1) ?? "") : "",
          item.line,
          parts.length > 3 ? parts[2] : "",
          parts.length > 4 ? parts[3] : "",
        );
    } else builder.problem("an artefact that is computed", { line: item.line, entry: true });
  }
}

function addArtifact(builder: EntryBuilder, root: number, call: Call): void {
  const part = (name: string, position: number): string => text(call.named.get(name) ?? call.positional[position]);
  const group = part("group", 0);
  const artifact = part("artifact", 1);
  if (group === "" || artifact === "") builder.problem("an artefact without group or name", { line: call.line, entry: true });
  else add(builder, root, group, artifact, part("version", 2), call.line, part("packaging", 3), part("classifier", 4));
}

function add(
  builder: EntryBuilder,
  root: number,
  group: string,
  artifact: string,
  version: string,
  line: number,
  type = "",
  classifier = "",
): void {
  const name = `${group}:${artifact}`;
  builder.edge(
    root,
    builder.add({ name, version, line, purl: mavenPurl(group, artifact, version, type, classifier), direct: true }),
    name,
    version,
  );
}

/** The lock file of rules_jvm_external, version 2 and 3: artefacts with their hashes, and who needs whom. */
export const mavenInstall: Format = {
  id: "bazel/maven-install",
  title: "maven_install.json",
  role: "lockfile",
  matches: (path) => path.endsWith("maven_install.json"),
  read: (file) => {
    const document = readJson(file);
    const artifacts = member(document, "artifacts");
    if (!isTable(artifacts)) throw formatFault(file, "there are no artifacts in it: only versions 2 and 3 of the lock file are read", 1);
    const places = jsonPlaces(file.text, [["artifacts", "*"]]);
    const lineOf = jsonLineIndex(places);
    const builder = entryBuilder(file, "bazel/maven-install", "Maven");
    for (const repeated of repeatedKeys(places)) {
      builder.problem(`${repeated.path.at(-1) ?? ""} is listed twice; the later entry counts`, { line: repeated.line, entry: true });
    }
    const nodes = new Map<string, number>();
    for (const [key, value] of Object.entries(artifacts)) {
      const [group = "", artifact = "", type = "", classifier = ""] = key.split(":");
      const version = versionText(member(value, "version"));
      const line = lineOf(["artifacts", key]);
      if (group === "" || artifact === "" || version === "")
        builder.problem(`${key} has no ${version === "" ? "version" : "name"}`, { line, key, entry: true });
      else {
        const hashes = Object.values(tableOf(member(value, "shasums"))).map((hash) => hexToSri("sha256", textOf(hash)));
        nodes.set(
          key,
          builder.add({
            name: `${group}:${artifact}`,
            version,
            line,
            key,
            purl: mavenPurl(group, artifact, version, type, classifier),
            integrity: sriSet(hashes),
          }),
        );
      }
    }
    for (const [key, list] of Object.entries(tableOf(member(document, "dependencies")))) {
      const from = nodes.get(key);
      if (from !== undefined)
        for (const other of textsOf(list)) builder.edge(from, nodes.get(other) ?? -1, other, "", nodes.has(other) ? "prod" : "optional");
    }
    return builder.finish({ graph: "full", formatVersion: versionText(member(document, "version")) });
  },
};
