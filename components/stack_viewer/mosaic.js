// @ts-check
// All channels of a layer at one place of its third axis, side by side; one of them is marked, for the keyboard.

import { make } from "../shared/dom.js";
import { arrow, isCommand } from "../shared/keys.js";
import { Framed } from "./framed.js";
import { columnsFor, tileAfter } from "./tiles.js";
import { perFrame } from "./words.js";

/** @typedef {import("./framed.js").GivenMaps} GivenMaps */
/** @typedef {import("./framed.js").Spot} Spot */

export class Mosaic extends Framed {
  /**
   * @param {GivenMaps} given
   * @param {import("../shared/dom.js").Scope} scope
   * @param {(panel: import("./framed.js").Shown, spot: Spot | null) => void} point
   * @param {import("../shared/terms.js").Terms} terms that stand in its caption first
   * @param {(channel: number, spot: Spot | null) => void} open told which map was chosen, and where by a pointer
   */
  constructor(given, scope, point, terms, open) {
    super(given, scope, point, terms);
    this.columns = given.columns;
    this.marked = 0;
    this.mark = make("span", "chosen");
    this.element.classList.add("mosaic");
    this.button.append(this.mark);
    scope.listen(this.button, "click", (/** @type {MouseEvent} */ event) => {
      const spot = event.detail ? this.spotOf(event) : null; // no detail: by a key
      if (spot || !event.detail) open(spot?.tile ?? this.marked, spot);
    });
    scope.listen(this.button, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const way = isCommand(event) ? null : arrow(event);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation(); // the handle has the same keys
    this.markAt(tileAfter(this.marked, way, this.columns, this.given.planes.length));
  }

  /** @param {number} channel */
  markAt(channel) {
    this.marked = channel;
    this.showMark();
  }

  showMark() {
    const { columns, marked, given } = this;
    const [across, down] = [Math.min(columns, given.planes.length), Math.ceil(given.planes.length / columns)];
    const [left, top] = [marked % columns, Math.floor(marked / columns)];
    const box = { left: left / across, top: top / down, width: 1 / across, height: 1 / down };
    for (const [side, share] of Object.entries(box)) this.mark.style.setProperty(side, `${100 * share}%`);
    this.say(this.text.textContent ?? "", `Channel ${marked + 1} of ${given.planes.length}: Enter opens it, arrow keys lead to others`);
  }

  /** @override @param {number} frame */
  describe(frame) {
    this.terms.write(this.text, perFrame(this.given.text, frame));
    this.showMark();
  }

  /** As large as its box allows: the columns, and the width of the picture. @param {number} height CSS pixels */
  fit(height) {
    const { button, element, picture, given } = this;
    const width = element.clientWidth;
    this.columns = columnsFor(given.planes.length, width, height);
    picture.given = { ...given, columns: this.columns };
    const rows = Math.ceil(given.planes.length / this.columns);
    button.style.width = `${Math.min(width, (height * this.columns) / rows)}px`;
  }
}
