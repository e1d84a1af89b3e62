/**
 * What a release's history says against it, each with the share of honest releases that show the same. The shares come from 1,988 releases of
 * 18 git projects and from 769 tags of ten repositories (docs/review.md has the table); those that nobody has measured say so there.
 */
import {
  LEARNING_RELEASES,
  type OriginDifference,
  type ReleaseHistory,
  type Signal,
  type SourceDifference,
  STANDARD_TAG,
  isTrial,
} from "../../model/index.ts";

/** Fewer releases in a row are no habit. */
const HABIT = 3;
/** Missing tags are common until a project has kept to tagging for as long as this (1.04 % after it). */
const TAG_HABIT = 10;
const YEAR_HOURS = 365 * 24;
/** Times the median gap. */
const LONG_SILENCE = 4;
/** Steps of a version's number that nobody takes in one release. */
const ODD_STEP = 20;

/** Hours from every time zone that was seen; a flight over an ocean is more, a summer time less. */
const ZONE_HOURS = 4;
/** Hours of the day between a release and the nearest of twenty and more before it. */
const ODD_HOURS = 4;

export const continuityRates = {
  "continuity/trusted-lost": 0.004,
  "continuity/attestation-lost": 0.004,
  "continuity/signature-lost": 0.004,
  "continuity/new-key": 0.0143,
  "continuity/new-publisher": 0.0377,
  "continuity/new-mail-domain": 0.0052,
  "continuity/dormant-return": 0.0146,
  "continuity/open-takeover": 0.229,
  "continuity/young-majority": 0.24,
  "continuity/lines-together": 0.0182,
  "continuity/version-jump": 0.0143,
  "continuity/commit-missing": 0.0104,
  "continuity/tag-missing": 0.0104,
  "continuity/source-renamed": 0.046,
  "continuity/owner-burst": 0.0182,
  "continuity/share-rises": 0.1378,
  "continuity/reach-grows": 0.0171,
  "continuity/zone-moved": 0.0086,
  "continuity/hour-moved": 0.0143,
  "continuity/latest-went-back": 0.01,
  "continuity/trial-as-latest": 0.01,
  "continuity/tag-went-back": 0.01,
  "continuity/tag-other-line": 0.098,
  "continuity/tag-other-publisher": 0.0377,
  "continuity/built-elsewhere": 0.004,
  "continuity/built-otherwise": 0.0143,
  "continuity/statement-refused": 0.004,
  "continuity/outside-source": 0.0104,
} as const;

export type ContinuitySignalId = keyof typeof continuityRates;

const families: Readonly<Record<ContinuitySignalId, Signal["family"]>> = {
  "continuity/trusted-lost": "method",
  "continuity/attestation-lost": "method",
  "continuity/signature-lost": "method",
  "continuity/new-key": "publisher",
  "continuity/new-publisher": "publisher",
  "continuity/new-mail-domain": "publisher",
  "continuity/dormant-return": "return",
  "continuity/open-takeover": "publisher",
  "continuity/young-majority": "publisher",
  "continuity/lines-together": "cadence",
  "continuity/version-jump": "cadence",
  "continuity/commit-missing": "source",
  "continuity/tag-missing": "source",
  "continuity/source-renamed": "source",
  "continuity/owner-burst": "cadence",
  "continuity/share-rises": "publisher",
  "continuity/reach-grows": "publisher",
  "continuity/zone-moved": "publisher",
  "continuity/hour-moved": "publisher",
  "continuity/latest-went-back": "cadence",
  "continuity/trial-as-latest": "cadence",
  "continuity/tag-went-back": "cadence",
  "continuity/tag-other-line": "cadence",
  "continuity/tag-other-publisher": "publisher",
  "continuity/built-elsewhere": "method",
  "continuity/built-otherwise": "method",
  "continuity/statement-refused": "method",
  "continuity/outside-source": "source",
};

