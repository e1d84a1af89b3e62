/** The part of `@npmcli/config` 11 that is used here; the package brings no types. */
declare module "@npmcli/config" {
  interface Options {
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
    readonly npmPath: string;
    readonly env: Record<string, string | undefined>;
    readonly argv: readonly string[];
    readonly execPath: string;
    readonly cwd: string;
    readonly warn: boolean;
  }
  export default class Config {
    constructor(options: Options);
    load(): Promise<void>;
    /** Where a key is set: "default", "builtin", "global", "user", "project", "env" or "cli"; null where nowhere. */
    find(key: string): string | null;
    readonly flat: Readonly<Record<string, unknown>>;
    /** Files that were read, with the layer that each is. */
    readonly sources: ReadonlyMap<string, string>;
  }
}

declare module "@npmcli/config/lib/definitions/index.js" {
  const definitions: {
    readonly definitions: Readonly<Record<string, { readonly default: unknown }>>;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
  };
  export default definitions;
}
