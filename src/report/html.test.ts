import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Script } from "node:vm";
import type { Report } from "../model/report.ts";
import type { OutputContext } from "./format.ts";
import { findingId } from "./groups.ts";
import { formatHtml } from "./html.ts";
import { style } from "./html-style.ts";
import { findingOf, sampleReport } from "./sample.ts";
import { screenOf } from "./tones.ts";

const context: OutputContext = {
  screen: screenOf(false, 80, {}, "linux"),
  textOf: () => null,
  ruleOf: () => undefined,
  all: false,
  category: "",
};
const show = (report: Report): string => formatHtml(report, context);

/** The page's elements and text without the style and the script, which are ours and the same in every page. */
const bodyOf = (page: string): string => page.replace(/<style>[^]*?<\/style>/, "").replace(/<script>[^]*?<\/script>/, "");

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' onfocus=alert(3) \u202e]]><!--</details></table></style>`;

function hostileReport(): Report {
  const finding = findingOf({
    of: "qs",
    rule: hostile as "identity/x",
    severity: "high",
    effect: "block",
    message: hostile,
    remedy: { text: hostile, command: hostile },
    key: hostile,
    references: [hostile, "javascript:alert(1)", `https://x.example/"onmouseover=alert(1)`],
    through: [hostile],
    paths: [[hostile, hostile]],
    places: [{ file: hostile, line: 1, key: hostile }],
    ignore: { reason: hostile, expires: hostile, expired: true },
    evidence: [
      {
        subject: { purl: hostile },
        claim: {
          kind: "advisory",
          id: hostile,
          ids: [hostile],
          type: "vulnerability",
          summary: hostile,
          details: hostile,
          severity: { level: "high" },
          cwes: [hostile],
          fixed: [hostile],
          reasons: [],
          openEnded: false,
          published: hostile,
          modified: hostile,
          references: [hostile, "javascript:alert(1)"],
          records: [],
        },
        source: hostile,
        observedAt: hostile,
        strength: "asserted",
      },
    ],
  });
  return {
    ...sampleReport,
    findings: [finding],
    next: [{ command: hostile, why: hostile }],
    verdict: {
      ...sampleReport.verdict,
      because: hostile,
      unanswered: [{ question: "identity", rule: hostile, subjects: [hostile], because: hostile, cure: hostile }],
    },
    answers: sampleReport.answers.map((answer) => Object.assign({}, answer, { sentence: hostile })),
    project: {
      ...sampleReport.project,
      name: hostile,
      version: hostile,
      files: sampleReport.project.files.map((file) =>
        Object.assign({}, file, { path: hostile, problems: [{ place: { file: hostile }, message: hostile, entry: true }] }),
      ),
      components: sampleReport.project.components.map((component) =>
        Object.assign({}, component, { name: hostile, version: hostile, licence: hostile }),
      ),
    },
    basis: { ...sampleReport.basis, policy: hostile },
    since: { revision: hostile, added: [hostile], removed: [hostile], changed: [{ from: hostile, to: hostile }] },
  };
}

test("text of others adds no element, no attribute and no link that runs", () => {
  const tags = (page: string): string[] => [...bodyOf(page).matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1] ?? "");
  const known = new Set(tags(show(sampleReport)));
  const body = bodyOf(show(hostileReport()));
  assert.deepEqual(
    [...new Set(tags(body))].filter((tag) => !known.has(tag) && tag !== "ul"),
    [],
  );
  assert.doesNotMatch(body, /<(?:script|img|style)/i);
  assert.doesNotMatch(body, /<[^>]*\son[a-z]+\s*=[^>]*>/i);
  assert.doesNotMatch(body, /href="(?!#|https:\/\/)/);
  assert.ok(!body.includes("\u202e"));
});

test("every element that is opened is closed, in order", () => {
  const empty = new Set(["meta", "br", "input", "doctype"]);
  for (const report of [sampleReport, hostileReport()]) {
    const open: string[] = [];
    for (const [, slash, name = ""] of bodyOf(show(report))
      .replace("<!doctype html>", "")
      .matchAll(/<(\/?)([a-z0-9]+)/g)) {
      if (slash === "/") assert.equal(open.pop(), name);
      else if (!empty.has(name)) open.push(name);
    }
    assert.deepEqual(open, []);
  }
});

test("the page's own policy allows its style and its script and nothing else", () => {
  const page = show(sampleReport);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  for (const [element, directive] of [
    ["style", "style-src"],
    ["script", "script-src"],
  ] as const) {
    const content = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? "";
    assert.ok(content.length > 500);
    assert.ok(policy.includes(`${directive} 'sha256-${createHash("sha256").update(content).digest("base64")}'`));
  }
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  // An inline style or handler would be refused by that policy.
  assert.doesNotMatch(bodyOf(page), /\sstyle=|\son[a-z]+=/);
  assert.doesNotMatch(page, /(?:src|href)="http:/);
});

test("the script is a script, and the page is whole without it", () => {
  const page = show(sampleReport);
  assert.doesNotThrow(() => new Script(/<script>([^]*?)<\/script>/.exec(page)?.[1] ?? "("));
  const body = bodyOf(page);
  for (const finding of sampleReport.findings) assert.ok(body.includes(`id="f-${findingId(finding)}"`));
  for (const { title } of sampleReport.answers) assert.ok(body.includes(title));
  // What only the script can work is hidden until it runs.
  assert.match(body, /class="tools" data-for="findings-table" hidden/);
});

test("headings go down by one, controls have labels, tables have heads, ids are used once", () => {
  const body = bodyOf(show(sampleReport));
  const levels = [...body.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  levels.forEach((level, index) => assert.ok(index === 0 || level <= (levels[index - 1] ?? 0) + 1));
  assert.equal(body.match(/<(?:input|select)[ >]/g)?.length, body.match(/<label>[^<]*<(?:input|select)/g)?.length);
  assert.equal(body.match(/<table/g)?.length, body.match(/<thead>/g)?.length);
  const ids = [...body.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.equal(new Set(ids).size, ids.length);
  for (const [, target = ""] of body.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
});

/** WCAG 2.2, relative luminance and contrast. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test("every colour of text has a contrast of 4.5 to 1 on every ground, in light and in dark", () => {
  const palettes = [...style.matchAll(/:root \{([^}]*--ground[^}]*)\}/g)].map(
    (match) =>
      new Map(
        [...(match[1] ?? "").matchAll(/--([a-z]+): (#[0-9a-f]{3,6})/g)].map(([, name = "", value = ""]) => [
          name,
          value.length === 4 ? value.replaceAll(/[0-9a-f]/g, "$&$&") : value,
        ]),
      ),
  );
  assert.equal(palettes.length, 3);
  for (const palette of palettes) {
    for (const ground of ["ground", "panel", "mark"]) {
      for (const text of ["text", "quiet", "water", "pass", "review", "block", "unknown"]) {
        const ratio = contrast(palette.get(text) ?? "", palette.get(ground) ?? "");
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  }
});

test("the order of findings in the report does not change the page", () => {
  assert.equal(show({ ...sampleReport, findings: sampleReport.findings.toReversed() }), show(sampleReport));
});
