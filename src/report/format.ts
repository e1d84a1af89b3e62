import type { Severity } from "../model/finding.ts";
import type { Report } from "../model/report.ts";
import type { Screen } from "./tones.ts";

/** What is known of a rule besides its findings: from the list of checks and the rule's page. Texts are Markdown. */
export interface RuleInfo {
  readonly id: string;
  /** The yes-or-no question. */
  readonly title: string;
  readonly motivation: string;
  readonly remedy: string;
  /** The whole page. */
  readonly page: string;
  readonly severity: Severity;
  /** `CWE-494` and the like. */
  readonly tags: readonly string[];
}

/** What an output may need besides the report itself. An output asks for nothing else: no clock, no file, no environment. */
export interface OutputContext {
  /** For the terminal: colours, width, marks. */
  readonly screen: Screen;
  /** The text of one of the project's files, by the path in the report; null where it is not to be had. */
  readonly textOf: (path: string) => string | null;
  /** undefined for a rule that is not in the list. */
  readonly ruleOf: (rule: string) => RuleInfo | undefined;
  /** Everything, where an output would else show the worst and count the rest. */
  readonly all: boolean;
  /** Tells several reports on one repository apart (GitHub's category): the checked folder, "" for the top. */
  readonly category: string;
  /** ISO 8601: the time that the user wants written into documents that want one (SOURCE_DATE_EPOCH); absent, they carry none. */
  readonly timestamp?: string;
}

/** An output is one file in this folder and one line in `formats.ts`. */
export type WriteReport = (report: Report, context: OutputContext) => string;
