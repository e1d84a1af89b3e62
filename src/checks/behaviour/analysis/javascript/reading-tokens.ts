/**
 * What the tokens alone say, for source that no tree can be made of. It sees names and texts side by side, no aliases: less than the tree,
 * and never nothing.
 */
import type { Lines, Gatherer } from "../files-gather.ts";
import { gatherHosts } from "../files-gather.ts";
import { pathCapability, variableCapability } from "../script-sensitive.ts";
import { codesOf, releaseCodes } from "./codes.ts";
import { nameTable, releaseNames, word as words } from "./names.ts";
import { textOfSource } from "./texts.ts";
import { Tokens, op, token as kinds } from "./tokens.ts";
import { callMeaning, globalRoots, moduleCapability, moduleName } from "./vocabulary.ts";

const word = words;
const token = kinds;

const through = "tokens";
/** Parts of one chain of names: `process.env.X`. */
const LONGEST_CHAIN = 8;
const OPEN = op("(");
const DOT = op(".");
const SLASH = op("/");
const SLASH_ASSIGN = op("/=");
const BACK = new Set([op(")"), op("]"), op("}")]);

export function gatherTokens(text: string, lines: Lines, gatherer: Gatherer): void {
  const names = nameTable();
  const tokens = new Tokens(text, names, codesOf(text));
  let chain: string[] = [];
  let chainAt = 0;
  let afterDot = false;
  let afterOperand = false;
  let called = "";
  const close = (isCall: boolean): void => {
    if (chain.length > 0) {
      const path = chain.join(".");
      const spot = (): ReturnType<Lines["spot"]> => lines.spot(chainAt);
      if (path.startsWith("process.env.")) {
        const name = chain[2]!;
        gatherer.see("environment", name, spot(), { through });
        const capability = variableCapability(name);
        if (capability !== "environment") gatherer.see(capability, name, spot(), { through });
      } else if (path === "process.env") gatherer.see("environment-whole", through, spot(), { through });
      else if (isCall || path === "eval" || path === "Function") {
        const does = callMeaning(path);
        if (does !== null) gatherer.see(does.capability, "", spot(), { through: path });
      }
    }
    called = isCall ? chain.join(".") : "";
    chain = [];
  };
  for (;;) {
    tokens.next();
    const { type } = tokens;
    if (type === token.punct && !afterOperand && (tokens.punct === SLASH || tokens.punct === SLASH_ASSIGN)) {
      tokens.readRegex();
      afterOperand = true;
      continue;
    }
    if (type === token.name) {
      const name = names.textOf(tokens.name);
      if (afterDot && chain.length > 0 && chain.length < LONGEST_CHAIN) chain.push(name);
      else {
        close(false);
        if (!afterDot && (globalRoots.has(name) || tokens.name === word.import)) {
          chain = [name];
          chainAt = tokens.start;
        }
      }
      if (tokens.name === word.from) called = "from";
      afterDot = false;
      afterOperand = tokens.name > word.with || tokens.name === word.this;
      continue;
    }
    if (type === token.punct && tokens.punct === DOT) {
      afterDot = true;
      afterOperand = false;
      continue;
    }
    const wasFrom = called === "from" || (chain.length === 1 && chain[0] === "import");
    // A text right behind `require(` is its argument.
    const isText = type === token.text || type === token.template;
    if (!isText || (chain.length > 0 && !wasFrom)) close(type === token.punct && tokens.punct === OPEN);
    afterDot = false;
    if (type === token.end) break;
    if (isText) {
      const start = tokens.start;
      if (type === token.template) while (tokens.readQuasi());
      const value = textOfSource(text.slice(start + 1, Math.min(tokens.pos - 1, start + 4_096)));
      if (called === "require" || called === "import" || wasFrom) {
        gatherer.import({
          specifier: value,
          how: called === "require" ? "require" : called === "import" ? "dynamic" : "static",
          typeOnly: false,
          spot: lines.spot(start),
        });
        const capability = moduleCapability.get(moduleName(value));
        if (capability !== undefined) gatherer.see(capability, "", lines.spot(start), { through: moduleName(value) });
      }
      if (value.includes("://")) gatherHosts(value, gatherer, () => lines.spot(start));
      const capability = pathCapability(value);
      if (capability !== null) gatherer.see(capability, value, lines.spot(start), { through: "text" });
      called = "";
      chain = [];
    }
    afterOperand = type !== token.punct || BACK.has(tokens.punct);
  }
  releaseNames(names);
  releaseCodes(tokens.codes);
}
