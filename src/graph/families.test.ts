import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../model/index.ts";
import { graphOf } from "./csr.ts";
import { type Family, familyExposures, mergeFamilies, readFamilies, standardFamilies } from "./families.ts";
import { clausesOf } from "./hard.ts";

/** `a` and `b` carry one, `c` carries both, `d` is content with either. */
const names = ["a", "b", "c", "d", "libnettle8", "libssl3"];
const graph = {
  names,
  first: graphOf(6, [0, 1, 2, 2, 3], [5, 5, 4, 5, 5]),
  all: graphOf(6, [0, 1, 2, 2, 3, 3], [5, 5, 4, 5, 4, 5]),
  clauses: clausesOf(6, [
    [0, [5]],
    [1, [5]],
    [2, [4]],
    [2, [5]],
    [3, [4, 5]],
  ]),
};
const pair: Family = {
  id: "pair",
  title: "Pair",
  members: [
    { name: "Nettle", packages: ["libnettle#"] },
    { name: "OpenSSL", packages: ["libssl#"] },
    { name: "Absent", packages: ["libabsent#"] },
  ],
};

test("shares and substitutability stand side by side: two providers, and yet hardly anybody could do without the one", () => {
  const [family] = familyExposures(graph, [pair]);
  assert.ok(family !== undefined);
  assert.deepEqual(
    family.members.map(({ name, users, packages }) => [name, users, packages]),
    [
      ["OpenSSL", 5, ["libssl3"]],
      ["Nettle", 2, ["libnettle8"]],
    ],
  );
  // a, b, c, d, libssl3 and libnettle8; c carries both.
  assert.deepEqual([family.union, family.several, family.exclusive], [6, 1, 4]);
  assert.equal(family.largestShare, 5 / 6);
  // Four could use it, three cannot do without.
  assert.equal(family.substitutability, 0.25);
  assert.ok(Math.abs(family.hill.q2 - 49 / 29) < 1e-12);
});

test("a number sign stands for a library's number, with Debian's time suffix, and for nothing else", () => {
  const empty = graphOf(6, [], []);
  const of = (list: readonly string[]): readonly string[] =>
    familyExposures({ names: list, first: empty, all: empty, clauses: clausesOf(6, []) }, [pair]).flatMap(({ members }) =>
      members.flatMap(({ packages }) => packages),
    );
  assert.deepEqual(of(["libssl-dev", "libssl1.1", "libssl3t64", "libssl3@3.0.1", "libssl", "xlibssl3"]), [
    "libssl1.1",
    "libssl3t64",
    "libssl3@3.0.1",
  ]);
});

test("a family without a member in the graph is not shown, and the standard ones have ids and members of their own", () => {
  assert.deepEqual(familyExposures(graph, [{ ...pair, members: [{ name: "x", packages: ["nothing"] }] }]), []);
  const ids = standardFamilies.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, members } of standardFamilies) {
    assert.match(id, /^[a-z][a-z0-9-]*$/);
    const packages = members.flatMap((member) => member.packages);
    assert.equal(new Set(packages).size, packages.length, id);
  }
});

test("a user's families replace those of the same id and come after the others", () => {
  const own = readFamilies(
    '{"families": [{"id": "tls", "title": "Ours", "members": [{"name": "x", "packages": ["x"]}]}, {"id": "mine", "title": "Mine", "members": []}]}',
    "families.json",
  );
  const merged = mergeFamilies(own);
  assert.equal(merged.length, standardFamilies.length + 1);
  assert.equal(merged[0]?.title, "Ours");
  assert.equal(merged.at(-1)?.id, "mine");
});

test("what is no families file is refused with the entry that is wrong", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["{", /no JSON/],
    ["[]", /no list "families"/],
    ['{"__proto__": {"families": []}}', /no list "families"/],
    ['{"families": [{"id": "Big", "title": "t", "members": []}]}', /family 1 has an id/],
    ['{"families": [{"id": "a", "title": "t", "members": [{"name": "n", "packages": [1]}]}]}', /member 1 lists a package that is no text/],
    [JSON.stringify({ families: Array.from({ length: 201 }, () => ({})) }), /more than 200/],
  ];
  for (const [text, message] of wrong)
    assert.throws(
      () => readFamilies(text, "families.json"),
      (error) => error instanceof Fault && message.test(error.message),
      text.slice(0, 40),
    );
});
