// @ts-check
// Strokes as chains of points, in pixels of the 28×28 canvas from its centre, y downwards.

/** @typedef {[number, number]} Point x, y */
/** @typedef {Point[]} Stroke */

export const HALF = 14; // of the canvas
const SPACING = 0.3; // pixels between two points of a stroke, at least: finer is only the hand's tremble

/** @param {number} value @returns {number} on the canvas */
export function clamp(value) {
  return Math.min(HALF, Math.max(-HALF, value));
}

/** Adds a point, unless it is too near. @param {Stroke} stroke @param {Point} point */
export function extend(stroke, point) {
  const [x, y] = stroke[stroke.length - 1];
  if (Math.hypot(point[0] - x, point[1] - y) >= SPACING) stroke.push(point);
}

/**
 * A curve along the points, as a chain of short lines: from the middle of one line to the middle of the next, with the
 * point between them as control point. So the hand's tremble fades and a quick stroke has no corners.
 * @param {Stroke} points
 * @returns {Stroke}
 */
export function smooth(points) {
  if (points.length < 3) return points.map(rounded);
  const chain = [points[0]];
  for (let i = 1; i < points.length - 1; i++) {
    const [from, by] = [i === 1 ? points[0] : middle(points[i - 1], points[i]), points[i]];
    const to = i === points.length - 2 ? points[i + 1] : middle(points[i], points[i + 1]);
    const length = Math.hypot(by[0] - from[0], by[1] - from[1]) + Math.hypot(to[0] - by[0], to[1] - by[1]);
    const steps = Math.min(12, Math.max(1, Math.ceil(length / 0.5)));
    for (let k = 1; k <= steps; k++) chain.push(between(from, by, to, k / steps));
  }
  return chain.map(rounded);
}

/** @param {Point} a @param {Point} b @returns {Point} */
function middle(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** @param {Point} a @param {Point} b @param {Point} c @param {number} t @returns {Point} of the quadratic Bézier curve */
function between(a, b, c, t) {
  const at = (/** @type {0 | 1} */ i) => (1 - t) * (1 - t) * a[i] + 2 * t * (1 - t) * b[i] + t * t * c[i];
  return [at(0), at(1)];
}

/** @param {Point} point @returns {Point} */
function rounded([x, y]) {
  return [Math.round(x * 1000) / 1000, Math.round(y * 1000) / 1000];
}
