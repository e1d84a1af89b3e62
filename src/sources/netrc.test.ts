import assert from "node:assert/strict";
import { test } from "node:test";
import { readNetrc } from "./netrc.ts";

test("logins are told by host, whatever the lines, with quotes, comments and macros between them", () => {
  const { machine, standard } = readNetrc(
    '# mine\nmachine a.example login anna password s3#cret # not this\nmacdef init\nmachine evil.example login x password y\n\nmachine\n  B.example\n  password "two words"\n  login bert\nmachine c.example account carl password p\\\\w\ndefault login any password thing\n',
  );
  assert.deepEqual(machine("a.example"), { login: "anna", password: "s3#cret" });
  assert.deepEqual(machine("b.EXAMPLE"), { login: "bert", password: "two words" });
  assert.deepEqual(machine("c.example"), { login: "carl", password: "p\\w" });
  assert.equal(machine("evil.example"), null, "a macro is no entry");
  assert.equal(machine("sub.a.example"), null);
  assert.deepEqual(standard, { login: "any", password: "thing" });
});

test("what has another form ends the reading, and a file of nothing knows nobody", () => {
  const { machine } = readNetrc("machine a.example login anna password one\nnonsense\nmachine b.example login b password two\n");
  assert.deepEqual([machine("a.example")?.login, machine("b.example")], ["anna", null]);
  for (const text of ["", "machine", "login x", '"', "machine a.example"]) {
    const known = readNetrc(text);
    assert.equal(known.standard, null);
    assert.equal(known.machine("a.example")?.password ?? "", "");
  }
});
