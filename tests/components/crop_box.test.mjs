// The box on a picture stays on it, keeps its least side, and a part of it moves that part alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CORNERS, moved, rounded, told } from "../../components/crop_box/box.js";

const BOX = [20, 30, 60, 80];

test("each corner moves its own two sides", () => {
  const expected = { "upper-left": [25, 37, 60, 80], "upper-right": [20, 37, 65, 80], "lower-left": [25, 30, 60, 87], "lower-right": [20, 30, 65, 87] };
  for (const corner of CORNERS) assert.deepEqual(moved(BOX, corner, 5, 7, 5), expected[corner]);
});

test("as a whole it keeps its sides and stays on the picture", () => {
  assert.deepEqual(moved(BOX, "whole", 5, -7, 5), [25, 23, 65, 73]);
  assert.deepEqual(moved(BOX, "whole", 500, -500, 5), [60, 0, 100, 50]);
  assert.deepEqual(moved(BOX, "whole", -500, 500, 5), [0, 50, 40, 100]);
});

test("no corner passes the opposite one, nor the edge of the picture", () => {
  assert.deepEqual(moved(BOX, "upper-left", 500, 500, 5), [55, 75, 60, 80]);
  assert.deepEqual(moved(BOX, "upper-left", -500, -500, 5), [0, 0, 60, 80]);
  assert.deepEqual(moved(BOX, "lower-right", -500, -500, 5), [20, 30, 25, 35]);
  assert.deepEqual(moved(BOX, "lower-right", 500, 500, 5), [20, 30, 100, 100]);
});

test("whole percent keep the least side", () => {
  assert.deepEqual(rounded([10.4, 10.5, 15.4, 15.5]), [10, 11, 15, 16]);
  for (let shift = 0; shift < 1; shift += 0.07) {
    const [left, top, right, bottom] = rounded(moved([shift, shift, shift + 5, shift + 5], "whole", 95, 95, 5));
    assert.ok(right - left >= 5 && bottom - top >= 5 && right <= 100 && bottom <= 100);
    assert.ok([left, top, right, bottom].every(Number.isInteger));
  }
});

test("a listener hears where a part is", () => {
  assert.equal(told(BOX, "whole"), "Crop: from 20 to 60 % across and from 30 to 80 % down");
  assert.equal(told(BOX, "lower-left"), "Lower left corner: 20 % across, 80 % down");
});
