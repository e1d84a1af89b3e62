/** Ruby, from its tokens. Calls without brackets (`system "x"`) are given them. */
import type { Lines, Reading } from "./files-gather.ts";
import { type Dialect, scriptReading } from "./script.ts";
import { tableOf } from "./script-table.ts";

const dialect: Dialect = {
  language: "ruby",
  syntax: {
    comments: ["#"],
    blockComments: false,
    quotes: "\"'",
    tripleQuotes: false,
    expressions: "hash",
    backticks: true,
    regexes: true,
    lifetimes: false,
    ruby: true,
  },
  blocks: {
    blocks: "indent",
    functions: new Set(["def"]),
    classes: new Set(["class", "module"]),
    modifiers: new Set(["private", "public", "protected"]),
  },
  table: tableOf([
    [
      "network",
      "Net.HTTP.*@0! Net.HTTP@0 Net.FTP.*@0! Net.SMTP.*@0! URI.open@0! URI.parse.open@0! OpenURI.* TCPSocket.*@0! UDPSocket.* Socket.tcp@0! HTTParty.*@0! Faraday.*@0! RestClient.*@0! Excon.*@0! Typhoeus.*@0! HTTP.get@0! HTTP.post@0! Mechanize.*@0! Net.SSH.*@0! Socket.new!",
    ],
    ["dns", "Resolv.*@0! Addrinfo.getaddrinfo@0! IPSocket.getaddress@0!"],
    ["listen", "TCPServer.*"],
    [
      "process",
      "system@0! exec@0! spawn@0! `@0! Kernel.system@0! Kernel.exec@0! Kernel.spawn@0! Process.spawn@0! Process.exec@0! IO.popen@0! PTY.spawn@0! Open3.*@0!",
    ],
    [
      "dynamic-code",
      "eval! instance_eval! class_eval! module_eval! binding.eval! Kernel.eval! TOPLEVEL_BINDING.eval! RubyVM.InstructionSequence.*! Marshal.load!",
    ],
    ["native", "Fiddle.*! DL.*! FFI.*"],
    [
      "file-read",
      "open@0! Kernel.open@0! File.binread@0! File.read@0! File.open@0! IO.read@0! File.readlines@0! Dir.glob@0! Dir.entries@0!",
    ],
    [
      "file-write",
      "File.write@0! File.binwrite@0! IO.write@0! File.rename@1! FileUtils.cp@1! FileUtils.mv@1! FileUtils.mkdir_p@0! File.chmod@1!",
    ],
    ["file-delete", "File.delete@0! FileUtils.rm_rf@0! FileUtils.rm@0! FileUtils.remove_dir@0!"],
    ["home", "Dir.home! Etc.getpwuid!"],
    ["system", "Socket.gethostname! Etc.getlogin! Etc.uname!"],
    // Hooks of RubyGems, which are called whenever any gem is installed.
    [
      "persistence",
      "Gem.post_install Gem.pre_install Gem.post_build Gem.post_uninstall Gem.pre_uninstall Gem.post_installs Gem.done_installing Gem.Installer.post_install Gem.Installer.pre_install",
    ],
    ["clipboard", "Clipboard.*"],
    ["inspector", "TracePoint.* ObjectSpace.each_object! set_trace_func!"],
  ]),
  environment: new Set(["ENV"]),
  variables: new Set(["ENV.fetch"]),
  modules: new Set(),
  members: new Set(),
  named: new Map([
    ["send", "call"],
    ["public_send", "call"],
    ["__send__", "call"],
    ["method", "member"],
    ["const_get", "member"],
  ]),
  importing: false,
  anywhere: false,
  bare: true,
  commands: new Set(["system", "exec", "spawn", "eval", "instance_eval", "class_eval", "module_eval"]),
  decoders: new Set([
    "Base64.decode64",
    "Base64.strict_decode64",
    "Base64.urlsafe_decode64",
    "Zlib.Inflate.inflate",
    "Zlib.inflate",
    "Zlib.gunzip",
  ]),
  imports: (tokens, bind, asks) => {
    void bind;
    const first = tokens[0];
    if (first?.kind !== "name" || !/^(?:require|require_relative|load|autoload)$/.test(first.text)) return false;
    const name = tokens.find(({ kind }) => kind === "string");
    asks(
      name === undefined ? "" : first.text === "require_relative" ? `./${name.text}` : name.text,
      name === undefined ? "dynamic" : "require",
      first.at,
    );
    return true;
  },
  canonical: (path) =>
    path
      .replaceAll("::", ".")
      .replace(/^Object\./, "")
      .replace(/\.(?:call|\(\))$/, "")
      .replace(/^(?:Kernel|self)\.(?=(?:system|eval|exec|spawn|open)$)/, ""),
};

export const rubyReading = (text: string, lines: Lines, nesting: number = 0): Reading => scriptReading(text, lines, dialect, nesting);
