// @ts-check
// How much of several things, one bar each, that follow the handle; beside each bar its curve over all amounts.

import { draw as drawSvg, make, setAll } from "../shared/dom.js";
import { HEIGHT, pathOf, placeOf } from "./act.js";
import { perFrame } from "./words.js";

/**
 * @typedef {object} GivenBar as components.stack_viewer.Bar
 * @property {string} name
 * @property {string} note
 * @property {(number | null)[]} values
 * @property {string[]} texts
 * @property {(number | null)[]} marks
 * @property {boolean} covered
 * @property {boolean} dimmed
 * @property {number | null} guess
 */

/**
 * @typedef {object} GivenBars as components.stack_viewer.Bars
 * @property {"bars"} kind
 * @property {GivenBar[]} bars
 * @property {number} top
 * @property {[number, string][]} ticks
 * @property {string} axis
 * @property {string} of_value
 * @property {string} of_mark
 * @property {string} curve
 */

export class BarsPart {
  /** @param {GivenBars} given @param {import("../shared/terms.js").Terms} terms that stand in it first */
  constructor(given, terms) {
    this.given = given;
    this.terms = terms;
    this.element = make("div", "bars");
    this.list = make("div", "list");
    this.list.setAttribute("role", "list");
    this.list.setAttribute("aria-label", given.axis);
    this.rows = given.bars.map((bar) => new Row(bar, given.top));
    this.list.append(...this.rows.map(({ element }) => element), this.buildAxis());
    this.element.append(this.buildKey(), this.list);
  }

  buildKey() {
    const { of_value, of_mark } = this.given;
    const key = make("p", "key");
    for (const [name, said] of [["swatch", of_value], ["swatch mark", of_mark]]) {
      const entry = make("span", "entry");
      const words = make("span");
      this.terms.write(words, said);
      entry.append(make("i", name), words);
      key.append(entry);
    }
    return key;
  }

  buildAxis() {
    const { ticks, top, axis, curve } = this.given;
    const line = make("div", "scale");
    line.setAttribute("aria-hidden", "true"); // the numbers are in the rows
    const along = make("div", "along");
    for (const [value, text] of ticks) {
      const label = make("span", "", text);
      label.style.left = `${share(value, top)}%`;
      along.append(label);
    }
    along.append(make("b", "", axis));
    line.append(along, make("b", "over", curve));
    return line;
  }

  /** @param {number} frame */
  draw(frame) {
    for (const row of this.rows) row.draw(frame);
  }
}

class Row {
  /** @param {GivenBar} given @param {number} top */
  constructor(given, top) {
    this.given = given;
    this.top = top;
    this.element = make("div", "one");
    this.element.setAttribute("role", "listitem");
    this.bar = make("span", "bar-of");
    this.mark = make("span", "mark-of");
    this.text = make("output", "share");
    this.dot = make("span", "dot");
    const name = make("span", "name", given.name);
    if (given.note) name.append(" ", make("small", "", given.note));
    const track = make("span", "way");
    track.append(this.bar, this.mark);
    if (given.guess !== null) track.append(this.buildGuess(given.guess));
    for (const state of /** @type {("covered" | "dimmed")[]} */ (["covered", "dimmed"]))
      this.element.classList.toggle(state, given[state]);
    if (given.covered) this.text.setAttribute("aria-label", "covered until you have answered");
    this.element.append(name, track, this.text, this.buildCurve());
    for (const part of [track, this.element.lastChild]) if (part instanceof Element) part.setAttribute("aria-hidden", "true");
  }

  /** @param {number} guess */
  buildGuess(guess) {
    const line = make("span", "guess");
    line.style.left = `${share(guess, this.top)}%`;
    line.dataset.guess = String(guess);
    return line;
  }

  buildCurve() {
    const { given, top } = this;
    const plot = make("span", "over");
    const svg = drawSvg("svg", { viewBox: `0 0 ${HEIGHT} ${HEIGHT}`, preserveAspectRatio: "none" });
    for (const [name, values] of /** @type {[string, (number | null)[]][]} */ ([["cost", given.marks], ["error", given.values]])) {
      const path = drawSvg("path", { class: name });
      setAll(path, { d: pathOf(values, top), fill: "none", "vector-effect": "non-scaling-stroke" });
      svg.append(path);
    }
    plot.append(svg, this.dot);
    return plot;
  }

  /** @param {number} frame */
  draw(frame) {
    const { given, top } = this;
    const { values, marks } = given;
    const [value, mark] = [values[frame], marks[frame]];
    this.bar.style.width = `${share(value ?? 0, top)}%`;
    this.mark.hidden = mark === null || mark === undefined;
    this.mark.style.left = `${share(mark ?? 0, top)}%`;
    this.text.textContent = perFrame(given.texts, frame);
    const at = value ?? mark ?? null;
    this.dot.hidden = at === null;
    const { x, y } = placeOf(frame, at ?? 0, given.texts.length, top);
    Object.assign(this.dot.style, { left: `${x}%`, top: `${y}%` });
  }
}

/** @param {number} value @param {number} top @returns {number} of the way, in % */
export function share(value, top) {
  return 100 * Math.min(1, Math.max(0, value / top));
}
