import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault, canonicalJson } from "../model/index.ts";
import { leavesOf } from "./bill/traced.ts";
import { convertSbom, toBill } from "./convert.ts";
import { diffBills } from "./diff.ts";
import { type SbomDocument, parseSbom, readSbom } from "./document.ts";
import { spdxFromYaml } from "./spdx/yaml.ts";
import { mergeCycloneDx } from "./merge.ts";
import { validateSbom } from "./validate.ts";
import { writeSbom } from "./write.ts";

const BOM = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  serialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
  version: 1,
  metadata: {
    timestamp: "2026-04-13T20:20:39+02:00",
    authors: [{ name: "Ada", email: "ada@shop.example" }],
    component: { type: "application", "bom-ref": "root", name: "shop", version: "4.2.0" },
  },
  components: [
    {
      type: "library",
      "bom-ref": "a",
      group: "@acme",
      name: "tools",
      version: "1.0.0",
      description: 'Line one\nline two <&> "quoted"',
      scope: "optional",
      hashes: [{ alg: "SHA-1", content: "0123456789012345678901234567890123456789" }],
      licenses: [
        { license: { id: "MIT", acknowledgement: "declared" } },
        { license: { name: "House Licence", text: { content: "Do as you like." } } },
      ],
      purl: "pkg:npm/%40acme/tools@1.0.0",
      externalReferences: [
        { type: "website", url: "https://acme.example" },
        { type: "issue-tracker", url: "https://acme.example/issues" },
      ],
      properties: [{ name: "x", value: "y" }, { name: "none" }],
      components: [{ type: "file", "bom-ref": "b", name: "inner.js" }],
    },
    { type: "library", "bom-ref": "c", name: "plain", licenses: [{ expression: "GPL-2.0-only OR LicenseRef-own" }] },
  ],
  dependencies: [{ ref: "root", dependsOn: ["a", "c"] }, { ref: "a", dependsOn: ["c"] }, { ref: "c" }],
};

const bom = (change: object = {}): SbomDocument => parseSbom(JSON.stringify({ ...BOM, ...change }, null, 2), "bom.json");
const fault = (work: () => unknown): Fault => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  throw new Error("no fault");
};
const errorsOf = async (document: SbomDocument): Promise<readonly string[]> =>
  (await validateSbom(document)).filter((one) => one.severity === "error").map((one) => `${one.place.line}: ${one.at}: ${one.message}`);

test("a complaint names the JSON pointer and the line", async () => {
  const text =
    '{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6",\n  "version": 1,\n  "components": [\n    {\n      "type": "libary",\n      "name": "a"\n    }\n  ]\n}\n';
  const [problem] = await validateSbom(parseSbom(text, "bom.json"));
  assert.equal(problem?.at, "/components/0/type");
  assert.deepEqual([problem?.place.line, problem?.place.column], [7, 7]);
});

test("every form of a document says the same", async () => {
  const xml = await writeSbom("cyclonedx", "xml", bom().data);
  const read = parseSbom(xml.text, "bom.xml");
  assert.deepEqual(await errorsOf(read), []);
  assert.equal(canonicalJson(read.data), canonicalJson(bom().data));
  const spdx = convertSbom(bom(), "spdx-2.3", { toolVersion: "1" });
  for (const form of ["json", "yaml", "tag-value", "xml"] as const) {
    const written = await writeSbom("spdx2", form, spdx.data);
    const back = parseSbom(written.text, `sbom.${form}`, spdxFromYaml);
    assert.deepEqual(await errorsOf(back), [], form);
    assert.deepEqual(leavesOf(back.data).size, leavesOf(spdx.data).size, form);
    assert.equal(canonicalJson(toBillText(back)), canonicalJson(toBillText({ ...back, data: spdx.data })), form);
  }
});

function toBillText(document: SbomDocument): string[] {
  return toBill(document).items.map(
    (item) => `${item.name.value} ${item.version?.value} ${item.purl?.value} ${item.licences.map((one) => one.value.value).join()}`,
  );
}

