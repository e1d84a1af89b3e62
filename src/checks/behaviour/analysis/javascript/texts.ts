/** The characters that a text's source stands for, and what the usual decoders make of them. */

export function percent(value: string): string {
  return value.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, wide: string | undefined, narrow: string | undefined) =>
    String.fromCharCode(Number.parseInt(wide ?? narrow ?? "20", 16)),
  );
}

const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" };

/** The characters that a text's source stands for. */
export function textOfSource(source: string): string {
  if (!source.includes("\\")) return source;
  return source.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|[^]))/g,
    (
      _,
      point: string | undefined,
      unit: string | undefined,
      byte: string | undefined,
      octal: string | undefined,
      other: string | undefined,
    ) => {
      if (other !== undefined) return other === "\n" || other === "\r\n" || other === "\r" ? "" : (simple[other] ?? other);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const code = Number.parseInt(point ?? unit ?? byte ?? "0", 16);
      return code > 0x10ffff ? "" : String.fromCodePoint(code);
    },
  );
}
