// Where a definition stands: below its term, above it at the end of the window, never beyond an edge.

import assert from "node:assert/strict";
import test from "node:test";

import { placeBeside } from "../../components/glossary/place.js";

const WINDOW = { clientWidth: 400, clientHeight: 800 };
const BOX = { width: 300, height: 60 };

test("it stands below its term and begins where that begins", () => {
  assert.deepEqual(placeBeside({ left: 50, top: 100, bottom: 120 }, BOX, WINDOW), { left: 50, top: 124 });
});

test("at the right edge it moves to the left, and no farther than the left edge", () => {
  assert.equal(placeBeside({ left: 380, top: 100, bottom: 120 }, BOX, WINDOW).left, 92);
  assert.equal(placeBeside({ left: 380, top: 100, bottom: 120 }, { width: 500, height: 60 }, WINDOW).left, 8);
});

test("where there is no room below it stands above, if there is room above", () => {
  assert.equal(placeBeside({ left: 50, top: 760, bottom: 780 }, BOX, WINDOW).top, 696);
  assert.equal(placeBeside({ left: 50, top: 40, bottom: 780 }, BOX, WINDOW).top, 784);
});
