// @ts-check
// What only the style sheet draws on the bench, drawn as SVG for a picture.

import { draw } from "../shared/dom.js";

/** @typedef {import("../shared/figures.js").Sign} Sign */

const SIDE = 8; // pixels, half of a handle's shape

/** @type {Sign} */
function diamond({ left, top, width, height }) {
  const [x, y, r] = [left + width / 2, top + height / 2, SIDE * Math.SQRT2];
  return draw("path", { d: `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}Z`, fill: "#D55E00" });
}

/** @type {Sign} */
function round({ left, top, width, height }) {
  const [cx, cy] = [left + width / 2, top + height / 2];
  return draw("circle", { cx, cy, r: SIDE, fill: "#6b6b6b", stroke: "#ffffff", "stroke-width": 2 });
}

export const SIGNS = { ".handle.mark": diamond, ".handle.end": round };
export const TOOLS = ".tip, .bar, .sliders";
