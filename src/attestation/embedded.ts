/** The trust roots that are shipped with this release. */
import { githubOrigin, githubRoot, sigstoreOrigin, sigstoreRoot } from "./embedded-roots.ts";
import { loadTrustRoot, mergeTrustRoots, type RootOrigin, type TrustRoot } from "./trust-root.ts";

let kept: TrustRoot | undefined;

/**
 * Sigstore's public good instance and GitHub's, as pinned in this release. Read once and kept. How old they are and until when their
 * publishers vouch for them stands in `instances[].origin`: show it wherever a verdict rests on it.
 */
export function embeddedTrustRoot(): TrustRoot {
  kept ??= mergeTrustRoots(loadTrustRoot(sigstoreRoot, sigstoreOrigin), loadTrustRoot(githubRoot, githubOrigin));
  return kept;
}

/** How a root stands at a time: `expired` means that its publisher no longer vouches for it, not that it is wrong. */
export function freshness(origin: RootOrigin, now: Date): { readonly ageInDays: number | undefined; readonly expired: boolean } {
  const date = origin.date === undefined ? undefined : Date.parse(origin.date);
  const age = date === undefined || Number.isNaN(date) ? undefined : Math.max(0, Math.floor((now.getTime() - date) / 86_400_000));
  return { ageInDays: age, expired: origin.expires !== undefined && now.getTime() > Date.parse(origin.expires) };
}
