/** What Fulcio wrote into a certificate about who signed. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
import { type Certificate } from "./certificate.ts";
import { DerReader } from "./der.ts";
import { reject } from "./reject.ts";

/** Claims of a Fulcio certificate, by our name for them. The first six are deprecated, and must agree with their successors where both are there. */
export interface FulcioClaims {
  readonly issuer?: string;
  readonly githubWorkflowTrigger?: string;
  readonly githubWorkflowSha?: string;
  readonly githubWorkflowName?: string;
  readonly githubWorkflowRepository?: string;
  readonly githubWorkflowRef?: string;
  readonly buildSignerUri?: string;
  readonly buildSignerDigest?: string;
  readonly runnerEnvironment?: string;
  readonly sourceRepositoryUri?: string;
  readonly sourceRepositoryDigest?: string;
  readonly sourceRepositoryRef?: string;
  readonly sourceRepositoryIdentifier?: string;
  readonly sourceRepositoryOwnerUri?: string;
  readonly sourceRepositoryOwnerIdentifier?: string;
  readonly buildConfigUri?: string;
  readonly buildConfigDigest?: string;
  readonly buildTrigger?: string;
  readonly runInvocationUri?: string;
  readonly sourceRepositoryVisibility?: string;
}

const PREFIX = "1.3.6.1.4.1.57264.1.";

/** The old ones hold bare text (issuer .1 to ref .6), the others a DER UTF8String. `issuer` is read from .8, or from .1 before it existed. */
const bare: readonly (readonly [number, keyof FulcioClaims])[] = [
  [2, "githubWorkflowTrigger"],
  [3, "githubWorkflowSha"],
  [4, "githubWorkflowName"],
  [5, "githubWorkflowRepository"],
  [6, "githubWorkflowRef"],
];
const wrapped: readonly (readonly [number, keyof FulcioClaims])[] = [
  [9, "buildSignerUri"],
  [10, "buildSignerDigest"],
  [11, "runnerEnvironment"],
  [12, "sourceRepositoryUri"],
  [13, "sourceRepositoryDigest"],
  [14, "sourceRepositoryRef"],
  [15, "sourceRepositoryIdentifier"],
  [16, "sourceRepositoryOwnerUri"],
  [17, "sourceRepositoryOwnerIdentifier"],
  [18, "buildConfigUri"],
  [19, "buildConfigDigest"],
  [20, "buildTrigger"],
  [21, "runInvocationUri"],
  [22, "sourceRepositoryVisibility"],
];

const UTF8_STRING = 0x0c;
const der: DerReader = new DerReader("a claim of the certificate", "certificate-malformed");

/** Reads the claims. Rejects (in this room) where an old one and its successor say different things. */
export function readClaims(certificate: Certificate): FulcioClaims {
  const claims: Record<string, string> = {};
  const plain = (n: number): string | undefined => certificate.extensions.get(`${PREFIX}${n}`)?.value.toString("utf8");
  const utf8 = (n: number): string | undefined => {
    const extension = certificate.extensions.get(`${PREFIX}${n}`);
    return extension === undefined ? undefined : der.only(extension.value, UTF8_STRING).content.toString("utf8");
  };
  for (const [n, name] of bare) {
    const value = plain(n);
    if (value !== undefined) claims[name] = value;
  }
  for (const [n, name] of wrapped) {
    const value = utf8(n);
    if (value !== undefined) claims[name] = value;
  }
  const oldIssuer = plain(1);
  const issuer = utf8(8) ?? oldIssuer;
  if (oldIssuer !== undefined && issuer !== oldIssuer) reject("certificate-malformed", "the certificate names two issuers");
  if (issuer !== undefined) claims["issuer"] = issuer;
  agree(claims, "githubWorkflowTrigger", "buildTrigger");
  agree(claims, "githubWorkflowSha", "sourceRepositoryDigest");
  agree(claims, "githubWorkflowRef", "sourceRepositoryRef");
  const repository = claims["githubWorkflowRepository"];
  const uri = claims["sourceRepositoryUri"];
  if (repository !== undefined && uri !== undefined && !uri.endsWith(`/${repository}`))
    reject("certificate-malformed", `the certificate names two repositories, ${repository} and ${uri}`);
  return claims;
}

function agree(claims: Readonly<Record<string, string>>, old: keyof FulcioClaims, successor: keyof FulcioClaims): void {
  const a = claims[old];
  const b = claims[successor];
  if (a !== undefined && b !== undefined && a !== b) reject("certificate-malformed", `${old} and ${successor} of the certificate differ`);
}
