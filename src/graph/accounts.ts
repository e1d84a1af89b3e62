/**
 * Accounts are kept as counts and digests. A graph that lies on a disk holds no address; whoever knows an account can still ask what its
 * loss would mean, and teams, which are roles, keep the name of their list.
 */
import { sha256 } from "../model/canonical.ts";

/** Sixteen hexadecimal digits: two of a million accounts collide with a chance of one in forty million. */
const KEY_DIGITS = 16;

/** What stands for an account: a digest of its name or address, in lower case. */
export const accountKey = (account: string): string => sha256(`account\n${account.trim().toLowerCase()}`).slice(0, KEY_DIGITS);

/** A crude word on an address: lists and teams say so in it. It serves to count, never to name. */
export const looksLikeTeam = (address: string): boolean =>
  /@(?:lists|alioth-lists|tracker|packages)\.|(?:^|[-.+_])(?:team|list|maint|maintainers|pkg|devel|group)(?:[-.+_@]|$)|^(?:pkg|team|debian)-/.test(
    address,
  );

/** Hosts that serve lists only: an address there is nobody's own. */
const LIST_HOST = /^([^@\s]+)@(?:lists|alioth-lists|tracker|packages|lists\.alioth)\.debian\.(?:org|net)$/;

/** The team's name where the address is one of a list; else "". Stricter than `looksLikeTeam`, because it names. */
export const teamName = (address: string): string => LIST_HOST.exec(address)?.[1] ?? "";
