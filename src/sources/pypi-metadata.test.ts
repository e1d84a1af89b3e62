import assert from "node:assert/strict";
import { test } from "node:test";
import { readCoreMetadata } from "./pypi-metadata.ts";

const read = (...lines: readonly string[]): string | undefined =>
  readCoreMetadata(`Metadata-Version: 2.4\n${lines.join("\n")}\n\nbody\n`).repository;

test("the source is what a well-known label names, on a forge before elsewhere; a home page only where it is a repository", () => {
  assert.equal(
    read("Project-URL: Docs, https://docs.example", "Project-URL: Source Code, https://github.com/o/r"),
    "https://github.com/o/r",
  );
  assert.equal(
    read("Project-URL: source, https://src.example/x", "Project-URL: Repository , https://gitlab.com/o/r"),
    "https://gitlab.com/o/r",
  );
  assert.equal(read("Project-URL: code, https://src.example/x"), "https://src.example/x");
  assert.equal(read("Home-page: https://github.com/o/r"), "https://github.com/o/r");
  assert.equal(read("Project-URL: Homepage, https://github.com/o/r#readme"), "https://github.com/o/r#readme");
  assert.equal(read("Home-page: https://www.example.org/"), undefined);
  assert.equal(read("Project-URL: no comma"), undefined);
});

test("only the head of the metadata counts, and lines that go on", () => {
  const text = "Name: a\r\nSummary: one\r\n two\r\n\r\nProject-URL: Source, https://github.com/in/body\r\n";
  assert.deepEqual(readCoreMetadata(text), { description: "one two" });
  assert.deepEqual(readCoreMetadata(""), {});
});
