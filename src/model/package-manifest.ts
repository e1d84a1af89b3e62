/**
 * Reads the parts of a package.json that decide what is installed and what runs. The registry's copy and the tarball's come through the
 * same door, so that two copies that mean the same are the same: `bin` in both its forms, both spellings of bundled
 * dependencies, optional ones taken out of the ordinary ones, as npm does.
 */
import type { PackageManifest } from "./evidence.ts";

/** https://docs.npmjs.com/cli/v11/using-npm/scripts#life-cycle-scripts, those that npm runs by itself. */
const LIFECYCLE: ReadonlySet<string> = new Set([
  "preinstall",
  "install",
  "postinstall",
  "prepublish",
  "preprepare",
  "prepare",
  "postprepare",
  "prepack",
  "postpack",
  "prepublishOnly",
  "publish",
  "postpublish",
  "preuninstall",
  "uninstall",
  "postuninstall",
  "dependencies",
]);

type Loose = Readonly<Record<string, unknown>>;

/** Anything that JSON can hold; what does not have the form that npm understands is left out, as npm does. Null where it is no object. */
export function packageManifest(value: unknown, inTarball?: { readonly bindingGyp: boolean }): PackageManifest | null {
  if (!isObject(value)) return null;
  const name = text(value["name"]);
  const optional = texts(value["optionalDependencies"]);
  const scripts = Object.fromEntries(Object.entries(texts(value["scripts"])).filter(([key]) => LIFECYCLE.has(key)));
  const dependencies = Object.fromEntries(Object.entries(texts(value["dependencies"])).filter(([key]) => !Object.hasOwn(optional, key)));
  const licence = licenceOf(value);
  const repository = addressOf(value["repository"]);
  const homepage = text(value["homepage"]);
  const description = text(value["description"]);
  return {
    name,
    version: text(value["version"]),
    dependencies,
    optionalDependencies: optional,
    peerDependencies: texts(value["peerDependencies"]),
    bundleDependencies: bundled(value["bundleDependencies"] ?? value["bundledDependencies"], { ...dependencies, ...optional }),
    scripts,
    bin: binOf(value["bin"], name),
    ...(inTarball === undefined
      ? {}
      : {
          gypfile:
            inTarball.bindingGyp && value["gypfile"] !== false && scripts["install"] === undefined && scripts["preinstall"] === undefined,
        }),
    ...(licence === "" ? {} : { licence }),
    ...(repository === "" ? {} : { repository }),
    ...(homepage === "" ? {} : { homepage }),
    ...(description === "" ? {} : { description }),
  };
}

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Members that are texts. `Object.fromEntries` makes even `__proto__` an ordinary member. */
const texts = (value: unknown): Record<string, string> =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter((member): member is [string, string] => typeof member[1] === "string"))
    : {};

function bundled(value: unknown, all: Readonly<Record<string, string>>): readonly string[] {
  if (value === true) return Object.keys(all);
  if (Array.isArray(value)) return value.filter((name): name is string => typeof name === "string");
  return isObject(value) ? Object.keys(value) : [];
}

/** One text is a command with the package's own name, its scope left out; targets lose their leading `./` or `/`. */
function binOf(value: unknown, name: string): Readonly<Record<string, string>> {
  const named = typeof value === "string" && name !== "" ? { [name]: value } : texts(value);
  return Object.fromEntries(
    Object.entries(named)
      .map(([command, target]): [string, string] => [
        command.replace(/^.*[/\\:]/, ""),
        target.replace(/\\/g, "/").replace(/^(\.?\/+)+/, ""),
      ])
      .filter(([command, target]) => command !== "" && target !== ""),
  );
}

function licenceOf(value: Loose): string {
  const own = licenceName(value["license"] ?? value["licence"]);
  if (own !== "") return own;
  const listed = [value["license"], value["licenses"]].find(Array.isArray) ?? [];
  return listed
    .map(licenceName)
    .filter((entry) => entry !== "")
    .join(" OR ");
}

const addressOf = (value: unknown): string => (isObject(value) ? text(value["url"]) : text(value));

const licenceName = (entry: unknown): string => (isObject(entry) ? text(entry["type"]) || text(entry["name"]) : text(entry));
