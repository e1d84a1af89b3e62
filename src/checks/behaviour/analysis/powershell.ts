/**
 * PowerShell, statement by statement: what is fetched, decoded and run, and what variables carry between the three. Scripts of packages, and the
 * commands that other languages hand to `powershell`.
 */
import type { Flow, Spot } from "../../../model/index.ts";
import { Gatherer, type Lines, type Reading, gatherHosts } from "./files-gather.ts";
import { MAX_NESTING } from "./script-embedded.ts";
import { pathCapability, variableCapability } from "./script-sensitive.ts";

type Carried = Flow["from"];

const fetches =
  /\b(?:Invoke-WebRequest|Invoke-RestMethod|Start-BitsTransfer|iwr|irm|curl|wget)\b|\.(?:DownloadString|DownloadFile|DownloadData|OpenRead|UploadString|UploadData|UploadFile|GetStringAsync|PostAsync)\b|\bNet\.Sockets\.TcpClient\b|\bXMLHTTP\b/gi;
const runsText =
  /\b(?:Invoke-Expression|iex)\b|\[(?:System\.Management\.Automation\.)?scriptblock\]::Create|\.Invoke(?:Script|Command)\b/gi;
const starts =
  /\b(?:Start-Process|saps|Invoke-Item|Start-Job|cmd(?:\.exe)?\s+\/c|powershell(?:\.exe)?\s|pwsh\s|rundll32|regsvr32|mshta|msiexec)\b|(?:^|[\s;(|])&\s*["'$.\\(]|\bProcess\]::Start\b|\bInvoke-WmiMethod\b/gi;
const decodes = /FromBase64String|\[char\[?\]?\]|-bxor\b|IO\.Compression\.(?:Gzip|Deflate)Stream|-join\s*\(/gi;
const persists = /\b(?:Register-ScheduledTask|New-ScheduledTask|New-Service|schtasks(?:\.exe)?\s+\/create)\b|CurrentVersion\\Run\b/gi;
const asks =
  /\b(?:Get-ComputerInfo|systeminfo|whoami|hostname|Get-WmiObject\s+Win32_\w+|Get-CimInstance\s+Win32_\w+|\$env:(?:COMPUTERNAME|USERNAME))\b/gi;
const clips = /\bGet-Clipboard\b/gi;
const native = /\b(?:Add-Type|DllImport|VirtualAlloc|Reflection\.Assembly\]::Load)\b/gi;

/** Variables and files of one text that are followed: each statement that starts something is held against all of them. */
const MAX_CARRIED = 500;
/** Statements of one text: more is no script that anybody wrote. */
const MAX_STATEMENTS = 50_000;

export function powershellReading(text: string, lines: Lines, nesting: number = 0): Reading {
  const gatherer = new Gatherer();
  gatherPowershell(text, gatherer, (at) => lines.spot(at), nesting);
  return gatherer.reading("tokens");
}

/** Reads `text` as PowerShell into `gatherer`; offsets are those of `text`. */
export function gatherPowershell(source: string, gatherer: Gatherer, spotOf: (offset: number) => Spot, nesting: number = 0): void {
  const text = withoutComments(source);
  const carried = new Map<string, Set<Carried>>();
  // Twice, so that what is set further down is known further up.
  for (const telling of [false, true]) {
    let at = 0;
    let count = 0;
    for (const statement of text.split(/[;\n]/)) {
      if (count++ > MAX_STATEMENTS) break;
      oneStatement(statement, at, { gatherer: telling ? gatherer : null, spotOf, carried, nesting });
      at += statement.length + 1;
    }
  }
  gatherHosts(text, gatherer, spotOf);
}

const blank = (comment: string): string => comment.replaceAll(/[^\n]/g, " ");

/** Comments are left empty, so that all else keeps its place. */
function withoutComments(source: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let open = source.indexOf("<#"); open !== -1; open = source.indexOf("<#", from)) {
    const close = source.indexOf("#>", open + 2);
    const end = close === -1 ? source.length : close + 2;
    kept.push(source.slice(from, open), blank(source.slice(open, end)));
    from = end;
  }
  kept.push(source.slice(from));
  return kept.join("").replaceAll(/(?<=^|\s)#[^\n]*/g, blank);
}

interface Surroundings {
  /** null in the pass that only learns what variables hold. */
  readonly gatherer: Gatherer | null;
  readonly spotOf: (offset: number) => Spot;
  readonly carried: Map<string, Set<Carried>>;
  readonly nesting: number;
}

function oneStatement(statement: string, start: number, { gatherer, spotOf, carried, nesting }: Surroundings): void {
  if (statement.trim() === "") return;
  const has = (pattern: RegExp): RegExpMatchArray | null => {
    pattern.lastIndex = 0;
    const match = pattern.exec(statement);
    pattern.lastIndex = 0;
    return match;
  };
  const spot = (match: RegExpMatchArray): Spot => spotOf(start + (match.index ?? 0));
  const sources = new Set<Carried>();
  for (const [, name = ""] of statement.matchAll(/\$(?:env:)?(\w+)/gi))
    for (const source of carried.get(name.toLowerCase()) ?? []) sources.add(source);
  for (const match of statement.matchAll(/\$env:(\w+)/gi)) {
    const capability = variableCapability(match[1] ?? "");
    if (capability === "environment") continue;
    gatherer?.see(capability, match[1] ?? "", spot(match), { through: "$env" });
    if (capability === "credential-variable") sources.add(capability);
  }
  for (const match of statement.matchAll(/["']([^"'\n]{4,300})["']/g)) {
    const capability = pathCapability(match[1] ?? "");
    if (capability === null) continue;
    gatherer?.see(capability, match[1] ?? "", spot(match), { through: "path" });
    if (capability === "credential-file" || capability === "wallet" || capability === "browser-data") sources.add(capability);
  }
  const asked = has(asks);
  if (asked !== null) {
    gatherer?.see("system", asked[0], spot(asked), { through: "powershell" });
    sources.add("system");
  }
  const clip = has(clips);
  if (clip !== null) {
    gatherer?.see("clipboard", "", spot(clip), { through: clip[0] });
    sources.add("clipboard");
  }
  const whole = /\b(?:Get-ChildItem|gci|dir|ls)\s+env:|GetEnvironmentVariables\(\)/i.exec(statement);
  if (whole !== null) {
    gatherer?.see("environment-whole", "", spot(whole), { through: whole[0] });
    sources.add("environment-whole");
  }
  const kept = has(persists);
  if (kept !== null) gatherer?.see("persistence", kept[0], spot(kept), { through: "powershell" });
  const loaded = has(native);
  if (loaded !== null) gatherer?.see("native", loaded[0], spot(loaded), { through: "powershell" });
  const fetched = has(fetches);
  const run = has(runsText);
  const started = has(starts);
  const decoded = has(decodes);
  if (fetched !== null) {
    const host = /\b(?:https?|ftp):\/\/([^\s/"':]+)/i.exec(statement)?.[1] ?? "";
    gatherer?.see("network", host, spot(fetched), { through: fetched[0].replace(/^\./, "") });
    for (const from of sources)
      if (from !== "network" && from !== "encoded-text")
        gatherer?.flow({ from, to: "network", source: "", sink: host, spot: spot(fetched) });
    sources.add("network");
    // What it is written to is what was fetched.
    const file = /(?:-OutFile|-Destination|-o)\s+["']?([^\s"']+)|DownloadFile\([^,]+,\s*["']?([^\s"')]+)/i.exec(statement);
    const name = (file?.[1] ?? file?.[2] ?? "").toLowerCase();
    if (name !== "" && carried.size < MAX_CARRIED) carried.set(`file ${name}`, new Set<Carried>(["network"]));
  }
  if (decoded !== null && /[A-Za-z0-9+/=]{24,}|FromBase64String/i.test(statement)) sources.add("encoded-text");
  const lower = statement.toLowerCase();
  for (const [name, those] of carried)
    if (started !== null && name.startsWith("file ") && lower.includes(name.slice(5)) && fetched === null)
      for (const one of those) sources.add(one);
  if (run !== null) {
    gatherer?.see("dynamic-code", "", spot(run), { through: run[0] });
    for (const from of sources)
      if (from === "network" || from === "encoded-text")
        gatherer?.flow({ from, to: "dynamic-code", source: "", sink: run[0], spot: spot(run) });
  }
  if (started !== null) {
    gatherer?.see("process", "", spot(started), { through: "powershell" });
    for (const from of sources)
      if ((from === "network" && fetched === null) || from === "encoded-text")
        gatherer?.flow({ from, to: "process", source: "", sink: "powershell", spot: spot(started) });
  }
  const encoded = /-e(?:nc(?:odedcommand)?|c)?\s+["']?([A-Za-z0-9+/=]{16,})/i.exec(statement);
  if (encoded !== null && gatherer !== null) {
    gatherer.see("dynamic-code", "", spot(encoded), { through: "-EncodedCommand", concealed: true });
    if (nesting < MAX_NESTING)
      gatherPowershell(Buffer.from(encoded[1] ?? "", "base64").toString("utf16le"), gatherer, () => spot(encoded), nesting + 1);
  }
  const target = /^\s*\$(\w+)\s*\+?=/.exec(statement)?.[1]?.toLowerCase();
  if (target !== undefined && sources.size > 0 && (carried.size < MAX_CARRIED || carried.has(target)))
    carried.set(target, new Set([...(carried.get(target) ?? []), ...sources]));
}
