// @ts-check
// A window of its own, out of sight, in which a figure draws itself once more: as wide as the sheet wants it, and in the
// colours of its ground, whatever the visitor's window and theme are.

import { make } from "../shared/dom.js";
import { FAMILY, FONT } from "./fonts.js";

/** @typedef {import("../shared/figures.js").Figure} Figure */
/** @typedef {import("./sheet.js").Ground} Ground */

const BEYOND = 20_000; // pixels to the left of the page
const WEIGHTS = [400, 600, 700];

/** A figure in a window of its own. */
export class Stage {
  /**
   * @param {Figure} figure
   * @param {Ground} ground
   * @param {string} font rule of a style sheet
   * @param {(json: string) => string} recoloured
   */
  constructor(figure, ground, font, recoloured) {
    this.frame = make("iframe");
    this.frame.tabIndex = -1;
    this.frame.setAttribute("aria-hidden", "true");
    Object.assign(this.frame.style, { position: "fixed", left: `-${BEYOND}px`, top: "0", border: "0" });
    document.body.append(this.frame);
    const page = this.frame.contentDocument;
    if (!page) throw new Error("this browser opens no window inside the page");
    const hidden = `${figure.tools} { display: none !important; }`;
    const style = make("style", "", [font, colours(ground), stylesOf(figure.element), hidden].join("\n"));
    page.head.append(style);
    this.letters = Promise.all(WEIGHTS.map((weight) => page.fonts.load(`${weight} 16px "${FAMILY}"`)));
    this.release = figure.copyInto(page.body, recoloured);
    this.body = page.body;
  }

  /** The copy. @returns {Element} */
  get figure() {
    return /** @type {Element} */ (this.body.firstElementChild);
  }

  /** @param {number} width @param {number} height of the window @returns {Promise<DOMRect>} what the figure takes of it */
  async resize(width, height) {
    Object.assign(this.frame.style, { width: `${width}px`, height: `${height}px` });
    await this.letters;
    await drawn();
    await drawn(); // a figure that asks for its width has it one frame later
    return inked(this.figure);
  }

  end() {
    this.release();
    this.frame.remove();
  }
}

/** What is seen of an element, without the empty room around it. @param {Element} figure */
function inked(figure) {
  const leaves = [...figure.querySelectorAll(":not(svg *)")].filter((each) => each.matches("svg") || !each.firstElementChild);
  const boxes = leaves.map(extent).filter(({ width, height }) => width && height);
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
  return new DOMRect(left, top, right - left, bottom - top);
}

/** Of its letters, if it has any: a heading is as wide as the window. @param {Element} leaf */
function extent(leaf) {
  if (!leaf.textContent?.trim() || leaf.matches("svg")) return leaf.getBoundingClientRect();
  const letters = leaf.ownerDocument.createRange();
  letters.selectNodeContents(leaf);
  return letters.getBoundingClientRect();
}

/** @returns {Promise<unknown>} once the browser has drawn */
function drawn() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** The style sheets that stand in the page itself where an element is. @param {Element} element */
function stylesOf(element) {
  const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  const sheets = [...root.styleSheets, ...root.adoptedStyleSheets].filter(({ href }) => !href);
  return sheets.flatMap((each) => [...each.cssRules].map((rule) => rule.cssText)).join("\n");
}

/** @param {Ground} ground */
function colours({ paper, ink, soft, line, accent, dark }) {
  const ground = paper === "none" ? "#ffffff" : paper; // what lies under letters and between bands
  return `:root { --st-background-color: ${ground}; --st-secondary-background-color: ${soft}; --st-text-color: ${ink};
    --st-border-color: ${line}; --st-primary-color: ${accent}; --st-link-color: ${accent}; --st-font: ${FONT};
    --st-base-radius: 4px; --st-button-radius: 4px; color-scheme: ${dark ? "dark" : "light"}; }
    html, body { margin: 0; background: none; color: ${ink}; font: 16px/1.4 ${FONT}; }`;
}
