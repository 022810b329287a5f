// @ts-check
// What becomes of a box when a corner of it, or all of it, is moved. In percent of the width and the height.

/** @typedef {[number, number, number, number]} Box left, top, right, bottom */
/** @typedef {"whole" | "upper-left" | "upper-right" | "lower-left" | "lower-right"} Part */

/** @type {Part[]} */
export const CORNERS = ["upper-left", "upper-right", "lower-left", "lower-right"];

/**
 * The box after a part of it was moved; it stays on the picture and keeps its least side.
 * @param {Box} box
 * @param {Part} part
 * @param {number} dx to the right
 * @param {number} dy down
 * @param {number} least side
 * @returns {Box}
 */
export function moved([left, top, right, bottom], part, dx, dy, least) {
  if (part === "whole") {
    const [x, y] = [within(left + dx, 0, 100 - (right - left)), within(top + dy, 0, 100 - (bottom - top))];
    return [x, y, x + right - left, y + bottom - top];
  }
  if (part.endsWith("left")) left = within(left + dx, 0, right - least);
  else right = within(right + dx, left + least, 100);
  if (part.startsWith("upper")) top = within(top + dy, 0, bottom - least);
  else bottom = within(bottom + dy, top + least, 100);
  return [left, top, right, bottom];
}

/** In whole percent, its sides no smaller than before. @param {Box} box @returns {Box} */
export function rounded([left, top, right, bottom]) {
  const [x, y] = [Math.round(left), Math.round(top)];
  return [x, y, x + Math.round(right - left), y + Math.round(bottom - top)];
}

/** What a listener hears of a part. @param {Box} box @param {Part} part */
export function told([left, top, right, bottom], part) {
  const [l, t, r, b] = [left, top, right, bottom].map(Math.round);
  if (part === "whole") return `Crop: from ${l} to ${r} % across and from ${t} to ${b} % down`;
  const [x, y] = [part.endsWith("left") ? l : r, part.startsWith("upper") ? t : b];
  return `${part[0].toUpperCase()}${part.slice(1).replace("-", " ")} corner: ${x} % across, ${y} % down`;
}

/** @param {number} value @param {number} low @param {number} high */
function within(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
