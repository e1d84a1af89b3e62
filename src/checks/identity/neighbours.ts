/**
 * Honest packages whose names happen to stand near a well-known one: an own purpose, an own history, and mostly as old as their
 * neighbour. Where the registry's document is at hand its dates say so by themselves; this list is for the other times.
 */
export const honestNeighbours: ReadonlySet<string> = new Set(
  `
  ansi-wrap ansistyles aws-cdk camel-case color cookies crypt crypto-es error gaxios graphiql immutables inherit is-typed-array json-web-token
  jsonp lodash.set memjs mkdir momento mpromise mquery object.assign parse-path parse-url parsel parseuri preact-router prompt query-string
  schedule stylis telegram terse treekill trough uglify-es urijs url-js xml-js
  `
    .trim()
    .split(/\s+/),
);
