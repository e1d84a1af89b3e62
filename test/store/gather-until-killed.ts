/** A child for the tests of gathering: asks the registry about all that a list names, until it is killed. */
import { readFileSync } from "node:fs";
import { openSources } from "../../src/app/npm-evidence.ts";
import { type FakeEntry, fakeProject } from "../registry/project.ts";

const [folder = "", list = ""] = process.argv.slice(2);
const sources = await openSources({ cwd: folder, env: process.env, offline: false });
await sources.gatherNpm(fakeProject(JSON.parse(readFileSync(list, "utf8")) as readonly FakeEntry[]), { artifacts: true });
await sources.close();
