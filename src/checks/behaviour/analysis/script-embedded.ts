/** Code within texts: what is run as code, or handed to an interpreter, is read like the file that it stands in. */
import type { Language, Spot } from "../../../model/index.ts";
import { type Gatherer, Lines, type Reading } from "./files-gather.ts";
import { javascriptReading } from "./javascript/reading.ts";
import { pythonReading } from "./python.ts";
import { rubyReading } from "./ruby.ts";

/** Texts run as code within texts run as code: malware packs in layers, each of which weighs the same. */
export const MAX_NESTING = 3;
/** Characters of a text that is read so. */
const MAX_EMBEDDED = 200_000;
/** Below, there is no room for anything. */
const MIN_EMBEDDED = 8;

/** Asked only while a file is read: each of these languages leads to the others. */
function readingOf(language: Language, text: string, nesting: number): Reading | null {
  switch (language) {
    case "python":
      return pythonReading(text, new Lines(text), nesting);
    case "ruby":
      return rubyReading(text, new Lines(text), nesting);
    case "javascript":
      return javascriptReading(text, new Lines(text));
    default:
      return null;
  }
}

interface Embedding {
  readonly when?: "load" | "call";
  /** The text was not written down. */
  readonly concealed?: boolean;
  readonly nesting?: number;
  /** `flows`: the text is only written somewhere, so that what it could do is not yet done. */
  readonly only?: "flows";
}

/** Puts what a text in another language does into `gatherer`, as done at `spot`. */
export function gatherEmbedded(
  language: Language,
  text: string,
  gatherer: Gatherer,
  spot: Spot,
  { when = "load", concealed = false, nesting = 1, only }: Embedding = {},
): void {
  if (text.length < MIN_EMBEDDED || text.length > MAX_EMBEDDED || nesting > MAX_NESTING) return;
  const reading = readingOf(language, text, nesting);
  for (const flow of reading?.flows ?? []) gatherer.flow({ ...flow, spot });
  if (reading === null || only === "flows") return;
  for (const { capability, subject, through, concealed: own } of reading.sightings)
    gatherer.see(capability, subject, spot, { through, when, concealed: own || concealed });
  for (const { host, concealed: own } of reading.hosts) gatherer.host(host, spot, own || concealed);
  for (const { kind, detail } of reading.hidings) if (kind === "concealed-name") gatherer.hide(kind, detail, spot);
}
