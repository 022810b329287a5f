// @ts-check
// The sheet that a picture stands on: its size, its ground, and the lines above the picture that say what it shows.

import { draw } from "../shared/dom.js";
import { FONT } from "./fonts.js";

/**
 * @typedef {object} Size
 * @property {string} label
 * @property {number} width pixels
 * @property {number | null} height pixels; null where the picture decides
 * @property {number} zoom pixels of the picture for each of the page, so that letters grow with it
 * @property {number} title pixels of the heading's letters
 * @property {number} text pixels of the letters below it
 * @property {number} margin pixels
 *
 * @typedef {object} Ground colours of the style sheets, and the paper itself
 * @property {string} label
 * @property {string} paper
 * @property {string} ink
 * @property {string} soft
 * @property {string} line
 * @property {string} accent
 * @property {boolean} dark
 *
 * @typedef {object} Header
 * @property {string[]} title lines
 * @property {string[]} text lines
 * @property {number} height pixels from the upper edge to where the picture begins
 */

/** @type {Record<string, Size>} */
export const SIZES = {
  slide: { label: "Slide, 1920 × 1080", width: 1920, height: 1080, zoom: 2, title: 36, text: 20, margin: 40 },
  column: { label: "One column, 1050 wide", width: 1050, height: null, zoom: 2.5, title: 36, text: 26, margin: 24 },
};

const LIGHT = { paper: "#ffffff", ink: "#0e141b", soft: "#f1f4f6", line: "#cdd5db", accent: "#1b6087", dark: false };
const DARK = { paper: "#14191e", ink: "#e4e9ed", soft: "#1f262d", line: "#3a454f", accent: "#6cb4dd", dark: true };

/** @type {Record<string, Ground>} */
export const GROUNDS = {
  light: { ...LIGHT, label: "White" },
  dark: { ...DARK, label: "Dark" },
  none: { ...LIGHT, paper: "none", label: "None, for light paper" },
};

/**
 * Lines of a text that are no longer than a width, broken between parts where that is possible, else between words.
 * @param {string} text parts with " · " between them
 * @param {number} width
 * @param {(text: string) => number} measure
 * @returns {string[]}
 */
export function broken(text, width, measure) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  const add = (/** @type {string} */ piece, /** @type {string} */ glue) => {
    const longer = line ? line + glue + piece : piece;
    if (measure(longer) <= width) return (line = longer);
    if (line) lines.push(line);
    return (line = piece);
  };
  for (const part of text.split(" · ")) {
    if (measure(part) <= width) add(part, " · ");
    else part.split(" ").forEach((word, k) => add(word, k ? " " : " · "));
  }
  return line ? [...lines, line] : lines;
}

/**
 * @param {Size} size
 * @param {string} title
 * @param {string} text
 * @param {(text: string, font: string) => number} measure
 * @returns {Header}
 */
export function headerOf(size, title, text, measure) {
  const width = size.width - 2 * size.margin;
  const title_ = broken(title, width, (each) => measure(each, `600 ${size.title}px ${FONT}`));
  const text_ = broken(text, width, (each) => measure(each, `${size.text}px ${FONT}`));
  const height = size.margin + 1.25 * size.title * title_.length + 1.35 * size.text * text_.length + 0.6 * size.margin;
  return { title: title_, text: text_, height: Math.ceil(height) };
}

/**
 * @param {Size} size
 * @param {Ground} ground
 * @param {Header} header
 * @param {number} height pixels of the whole sheet
 * @returns {SVGSVGElement}
 */
export function sheet(size, ground, header, height) {
  const { width } = size;
  const page = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT });
  if (ground.paper !== "none") page.append(draw("rect", { width, height, fill: ground.paper }));
  let y = size.margin;
  const write = (/** @type {string} */ text, /** @type {number} */ px, /** @type {number} */ leading, weight = 400) => {
    const line = draw("text", { x: size.margin, y: y + px, "font-size": px, "font-weight": weight, fill: ground.ink });
    line.textContent = text;
    page.append(line);
    y += leading * px;
  };
  for (const line of header.title) write(line, size.title, 1.25, 600);
  for (const line of header.text) write(line, size.text, 1.35);
  return page;
}
