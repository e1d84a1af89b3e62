/**
 * An update of 1,500 packages in one process: the benign pairs over and over, each time with a line of its own at the end of every source,
 * from a seed, so that nothing is known by chance; what both releases have alike stays alike. Making the tarballs is not counted.
 */
import { gzipSync } from "node:zlib";
import { type Pair, readPairs, unpack } from "../../conformance/attacks/hosts.ts";
import { randomFrom } from "../../conformance/attacks/host.ts";
import { comparePackages } from "../../src/checks/behaviour/analysis/compare.ts";
import { archiveFacts } from "../../src/checks/behaviour/analysis/files-package.ts";
import { keeper } from "../../src/checks/behaviour/analysis/files.ts";
import { tarOf } from "./tar.ts";

const PACKAGES = 1_500;

const pairs = await readPairs(process.argv[2] ?? "");
const kept = keeper();
let [microseconds, bytes] = [0, 0];
for (let number = 0; number < PACKAGES; number++) {
  const pair = pairs[number % pairs.length];
  if (pair === undefined) throw new Error("there are no pairs");
  const [before, after] = await changed(pair, number);
  const began = process.cpuUsage();
  comparePackages(await archiveFacts("", before, { kind: "tgz", kept }), await archiveFacts("", after, { kind: "tgz", kept }));
  const used = process.cpuUsage(began);
  microseconds += used.user + used.system;
}
console.log(JSON.stringify({ packages: PACKAGES, megabytes: bytes / 1e6, cpuSeconds: microseconds / 1e6 }));

async function changed(pair: Pair, number: number): Promise<readonly [Uint8Array, Uint8Array]> {
  const random = randomFrom(`update ${number}`);
  const line = Buffer.from(`\n// ${random(1e9).toString(36)}${random(1e9).toString(36)}\n`);
  const pack = async (tarball: Uint8Array): Promise<Uint8Array> => {
    const entries = await unpack(tarball);
    const tar = tarOf(
      entries.map(({ path, bytes: content }) => ({
        path: `package/${path}`,
        bytes: /\.(?:[cm]?[jt]sx?|py|rb|sh)$/.test(path) ? Buffer.concat([content, line]) : content,
      })),
    );
    bytes += tar.length;
    return gzipSync(tar, { level: 1 });
  };
  return [await pack(pair.before), await pack(pair.after)];
}
