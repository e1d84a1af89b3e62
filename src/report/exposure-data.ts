/** Exposure as data for other tools: JSON, CSV (RFC 4180), GraphML (http://graphml.graphdrawing.org/specification.html), SVG. */
import type { ExposureGraph } from "../graph/exposure-graph.ts";
import { type Measures, nodeExposure } from "../graph/measure.ts";
import type { Exposure, ExposureTrend } from "../model/exposure.ts";
import { scatter, scatterCells } from "./exposure-charts.ts";

/** All of it, as `Exposure` in `src/model/exposure.ts`; with several graphs, the trend over them as `trend`. */
export const formatExposureJson = (exposure: Exposure, trend?: ExposureTrend): string =>
  `${JSON.stringify(trend === undefined ? exposure : { ...exposure, trend }, null, 2)}\n`;

/** A field that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). */
function field(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const HEAD = ["package", "first", "all", "hard", "trusts", "direct", "share", "substitutability"] as const;

/** Every package, one a line, in the graph's order: `package,first,all,hard,trusts,direct,share,substitutability`. Lines end in CRLF. */
export function formatExposureCsv(graph: ExposureGraph, measures: Measures): string {
  const lines: string[] = [HEAD.join(",")];
  for (let node = 0; node < graph.names.length; node++) {
    const { name, first, all, hard, trusts, direct, share, substitutability } = nodeExposure(graph, measures, node);
    lines.push([name, first, all, hard, trusts, direct, share, substitutability].map(field).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

const xmlEntities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML 1.0 cannot hold (section 2.2) becomes the replacement character. */
const xml = (text: string): string =>
  text
    .replaceAll(/[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll(/[&<>"]/g, (character) => xmlEntities[character] ?? character);

/** Nodes with their figures, edges of the graph *all*; `first` tells those that a fresh installation takes. */
export function formatExposureGraphml(graph: ExposureGraph, measures: Measures): string {
  const { first, all, names } = graph;
  const parts: string[] = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    '<key id="name" for="node" attr.name="name" attr.type="string"/>',
    ...["first", "all", "hard", "trusts", "direct"].map((key) => `<key id="${key}" for="node" attr.name="${key}" attr.type="int"/>`),
    '<key id="taken" for="edge" attr.name="first" attr.type="boolean"/>',
    '<graph edgedefault="directed">',
  ];
  names.forEach((name, node) => {
    const figures = (["first", "all", "hard", "trusts", "direct"] as const).map(
      (key) => `<data key="${key}">${measures[key][node]!}</data>`,
    );
    parts.push(`<node id="n${node}"><data key="name">${xml(name)}</data>${figures.join("")}</node>`);
  });
  for (let u = 0; u < all.n; u++) {
    let at = first.offsets[u]!;
    for (let edge = all.offsets[u]!; edge < all.offsets[u + 1]!; edge++) {
      const taken = at < first.offsets[u + 1]! && first.targets[at] === all.targets[edge];
      if (taken) at++;
      parts.push(`<edge source="n${u}" target="n${all.targets[edge]!}"><data key="taken">${taken}</data></edge>`);
    }
  }
  parts.push("</graph>", "</graphml>");
  return `${parts.join("\n")}\n`;
}

const STYLE =
  "text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#d9d6cd}.dot{fill:#9fb0bd;fill-opacity:.55}.top{fill:#1b5f8c}.giant{fill:#b0241c}.label{paint-order:stroke;stroke:#fff;stroke-width:3px}";

/** The picture of reach against direct dependents by itself. */
export function formatExposureSvg(exposure: Exposure, measures: Pick<Measures, "first" | "direct">): string {
  const giants = exposure.invisibleGiants.slice(0, 8);
  const named = [...new Map([...giants, ...exposure.top.slice(0, 8)].map((node) => [node.name, node])).values()];
  const picture = scatter(scatterCells(measures.direct, measures.first), named, new Set(giants.map(({ name }) => name)), "about");
  return picture
    .replace(/^<svg class="chart" /, '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace(
      /^(<svg[^>]*>)/,
      `$1<title id="about">Packages that stand on each package against packages that ask for it</title><style>${STYLE}</style><rect width="100%" height="100%" fill="#fff"/>`,
    )
    .concat("\n");
}
