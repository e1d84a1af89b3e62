/**
 * Every rule there is, in the order of the eight questions: this list is the architecture's drawing. A question without a rule in it
 * is reported as "not asked yet". A rule is one file in `<question>/`, its test, its page `<rule>.md`, and one line here.
 */
import type { Check } from "../model/index.ts";
import { knownMalware } from "./advisories/known-malware.ts";
import { knownNotice } from "./advisories/known-notice.ts";
import { knownVulnerability } from "./advisories/known-vulnerability.ts";
import { newBehaviour } from "./behaviour/new-behaviour.ts";
import { newDependency } from "./behaviour/new-dependency.ts";
import { newSelfRun } from "./behaviour/new-self-run.ts";
import { runsAtInstall } from "./behaviour/runs-at-install.ts";
import { burst } from "./continuity/burst.ts";
import { cadence } from "./continuity/cadence.ts";
import { dormantReturn } from "./continuity/dormant-return.ts";
import { newPublisher } from "./continuity/new-publisher.ts";
import { openTakeover } from "./continuity/open-takeover.ts";
import { publishingPath } from "./continuity/publishing-path.ts";
import { sourceLost } from "./continuity/source-lost.ts";
import { suspiciousRelease } from "./continuity/suspicious-release.ts";
import { tagMoved } from "./continuity/tag-moved.ts";
import { alternative } from "./exposure/alternative.ts";
import { oneAccount } from "./exposure/one-account.ts";
import { oneBuilder } from "./exposure/one-builder.ts";
import { singlePoint } from "./exposure/single-point.ts";
import { confusableName } from "./identity/confusable-name.ts";
import { hiddenAlias } from "./identity/hidden-alias.ts";
import { manifestConfusion } from "./identity/manifest-confusion.ts";
import { nameMismatch } from "./identity/name-mismatch.ts";
import { outsideRegistry } from "./identity/outside-registry.ts";
import { archiveHazard } from "./integrity/archive-hazard.ts";
import { bytesMismatch } from "./integrity/bytes-mismatch.ts";
import { changedHash } from "./integrity/changed-hash.ts";
import { insecureTransport } from "./integrity/insecure-transport.ts";
import { lockfileMismatch } from "./integrity/lockfile-mismatch.ts";
import { missingHash } from "./integrity/missing-hash.ts";
import { unexpectedHost } from "./integrity/unexpected-host.ts";
import { unpublished } from "./integrity/unpublished.ts";
import { weakHash } from "./integrity/weak-hash.ts";
import { attestationInvalid } from "./provenance/attestation-invalid.ts";
import { buildLevelRule } from "./provenance/build-level.ts";
import { foreignTrigger } from "./provenance/foreign-trigger.ts";
import { lost } from "./provenance/lost.ts";
import { registrySignature } from "./provenance/registry-signature.ts";
import { sourceChanged } from "./provenance/source-changed.ts";
import { sourceMismatch } from "./provenance/source-mismatch.ts";

export const checks: readonly Check[] = [
  nameMismatch,
  hiddenAlias,
  confusableName,
  manifestConfusion,
  outsideRegistry,

  lockfileMismatch,
  bytesMismatch,
  changedHash,
  unexpectedHost,
  insecureTransport,
  missingHash,
  weakHash,
  archiveHazard,
  unpublished,

  registrySignature,
  attestationInvalid,
  sourceMismatch,
  sourceChanged,
  lost,
  foreignTrigger,
  buildLevelRule,

  suspiciousRelease,
  publishingPath,
  newPublisher,
  openTakeover,
  dormantReturn,
  cadence,
  burst,
  tagMoved,
  sourceLost,

  runsAtInstall,
  newSelfRun,
  newBehaviour,
  newDependency,

  knownMalware,
  knownVulnerability,
  knownNotice,

  singlePoint,
  oneAccount,
  oneBuilder,
  alternative,
];
