/** What every output of a review says in the same words: the sentences of its sections, in the order in which a reviewer asks. */
import { runsAtHome } from "../checks/behaviour/analysis/compare-whom.ts";
import { capabilities } from "../model/behaviour.ts";
import type { News } from "../model/behaviour.ts";
import { byCodeUnit } from "../model/canonical.ts";
import type { Review, ReviewWord, Signal } from "../model/review.ts";
import type { TraceSource } from "../model/trace.ts";
import { signalFamilies } from "../model/review.ts";
import { counted } from "./groups.ts";

export const reviewWords: Readonly<Record<ReviewWord, string>> = { block: "Block", review: "Review", note: "Note", nothing: "Nothing" };

/** The verdict's sentence, with its word before it where that says more. */
export const verdictSentence = ({ verdict: { verdict, because } }: Review): string =>
  verdict === "nothing" ? because : `${reviewWords[verdict]}. ${because}`;

/** `0.35 % of honest releases`. */
export const rateOf = ({ rate }: Signal): string => `${Number((rate * 100).toPrecision(2))} % of honest releases`;

export const familyTitle = ({ family }: Signal): string => signalFamilies[family].title;

/** What the release can newly do: one line a capability, with its subjects. */
export function newCapabilities({ change }: Review): readonly { readonly what: string; readonly where: readonly string[] }[] {
  const by = new Map<string, { subjects: Set<string>; files: Set<string> }>();
  for (const news of change.news) {
    if (news.kind !== "capability") continue;
    const known = by.get(news.sighting.capability) ?? { subjects: new Set(), files: new Set() };
    if (news.sighting.subject !== "") known.subjects.add(news.sighting.subject);
    known.files.add(news.file);
    by.set(news.sighting.capability, known);
  }
  return [...by]
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .map(([capability, { subjects, files }]) => ({
      what: `${capabilities[capability as keyof typeof capabilities].title}${subjects.size === 0 ? "" : `: ${listOf([...subjects])}`}`,
      where: [...files].toSorted(byCodeUnit),
    }));
}

/** What newly runs by itself. */
export function newSelfRuns({ change }: Review): readonly string[] {
  return change.news.flatMap((news) => (news.kind === "self-run" ? [selfRunSentence(news)] : []));
}

function selfRunSentence({ selfRun: { trigger, name, when, file, line, command }, before }: Extract<News, { kind: "self-run" }>): string {
  const was = before === null ? "" : ` (before: ${before.command})`;
  return `${trigger}${name === "" ? "" : ` ${name}`} at ${when}${runsAtHome({ trigger, when }) ? " (where it is made, not where it is installed from a registry)" : ""}, ${file}:${line}: ${command}${was}`;
}

/** Who released it and how, against the line before. */
export function releaseSentences(review: Review): readonly string[] {
  const { history, historyBecause } = review;
  if (history === null) return [`Not known. ${historyBecause}`];
  const { self, before, earlier, byPublisher, publishers, row } = history;
  const by = self.publisher === null ? "" : ` by ${self.publisher.name || self.publisher.email}`;
  const way = self.trusted === null ? "" : self.trusted ? ", by a workflow that the registry trusts" : ", with a token or password";
  const published = `${self.at === "" ? "" : ` on ${self.at.slice(0, 10)}`}${by}${way}`;
  const sentences = published === "" ? [] : [`Published${published}.`];
  if (before !== null)
    sentences.push(
      `Before it on ${history.sameLine ? "its line" : "another line"}: ${before.version}${before.at === "" ? "" : ` of ${before.at.slice(0, 10)}`}.`,
    );
  if (self.publisher !== null && history.known > 0)
    sentences.push(
      `The same publisher made ${byPublisher} of ${counted(history.known, "release")} before; ${counted(publishers, "publisher")} in all.`,
    );
  else sentences.push(`${counted(earlier, "release")} came before it.`);
  const rows = [
    [row.trusted, "published by a workflow"],
    [row.attested, "with a statement of where they were built"],
    [row.signed, "signed"],
    [row.commit, "with a commit"],
  ] as const;
  for (const [count, what] of rows) if (count > 0) sentences.push(`The last ${count} of its line were ${what}.`);
  if (historyBecause !== "") sentences.push(historyBecause);
  return [...sentences, ...originSentences(review)];
}

