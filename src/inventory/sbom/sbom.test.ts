import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../model/index.ts";
import { noContext, inputFile } from "../input.ts";
import { readListing } from "../read.ts";

const read = (path: string, text: string): ReturnType<typeof readListing> => readListing(inputFile(path, Buffer.from(text)), noContext);

const BOM = `{
  "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
  "metadata": { "component": { "type": "application", "bom-ref": "me", "name": "shop", "version": "1.0.0" } },
  "components": [
    { "type": "library", "bom-ref": "a", "name": "tools", "group": "@acme", "version": "1.0.0", "purl": "pkg:npm/%40acme/tools@1.0.0", "scope": "excluded",
      "hashes": [{ "alg": "SHA-1", "content": "0123456789012345678901234567890123456789" }] },
    { "type": "library", "bom-ref": "b", "name": "unknown thing", "version": "2" },
    { "type": "library", "bom-ref": "c", "name": "bad", "purl": "not a purl" }
  ],
  "dependencies": [ { "ref": "me", "dependsOn": ["a"] }, { "ref": "a", "dependsOn": ["b", "nowhere"] }, { "ref": "b" }, { "ref": "c" } ]
}`;

test("each component is listed at its line, with its hash, scope and dependencies", async () => {
  const { listing } = await read("bom.json", BOM);
  assert.deepEqual([listing.name, listing.listed, listing.graph], ["shop", 3, "full"]);
  const tools = listing.nodes.find((node) => node.name === "@acme/tools");
  assert.deepEqual([tools?.place.line, tools?.direct, tools?.scope], [5, true, "prod"]);
  assert.deepEqual(tools?.integrity, [`sha1-${Buffer.from("0123456789012345678901234567890123456789", "hex").toString("base64")}`]);
  assert.equal(listing.components.find((one) => one.name === "@acme/tools")?.ecosystem, "npm");
});

test("a component without a purl, or with one that is none, stays and is remarked upon", async () => {
  const { listing } = await read("bom.json", BOM);
  assert.deepEqual(
    listing.components.filter((one) => one.ecosystem === "").map((one) => one.purl),
    ["pkg:generic/unknown%20thing@2", "pkg:generic/bad"],
  );
  const messages = listing.problems.map((problem) => problem.message).join("\n");
  assert.match(messages, /unknown thing has no purl/);
  assert.match(messages, /bad: /);
  assert.match(messages, /1 dependency leads to something that the document does not list/);
});

test("the form is told from the content where the name does not tell it", async () => {
  const tag =
    "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\nDocumentNamespace: https://x.example/1\nCreator: Tool: t\nCreated: 2026-01-01T00:00:00Z\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1.0\nPackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/a@1.0\n";
  for (const path of ["x.spdx", "notes.txt"]) {
    const { listing } = await read(path, tag);
    assert.deepEqual(
      listing.components.map((one) => one.purl),
      ["pkg:pypi/a@1.0"],
    );
    assert.equal(listing.nodes[0]?.place.line, 8);
  }
});

test("a document that is none is a fault of the inventory, with a place", async () => {
  await assert.rejects(read("bom.json", '{"bomFormat":'), (error: Fault) => error.code === "inventory/syntax" && error.place?.line === 1);
  await assert.rejects(read("x.cdx.xml", "<html/>"), (error: Fault) => error.code === "inventory/format");
});
