// @ts-check
// A curve that the visitor draws before the truth is shown: by dragging, or by arrow keys point by point.

import { draw as drawSvg, make, setAll } from "../shared/dom.js";
import { arrow, isCommand } from "../shared/keys.js";

/**
 * @typedef {object} Axes
 * @property {string[]} amounts as they are told, one a point
 * @property {number[]} places of the points along the axis, from 0 to 1
 * @property {[number, string][]} ticks of that axis, likewise
 * @property {number[]} levels of the other axis that have a tick, ascending; its ends are the first and the last
 * @property {string} unit of a level
 * @property {string} label of what is drawn
 * @property {string} across title of the axis of amounts
 * @property {string} upward title of the other
 */

const WIDE = 100; // of the drawing's own coordinates; it is stretched to its place
const STEPS = 20; // from the lower end of the axis to the upper one, by keys

export class Drawing {
  /** @param {Axes} axes @param {import("../shared/dom.js").Scope} scope */
  constructor(axes, scope) {
    this.axes = axes;
    this.low = axes.levels[0];
    this.high = axes.levels.at(-1) ?? 1;
    this.values = axes.amounts.map(() => (this.low + this.high) / 2);
    this.at = 0; // the point that keys move
    this.element = make("div", "drawing");
    this.plot = make("div", "plot");
    this.plot.tabIndex = 0;
    setAll(this.plot, { role: "slider", "aria-label": axes.label, "aria-valuemin": this.low, "aria-valuemax": this.high });
    this.svg = drawSvg("svg", { viewBox: `0 0 ${WIDE} ${WIDE}`, preserveAspectRatio: "none" });
    this.mine = drawSvg("path", { class: "mine", fill: "none", "vector-effect": "non-scaling-stroke" });
    this.svg.append(this.mine);
    this.dot = make("span", "dot");
    this.plot.append(...this.grid(), this.svg, this.dot);
    this.element.append(make("span", "upward", axes.upward), this.plot, make("span", "across", axes.across));
    scope.listen(this.plot, ["pointerdown", "pointermove"], (/** @type {PointerEvent} */ event) => this.onPointer(event));
    scope.listen(this.plot, "keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    this.show();
  }

  grid() {
    const { ticks, levels, unit } = this.axes;
    const lines = [
      ...levels.map((level) => ({ kind: "level", at: { bottom: `${(100 * (level - this.low)) / (this.high - this.low)}%` }, text: `${level} ${unit}` })),
      ...ticks.map(([place, text]) => ({ kind: "tick", at: { left: `${100 * place}%` }, text })),
    ];
    return lines.map(({ kind, at, text }) => {
      const line = make("span", kind);
      line.setAttribute("aria-hidden", "true"); // the slider tells its own value
      Object.assign(line.style, at);
      line.append(make("span", "", text));
      return line;
    });
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    if (event.type === "pointerdown") this.plot.setPointerCapture(event.pointerId);
    if (!this.plot.hasPointerCapture(event.pointerId)) return;
    const box = this.plot.getBoundingClientRect();
    const { low, high } = this;
    const place = pointAt((event.clientX - box.left) / box.width, this.axes.places);
    const value = low + (high - low) * (1 - within((event.clientY - box.top) / box.height));
    this.values = between(this.values, this.at, place, value, event.type === "pointerdown");
    this.at = place;
    this.show();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const way = isCommand(event) ? null : arrow(event);
    if (!way) return;
    event.preventDefault();
    const { low, high } = this;
    this.at = Math.min(this.values.length - 1, Math.max(0, this.at + way[0]));
    this.values[this.at] = Math.min(high, Math.max(low, this.values[this.at] - (way[1] * (high - low)) / STEPS));
    this.show();
  }

  show() {
    const { axes, values, at } = this;
    const told = `at ${axes.amounts[at]}: ${Number(values[at].toPrecision(3))} ${axes.unit}`;
    this.mine.setAttribute("d", this.path(values));
    setAll(this.plot, { "aria-valuenow": values[at], "aria-valuetext": told });
    const [x, y] = this.place(at, values[at]);
    Object.assign(this.dot.style, { left: `${x}%`, top: `${y}%` });
  }

  /** @param {number} at @param {number} value @returns {[number, number]} in the drawing's own coordinates */
  place(at, value) {
    const { low, high } = this;
    return [WIDE * this.axes.places[at], WIDE * (1 - within((value - low) / (high - low)))];
  }

  /** @param {number[]} values */
  path(values) {
    return values.map((value, at) => `${at ? "L" : "M"}${this.place(at, value).map((each) => each.toFixed(2)).join(" ")}`).join("");
  }
}

/** @param {number} share of the way, in any place @returns {number} on it */
function within(share) {
  return Math.min(1, Math.max(0, share));
}

/** The point nearest to a share of the way. @param {number} share @param {number[]} places ascending, of the points */
export function pointAt(share, places) {
  const gaps = places.map((place) => Math.abs(place - share));
  return gaps.indexOf(Math.min(...gaps));
}

/**
 * The values after a drag from one point to another: a quick hand leaves none out.
 * @param {number[]} values @param {number} from @param {number} to @param {number} value at `to`
 * @param {boolean} begins whether the drag begins at `to`
 */
export function between(values, from, to, value, begins = false) {
  const start = begins ? to : from;
  const [low, high] = [Math.min(start, to), Math.max(start, to)];
  const before = begins ? value : values[start];
  return values.map((each, k) =>
    k < low || k > high ? each : start === to ? value : before + ((value - before) * (k - start)) / (to - start),
  );
}
