// @ts-check
// A panel as wide as the window allows, and under it a number that follows the handle, as number and as curve.

import { draw as drawSvg, make, setAll } from "../shared/dom.js";
import { Panel } from "./panel.js";

/**
 * @typedef {object} GivenAct as components.stack_viewer.Act
 * @property {"act"} kind
 * @property {import("./panel.js").GivenMaps} maps
 * @property {string} name
 * @property {(number | null)[]} values
 * @property {string[]} texts
 * @property {number} top
 * @property {string} axis
 */

export const HEIGHT = 100; // of the curve's own coordinates; it is stretched to its place

export class ActPart {
  /**
   * @param {GivenAct} given
   * @param {import("./panel.js").Surroundings} viewer
   * @param {import("../shared/dom.js").Scope} scope
   */
  constructor(given, viewer, scope) {
    this.given = given;
    this.panel = new Panel(given.maps, viewer, scope, true);
    this.element = make("div", "act");
    this.element.append(this.panel.element);
    this.figure = make("div", "figure");
    this.mark = make("div", "mark");
    this.curve = make("div", "curve");
    if (given.values.length) this.element.append(this.buildHead(), this.buildCurve());
  }

  buildHead() {
    const { name, maps } = this.given;
    const head = make("div", "head");
    const said = make("b");
    this.panel.viewer.terms.write(said, name);
    if (maps.colour) this.element.style.setProperty("--act", maps.colour);
    head.append(said, this.figure);
    return head;
  }

  buildCurve() {
    const { given, curve } = this;
    curve.setAttribute("role", "img");
    const line = drawSvg("svg", { viewBox: `0 0 ${HEIGHT} ${HEIGHT}`, preserveAspectRatio: "none" });
    const path = drawSvg("path");
    setAll(path, { d: pathOf(given.values, given.top), fill: "none", "vector-effect": "non-scaling-stroke" });
    line.append(path);
    const plot = make("div", "plot");
    plot.append(line, this.mark);
    const axis = make("span", "axis");
    this.panel.viewer.terms.write(axis, given.axis);
    curve.append(axis, plot);
    return curve;
  }

  /** @param {number} frame */
  draw(frame) {
    const { values, texts, top, name, axis } = this.given;
    if (!values.length) return;
    this.figure.textContent = texts[frame];
    const value = values[frame];
    this.mark.hidden = value === null;
    const { x, y } = placeOf(frame, value ?? 0, values.length, top);
    Object.assign(this.mark.style, { left: `${x}%`, top: `${y}%` });
    this.curve.setAttribute("aria-label", `${name}: ${axis}, ${texts[frame]} here`);
  }
}

/**
 * The curve over the frames, which lie as far from each other as on the handle; nothing is drawn where there is no value.
 * @param {(number | null)[]} values
 * @param {number} top value at the upper end
 */
export function pathOf(values, top) {
  let pen = "M";
  return values
    .map((value, frame) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const { x, y } = placeOf(frame, value, values.length, top);
      const part = `${pen}${x.toFixed(2)} ${y.toFixed(2)}`;
      pen = "L";
      return part;
    })
    .join("");
}

/** @param {number} frame @param {number} value @param {number} count of frames @param {number} top */
export function placeOf(frame, value, count, top) {
  const up = Math.min(1, Math.max(0, value / top));
  return { x: (HEIGHT * frame) / Math.max(1, count - 1), y: HEIGHT * (1 - up) };
}
