// The axis of the viewer's handle, and the crosshair's way from x to T x and back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { back, forward } from "../../components/stack_viewer/affine.js";
import { Axis } from "../../components/stack_viewer/axis.js";

const factors = Array.from({ length: 49 }, (_, i) => 2 ** ((i - 24) / 24));
const log = new Axis(factors, true);
const turns = new Axis([-90, -45, 0, 45, 90, 180], false);
const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);

test("equal ratios are equal ways on a log axis", () => {
  for (const [s, share] of [[0.5, 0], [Math.SQRT1_2, 0.25], [1, 0.5], [Math.SQRT2, 0.75], [2, 1]])
    near(log.share(s), share);
  near(log.share(2 ** (1 / 48)), 0.5 + 0.5 / 48); // between two frames
  assert.deepEqual([log.share(0.1), log.share(9)], [0, 1]);
});

test("a linear axis counts frames, and between two it is in proportion", () => {
  near(turns.share(-90), 0);
  near(turns.share(22.5), 2.5 / 5);
  near(turns.share(135), 4.5 / 5);
  assert.equal(new Axis([0], false).share(0), 0);
});

test("the nearest amount is that by ratio on a log axis, by difference on a linear one", () => {
  assert.equal(new Axis([1, 2], true).nearest(1.45), 1);
  assert.equal(new Axis([1, 2], false).nearest(1.45), 0);
  assert.equal(turns.nearest(-1e9), 0);
  assert.equal(turns.nearest(1e9), 5);
});

test("page keys go from mark to mark and end at the ends", () => {
  const step = 2 ** (1 / 3);
  const marks = [1 / step, step, step ** 2, 1];
  assert.equal(log.nextMark(24, 1, marks), 32);
  assert.equal(log.nextMark(32, 1, marks), 40);
  assert.equal(log.nextMark(40, 1, marks), 48);
  assert.equal(log.nextMark(24, -1, marks), 16);
  assert.equal(log.nextMark(16, -1, marks), 0);
  assert.equal(log.nextMark(20, 1, marks), 24);
  assert.equal(turns.nextMark(0, 1, [0]), 2);
  assert.equal(turns.nextMark(5, -1, [0]), 2);
  assert.equal(turns.nextMark(2, -1, [0]), 0);
});

test("rounding makes no second mark of the same amount", () => {
  assert.ok(log.alike(1.2599, 2 ** (1 / 3)));
  assert.ok(!log.alike(1.2599, 1.2599 * 1.003)); // the closest two frames
  assert.equal(log.nextMark(32, 1, [1.25993]), 48);
});

test("frames beyond the ends are the ends", () => {
  assert.deepEqual([-3, 0, 48, 60].map((frame) => log.clip(frame)), [0, 0, 48, 48]);
});

test("a place goes to T x and comes back", () => {
  const turn = [Math.cos(0.7), -Math.sin(0.7), 0.4, Math.sin(0.7), Math.cos(0.7), -3];
  for (const map of [[2, 0, 0, 0, 2, 0], turn, [1, 0, 5, 0, 1, -2], [1, 0.5, 1, 0.25, 2, 3]]) {
    const there = forward(map, { y: -3, x: 7 });
    const { y, x } = back(map, there);
    near(y, -3);
    near(x, 7);
  }
  assert.deepEqual(forward([2, 0, 0, 0, 3, 0], { y: 5, x: 7 }), { y: 10, x: 21 });
  assert.deepEqual(forward([0, 1, 4, -1, 0, 6], { y: 5, x: 7 }), { y: 11, x: 1 });
  assert.equal(back([1, 2, 0, 2, 4, 0], { y: 1, x: 1 }), null);
});
