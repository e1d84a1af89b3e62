import type { Format } from "../../model/index.ts";
import { spdxFromYaml } from "../../sbom/spdx/yaml.ts";
import { spdxYaml as withReader } from "./formats.ts";

export const spdxYaml: Format = withReader(spdxFromYaml);
