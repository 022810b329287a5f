// @ts-check
// A range input with its value in words; equal ratios are equal ways, except for whole numbers.

import { make } from "../shared/dom.js";
import { tidy } from "./handles.js";

const STEPS = 1000;

export class Slider {
  /**
   * @param {import("../shared/dom.js").Scope} scope
   * @param {string} label
   * @param {string} name of the value
   * @param {(value: number) => string} text
   * @param {boolean} [whole] whether it counts
   */
  constructor(scope, label, name, text, whole = false) {
    this.label = label;
    this.name = name;
    this.text = text;
    this.whole = whole;
    this.byKey = false;
    /** @type {[number, number]} */
    this.limits = [1, 2];
    /** @type {(value: number) => void} */
    this.onInput = () => {};
    /** @type {(byKey: boolean) => void} */
    this.onSettled = () => {};
    this.element = make("label");
    this.input = make("input");
    Object.assign(this.input, { type: "range", step: "1" });
    this.input.setAttribute("aria-label", label);
    this.output = make("output");
    this.output.setAttribute("aria-hidden", "true"); // the value text says it
    this.words = make("span", "", label);
    this.element.append(this.words, this.output, this.input);
    scope.listen(this.input, "keydown", () => (this.byKey = true));
    scope.listen(this.input, "pointerdown", () => (this.byKey = false));
    scope.listen(this.input, "input", () => this.onInput(this.value()));
    scope.listen(this.input, "change", () => this.onSettled(this.byKey));
  }

  value() {
    const position = Number(this.input.value);
    if (this.whole) return position;
    const [low, high] = this.limits;
    return tidy(low * (high / low) ** (position / STEPS));
  }

  /** @param {number} value @param {[number, number]} limits @param {boolean} disabled */
  show(value, limits, disabled) {
    this.limits = limits;
    const [low, high] = limits;
    const [least, most] = this.whole ? limits : [0, STEPS];
    Object.assign(this.input, { min: String(least), max: String(most), disabled });
    const position = this.whole ? value : Math.round((STEPS * Math.log(value / low)) / Math.log(high / low));
    if (Number(this.input.value) !== position) this.input.value = String(position);
    this.output.textContent = disabled ? "–" : this.text(value);
    this.input.setAttribute("aria-valuetext", this.text(value));
    this.input.dataset.value = String(value);
  }
}
