import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signer } from "../../model/index.ts";
import { comparePublisher, type PublisherWord } from "./publisher.ts";
import { claim } from "./testing.ts";

const told = (publisher: PublisherWord | null, more: Partial<Signer> = {}): string => {
  const { signer } = claim(more);
  assert.ok(signer !== null);
  const compared = comparePublisher(publisher, signer);
  return compared.ok ? compared.disagreements.map(({ about }) => about).join() : compared.code;
};

test("a publisher of GitHub is who the certificate names: issuer, repository in any case, and the workflow that was started", () => {
  const github = { kind: "GitHub", repository: "Owner/Name", workflow: "release.yml" };
  const certificate = {
    issuer: "https://token.actions.githubusercontent.com",
    source: "https://github.com/owner/name",
    config: "https://github.com/owner/name/.github/workflows/release.yml@refs/tags/v1",
    // A workflow that was called signs, and the one that called it publishes.
    identity: "https://github.com/other/builds/.github/workflows/build.yml@refs/tags/v2",
  };
  assert.equal(told(github, certificate), "");
  assert.equal(told({ ...github, repository: "owner/name-2" }, certificate), "publisher's repository");
  assert.equal(told({ ...github, workflow: "build.yml" }, certificate), "publisher's workflow");
  assert.equal(told(github, { ...certificate, issuer: "https://issuer.example" }), "publisher's issuer");
  assert.equal(told({ kind: "GitHub", repository: "owner/name" }, certificate), "publisher-malformed");
});

test("GitLab's pipelines and Google's addresses are compared in their own terms; other kinds are not known", () => {
  const gitlab = { kind: "GitLab", repository: "group/sub/name", workflow_filepath: ".gitlab-ci.yml" };
  const pipeline = {
    issuer: "https://gitlab.com",
    source: "https://gitlab.com/group/sub/name",
    config: "https://gitlab.com/group/sub/name//.gitlab-ci.yml@refs/heads/main",
  };
  assert.equal(told(gitlab, pipeline), "");
  assert.equal(told({ ...gitlab, workflow_filepath: "other.yml" }, pipeline), "publisher's workflow");
  const google = { issuer: "https://accounts.google.com", identity: "ci@project.example" };
  assert.equal(told({ kind: "Google", email: "ci@project.example" }, google), "");
  assert.equal(told({ kind: "Google", email: "other@project.example" }, google), "publisher's address");
  assert.equal(told({ kind: "constructor" }), "publisher-unknown");
  assert.equal(told({}), "publisher-malformed");
  assert.equal(told(null), "publisher-malformed");
});
