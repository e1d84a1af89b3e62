import type { Language } from "../../../model/index.ts";

/** Languages that somebody runs. Facts of the others are not kept: reading them costs less than looking them up. */
export const codeLanguages: ReadonlySet<Language> = new Set<Language>([
  "javascript",
  "typescript",
  "python",
  "ruby",
  "shell",
  "powershell",
  "batch",
  "rust",
  "php",
  "perl",
  "lua",
  "go",
  "c",
  "java",
  "make",
  "autoconf",
  "cmake",
  "gyp",
  "html",
]);
