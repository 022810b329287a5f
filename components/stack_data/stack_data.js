// @ts-check
// Receives stacks of maps and keeps them for the viewers of this page; draws nothing itself.
// A component of its own, so that a move of the handle does not send the maps again.

import { component } from "../shared/mount.js";
import { announce, stacks } from "../shared/stacks.js";

const KEPT = 24; // stacks; the oldest goes first

/**
 * @typedef {Omit<import("../shared/stacks.js").Plane, "frames">} Described
 * @typedef {{ name: string, planes: Described[], levels: string }} Stack as core.figures.Stack
 */

export default component(() => ({
  /** @param {import("../shared/mount.js").Given<{ stacks: Stack[] }>} given */
  update({ data }) {
    for (const stack of data?.stacks ?? []) take(stack);
  },
  release() {}, // the maps stay for the next page
}));

/** @param {Stack} stack */
function take(stack) {
  const kept = stacks();
  const known = kept.get(stack.name);
  if (known !== undefined) {
    kept.delete(stack.name); // the youngest again
    kept.set(stack.name, known);
    return;
  }
  kept.set(stack.name, null);
  unpack(stack).then(
    (planes) => {
      kept.set(stack.name, planes);
      for (const oldest of kept.keys()) {
        if (kept.size <= KEPT) break;
        kept.delete(oldest);
      }
      announce();
    },
    (problem) => {
      kept.delete(stack.name); // so that the next run brings it again
      console.error(`The maps ${stack.name} could not be unpacked.`, problem);
    },
  );
}

/**
 * @param {Stack} stack
 * @returns {Promise<import("../shared/stacks.js").Plane[]>}
 */
async function unpack({ planes, levels }) {
  const packed = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 0;
  return planes.map((plane) => ({
    ...plane,
    frames: plane.sizes.map(([h, w]) => bytes.subarray(at, (at += h * w))),
  }));
}
