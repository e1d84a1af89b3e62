/** Ruby, from its tokens. Calls without brackets (`system "x"`) are given them. */
import type { Lines, Reading } from "./files-gather.ts";
import { type Dialect, scriptReading } from "./script.ts";
import { tableOf } from "./script-table.ts";

const dialect: Dialect = {
  name: "ruby",
  syntax: {
    comments: ["#"],
    blockComments: false,
    quotes: "\"'",
    tripleQuotes: false,
    expressions: "hash",
    backticks: true,
    regexes: true,
    lifetimes: false,
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
      "Net.HTTP.*@0! Net.HTTP@0 Net.FTP.*@0! Net.SMTP.*@0! URI.open@0! URI.parse.open@0! OpenURI.* TCPSocket.*@0! UDPSocket.* Socket.tcp@0! HTTParty.*@0! Faraday.*@0! RestClient.*@0! Excon.*@0! Typhoeus.*@0! HTTP.get@0! HTTP.post@0!",
    ],
    ["dns", "Resolv.*@0! Addrinfo.getaddrinfo@0! IPSocket.getaddress@0!"],
    ["listen", "TCPServer.*"],
    [
      "process",
      "system@0! exec@0! spawn@0! `@0! Kernel.system@0! Kernel.exec@0! Kernel.spawn@0! Process.spawn@0! IO.popen@0! PTY.spawn@0! Open3.*@0!",
    ],
    [
      "dynamic-code",
      "eval! instance_eval! class_eval! module_eval! binding.eval! Kernel.eval! TOPLEVEL_BINDING.eval! RubyVM.InstructionSequence.*! Marshal.load!",
    ],
    ["native", "Fiddle.*! DL.*! FFI.*"],
    ["file-read", "File.read@0! File.open@0! IO.read@0! File.readlines@0! Dir.glob@0! Dir.entries@0!"],
    ["file-write", "File.write@0! IO.write@0! FileUtils.cp@1! FileUtils.mv@1! FileUtils.mkdir_p@0! File.chmod@1!"],
    ["file-delete", "File.delete@0! FileUtils.rm_rf@0! FileUtils.rm@0! FileUtils.remove_dir@0!"],
    ["home", "Dir.home! Etc.getpwuid!"],
    ["system", "Socket.gethostname! Etc.getlogin! Etc.uname!"],
    ["clipboard", "Clipboard.*"],
    ["inspector", "TracePoint.* ObjectSpace.each_object! set_trace_func!"],
  ]),
  environment: new Set(["ENV"]),
  variables: new Set(["ENV.fetch"]),
  modules: new Set(),
  members: new Set(["Object.const_get", "Kernel.const_get"]),
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
  // `Kernel.send(:eval, …)` and `method(:system).call` name what they do.
  canonical: (path) => path.replaceAll("::", ".").replace(/^(?:Kernel|self)\.(?=(?:system|eval|exec|spawn)$)/, ""),
};

export const rubyReading = (text: string, lines: Lines): Reading => scriptReading(text, lines, dialect);