test("each leaf of a converted document is kept or listed as lost, never both, never neither", () => {
  for (const target of ["spdx-2.3", "spdx-3.0.1"] as const) {
    const converted = convertSbom(bom(), target, { toolVersion: "1" });
    const kept = new Set(converted.kept.map((one) => one.from));
    const lost = new Set(converted.losses.map((one) => one.pointer));
    for (const pointer of leavesOf(bom().data).keys()) {
      if (pointer === "/bomFormat" || pointer === "/specVersion") continue;
      assert.notEqual(kept.has(pointer), lost.has(pointer), `${target} ${pointer}`);
    }
    assert.ok(lost.has("/components/0/scope"));
    assert.ok(kept.has("/components/0/hashes/0/content"));
  }
});

test("a converted document is valid, and its annex gives the source again unless it was changed", async () => {
  for (const target of ["spdx-2.3", "spdx-3.0.1"] as const) {
    const carrying = convertSbom(bom(), target, { toolVersion: "1", annex: true });
    const document: SbomDocument = {
      ...bom(),
      family: carrying.family,
      version: carrying.version,
      data: carrying.data,
      text: JSON.stringify(carrying.data),
    };
    assert.deepEqual(await errorsOf(document), []);
    const back = convertSbom(carrying, "cyclonedx-1.6", { toolVersion: "1" });
    assert.ok(back.restored);
    assert.equal(canonicalJson(back.data), canonicalJson(bom().data));
    const changed = convertSbom({ ...carrying, data: { ...carrying.data, comment: "edited" } }, "cyclonedx-1.6", { toolVersion: "1" });
    assert.equal(changed.restored, false);
  }
});

test("the same input gives the same bytes", () => {
  const once = JSON.stringify(convertSbom(bom(), "spdx-3.0.1", { toolVersion: "1" }).data);
  assert.equal(JSON.stringify(convertSbom(bom(), "spdx-3.0.1", { toolVersion: "1" }).data), once);
});

test("a text that is cut off, of another encoding, or with a control character is a fault with its line", async () => {
  assert.equal(fault(() => parseSbom('{\n"bomFormat": "CycloneDX",\n', "a.json")).place?.line, 3);
  assert.equal(fault(() => parseSbom('<bom xmlns="http://cyclonedx.org/schema/bom/1.6">\n<components>', "a.xml")).place?.line, 2);
  assert.equal(fault(() => parseSbom("SPDXVersion: SPDX-2.3\nDocumentComment: <text>no end\n", "a.spdx")).place?.line, 2);
  assert.equal(fault(() => parseSbom("<a>\n\u0001</a>", "a.xml")).code, "sbom/syntax");
  await assert.rejects(
    readSbom(new Uint8Array([0x7b, 0x0a, 0x22, 0xff, 0xfe, 0x22]), "a.json"),
    (error: Fault) => error.code === "sbom/syntax" && error.place?.line === 2,
  );
  const utf16 = new Uint8Array(Buffer.from(`\ufeff${JSON.stringify(BOM)}`, "utf16le"));
  assert.equal((await readSbom(utf16, "a.json")).version, "1.6");
});

test("an entity bomb is refused for its DOCTYPE, before anything expands", () => {
  const bomb = '<?xml version="1.0"?>\n<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<bom>&b;</bom>';
  const refused = fault(() => parseSbom(bomb, "bomb.xml"));
  assert.match(refused.message, /document type declaration/);
  assert.equal(refused.place?.line, 2);
});

test("nesting without end is a fault and no stack overflow", () => {
  const deep = 100_000;
  assert.match(
    fault(() => parseSbom(`{"bomFormat":"CycloneDX","x":${"[".repeat(deep)}${"]".repeat(deep)}}`, "a.json")).message,
    /nested deeper/,
  );
  assert.match(fault(() => parseSbom(`<bom>${"<a>".repeat(deep)}`, "a.xml")).message, /nested deeper/);
});

