/** The addresses that a JavaScript or TypeScript file imports. It is not parsed, only cut into words: enough to tell code from comments. */

export interface Import {
  readonly specifier: string;
  /** Line on which the statement begins, from 1. */
  readonly line: number;
}

/** Comments, texts, template texts, names, line ends, and single other characters. Each branch begins with another character: linear. */
const WORD =
  /\/\/[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\[^])*`?|[A-Za-z_$][\w$]*|\n|[^\s\w]/g;

/** `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
export function importsOf(text: string): readonly Import[] {
  const imports: Import[] = [];
  let line = 1;
  let statement = 0;
  let before = "";
  let beforeThat = "";
  for (const [word] of text.matchAll(WORD)) {
    if (word === "\n") {
      line += 1;
      continue;
    }
    const first = word[0] ?? "";
    if (word.startsWith("//")) continue;
    if (word.startsWith("/*")) {
      line += newlines(word);
      continue;
    }
    if (word === "import" || word === "export") statement = line;
    else if ((first === '"' || first === "'") && word.length > 2) {
      const imported = before === "from" || before === "import" || (before === "(" && beforeThat === "import");
      if (imported && statement > 0) imports.push({ specifier: word.slice(1, -1), line: statement });
    } else if (first === "`") line += newlines(word);
    beforeThat = before;
    before = word;
  }
  return imports;
}

function newlines(word: string): number {
  let count = 0;
  for (let at = word.indexOf("\n"); at !== -1; at = word.indexOf("\n", at + 1)) count += 1;
  return count;
}
