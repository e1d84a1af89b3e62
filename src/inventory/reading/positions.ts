/** Turns offsets in a text into lines and columns, counted from 1. Offsets are usually asked for in ascending order. */
export interface Positions {
  readonly at: (offset: number) => { readonly line: number; readonly column: number };
}

export function positionsOf(text: string): Positions {
  const starts: number[] = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return {
    at: (offset) => {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}

/** Lines without their ends, `\r\n` and `\n` alike. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/);
