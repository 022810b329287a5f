// The bars of the layers: how long one is.

import assert from "node:assert/strict";
import test from "node:test";

import { share } from "../../components/stack_viewer/bars.js";

test("a bar is as long as its value is of the axis, and stays on it", () => {
  assert.deepEqual([0, 0.25, 1, 2, -1].map((value) => share(value, 1)), [0, 25, 100, 100, 0]);
  assert.equal(share(0.5, 2), 25);
});
