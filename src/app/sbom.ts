/**
 * The use cases around bills of materials: write one, validate, convert, compare, merge. Each loads only what it needs: validating a
 * document takes little longer than starting up.
 */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Fault } from "../model/index.ts";
import type { Loss, SbomTarget } from "../sbom/convert.ts";
import type { SbomDiff } from "../sbom/diff.ts";
import { type SbomData, type SbomDocument, type SbomFamily, type SbomSyntax, readSbom } from "../sbom/document.ts";
import type { FormLoss } from "../sbom/form.ts";
import type { MergeConflict } from "../sbom/merge.ts";
import type { SbomProblem } from "../sbom/validate.ts";
import { ownVersion } from "./version.ts";

export type { Loss } from "../sbom/convert.ts";
export type { SbomDiff } from "../sbom/diff.ts";
export type { FormLoss } from "../sbom/form.ts";
export type { MergeConflict } from "../sbom/merge.ts";
export type { SbomProblem } from "../sbom/validate.ts";

export type SbomFormat = "cyclonedx-json" | "cyclonedx-xml" | "spdx-json" | "spdx-tag" | "spdx-yaml" | "spdx-xml" | "spdx3-json";

/** What is written, by the name that the command line has for it. */
const FORMATS: Readonly<Record<SbomFormat, { readonly family: SbomFamily; readonly syntax: SbomSyntax }>> = {
  "cyclonedx-json": { family: "cyclonedx", syntax: "json" },
  "cyclonedx-xml": { family: "cyclonedx", syntax: "xml" },
  "spdx-json": { family: "spdx2", syntax: "json" },
  "spdx-tag": { family: "spdx2", syntax: "tag-value" },
  "spdx-yaml": { family: "spdx2", syntax: "yaml" },
  "spdx-xml": { family: "spdx2", syntax: "xml" },
  "spdx3-json": { family: "spdx3", syntax: "json" },
};

export interface SbomSource {
  /** Path as the user wrote it, or `-`. */
  readonly file: string;
  readonly cwd: string;
  readonly stdin?: () => Promise<Uint8Array>;
}

/** Reads one document. Throws `input/*` and `sbom/*`. */
export async function loadSbom({ file, cwd, stdin }: SbomSource): Promise<SbomDocument> {
  if (file === "-" && stdin !== undefined) return readSbom(await stdin(), "standard input");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(cwd, file));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new Fault(
      code === "ENOENT" ? "input/not-found" : "input/unreadable",
      code === "ENOENT" ? `${file} is not there` : `${file} cannot be read (${code})`,
      { place: { file }, cause },
    );
  }
  return readSbom(bytes, file);
}

export interface WrittenSbom {
  readonly text: string;
  /** Leaves of the source that the target family cannot hold. */
  readonly losses: readonly Loss[];
  /** What the notation cannot hold. */
  readonly formLosses: readonly FormLoss[];
  /** Restored whole from an annex. */
  readonly restored: boolean;
}

export interface SbomOptions {
  readonly format: SbomFormat;
  /** CycloneDX version. */
  readonly specVersion?: "1.6" | "1.7";
  readonly timestamp?: string;
}

/** The SBOM of a project: a folder, a lockfile, or another SBOM. */
export async function writeProjectSbom(path: string, cwd: string, options: SbomOptions): Promise<WrittenSbom> {
  const { readProject } = await import("../inventory/index.ts");
  const { writeSbom } = await import("../sbom/write.ts");
  const project = await readProject(path, { cwd });
  const about = { toolVersion: ownVersion(), ...(options.timestamp !== undefined && { timestamp: options.timestamp }) };
  const { family, syntax } = FORMATS[options.format];
  if (family === "cyclonedx") {
    const { projectToCycloneDx } = await import("../report/cyclonedx.ts");
    const bom = projectToCycloneDx(project, {
      ...about,
      ...(options.specVersion !== undefined && { version: options.specVersion }),
    });
    if (syntax === "json") return { text: `${JSON.stringify(bom, null, 2)}\n`, losses: [], formLosses: [], restored: false };
    const written = await writeSbom(family, syntax, JSON.parse(JSON.stringify(bom)) as SbomData);
    return { text: written.text, losses: [], formLosses: written.losses, restored: false };
  }
  const { projectToSpdx } = await import("../report/spdx.ts");
  const converted = projectToSpdx(project, family === "spdx2" ? "2.3" : "3.0.1", about);
  const written = await writeSbom(family, syntax, converted.data);
  return { text: written.text, losses: converted.losses, formLosses: written.losses, restored: false };
}

