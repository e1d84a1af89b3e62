import assert from "node:assert/strict";
import { test } from "node:test";
import { mayReach, pathCapability } from "./script-sensitive.ts";

const reaches = (text: string): boolean =>
  mayReach(
    Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
    0,
    text.length,
  );

test("a text that names a place that matters is never taken for one that cannot", () => {
  for (const place of [
    "~/.npmrc",
    ".netrc",
    ".ssh",
    "id_rsa",
    ".aws/credentials",
    ".docker/config.json",
    ".kube\\config",
    "application_default_credentials",
    ".gnupg",
    "/etc/passwd",
    "keychain-db",
    "Login Data",
    "Cookies",
    "COOKIES",
    "Web Data",
    "Local State",
    "key4.db",
    "Google/Chrome/",
    "wallet.dat",
    "keystore/UTC--1",
    "nkbihfbeogaeaoehlefnkodbefgpgknn",
    ".bashrc",
    "Start Menu\\Programs\\Startup",
    ".github/workflows/ci.yml",
  ]) {
    assert.ok(reaches(place) && reaches(`"${place}"`), place);
    if (place !== "COOKIES") assert.notEqual(pathCapability(place), null, place);
  }
  assert.ok(!reaches('"use strict"') && !reaches("'function'"));
});
