/**
 * Which order each ecosystem of OSV keeps (https://ossf.github.io/osv-schema/#defined-ecosystems), and each scheme of VERS. An
 * ecosystem that is not here has no order that we know, and comparing its versions is a fault: unknown is never shown as fine.
 */
import { type Ecosystem, splitEcosystem } from "../model/index.ts";
import { alpineOrder } from "./alpine.ts";
import { conanOrder } from "./conan.ts";
import { debianOrder, opamOrder } from "./debian.ts";
import { cranOrder, datetimeOrder, hackageOrder, intdotOrder, lexicographicOrder } from "./dotted.ts";
import { gentooOrder } from "./gentoo.ts";
import { mavenOrder } from "./maven.ts";
import { opensslOrder } from "./openssl.ts";
import { type Order, compareWhole, makeOrder, whole } from "./order.ts";
import { packagistOrder } from "./packagist.ts";
import { pep440Order } from "./pep440.ts";
import { alpmOrder, rpmOrder } from "./rpm.ts";
import { rubygemsOrder } from "./rubygems.ts";
import { nugetOrder, pubOrder, semverOrder } from "./semver.ts";

/** By OSV's name without its suffix: a distribution's releases all keep one order. */
const byEcosystem: ReadonlyMap<string, Order> = new Map([
  ["npm", semverOrder],
  ["PyPI", pep440Order],
  ["Maven", mavenOrder],
  ["Go", semverOrder],
  ["crates.io", semverOrder],
  ["RubyGems", rubygemsOrder],
  ["Packagist", packagistOrder],
  ["NuGet", nugetOrder],
  ["Pub", pubOrder],
  ["Hex", semverOrder],
  ["CRAN", cranOrder],
  ["Bioconductor", cranOrder],
  ["Hackage", hackageOrder],
  ["GHC", semverOrder],
  ["Julia", semverOrder],
  ["opam", opamOrder],
  ["ConanCenter", conanOrder],
  ["SwiftURL", semverOrder],
  ["GitHub Actions", semverOrder],
  ["VSCode", semverOrder],
  ["Bitnami", semverOrder],
  ["Kubernetes", semverOrder],
  ["Linux", semverOrder],
  ["Debian", debianOrder],
  ["Ubuntu", debianOrder],
  ["Echo", debianOrder],
  ["Alpine", alpineOrder],
  ["Alpaquita", alpineOrder],
  ["BellSoft Hardened Containers", alpineOrder],
  ["Chainguard", alpineOrder],
  ["CleanStart", alpineOrder],
  ["MinimOS", alpineOrder],
  ["Wolfi", alpineOrder],
  ["AlmaLinux", rpmOrder],
  ["Azure Linux", rpmOrder],
  ["Mageia", rpmOrder],
  ["openEuler", rpmOrder],
  ["openSUSE", rpmOrder],
  ["Photon OS", rpmOrder],
  ["Red Hat", rpmOrder],
  ["Rocky Linux", rpmOrder],
  ["SUSE", rpmOrder],
]);

/** Ecosystems that repackage another one, which their suffix names: `TuxCare:npm`, `Docker Hardened Images:Alpine:3.23`. */
const wrappers: ReadonlySet<string> = new Set(["Docker Hardened Images", "Root", "TuxCare"]);

const ROOT_PATCH = /^(.+)[.+]root\.io\.(\d+)$/;

/** Root's patched packages: the version of the wrapped ecosystem, and `.root.io.N` or `+root.io.N` after it. */
function rootOrder(inner: Order): Order {
  return makeOrder(
    `Root over ${inner.name}`,
    (version) => {
      const match = ROOT_PATCH.exec(version);
      const base = match?.[1] ?? version;
      return inner.valid(base) ? { base, patch: whole(match?.[2] ?? "") } : null;
    },
    (a, b) => inner.compare(a.base, b.base) || compareWhole(a.patch, b.patch),
  );
}

/** By VERS scheme (https://github.com/package-url/vers-spec). */
const byScheme: ReadonlyMap<string, Order> = new Map([
  ["semver", semverOrder],
  ["npm", semverOrder],
  ["golang", semverOrder],
  ["cargo", semverOrder],
  ["hex", semverOrder],
  ["swift", semverOrder],
  ["github", semverOrder],
  ["nginx", semverOrder],
  ["julia", semverOrder],
  ["bitnami", semverOrder],
  ["pypi", pep440Order],
  ["maven", mavenOrder],
  ["gem", rubygemsOrder],
  ["composer", packagistOrder],
  ["nuget", nugetOrder],
  ["pub", pubOrder],
  ["cran", cranOrder],
  ["hackage", hackageOrder],
  ["opam", opamOrder],
  ["conan", conanOrder],
  ["deb", debianOrder],
  ["apk", alpineOrder],
  ["alpine", alpineOrder],
  ["rpm", rpmOrder],
  ["alpm", alpmOrder],
  ["ebuild", gentooOrder],
  ["gentoo", gentooOrder],
  ["openssl", opensslOrder],
  ["intdot", intdotOrder],
  ["lexicographic", lexicographicOrder],
  ["datetime", datetimeOrder],
]);

/** Ecosystem names repeat a few dozen values over hundreds of thousands of calls. */
const resolved = new Map<string, Order | null>();
const MAX_RESOLVED = 1024;

/** The order of an OSV ecosystem, with or without its suffix (`Debian:12`); null where we know none. */
export function orderOf(ecosystem: Ecosystem): Order | null {
  const known = resolved.get(ecosystem);
  if (known !== undefined) return known;
  const order = resolve(ecosystem);
  if (resolved.size >= MAX_RESOLVED) resolved.clear();
  resolved.set(ecosystem, order);
  return order;
}

function resolve(ecosystem: Ecosystem): Order | null {
  const [name, suffix] = splitEcosystem(ecosystem);
  const order = byEcosystem.get(name);
  if (order !== undefined) return order;
  if (!wrappers.has(name)) return null;
  const inner = byEcosystem.get(splitEcosystem(suffix)[0]) ?? null;
  return inner !== null && name === "Root" ? rootOrder(inner) : inner;
}

/** The order of a VERS scheme; null where we know none. */
export function orderOfScheme(scheme: string): Order | null {
  return byScheme.get(scheme) ?? null;
}

/** The ecosystems whose versions can be compared, sorted. */
export const orderedEcosystems: readonly string[] = [...byEcosystem.keys()].toSorted();
