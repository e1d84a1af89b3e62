/** What the page of exposure adds to the report's style. */
export const exposureStyle = `
:root { --carry: #8fb6cf; --fall: #1b5f8c; --giant: #b0241c; --faint: #9fb0bd; }
@media (prefers-color-scheme: dark) { :root { --carry: #3c6482; --fall: #85c2ea; --giant: #ff938a; --faint: #5d6d7c; } }
svg { max-width: 100%; }
.bar { display: block; width: 100%; min-width: 8rem; height: .8rem; }
.bar .ground { fill: var(--mark); } .bar .carry, .key .carry { fill: var(--carry); } .bar .fall, .key .fall { fill: var(--fall); }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--quiet); font-size: .88rem; margin: .3rem 0 .6rem; }
.key svg { width: .9rem; height: .9rem; vertical-align: -.1rem; margin-right: .35rem; }
.chart { width: 100%; height: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.chart text, .trend text { font: 11px system-ui, sans-serif; fill: var(--quiet); }
.chart .label { fill: var(--text); font-size: 12px; paint-order: stroke; stroke: var(--panel); stroke-width: 3px; }
.chart .axis { font-size: 12px; fill: var(--text); }
.grid { stroke: var(--line); stroke-width: 1; }
.dot { fill: var(--faint); fill-opacity: .55; }
circle.top { fill: var(--fall); } circle.giant { fill: var(--giant); } .label.giant { fill: var(--giant); }
.trends { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; list-style: none; padding: 0; }
.trends li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; overflow-wrap: anywhere; }
.trend { width: 100%; height: 4.5rem; }
.trend path { fill: none; stroke: var(--fall); stroke-width: 2; } .trend circle { fill: var(--fall); }
.ranked th, .ranked td { padding-right: 1rem; } .ranked td.wide { width: 34%; min-width: 8rem; } th.number, .ranked th.number { text-align: right; } td.number { white-space: nowrap; } main td.number { padding-right: 1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .8rem 1.6rem; list-style: none; padding: 0; margin: 1.2rem 0 .6rem; }
.facts b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.facts span { color: var(--quiet); font-size: .9rem; }
.ask { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end; margin: .6rem 0; }
.ask label { display: grid; font-size: .82rem; color: var(--quiet); }
.ask input { min-width: min(16rem, 78vw); }
.ask button[type="submit"] { border-color: var(--water); color: var(--water); font-weight: 600; }
.answer { background: var(--panel); border: 1px solid var(--line); border-left: 5px solid var(--water); border-radius: 8px; padding: .9rem 1.1rem; min-height: 6rem; }
.answer .said { font-size: 1.08rem; font-weight: 600; max-width: 52rem; overflow-wrap: anywhere; }
.answer h3 { margin-top: .9rem; }
.answer .names { overflow-wrap: anywhere; }
.waves { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .1rem 1.2rem; padding-left: 1.6rem; margin: .4rem 0; font-size: .9rem; }
.waves meter { width: 4.5rem; height: .6rem; margin-right: .5rem; vertical-align: middle; appearance: none; background: var(--mark); border: 0; }
.waves meter::-webkit-meter-bar { background: var(--mark); border: 0; border-radius: 0; height: .6rem; }
.waves meter::-webkit-meter-optimum-value { background: var(--fall); border-radius: 0; }
.waves meter::-moz-meter-bar { background: var(--fall); }
.family th { white-space: normal; vertical-align: bottom; } .family td.name { min-width: 18rem; width: 38%; } .family td.wide { width: 16%; min-width: 6rem; }
.small { width: auto; min-width: 16rem; }
button.package { border: 0; background: none; padding: 0; color: var(--water); text-align: left; font: inherit; overflow-wrap: anywhere; }
button.package:hover { text-decoration: underline; }
@media screen and (max-width: 46rem) {
  .facts { grid-template-columns: 1fr 1fr; }
  .ranked thead { position: absolute; left: -99rem; }
  .ranked tr { display: grid; grid-template-columns: 1fr auto; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .ranked td { border: 0; padding: .1rem .6rem .1rem 0; }
  .ranked td.wide { grid-column: 1 / -1; width: auto; min-width: 0; }
  .ranked td[data-name]::before { content: attr(data-name) " "; color: var(--quiet); font-size: .82rem; }
  .ranked td.number { text-align: left; }
  .ranked td.name { grid-column: 1 / -1; }
}
@media print {
  :root { --carry: #b8ccd9; --fall: #1b5f8c; --giant: #b0241c; --faint: #999; }
  .what-if { display: none; } .chart { break-inside: avoid; } .trends li, .ranked tr { break-inside: avoid; }
  .family td.name { min-width: 0; width: 42%; } .family td.wide, .ranked td.wide { min-width: 4rem; } .ranked { font-size: 9pt; } .ranked th { white-space: normal; } .scroll { overflow: visible; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  button.package { color: inherit; display: inline !important; }
}
`;
