import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, onlyFinding, tarballUrl } from "../testing.ts";
import { unexpectedHost } from "./unexpected-host.ts";

const at = (host: string, name: string) => ({ resolved: tarballUrl(name, "1.0.0").replace("registry.example", host) });
const five = (host: string, odd: string) => ({
  packages: {
    ...Object.fromEntries(["a", "b", "c", "d"].map((name) => [`node_modules/${name}`, at(host, name)])),
    "node_modules/e": at(odd, "e"),
  },
});

test("one entry that comes from elsewhere stands out, with both hosts in the sentence", () => {
  const finding = onlyFinding(ask(unexpectedHost, five("registry.example", "evil.example")));
  assert.equal(finding.severity, "high");
  assert.match(finding.message, /e@1\.0\.0 is fetched from evil\.example, while registry\.example is expected/);
});

test("a host that merely begins or ends like the configured one is another host", () => {
  for (const odd of [
    "registry.example.evil.example",
    "notregistry.example",
    "registry.example:8443",
    "user@evil.example",
    "evil.example\\@registry.example",
    "registry.example@evil.example",
  ]) {
    assert.equal(ask(unexpectedHost, five("registry.example", odd)).findings.length, 1, odd);
  }
  assert.equal(ask(unexpectedHost, five("registry.example", "user:secret@registry.example")).findings.length, 0);
});

test("a lockfile that was made against another registry as a whole is told once, and lightly", () => {
  const finding = onlyFinding(ask(unexpectedHost, five("mirror.example", "mirror.example")));
  assert.deepEqual([finding.severity, finding.key], ["info", "package-lock.json"]);
  assert.match(finding.message, /made against mirror\.example \(5 packages\), while registry\.example is configured/);
});

test("the odd one in a lockfile of another registry stands out all the same", () => {
  const { findings } = ask(unexpectedHost, five("mirror.example", "evil.example"));
  assert.deepEqual(
    findings.map(({ severity }) => severity),
    ["high", "info"],
  );
});

test("hosts that npm replaces by the configured registry, and hosts that the policy allows, are as good as configured", () => {
  assert.deepEqual(ask(unexpectedHost, five("registry.example", "default.example"), { replacedHosts: ["default.example"] }).findings, []);
  assert.deepEqual(ask(unexpectedHost, five("registry.example", "npm.corp.example"), {}, { hosts: ["*.corp.example"] }).findings, []);
  assert.equal(ask(unexpectedHost, five("registry.example", "corp.example"), {}, { hosts: ["*.corp.example"] }).findings.length, 1);
});

test("an address that dependents did not ask for by address is held to the registry; one that they asked for is not", () => {
  const url = "https://evil.example/e-1.0.0.tgz";
  const project = (range: string) => ({
    dependencies: { e: range },
    packages: { "node_modules/e": { resolved: url, origin: { kind: "url" as const, url } } },
  });
  assert.equal(ask(unexpectedHost, project("^1.0.0")).findings.length, 1);
  assert.equal(ask(unexpectedHost, project(url)).asked, 0);
});

test("where neither configuration nor habit says what is expected, the question stays open", () => {
  const result = ask(unexpectedHost, { packages: { "node_modules/a": at("one.example", "a") } }, { registry: "" });
  assert.deepEqual([result.findings.length, result.answered, result.asked], [0, 0, 1]);
});
