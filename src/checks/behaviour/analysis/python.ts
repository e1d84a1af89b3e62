/** Python, from its tokens: imports and aliases, `getattr`, `__import__`, decorated functions, texts that are decoded before they run. */
import type { Lines, Reading } from "./files-gather.ts";
import { type Dialect, scriptReading } from "./script.ts";
import { tableOf } from "./script-table.ts";
import type { Token } from "./script-tokens.ts";

const table = tableOf([
  [
    "network",
    "requests.*@0! requests.request@1! urllib.request.*@0! urllib.urlopen@0! urllib2.*@0! urllib3.*@0! http.client.*@0! httplib.*@0! httplib2.*@0! httpx.*@0! aiohttp.*@0! socket.create_connection@0! socket.socket! asyncio.open_connection@0! ftplib.*@0! smtplib.*@0! imaplib.*@0! poplib.*@0! telnetlib.*@0! paramiko.*@0! pysftp.*@0! websocket.*@0! websockets.*@0! pycurl.Curl! curl_cffi.*@0! cloudscraper.*@0! wget.download@0! xmlrpc.client.*@0! boto3.*! .urlopen@0! .urlretrieve@0!",
  ],
  ["dns", "socket.gethostbyname@0! socket.getaddrinfo@0! socket.gethostbyname_ex@0! dns.resolver.*@0!"],
  ["listen", "socketserver.* http.server.*"],
  [
    "process",
    "os.system@0! os.popen@0! os.startfile@0! os.execl@0! os.execle@0! os.execlp@0! os.execlpe@0! os.execv@0! os.execve@0! os.execvp@0! os.execvpe@0! os.spawnl@1! os.spawnle@1! os.spawnlp@1! os.spawnv@1! os.spawnve@1! os.spawnvp@1! os.posix_spawn@0! os.posix_spawnp@0! subprocess.run@0! subprocess.call@0! subprocess.check_call@0! subprocess.check_output@0! subprocess.Popen@0! subprocess.getoutput@0! subprocess.getstatusoutput@0! asyncio.create_subprocess_exec@0! asyncio.create_subprocess_shell@0! pty.spawn@0! pexpect.spawn@0! pexpect.run@0! distutils.spawn.spawn@0! commands.getoutput@0! command.run@0! win32api.ShellExecute@2! win32process.CreateProcess@1! self.spawn@0! .Popen@0! .check_output@0! .check_call@0! .getoutput@0! .getstatusoutput@0! .startfile@0!",
  ],
  [
    "dynamic-code",
    "eval! exec! compile! execfile! builtins.eval! builtins.exec! builtins.compile! runpy.run_path@0! runpy.run_module@0! code.interact! types.FunctionType! types.CodeType! marshal.loads! pickle.loads! pickle.load! dill.loads! cloudpickle.loads! __pyarmor__! pytransform.*!",
  ],
  ["dynamic-import", "importlib.util.spec_from_file_location! importlib.machinery.*! imp.load_source! imp.load_module!"],
  [
    "native",
    "ctypes.CDLL@0! ctypes.cdll.* ctypes.windll.* ctypes.WinDLL@0! ctypes.PyDLL@0! cffi.FFI! mmap.mmap! .WriteProcessMemory! .CreateRemoteThread! .VirtualAllocEx! .NtCreateThreadEx! .QueueUserAPC! .RtlMoveMemory! .LoadLibraryA@0! .LoadLibraryW@0!",
  ],
  ["file-read", "open@0! io.open@0! codecs.open@0! pathlib.Path@0! os.listdir@0! os.walk@0! os.scandir@0! glob.glob@0!"],
  [
    "file-write",
    "shutil.copy@1! shutil.copy2@1! shutil.copyfile@1! shutil.copytree@1! shutil.copyfileobj! shutil.move@1! os.rename@1! os.replace@1! os.symlink@1! os.makedirs@0! os.mkdir@0! os.chmod@0! urllib.request.urlretrieve@1! pathlib.Path().write_text! pathlib.Path().write_bytes! tempfile.* zipfile.ZipFile@0! tarfile.open@0!",
  ],
  ["file-delete", "os.remove@0! os.unlink@0! shutil.rmtree@0! os.rmdir@0!"],
  ["home", "os.path.expanduser@0! pathlib.Path.home!"],
  ["system", "platform.* socket.gethostname! socket.getfqdn! getpass.getuser! os.getlogin! os.uname! uuid.getnode! psutil.*"],
  ["locale", "locale.getdefaultlocale! locale.getlocale! time.tzname"],
  ["clipboard", "pyperclip.* win32clipboard.* tkinter.Tk.clipboard_get .clipboard_get! .read_clipboard! .to_clipboard!"],
  [
    "user-input",
    "pynput.* keyboard.* pyxhook.* pyautogui.* pyscreenshot.* d3dshot.* mss.* PIL.ImageGrab.* pyaudio.PyAudio! sounddevice.rec! cv2.VideoCapture! .GetAsyncKeyState! .SetWindowsHookExA! .SetWindowsHookExW!",
  ],
  ["browser-data", "browser_cookie3.* win32crypt.CryptUnprotectData"],
  ["persistence", "winreg.SetValueEx!"],
  ["inspector", "sys.settrace! gc.get_objects!"],
  ["global-hook", "sys.meta_path.append! sys.meta_path.insert! builtins.__import__ sys.modules.__setitem__! sys.excepthook"],
]);

