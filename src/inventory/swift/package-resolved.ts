import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder, formatFault } from "../reading/builder.ts";
import { jsonLineIndex, jsonPlaces, readJson } from "../reading/json.ts";
import { listOf, member, textOf, versionText } from "../reading/values.ts";

/** Swift's package pins, versions 1 to 3 (https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/resolvingpackageversions/). */
export const packageResolved: Format = {
  id: "swift/package-resolved",
  title: "Package.resolved",
  role: "lockfile",
  matches: (path) => baseName(path) === "Package.resolved",
  read: (file) => {
    const document = readJson(file);
    const formatVersion = versionText(member(document, "version"));
    const old = member(member(document, "object"), "pins");
    const pins = old ?? member(document, "pins");
    if (!Array.isArray(pins)) throw formatFault(file, "there are no pins in it", 1);
    const key = old === undefined ? "location" : "repositoryURL";
    const lineOf = jsonLineIndex(
      jsonPlaces(file.text, [
        ["pins", "*", key],
        ["object", "pins", "*", key],
      ]),
    );
    const builder = entryBuilder(file, "swift/package-resolved", "SwiftURL");
    for (const [index, pin] of listOf(pins).entries()) {
      const url = textOf(member(pin, key));
      const state = member(pin, "state");
      const version = versionText(member(state, "version"));
      const revision = textOf(member(state, "revision"));
      const line =
        lineOf([...(old === undefined ? [] : ["object"]), "pins", String(index), key]) ?? lineOf(["object", "pins", String(index), key]);
      const identity = textOf(member(pin, "identity")) || textOf(member(pin, "package"));
      if (textOf(member(pin, "kind")) === "localSourceControl" || (url !== "" && !/^(?:https?:|ssh:|git@|git:)/.test(url))) {
        builder.add({ name: identity || url, version, line, ecosystem: "", origin: { kind: "directory", path: url } });
      } else if (url === "" || (version === "" && revision === "")) {
        builder.problem(`${identity === "" ? "a pin" : identity} has no ${url === "" ? "location" : "version or revision"}`, {
          line,
          entry: true,
        });
      } else {
        // OSV and purl name a Swift package by its repository; a pin to a branch has only its revision.
        const address = url.replace(/^git@([^:]+):/, "https://$1/").replace(/^ssh:\/\/git@/, "https://");
        const name = address
          .replace(/^[a-z]+:\/\//, "")
          .replace(/\.git$/, "")
          .replace(/\/$/, "");
        builder.add({
          name,
          version,
          line,
          as: identity,
          resolved: url,
          origin: version === "" ? { kind: "git", url: address, commit: revision } : { kind: "registry" },
        });
      }
    }
    return builder.finish({ graph: "flat", formatVersion });
  },
};
