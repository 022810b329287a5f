// @ts-check
// The divider between two pictures in one place: a share of the width, 0 at the left edge and 1 at the right.

import { direction, end, leap } from "../shared/keys.js";

const STEP = 0.05;
const LEAP = 0.25;

/** @param {number} share @returns {number} the share itself, or the edge that it lies beyond */
export function within(share) {
  return Math.max(0, Math.min(1, share));
}

/** @param {number} x of a pointer @param {{ left: number, width: number }} box of the pictures, in the same unit */
export function shareAt(x, { left, width }) {
  return width > 0 ? within((x - left) / width) : 0;
}

/**
 * Where a key takes the divider.
 * @param {number} share
 * @param {import("../shared/keys.js").Key} event
 * @returns {number | null} null for a key that means something else
 */
export function shareAfter(share, event) {
  if (end(event)) return end(event) > 0 ? 1 : 0;
  const way = leap(event) * LEAP || direction(event) * (event.shiftKey ? LEAP : STEP);
  return way ? Math.round(within(share + way) * 1000) / 1000 : null;
}

/** @param {number} share @returns {string} the CSS clip that leaves what lies right of the divider */
export function rightOf(share) {
  return `inset(0 0 0 ${100 * share}%)`;
}
