/** yarn.lock: two formats under one name, told apart by `__metadata`, which only the newer one has. */
import type { Format } from "../../model/index.ts";
import { readYarnBerry } from "./yarn-berry.ts";
import { readYarnV1 } from "./yarn-v1.ts";

export const yarnLock: Format = {
  id: "npm/yarn-lock",
  title: "yarn.lock",
  role: "lockfile",
  matches: (path) => path === "yarn.lock" || path.endsWith("/yarn.lock"),
  read: (file, context) => (/^__metadata:/m.test(file.text) ? readYarnBerry : readYarnV1)("npm/yarn-lock", file, context),
};
