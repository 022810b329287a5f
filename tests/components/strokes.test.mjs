// Strokes on the pad.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clamp, extend, smooth } from "../../components/draw_pad/strokes.js";

test("the canvas ends 14 pixels from its centre", () => {
  assert.deepEqual([-99, -14, 3.5, 14, 14.01].map(clamp), [-14, -14, 3.5, 14, 14]);
});

test("a point nearer than 0.3 pixels is the hand's tremble", () => {
  const stroke = [[0, 0]];
  extend(stroke, [0.2, 0.2]);
  assert.equal(stroke.length, 1);
  extend(stroke, [0.3, 0]);
  assert.deepEqual(stroke, [[0, 0], [0.3, 0]]);
});

test("a smoothed stroke keeps its ends and stays within a pixel of its corners", () => {
  const corners = [[-6, -9], [6, -9], [-1, 10]];
  const chain = smooth(corners);
  assert.deepEqual([chain[0], chain.at(-1)], [corners[0], corners[2]]);
  assert.ok(chain.length > 3);
  assert.ok(Math.max(...chain.map(([x]) => Math.abs(x))) <= 6);
  for (const point of chain) for (const value of point) assert.equal(value, Math.round(value * 1000) / 1000);
});

test("points on a line stay on it", () => {
  for (const [x, y] of smooth([[0, 0], [1, 2], [2, 4], [5, 10]])) assert.ok(Math.abs(y - 2 * x) < 2e-3);
});

test("a dot and a short line are themselves", () => {
  assert.deepEqual(smooth([[1, 2]]), [[1, 2]]);
  assert.deepEqual(smooth([[1, 2], [3, 4]]), [[1, 2], [3, 4]]);
});