/** Converts a document to a format. Reading losses (XML extensions) count as losses of the form. */
export async function convertDocument(source: SbomSource, options: SbomOptions & { readonly annex?: boolean }): Promise<WrittenSbom> {
  return convertLoaded(await loadSbom(source), options);
}

async function convertLoaded(
  document: Pick<SbomDocument, "family" | "version" | "data" | "losses">,
  options: SbomOptions & { readonly annex?: boolean },
): Promise<WrittenSbom> {
  const { convertSbom } = await import("../sbom/convert.ts");
  const { writeSbom } = await import("../sbom/write.ts");
  const { family, syntax } = FORMATS[options.format];
  const same = document.family === family && options.specVersion === undefined;
  const target: SbomTarget =
    family === "cyclonedx" ? (`cyclonedx-${options.specVersion ?? "1.6"}` as SbomTarget) : family === "spdx2" ? "spdx-2.3" : "spdx-3.0.1";
  // Within a family only the notation changes, and the version stays, unless another is asked for.
  const converted =
    same && family === "cyclonedx"
      ? { data: document.data, losses: [], restored: false }
      : convertSbom(document, target, {
          toolVersion: ownVersion(),
          ...(options.timestamp !== undefined && { created: options.timestamp }),
          ...(options.annex === true && { annex: true }),
        });
  const written = await writeSbom(family, syntax, converted.data);
  return {
    text: written.text,
    losses: converted.losses,
    formLosses: [...document.losses, ...written.losses],
    restored: converted.restored,
  };
}

export interface Validation {
  readonly file: string;
  readonly family: SbomFamily;
  readonly version: string;
  readonly syntax: SbomSyntax;
  readonly problems: readonly SbomProblem[];
  readonly valid: boolean;
}

/** Validates a document against its schema and its specification's rules. */
export async function validateDocument(source: SbomSource): Promise<Validation> {
  const { validateSbom } = await import("../sbom/validate.ts");
  const document = await loadSbom(source);
  const problems = await validateSbom(document);
  return {
    file: document.file,
    family: document.family,
    version: document.version,
    syntax: document.syntax,
    problems,
    valid: problems.every((problem) => problem.severity === "warning"),
  };
}

/** Compares two documents of any families. */
export async function diffDocuments(before: SbomSource, after: SbomSource): Promise<SbomDiff> {
  const { toBill } = await import("../sbom/convert.ts");
  const { diffBills } = await import("../sbom/diff.ts");
  return diffBills(toBill(await loadSbom(before)), toBill(await loadSbom(after)));
}

export interface MergedSbom extends WrittenSbom {
  readonly conflicts: readonly MergeConflict[];
}

/** Merges documents of any families into one. Losses are those of getting each into CycloneDX and of getting the result out of it. */
export async function mergeDocuments(
  sources: readonly SbomSource[],
  options: SbomOptions & { readonly name?: string; readonly version?: string },
): Promise<MergedSbom> {
  const { convertSbom } = await import("../sbom/convert.ts");
  const { mergeCycloneDx } = await import("../sbom/merge.ts");
  const losses: Loss[] = [];
  const formLosses: FormLoss[] = [];
  const inputs = [];
  const specVersion = options.specVersion ?? "1.6";
  for (const source of sources) {
    const document = await loadSbom(source);
    const converted = convertSbom(document, `cyclonedx-${specVersion}`, { toolVersion: ownVersion() });
    losses.push(...converted.losses.map((loss) => ({ pointer: `${source.file}#${loss.pointer}`, value: loss.value })));
    formLosses.push(...document.losses);
    inputs.push({ name: source.file, data: converted.data });
  }
  const name = options.name ?? sources.map((source) => basename(source.file)).join(" + ");
  const merged = mergeCycloneDx(inputs, { name, specVersion, ...(options.version !== undefined && { version: options.version }) });
  const written = await convertLoaded({ family: "cyclonedx", version: specVersion, data: merged.data, losses: [] }, options);
  return {
    ...written,
    losses: [...losses, ...written.losses],
    formLosses: [...formLosses, ...written.formLosses],
    conflicts: merged.conflicts,
  };
}