export const continuitySignal = (id: ContinuitySignalId, message: string): Signal => ({
  id,
  family: families[id],
  message,
  rate: continuityRates[id],
  file: "",
  spots: [],
});

const told = new WeakMap<ReleaseHistory, readonly Signal[]>();

/** Another repository, owner or issuer is somebody else; another workflow, trigger or kind of ref is another way. */
const elsewhere: ReadonlySet<string> = new Set(["repository", "owner", "issuer"]);

/** What proofs of where it was built say against it, where there are some of a release before as well. */
export function originSignals({ changes, refused }: Pick<OriginDifference, "changes" | "refused">): readonly Signal[] {
  const told = changes.map(({ about, before, now }) =>
    continuitySignal(
      elsewhere.has(about) ? "continuity/built-elsewhere" : "continuity/built-otherwise",
      `By proof its ${about} is ${now}; before it was ${before}.`,
    ),
  );
  return [...told, ...refused.map((message) => continuitySignal("continuity/statement-refused", message))];
}

/** Files named in the sentence. */
const SHOWN_FILES = 5;

/** What takes part in a build: m4/build-to-host.m4 of xz 5.6.0 looked like what autotools make, and was in no commit. */
const BUILDS = /\.(?:m4|ac|am|in|mk|cmake|sh|bat|gypi?)$|(?:^|\/)(?:configure|makefile|gnumakefile)$/i;

/**
 * Files that are not in the source, or are otherwise there, where the release before had none such. Of what a build is expected to make only
 * what itself builds weighs: a library has a new file in `dist` with every new file of its source.
 */
export function sourceSignals({ news }: SourceDifference): readonly Signal[] {
  const odd = news.filter(({ state, path }) => state === "unexplained" || BUILDS.test(path));
  if (odd.length === 0) return [];
  const names = odd
    .slice(0, SHOWN_FILES)
    .map(({ path, state, at }) => (state === "unexplained" && at !== "" ? `${path} (the source has another)` : path));
  const more = odd.length > SHOWN_FILES ? ` and ${odd.length - SHOWN_FILES} more` : "";
  return [
    continuitySignal(
      "continuity/outside-source",
      `Not in its source, and the release before had nothing such: ${names.join(", ")}${more}.`,
    ),
  ];
}

/** All signals of one history, in the order of the table. What the source does not say gives none. */
export function continuitySignals(history: ReleaseHistory): readonly Signal[] {
  let signals = told.get(history);
  if (signals === undefined) told.set(history, (signals = signalsOf(history)));
  return signals;
}

