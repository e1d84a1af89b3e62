/**
 * Families by a second writer, who had not read the rules, their documents or what they find, and has not run them on these: what is flagged of
 * them is what the rules do with an author whom they do not know. They differ from the first writer's in mechanism (see `known`) and in hand:
 * code stands in functions that are there or in files of its own, modules come in by several ways, some of it is minified. What ends in `/second`
 * is a technique of families.ts written again. Once their first look is spent, they are seen families: another writer has to follow.
 */
import type { Family } from "./families.ts";
import { againFamilies } from "./families-second-writer-again.ts";
import { codeFamilies } from "./families-second-writer-code.ts";
import { hiddenFamilies } from "./families-second-writer-hidden.ts";
import { installFamilies } from "./families-second-writer-install.ts";

export const secondWriterFamilies: readonly Family[] = [...installFamilies, ...codeFamilies, ...againFamilies, ...hiddenFamilies];
