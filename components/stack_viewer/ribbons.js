// @ts-check
// What each network takes T x for: the shares of its classes over the amount, one chart a network, one axis for all.

import { draw, make } from "../shared/dom.js";
import { inkOn, outline, roomyPlaces, stacked } from "./bands.js";

/** @typedef {{ title: string, probabilities: number[][], marks: number[] }} GivenRibbon frames that are marked */

/**
 * @typedef {object} GivenRibbons as components.stack_viewer.Ribbons
 * @property {"ribbons"} kind
 * @property {string} title
 * @property {string} axis_title
 * @property {string} text
 * @property {GivenRibbon[]} ribbons
 * @property {string[]} colours of the classes
 */

/** @typedef {{ axis: import("./axis.js").Axis, ticks: [number, string][], identity: number }} Along the axis of amounts */

const THICK = 0.3; // share that a name needs
const LEAST_WIDTH = 240; // of a chart, in CSS pixels
const READING = 24; // letters of what is read and of the gap in front of it
const LETTER = 0.52; // width of one in em, on average

export class RibbonsPart {
  /** @param {GivenRibbons} given @param {Along} along @param {import("../shared/dom.js").Scope} scope */
  constructor(given, along, scope) {
    this.given = given;
    this.along = along;
    this.frame = 0;
    /** @type {SVGElement[]} */
    this.marks = [];
    /** @type {SVGElement[]} */
    this.readings = [];
    /** @type {(frame: number) => number} */
    this.x = () => 0;
    this.element = make("section", "ribbons");
    this.svg = draw("svg", { role: "img", "aria-label": `${given.title}. ${given.text}` });
    this.element.append(make("h3", "heading", given.title), this.svg, make("p", "text", given.text));
    scope.onResize(this.element, () => this.layOut());
  }

  /** Everything but the marks, for the width and the letters that the page gives. */
  layOut() {
    const { given, element, svg } = this;
    const em = parseFloat(getComputedStyle(element).fontSize) || 16;
    const width = Math.max(LEAST_WIDTH, element.clientWidth);
    const [left, right] = [3.2 * em, width - em];
    const each = given.ribbons.length > 1 ? Math.max(5 * em, Math.min(9 * em, 0.16 * width)) : 0.5 * width;
    this.x = (frame) => left + this.along.axis.shareOfAmount(this.along.axis.amounts[frame]) * (right - left);
    const longest = Math.max(...given.ribbons.map(({ title }) => title.length));
    const row = (longest + READING) * LETTER * em > right - left ? 1.2 * em : 0; // of the title above what is read
    svg.replaceChildren();
    this.marks = [];
    this.readings = [];
    const step = each + 2 * em + row;
    given.ribbons.forEach((ribbon, k) =>
      this.addChart(ribbon, { em, left, right, top: 1.5 * em + row + k * step, each, row }));
    const bottom = given.ribbons.length * step - 0.5 * em;
    this.addAxis({ em, left, right, bottom });
    const height = bottom + 3.2 * em;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", String(height));
    this.draw(this.frame);
  }

  /** @param {GivenRibbon} ribbon @param {{ em: number, left: number, right: number, top: number, each: number, row: number }} box */
  addChart({ title, probabilities, marks }, { em, left, right, top, each, row }) {
    const { svg, given } = this;
    const identity = left + this.along.axis.shareOfAmount(this.along.identity) * (right - left);
    const xs = probabilities.map((_, frame) => this.x(frame));
    const y = (/** @type {number} */ share) => top + (1 - share) * each;
    svg.append(write(title, { x: left, y: top - 0.4 * em - row, class: "title" }));
    const reading = write("", { x: right, y: top - 0.4 * em, class: "now", "text-anchor": "end" });
    const bands = stacked(probabilities);
    bands.forEach((band, k) => svg.append(draw("path", { d: outline(xs, band, y), fill: given.colours[k], class: "band" })));
    svg.append(draw("line", { x1: identity, x2: identity, y1: top, y2: top + each, class: "identity" }));
    bands.forEach((band, k) => {
      for (const { x, share } of roomyPlaces(xs, band, THICK, 1.2 * em))
        svg.append(write(String(k), { x, y: y(share) + 0.5 * em, class: "digit", ...inkOver(given.colours[k]) }));
    });
    for (const [share, text] of /** @type {[number, string][]} */ ([[0, "0 %"], [1, "100 %"]]))
      svg.append(write(text, { x: left - 0.4 * em, y: y(share) + 0.35 * em, "text-anchor": "end" }));
    for (const frame of marks) svg.append(draw("path", { d: pin(this.x(frame), top, em), class: "pin" }));
    const mark = draw("line", { y1: top - 0.2 * em, y2: top + each + 0.2 * em, class: "mark" });
    svg.append(mark, reading);
    this.marks.push(mark);
    this.readings.push(reading);
  }

  /** @param {{ em: number, left: number, right: number, bottom: number }} box */
  addAxis({ em, left, right, bottom }) {
    const { axis, ticks } = this.along;
    const place = (/** @type {number} */ amount) => left + axis.shareOfAmount(amount) * (right - left);
    for (const [amount, text] of ticks.filter(([each]) => axis.holds(each))) {
      const x = place(amount);
      this.svg.append(draw("line", { x1: x, x2: x, y1: bottom, y2: bottom + 0.3 * em, class: "tick" }));
      this.svg.append(write(text, { x, y: bottom + 1.3 * em, "text-anchor": "middle" }));
    }
    const middle = (left + right) / 2;
    this.svg.append(write(this.given.axis_title, { x: middle, y: bottom + 2.7 * em, "text-anchor": "middle" }));
  }

  /** @param {number} frame */
  draw(frame) {
    this.frame = frame;
    const x = this.x(frame);
    this.element.dataset.frame = String(frame);
    this.marks.forEach((mark, k) => {
      mark.setAttribute("x1", String(x));
      mark.setAttribute("x2", String(x));
      const shares = this.given.ribbons[k].probabilities[frame];
      const digit = shares.indexOf(Math.max(...shares));
      this.readings[k].textContent = `T x is read as ${digit}, ${Math.round(100 * shares[digit])} %`;
    });
  }
}

/** Letters with a rim of the band's own colour, so that no line runs through them. @param {string} colour */
function inkOver(colour) {
  return { fill: inkOn(colour), stroke: colour, "stroke-width": 6, "paint-order": "stroke", "text-anchor": "middle" };
}

/** @param {string} text @param {Record<string, string | number>} attributes */
function write(text, attributes) {
  const element = draw("text", attributes);
  element.textContent = text;
  return element;
}

/** A pin that points down at the top of a chart. @param {number} x @param {number} top @param {number} em */
function pin(x, top, em) {
  return `M${x},${top + 0.5 * em}l${-0.4 * em},${-0.6 * em}h${0.8 * em}Z`;
}
