/** Which analysis reads which language. */
import type { Language } from "../../../model/index.ts";
import type { Lines, Reading } from "./files-gather.ts";
import { shellReading } from "./shell.ts";

export type Reader = (text: string, lines: Lines) => Reading;

export const readers: Readonly<Partial<Record<Language, Reader>>> = {
  shell: shellReading,
  autoconf: shellReading,
};
