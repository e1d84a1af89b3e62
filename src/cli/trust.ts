import type { TrustShown } from "../app/trust-update.ts";
import { counted } from "../report/groups.ts";
import { block, sentence, toAscii } from "../report/text.ts";
import { type Screen, screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";

export const trustShow: Command = {
  name: "trust show",
  summary: "show on whose word verification rests: roots and registry keys, with their age",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  options: { format: { type: "string", short: "f", value: "FMT", choices: ["terminal", "json"], summary: "what standard output shows" } },
  description:
    "Lists the Sigstore instances whose certificates and logs count, and the npm registry's keys: where each comes from, of which day it is, and until when its publisher vouches for it. A root that has ended still verifies what was signed before; it does not know what was withdrawn since.",
  examples: [{ command: "tributary trust show", what: "what is trusted here" }],
  run: async (context) => {
    const { showTrust } = await import("../app/trust-update.ts");
    const trust = showTrust(context.env);
    for (const note of trust.notes) context.err(`note: ${note}\n`);
    if (context.options["format"] === "json") await context.out(`${JSON.stringify({ schemaVersion: "1.0", ...trust }, null, 2)}\n`);
    else await print(context, (screen) => shown(trust, screen));
    return 0;
  },
};

export const trustUpdate: Command = {
  name: "trust update",
  summary: "fetch Sigstore's newest trust root and the npm registry's keys, each step proved by the one before",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  options: {
    mirror: {
      type: "string",
      value: "URL",
      summary: "another address of the same repository; what it hands out must prove itself all the same",
    },
  },
  description:
    "Goes from the root that is trusted already to the newest one (The Update Framework): every root on the way is signed by the keys of the one before, nothing may be older than what was seen, nothing may have ended. Where a step fails nothing is changed. GitHub's own instance is not part of this repository: its root comes with each release of Tributary, or with `trust add`.",
  examples: [
    { command: "tributary trust update", what: "bring it up to date" },
    { command: "tributary trust update --mirror https://mirror.example/tuf/", what: "from a mirror" },
  ],
  run: async (context) => {
    const { updateTrust } = await import("../app/trust-update.ts");
    const { options, cwd, env, signal } = context;
    const mirror = options["mirror"];
    const updated = await updateTrust({ cwd, env, signal, ...(typeof mirror === "string" ? { mirror } : {}) });
    const what = updated.changed ? "brought up to date" : "already up to date";
    await print(context, ({ columns }) =>
      block(
        sentence(
          `trust root ${what}: version ${updated.rootVersion} from ${updated.source}, good until ${updated.rootExpires.slice(0, 10)}, with ${counted(updated.keys, "registry key")}`,
        ),
        columns,
        "",
        "  ",
      ),
    );
    return 0;
  },
};

export const trustAdd: Command = {
  name: "trust add",
  summary: "trust the root of a private Sigstore instance as well",
  positionals: "FILE",
  minPositionals: 1,
  maxPositionals: 1,
  options: {},
  description:
    "Takes in a `trusted_root.json` (or `.jsonl`, one root a line, as `gh attestation trusted-root` prints it). From then on what that instance vouches for counts as verified: add only what you run, or whom you know. To take it out again, delete the file that it names.",
  examples: [{ command: "tributary trust add trusted_root.json", what: "trust your own instance" }],
  run: async (context) => {
    const { addTrustRoot } = await import("../app/trust-update.ts");
    const kept = await addTrustRoot(context.positionals[0] ?? "", context.cwd, context.env);
    await print(context, ({ columns }) => block(sentence(`trusted from now on: ${kept}`), columns, "", "  "));
    return 0;
  },
};

async function print(context: CommandContext, draw: (screen: Screen) => readonly string[]): Promise<void> {
  const screen = screenOf(context.outIsTerminal, context.columns, context.env, process.platform);
  const text = `${draw(screen).join("\n")}\n`;
  await context.out(screen.unicode ? text : toAscii(text));
}

function shown({ instances, keys }: TrustShown, { paint, columns }: Screen): readonly string[] {
  const lines: string[] = [];
  for (const one of instances) {
    const age =
      one.date === "" ? "" : `, of ${one.date.slice(0, 10)}${one.ageInDays === null ? "" : ` (${counted(one.ageInDays, "day")} old)`}`;
    const end =
      one.expires === ""
        ? ""
        : one.expired
          ? `, vouched for until ${one.expires.slice(0, 10)}: tributary trust update`
          : `, good until ${one.expires.slice(0, 10)}`;
    const head = block(sentence(`${one.source}${age}${end}`), columns, "", "  ");
    lines.push(...head.map((line) => paint(one.expired ? "caution" : "strong", line)));
    for (const [label, names] of [
      ["certificates by", one.certificateAuthorities],
      ["logs", one.logs],
      ["certificate logs", one.certificateLogs],
      ["timestamps by", one.timestampAuthorities],
    ] as const)
      if (names.length > 0) lines.push(...block(sentence(`${label}: ${[...new Set(names)].join(", ")}`), columns, "  ", "    "));
    lines.push("");
  }
  lines.push(
    ...block(sentence(`registry keys: ${keys.source}${keys.date === "" ? "" : `, of ${keys.date.slice(0, 10)}`}`), columns, "", "  ").map(
      (line) => paint("strong", line),
    ),
  );
  for (const key of keys.keys)
    lines.push(
      ...block(
        sentence(
          `${key.id} for ${key.usage}${key.from === "" ? "" : `, from ${key.from}`}${key.until === "" ? "" : `, until ${key.until}`}`,
        ),
        columns,
        "  ",
        "    ",
      ),
    );
  return lines;
}