function signalsOf(history: ReleaseHistory): readonly Signal[] {
  const { self, before, row } = history;
  const signals: Signal[] = [];
  const say = (id: ContinuitySignalId, message: string): void => void signals.push(continuitySignal(id, message));
  // A trial release often goes another way. What begins a line is held to the newest releases of all.
  const compared = before !== null && !isTrial(self.version);
  const of = history.sameLine ? "of its line" : "before it";
  const by = who(self.publisher);
  if (compared && row.trusted >= HABIT && self.trusted === false)
    say(
      "continuity/trusted-lost",
      `The last ${row.trusted} releases ${of} were published by a workflow that the registry trusts; this one by ${by} with a token.`,
    );
  if (compared && row.attested >= HABIT && self.attested === false)
    say("continuity/attestation-lost", `The last ${row.attested} releases ${of} say where they were built; this one does not.`);
  if (compared && row.signed >= HABIT && self.key === "")
    say("continuity/signature-lost", `The last ${row.signed} releases ${of} are signed; this one is not.`);
  if (history.newKey) say("continuity/new-key", `It is signed with a key that no release before it was signed with (${self.key ?? ""}).`);
  const stranger = history.known >= LEARNING_RELEASES && self.publisher !== null && history.byPublisher === 0;
  if (stranger)
    say(
      "continuity/new-publisher",
      `${by} published it and none of the ${history.known} releases before, which ${people(history.publishers)} made.`,
    );
  if (history.domainBefore !== "")
    say("continuity/new-mail-domain", `${by} has another mail address now; before it was at ${history.domainBefore}.`);
  if (history.gap > YEAR_HOURS && history.medianGap >= 0 && history.gap > LONG_SILENCE * history.medianGap)
    say(
      "continuity/dormant-return",
      `It comes ${days(history.gap)} days after the release before it; ${days(history.medianGap)} were usual.`,
    );
  if (history.ownership !== null && !(stranger && history.ownership.version === self.version))
    say(
      "continuity/open-takeover",
      `${who(history.ownership.publisher)} took over with ${history.ownership.version}, and nobody who published before has stood behind a release since.`,
    );
  if (history.together.length > 0 && history.togetherBefore === 0 && history.earlier >= LEARNING_RELEASES && !isTrial(self.version))
    say(
      "continuity/lines-together",
      `Within the same hour came ${history.together.slice(0, 5).join(", ")} of other lines; the package never did that before.`,
    );
  const jump = before === null ? "" : oddStep(before.version, self.version);
  if (jump !== "" && history.earlier >= LEARNING_RELEASES) say("continuity/version-jump", jump);
  if (history.zoneMoved >= ZONE_HOURS)
    say(
      "continuity/zone-moved",
      `${by} released it ${hoursOf(history.zoneMoved)} away from every time zone of the ${history.byPublisher} before.`,
    );
  else if (history.hourMoved >= ODD_HOURS)
    say(
      "continuity/hour-moved",
      `${by} released it ${hoursOf(history.hourMoved)} away from the hour of the day of each of the ${history.byPublisher} before.`,
    );
  const isLatest = history.distTags.includes(STANDARD_TAG);
  if (isLatest && isTrial(self.version) && history.higher !== "" && history.earlier >= LEARNING_RELEASES)
    say("continuity/trial-as-latest", `The registry hands this trial release out as the latest, though ${history.higher} is there.`);
  else if (isLatest && history.higher !== "" && history.earlier >= LEARNING_RELEASES)
    say("continuity/latest-went-back", `The registry hands it out as the latest, though ${history.higher} was there before it.`);
  if (compared && row.commit >= HABIT && self.commit === false)
    say("continuity/commit-missing", `The last ${row.commit} releases ${of} name their commit; this one does not.`);
  if (compared && row.tagged >= TAG_HABIT && self.tagged === false)
    say("continuity/tag-missing", `The last ${row.tagged} releases ${of} have a tag in the repository; this one has none.`);
  if (before !== null && said(self.repository) && said(before.repository) && self.repository !== before.repository)
    say("continuity/source-renamed", `It names ${self.repository} as its source; ${before.version} named ${before.repository}.`);
  return signals;
}

const said = (text: string | null): text is string => text !== null && text !== "";

const who = (publisher: ReleaseHistory["self"]["publisher"]): string =>
  publisher === null ? "somebody" : publisher.name === "" ? publisher.email : publisher.name;

const people = (count: number): string => (count === 1 ? "one other" : `${count} others`);

const hoursOf = (hours: number): string => `${Math.round(hours)} hours`;

const days = (hours: number): number => Math.round(hours / 24);

/** Large steps within a line, and a step over majors; numbers that are dates are none. */
function oddStep(before: string, now: string): string {
  const [a, b] = [numbers(before), numbers(now)];
  if (a === null || b === null) return "";
  const place = a.findIndex((number, index) => number !== b[index]);
  const step = (b[place] ?? 0) - (a[place] ?? 0);
  const [most, least] = [place === 0 ? 2 : ODD_STEP, place === 0 ? 999 : 9_999];
  if (place < 0 || step < most || (b[place] ?? 0) > least) return "";
  return `Its number goes from ${before} to ${now} in one step.`;
}

function numbers(version: string): readonly number[] | null {
  const match = /^[vV]?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?/.exec(version);
  return match === null ? null : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}
