/** What benchmarks of the whole command share: a project on a local registry, and one run of the compiled command with what it used. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const repository: string = resolve(import.meta.dirname, "..", "..");

export interface Usage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly peakMebibytes: number;
  readonly seconds: number;
}

export interface Entry {
  readonly name: string;
  readonly version: string;
  readonly resolved: string;
  readonly integrity: string;
}

export function writeProject(folder: string, url: string, lock: readonly Entry[]): void {
  const dependencies = Object.fromEntries(lock.map(({ name, version }) => [name, version]));
  const entries = lock.map(({ name, ...entry }) => [`node_modules/${name}`, entry] as const);
  const packages = { "": { name: "project", version: "1.0.0", dependencies }, ...Object.fromEntries(entries) };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", dependencies }));
  writeFileSync(
    join(folder, "package-lock.json"),
    JSON.stringify({ name: "project", version: "1.0.0", lockfileVersion: 3, packages }, null, 2),
  );
  writeFileSync(join(folder, ".npmrc"), `registry=${url}\n`);
}

export function environment(home: string, url: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    TRIBUTARY_COMPILED: "1",
    TRIBUTARY_CACHE: join(home, "cache"),
    TRIBUTARY_DATA: join(home, "data"),
    TRIBUTARY_OSV_API: `${url}osv`,
    MEASURE_TO: join(home, "usage.json"),
  };
}

export async function measured(args: readonly string[], home: string, cwd: string, url: string): Promise<Usage> {
  const started = performance.now();
  await succeed(process.execPath, ["--import", join(import.meta.dirname, "usage.js"), join(repository, "bin", "tributary.js"), ...args], {
    cwd,
    env: environment(home, url),
  });
  const seconds = (performance.now() - started) / 1000;
  return { ...(JSON.parse(readFileSync(join(home, "usage.json"), "utf8")) as Omit<Usage, "seconds">), seconds };
}

/** An exit status of 1 is the policy's no, which is an answer. */
export async function succeed(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const status = await new Promise<number | null>((done) => child.on("close", done));
  if (status !== 0 && status !== 1) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${err}`);
}

export async function firstLine(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error("the registry said nothing");
}
