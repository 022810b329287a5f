// How the handles of the bench move the data: within the axis and the limits of the page (pages, STD_LIMITS).

import assert from "node:assert/strict";
import { test } from "node:test";
import { handlesOf, handlesOnly, tidy, within } from "../../components/scale_axis/handles.js";

const clip = (x) => within(0.5, 17, x);

/** Where a distribution is once one of its handles was moved. */
function moved(data, index, x) {
  const copy = { ...data };
  handlesOf(copy)[index].set(x, clip);
  return copy;
}

test("handles stand where the distribution says", () => {
  const at = (data) => handlesOf(data).map((each) => each.at);
  assert.deepEqual(at({ kind: "log-uniform", low: 1, high: 4 }), [1, 4]);
  assert.deepEqual(at({ kind: "log-normal", median: 2, std: 1 }), [2, 4]);
  assert.deepEqual(at({ kind: "normal", mean: 3, std: 1.5 }), [3, 4.5]);
  assert.deepEqual(at({ kind: "measured", density: [1] }), []);
});

test("the ends of a range never cross and stay on the axis", () => {
  const range = { kind: "log-uniform", low: 1, high: 4 };
  assert.equal(moved(range, 0, 9).low, tidy(4 / 1.02));
  assert.equal(moved(range, 1, 0.7).high, 1.02);
  assert.equal(moved(range, 0, 0.01).low, 0.5);
  assert.equal(moved(range, 1, 99).high, 17);
});

test("a log-normal spread lies between 0.05 and 3 octaves", () => {
  const data = { kind: "log-normal", median: 1, std: 1 };
  assert.equal(moved(data, 1, 2).std, 1);
  assert.equal(moved(data, 1, 1).std, 0.05);
  assert.equal(moved(data, 1, 1000).std, 3);
  assert.equal(moved(data, 0, 99).median, 17);
});

test("a normal spread lies between 0.05 and 8, and is at least 2 % of the mean", () => {
  const data = { kind: "normal", mean: 1, std: 1 };
  assert.equal(moved(data, 1, 0.2).std, 0.05);
  assert.equal(moved(data, 1, 50).std, 8);
  assert.deepEqual(moved({ ...data, std: 0.05 }, 0, 10), { kind: "normal", mean: 10, std: 0.2 });
});

test("places are kept with the four decimals of a link", () => {
  assert.equal(tidy(1.23456), 1.2346);
  assert.equal(moved({ kind: "log-normal", median: 1, std: 1 }, 0, 1.23456).median, 1.2346);
});

test("the density of measured data does not go back to the server", () => {
  assert.deepEqual(handlesOnly({ kind: "measured", density: [1, 2] }), { kind: "measured" });
});
