import type { Format } from "../../model/index.ts";
import { baseName, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";

/** Configurations that only the build's own tests, checks and code generation see. */
const development = /test|annotationProcessor|kapt|ksp|lint|checkstyle|pmd|jacoco|detekt|ktlint|spotbugs|developmentOnly/i;

/** Gradle's dependency locks (https://docs.gradle.org/current/userguide/dependency_locking.html): `group:name:version=configurations`. */
export const gradleLock: Format = {
  id: "java/gradle-lock",
  title: "gradle.lockfile",
  role: "lockfile",
  matches: (path) =>
    /(?:^|\/)(?:gradle|buildscript-gradle)\.lockfile$/.test(path) || /(?:^|\/)gradle\/dependency-locks\/[^/]+\.lockfile$/.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "java/gradle-lock", "Maven");
    const buildOnly = baseName(file.path).startsWith("buildscript-");
    for (const [index, raw] of linesOf(file.text).entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#") || line.startsWith("empty=")) continue;
      const match = /^([^:=\s]+):([^:=\s]+):([^:=\s]+)(?:=(.*))?$/.exec(line);
      if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) {
        builder.problem(`${JSON.stringify(line.slice(0, 120))} is no lock state`, { line: index + 1, entry: true });
        continue;
      }
      const groups = (match[4] ?? "").split(",").filter((group) => group !== "");
      builder.add({
        name: `${match[1]}:${match[2]}`,
        version: match[3],
        line: index + 1,
        groups,
        scope: buildOnly || (groups.length > 0 && groups.every((group) => development.test(group))) ? "dev" : "prod",
      });
    }
    return builder.finish({ graph: "flat" });
  },
};
