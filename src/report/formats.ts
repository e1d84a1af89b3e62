import type { WriteReport } from "./format.ts";

export interface ReportFormat {
  readonly id: string;
  /** For help: what it is for. */
  readonly title: string;
  /** Endings of file names by which it is recognised; a longer one of another format comes first. */
  readonly endings: readonly string[];
  /** What it writes is an in-toto statement, which can be signed. */
  readonly isStatement?: true;
  readonly load: () => Promise<WriteReport>;
}

/** Every output of a report: a new one is one file in this folder and one line here. Each is loaded only when it is asked for. */
export const reportFormats: readonly ReportFormat[] = [
  {
    id: "terminal",
    title: "for people at a terminal",
    endings: [".txt"],
    load: () => import("./terminal.ts").then((m) => m.formatTerminal),
  },
  {
    id: "json",
    title: "all of it as data (schema/report.schema.json)",
    endings: [".json"],
    load: () => import("./json.ts").then((m) => m.formatJson),
  },
  {
    id: "sarif",
    title: "SARIF 2.1.0, for code scanning",
    endings: [".sarif", ".sarif.json"],
    load: () => import("./sarif.ts").then((m) => m.formatSarif),
  },
  {
    id: "html",
    title: "one page that opens from disk",
    endings: [".html", ".htm"],
    load: () => import("./html.ts").then((m) => m.formatHtml),
  },
  {
    id: "markdown",
    title: "a comment for a pull request",
    endings: [".md"],
    load: () => import("./markdown.ts").then((m) => m.formatMarkdown),
  },
  {
    id: "github",
    title: "annotations for a GitHub workflow",
    endings: [],
    load: () => import("./github.ts").then((m) => m.formatGithub),
  },
  {
    id: "cyclonedx",
    title: "SBOM with vulnerabilities, CycloneDX 1.6 JSON",
    endings: [".cdx.json"],
    load: () =>
      import("./cyclonedx.ts").then(({ cycloneDxText, reportToCycloneDx }) => (report, { timestamp }) => {
        const options = { toolVersion: report.tool.version, ...(timestamp === undefined ? {} : { timestamp }) };
        return cycloneDxText(reportToCycloneDx(report, options));
      }),
  },
  {
    id: "vsa",
    title: "the verdict for other tools (SLSA Verification Summary), signed with --sign-key or --sign",
    isStatement: true,
    endings: [".vsa.json", ".vsa.intoto.json"],
    load: () => import("./vsa.ts").then((m) => m.formatVsa),
  },
];

/** The format that a file's name asks for by its ending; the longest ending decides. */
export function formatOfFile(file: string): ReportFormat | undefined {
  const name = file.toLowerCase();
  let best: ReportFormat | undefined;
  let length = 0;
  for (const format of reportFormats) {
    for (const ending of format.endings) {
      if (name.endsWith(ending) && ending.length > length) [best, length] = [format, ending.length];
    }
  }
  return best;
}
