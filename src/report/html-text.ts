import { clip, neutraliseLines } from "./text.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Longer than any rule's page and any statement that is shown. */
const LONGEST_TEXT = 50_000;

/** Text of others as text of the page: markup is taken literally, invisible and direction-changing characters are made visible. */
export function escapeHtml(text: string): string {
  return neutraliseLines(clip(text, LONGEST_TEXT)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** For an attribute in double quotes; line feeds and spaces, which would part an id, become hyphens. */
export function attribute(text: string): string {
  return escapeHtml(text).replaceAll(/\s/g, "-");
}

/** An address as a link where it is https, as text otherwise. */
export function link(address: string): string {
  const shown = escapeHtml(address);
  return /^https:\/\/[^\s\\]+$/.test(address) ? `<a href="${attribute(address)}" rel="noopener noreferrer">${shown}</a>` : shown;
}
