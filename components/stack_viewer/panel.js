// @ts-check
// A picture under a caption, which a click enlarges.

import { make, makeButton } from "../shared/dom.js";
import { Picture } from "./picture.js";
import { perFrame } from "./words.js";

/** @typedef {import("./picture.js").GivenMaps} GivenMaps */
/** @typedef {import("./picture.js").Spot} Spot */

/**
 * @typedef {object} Shown what a viewer draws, a panel or several in one place
 * @property {GivenMaps} given of the first of its maps
 * @property {HTMLElement} element
 * @property {(frame: number, tables: Record<string, Uint32Array>, dark: boolean) => boolean} draw
 * @property {(frame: number, place: import("./affine.js").Place, tile: number | null,
 *   field: number | null | undefined) => void} showSpot
 * @property {() => void} clearSpot
 * @property {() => boolean} shrink
 */

/**
 * @typedef {object} Surroundings what a panel tells its viewer
 * @property {(panel: Shown, spot: Spot | null) => void} point
 * @property {() => void} draw
 * @property {import("../shared/terms.js").Terms} terms that stand in it first
 */

const LARGE = 480; // CSS pixels
const LEAST = 150; // CSS pixels that a caption needs

/** @implements {Shown} */
export class Panel {
  /**
   * @param {GivenMaps} given
   * @param {Surroundings} viewer
   * @param {import("../shared/dom.js").Scope} scope
   * @param {boolean} fluid whether its place gives it its size, not `given.width`
   */
  constructor(given, viewer, scope, fluid = false) {
    this.given = given;
    this.viewer = viewer;
    this.fluid = fluid;
    /** @type {number | null} the map that is shown large, by its place; -1 for all of them */
    this.zoom = null;
    this.picture = new Picture(given);
    this.element = make("figure", "panel");
    this.button = makeButton("", "picture");
    this.button.append(this.picture.canvas, this.picture.overlay);
    const caption = make("figcaption");
    const title = make("b");
    viewer.terms.write(title, given.title);
    if (given.colour) title.style.color = given.colour;
    this.text = make("span", "text");
    this.value = make("span", "value");
    caption.append(title, this.text, this.value);
    this.element.append(this.button, caption);
    scope.listen(this.button, "click", (/** @type {MouseEvent} */ event) => this.onClick(event));
    const point = (/** @type {PointerEvent} */ event) => viewer.point(this, this.picture.spotOf(event));
    scope.listen(this.button, "pointermove", point);
    scope.listen(this.button, "pointerleave", () => viewer.point(this, null));
  }

  /**
   * @param {number} frame
   * @param {Record<string, Uint32Array>} tables colours of the levels
   * @param {boolean} dark
   * @returns {boolean} whether its maps are here
   */
  draw(frame, tables, dark) {
    const { picture, zoom } = this;
    picture.alone = zoom === null || zoom < 0 ? null : zoom;
    const width = picture.canvas.width;
    const here = picture.draw(frame, tables, dark);
    this.element.setAttribute("aria-busy", String(!here));
    if (!here) return false;
    if (!this.fluid && (picture.canvas.width !== width || !picture.canvas.style.width)) this.resize();
    this.describe(frame);
    return true;
  }

  /** A whole number of screen pixels for each map pixel, so that all of them are squares of one size. */
  resize() {
    const { canvas } = this.picture;
    const wanted = this.zoom === null ? this.given.width : LARGE;
    const shown = canvas.width * Math.max(1, Math.floor(wanted / canvas.width));
    canvas.style.width = `${shown}px`;
    this.element.style.width = `${Math.max(shown + 2, LEAST)}px`;
  }

  /** @param {number} frame */
  describe(frame) {
    const told = perFrame(this.given.text, frame);
    const alone = this.zoom !== null && this.zoom >= 0 && this.given.planes.length > 1;
    const text = alone ? `channel ${(this.zoom ?? 0) + 1} of ${this.given.planes.length}, ${told}` : told;
    this.viewer.terms.write(this.text, text);
    const label = `${this.given.title}: ${text}. ${this.zoom === null ? "Enlarge" : "Shrink"}`;
    this.button.setAttribute("aria-label", label);
  }

  /** @param {MouseEvent | null} event null for a key */
  onClick(event) {
    if (this.zoom !== null) this.zoom = null;
    else if (!event || this.given.planes.length === 1 || event.detail === 0) this.zoom = -1;
    else this.zoom = this.picture.spotOf(event)?.tile ?? -1;
    this.picture.canvas.style.width = ""; // another size
    this.element.classList.toggle("large", this.zoom !== null);
    this.viewer.point(this, null);
    this.viewer.draw();
  }

  /** @returns {boolean} whether it was large */
  shrink() {
    if (this.zoom === null) return false;
    this.onClick(null);
    return true;
  }

  /**
   * The crosshair.
   * @param {number} frame
   * @param {import("./affine.js").Place} place in this panel's own space
   * @param {number | null} tile the map under the pointer; null if that is another panel's
   * @param {number | null | undefined} field side of a receptive field in image pixels; null for the whole image
   */
  showSpot(frame, place, tile, field) {
    const told = this.picture.showSpot(frame, place, tile, field);
    this.value.textContent = told?.text ?? "";
    this.element.dataset.value = String(told?.value ?? "");
  }

  clearSpot() {
    this.picture.clearSpot();
    this.value.textContent = "";
    delete this.element.dataset.value;
  }
}
