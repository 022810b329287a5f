// @ts-check
// A picture and the box on it: dragged by a corner or as a whole, or moved by the arrow keys, in large steps with Shift.

import { make, makeButton, Scope } from "../shared/dom.js";
import { arrow, isCommand, KEYS_REST_MS } from "../shared/keys.js";
import { component } from "../shared/mount.js";
import { Exchange, Resting } from "../shared/protocol.js";
import { CORNERS, moved, rounded, told } from "./box.js";

/**
 * @typedef {import("./box.js").Box} Box
 * @typedef {import("./box.js").Part} Part
 * @typedef {object} Data
 * @property {string} picture as a data URL
 * @property {Box} box in percent
 * @property {number} least percent of a side
 * @property {string} answers id of the report that the server took over last, or an empty text
 * @typedef {import("../shared/mount.js").Given<Data>} Given
 */

const LEAP = 10; // percent, with the Shift key

export default component((/** @type {Given} */ given) => new CropBox(given));

class CropBox {
  /** @param {Given} given */
  constructor({ parentElement }) {
    this.scope = new Scope();
    this.exchange = new Exchange();
    this.exchange.repeats(this.scope, () => this.report());
    this.resting = new Resting(() => this.report());
    /** @type {Box} */
    this.box = [0, 0, 100, 100];
    this.least = 5;
    /** @type {{ part: Part, pointer: number, from: Box, x: number, y: number } | null} what a hand holds */
    this.held = null;
    /** @type {(report: object) => void} */
    this.send = () => {};
    this.image = make("img");
    this.image.alt = "Your picture";
    this.image.draggable = false;
    this.frame = make("div", "frame");
    this.frame.append(this.image);
    /** @type {Map<Part, HTMLElement>} */
    this.parts = new Map();
    for (const part of /** @type {Part[]} */ (["whole", ...CORNERS])) this.addPart(part);
    const how = make("p", "how", "Your picture. Drag the box, or use the arrow keys.");
    this.root = make("section", "crop-box");
    this.root.append(this.frame, how);
    parentElement.append(this.root);
  }

  release() {
    this.resting.stop();
    this.scope.release();
    this.root.remove();
  }

  /** @param {Given} given */
  update({ data, setStateValue }) {
    this.send = (report) => setStateValue("crop", report);
    if (!data) return;
    if (this.image.src !== data.picture) this.image.src = data.picture;
    this.least = data.least;
    if (!this.exchange.accepts(data.answers, this.held !== null || this.resting.pending)) return;
    this.box = data.box;
    this.show();
  }

  /** @param {Part} part */
  addPart(part) {
    const element = makeButton("", `part ${part}`);
    element.setAttribute("aria-roledescription", "handle moved by arrow keys");
    const { scope } = this;
    scope.listen(element, "pointerdown", (/** @type {PointerEvent} */ event) => this.take(part, event));
    scope.listen(element, "pointermove", (/** @type {PointerEvent} */ event) => this.drag(event));
    scope.listen(element, ["pointerup", "pointercancel", "lostpointercapture"], () => this.letGo());
    scope.listen(element, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(part, event));
    this.parts.set(part, element);
    this.frame.append(element);
  }

  /** @param {Part} part @param {PointerEvent} event */
  take(part, event) {
    if (event.button || this.held) return;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    this.held = { part, pointer: event.pointerId, from: this.box, x: event.clientX, y: event.clientY };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { held } = this;
    if (!held || event.pointerId !== held.pointer) return;
    const { width, height } = this.frame.getBoundingClientRect();
    const [dx, dy] = [(100 * (event.clientX - held.x)) / width, (100 * (event.clientY - held.y)) / height];
    this.box = moved(held.from, held.part, dx, dy, this.least);
    this.show();
  }

  letGo() {
    const { held } = this;
    if (!held) return;
    this.held = null;
    if (String(rounded(this.box)) === String(held.from)) this.box = held.from;
    else this.report();
    this.show();
  }

  /** @param {Part} part @param {KeyboardEvent} event */
  onKey(part, event) {
    const way = isCommand(event) ? null : arrow(event);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? LEAP : 1;
    this.box = moved(this.box, part, step * way[0], step * way[1], this.least);
    this.show();
    this.resting.start(KEYS_REST_MS);
  }

  report() {
    this.box = rounded(this.box);
    this.send({ id: this.exchange.report(), box: this.box });
  }

  show() {
    const [left, top, right, bottom] = this.box;
    const { style } = this.frame;
    for (const [name, value] of Object.entries({ left, top, right, bottom })) style.setProperty(`--${name}`, `${value}%`);
    for (const [part, element] of this.parts) element.setAttribute("aria-label", told(this.box, part));
  }
}
