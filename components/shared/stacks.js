// @ts-check
// The maps that are in this browser, by the name of their stack. Two components share them, and each is a bundle of its
// own, so they live on the page: one component fills them, the other draws from them.

/**
 * @typedef {object} Plane one map at every amount, or a single one that holds for all
 * @property {[number, number][]} sizes height and width of each frame
 * @property {[number, number]} limits values of the lowest and the highest level
 * @property {number} stride image pixels per map pixel
 * @property {[number, number]} centre offset of the canvas centre from the middle of the map, in map pixels: down, right
 * @property {Uint8Array[]} frames levels row by row, 255 where nothing is known
 */

const ARRIVED = "equiscope-stack"; // the event that says that a stack is here

/** @returns {Map<string, Plane[] | null>} null while a stack is unpacked; the oldest first */
export function stacks() {
  const page = /** @type {{ equiscopeStacks?: Map<string, Plane[] | null> }} */ (globalThis);
  return (page.equiscopeStacks ??= new Map());
}

/** Tells every viewer of the page. */
export function announce() {
  dispatchEvent(new Event(ARRIVED));
}

/** @param {import("./dom.js").Scope} scope @param {() => void} handle */
export function onArrival(scope, handle) {
  scope.listen(globalThis, ARRIVED, handle);
}
