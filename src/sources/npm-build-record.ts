/** What a registry's document says of how a release was made: by the word of whoever published it (npm writes it when publishing). */

export interface BuildRecord {
  /** The commit that was checked out. */
  readonly gitHead?: string;
  readonly node?: string;
  readonly npm?: string;
  /** `repository.directory` of the manifest. */
  readonly directory?: string;
}

type Fields = Readonly<Record<string, unknown>>;
const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Fields)[key] : undefined;

/** Reads the whole document of a package. What has not its form is left out; a text that is no JSON says nothing. */
export function readBuildRecord(body: Buffer, version: string): BuildRecord {
  let document: unknown;
  try {
    document = JSON.parse(body.toString("utf8"));
  } catch {
    return {};
  }
  const release = own(own(document, "versions"), version);
  const text = (key: string, form: RegExp): string | undefined => {
    const value = own(release, key);
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const gitHead = text("gitHead", /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
  const tool = /^v?\d{1,5}\.\d{1,5}\.\d{1,5}$/;
  const node = text("_nodeVersion", tool)?.replace(/^v/, "");
  const npm = text("_npmVersion", tool)?.replace(/^v/, "");
  const directory = own(own(release, "repository"), "directory");
  return {
    ...(gitHead === undefined ? {} : { gitHead }),
    ...(node === undefined ? {} : { node }),
    ...(npm === undefined ? {} : { npm }),
    ...(typeof directory === "string" && directory !== "" ? { directory } : {}),
  };
}
