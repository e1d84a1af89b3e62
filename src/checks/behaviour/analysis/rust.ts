/** Rust, from its tokens: for build scripts and procedural macros, which run while others compile. */
import type { Lines, Reading } from "./files-gather.ts";
import { type Dialect, scriptReading } from "./script.ts";
import { tableOf } from "./script-table.ts";
import type { Token } from "./script-tokens.ts";

const dialect: Dialect = {
  language: "rust",
  syntax: {
    comments: ["//"],
    blockComments: true,
    quotes: '"',
    tripleQuotes: false,
    expressions: "",
    backticks: false,
    regexes: false,
    lifetimes: true,
  },
  blocks: {
    blocks: "braces",
    functions: new Set(["fn"]),
    classes: new Set(["mod", "impl", "trait", "struct", "enum"]),
    modifiers: new Set(["pub", "async", "unsafe", "const", "extern"]),
  },
  table: tableOf([
    [
      "network",
      "std.net.TcpStream.connect@0! std.net.UdpSocket.*@0! reqwest.*@0! ureq.*@0! hyper.*! curl.*! attohttpc.*@0! minreq.*@0! isahc.*@0! tokio.net.*@0! surf.*@0!",
    ],
    ["dns", "std.net.ToSocketAddrs.* trust_dns_resolver.* hickory_resolver.*"],
    ["process", "std.process.Command.new@0! tokio.process.Command.new@0! duct.cmd@0! libc.system@0! libc.execve@0!"],
    ["native", "libloading.*! libc.dlopen@0!"],
    ["file-read", "std.fs.read@0! std.fs.read_to_string@0! std.fs.File.open@0! std.fs.read_dir@0!"],
    [
      "file-write",
      "std.fs.write@0! std.fs.File.create@0! std.fs.copy@1! std.fs.rename@1! std.fs.create_dir_all@0! std.fs.set_permissions@0!",
    ],
    ["file-delete", "std.fs.remove_file@0! std.fs.remove_dir_all@0!"],
    ["home", "dirs.home_dir! home.home_dir! std.env.home_dir!"],
    ["system", "hostname.get! whoami.*!"],
    ["environment-whole", "std.env.vars! std.env.vars_os!"],
  ]),
  environment: new Set(),
  variables: new Set(["std.env.var", "std.env.var_os", "env", "option_env"]),
  modules: new Set(),
  members: new Set(),
  importing: false,
  anywhere: false,
  decoders: new Set(["base64.decode", "hex.decode", ".decode"]),
  imports,
  canonical: (path) => {
    const name = path.replaceAll("::", ".");
    // What everybody imports by its module is named by it.
    return name
      .replace(/^(?=(?:env|fs|process|net)\.)/, "std.")
      .replace(/^Command\.new$/, "std.process.Command.new")
      .replace(/^TcpStream\.connect$/, "std.net.TcpStream.connect");
  },
};

/** `use std::{fs, process::Command as Run};` */
function imports(
  tokens: readonly Token[],
  bind: (name: string, path: string) => void,
  asks: (specifier: string, how: "static", at: number) => void,
): boolean {
  let at = tokens[0]?.text === "pub" ? 1 : 0;
  const first = tokens[at];
  if (first?.text !== "use") return false;
  at++;
  const prefixes: string[] = [""];
  let path = "";
  const end = (): void => {
    const name = path.slice(path.lastIndexOf(".") + 1);
    if (path !== "" && name !== "self") bind(name, path);
    if (path.endsWith(".self")) bind(path.split(".").at(-2) ?? "", path.slice(0, -5));
    if (path !== "") asks(path.replaceAll(".", "::"), "static", first.at);
  };
  for (; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.text === "::") continue;
    if (token?.text === "{") {
      prefixes.push(path);
      path = prefixes.at(-1) ?? "";
    } else if (token?.text === "," || token?.text === "}") {
      end();
      if (token.text === "}") prefixes.pop();
      path = token.text === "}" ? "" : (prefixes.at(-1) ?? "");
    } else if (token?.text === "as") {
      bind(tokens[at + 1]?.text ?? "", path);
      at++;
    } else if (token?.kind === "name") path = path === "" ? token.text : `${path}.${token.text}`;
  }
  end();
  return true;
}

export const rustReading = (text: string, lines: Lines, nesting: number = 0): Reading => scriptReading(text, lines, dialect, nesting);
