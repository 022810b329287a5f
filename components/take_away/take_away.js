// @ts-check
// Pictures of a figure to take away, as PNG or SVG at the size of a slide or of a column; made in the browser.

import { contextOf, draw, find, make, Scope } from "../shared/dom.js";
import { component } from "../shared/mount.js";
import { chartNamed, chartPicture } from "./chart.js";
import { drawnPicture, figureNamed } from "./drawn.js";
import { carriedFont } from "./fonts.js";
import { GROUNDS, SIZES } from "./sheet.js";

/**
 * @typedef {object} Data as components.take_away.take_away
 * @property {string} figure
 * @property {string} title
 * @property {string} text
 * @property {string} file
 * @property {[string, string][]} colours
 *
 * @typedef {import("../shared/mount.js").Given<Data>} Given
 *
 * @typedef {object} Wish a picture that is wanted
 * @property {import("./sheet.js").Size} size
 * @property {import("./sheet.js").Ground} ground
 * @property {string} title
 * @property {string} text
 * @property {string} font rule of a style sheet that holds the letters
 * @property {(text: string, font: string) => number} measure
 * @property {(json: string) => string} recoloured
 */

export default component((/** @type {Given} */ given) => new TakeAway(given));

class TakeAway {
  /** @param {Given} given */
  constructor({ parentElement: root }) {
    this.scope = new Scope();
    /** @type {Data | undefined} */
    this.data = undefined;
    this.size = find(root, "#size", HTMLSelectElement);
    this.ground = find(root, "#ground", HTMLSelectElement);
    this.said = find(root, "#said", HTMLElement);
    offer(this.size, SIZES);
    offer(this.ground, GROUNDS);
    for (const format of /** @type {const} */ (["png", "svg"])) {
      const button = find(root, `#${format}`, HTMLButtonElement);
      this.scope.listen(button, "click", () => this.save(format));
    }
  }

  release() {
    this.scope.release(); // the HTML is Streamlit's
  }

  /** @param {Given} given */
  update({ data }) {
    this.data = data;
  }

  /** @param {"png" | "svg"} format */
  async save(format) {
    if (!this.data) return;
    const { file } = this.data;
    this.said.textContent = "Drawing …";
    try {
      const name = `${file}-${this.size.value}.${format}`;
      const text = new XMLSerializer().serializeToString(await this.picture(this.data));
      const svg = new Blob([text], { type: "image/svg+xml" });
      hand(format === "svg" ? svg : await pixels(text), name);
      this.said.textContent = `Saved as ${name}`;
    } catch (problem) {
      this.said.textContent = `No picture: ${problem instanceof Error ? problem.message : problem}.`;
    }
  }

  /** @param {Data} data @returns {Promise<SVGSVGElement>} */
  async picture({ figure, title, text, colours }) {
    const [size, ground, font] = [SIZES[this.size.value], GROUNDS[this.ground.value], await carriedFont()];
    /** @type {Wish} */
    const wish = { size, ground, title, text, font, measure: measured, recoloured: swapping(colours, ground.dark) };
    const page = await drawn(figure, wish);
    const style = draw("style");
    style.textContent = font;
    page.prepend(style);
    return page;
  }
}

/** @param {string} name @param {Wish} wish @returns {Promise<SVGSVGElement>} */
function drawn(name, wish) {
  const chart = chartNamed(name);
  if (chart) return chartPicture(wish, chart);
  const figure = figureNamed(name);
  if (!figure) throw new Error("the figure is not on this page");
  return drawnPicture(wish, figure);
}

/** @param {HTMLSelectElement} select @param {Record<string, { label: string }>} options */
function offer(select, options) {
  if (select.options.length) return;
  for (const [value, { label }] of Object.entries(options)) select.append(new Option(label, value));
}

/** Data with the colours that a ground wants. @param {[string, string][]} pairs on a light and on a dark ground @param {boolean} dark */
function swapping(pairs, dark) {
  return (/** @type {string} */ json) =>
    pairs.reduce((text, [light, other]) => (dark ? text.replaceAll(light, other) : text.replaceAll(other, light)), json);
}

const pen = contextOf(make("canvas"));

/** @param {string} text @param {string} font @returns {number} pixels */
function measured(text, font) {
  pen.font = font;
  return pen.measureText(text).width;
}

/** @param {string} svg @returns {Promise<Blob>} the same as PNG */
async function pixels(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = make("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  contextOf(canvas).drawImage(image, 0, 0);
  const blob = await new Promise((/** @type {(found: Blob | null) => void} */ resolve) => canvas.toBlob(resolve));
  if (!blob) throw new Error("this browser could not write it");
  return blob;
}

/** To the visitor's downloads. @param {Blob} blob @param {string} name */
function hand(blob, name) {
  const link = make("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
