/** Sigstore's whole trust repository: gone through from each of its roots, and then with one byte wrong in each file on the way. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../src/model/index.ts";
import { type FetchFile, updateTuf } from "../../src/sources/tuf.ts";
import { pinnedTufRoot } from "../../src/sources/tuf-root.ts";
import type { CaseResult, Suite } from "../suite.ts";

/** The archive was taken on 2026-08-23; its timestamp ends on the 28th. */
const THEN = new Date("2026-08-24T00:00:00Z");
const AFTER = new Date("2026-08-29T00:00:00Z");
const ROOTS = 15;

export const suite: Suite = {
  name: "root-signing",
  archive: "root-signing",
  async *run(folder) {
    const fetch = fetchFrom(folder);
    const rootText = (version: number): string => readFileSync(join(folder, "metadata", "root_history", `${version}.root.json`), "utf8");
    for (let version = 1; version <= ROOTS; version++) {
      yield await expectOk(`from root ${version}`, async () => {
        const state = await updateTuf({ root: rootText(version), fetch, now: THEN });
        for (const name of state.targets) if (/trusted_root|keys\.json/.test(name)) await state.target(name);
        return (
          state.rootVersion === ROOTS &&
          state.targets.includes("trusted_root.json") &&
          state.targets.some((name) => name.endsWith("/keys.json"))
        );
      });
    }
    yield await expectOk(
      "the pinned root is the repository's",
      async () => (await updateTuf({ root: pinnedTufRoot, fetch, now: THEN })).rootVersion >= ROOTS,
    );
    yield await expectRefusal("an ended timestamp", async () => void (await updateTuf({ root: rootText(ROOTS), fetch, now: AFTER })));
    const state = await updateTuf({ root: rootText(ROOTS), fetch, now: THEN });
    yield await expectOk(
      "again, with what was seen before",
      async () => (await updateTuf({ root: rootText(ROOTS), fetch, before: state.metadata, now: THEN })).rootVersion === ROOTS,
    );
    // One digit of one signature or version in each file.
    for (const name of ["2.root.json", "9.root.json", "15.root.json", "timestamp.json", "snapshot.json", "targets.json"]) {
      for (const [what, from, to] of [
        ["version", /"version": ?\d/, '"version": 7'],
        ["signature", /"sig": "30\d/, '"sig": "31'],
        ["expiry", /"expires": "20\d\d/, '"expires": "2099'],
      ] as const) {
        const bent: FetchFile = async (path, most) => {
          const bytes = await fetch(path, most);
          if (bytes === null || path.replace(/^\d+\.(?=snapshot|targets)/, "") !== name) return bytes;
          const text = bytes.toString("utf8");
          return Buffer.from(what === "signature" ? text.replaceAll(/"sig": ?"30/g, '"sig": "31') : text.replace(from, to));
        };
        yield await expectRefusal(
          `${name} with another ${what}`,
          async () => void (await updateTuf({ root: rootText(1), fetch: bent, now: THEN })),
        );
      }
    }
    const wrong: FetchFile = async (path, most) => {
      const bytes = await fetch(path, most);
      return bytes !== null && path.startsWith("targets/") ? Buffer.concat([bytes.subarray(0, -1), Buffer.from("!")]) : bytes;
    };
    const other = await updateTuf({ root: rootText(ROOTS), fetch: wrong, now: THEN });
    for (const name of ["trusted_root.json", other.targets.find((one) => one.endsWith("/keys.json")) ?? ""])
      yield await expectRefusal(
        `the target ${name.split("/").at(-1) ?? ""} with another byte`,
        async () => void (await other.target(name)),
      );
  },
};

/** The archive has the files without the versions and hashes that the repository's addresses carry. */
const fetchFrom =
  (folder: string): FetchFile =>
  (path) => {
    const name = path.split("/").at(-1) ?? "";
    const file = path.startsWith("targets/")
      ? join(folder, path.replace(/[0-9a-f]{64,128}\.(?=[^/]+$)/, ""))
      : name.endsWith(".root.json")
        ? join(folder, "metadata", "root_history", name)
        : join(folder, "metadata", name.replace(/^\d+\./, ""));
    return Promise.resolve(existsSync(file) ? readFileSync(file) : null);
  };

async function expectOk(name: string, work: () => Promise<boolean>): Promise<CaseResult> {
  try {
    return (await work()) ? { name, outcome: "passed" } : { name, outcome: "failed", detail: "it led elsewhere" };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

async function expectRefusal(name: string, work: () => Promise<void>): Promise<CaseResult> {
  try {
    await work();
    return { name, outcome: "failed", detail: "it was trusted" };
  } catch (error) {
    return error instanceof Fault && error.code === "source/body"
      ? { name, outcome: "passed" }
      : { name, outcome: "failed", detail: String(error) };
  }
}
