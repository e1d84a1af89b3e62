/** Installed and packed distributions of Python: their core metadata says what they are (https://packaging.python.org/en/latest/specifications/core-metadata/). */
import { Fault, type Format, type InputFile } from "../../model/index.ts";
import { decodeText } from "../input.ts";
import { baseName, type EntryBuilder, entryBuilder } from "../reading/builder.ts";
import { linesOf } from "../reading/positions.ts";
import { readZip } from "../zip.ts";

/** Largest metadata that is read, in bytes: it holds the whole README of the project, the largest known has about 2 MB. */
const MAX_METADATA = 8 * 1024 * 1024;

/** Header fields, the first of a name counts; the body (the description) is not looked at. Keys in lower case. */
function fieldsOf(text: string): ReadonlyMap<string, { readonly value: string; readonly line: number }> {
  const fields = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [index, line] of linesOf(text).entries()) {
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon < 1 || /^\s/.test(line)) continue;
    const key = line.slice(0, colon).toLowerCase();
    if (!fields.has(key)) fields.set(key, { value: line.slice(colon + 1).trim(), line: index + 1 });
  }
  return fields;
}

function addMetadata(builder: EntryBuilder, text: string, key: string): void {
  const fields = fieldsOf(text);
  const name = fields.get("name");
  const version = fields.get("version");
  const at = key === "" ? {} : { key };
  if (name === undefined || version === undefined || name.value === "" || version.value === "") {
    builder.problem(`the metadata has no ${name === undefined || name.value === "" ? "name" : "version"}`, { line: 1, entry: true, ...at });
    return;
  }
  const licence = fields.get("license-expression")?.value ?? fields.get("license")?.value ?? "";
  builder.add({
    name: name.value,
    version: version.value,
    line: name.line,
    licence: licence === "UNKNOWN" || licence.length > 200 ? "" : licence,
    ...at,
  });
}

export const pythonMetadata: Format = {
  id: "python/metadata",
  title: "METADATA, PKG-INFO",
  role: "installed",
  matches: (path) => /\.dist-info\/METADATA$|(?:^|\/)EGG-INFO\/PKG-INFO$|\.egg-info(?:\/PKG-INFO)?$/.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "python/metadata", "PyPI");
    addMetadata(builder, file.text, "");
    return builder.finish({ graph: "flat" });
  },
};

export const pythonArchive: Format = {
  id: "python/archive",
  title: "*.whl, *.egg",
  role: "installed",
  matches: (path) => /\.(?:whl|egg)$/.test(path),
  read: (file) => {
    const builder = entryBuilder(file, "python/archive", "PyPI");
    const found = metadataIn(file, builder);
    if (found === 0) builder.problem("there is no metadata in it: what it is can be told from its name only");
    return builder.finish({ graph: "flat" });
  },
};

function metadataIn(file: InputFile, builder: EntryBuilder): number {
  let found = 0;
  try {
    for (const member of readZip(file.bytes)) {
      if (!/^[^/]+\.dist-info\/METADATA$|^EGG-INFO\/PKG-INFO$/.test(member.name)) continue;
      found += 1;
      addMetadata(builder, decodeText(member.read(MAX_METADATA)), member.name);
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault(cause.code, `${baseName(file.path)} is no readable archive: ${cause.message}`, { place: { file: file.path }, cause });
  }
  return found;
}
