// @ts-check
// What keys mean, the same in every component.

export const KEYS_REST_MS = 150; // a key held down reports once it rests

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @typedef {Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">} Key */

/** @param {Key} event @returns {boolean} whether it belongs to the browser or the system */
export function isCommand(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** @param {Key} event @returns {[number, number] | null} where an arrow leads on a plane whose y runs downwards */
export function arrow(event) {
  return Object.hasOwn(ARROWS, event.key) ? ARROWS[event.key] : null;
}

/** @param {Key} event @returns {number} where an arrow leads along an axis: 1 to more, −1 to less, else 0 */
export function direction(event) {
  const [dx, dy] = arrow(event) ?? [0, 0];
  return dx - dy;
}

/** @param {Key} event @returns {number} 1 for Page up, −1 for Page down, else 0 */
export function leap(event) {
  return event.key === "PageUp" ? 1 : event.key === "PageDown" ? -1 : 0;
}

/** @param {Key} event @returns {number} 1 for End, −1 for Home, else 0 */
export function end(event) {
  return event.key === "End" ? 1 : event.key === "Home" ? -1 : 0;
}

/** @param {Key} event @returns {boolean} Ctrl+Z or ⌘Z */
export function isUndo(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "z";
}

/** @param {Key} event */
export function isDelete(event) {
  return event.key === "Delete" || event.key === "Backspace";
}
