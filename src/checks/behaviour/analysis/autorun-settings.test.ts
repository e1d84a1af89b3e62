import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsOfSettings, isSetting } from "./autorun-settings.ts";

const told = (path: string, text: string): readonly string[] => commandsOfSettings(path, text).map(({ name, line }) => `${line} ${name}`);

test("of a package manager's settings those are told that decide what is run and where it comes from", () => {
  assert.deepEqual(
    told(".npmrc", "; words\nregistry=http://127.0.0.1:9/\ngit=./.bin/git\nignore-scripts=false\nstrict-ssl=false\n@a:registry = x"),
    ["2 registry", "3 git", "4 ignore-scripts", "5 strict-ssl", "6 @a:registry"],
  );
  assert.deepEqual(told(".yarnrc.yml", "nodeLinker: node-modules\nyarnPath: .yarn/a.cjs\nenableStrictSsl: false"), [
    "2 yarnPath",
    "3 enableStrictSsl",
  ]);
  assert.deepEqual(told(".yarnrc", `"@a:registry" "http://127.0.0.1"\nyarn-path "a.js"`), ["1 @a:registry", "2 yarn-path"]);
  assert.deepEqual(told("bunfig.toml", `preload = ["./a.ts"]`), ["1 preload"]);
  assert.deepEqual(told(".pnpmfile.cjs", "module.exports = {}"), ["1 "]);
});

test("settings that only make it stricter, or are a matter of taste, are not told", () => {
  assert.deepEqual(
    told(".npmrc", "package-lock=false\nignore-scripts=true\nstrict-ssl=true\nsave-exact=true\nloglevel=warn\n#registry=x"),
    [],
  );
  assert.equal(isSetting("lib/.npmrc"), false);
  assert.equal(isSetting("index.js"), false);
});
