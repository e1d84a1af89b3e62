import type { ReviewCase, ReviewWanted } from "../app/review/review.ts";
import { Fault } from "../model/fault.ts";
import type { Review, ReviewWord } from "../model/review.ts";
import type { WriteReview } from "../report/review-terminal.ts";
import { neutralise, withoutWorkflowCommands } from "../report/text.ts";
import { screenOf } from "../report/tones.ts";
import type { Command, CommandContext } from "./command.ts";
import { exitStatus } from "./fault.ts";
import { writeAtomically } from "./output.ts";
import { keepLittle } from "./garbage.ts";

type WritePieces = (...asked: Parameters<WriteReview>) => Iterable<string>;

const whole =
  (write: WriteReview): WritePieces =>
  (...asked) => [write(...asked)];

/** JSON holds every line that differs and comes in pieces; the others show what a person reads, and are small. */
const formats: Readonly<Record<string, () => Promise<WritePieces>>> = {
  terminal: () => import("../report/review-terminal.ts").then((m) => whole(m.formatReviewTerminal)),
  json: () => import("../report/review-json.ts").then((m) => m.reviewJsonPieces),
  sarif: () => import("../report/review-sarif.ts").then((m) => whole(m.formatReviewSarif)),
  html: () => import("../report/review-html.ts").then((m) => whole(m.formatReviewHtml)),
  markdown: () => import("../report/review-markdown.ts").then((m) => whole(m.formatReviewMarkdown)),
};

const failOn = ["block", "review", "never"] as const;

export const review: Command = {
  name: "review",
  summary: "show what one release changes against another, and what of it is worth a look",
  positionals: "[OLD NEW | PATH]",
  minPositionals: 0,
  maxPositionals: 2,
  options: {
    since: { type: "string", value: "REV", summary: "review every component that a project exchanged since a git revision" },
    format: { type: "string", short: "f", value: "FMT", choices: Object.keys(formats), summary: "what standard output shows" },
    output: { type: "string", short: "o", value: "FMT=FILE", multiple: true, summary: "write the review to a file as well" },
    "fail-on": {
      type: "string",
      value: "VERDICT",
      choices: failOn,
      summary: "the verdict from which on the exit status is 1: block unless given",
    },
    git: {
      type: "string",
      value: "SOURCE",
      summary: "a clone of the package's repository, its address, or auto (the one that is proved or named): show what is not in it",
    },
    offline: { type: "boolean", summary: "use only what was fetched before" },
    all: { type: "boolean", summary: "show every place and line" },
    accept: { type: "boolean", summary: "sign a statement that you looked at exactly this difference and accept it" },
    refuse: { type: "boolean", summary: "sign a statement that you looked at it and do not accept it" },
    reviewer: { type: "string", value: "NAME", summary: "who signs; else what git's user.email or the user's name says" },
    criteria: { type: "string", value: "WORD", multiple: true, summary: "what it was held against: behaviour and origin unless given" },
    note: { type: "string", value: "TEXT", summary: "what others should know of the review" },
    days: { type: "string", value: "N", summary: "for how many days the statement is to be believed: 180 unless given" },
    import: { type: "string", value: "FOLDER", summary: "take over another team's statements that its --key has signed" },
    key: { type: "string", value: "FILE", summary: "the public key of the team whose statements are imported" },
  },
  description:
    "Compares two releases (name@version from npm's registry, pypi:name@version from a Python package index, archives of any ecosystem, folders, or two git revisions) by their contents and by who released them and how, without running anything. It shows a verdict with the few reasons that carry it and their lines; what the release can newly do; what newly runs by itself; how it was released and built; what in it is not in its source (with --git); and the size of the rest.\n\nWith --since it reviews every component that a project's lockfile exchanged. A statement by --accept is about exactly one difference: it lies in .tributary/reviews, signed, and can be imported by others. The exit status is 1 where the verdict is block (see --fail-on) and no statement accepts the difference.",
  examples: [
    { command: "tributary review ms@2.1.2 ms@2.1.3", what: "two releases of the registry" },
    { command: "tributary review pypi:requests@2.31.0 pypi:requests@2.32.0", what: "two releases of a Python package index" },
    { command: "tributary review old.whl new.whl -o html=review.html", what: "two wheels, with a page that shows the lines side by side" },
    { command: "tributary review v1.0.0 HEAD", what: "two revisions of this repository" },
    {
      command: "tributary review xz-5.4.6.tar.xz xz-5.6.0.tar.xz --git ../xz",
      what: "two source tarballs, held against the repository that they were made from",
    },
    { command: "tributary review --since origin/main --format markdown", what: "all that a pull request exchanges" },
    { command: "tributary review --since origin/main --git auto", what: "the same, each held against its own repository" },
    { command: 'tributary review ms@2.1.2 ms@2.1.3 --accept --note "read all of it"', what: "record that you looked" },
    { command: "tributary review --import ../other/.tributary/reviews --key other.pem", what: "believe another team's reviews" },
  ],
  run: async (context) => await run(context, () => import("../app/review/review.ts").then((app) => app.review)),
};

