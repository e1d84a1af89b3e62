/** Which analysis reads which language. */
import type { Language } from "../../../model/index.ts";
import type { Lines, Reading } from "./files-gather.ts";
import { javascriptReading, typescriptReading } from "./javascript/reading.ts";
import { powershellReading } from "./powershell.ts";
import { pythonReading } from "./python.ts";
import { rubyReading } from "./ruby.ts";
import { rustReading } from "./rust.ts";
import { shellReading } from "./shell.ts";

export type Reader = (text: string, lines: Lines) => Reading;

export const readers: Readonly<Partial<Record<Language, Reader>>> = {
  javascript: javascriptReading,
  typescript: typescriptReading,
  python: pythonReading,
  ruby: rubyReading,
  rust: rustReading,
  shell: shellReading,
  autoconf: shellReading,
  powershell: powershellReading,
};
