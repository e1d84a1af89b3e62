import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPieces } from "./json-pieces.ts";

/** Every kind of value at every depth, deeper than is gone into. */
function nested(depth: number): object {
  if (depth === 0) return { last: true };
  return {
    text: 'two\nlines, "quoted", \u2028 and \ud800',
    none: null,
    left: undefined,
    'a "key"\n': depth / 3,
    empty: [[], {}, "", 0, false],
    list: [nested(depth - 1), undefined, [nested(depth - 1)]],
  };
}

test("the pieces are what JSON.stringify writes with two blanks, whatever is how deep in it", () => {
  for (const value of [{}, [], { a: undefined }, [undefined], nested(5), Array.from({ length: 3_000 }, (_, n) => ({ n, of: [n, `${n}`] }))])
    assert.equal([...jsonPieces(value)].join(""), JSON.stringify(value, null, 2));
});

test("a large text comes in many pieces, none of them large", () => {
  const pieces = [...jsonPieces({ reviews: [{ files: Array.from({ length: 20_000 }, (_, n) => ({ path: `lib/${n}.js` })) }] })];
  assert.ok(pieces.length > 5);
  assert.ok(pieces.every(({ length }) => length < 128 * 1024));
});
