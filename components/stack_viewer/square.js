// @ts-check
// The commuting square: two images above, two maps below, and an arrow for every way from one to the next.

import { make } from "../shared/dom.js";

/** @typedef {import("./picture.js").GivenMaps} GivenMaps */
/** @typedef {import("./corner.js").GivenCorner} GivenCorner */
/** @typedef {{ symbol: string, words: string }} GivenArrow as components.stack_viewer.Arrow */

/**
 * @typedef {object} GivenSquare as components.stack_viewer.Square
 * @property {"square"} kind
 * @property {string} heading
 * @property {[GivenMaps, GivenMaps]} top
 * @property {[GivenMaps | GivenCorner, GivenMaps | GivenCorner]} bottom
 * @property {GivenArrow} above
 * @property {GivenArrow} down
 * @property {GivenArrow} below
 * @property {boolean} back whether the arrow below leads to the left
 */

export class Square {
  /**
   * @param {GivenSquare} given
   * @param {(given: GivenMaps | GivenCorner) => HTMLElement} build one of its four places
   */
  constructor({ heading, top, bottom, above, down, below, back }, build) {
    this.element = make("section", "square");
    const parts = {
      x: build(top[0]), above: arrow(above, "right"), tx: build(top[1]),
      downLeft: arrow(down, "down"), downRight: arrow(down, "down"),
      left: build(bottom[0]), below: arrow(below, back ? "left" : "right"), right: build(bottom[1]),
    };
    if (heading) this.element.append(make("h2", "heading", heading));
    for (const [name, part] of Object.entries(parts)) {
      part.classList.add("place");
      part.dataset.place = name;
      this.element.append(part);
    }
  }
}

/** @param {GivenArrow} given @param {"right" | "left" | "down"} way */
function arrow({ symbol, words }, way) {
  const element = make("div", `arrow ${way}`);
  element.append(make("b", "symbol", symbol), make("span", "shaft"), make("span", "words", words));
  return element;
}
