import type { Format } from "../../model/index.ts";
import { inputFile } from "../input.ts";
import { entryBuilder, formatFault } from "../reading/builder.ts";
import { gunzip, tarMember } from "../reading/member.ts";
import { readToml } from "../reading/toml.ts";
import { member, textOf, versionText } from "../reading/values.ts";

/** The registry takes crates of up to 10 MB packed; source compresses at most to a twentieth. */
const MAX_UNPACKED = 256 * 1024 * 1024;
const MAX_MANIFEST = 4 * 1024 * 1024;

/** A packed crate (https://doc.rust-lang.org/cargo/commands/cargo-package.html): a tar.gz with `name-version/Cargo.toml`. */
export const crate: Format = {
  id: "rust/crate",
  title: "*.crate",
  role: "installed",
  matches: (path) => path.endsWith(".crate"),
  read: (file) => {
    const bytes = tarMember(file, gunzip(file, file.bytes, MAX_UNPACKED), (path) => /^[^/]+\/Cargo\.toml$/.test(path), MAX_MANIFEST);
    if (bytes === null) throw formatFault(file, "there is no Cargo.toml in it");
    const own = member(readToml(inputFile(`${file.path}!Cargo.toml`, bytes)), "package");
    const builder = entryBuilder(file, "rust/crate", "crates.io");
    const name = textOf(member(own, "name"));
    const version = versionText(member(own, "version"));
    if (name === "" || version === "")
      builder.problem(`Cargo.toml has no ${name === "" ? "name" : "version"}`, { key: "Cargo.toml", entry: true });
    else builder.add({ name, version, key: "Cargo.toml", licence: textOf(member(own, "license")).replaceAll("/", " OR ") });
    return builder.finish({ graph: "flat" });
  },
};