const builtins: ReadonlySet<string> = new Set(["eval", "exec", "compile", "open", "__import__", "getattr"]);

const dialect: Dialect = {
  language: "python",
  syntax: {
    comments: ["#"],
    blockComments: false,
    quotes: "\"'",
    tripleQuotes: true,
    expressions: "prefix",
    backticks: false,
    regexes: false,
    lifetimes: false,
    compatible: true,
  },
  blocks: { blocks: "indent", functions: new Set(["def", "lambda"]), classes: new Set(["class"]), modifiers: new Set(["async"]) },
  table,
  environment: new Set(["os.environ", "os.environb"]),
  variables: new Set(["os.getenv", "os.getenvb"]),
  modules: new Set(["__import__", "builtins.__import__", "importlib.import_module"]),
  members: new Set(["getattr", "builtins.getattr"]),
  named: new Map([["__getattribute__", "member"]]),
  importing: true,
  anywhere: true,
  packers:
    /^(?:pytransform|pyarmor_runtime(?:_\d+)?|__(?:py)?armor(?:_enter|_exit)?__|(?:check|assert)_armored|sourcedefender|pyconcrete)$/,
  decoders: new Set([
    "base64.b64decode",
    "base64.b32decode",
    "base64.b85decode",
    "base64.a85decode",
    "base64.decodebytes",
    "base64.urlsafe_b64decode",
    "zlib.decompress",
    "bz2.decompress",
    "lzma.decompress",
    "gzip.decompress",
    "binascii.unhexlify",
    "binascii.a2b_base64",
    "bytes.fromhex",
    "codecs.decode",
    // Texts that lie in pictures.
    "stegano.lsb.reveal",
    "judyb.lsb.reveal",
    "steganography.steganography.Steganography.decode",
    ".b64decode",
    ".b32decode",
    ".b85decode",
    ".a85decode",
  ]),
  imports,
  canonical: (path) => {
    // `builtins.eval`, `__builtins__.__dict__["eval"]`, `globals()["eval"]`, `vars(os)["system"]` are one thing each.
    const name = path
      .replace(/^sys\.modules\.(?=\w+\.)/, "")
      .replace(/^(?:builtins|__builtins__|(?:globals|locals)\(\)(?:\.__builtins__)?)\.(?:__dict__\.)?/, "")
      .replaceAll(/\.(?:__dict__|__call__)(?=\.|$)/g, "");
    return name !== path && !builtins.has(name) && !name.includes(".") ? path : name;
  },
};

function imports(
  tokens: readonly Token[],
  bind: (name: string, path: string) => void,
  asks: (specifier: string, how: "static", at: number) => void,
): boolean {
  const first = tokens[0];
  if (first?.kind !== "name" || (first.text !== "import" && first.text !== "from")) return false;
  let at = 1;
  const dotted = (): string => {
    let path = "";
    while (
      tokens[at] !== undefined &&
      (tokens[at]?.kind === "name" || tokens[at]?.text === "." || tokens[at]?.text === "..") &&
      !["import", "as"].includes(tokens[at]?.text ?? "")
    )
      path += tokens[at++]?.text ?? "";
    return path;
  };
  const renamed = (): string => {
    if (tokens[at]?.text !== "as") return "";
    at += 2;
    return tokens[at - 1]?.text ?? "";
  };
  if (first.text === "import") {
    for (; at < tokens.length; at++) {
      const path = dotted();
      if (path === "") continue;
      asks(path, "static", first.at);
      const as = renamed();
      const whole = path.split(".", 1)[0] ?? "";
      if (as !== "") bind(as, path);
      else if (whole !== "") bind(whole, whole);
    }
    return true;
  }
  const module = dotted();
  asks(module, "static", first.at);
  at++;
  while (at < tokens.length) {
    const name = tokens[at++];
    if (name?.kind === "punct" && name.text === "*") bind("*", module);
    if (name?.kind !== "name") continue;
    const as = renamed();
    bind(as === "" ? name.text : as, `${module}.${name.text}`);
  }
  return true;
}

export const pythonReading = (text: string, lines: Lines, nesting: number = 0): Reading => scriptReading(text, lines, dialect, nesting);
