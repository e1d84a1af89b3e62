/** Every output of `tributary exposure`: a new one is a file in this folder and a line here. Each is loaded only when it is asked for. */
import type { ExposureGraph } from "../graph/exposure-graph.ts";
import type { Measures } from "../graph/measure.ts";
import type { Exposure, ExposureTrend } from "../model/exposure.ts";
import type { Screen } from "./tones.ts";

interface ExposureOutput {
  readonly exposure: Exposure;
  readonly graph: ExposureGraph;
  readonly measures: Measures;
  readonly trend?: ExposureTrend;
  readonly screen: Screen;
  readonly toolVersion: string;
  /** Every row where a terminal would else show the first ones. */
  readonly all?: boolean;
}

export interface ExposureFormat {
  readonly id: string;
  readonly title: string;
  readonly endings: readonly string[];
  readonly load: () => Promise<(output: ExposureOutput) => string>;
}

export const exposureFormats: readonly ExposureFormat[] = [
  {
    id: "terminal",
    title: "for people at a terminal",
    endings: [".txt"],
    load: () =>
      import("./exposure-terminal.ts").then(
        ({ formatExposureTerminal }) =>
          ({ exposure, screen, all, trend }) =>
            formatExposureTerminal(exposure, screen, all, trend),
      ),
  },
  {
    id: "json",
    title: "all of it as data",
    endings: [".json"],
    load: () =>
      import("./exposure-data.ts").then(
        ({ formatExposureJson }) =>
          ({ exposure, trend }) =>
            formatExposureJson(exposure, trend),
      ),
  },
  {
    id: "html",
    title: "one page that opens from disk and answers what-if",
    endings: [".html", ".htm"],
    load: async () => {
      const [{ formatExposureHtml }, { exposureScript }] = await Promise.all([
        import("./exposure-html.ts"),
        import("./exposure-script.ts"),
      ]);
      const script = await exposureScript();
      return (output) => formatExposureHtml({ ...output, script });
    },
  },
  {
    id: "csv",
    title: "the figures of every package",
    endings: [".csv"],
    load: () =>
      import("./exposure-data.ts").then(
        ({ formatExposureCsv }) =>
          ({ graph, measures }) =>
            formatExposureCsv(graph, measures),
      ),
  },
  {
    id: "graphml",
    title: "the graph with its figures",
    endings: [".graphml"],
    load: () =>
      import("./exposure-data.ts").then(
        ({ formatExposureGraphml }) =>
          ({ graph, measures }) =>
            formatExposureGraphml(graph, measures),
      ),
  },
  {
    id: "svg",
    title: "the picture of reach against direct dependents",
    endings: [".svg"],
    load: () =>
      import("./exposure-data.ts").then(
        ({ formatExposureSvg }) =>
          ({ exposure, measures }) =>
            formatExposureSvg(exposure, measures),
      ),
  },
];
