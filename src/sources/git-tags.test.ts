import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { historyOf } from "../model/index.ts";
import { commitsBetween, keyOf, tagEvents } from "./git-tags.ts";

const folder = mkdtempSync(join(tmpdir(), "tributary-tags-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function git(args: readonly string[], who = "anna", at = "2024-01-01T12:00:00Z"): string {
  const env = { ...process.env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
  return execFileSync("git", ["-c", `user.name=${who}`, "-c", `user.email=${who}@t.example`, "-c", "tag.gpgSign=false", ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  })
    .toString()
    .trim();
}

const commit = (who: string, at: string): string => {
  git(["commit", "-q", "--allow-empty", "-m", `by ${who}`], who, at);
  return git(["rev-parse", "HEAD"]);
};

test("tags become releases with who tagged them and when, and a newcomer's share of the commits is counted", async () => {
  git(["init", "-q"]);
  const old = commit("anna", "2022-01-01T12:00:00Z");
  for (let at = 0; at < 6; at++) {
    const when = `2023-0${at + 1}-01T12:00:00Z`;
    commit("anna", when);
    git(["tag", "-a", `v1.${at}.0`, "-m", "release"], "anna", when);
  }
  const before = git(["rev-parse", "HEAD"]);
  for (let at = 0; at < 3; at++) commit("bert", `2023-10-0${at + 1}T12:00:00Z`);
  commit("anna", "2023-10-05T12:00:00Z");
  git(["tag", "-a", "release-1.6.0", "-m", "release"], "bert", "2023-10-06T12:00:00Z");
  git(["tag", "not-a-version"]);
  const tags = await tagEvents(folder);
  assert.deepEqual(tags.map(({ event }) => event.version).toSorted(), ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"]);
  const history = historyOf(
    tags.map(({ event }) => event),
    "1.6.0",
  );
  assert.deepEqual(
    [history?.self.publisher?.name, history?.byPublisher, history?.known, history?.before?.version],
    ["bert", 0, 6, "1.5.0"],
  );
  const now = git(["rev-parse", "HEAD"]);
  assert.equal(tags.find(({ event }) => event.version === "1.6.0")?.commit, now);
  const { all, range } = await commitsBetween(folder, before, now);
  assert.equal(range.length, 4);
  assert.deepEqual(all.slice(0, 4), range, "newest first, and all before them as well");
  assert.ok((await commitsBetween(folder, old, before)).range.every(([, at]) => at <= (range.at(-1)?.[1] ?? 0)));
  await assert.rejects(commitsBetween(folder, "--all", now));
});

const armour = (kind: "PGP" | "SSH", bytes: Buffer): string =>
  `-----BEGIN ${kind} SIGNATURE-----\n${kind === "PGP" ? "\n" : ""}${bytes.toString("base64")}\n${kind === "PGP" ? "=AbCd\n" : ""}-----END ${kind} SIGNATURE-----\n`;

test("a signature names its key, and no signature names none", () => {
  const fingerprint = Buffer.from("00112233445566778899aabbccddeeff01234567", "hex");
  assert.equal(keyOf(armour("PGP", Buffer.concat([Buffer.from([4, 0, 1, 8, 0, 29, 22, 33, 4]), fingerprint]))), "pgp:ccddeeff01234567");
  assert.equal(
    keyOf(armour("PGP", Buffer.concat([Buffer.from([4, 0, 1, 8, 0, 10, 9, 16]), fingerprint.subarray(0, 8)]))),
    "pgp:0011223344556677",
  );
  const key = Buffer.from("a public key");
  const ssh = (mark: string): string => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(key.length);
    return keyOf(armour("SSH", Buffer.concat([Buffer.from("SSHSIG"), Buffer.from([0, 0, 0, 1]), length, key, Buffer.from(mark)])));
  };
  assert.equal(ssh("one"), ssh("two"));
  assert.match(ssh("one"), /^ssh:[A-Za-z\d+/]{43}$/);
  assert.deepEqual([keyOf(""), keyOf("nonsense")], ["", "unknown"]);
});
