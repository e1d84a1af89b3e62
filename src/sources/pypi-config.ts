/**
 * Which package index a user's Python tools would ask, and with what: pip's configuration, then uv's, then what the project's own files declare, and
 * where nothing is set the default that an installed pip brings along, read from pip's own source text. Nothing is run, and no index is named here.
 *
 *     PIP_INDEX_URL > PIP_CONFIG_FILE > environment's > user's > machine's pip.conf > UV_* > uv.toml > pyproject.toml > pip's own
 */
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { parse } from "smol-toml";
import type { Unavailable } from "../model/index.ts";
import type { Credentials } from "./http-transport.ts";
import { loadNetrc, type Netrc } from "./netrc.ts";

export interface PythonIndex {
  /** Base address with a slash at its end, without user and password. */
  readonly url: string;
  readonly credentials: Credentials;
  /** Who names it, in words: `PIP_INDEX_URL`, a file. */
  readonly from: string;
}

export interface PypiConfig {
  /** What is asked where a lockfile names no index: the standard one, then the extra ones; or why there is none. */
  readonly indexes: () => readonly PythonIndex[] | Unavailable;
  /** The index that a lockfile names. With credentials where the user's configuration has some for its host; or why it is not asked. */
  readonly named: (address: string) => PythonIndex | Unavailable;
  /** Hosts, with port, of every index that the configuration or the project's manifests name. */
  readonly hosts: () => ReadonlySet<string>;
}

export interface PypiConfigOptions {
  /** The project's folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Configuration files are some lines long; what is larger is none. */
const MAX_CONFIG_BYTES = 1024 * 1024;
const NO_CREDENTIALS: Credentials = { headers: {} };

/** Never throws: a file that cannot be read counts as not there, as it does for pip. */
export function loadPypiConfig(options: PypiConfigOptions): PypiConfig {
  let netrc: Netrc | undefined;
  /** Like pip and uv: what no address holds the user's netrc may. Its entry for everybody is for those alone that the user's configuration names. */
  const withLogin = (index: PythonIndex, configured: boolean): PythonIndex => {
    if (index.credentials !== NO_CREDENTIALS) return index;
    netrc ??= loadNetrc(options.env);
    const found = netrc.machine(new URL(index.url).hostname) ?? (configured ? netrc.standard : null);
    return found === null ? index : { ...index, credentials: basic(found.login, found.password) };
  };
  const own = [...fromPip(options), ...fromUv(options)];
  const declared = fromProject(options.cwd);
  const standard = [...own, ...declared].find(({ extra }) => !extra);
  let known: readonly PythonIndex[] | Unavailable | undefined;

  const indexes = (): readonly PythonIndex[] | Unavailable => {
    const first = standard ?? pipDefault(options);
    if (first === null)
      return {
        unavailable: true,
        code: "source/configuration",
        because: "no package index is configured, no lockfile names one, and no pip is installed whose default could be asked",
        cure: "pip config set global.index-url https://…/simple/",
      };
    const from = standard === undefined ? [] : (own.includes(standard) ? own : declared).filter(({ extra }) => extra);
    const all = [first, ...from].flatMap((setting) => {
      const index = indexOf(setting);
      return index === null ? [] : [withLogin(index, own.includes(setting))];
    });
    if (all.length > 0) return [...new Map(all.map((index) => [index.url, index])).values()];
    return {
      unavailable: true,
      code: "source/configuration",
      because: `the package index that ${first.from} names is no address of the web; only those are asked`,
    };
  };

  const named = (address: string): PythonIndex | Unavailable => {
    const index = indexOf({ address, from: "the lockfile", extra: false });
    if (index === null)
      return {
        unavailable: true,
        code: "source/configuration",
        because: "the lockfile names a package index that is no address of the web",
      };
    const host = new URL(index.url).host;
    const configured = own.map(indexOf).find((one) => one !== null && new URL(one.url).host === host) ?? null;
    if (configured !== null) return { ...index, credentials: withLogin(configured, true).credentials };
    // A pull request may name any index: it gets no credentials but those that the user keeps for this very host, and none is asked over a connection that
    // anybody could answer on.
    if (index.url.startsWith("https:")) return withLogin({ ...index, credentials: NO_CREDENTIALS }, false);
    return {
      unavailable: true,
      code: "source/configuration",
      because: `the lockfile names ${host} as package index, over an open connection, and your configuration does not; it was not asked`,
      cure: `pip config set global.index-url ${index.url}`,
    };
  };
  const hosts = (): ReadonlySet<string> =>
    new Set([...own.map(({ address }) => address), ...manifestAddresses(options.cwd)].flatMap((address) => hostOf(address)));
  let knownHosts: ReadonlySet<string> | undefined;
  return { indexes: () => (known ??= indexes()), named, hosts: () => (knownHosts ??= hosts()) };
}

interface Setting {
  readonly address: string;
  readonly from: string;
  /** Asked besides the standard one. */
  readonly extra: boolean;
}

function indexOf({ address, from }: Setting): PythonIndex | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  url.username = "";
  url.password = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { url: url.href, credentials: basic(user, password), from };
}

