/** The page's style. Colours keep a contrast of at least 4.5 to 1 on their ground, in light and in dark (WCAG 2.2, 1.4.3). */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --panel: #ffffff; --text: #1c2430; --quiet: #566070; --line: #d9d6cd; --water: #1b5f8c;
  --pass: #1c6a3f; --review: #835400; --block: #b0241c; --unknown: #68409c; --mark: #f1efe8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --panel: #191f27; --text: #dfe5ec; --quiet: #9ba7b5; --line: #313a46; --water: #85c2ea;
    --pass: #7fd0a0; --review: #efbb5e; --block: #ff938a; --unknown: #ccabf7; --mark: #232b35;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main, header, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: clamp(1.4rem, 1.1rem + 1.6vw, 2.1rem); font-weight: 650; margin: .25rem 0 .75rem; max-width: 46rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 3rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .4rem 0; max-width: 46rem; }
a { color: var(--water); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: 3px; }
code, pre, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
pre code { font-size: 1em; overflow-wrap: inherit; }
pre { margin: .5rem 0; padding: .6rem .8rem; background: var(--mark); border-radius: 6px; overflow-x: auto; white-space: pre; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--panel); padding: .5rem 1rem; }
.verdict { border-left: 5px solid currentColor; padding-left: 1.1rem; }
.verdict > * { color: var(--text); }
.verdict .word { color: inherit; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; font-size: .85rem; margin: 0; }
.quiet, .meta { color: var(--quiet); }
.meta { font-size: .92rem; }
.pass { color: var(--pass); } .review { color: var(--review); } .block { color: var(--block); } .unknown { color: var(--unknown); }
.note, .ignored, .not-asked { color: var(--quiet); }
.badge { display: inline-block; min-width: 4.6rem; padding: 0 .5rem; border: 1px solid currentColor; border-radius: 99px; font-size: .8rem; font-weight: 600; text-align: center; white-space: nowrap; }
.counts { display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; list-style: none; margin: 1rem 0 0; padding: 0; }
.counts b { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.questions { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.questions li { display: grid; grid-template-columns: 6.5rem minmax(12rem, 20.5rem) 1fr auto; gap: .25rem 1rem; align-items: baseline; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.questions .title { font-weight: 600; }
.questions .judged { color: var(--quiet); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards { display: grid; grid-template-columns: minmax(0, 1fr); gap: .9rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem; }
.card ul { margin: .5rem 0 0; padding-left: 1.1rem; }
.card li { margin: .35rem 0; }
.headline { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; }
.command { position: relative; }
.steps { margin: 0; padding-left: 1.3rem; }
.steps li { margin: .6rem 0; }
.steps .command, .cure .command { margin-top: .2rem; }
.cure { margin: .5rem 0; }
.command pre { margin: 0; padding-right: 5.5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.command button { position: absolute; top: .3rem; right: .3rem; }
button, input, select { font: inherit; font-size: .9rem; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .6rem; }
button { cursor: pointer; }
button:hover { border-color: var(--water); }
.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: 0 0 .75rem; }
.tools label { display: grid; font-size: .8rem; color: var(--quiet); }
.tools input { min-width: min(22rem, 80vw); }
.tools output { color: var(--quiet); font-size: .9rem; padding-bottom: .35rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; color: var(--quiet); font-size: .9rem; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); }
th { font-size: .82rem; color: var(--quiet); font-weight: 600; white-space: nowrap; }
th button { border: 0; background: none; padding: 0; font-weight: 600; color: inherit; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
td.wide { min-width: 18rem; overflow-wrap: anywhere; }
td.name { min-width: 9rem; }
.findings td.wide { width: 60%; }
td.number { font-variant-numeric: tabular-nums; text-align: right; }
summary { cursor: pointer; }
summary:hover { color: var(--water); }
details details { margin: .4rem 0; }
.inside { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .35rem .8rem; margin: .6rem 0 .8rem; padding-left: .9rem; border-left: 2px solid var(--line); }
.inside.prose { display: block; }
.inside dt { font-size: .85rem; color: var(--quiet); }
.inside dd { margin: 0; overflow-wrap: anywhere; }
.inside pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.ways { list-style: none; margin: 0; padding: 0; }
.way { padding-left: 1.1rem; text-indent: -1.1rem; }
.open { list-style: none; margin: 0; padding: 0; }
.open li { padding: .5rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.prose { white-space: pre-wrap; max-width: 46rem; overflow-wrap: anywhere; }
footer { margin: 3rem auto 2rem; color: var(--quiet); font-size: .88rem; }
[hidden] { display: none !important; }
@media screen and (max-width: 46rem) {
  .questions li { grid-template-columns: auto 1fr; }
  .questions .sentence, .questions .judged { grid-column: 1 / -1; }
  .findings thead { position: absolute; left: -99rem; }
  .findings tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .findings td { display: inline-block; border: 0; padding: 0 .6rem .2rem 0; min-width: 0; }
  .findings td.wide { display: block; width: auto; min-width: 0; padding: .25rem 0; }
  .inside { grid-template-columns: minmax(0, 1fr); }
  .inside dt { margin-top: .4rem; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --panel: #fff; --text: #000; --quiet: #444; --line: #bbb; --water: #000; --pass: #1c6a3f; --review: #835400; --block: #b0241c; --unknown: #68409c; --mark: #f4f4f4; }
  body { font-size: 10pt; }
  main, header, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  .tools, .skip, button { display: none !important; }
  .card, .questions li, .steps li, .open li { break-inside: avoid; }
  h2, h3, dt, summary, .meta { break-after: avoid; }
  .questions li { grid-template-columns: 5.5rem minmax(10rem, 16rem) 1fr auto; padding: .3rem 0; }
  .findings thead { display: none; }
  .findings tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .findings td { display: inline-block; border: 0; padding: 0 .8rem .2rem 0; min-width: 0; }
  .findings td.wide { display: block; width: auto; }
  .findings td:last-child { display: none; }
  .findings > tbody > tr > td > details > summary { list-style: none; font-weight: 600; }
  .inside dl { break-inside: avoid; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .findings details::details-content { content-visibility: visible; block-size: auto; }
  .raw, .list-of-components { display: none; }
  a { text-decoration: none; }
}
`;
