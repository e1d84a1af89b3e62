/** Preloaded into a measured process (`--import`): on exit it writes what the process used, all of it, to the file that MEASURE_TO names. */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env["MEASURE_TO"];
  if (file === undefined) return;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(file, JSON.stringify({ userSeconds: userCPUTime / 1e6, systemSeconds: systemCPUTime / 1e6, peakMebibytes: maxRSS / 1024 }));
});
