// The curve under an act: its ends, its top, and nothing where there is no value.

import assert from "node:assert/strict";
import test from "node:test";

import { pathOf } from "../../components/stack_viewer/act.js";

test("it runs from end to end, 0 at the bottom", () => {
  assert.equal(pathOf([0, 0.5, 1], 1), "M0.00 100.00L50.00 50.00L100.00 0.00");
});

test("what lies beyond the top stays at the top", () => {
  assert.equal(pathOf([3, 0], 1), "M0.00 0.00L100.00 100.00");
});

test("where there is no value the pen is lifted", () => {
  assert.equal(pathOf([0, null, 0], 2), "M0.00 100.00M100.00 100.00");
});
