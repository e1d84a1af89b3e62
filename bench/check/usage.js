// Preloaded into a measured process (`--import`): on exit it writes what the process used, all of it, to the file that MEASURE_TO names.
// No TypeScript: taking its types out would load Node's compiler into every process that is measured, 70 ms and 17 MiB that users never pay.
import { readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env["MEASURE_TO"];
  if (file === undefined) return;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const peakMebibytes = (highWater() ?? maxRSS) / 1024;
  writeFileSync(file, JSON.stringify({ userSeconds: userCPUTime / 1e6, systemSeconds: systemCPUTime / 1e6, peakMebibytes }));
});

// On Linux a child inherits its parent's maxRSS until it outgrows it; the kernel's own mark is the process's alone. Kibibytes.
function highWater() {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