function basic(user: string, password: string): Credentials {
  const secret = `${user}:${password}`;
  // What is no text of one line would be no login.
  if (secret === ":" || /[^\t\u0020-\u007e]/.test(secret)) return NO_CREDENTIALS;
  return { headers: { authorization: `Basic ${Buffer.from(secret, "utf8").toString("base64")}` } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

const settings = (from: string, standard: string | undefined, extra: string | undefined): readonly Setting[] => [
  ...words(standard ?? "")
    .slice(0, 1)
    .map((address) => ({ address, from, extra: false })),
  ...words(extra ?? "").map((address) => ({ address, from, extra: true })),
];

/** https://pip.pypa.io/en/stable/topics/configuration/: later files win, and the environment wins over all. */
function fromPip({ env }: PypiConfigOptions): readonly Setting[] {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const xdg = env["XDG_CONFIG_HOME"] ?? join(home, ".config");
  const machine = (env["XDG_CONFIG_DIRS"] ?? "/etc/xdg").split(delimiter).map((folder) => join(folder, "pip", "pip.conf"));
  const chosen = env["PIP_CONFIG_FILE"];
  const files =
    chosen === "/dev/null"
      ? []
      : [
          ...machine,
          "/etc/pip.conf",
          join(home, ".pip", "pip.conf"),
          join(home, "Library", "Application Support", "pip", "pip.conf"),
          join(xdg, "pip", "pip.conf"),
          ...(env["APPDATA"] === undefined ? [] : [join(env["APPDATA"], "pip", "pip.ini")]),
          ...(env["VIRTUAL_ENV"] === undefined ? [] : [join(env["VIRTUAL_ENV"], "pip.conf")]),
          ...(chosen === undefined ? [] : [chosen]),
        ];
  const found: Setting[] = [...settings("PIP_INDEX_URL", env["PIP_INDEX_URL"], env["PIP_EXTRA_INDEX_URL"])];
  for (const file of files.toReversed()) {
    const text = readText(file);
    if (text === null) continue;
    const values = readPipConf(text);
    found.push(...settings(file, values.get("index-url"), values.get("extra-index-url")));
  }
  return found;
}

/** `[global]` and, over it, `[install]`; a value may go on in indented lines. */
function readPipConf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, Map<string, string>>();
  let values: Map<string, string> | undefined;
  let key = "";
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const section = /^\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) {
      sections.set(section, (values = sections.get(section) ?? new Map<string, string>()));
      key = "";
      continue;
    }
    if (/^\s/.test(line) && key !== "") {
      values?.set(key, `${values.get(key) ?? ""} ${line.trim()}`);
      continue;
    }
    const [, name = "", value = ""] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    key = name.toLowerCase().replaceAll("_", "-");
    values?.set(key, value.trim());
  }
  return new Map([...(sections.get("global") ?? []), ...(sections.get("install") ?? [])]);
}

/** uv may give an index a name: `name=https://…`. */
const unnamed = (text: string | undefined): string =>
  words(text ?? "")
    .map((word) => word.replace(/^[\w-]+=/, ""))
    .join(" ");

/** https://docs.astral.sh/uv/reference/settings/ and …/environment/. */
function fromUv({ env }: PypiConfigOptions): readonly Setting[] {
  const home = env["HOME"] ?? "";
  const xdg = env["XDG_CONFIG_HOME"] ?? join(home, ".config");
  const standard = env["UV_DEFAULT_INDEX"] ?? env["UV_INDEX_URL"];
  const found: Setting[] = [
    ...settings("UV_DEFAULT_INDEX", unnamed(standard), `${unnamed(env["UV_INDEX"])} ${unnamed(env["UV_EXTRA_INDEX_URL"])}`),
  ];
  for (const file of [env["UV_CONFIG_FILE"] ?? "", join(xdg, "uv", "uv.toml"), "/etc/uv/uv.toml"])
    if (file !== "") found.push(...uvSettings(file, readToml(file)));
  return found;
}

function uvSettings(from: string, table: Loose): readonly Setting[] {
  const listed = listOf(table["index"]).filter(isObject);
  const whole = listed.filter((index) => index["explicit"] !== true);
  const extra = [
    ...whole.filter((index) => index["default"] !== true).map((index) => textOf(index["url"])),
    ...listOf(table["extra-index-url"]).map(textOf),
  ];
  return settings(from, textOf(listed.find((index) => index["default"] === true)?.["url"]) || textOf(table["index-url"]), extra.join(" "));
}

