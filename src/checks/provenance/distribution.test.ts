import assert from "node:assert/strict";
import { test } from "node:test";
import { sameDistribution } from "./distribution.ts";

test("two spellings of one file's name are the same file's, and nothing else is", () => {
  for (const [a, b] of [
    ["Zope.Interface-5.0.0-py3-none-any.whl", "zope_interface-5.0-py3-none-any.whl"],
    ["a-1.0-py2.py3-none-any.whl", "a-1.0.0-py3.py2-none-any.whl"],
    ["a-1.0RC1.tar.gz", "A-1.0.0rc1.tar.gz"],
    ["a-1.0-2-cp39-abi3-linux_x86_64.whl", "a-1-2-cp39-abi3-linux_x86_64.whl"],
    ["some-thing-1.0.post1.zip", "some_thing-1.post1.zip"],
  ] as const)
    assert.ok(sameDistribution(a, b), `${a} ${b}`);
  for (const [a, b] of [
    ["a-1.0-py3-none-any.whl", "a-1.1-py3-none-any.whl"],
    ["a-1.0-py3-none-any.whl", "a-1.0-cp39-none-any.whl"],
    ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"],
    ["a-1.0.tar.gz", "a-1.0.zip"],
    ["a-1.0.tar.gz", "b-1.0.tar.gz"],
    ["a-1.0-1-py3-none-any.whl", "a-1.0-2-py3-none-any.whl"],
    ["a-10.tar.gz", "a-1.tar.gz"],
    // What is no name of a distribution is not even the same as itself.
    ["a.exe", "a.exe"],
    ["a-1.0-x-py3-none-any.whl", "a-1.0-x-py3-none-any.whl"],
    ["-1.0.tar.gz", "-1.0.tar.gz"],
    ["", ""],
  ] as const)
    assert.ok(!sameDistribution(a, b), `${a} ${b}`);
});
