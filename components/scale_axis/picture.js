// @ts-check
// The picture of the bench: curves over the log2 axis, frame, ticks, dips and legend, as SVG.

import { draw, make, setAll } from "../shared/dom.js";

const TYPE = 12; // pixels, the type that these lengths are for; they grow with it
const HEIGHT = 300;
const MARGIN = { left: 52, right: 14, top: 44, bottom: 46 };
const GROWTH = 0.6; // of the plot, for each factor of the type
const LEAST_WIDTH = 240;
const DRAWN = 4; // every fourth point of the grid
const TICKS = [0.5, 1, 2, 4, 8, 16];
const DENSITY_TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

/**
 * @typedef {object} Shown what the picture shows; densities per octave on the grid
 * @property {number[]} mixture
 * @property {number[]} data
 * @property {number[][]} parts each internal scale's share of the mixture
 * @property {number[]} centres
 * @property {number[]} network scales of the network
 * @property {import("../shared/tolerance.js").Dip[]} dips
 */

export class Picture {
  constructor() {
    this.svg = draw("svg", { class: "picture", role: "img", height: HEIGHT });
    /** @type {number[]} */
    this.grid = [0, 1];
    this.sigmaOne = 1;
    this.width = LEAST_WIDTH;
    this.tick = 1;
    this.top = 1; // highest density on the axis
    this.type = 1; // size of the type, as a factor
    this.margin = MARGIN;
    this.height = HEIGHT;
  }

  get across() {
    return this.width - this.margin.left - this.margin.right;
  }

  get bottom() {
    return this.height - this.margin.bottom;
  }

  // Present mode has large type, by the style sheet.
  measureType() {
    this.type = (parseFloat(getComputedStyle(this.svg).fontSize) || TYPE) / TYPE;
    const { left, right, top, bottom } = MARGIN;
    const k = this.type;
    this.margin = { left: left * k, right: right * k, top: top * k, bottom: bottom * k };
    this.height = Math.round((HEIGHT - top - bottom) * (1 + GROWTH * (k - 1)) + (top + bottom) * k);
  }

  /** @param {number[]} grid in octaves @param {number} sigmaOne pixels @param {number} width of the plot in pixels */
  fit(grid, sigmaOne, width) {
    Object.assign(this, { grid, sigmaOne, width: Math.max(LEAST_WIDTH, width) });
    this.measureType();
  }

  /** Round numbers on the axis of density, few enough to read. @param {number} highest */
  setTop(highest) {
    const wanted = highest * 1.08;
    this.tick = DENSITY_TICKS.find((step) => wanted / step <= 5) ?? 50;
    this.top = Math.max(this.tick, Math.ceil(wanted / this.tick) * this.tick);
  }

  /** @param {number} octaves @returns {number} pixels from the left */
  x(octaves) {
    const [low, high] = this.ends();
    return round(this.margin.left + ((octaves - low) / (high - low)) * this.across);
  }

  /** @param {number} density @returns {number} pixels from the top */
  y(density) {
    return round(this.bottom - (density / this.top) * (this.bottom - this.margin.top));
  }

  /** @param {number} x pixels from the left @returns {number} octaves */
  octavesAt(x) {
    const [low, high] = this.ends();
    return low + ((x - this.margin.left) / this.across) * (high - low);
  }

  /** @returns {[number, number]} octaves */
  ends() {
    return [this.grid[0], this.grid[this.grid.length - 1]];
  }

  /** @param {Shown} shown @param {string} alt */
  paint(shown, alt) {
    const { svg } = this;
    const { bottom } = this;
    const { width: w, height: h } = this;
    setAll(svg, { width: w, height: h, viewBox: `0 0 ${w} ${h}`, "aria-label": alt });
    const [first, last] = this.ends();
    const ground = ` L${this.x(last)} ${bottom} L${this.x(first)} ${bottom} Z`;
    const onAxis = (/** @type {number} */ scale) => Math.log2(scale) >= first - 1e-9 && Math.log2(scale) <= last + 1e-9;
    svg.replaceChildren(
      hatch(),
      ...this.frame(),
      ...shown.dips.map((dip) => this.band(dip)),
      draw("path", { class: "data", d: this.path(shown.data) + ground }),
      ...shown.parts.map((part) => draw("path", { class: "component", d: this.path(part) })),
      ...shown.centres.filter(onAxis).map((centre) => this.centre(Math.log2(centre), shown.mixture)),
      draw("path", { class: "mixture", d: this.path(shown.mixture) }),
      ...shown.network.filter(onAxis).map((scale) => {
        const x = this.x(Math.log2(scale));
        return draw("path", { class: "network", d: `M${x - 6} ${this.margin.top + 1} h12 l-6 10 z` });
      }),
    );
  }

