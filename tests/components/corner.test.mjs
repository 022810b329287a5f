// The divider of a corner, and the ribbons of probabilities.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Axis } from "../../components/stack_viewer/axis.js";
import { inkOn, outline, roomyPlaces, stacked } from "../../components/stack_viewer/bands.js";
import { rightOf, shareAfter, shareAt } from "../../components/stack_viewer/divider.js";

const key = (name, more = {}) => ({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);

test("the divider stands under the pointer and stays between the edges", () => {
  const box = { left: 100, width: 200 };
  assert.deepEqual([100, 150, 300, 20, 900].map((x) => shareAt(x, box)), [0, 0.25, 1, 0, 1]);
  assert.equal(shareAt(5, { left: 0, width: 0 }), 0);
  assert.equal(rightOf(0.25), "inset(0 0 0 25%)");
});

test("keys move the divider as they move the handle", () => {
  near(shareAfter(0.5, key("ArrowRight")), 0.55);
  near(shareAfter(0.5, key("ArrowDown")), 0.45);
  near(shareAfter(0.5, key("PageUp")), 0.75);
  near(shareAfter(0.5, key("ArrowLeft", { shiftKey: true })), 0.25);
  assert.deepEqual([key("Home"), key("End")].map((each) => shareAfter(0.3, each)), [0, 1]);
  assert.equal(shareAfter(0.98, key("ArrowRight")), 1);
  assert.equal(shareAfter(0.5, key("Tab")), null);
});

test("bands lie on one another and fill the whole", () => {
  const bands = stacked([[0.2, 0.5, 0.3], [0.7, 0, 0.3]]);
  assert.equal(bands.length, 3);
  bands.forEach((band, k) => assert.deepEqual(band.lower, k ? bands[k - 1].upper : [0, 0]));
  for (const top of bands[2].upper) near(top, 1);
  assert.equal(outline([0, 10], bands[0], (share) => 100 * (1 - share)), "M0,80L10,30L10,100L0,100Z");
});

test("a name stands in the middle of each stretch that is thick and wide enough", () => {
  const thickness = [0.9, 0.9, 0.9, 0.1, 0.6, 0.1, 0.5, 0.5, 0.5];
  const band = { lower: thickness.map(() => 0), upper: thickness };
  const xs = thickness.map((_, i) => 10 * i);
  assert.deepEqual(roomyPlaces(xs, band, 0.3, 15), [{ x: 10, share: 0.45 }, { x: 70, share: 0.25 }]); // one is too narrow
  assert.deepEqual(roomyPlaces(xs, band, 0.95, 15), []);
});

test("letters stand out from their ground", () => {
  assert.deepEqual(["#000000", "#332288", "#88CCEE", "#ffffff"].map(inkOn), ["#ffffff", "#ffffff", "#000000", "#000000"]);
});

test("an axis with extra frames is still drawn to scale", () => {
  const axis = new Axis([0.5, 0.9, 1, 1.1, 2], true);
  near(axis.shareOfAmount(1), 0.5);
  near(axis.shareOfAmount(Math.SQRT2), 0.75);
  near(new Axis([-90, 0, 30, 90], false).shareOfAmount(30), 120 / 180);
  assert.equal(new Axis([1], true).shareOfAmount(1), 0);
});
