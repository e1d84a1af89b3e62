/**
 * What is in a Java archive: the artefact itself, artefacts shaded into it (each leaves its `pom.properties`), and archives within it
 * (`BOOT-INF/lib`, `WEB-INF/lib`), to a fixed depth and size.
 */
import { Fault, type Format } from "../../model/index.ts";
import { decodeText } from "../input.ts";
import { baseName, type EntryBuilder, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { readZip, type ZipMember } from "../zip.ts";
import { mavenPurl } from "./maven.ts";

/** Archives in archives in archives: an ear holds wars, a war jars, a jar shaded jars. One more for good measure. */
const MAX_DEPTH = 5;
/** All unpacked bytes of nested archives together. The largest application servers stay below 1 GB. */
const MAX_NESTED_BYTES = 1024 ** 3;
/** `pom.properties` and manifests are a few lines; generated manifests (OSGi) reach a megabyte. */
const MAX_TEXT = 4 * 1024 * 1024;

const ARCHIVE = /\.(?:jar|war|ear|aar|par|sar|rar)$/i;

export const jar: Format = {
  id: "java/archive",
  title: "*.jar, *.war, *.ear, *.aar",
  role: "installed",
  matches: (path) => /\.(?:jar|war|ear|aar)$/i.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "java/archive", "Maven");
    let members: readonly ZipMember[];
    try {
      members = readZip(file.bytes);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      throw new Fault(cause.code, `${baseName(file.path)} is no readable archive: ${cause.message}`, { place: { file: file.path }, cause });
    }
    readArchive(builder, members, baseName(file.path), "", 1, { left: MAX_NESTED_BYTES });
    return builder.finish({ graph: "flat" });
  },
};

interface Coordinates {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly key: string;
}

function readArchive(
  builder: EntryBuilder,
  members: readonly ZipMember[],
  name: string,
  path: string,
  depth: number,
  budget: { left: number },
): void {
  const found: Coordinates[] = [];
  let manifest = new Map<string, string>();
  for (const member of members) {
    const key = path === "" ? member.name : `${path}!${member.name}`;
    try {
      if (/^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/.test(member.name)) {
        const values = properties(decodeText(member.read(MAX_TEXT)));
        found.push({
          group: values.get("groupId") ?? "",
          artifact: values.get("artifactId") ?? "",
          version: values.get("version") ?? "",
          key,
        });
      } else if (/^META-INF\/MANIFEST\.MF$/i.test(member.name)) manifest = attributes(decodeText(member.read(MAX_TEXT)));
      else if (ARCHIVE.test(member.name)) readNested(builder, member, key, depth, budget);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      builder.problem(`${key} cannot be read: ${cause.message}`, { key, entry: true });
    }
  }
  // The artefact that the file's name speaks of is the archive itself; the others were shaded into it.
  const own =
    found.find((one) => name.startsWith(`${one.artifact}-`) || name === `${one.artifact}.jar`) ??
    (found.length === 1 ? found[0] : undefined);
  for (const one of found) {
    if (one.group === "" || one.artifact === "" || one.version === "")
      builder.problem(`${one.key} does not say which artefact it is`, { key: one.key, entry: true });
    else
      builder.add({
        name: `${one.group}:${one.artifact}`,
        version: one.version,
        purl: mavenPurl(one.group, one.artifact, one.version),
        key: one.key,
        path,
        bundled: one !== own || path !== "",
      });
  }
  if (own === undefined) addUnnamed(builder, name, manifest, path, found.length > 0);
}

function readNested(builder: EntryBuilder, member: ZipMember, key: string, depth: number, budget: { left: number }): void {
  if (depth >= MAX_DEPTH || budget.left <= 0) {
    builder.problem(`${key} is not opened: ${depth >= MAX_DEPTH ? "it lies too deep" : "too much is packed in this archive"}`, {
      key,
      entry: true,
    });
    return;
  }
  const bytes = member.read(budget.left);
  budget.left -= bytes.length;
  readArchive(builder, readZip(bytes), baseName(member.name), key, depth + 1, budget);
}

/** Without `pom.properties`: by the manifest, then by the file's name. Which group it belongs to is then mostly unknown. */
function addUnnamed(builder: EntryBuilder, name: string, manifest: ReadonlyMap<string, string>, path: string, shades: boolean): void {
  const byName = /^(.+?)-(\d[\w.+-]*?)(?:-(?:sources|javadoc|tests|all|shaded))?\.\w+$/.exec(name);
  const symbolic = (manifest.get("bundle-symbolicname") ?? "").split(";")[0]?.trim() ?? "";
  const group = manifest.get("implementation-vendor-id") ?? (symbolic.includes(".") ? symbolic.slice(0, symbolic.lastIndexOf(".")) : "");
  const artifact =
    byName?.[1] ?? (symbolic === "" ? (manifest.get("implementation-title") ?? "") : symbolic.slice(symbolic.lastIndexOf(".") + 1));
  const version = byName?.[2] ?? manifest.get("implementation-version") ?? manifest.get("bundle-version") ?? "";
  const key = path === "" ? {} : { key: path };
  if (artifact === "" || version === "" || /\s/.test(artifact)) {
    // An application's own archive has no coordinates, and an empty one nothing to tell.
    if (!shades) builder.problem(`${name} does not say which artefact it is`, { ...key, entry: true });
    return;
  }
  builder.problem(`${name} has no pom.properties: its coordinates are guessed from ${byName === null ? "its manifest" : "its name"}`, key);
  const full = group === "" ? artifact : `${group}:${artifact}`;
  builder.add({
    name: full,
    version,
    path,
    ...key,
    bundled: path !== "",
    ...(group === ""
      ? { ecosystem: "", purl: { type: "generic", name: artifact, version } }
      : { purl: mavenPurl(group, artifact, version) }),
  });
}

function properties(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^\s*(groupId|artifactId|version)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], match[2] ?? "");
  }
  return values;
}

/** Main attributes of a manifest (https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest); lines continue with a space. */
function attributes(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of (text.split(/\r?\n\r?\n/)[0] ?? "").replaceAll(/\r?\n /g, "").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) values.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return values;
}
