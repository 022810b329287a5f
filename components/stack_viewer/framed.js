// @ts-check
// A picture under a caption.

import { make, makeButton } from "../shared/dom.js";
import { Terms } from "../shared/terms.js";
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

export const COVERED = "covered until you have answered";
const NONE = new Terms([]);

/** @implements {Shown} */
export class Framed {
  /**
   * @param {GivenMaps} given
   * @param {import("../shared/dom.js").Scope} scope
   * @param {(panel: Shown, spot: Spot | null) => void} point told where the pointer is, null when it leaves
   * @param {Terms} [terms] that stand in its caption first
   * @param {boolean} [inert] whether a click means nothing
   */
  constructor(given, scope, point, terms = NONE, inert = false) {
    this.given = given;
    this.terms = terms;
    this.picture = new Picture(given);
    this.element = make("figure", "panel");
    this.element.classList.toggle("covered", given.covered);
    this.element.classList.toggle("dimmed", given.dimmed);
    this.button = inert ? make("div", "picture") : makeButton("", "picture");
    if (inert) this.button.setAttribute("role", "img");
    this.button.append(this.picture.canvas, this.picture.overlay);
    this.title = make("b");
    terms.write(this.title, given.title);
    if (given.colour) this.title.style.color = given.colour;
    this.text = make("span", "text");
    this.value = make("span", "value");
    const caption = make("figcaption");
    caption.append(this.title, this.text, this.value);
    this.element.append(this.button, caption);
    scope.listen(this.button, "pointermove", (/** @type {PointerEvent} */ event) => point(this, this.spotOf(event)));
    scope.listen(this.button, "pointerleave", () => point(this, null));
  }

  /** @param {MouseEvent} event @returns {Spot | null} */
  spotOf(event) {
    return this.picture.spotOf(event);
  }

  /**
   * @param {number} frame
   * @param {Record<string, Uint32Array>} tables colours of the levels
   * @param {boolean} dark
   * @returns {boolean} whether its maps are here
   */
  draw(frame, tables, dark) {
    const here = this.picture.draw(frame, tables, dark);
    this.element.setAttribute("aria-busy", String(!here));
    if (here) this.describe(frame);
    return here;
  }

  /** @param {number} frame */
  describe(frame) {
    this.say(perFrame(this.given.text, frame));
  }

  /** @param {string} text of the caption @param {string} [hint] what a click does, for readers who do not see it */
  say(text, hint = "") {
    this.terms.write(this.text, text);
    const told = [this.given.title, this.given.covered ? COVERED : text].filter(Boolean).join(": ");
    this.button.setAttribute("aria-label", hint ? `${told}. ${hint}` : told);
  }

  shrink() {
    return false;
  }

  /**
   * The crosshair.
   * @param {number} frame
   * @param {import("./affine.js").Place} place in this panel's own space
   * @param {number | null} tile the map under the pointer; null if that is another panel's
   * @param {number | null | undefined} field side of a receptive field in image pixels; null for the whole image
   */
  showSpot(frame, place, tile, field) {
    const told = this.given.covered ? null : this.picture.showSpot(frame, place, tile, field);
    this.value.textContent = told?.text ?? "";
    this.element.dataset.value = String(told?.value ?? "");
  }

  clearSpot() {
    this.picture.clearSpot();
    this.value.textContent = "";
    delete this.element.dataset.value;
  }
}
