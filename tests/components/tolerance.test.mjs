// The browser's tolerance model against values that core writes (tolerance_values.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { dips, divergence, gridOf, logComponents, logDensity, logSum } from "../../components/shared/tolerance.js";

const core = JSON.parse(readFileSync(new URL("tolerance.json", import.meta.url), "utf8"));
const grid = gridOf(core.axis);
const mixtures = core.mixtures.map(({ centres, tau_tol }) => logSum(logComponents(centres, tau_tol, grid)));

/** Off by at most 1e-6 of the value, or 1e-6 where that is less than 1. */
function close(found, expected, what) {
  const off = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  assert.ok(off <= 1e-6, `${what}: ${found}, core has ${expected}`);
}

function sameCurve(found, expected, what) {
  expected.forEach((value, i) => close(found[i * core.every], value, `${what}, point ${i * core.every}`));
}

const shown = (logValues) => logValues.map(Math.exp);

test("the grid is that of core", () => {
  assert.equal(grid.length, 1001);
  close(grid[0], Math.log2(0.5), "first point");
  close(grid[1000], Math.log2(17), "last point");
});

core.mixtures.forEach((mixture, i) => {
  test(`the mixture at ${mixture.centres.map((centre) => centre.toFixed(2))} and its parts`, () => {
    sameCurve(shown(mixtures[i]), mixture.density, "mixture");
    const parts = logComponents(mixture.centres, mixture.tau_tol, grid);
    assert.equal(parts.length, mixture.components.length);
    mixture.components.forEach((part, k) => sameCurve(shown(parts[k]), part, `part ${k}`));
  });
});

for (const data of core.data) {
  const logData = logDensity(data.handles, grid);

  test(`${data.name}: the density`, () => sameCurve(shown(logData), data.density, data.name));

  test(`${data.name}: KL`, () => {
    data.kl.forEach((expected, i) => {
      const found = divergence(grid, mixtures[i], logData);
      if (expected === null) assert.equal(found, null);
      else close(found, expected, `mixture ${i}`);
    });
  });

  test(`${data.name}: dips`, () => {
    data.dips.forEach((expected, i) => {
      const found = dips(grid, mixtures[i], logData);
      assert.equal(found.length, expected.length, `mixture ${i}`);
      found.forEach(({ low, high, share }, k) =>
        [low, high, share].forEach((value, n) => close(value, expected[k][n], `mixture ${i}, dip ${k}`)),
      );
    });
  });
}

test("a single place has the density of the curve", () => {
  const { handles } = core.data[0];
  close(logDensity(handles, [grid[500]])[0], logDensity(handles, grid)[500], "log-uniform");
});