test("hostile keys are data like any other", async () => {
  const text =
    '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","name":"a","__proto__":{"polluted":true}}]}';
  const document = parseSbom(text, "a.json");
  assert.deepEqual(await errorsOf(document), ["1: /components/0/__proto__: “__proto__” is not known here"]);
  const converted = convertSbom(document, "spdx-2.3", { toolVersion: "1" });
  assert.ok(converted.losses.some((loss) => loss.pointer === "/components/0/__proto__/polluted"));
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("a key that stands twice is warned of, since only the last counts", async () => {
  const problems = await validateSbom(parseSbom('{"bomFormat":"CycloneDX","specVersion":"1.6",\n"version":1,"version":2}', "a.json"));
  assert.deepEqual(
    problems.map((one) => [one.severity, one.at, one.place.line]),
    [["warning", "/version", 2]],
  );
});

test("what CycloneDX's prose forbids and its XML schema cannot see is an error", async () => {
  const xml =
    '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.7" version="1"><components><component type="library"><name>a</name><versionRange>vers:npm/*</versionRange></component></components></bom>';
  assert.match((await errorsOf(parseSbom(xml, "a.xml"))).join(), /only for an external component/);
});

test("an SPDX document that says 2.2 and speaks 2.3 is an error", async () => {
  const spdx = convertSbom(bom(), "spdx-2.3", { toolVersion: "1" }).data;
  const text = JSON.stringify({ ...spdx, spdxVersion: "SPDX-2.2" });
  assert.match((await errorsOf(parseSbom(text, "a.json"))).join(), /new in SPDX 2.3/);
});

test("a diff tells a new version from a new component, across formats", () => {
  const after = structuredClone(BOM);
  (after.components[0] as { version: string; purl: string }).version = "1.1.0";
  (after.components[0] as { purl: string }).purl = "pkg:npm/%40acme/tools@1.1.0";
  after.components[1] = { type: "library", "bom-ref": "c", name: "other", licenses: [] };
  const spdx = convertSbom(parseSbom(JSON.stringify(after), "b.json"), "spdx-2.3", { toolVersion: "1" });
  const diff = diffBills(toBill(bom()), toBill(spdx));
  const change = diff.changed.find((one) => one.name === "pkg:npm/%40acme/tools");
  assert.deepEqual(
    change?.fields.find((one) => one.field === "version"),
    { field: "version", from: "1.0.0", to: "1.1.0" },
  );
  assert.deepEqual([diff.added.map((one) => one.name), diff.removed.map((one) => one.name)], [["other"], ["plain"]]);
  assert.deepEqual(diffBills(toBill(bom()), toBill(bom())), { added: [], removed: [], changed: [], same: 4 });
});

test("a merge lists a shared component once, renames what collides and says what contradicts", async () => {
  const other = structuredClone(BOM);
  other.metadata.component = { type: "application", "bom-ref": "root", name: "api", version: "1.0.0" };
  (other.components[0] as { hashes: object[] }).hashes = [{ alg: "SHA-1", content: "ffffffffffffffffffffffffffffffffffffffff" }];
  const merged = mergeCycloneDx(
    [
      { name: "web.json", data: bom().data },
      { name: "api.json", data: parseSbom(JSON.stringify(other), "api.json").data },
    ],
    { name: "all", specVersion: "1.6" },
  );
  const components = merged.data["components"] as readonly { purl?: string; name: string }[];
  assert.equal(components.filter((one) => one.purl === "pkg:npm/%40acme/tools@1.0.0").length, 1);
  assert.deepEqual(components.filter((one) => one.name === "shop" || one.name === "api").length, 2);
  assert.deepEqual(
    merged.conflicts.map((one) => [one.component, one.member, one.other.from]),
    [["a", "hashes/SHA-1", "api.json"]],
  );
  assert.deepEqual(await errorsOf({ ...bom(), data: merged.data, text: JSON.stringify(merged.data) }), []);
});
