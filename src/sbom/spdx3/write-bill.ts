/** Bill -> SPDX 3.0.1 JSON-LD, with traced values in it. Element ids are the document's namespace, a `#`, and the item's own id. */
import { licenceId, parseLicence } from "../../model/licence.ts";
import { ALGORITHMS, type Agent, type Bill, type Item, TYPES, utcSeconds } from "../bill/bill.ts";
import { Traced, made } from "../bill/traced.ts";

type Tree = Readonly<Record<string, unknown>>;

const INFO = "_:creationinfo";
/** The individual that stands for "nothing at all" (Core, NoneElement). */
const NONE = "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement";

/** SPDX 2 relationships of a like meaning in SPDX 3, which tells them from the other side where `reversed`. */
const RELATIONS: ReadonlySet<string> = new Set(
  (
    "affects amendedBy ancestorOf availableFrom configures contains coordinatedBy copiedTo delegatedTo dependsOn descendantOf describes doesNotAffect expandsTo " +
    "exploitCreatedBy fixedBy fixedIn foundBy generates hasAddedFile hasAssessmentFor hasAssociatedVulnerability hasDataFile hasDeletedFile hasDependencyManifest " +
    "hasDistributionArtifact hasDocumentation hasDynamicLink hasEvidence hasExample hasHost hasInput hasMetadata hasOptionalComponent hasOptionalDependency hasOutput " +
    "hasPrerequisite hasProvidedDependency hasRequirement hasSpecification hasStaticLink hasTest hasTestCase hasVariant invokedBy modifiedBy other packagedBy patchedBy " +
    "publishedBy reportedBy republishedBy serializedInArtifact testedOn trainedOn underInvestigationFor usesTool"
  ).split(" "),
);

/** CycloneDX's reference types as SPDX 3 has them. */
const REFERENCES: Readonly<Record<string, string>> = {
  vcs: "vcs",
  "issue-tracker": "issueTracker",
  website: "altWebPage",
  advisories: "securityAdvisory",
  "mailing-list": "mailingList",
  social: "socialMedia",
  chat: "chat",
  documentation: "documentation",
  support: "support",
  license: "license",
  "build-meta": "buildMeta",
  "build-system": "buildSystem",
  "release-notes": "releaseNotes",
  "security-contact": "securityOther",
  "threat-model": "securityThreatModel",
  "adversary-model": "securityAdversaryModel",
  "pentest-report": "securityPenTestReport",
  "static-analysis-report": "staticAnalysisReport",
  "dynamic-analysis-report": "dynamicAnalysisReport",
  "runtime-analysis-report": "runtimeAnalysisReport",
  "component-analysis-report": "componentAnalysisReport",
  "certification-report": "certificationReport",
  "quality-metrics": "qualityAssessmentReport",
  "vulnerability-assertion": "vulnerabilityDisclosureReport",
  "exploitability-statement": "vulnerabilityExploitabilityAssessment",
  distribution: "binaryArtifact",
  "source-distribution": "sourceArtifact",
};
const SPDX3_REFERENCES: ReadonlySet<string> = new Set(Object.values(REFERENCES));

export interface Spdx3Defaults {
  readonly namespace: string;
  readonly created: string;
  readonly toolVersion: string;
}

