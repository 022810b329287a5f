// @ts-check
// The axes of a figure whose curve is still a secret: the visitor draws it first.

import { make, makeButton, Scope } from "../shared/dom.js";
import { component } from "../shared/mount.js";
import { Drawing } from "./drawing.js";

/** @typedef {import("../shared/mount.js").Given<import("./drawing.js").Axes>} Given */

export default component((/** @type {Given} */ given) => new CurvePad(given));

class CurvePad {
  /** @param {Given} given */
  constructor({ parentElement }) {
    this.scope = new Scope();
    this.ofAxes = new Scope();
    /** @type {(values: number[]) => void} */
    this.send = () => {};
    /** @type {Drawing | null} */
    this.drawing = null;
    this.layout = "";
    this.commit = makeButton("That is my curve", "commit");
    this.scope.listen(this.commit, "click", () => this.drawing && this.send([...this.drawing.values]));
    const how = make("p", "how", "Drag, or use the arrow keys: left and right choose a point, up and down move it.");
    this.foot = make("div", "foot");
    this.foot.append(how, this.commit);
    this.root = make("section", "curve-pad");
    parentElement.append(this.root);
  }

  release() {
    this.ofAxes.release();
    this.scope.release();
    this.root.remove();
  }

  /** @param {Given} given */
  update({ data, setTriggerValue }) {
    this.send = (values) => setTriggerValue("drawn", values);
    const layout = JSON.stringify(data);
    if (!data || layout === this.layout) return; // what is being drawn stays
    this.layout = layout;
    this.ofAxes.release();
    this.ofAxes = new Scope();
    this.drawing = new Drawing(data, this.ofAxes);
    this.root.replaceChildren(this.drawing.element, this.foot);
  }
}