async function run(context: CommandContext, load: () => Promise<ReviewCase>): Promise<number> {
  const { options, cwd, env, signal } = context;
  const say = (note: string): void => context.err(`${withoutWorkflowCommands(`note: ${neutralise(note)}`)}\n`);
  const folder = text(options["import"]);
  if (folder !== undefined) return await importFrom(folder, context);
  const wanted = wantedOf(context);
  const git = text(options["git"]);
  if (git !== undefined && git !== "auto" && wanted.kind === "since")
    throw new Fault("cli/usage", "--git names the source of one package, and --since asks about many", {
      hint: "--git auto: of each the repository that is proved, or that the registry names",
    });
  const outputs = list(options["output"]).map(target);
  keepLittle();
  const useCase = await load();
  const reviews = await useCase(wanted, {
    cwd,
    env,
    offline: options["offline"] === true,
    signal,
    onNote: say,
    ...(git === undefined ? {} : { git }),
  });
  const { ownVersion } = await import("../app/version.ts");
  const shared = { all: options["all"] === true, toolVersion: ownVersion() };
  const forFile = { ...shared, screen: screenOf(false, context.columns, {}, process.platform) };
  for (const { format, file } of outputs) await writeAtomically(file, (await format())(reviews, forFile), cwd);
  const write = await (formats[text(options["format"]) ?? "terminal"] ?? formats["terminal"])?.();
  const screen = screenOf(context.outIsTerminal, context.columns, env, process.platform);
  if (reviews.length === 0 && (text(options["format"]) ?? "terminal") === "terminal")
    await context.out("No component was exchanged for another release of it.\n");
  else if (write !== undefined) for (const piece of withoutCommands(write(reviews, { ...shared, screen }), env)) await context.out(piece);
  const signed = options["accept"] === true || options["refuse"] === true ? await signAll(reviews, context, say) : false;
  return statusOf(reviews, text(options["fail-on"]) ?? "block", signed && options["accept"] === true);
}

/** A command may begin in one piece and end in the next: a workflow's log is looked at as a whole. */
const withoutCommands = (shown: Iterable<string>, env: CommandContext["env"]): Iterable<string> =>
  env["GITHUB_ACTIONS"] === "true" ? [withoutWorkflowCommands([...shown].join(""))] : shown;

const text = (value: CommandContext["options"][string]): string | undefined => (typeof value === "string" ? value : undefined);
const list = (value: CommandContext["options"][string]): readonly string[] => (typeof value === "object" ? value : []);

function wantedOf({ positionals, options }: CommandContext): ReviewWanted {
  const since = text(options["since"]);
  const [first, second] = positionals;
  if (since !== undefined) {
    if (second !== undefined)
      throw new Fault("cli/usage", "--since takes one path, the project's", { hint: "tributary review --since REV [PATH]" });
    return { kind: "since", revision: since, path: first ?? "." };
  }
  if (first === undefined || second === undefined)
    throw new Fault("cli/usage", "a review needs two releases", {
      hint: "tributary review NAME@OLD NAME@NEW, two files or folders, or --since REV",
    });
  return { kind: "pair", before: first, after: second };
}

function target(wanted: string): { readonly format: () => Promise<WritePieces>; readonly file: string } {
  const at = wanted.indexOf("=");
  const format = formats[wanted.slice(0, Math.max(0, at))];
  const file = wanted.slice(at + 1);
  if (format === undefined || file === "")
    throw new Fault("cli/usage", `--output ${wanted} is no format and file`, {
      hint: `--output FMT=FILE, where FMT is ${Object.keys(formats).join(", ")}`,
    });
  return { format, file };
}

const weight: Readonly<Record<ReviewWord, number>> = { nothing: 0, note: 1, review: 2, block: 3 };

/** A difference that a reviewer accepted is settled; one that a reviewer refused never passes. */
function statusOf(reviews: readonly Review[], threshold: string, accepted: boolean): number {
  if (threshold === "never") return exitStatus.pass;
  const says = reviews.some(({ verdict, statements }) => {
    if (statements.some(({ result }) => result === "refused")) return true;
    if (accepted || statements.some(({ result }) => result === "accepted")) return false;
    return weight[verdict.verdict] >= (threshold === "review" ? weight.review : weight.block);
  });
  return says ? exitStatus.policySaysNo : exitStatus.pass;
}

async function signAll(reviews: readonly Review[], { options, cwd, env }: CommandContext, say: (note: string) => void): Promise<boolean> {
  if (options["accept"] === true && options["refuse"] === true) throw new Fault("cli/usage", "a review is accepted or refused, not both");
  const days = text(options["days"]);
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) throw new Fault("cli/usage", `--days ${days} is no number of days`);
  const { acceptReview, reviewerName } = await import("../app/review/statements.ts");
  const reviewer = text(options["reviewer"]) ?? (await reviewerName(cwd, env));
  for (const one of reviews) {
    const paths = acceptReview(one, {
      cwd,
      env,
      now: Date.now(),
      reviewer,
      criteria: list(options["criteria"]),
      result: options["accept"] === true ? "accepted" : "refused",
      note: text(options["note"]) ?? "",
      ...(days === undefined ? {} : { days: Number(days) }),
    });
    say(`${paths.statement} says so, signed; ${paths.key} is the key that others need to believe it`);
  }
  return true;
}

async function importFrom(folder: string, { options, cwd, env, out, err }: CommandContext): Promise<number> {
  const key = text(options["key"]);
  if (key === undefined)
    throw new Fault("cli/usage", "whose statements are they?", { hint: "--key FILE: the public key of the team that signed them" });
  const { importReviews } = await import("../app/review/statements.ts");
  const { taken, left } = importReviews(folder, key, { cwd, env });
  for (const one of left) err(`note: left out ${neutralise(one)}\n`);
  await out(taken.length === 0 ? "No statement was taken over.\n" : taken.map((one) => `${neutralise(one)}\n`).join(""));
  return exitStatus.pass;
}
