import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../model/index.ts";
import { bunLock } from "./bun-lock.ts";
import { accountsForAll, edgesOf, nodesOf, readSample } from "./sample.ts";

const read = (text: string, beside: Readonly<Record<string, string>> = {}): ReturnType<typeof readSample> =>
  readSample(bunLock, "bun.lock", { "bun.lock": text, ...beside });

const LOCK = `{
  // a comment, with "quotes" and a trailing comma,
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "top", "dependencies": { "a": "^1.0.0", "web": "workspace:*" }, },
    "packages/web": { "name": "web", "version": "1.0.0", "devDependencies": { "b": "1" }, },
  },
  "packages": {
    "a": ["a@1.2.0", "", { "dependencies": { "@s/b": "^2" }, "peerDependencies": { "p": "1" }, "optionalPeers": ["p"] }, "sha512-AAAA"],

    "@s/b": ["@s/b@1.0.0", "https://npm.example/", {}, "sha512-BBBB"],

    "b": ["b@1.0.0", "", {}, "sha512-CCCC"],

    "a/@s/b": ["@s/b@2.0.0", "", { "dependencies": { "b": "1" } }, "sha512-DDDD"],

    "web": ["web@workspace:packages/web"],

    "web/b": ["b@1.5.0", "", {}, "sha512-EEEE"],

    "g": ["g@github:o/g#0123456", {}, "o-g-0123456"],
  }
}
`;

test("a package gets what lies nearest above it, a member of the workspace what lies below its own name", () => {
  const listing = read(LOCK);
  assert.deepEqual(edgesOf(listing), [
    ". -> .packages/web prod",
    ". -> a@1.2.0 prod",
    ".packages/web -> b@1.5.0 dev",
    "@s/b@2.0.0 -> b@1.0.0 prod",
    "a@1.2.0 -> @s/b@2.0.0 prod",
    "a@1.2.0 -> p ? peer",
  ]);
  assert.deepEqual(nodesOf(listing), [
    "a@1.2.0:9 prod direct",
    "@s/b@1.0.0:11 prod",
    "b@1.0.0:13 prod",
    "@s/b@2.0.0:15 prod",
    "b@1.5.0:19 dev direct",
    "g@:21 prod",
  ]);
  assert.ok(accountsForAll(listing));
  assert.equal(listing.nodes.find((node) => node.name === "a")?.edges.find((edge) => edge.name === "p")?.optionalPeer, true);
  assert.equal(listing.nodes.find((node) => node.version === "1.0.0" && node.name === "@s/b")?.resolved, "https://npm.example/");
  assert.deepEqual(listing.components.find((one) => one.name === "g")?.origin, { kind: "git", url: "github:o/g", commit: "0123456" });
});

test("tuples that name nothing are problems that count, keys that stand twice as well", () => {
  const listing = read(
    '{"lockfileVersion":1,"packages":{\n"a":[1],\n"b":{},\n"c":["c@1.0.0","",{}],\n"c":["c@2.0.0","",{}],\n"w":["w@workspace:gone"],}}',
  );
  assert.equal(listing.listed, 5);
  assert.ok(accountsForAll(listing));
  assert.deepEqual(
    listing.problems.map((problem) => problem.place.line),
    [2, 3, 6, 5],
  );
});

test("half a file is refused at the place where it ends", () => {
  assert.throws(
    () => read(LOCK.slice(0, 400)),
    (fault: unknown) => fault instanceof Fault && fault.code === "inventory/syntax" && fault.place?.line === 9,
  );
});
