/**
 * OSV's API (https://google.github.io/osv.dev/api/): which records name these components, then the records. For those who have synced
 * nothing yet; a base answers the same question faster and without telling anybody what is in use.
 */
import { Fault, type OsvRecord, baseEcosystem, byCodeUnit } from "../model/index.ts";
import type { HttpClient } from "./http.ts";
import { readOsvRecord } from "./osv-record.ts";

const OSV_API = "https://api.osv.dev";

/** The API's own limit for one request. */
const QUERIES_AT_ONCE = 1_000;
/** A thousand components with more than a hundred pages of answers would be a server that repeats itself. */
const PAGES_MAX = 100;
/** Ten times what the most neglected project known to us has. */
const RECORDS_MAX = 20_000;
/** The client's own bound for each host holds as well. */
const RECORDS_AT_ONCE = 16;
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
/** Six hours: advisories change daily, and a check that is repeated all morning should not ask each time. */
const FRESH_MILLISECONDS = 6 * 3_600_000;

export interface AskedPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
}

interface MissingRecord {
  readonly id: string;
  readonly because: string;
  /** Whom the API named it for. */
  readonly packages: readonly AskedPackage[];
}

export interface OsvAnswer {
  readonly records: readonly OsvRecord[];
  /** Ecosystems for which the API answered, without release. */
  readonly ecosystems: readonly string[];
  /** Why it did not answer for others. */
  readonly refused: ReadonlyMap<string, string>;
  /** Records that were named and could not be had or read: the answer is not whole for these packages. */
  readonly missing: readonly MissingRecord[];
  /** ISO 8601: the oldest answer that this rests on. */
  readonly asOf: string;
}

/** Asks about all packages. Throws `source/unreachable`, `source/offline` and the like where the API cannot be asked at all. */
export async function askOsv(
  client: HttpClient,
  packages: readonly AskedPackage[],
  options: { readonly api?: string; readonly signal?: AbortSignal; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<OsvAnswer> {
  const api = (options.api ?? OSV_API).replace(/\/+$/, "");
  const byEcosystem = Map.groupBy(packages, (asked) => baseEcosystem(asked.ecosystem));
  const refused = new Map<string, string>();
  const times: string[] = [];
  const ids = new Map<string, AskedPackage[]>();
  // One ecosystem a request: the API refuses a whole batch for one name that it does not know.
  for (const [ecosystem, asked] of [...byEcosystem].toSorted(([a], [b]) => byCodeUnit(a, b))) {
    try {
      for (let start = 0; start < asked.length; start += QUERIES_AT_ONCE) {
        options.signal?.throwIfAborted();
        await askBatch(client, api, asked.slice(start, start + QUERIES_AT_ONCE), ids, times);
      }
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "source/status") throw error;
      refused.set(ecosystem, error.message);
    }
  }
  if (ids.size > RECORDS_MAX)
    throw new Fault("source/too-large", `${api} named ${ids.size} records; more than ${RECORDS_MAX} are not fetched.`);
  const { records, missing } = await fetchAll(client, api, [...ids.keys()].toSorted(byCodeUnit), options, times);
  return {
    records,
    missing: missing.map(({ id, because }) => ({ id, because, packages: ids.get(id) ?? [] })),
    refused,
    ecosystems: [...byEcosystem.keys()].filter((ecosystem) => !refused.has(ecosystem)).toSorted(byCodeUnit),
    asOf: times.toSorted(byCodeUnit)[0] ?? "",
  };
}

interface Asked {
  readonly about: AskedPackage;
  /** Where the answer goes on; "" for its beginning. */
  readonly token: string;
}

const queryOf = ({ about: { ecosystem, name, version }, token }: Asked): object => ({
  package: { ecosystem, name },
  version,
  ...(token === "" ? {} : { page_token: token }),
});

async function askBatch(
  client: HttpClient,
  api: string,
  asked: readonly AskedPackage[],
  ids: Map<string, AskedPackage[]>,
  times: string[],
): Promise<void> {
  let queries: readonly Asked[] = asked.map((about) => ({ about, token: "" }));
  for (let page = 0; queries.length > 0; page += 1) {
    if (page === PAGES_MAX) throw new Fault("source/body", `${api} sends page after page without an end.`);
    const answer = await client.post(`${api}/v1/querybatch`, JSON.stringify({ queries: queries.map(queryOf) }), {
      expect: "json",
      maxBytes: ANSWER_MAX_BYTES,
      freshness: FRESH_MILLISECONDS,
    });
    times.push(answer.fetchedAt);
    const results = resultsOf(JSON.parse(answer.body.toString()), queries.length, api);
    const more: Asked[] = [];
    for (const [index, result] of results.entries()) {
      const about = queries[index]?.about;
      if (about === undefined) continue;
      for (const id of result.ids) {
        const known = ids.get(id);
        if (known === undefined) ids.set(id, [about]);
        else known.push(about);
      }
      if (result.next !== "") more.push({ about, token: result.next });
    }
    queries = more;
  }
}

/** Answers stand in the order of the questions; `{}` for nothing. */
function resultsOf(value: unknown, asked: number, api: string): readonly { readonly ids: readonly string[]; readonly next: string }[] {
  const results = member(value, "results");
  if (!Array.isArray(results) || results.length !== asked) {
    throw new Fault("source/body", `${api} answered ${Array.isArray(results) ? results.length : "no"} of ${asked} questions.`);
  }
  return results.map((result: unknown) => {
    const vulns = member(result, "vulns");
    const next = member(result, "next_page_token");
    const ids = Array.isArray(vulns) ? vulns.map((vuln: unknown) => member(vuln, "id")) : [];
    return { ids: ids.filter((id) => typeof id === "string"), next: typeof next === "string" ? next : "" };
  });
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

async function fetchAll(
  client: HttpClient,
  api: string,
  ids: readonly string[],
  options: { readonly signal?: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
  times: string[],
): Promise<{ readonly records: readonly OsvRecord[]; readonly missing: readonly { readonly id: string; readonly because: string }[] }> {
  const records: OsvRecord[] = [];
  const missing: { readonly id: string; readonly because: string }[] = [];
  const queue = ids.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const id of queue) {
      options.signal?.throwIfAborted();
      try {
        const answer = await client.get(`${api}/v1/vulns/${encodeURIComponent(id)}`, { expect: "json", freshness: FRESH_MILLISECONDS });
        times.push(answer.fetchedAt);
        const { record, problems } = readOsvRecord(JSON.parse(answer.body.toString()));
        if (record !== null) records.push(record);
        else missing.push({ id, because: problems.join("; ") });
      } catch (error) {
        if (!(error instanceof Fault) || (error.code !== "source/not-found" && error.code !== "source/body")) throw error;
        missing.push({ id, because: error.message });
      }
      done += 1;
      options.onProgress?.(done, ids.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(RECORDS_AT_ONCE, ids.length) }, work));
  return {
    records: records.toSorted((a, b) => byCodeUnit(a.id, b.id)),
    missing: missing.toSorted((a, b) => byCodeUnit(a.id, b.id)),
  };
}