/** The tree that `place` turns into a document. */
export function billToSpdx3(bill: Bill, defaults: Spdx3Defaults): Tree {
  const given = bill.namespace;
  const usable = given !== undefined && /^(?!_:)[^\s#]+:[^\s#]+$/u.test(given.value);
  const base = usable ? given.value : defaults.namespace;
  const graph: Tree[] = [];
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  const address = (name: string): string => {
    const plain = name
      .replace(/[^A-Za-z0-9.-]+/gu, "-")
      .replace(/^-+|-+$/gu, "")
      .slice(0, 200);
    const stem = `${base}#${plain === "" ? "item" : plain}`;
    let id = stem;
    let number = numbers.get(stem) ?? 1;
    while (taken.has(id)) {
      number += 1;
      id = `${stem}-${number}`;
    }
    numbers.set(stem, number);
    taken.add(id);
    return id;
  };
  const ids = new Map<string, string>();
  for (const { key } of bill.items) {
    if (ids.has(key.value)) continue;
    // Ids that are addresses already (SPDX 3 itself) stay.
    const id = /^(?!_:)[a-z][a-z0-9+.-]*:\/\/\S+$/iu.test(key.value) && !taken.has(key.value) ? key.value : address(key.value);
    taken.add(id);
    ids.set(key.value, id);
  }
  const idOf = (key: Traced): Traced | undefined => {
    const id = ids.get(key.value);
    return id === undefined ? undefined : key.as(id, id === key.value ? "same" : "renamed");
  };
  const element = (type: string, id: Traced | string, members: Tree): void => {
    graph.push({ type, spdxId: id, creationInfo: INFO, ...members });
  };

  const agents = new Map<string, string>();
  const agentId = (agent: Agent): string => {
    const key = `${agent.kind}\0${agent.name.value}\0${agent.email?.value ?? ""}\0${agent.version?.value ?? ""}`;
    const known = agents.get(key);
    if (known !== undefined) {
      // Said again: the element that is there already speaks for it.
      const index = graph.findIndex((one) => one["spdxId"] === known);
      const before = graph[index];
      if (before !== undefined && before["name"] instanceof Traced) {
        const identifiers = before["externalIdentifier"] as readonly Tree[] | undefined;
        const mail = identifiers?.[0]?.["identifier"];
        graph[index] = {
          ...before,
          name: before["name"].holding(agent.name, agent.version),
          ...(mail instanceof Traced && { externalIdentifier: [{ ...identifiers?.[0], identifier: mail.holding(agent.email) }] }),
        };
      }
      return known;
    }
    const id = address(`agent-${agent.name.value}`);
    agents.set(key, id);
    const name =
      agent.version === undefined
        ? agent.name
        : new Traced(`${agent.name.value}-${agent.version.value}`, [...agent.name.sources, ...agent.version.sources], "part");
    element(agent.kind === "person" ? "Person" : agent.kind === "organization" ? "Organization" : "Tool", id, {
      name,
      externalIdentifier:
        agent.email === undefined ? undefined : [{ type: "ExternalIdentifier", externalIdentifierType: "email", identifier: agent.email }],
    });
    return id;
  };
  const makers = bill.creators.filter((agent) => agent.kind !== "tool").map(agentId);
  const tools = bill.creators.filter((agent) => agent.kind === "tool").map(agentId);
  // `createdBy` needs an agent (Core, CreationInfo); a tool is none, so ours stands as the software agent that it is.
  const self = address("tributary");
  element("SoftwareAgent", self, { name: `tributary ${defaults.toolVersion}` });

  const texts = new Map<string, string>();
  for (const one of bill.texts) {
    const id = /^[a-z][a-z0-9+.-]*:\/\//iu.test(one.id.value) ? one.id.value : address(one.id.value);
    texts.set(one.id.value, id);
    // A licence that has addresses to see, or a comment on itself, is a custom licence in full; the simple form has a text only.
    element("simplelicensing_SimpleLicensingText", one.id.as(id, id === one.id.value ? "same" : "renamed"), {
      name: one.name,
      comment: one.comment,
      simplelicensing_licenseText: one.text ?? made("NOASSERTION"),
    });
  }

  for (const item of bill.items) writeItem(item, idOf(item.key) as Traced);
  for (const relation of bill.relations) {
    const from = idOf(relation.from);
    const to = idOf(relation.to) ?? (relation.to.value === "NONE" ? relation.to.as(NONE, "translated") : undefined);
    if (from === undefined || to === undefined || !RELATIONS.has(relation.type.value)) continue;
    element("Relationship", address(`relationship-${graph.length}`), { from, relationshipType: relation.type, to: [to] });
  }

  function writeItem(item: Item, id: Traced): void {
    const purl = item.purl?.holding(
      item.group !== undefined && item.purl !== undefined && decoded(item.purl.value).includes(`/${item.group.value}/`)
        ? item.group
        : undefined,
    );
    const purpose = TYPES.find(
      ([cyclonedx, , spdx3]) => item.type !== undefined && (cyclonedx === item.type.value || spdx3 === item.type.value),
    );
    const references = item.references.flatMap((one) => {
      const type = REFERENCES[one.type.value] ?? (SPDX3_REFERENCES.has(one.type.value) ? one.type.value : "other");
      const known = type !== "other" || one.type.value === "other";
      // A type that SPDX 3 does not have stays readable in the comment.
      const comment = known
        ? one.comment
        : new Traced(
            `${one.type.value}${one.comment === undefined ? "" : `: ${one.comment.value}`}`,
            [...one.type.sources, ...(one.comment?.sources ?? [])],
            "part",
          );
      return [{ type: "ExternalRef", externalRefType: known ? one.type.as(type, "translated") : type, locator: [one.url], comment }];
    });
    const common: Tree = {
      name: item.name,
      description: item.description,
      summary: item.summary,
      comment: item.comment,
      verifiedUsing: hashes(item),
      externalRef: references.length === 0 ? undefined : references,
      externalIdentifier:
        item.cpe === undefined
          ? undefined
          : [
              {
                type: "ExternalIdentifier",
                externalIdentifierType: item.cpe.value.startsWith("cpe:2.3:") ? "cpe23" : "cpe22",
                identifier: item.cpe,
              },
            ],
      originatedBy: item.originator === undefined ? undefined : [agentId(item.originator)],
      suppliedBy: item.supplier === undefined ? undefined : agentId(item.supplier),
      builtTime: date(item.built),
      releaseTime: date(item.released),
      validUntilTime: date(item.validUntil),
      software_copyrightText: item.copyright,
      software_attributionText: item.attribution.length === 0 ? undefined : item.attribution,
      software_primaryPurpose: purpose !== undefined && item.type !== undefined ? item.type.as(purpose[2], "translated") : undefined,
    };
    if (item.form === "file") element("software_File", id, common);
    else {
      element("software_Package", id, {
        ...common,
        software_packageVersion: item.version,
        software_packageUrl: purl,
        software_homePage: item.homepage,
        software_downloadLocation:
          item.download !== undefined && /^(?:NONE|NOASSERTION)$/u.test(item.download.value) ? undefined : item.download,
        software_sourceInfo: item.sourceInfo,
      });
    }
    for (const claim of item.licences) {
      if (/^(?:NONE|NOASSERTION|)$/u.test(claim.value.value)) continue;
      const fits =
        claim.kind === "id"
          ? licenceId(claim.value.value) !== undefined
          : claim.kind === "expression" && !("failed" in parseLicence(claim.value.value));
      const expression = address("licence");
      if (fits) {
        const named = [...texts].filter(([ref]) => claim.value.value.split(/[\s()]+/u).includes(ref));
        element("simplelicensing_LicenseExpression", expression, {
          simplelicensing_licenseExpression: claim.value,
          simplelicensing_customIdToUri:
            named.length === 0 ? undefined : named.map(([ref, uri]) => ({ type: "DictionaryEntry", key: ref, value: uri })),
        });
      } else {
        element("simplelicensing_SimpleLicensingText", expression, {
          name: claim.value,
          simplelicensing_licenseText: claim.text ?? made("NOASSERTION"),
        });
      }
      const type = claim.standing === "concluded" ? "hasConcludedLicense" : "hasDeclaredLicense";
      element("Relationship", address(`relationship-${graph.length}`), {
        from: id.value,
        relationshipType: claim.standingFrom === undefined ? type : claim.standingFrom.as(type, "translated"),
        to: [expression],
      });
    }
  }

  const created = bill.created === undefined ? undefined : utcSeconds(bill.created.value);
  const described = bill.described.flatMap((key) => idOf(key) ?? []);
  const dataLicence = bill.dataLicence;
  const licence = address("data-licence");
  element("simplelicensing_LicenseExpression", licence, { simplelicensing_licenseExpression: dataLicence ?? made("CC0-1.0") });
  const sbom = address("sbom");
  element("software_Sbom", sbom, { rootElement: described.length === 0 ? undefined : described, element: [...ids.values()] });
  element("SpdxDocument", usable && !taken.has(given.value) ? given : address("document"), {
    name: bill.name,
    comment: bill.comment,
    dataLicense: licence,
    rootElement: [sbom],
    profileConformance: ["core", "software", "simpleLicensing"],
  });
  return {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      {
        type: "CreationInfo",
        "@id": INFO,
        specVersion: "3.0.1",
        created:
          bill.created !== undefined && created !== undefined
            ? bill.created.as(created, created === bill.created.value ? bill.created.how : "translated")
            : defaults.created,
        createdBy: [...makers, self],
        createdUsing: tools.length === 0 ? undefined : tools,
      },
      ...graph,
    ],
  };
}

function hashes(item: Item): readonly Tree[] | undefined {
  const list = item.hashes.flatMap((one) => {
    const known = ALGORITHMS.find(([cyclonedx]) => cyclonedx === one.algorithm.value);
    const name =
      known?.[2] ?? (/^(?:MD2|MD4|MD6|SHA224|ADLER32)$/u.test(one.algorithm.value) ? one.algorithm.value.toLowerCase() : undefined);
    return name === undefined ? [] : [{ type: "Hash", algorithm: one.algorithm.as(name, "translated"), hashValue: one.value }];
  });
  return list.length === 0 ? undefined : list;
}

function date(given: Traced | undefined): Traced | undefined {
  const text = given === undefined ? undefined : utcSeconds(given.value);
  return given === undefined || text === undefined ? undefined : given.as(text, text === given.value ? given.how : "translated");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
