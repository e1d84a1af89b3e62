/**
 * Runs what a package brings with it, shut in: no network, no processes but its own, nothing of the machine's disk but the programs in /usr
 * (to be read) and one folder to work in, no environment, no rights. By bubblewrap where it is installed, else by the kernel's
 * namespaces themselves (`unshare` of util-linux). Where neither is to be had, nothing is run.
 *
 *     /usr /bin /lib … read only      /tools read only      /build to write      /tmp, /dev, /proc of its own
 */
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";

export type Sandbox = "bubblewrap" | "unshare";

export interface Boxed {
  /** Program and arguments, as seen from inside. */
  readonly command: readonly string[];
  /** Seen as `/build` inside, and may be written to. */
  readonly work: string;
  /** Seen as `/tools` inside. */
  readonly tools: string;
  /** Inside, below `/build`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
}

export interface BoxedResult {
  /** -1 where it was ended from outside. */
  readonly status: number;
  /** The end of what it printed, both streams together. */
  readonly log: string;
  readonly timedOut: boolean;
}

/** The end of a build's output says why it failed; all of it may be gigabytes. */
const LOG_BYTES = 64 * 1024;
/** Top folders that programs need; those that the system does not have are left out. */
const PROGRAMS = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];
/** Enough for the dynamic linker and name look-ups of programs; holds nothing private. */
const SETTINGS = ["etc/ld.so.cache", "etc/ld.so.conf", "etc/ld.so.conf.d", "etc/alternatives"];
const DEVICES = ["null", "zero", "full", "random", "urandom"];

/** Run as root of its own namespaces: puts a root together, moves into it, and gives every right up before anything of the package runs. */
// /proc is read only because who is root outside may write its settings from inside, whatever rights were given up.
const ENTER = `set -e
root=$1; work=$2; tools=$3; cwd=$4; shift 4
mount --make-rprivate /
mount -t tmpfs -o size=64m,mode=755 tributary "$root"
cd "$root"
mkdir proc dev tmp build tools etc old
for name in ${PROGRAMS.join(" ")}; do
  if [ -L "/$name" ]; then cp -P "/$name" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --bind "/$name" "$name"; mount -o remount,bind,ro,nosuid,nodev "$name"; fi
done
for name in ${SETTINGS.join(" ")}; do
  if [ -d "/$name" ]; then mkdir -p "$name"; mount --bind "/$name" "$name"; mount -o remount,bind,ro "$name"
  elif [ -f "/$name" ]; then cp "/$name" "$name"; fi
done
printf 'builder:x:0:0::/build:/bin/sh\\n' > etc/passwd
for name in ${DEVICES.join(" ")}; do : > "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
ln -s /proc/self/fd dev/fd; ln -s /proc/self/fd/0 dev/stdin; ln -s /proc/self/fd/1 dev/stdout; ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o size=2g,mode=1777,nosuid,nodev tmp tmp
mount --bind "$work" build; mount -o remount,bind,nosuid,nodev build
mount --bind "$tools" tools; mount -o remount,bind,ro,nosuid,nodev tools
mount -t proc proc proc; mount -o remount,bind,ro,nosuid,nodev,noexec proc
mount -o remount,bind,ro .
pivot_root . old
umount -l /old
ulimit -c 0
cd "$cwd"
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
`;

const UNSHARE = ["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount", "--ipc", "--uts"];

/** Which sandbox can be had here; null where none. Found out by trying. */
export async function findSandbox(scratch: string): Promise<Sandbox | null> {
  if (process.platform !== "linux") return null;
  const [work, tools] = [join(scratch, "try-work"), join(scratch, "try-tools")];
  mkdirSync(work, { recursive: true });
  mkdirSync(tools, { recursive: true });
  for (const kind of ["bubblewrap", "unshare"] as const) {
    const boxed: Boxed = { command: ["/bin/sh", "-c", PROBE], work, tools, cwd: "/build", env: {}, milliseconds: PROBE_MILLISECONDS };
    const { status } = await runBoxed(kind, boxed, scratch).catch(() => ({ status: -1 }));
    if (status === 0) return kind;
  }
  return null;
}

const PROBE_MILLISECONDS = 20_000;
/** It must hold: no network but one's own loopback, no rights, nothing to write to outside. Only what was tried is believed. */
const PROBE = [
  "[ $(grep -c : /proc/net/dev) -le 1 ]",
  "! grep -q '^CapEff:.*[1-9a-f]' /proc/self/status",
  "! touch /usr/tributary-probe 2>/dev/null",
  "! touch /tools/tributary-probe 2>/dev/null",
  "[ ! -e /home ] && [ ! -e /root ]",
  "[ ! -w /proc/sys/kernel/core_pattern ]",
  "touch /build/written",
].join(" && ");

/** Runs one command in the sandbox. Rejects only where the sandbox's own program cannot be started. */
export async function runBoxed(kind: Sandbox, boxed: Boxed, scratch: string): Promise<BoxedResult> {
  const env = Object.entries({ PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/build", TMPDIR: "/tmp", ...boxed.env });
  const [program, args] =
    kind === "bubblewrap"
      ? (["bwrap", bubblewrapArgs(boxed, env)] as const)
      : ([
          "unshare",
          [...UNSHARE, "/bin/sh", "-c", ENTER, "tributary", rootFolder(scratch), boxed.work, boxed.tools, boxed.cwd].concat(
            ["/usr/bin/env", "-i", ...env.map(([name, value]) => `${name}=${value}`)],
            boxed.command,
          ),
        ] as const);
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: boxed.work,
      stdio: ["ignore", "pipe", "pipe"],
      // A session of its own: no terminal to type into.
      detached: true,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    let log = Buffer.alloc(0);
    let timedOut = false;
    const take = (chunk: Buffer): void => {
      log = Buffer.concat([log, chunk]);
      if (log.length > LOG_BYTES) log = Buffer.from(log.subarray(log.length - LOG_BYTES));
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    // The first process of its namespace: with it, all others end.
    const end = (): boolean => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, boxed.milliseconds);
    boxed.signal?.addEventListener("abort", end, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      boxed.signal?.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (status) => {
      done();
      resolve({ status: status ?? -1, log: log.toString("utf8"), timedOut });
    });
  });
}

function rootFolder(scratch: string): string {
  const root = join(scratch, "root");
  mkdirSync(root, { recursive: true });
  return root;
}

function bubblewrapArgs(boxed: Boxed, env: readonly (readonly [string, string])[]): string[] {
  const programs = PROGRAMS.flatMap((name) => {
    const path = `/${name}`;
    if (!existsSync(path)) return [];
    return lstatSync(path).isSymbolicLink() ? ["--symlink", `usr/${name}`, path] : ["--ro-bind", path, path];
  });
  const shut = "--unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL --uid 0 --gid 0".split(" ");
  const own = "--proc /proc --dev /dev --tmpfs /tmp".split(" ");
  const folders = ["--bind", boxed.work, "/build", "--ro-bind", boxed.tools, "/tools", "--chdir", boxed.cwd];
  const settings = SETTINGS.flatMap((name) => ["--ro-bind-try", `/${name}`, `/${name}`]);
  const variables = env.flatMap(([name, value]) => ["--setenv", name, value]);
  return [...shut, ...programs, ...settings, ...own, ...folders, ...variables, "--", ...boxed.command];
}
