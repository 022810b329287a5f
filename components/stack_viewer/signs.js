// @ts-check
// What only the style sheet draws in the viewer, drawn as SVG for a picture.

import { draw } from "../shared/dom.js";

/** @typedef {import("../shared/figures.js").Sign} Sign */

const HEAD = 0.35; // of an arrow, in letters

/** @type {Sign} */
function dot({ left, top, width, height }, style) {
  const [cx, cy] = [left + width / 2, top + height / 2];
  return draw("circle", { cx, cy, r: width / 2, fill: style.backgroundColor });
}

/** A line with a head at the end that its arrow points to. @type {Sign} */
function shaft({ left, top, width, height }, style, element) {
  const size = HEAD * parseFloat(style.fontSize);
  const [right, bottom, middle] = [left + width, top + height, top + height / 2];
  const way = element.parentElement?.classList;
  const across = left + width / 2;
  const line = way?.contains("down") ? `M${across} ${top}V${bottom}` : `M${left} ${middle}H${right}`;
  const head = way?.contains("down")
    ? `M${across - size} ${bottom - size}L${across} ${bottom}L${across + size} ${bottom - size}`
    : way?.contains("left")
      ? `M${left + size} ${middle - size}L${left} ${middle}L${left + size} ${middle + size}`
      : `M${right - size} ${middle - size}L${right} ${middle}L${right - size} ${middle + size}`;
  return draw("path", { d: line + head, fill: "none", stroke: style.color, "stroke-width": 2 });
}

/** @type {Sign} */
function divider({ left, top, width, height }) {
  const x = left + width / 2;
  const group = draw("g");
  for (const [stroke, wide] of [["#ffffff", 4], ["#16202a", 2]])
    group.append(draw("line", { x1: x, x2: x, y1: top, y2: top + height, stroke, "stroke-width": wide }));
  return group;
}

export const SIGNS = { ".act .mark": dot, ".shaft": shaft, ".divider": divider };
export const TOOLS = ".bar, .hint, .overlay, .flick, .knob, .value";
