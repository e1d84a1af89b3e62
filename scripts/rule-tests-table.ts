/** What the rules of DataDog/guarddog call a finding, in our words: of the signs of a place or file, whether they say what the rule says. */
import type { Capability, Flow, HidingKind, News } from "../src/model/index.ts";

type Says = (news: readonly News[]) => boolean;

const can =
  (...capabilities: readonly Capability[]): Says =>
  (news) =>
    news.some((one) => one.kind === "capability" && capabilities.includes(one.sighting.capability));
const conceals: Says = (news) => news.some((one) => one.kind === "capability" && one.sighting.concealed);
const hides =
  (...kinds: readonly HidingKind[]): Says =>
  (news) =>
    news.some((one) => one.kind === "hiding" && kinds.includes(one.hiding.kind));
const flows =
  (from: readonly Flow["from"][] | null, ...to: readonly Capability[]): Says =>
  (news) =>
    news.some((one) => one.kind === "flow" && (from === null || from.includes(one.flow.from)) && to.includes(one.flow.to));
const hostAs =
  (pattern: RegExp): Says =>
  (news) =>
    news.some((one) => one.kind === "host" && pattern.test(one.host.host));
const imports =
  (pattern: RegExp): Says =>
  (news) =>
    news.some((one) => one.kind === "file" && pattern.test(one.detail));
const runs =
  (...triggers: readonly string[]): Says =>
  (news) =>
    news.some((one) => one.kind === "self-run" && triggers.includes(one.selfRun.trigger));
const either =
  (...those: readonly Says[]): Says =>
  (news) =>
    those.some((says) => says(news));

const personal: readonly Flow["from"][] = [
  "credential-file",
  "credential-variable",
  "environment-whole",
  "environment",
  "system",
  "clipboard",
  "wallet",
  "browser-data",
  "user-input",
];
const sendsOut = flows(personal, "network", "dns");
const runsCode = can("process", "dynamic-code", "native");
const runsDecoded = flows(["encoded-text", "network"], "dynamic-code", "process");
const obfuscated = either(
  conceals,
  hides(
    "encoded-text",
    "escaped-text",
    "machine-names",
    "text-array",
    "off-screen",
    "invisible-characters",
    "look-alike-characters",
    "concealed-name",
    "self-inspection",
    "minified",
    "packed-content",
  ),
  runsDecoded,
);
/** Named as such: shorteners, free ends of names, collectors, and addresses of numbers. */
const anyNumber = /^(?:\[|\d{1,3}(?:\.\d{1,3}){3}$)/;

export const ruleTable: Readonly<Record<string, Says>> = {
  "api-obfuscation": either(conceals, hides("concealed-name"), runsCode),
  "bidirectional-characters": hides("bidirectional-characters"),
  unicode: either(hides("look-alike-characters"), can("dynamic-code")),
  "clipboard-access": can("clipboard"),
  "clipboard-paste": can("clipboard"),
  "cmd-overwrite": runs("setup-py"),
  "code-execution": runsCode,
  "dll-hijacking": either(can("native", "process"), flows(["network"], "native"), conceals),
  "download-executable": flows(["network"], "process", "native"),
  "exec-base64": runsDecoded,
  "exfiltrate-sensitive-data": sendsOut,
  obfuscation: obfuscated,
  pyarmor: obfuscated,
  screenshot: can("user-input"),
  // Every new address is told, shady or not.
  "shady-links": hostAs(/./),
  "silent-process-execution": can("process"),
  steganography: runsDecoded,
  lolbas: can("process"),
  suspicious_passwd_access_linux: can("credential-file"),
  "rubygems-code-execution": runsCode,
  "rubygems-exec-base64": runsDecoded,
  "rubygems-exfiltrate-sensitive-data": sendsOut,
  "rubygems-install-hook": either(can("persistence"), runs("gem-extension")),
  "rubygems-network-on-require": can("network"),
  "rubygems-serialize-environment": can("environment-whole"),
  "eval-call": can("dynamic-code"),
  "npm-api-obfuscation": either(conceals, hides("concealed-name"), can("process", "system", "network")),
  "npm-dll-hijacking": can("native", "process"),
  "npm-exec-base64": runsDecoded,
  "npm-exfiltrate-sensitive-data": sendsOut,
  "npm-install-script": runs("npm-script"),
  "npm-obfuscation": obfuscated,
  "npm-serialize-environment": can("environment-whole"),
  "serialize-environment": can("environment-whole"),
  "npm-silent-process-execution": can("process"),
  "npm-steganography": runsDecoded,
  "capability-filesystem-read": can("file-read"),
  "capability-network-outbound": either(can("network", "dns"), imports(/^import (?:node:)?(?:https?|dns|net)$/)),
  "capability-process-spawn": can("process"),
  "threat-filesystem-autostart": can("persistence"),
  "threat-filesystem-destruction": can("file-delete"),
  "threat-filesystem-read": can("credential-file"),
  "threat-network-exfiltration": either(hostAs(anyNumber), sendsOut),
  "threat-network-outbound-shady-links": hostAs(/^(?:discord\.com|bit\.ly)$/),
  "threat-npm-http-dependency": (news) => news.some((one) => one.kind === "dependency" && one.dependency.from === "address"),
  "threat-process-download-exec": flows(["network"], "dynamic-code", "process"),
  "threat-process-hooks": runs("npm-script"),
  "threat-process-sysinfo": can("system"),
  "threat-process-write-exec": flows(["network"], "dynamic-code", "process"),
  "threat-runtime-dynamic-loader": flows(["network"], "dynamic-code"),
  "threat-runtime-obfuscation": obfuscated,
  "threat-runtime-obfuscation-base64exec": runsDecoded,
  "threat-runtime-obfuscation-dynamic-eval": obfuscated,
  "threat-runtime-obfuscation-general": obfuscated,
  "threat-runtime-obfuscation-hidden-code": hides("off-screen"),
  "threat-runtime-obfuscation-js-mangling": hides("machine-names"),
  "threat-runtime-obfuscation-pyarmor": obfuscated,
  "threat-runtime-obfuscation-steganography": runsDecoded,
  "threat-runtime-self-propagation": can("propagation"),
  "threat-setup-import-aliasing": flows(["network"], "dynamic-code", "process"),
};
