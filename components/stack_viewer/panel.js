// @ts-check
// A picture under a caption, which a click enlarges.

import { Framed } from "./framed.js";
import { perFrame } from "./words.js";

/** @typedef {import("./framed.js").GivenMaps} GivenMaps */
/** @typedef {import("./framed.js").Shown} Shown */
/** @typedef {import("./framed.js").Spot} Spot */
/** @typedef {import("./framed.js").Surroundings} Surroundings */

const LARGE = 480; // CSS pixels
const LEAST = 150; // CSS pixels that a caption needs

/** @implements {Shown} */
export class Panel extends Framed {
  /**
   * @param {GivenMaps} given
   * @param {Surroundings} viewer
   * @param {import("../shared/dom.js").Scope} scope
   * @param {boolean} fluid whether its place gives it its size, not `given.width`
   */
  constructor(given, viewer, scope, fluid = false) {
    super(given, scope, (panel, spot) => viewer.point(panel, spot), viewer.terms);
    this.viewer = viewer;
    this.fluid = fluid;
    /** @type {number | null} the map that is shown large, by its place; -1 for all of them */
    this.zoom = null;
    scope.listen(this.button, "click", (/** @type {MouseEvent} */ event) => this.onClick(event));
  }

  /**
   * @override
   * @param {number} frame
   * @param {Record<string, Uint32Array>} tables colours of the levels
   * @param {boolean} dark
   * @returns {boolean} whether its maps are here
   */
  draw(frame, tables, dark) {
    const { picture, zoom } = this;
    picture.alone = zoom === null || zoom < 0 ? null : zoom;
    const width = picture.canvas.width;
    if (!super.draw(frame, tables, dark)) return false;
    if (!this.fluid && (picture.canvas.width !== width || !picture.canvas.style.width)) this.resize();
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

  /** @override @param {number} frame */
  describe(frame) {
    const told = perFrame(this.given.text, frame);
    const alone = this.zoom !== null && this.zoom >= 0 && !this.given.in_colour && this.given.planes.length > 1;
    const text = alone ? `channel ${(this.zoom ?? 0) + 1} of ${this.given.planes.length}, ${told}` : told;
    this.say(text, this.zoom === null ? "Enlarge" : "Shrink");
  }

  /** @param {MouseEvent | null} event null for a key */
  onClick(event) {
    if (this.zoom !== null) this.zoom = null;
    else if (!event || this.given.planes.length === 1 || this.given.in_colour || event.detail === 0) this.zoom = -1;
    else this.zoom = this.picture.spotOf(event)?.tile ?? -1;
    this.picture.canvas.style.width = ""; // another size
    this.element.classList.toggle("large", this.zoom !== null);
    this.viewer.point(this, null);
    this.viewer.draw();
  }

  /** @override @returns {boolean} whether it was large */
  shrink() {
    if (this.zoom === null) return false;
    this.onClick(null);
    return true;
  }
}
