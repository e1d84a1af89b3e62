import assert from "node:assert/strict";
import { test } from "node:test";
import { packageFacts } from "./files-package.ts";

async function runs(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { selfRuns } = await packageFacts(
    "",
    Object.entries(files).map(([path, text]) => ({ path, executable: false, bytes: Buffer.from(text) })),
  );
  return selfRuns.map(({ trigger, when, name }) => `${trigger} ${when} ${name}`.trim());
}

const setup = (cmdclass: string): string => `from setuptools import setup\nsetup(name="a", ${cmdclass})\n`;

test("a setup.py that puts code of its own into a step of the installation says into which", async () => {
  assert.deepEqual(await runs({ "setup.py": setup(`cmdclass={"install": Own, 'egg_info': Other}`) }), [
    "setup-py install",
    "setup-py install cmdclass egg_info",
    "setup-py install cmdclass install",
  ]);
  assert.ok((await runs({ "setup.py": `commands = {}\ncmdclass["develop"] = Own\n` })).includes("setup-py install cmdclass develop"));
  assert.deepEqual(await runs({ "setup.py": setup(`cmdclass={"upload": Upload, "build_ext": Build}`) }), ["setup-py install"]);
});

test("what RubyGems loads or builds of a gem runs by itself", async () => {
  assert.deepEqual(await runs({ "lib/rubygems_plugin.rb": "puts 1\n" }), ["gem-extension start"]);
  assert.deepEqual(await runs({ "a.gemspec": `Gem::Specification.new do |s|\n  s.extensions = ["ext/Rakefile"]\nend\n` }), [
    "gem-extension install extensions",
  ]);
  assert.deepEqual(await runs({ "a.gemspec": `Gem::Specification.new do |s|\n  s.name = "a"\nend\n` }), []);
});
