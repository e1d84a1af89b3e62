/** Texts: addresses, paths, payloads. */
import { gatherHosts } from "../files-gather.ts";
import { mayReach, pathCapability } from "../script-sensitive.ts";
import { textOfSource } from "./texts.ts";
import { node as nodes } from "./tree.ts";
import type { Walk } from "./walk.ts";

const node = nodes;

/** Characters of a literal from which it can be a payload, and bits per character above which it is no language (knowledge: 4.2 % of packages have one). */
const ENCODED_FROM = 200;
const ENCODED_BITS = 5;
/** Places of texts that are looked at for paths and hosts; a table of a million texts is data. */
const MOST_TEXTS = 200_000;

/** Forty digits of hexadecimal behind `0x`, and the beginnings and the alphabet of other addresses (base58 leaves out 0, O, I and l). */
const walletPattern =
  /0x\[(?:[\da-fA-F]-?|\\d){2,}\]\{40\}|\[13\]\[a-km-zA-HJ-NP-Z1-9\]|bc1\[|T\[A-Za-z1-9\]\{33\}|\[(?=[^\]]{0,40}1-9)(?=[^\]]{0,40}A-HJ-NP-Z)(?=[^\]]{0,40}a-km-z)[^\]]{11,40}\]\{(?:2[5-9]|3\d|4[0-4])\b/;

export const isWalletPattern = (source: string): boolean => walletPattern.test(source);

export function seeText(walk: Walk, n: number): void {
  const { tree } = walk;
  const start = tree.start[n]!;
  const length = tree.end[n]! - start;
  if (length < 6 || tree.up[n] === 0) return;
  if (length >= ENCODED_FROM) seeEncoded(walk, n);
  if (length > 4_096 || ++walk.texts > MOST_TEXTS || !mayReach(tree.codes, start, tree.end[n]!)) return;
  const raw = tree.text.slice(start, tree.end[n]!);
  const written = textOfSource(raw);
  if (written.includes("://")) gatherHosts(written, walk.gatherer, () => walk.spot(n), !raw.includes("://"));
  if (length > 302) return;
  const plain = tree.kind[n] === node.text ? written.slice(1, -1) : written;
  if (plain.includes("]{") && isWalletPattern(plain)) walk.see("wallet", "address", n, "regular expression");
  const capability = pathCapability(plain);
  if (capability !== null) walk.see(capability, plain, n, "text", !raw.includes(plain));
}

function seeEncoded(walk: Walk, n: number): void {
  const { tree } = walk;
  const start = tree.start[n]!;
  const end = tree.end[n]!;
  const head = tree.text.slice(start + 1, Math.min(end - 1, start + 401));
  // `\0asm`, version 1: what a module of WebAssembly does is seen where it is run.
  if (/^(?:data:|https?:|[\w-]+\/[\w.+-]+;|AGFzbQEAAAA)/.test(head)) return;
  if ((head.match(/\s/g)?.length ?? 0) > 2 || isTable(head)) return;
  const bits = bitsOf(tree.text.slice(start + 1, Math.min(end - 1, start + 4_096)));
  if (bits > ENCODED_BITS) walk.gatherer.hide("encoded-text", `${end - start - 2} characters, ${bits.toFixed(1)} bits each`, walk.spot(n));
}

/** Share of characters that are no smaller than the one before, from which they stand in order: of a payload half of them do. */
const ORDERED = 0.9;

/** `ªµºÀ-ÖØ-öø-ˁ`: characters in the order of their numbers are a table of characters, and carry nothing. */
function isTable(text: string): boolean {
  const codes = [...text.replaceAll(/\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2})|-/gi, "")].map(
    (character) => character.codePointAt(0) ?? 0,
  );
  const inOrder = codes.filter((code, at) => at > 0 && code >= (codes[at - 1] ?? 0)).length;
  return inOrder > (codes.length - 1) * ORDERED;
}

/** Shannon entropy, bits per character. */
function bitsOf(text: string): number {
  const counts = new Map<number, number>();
  for (let at = 0; at < text.length; at++) counts.set(text.charCodeAt(at), (counts.get(text.charCodeAt(at)) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