/** What the project's own files declare for everybody who works on it: uv's and PDM's tables. Poetry's lockfile names its indexes itself. */
function fromProject(cwd: string): readonly Setting[] {
  const file = join(cwd, "pyproject.toml");
  const tool = tableOf(readToml(file)["tool"]);
  const pdm = listOf(tableOf(tool["pdm"])["source"])
    .filter(isObject)
    .map((source) => textOf(source["url"]));
  const found = [
    ...uvSettings("uv.toml", readToml(join(cwd, "uv.toml"))),
    ...uvSettings("pyproject.toml", tableOf(tool["uv"])),
    ...settings("pyproject.toml", pdm[0], pdm.slice(1).join(" ")),
  ];
  // Files of the project decide which index, never which credentials, and name none over an open connection.
  return found.flatMap((setting) => {
    const index = indexOf(setting);
    return index === null || !index.url.startsWith("https:") ? [] : [{ ...setting, address: index.url }];
  });
}

/** Every index that a manifest of the project declares, also those for single packages: uv's, PDM's, Poetry's and Pipenv's. */
function manifestAddresses(cwd: string): readonly string[] {
  const tool = tableOf(readToml(join(cwd, "pyproject.toml"))["tool"]);
  const uv = [tableOf(tool["uv"]), readToml(join(cwd, "uv.toml"))];
  const lists = [
    ...uv.map((table) => table["index"]),
    tableOf(tool["pdm"])["source"],
    tableOf(tool["poetry"])["source"],
    readToml(join(cwd, "Pipfile"))["source"],
  ];
  const single = [...uv.map((table) => table["index-url"]), ...uv.flatMap((table) => listOf(table["extra-index-url"]))];
  return [
    ...lists.flatMap((list) =>
      listOf(list)
        .filter(isObject)
        .map((one) => textOf(one["url"])),
    ),
    ...single.map(textOf),
  ];
}

const hostOf = (address: string): readonly string[] => (URL.canParse(address) ? [new URL(address).host] : []);

/** Where installations of Python lie below a folder of programs' prefix. */
const LIBRARIES = ["lib", "lib64", "Lib"];
/** So many installations are looked at; a machine has some. */
const MOST_PREFIXES = 200;
const PIP_MODULE = join("pip", "_internal", "models", "index.py");

/**
 * The index that an installed pip would ask by itself: its source text says so (`pip/_internal/models/index.py`). Read and never run: running Python
 * could run what the project brings along. Installations inside the project's folder do not count.
 */
function pipDefault({ cwd, env }: PypiConfigOptions): Setting | null {
  const home = env["HOME"] ?? "";
  const inside = (path: string): boolean => {
    const way = relative(resolve(cwd), path);
    return way === "" || (!way.startsWith("..") && !isAbsolute(way));
  };
  const programs = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const prefixes = new Set<string>();
  for (const folder of programs) {
    for (const program of ["python3", "python", "pip3", "pip"]) {
      const found = realPath(join(folder, program));
      if (found !== null) prefixes.add(dirname(dirname(found))).add(dirname(found));
    }
  }
  const managed = [env["PYENV_ROOT"] ?? join(home, ".pyenv"), join(home, ".local", "share", "uv", "python")];
  for (const folder of [join(managed[0] ?? "", "versions"), managed[1] ?? ""])
    for (const { name } of entries(folder)) prefixes.add(join(folder, name));
  for (const prefix of [...prefixes].slice(0, MOST_PREFIXES)) {
    if (inside(prefix)) continue;
    for (const library of LIBRARIES) {
      const base = join(prefix, library);
      const versions = entries(base).flatMap(({ name }) => (/^python3?(?:\.\d+)?$/.test(name) ? [join(base, name)] : []));
      for (const folder of [base, ...versions.toSorted().toReversed()]) {
        for (const packages of ["site-packages", "dist-packages"]) {
          const text = readText(join(folder, packages, PIP_MODULE));
          const address = text === null ? undefined : /^PyPI\s*=\s*PackageIndex\(\s*["']([^"'\s]+)["']/m.exec(text)?.[1];
          if (address !== undefined && URL.canParse(address))
            return { address: new URL("simple", address).href, from: "pip's own default", extra: false };
        }
      }
    }
  }
  return null;
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).slice(0, MOST_PREFIXES);
  } catch {
    return [];
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function readText(file: string): string | null {
  try {
    const { size } = statSync(file);
    return size > MAX_CONFIG_BYTES ? null : readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

type Loose = Readonly<Record<string, unknown>>;

function readToml(file: string): Loose {
  const text = readText(file);
  try {
    return text === null ? {} : parse(text);
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const tableOf = (value: unknown): Loose => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