  /** @param {import("../shared/tolerance.js").Dip} dip */
  band({ low, high }) {
    const [left, right] = [this.x(low), this.x(high)];
    const height = this.bottom - this.margin.top;
    return draw("rect", { class: "dip", x: left, width: Math.max(2, right - left), y: this.margin.top, height });
  }

  /** @param {number} octaves @param {number[]} mixture */
  centre(octaves, mixture) {
    const x = this.x(octaves);
    const place = Math.round((octaves - this.grid[0]) / (this.grid[1] - this.grid[0]));
    const density = mixture[Math.max(0, Math.min(mixture.length - 1, place))];
    return draw("line", { class: "centre", x1: x, x2: x, y1: this.y(density), y2: this.bottom });
  }

  /** @param {number[]} values on the grid */
  path(values) {
    let d = "";
    for (let i = 0; i < values.length; i += DRAWN) d += `${d ? "L" : "M"}${this.x(this.grid[i])} ${this.y(values[i])}`;
    return d;
  }

  // Axes with titles and units: data scale below, internal scale above, density at the left.
  frame() {
    const { left, right, top, bottom } = this.margin;
    const [width, end] = [this.width - left - right, this.height - bottom];
    const density = label("density per octave", 13 * this.type, (top + end) / 2);
    density.setAttribute("transform", `rotate(-90 ${13 * this.type} ${(top + end) / 2})`);
    return [
      draw("rect", { class: "frame", x: left, y: top, width, height: end - top }),
      ...this.dataTicks(),
      ...this.internalTicks(),
      ...this.densityTicks(),
      label("data scale (×, log2 axis)", left + width / 2, this.height - 4 * this.type),
      label("internal scale σ (pixels, log2 axis)", left + width / 2, 14 * this.type),
      density,
    ];
  }

  // Below the handles of the internal scales, which do not grow.
  tickDrop() {
    return 14 + 12 * this.type;
  }

  dataTicks() {
    const end = this.bottom;
    return TICKS.flatMap((tick) => {
      const x = this.x(Math.log2(tick));
      return [draw("line", { class: "grid", x1: x, x2: x, y1: this.margin.top, y2: end }), label(`${tick}`, x, end + this.tickDrop())];
    });
  }

  internalTicks() {
    const { top } = this.margin;
    const shift = Math.log2(this.sigmaOne);
    const [low, high] = this.ends();
    const parts = [];
    for (let k = Math.ceil(low + shift - 1e-9); k <= high + shift + 1e-9; k++) {
      const x = this.x(k - shift);
      parts.push(draw("line", { class: "frame", x1: x, x2: x, y1: top - 5, y2: top }), label(`${2 ** k}`, x, top - 9 * this.type));
    }
    return parts;
  }

  densityTicks() {
    const { left, right } = this.margin;
    const parts = [];
    for (let k = 0; k * this.tick <= this.top * 1.0001; k++) {
      const y = this.y(k * this.tick);
      parts.push(draw("line", { class: "grid", x1: left, x2: this.width - right, y1: y, y2: y }));
      parts.push(label(`${Number((k * this.tick).toFixed(2))}`, left - 6 * this.type, y + 4 * this.type, "end"));
    }
    return parts;
  }
}

/** @returns {HTMLUListElement} what each line means, as text beside a sample of it */
/** @param {import("../shared/terms.js").Terms} terms */
export function legend(terms) {
  const list = make("ul", "legend");
  const line = (/** @type {string} */ name) => draw("line", { class: name, x1: 0, x2: 30, y1: 7, y2: 7 });
  const box = (/** @type {string} */ name) => draw("rect", { class: name, x: 1, y: 1, width: 28, height: 12 });
  /** @type {[string, SVGElement][]} */
  const samples = [
    ["sizes in the data", box("data")],
    ["all internal scales", line("mixture")],
    ["one internal scale", line("component")],
    ["its centre", line("centre")],
    ["dip", box("dip")],
    ["scales of the network", draw("path", { class: "network", d: "M9 2 h12 l-6 10 z" })],
  ];
  for (const [text, sample] of samples) {
    const svg = draw("svg", { "aria-hidden": "true" });
    svg.append(sample);
    const item = make("li");
    const words = make("span");
    terms.write(words, text);
    item.append(svg, words);
    list.append(item);
  }
  return list;
}

/** @param {string} text @param {number} x @param {number} y @param {string} [anchor] */
function label(text, x, y, anchor = "middle") {
  const element = draw("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

function hatch() {
  const tile = { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const pattern = draw("pattern", tile);
  pattern.append(draw("rect", { width: 2.5, height: 7, fill: "#D55E00", "fill-opacity": 0.4 }));
  return pattern;
}

/** @param {number} value */
function round(value) {
  return Number(value.toFixed(2));
}