/** Where it was built, by proof, and what of that changed. */
function originSentences({ origin: { before, after, changes, refused, because } }: Review): readonly string[] {
  const sentences = changes.map(({ about, before: was, now }) => `Changed, by proof: ${about} was ${was}, is ${now}.`);
  if (after !== null) {
    const said = after.map(({ about, value }) => `${about} ${value}`).join(", ");
    const same = before === null ? "; of the release before nothing is proved" : changes.length === 0 ? "; as the release before" : "";
    sentences.push(`Built, by proof: ${said}${same}.`);
  }
  return [...sentences, ...refused, ...(because === "" ? [] : [because])];
}

/** What in it is not in its source. */
export function sourceSentences({
  source: { because, repositoryBy, source, before, news, asBefore, inSource },
}: Review): readonly string[] {
  if (source === null) return [because];
  const words = {
    provenance: "by proof",
    registry: "by the registry's word",
    package: "by the package's word",
    tag: "by its tag",
    given: "as given",
  };
  const commitOf = (one: TraceSource): string =>
    one.commit === "" ? one.name : `${one.name} at ${one.commit.slice(0, 12)} (${words[one.by]})`;
  const whose =
    repositoryBy === "registry"
      ? [`That ${source.name} is its repository is the registry's word.`]
      : repositoryBy === "package"
        ? [`That ${source.name} is its repository is its own word.`]
        : [];
  const rest = `${counted(inSource, "file")} of it ${inSource === 1 ? "is" : "are"} in ${commitOf(source)}`;
  if (before === null) return [because, `${rest}, ${counted(asBefore, "file")} not.`, ...whose];
  return [
    ...news.map(
      ({ path, state, at, how }) =>
        `${path}: ${state === "unexplained" && at !== "" ? "not as in the source" : "not in the source"}: ${how}`,
    ),
    `${rest}; ${counted(asBefore, "file")} outside it as before${news.length === 0 ? ", none newly" : ""}.`,
    ...whose,
  ];
}

/** The size of the rest. */
export function sizeSentence({ change }: Review): string {
  const of = (kind: string): number => change.files.filter((file) => file.kind === kind).length;
  const bytes = change.files.reduce((sum, file) => sum + file.bytesAfter - file.bytesBefore, 0);
  const context = change.context.reduce((sum, { sightings }) => sum + sightings, 0);
  return (
    `${counted(of("added"), "file")} new, ${of("changed")} changed, ${of("moved")} moved, ${of("removed")} gone, ${change.unchanged} as before; ` +
    `${bytes >= 0 ? "+" : ""}${bytes} bytes. ${counted(context, "place")} that can do something did so before.`
  );
}

/** Lines of the new release that carry evidence, by file: what the difference marks. */
export function evidenceLines(review: Review): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const lines = new Map<string, Map<number, string>>();
  const mark = (file: string, line: number, why: string): void => {
    const known = lines.get(file) ?? new Map<number, string>();
    if (!known.has(line)) known.set(line, why);
    lines.set(file, known);
  };
  for (const { file, spots, message } of [...review.verdict.reasons, ...review.verdict.context])
    for (const { line } of spots) mark(file, line, message);
  for (const news of review.change.news) if (news.kind === "self-run") mark(news.selfRun.file, news.selfRun.line, selfRunSentence(news));
  return lines;
}

/** Files in the order in which they are to be read: those with evidence first. */
export function filesToRead(review: Review): Review["files"] {
  const marked = evidenceLines(review);
  return review.files.toSorted((a, b) => (marked.get(b.path)?.size ?? 0) - (marked.get(a.path)?.size ?? 0) || byCodeUnit(a.path, b.path));
}

const SHOWN = 8;

function listOf(texts: readonly string[]): string {
  const sorted = texts.toSorted(byCodeUnit);
  return sorted.length <= SHOWN ? sorted.join(", ") : `${sorted.slice(0, SHOWN).join(", ")} and ${sorted.length - SHOWN} more`;
}
