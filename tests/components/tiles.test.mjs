// Many maps side by side, and the way from one to the next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mix, seenOf } from "../../components/stack_viewer/picture.js";
import { columnsFor, mapAfter, meant, spelled, tileAfter, within } from "../../components/stack_viewer/tiles.js";

test("maps are as large as their box allows", () => {
  assert.equal(columnsFor(32, 220, 470), 4); // one of four scales
  assert.equal(columnsFor(32, 940, 470), 8); // a plane alone
  assert.equal(columnsFor(6, 85, 490), 1);
  assert.equal(columnsFor(1, 300, 300), 1);
  for (const [count, width, height] of [[48, 200, 500], [10, 130, 470], [7, 900, 300]]) {
    const side = (columns) => Math.min(width / columns, height / Math.ceil(count / columns));
    const best = Math.max(...Array.from({ length: count }, (_, i) => side(i + 1)));
    assert.ok(side(columnsFor(count, width, height)) >= 0.9 * best);
  }
});

test("of ways about alike, that counts which fills the width", () => {
  const [width, height] = [103, 553]; // of one of eight scales: two columns of 34.6, or three of 34.3
  assert.equal(columnsFor(32, width, height), 3);
  assert.equal(columnsFor(8, 600, 300), 4); // nothing else comes near
});

test("arrows lead through rows of maps and stay at their ends", () => {
  const [right, left, up, down] = [[1, 0], [-1, 0], [0, -1], [0, 1]];
  assert.deepEqual([right, down].map((way) => tileAfter(0, way, 4, 10)), [1, 4]);
  assert.deepEqual([left, up].map((way) => tileAfter(0, way, 4, 10)), [0, 0]);
  assert.equal(tileAfter(3, right, 4, 10), 3); // no step to the next row
  assert.equal(tileAfter(9, right, 4, 10), 9);
  assert.equal(tileAfter(7, down, 4, 10), 7); // nothing below
});

test("arrows lead from an open map to the next channel, and up to the next larger scale", () => {
  const at = { channel: 2, place: 1 };
  assert.deepEqual(mapAfter(at, [1, 0], 32, 4), { channel: 3, place: 1 });
  assert.deepEqual(mapAfter(at, [0, -1], 32, 4), { channel: 2, place: 2 });
  assert.deepEqual(mapAfter({ channel: 31, place: 0 }, [1, 0], 32, 4), { channel: 31, place: 0 });
  assert.deepEqual(mapAfter({ channel: 0, place: 3 }, [0, -1], 32, 4), { channel: 0, place: 3 });
  assert.deepEqual(within({ channel: 40, place: 3 }, 16, 1), { channel: 15, place: 0 });
});

test("an open map is spelled as in a link", () => {
  assert.equal(spelled({ channel: 2, place: 1 }, 4), "3.2");
  assert.equal(spelled({ channel: 2, place: 0 }, 1), "3");
  assert.equal(spelled(null, 4), "");
  assert.deepEqual(["3.2", "3", ""].map(meant), [{ channel: 2, place: 1 }, { channel: 2, place: 0 }, null]);
});

test("of a field that reaches beyond the map the part on it is seen", () => {
  assert.deepEqual(seenOf(5, 3, 32), [4, 7]);
  assert.deepEqual(seenOf(0, 5, 32), [0, 3]);
  assert.deepEqual(seenOf(16, 99, 32), [0, 32]);
});

test("three levels are one colour, and grey where one of them is not known", () => {
  const pixels = new Uint32Array(4);
  mix(pixels, Uint8Array.of(254, 0, 127, 254), Uint8Array.of(0, 254, 127, 255), Uint8Array.of(0, 0, 254, 254));
  const bytes = [...new Uint8Array(pixels.buffer)];
  assert.deepEqual(bytes, [255, 0, 0, 255, 0, 255, 0, 255, 128, 128, 255, 255, 128, 128, 128, 255]);
});
